//! What there was to attack, what was left out, who acted for whom, and how attempts were made to count.

use domain::system::Design;
use record::model::Extent;

use super::markup::{Column, Markup};
use crate::overview::{Overview, SystemOverview};
use crate::terminal::{counted, thousands};
use crate::time;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    method(page, overview);
    for system in &overview.systems {
        page.raw("<h3>").theirs(&system.run.name).raw("</h3>\n");
        model(page, system);
        environment(page, system);
        population(page, system);
    }
}

fn method(page: &mut Markup, overview: &Overview<'_>) {
    let plan = &overview.record.plan;
    let extent = match plan.extent {
        Extent::BudgetMs(milliseconds) => format!(
            "random cases until {} had passed",
            time::duration(milliseconds)
        ),
        Extent::Cases(cases) => {
            format!("{} on each plane after that", counted(cases, "random case"))
        }
    };
    page.paragraph(&format!(
        "Rightful callers first did what they may. Then every principal and role tried every action on everything once, \
         hand-written attacks were played, and at last {extent}, all drawn from seed {}. Before an attack counts, its \
         rightful twin must have succeeded with the same request in the same state. Before and after, the rows and \
         catalogs of all tenants are compared, and every answer is searched for other tenants' marks, plain and encoded.",
        plan.seed
    ));
    page.paragraph(&format!(
        "Cases in which something crossed, or of which nothing can be said, were kept whole; of the others, about one in {}, \
         drawn by the hash of plan and case, so that nobody could pick the pretty ones.",
        thousands(plan.trace_sample.max(1))
    ));
    if !plan.gate.is_empty() {
        page.raw("<table><caption>The gate</caption><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Met</th></tr></thead>\n<tbody>\n");
        for rule in &overview.record.run.gate {
            page.raw("<tr><th scope=\"row\">")
                .text(&rule.rule)
                .raw("</th><td>")
                .raw(if rule.met { "yes" } else { "no" });
            for why in &rule.why {
                page.raw("<span class=\"how\">").theirs(why).raw("</span>");
            }
            page.raw("</td></tr>\n");
        }
        page.raw("</tbody></table>\n");
    }
}

fn model(page: &mut Markup, system: &SystemOverview<'_>) {
    let Some(plan) = system.plan else { return };
    page.raw("<p>Declared isolation: ").raw(match plan.design {
        Design::DatabasePerTenant => "each tenant has a database of its own.",
        Design::SharedDatabase => {
            "all tenants' rows lie in one database, and each is owned by an organisation."
        }
    });
    page.raw(" Synthetic tenants: ");
    for (position, tenant) in plan.tenants.iter().take(30).enumerate() {
        page.raw(if position > 0 { ", " } else { "" })
            .theirs(tenant);
    }
    if plan.tenants.len() > 30 {
        page.raw(" and ")
            .number(plan.tenants.len() as u64 - 30)
            .raw(" more");
    }
    page.raw(".</p>\n");
    if !plan.planted.is_empty() {
        page.raw("<p class=\"standing\">Defects were planted on purpose: ");
        for (position, planted) in plan.planted.iter().enumerate() {
            page.raw(if position > 0 { ", " } else { "" }).code(planted);
        }
        page.raw(". This run says whether they are found, and nothing about the system without them.</p>\n");
    }
}

fn environment(page: &mut Markup, system: &SystemOverview<'_>) {
    page.raw("<dl class=\"evidence\">\n<div><dt>target</dt><dd>")
        .theirs(&system.run.target)
        .raw("</dd></div>\n");
    if let Some(environment) = system.environment {
        if let Some(version) = &environment.server_version {
            page.raw("<div><dt>server</dt><dd>")
                .theirs(version)
                .raw("</dd></div>\n");
        }
        if let Some(contract) = &environment.contract {
            page.raw("<div><dt>contract</dt><dd>")
                .theirs(&contract.title)
                .raw(", ")
                .text(&counted(contract.operations, "operation"))
                .raw("</dd></div>\n");
        }
        let rows: u64 = environment.databases.iter().map(|one| one.rows).sum();
        page.raw("<div><dt>databases</dt><dd>")
            .text(&counted(environment.databases.len() as u64, "database"))
            .raw(" with ")
            .text(&counted(rows, "row"))
            .raw(" before the first attack</dd></div>\n");
        page.raw("<div><dt>production</dt><dd>");
        match &environment.equivalence {
            Some(statement) => page.theirs(statement),
            None => page.raw("nobody stated how this environment relates to production"),
        };
        page.raw("</dd></div>\n");
    }
    page.raw("</dl>\n");
}

fn population(page: &mut Markup, system: &SystemOverview<'_>) {
    let Some(inventory) = system.inventory else {
        return;
    };
    if inventory.sources.is_empty() {
        return;
    }
    page.table(
        "Population: items in source = items covered + items excluded",
        &[
            ("Source", Column::Words),
            ("In source", Column::Number),
            ("Covered", Column::Number),
            ("Excluded", Column::Number),
            ("Reconciled", Column::Words),
        ],
    );
    for source in &inventory.sources {
        page.raw("<tr><th scope=\"row\">")
            .text(&source.origin)
            .raw("</th><td class=\"n\">")
            .number(source.in_source);
        page.raw("</td><td class=\"n\">")
            .number(source.covered)
            .raw("</td><td class=\"n\">")
            .number(source.excluded);
        page.raw("</td><td>")
            .raw(if source.is_reconciled() { "yes" } else { "no" })
            .raw("</td></tr>\n");
    }
    page.end_table();
    let excluded: Vec<_> = inventory
        .sources
        .iter()
        .flat_map(|source| &source.items)
        .filter_map(|item| item.excluded.as_ref().map(|reason| (item, reason)))
        .collect();
    if excluded.is_empty() {
        return;
    }
    page.raw("<details><summary>")
        .text(&counted(excluded.len() as u64, "item"))
        .raw(" excluded, with reasons</summary>\n<ul>\n");
    for (item, reason) in excluded {
        page.raw("<li>")
            .text(&item.kind)
            .raw(" ")
            .theirs(&item.name)
            .raw(": ")
            .theirs(reason)
            .raw("</li>\n");
    }
    page.raw("</ul></details>\n");
}
