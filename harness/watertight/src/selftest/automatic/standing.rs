//! What is known of an automatic fault without attacking it? Whether anybody may do anything else than
//! before, and whether anything that is declared is about it. Pure: what the server works out of its rights,
//! before and after, and the declared intent; each answer names what it follows from.

use std::collections::BTreeSet;

use campaign::Deed;
use domain::intent::Action;
use domain::system::System;

use super::catalog::{Catalog, Held};
use super::rights::{Right, Rights};
use super::{Automatic, Change, Ending, RightStep};

/// How many things a reason names before it counts.
const NAMED_MAX: usize = 3;

/// What explains that a fault shows to nobody, if something does.
pub(crate) fn standing(
    one: &Automatic,
    (before, after): (&Rights, &Rights),
    catalog: &Catalog,
    system: &System,
) -> Option<(Ending, String)> {
    match &one.change {
        Change::Right { .. } | Change::Role { .. } => {
            of_rights(one, (before, after), catalog, system)
        }
        Change::Constraint {
            table,
            what,
            columns,
        } => of_constraint(one, (table, what, columns), system),
        Change::Trigger { .. } | Change::History { .. } | Change::Condition { .. } => None,
    }
}

/// What explains that a fault showed to nobody although all that was planned was tried.
pub(crate) fn afterwards(
    one: &Automatic,
    rights: &Rights,
    system: &System,
) -> Option<(Ending, String)> {
    let has = |table: &str, actions: &[&str]| {
        rights
            .iter()
            .any(|right| actions.contains(&right.right.as_str()) && object(&right.on) == table)
    };
    match &one.change {
        Change::Right { grantee, .. }
            if grantee.eq_ignore_ascii_case("guest")
                && system.tenancy.is_some()
                && one.place.key.is_none()
                && everybody_is_known(system) =>
        {
            Some((
                Ending::Equivalent,
                "every declared principal has a user of its own there, so nobody comes as guest"
                    .into(),
            ))
        }
        Change::Trigger { table } if !has(table, &["UPDATE", "DELETE", "ALTER"]) => Some((
            Ending::Equivalent,
            format!(
                "nobody gets as far as the trigger: no declared principal may change or remove rows, nor could \
                 by anything planned ({table})"
            ),
        )),
        Change::Constraint {
            table,
            what: "FOREIGN KEY",
            columns,
        } if system.tenancy.as_ref().is_some_and(
            |tenancy| matches!(&columns[..], [only] if only.eq_ignore_ascii_case(&tenancy.column)),
        ) =>
        {
            Some((
                Ending::PromisesNothing,
                format!(
                    "it keeps that there is a tenant to a row; whose the row is, its column says alone ({table})"
                ),
            ))
        }
        Change::Constraint { table, .. }
            if system.tenancy.is_some() && !has(table, &["INSERT", "UPDATE", "ALTER"]) =>
        {
            Some((
                Ending::Equivalent,
                format!(
                    "nobody gets as far as the constraint: no declared principal may add or change rows, nor \
                     could by anything planned ({table})"
                ),
            ))
        }
        Change::Condition {
            module, decided, ..
        } if one.place.key.is_none() => of_condition(module, decided, system),
        _ => None,
    }
}

/// Whether every declared principal may connect, and so has a user where all tenants are.
fn everybody_is_known(system: &System) -> bool {
    let mut names = system.principals.keys();
    names.all(|name| system.intent.allows(name, Action::Connect, ""))
}

/// What explains that a condition of a module showed neither to the principals nor to callers of the service.
/// Where rows of several tenants lie in one table, each statement of the module was looked at as well, and
/// applies the tenant without it.
pub(crate) fn through_service(one: &Automatic, system: &System) -> Option<(Ending, String)> {
    let Change::Condition {
        module, decided, ..
    } = &one.change
    else {
        return None;
    };
    let intent = &system.intent;
    let is_kept = |(action, object): &Deed| {
        matches!(action, Action::Update | Action::Delete)
            && (intent.is_append_only(object)
                || intent.is_audit(object)
                || intent.freezing(object).is_some())
    };
    (system.tenancy.is_some() && !decided.iter().any(is_kept)).then(|| {
        (
            Ending::PromisesNothing,
            format!(
                "without it, too, each statement of the module applies the tenant, as the inspection of \
                 statements proves; which of its own rows a tenant gets is not declared, and no promise of the \
                 service broke ({module})"
            ),
        )
    })
}

/// Who is declared to use a module; nobody, when it is for those who deploy.
pub(crate) fn callers<'s>(system: &'s System, module: &str) -> Vec<&'s str> {
    let callers = system.intent.rightful(Action::Execute, module);
    if callers.is_empty() {
        // A view is read.
        return system.intent.rightful(Action::Select, module);
    }
    callers
}

/// Whether whoever uses a module may do by himself what it does without its condition. Where rows of several
/// tenants lie in one table, whose they are is for the module to see to.
fn of_condition(
    module: &str,
    decided: &BTreeSet<Deed>,
    system: &System,
) -> Option<(Ending, String)> {
    let callers = callers(system, module);
    if callers.is_empty() || decided.is_empty() || system.tenancy.is_some() {
        return None;
    }
    let may = |caller: &&str| {
        let mut deeds = decided.iter();
        deeds.all(|(action, object)| system.intent.allows(caller, *action, object))
    };
    let deeds: Vec<String> = decided
        .iter()
        .map(|(action, object)| format!("{} {object}", action.name()))
        .collect();
    callers.iter().all(may).then(|| {
        (
            Ending::PromisesNothing,
            format!(
                "whoever may use the module may do to every row of his tenant by himself what the condition \
                 decides about ({}: {})",
                callers.join(" and "),
                deeds.join(", ")
            ),
        )
    })
}

/// What explains that a condition of a module for those who deploy did not show after a deployment: what it
/// writes is what the inspection of the register reads, and that was as it should be.
pub(crate) fn registered(one: &Automatic, system: &System) -> Option<(Ending, String)> {
    let (
        Change::Condition {
            module, decided, ..
        },
        Some(migrations),
    ) = (&one.change, &system.intent.migrations)
    else {
        return None;
    };
    let is_read = |(action, object): &Deed| {
        let name = object.rsplit('.').next().unwrap_or_default();
        let texts = [&migrations.applied, &migrations.objects];
        *action == Action::Select || texts.iter().any(|text| text.contains(name))
    };
    decided.iter().all(is_read).then(|| {
        (
            Ending::PromisesNothing,
            format!(
                "what is deployed with it is registered as it is there, as the inspection of migrations proves \
                 ({module})"
            ),
        )
    })
}

fn of_rights(
    one: &Automatic,
    (before, after): (&Rights, &Rights),
    catalog: &Catalog,
    system: &System,
) -> Option<(Ending, String)> {
    let added: Vec<&Right> = after.difference(before).collect();
    let removed: Vec<&Right> = before.difference(after).collect();
    if added.is_empty() && removed.is_empty() {
        // `guest` is for logins that have no user here, and what they may do is not among what was compared.
        if matches!(&one.change, Change::Right { grantee, .. } if grantee.eq_ignore_ascii_case("guest"))
        {
            return None;
        }
        let is_declared = |name: &str| system.principals.contains_key(name);
        return Some((
            Ending::Equivalent,
            unchanged(&one.change, catalog, &is_declared),
        ));
    }
    if added.is_empty() {
        return Some((
            Ending::PromisesNothing,
            format!(
                "only takes away, and what is declared is what somebody may do, not what he must be able to ({})",
                listed(&removed)
            ),
        ));
    }
    let place = one.place.key.is_none();
    let undeclared: Vec<&Right> = added
        .iter()
        .copied()
        .filter(|right| !(place && is_declared(right, system)))
        .collect();
    if undeclared.is_empty() {
        return Some((
            Ending::PromisesNothing,
            format!("the declared intent allows it ({})", listed(&added)),
        ));
    }
    if let Change::Role { role } = &one.change
        && undeclared
            .iter()
            .all(|right| is_of_own_schema(right, role, after))
    {
        return Some((
            Ending::Equivalent,
            format!(
                "all that it adds is about the role's own schema, in which nothing is, and nothing can be made or \
                 moved into it ({})",
                listed(&undeclared)
            ),
        ));
    }
    let is_write = |right: &&Right| matches!(right.right.as_str(), "INSERT" | "UPDATE" | "DELETE");
    let is_history = |right: &&Right| catalog.histories.contains(object(&right.on));
    if undeclared
        .iter()
        .all(|right| is_write(right) && is_history(right))
    {
        return Some((
            Ending::Equivalent,
            format!(
                "SQL Server lets nobody write the history of a system-versioned table, whatever his rights \
                 ({})",
                listed(&undeclared)
            ),
        ));
    }
    None
}

/// Whether a right is one on the schema that a fixed role owns, and of no use: its holder has no right on anything in
/// it, may make nothing, and controls nothing that he could move there.
fn is_of_own_schema(right: &Right, role: &str, after: &Rights) -> bool {
    let within = format!("{role}.");
    let is_use = |own: &Right| {
        let controls = matches!(own.right.as_str(), "CONTROL" | "TAKE OWNERSHIP");
        own.on.starts_with(&within)
            || own.right.starts_with("CREATE ")
            || controls && !own.on.starts_with("schema ")
    };
    let mut held = after.iter().filter(|own| own.principal == right.principal);
    right.on == format!("schema {role}") && !held.any(is_use)
}

/// Why nobody may do anything else than before.
fn unchanged(change: &Change, catalog: &Catalog, is_declared: &dyn Fn(&str) -> bool) -> String {
    let Change::Right {
        step,
        grantee,
        right,
        on,
    } = change
    else {
        return "the role gives no declared principal anything that it did not have".into();
    };
    let others = |is_denied: bool| -> Vec<&Held> {
        let held = catalog.held.iter();
        held.filter(|own| own.is_denied == is_denied && covers(own, right, on))
            .filter(|own| {
                let is_it = own.grantee == *grantee && own.right == *right && own.on == *on;
                !is_it && reaches(&own.grantee, grantee, catalog)
            })
            .collect()
    };
    let (grants, denials) = (others(false), others(true));
    let first = |all: &[&Held], verb: &str| {
        all.first()
            .map(|own| format!("{verb} {} on {} to {}", own.right, own.on, own.grantee))
    };
    let has_member = catalog.members.iter().any(|(role, _)| role == grantee);
    match step {
        RightStep::Granted => match (first(&denials, "DENY"), first(&grants, "GRANT")) {
            (Some(denial), _) => format!("a DENY takes it away in any case ({denial})"),
            (None, Some(grant)) => format!("another GRANT gives the same ({grant})"),
            (None, None) if !has_member && !is_declared(grantee) && *grantee != "public" => {
                format!("no declared principal is who holds it, or a member ({grantee})")
            }
            (None, None) => {
                format!("who holds it may do the same by what else he holds ({grantee})")
            }
        },
        RightStep::Denied => match (first(&denials, "DENY"), first(&grants, "GRANT")) {
            (Some(denial), _) => format!("another DENY denies it, too ({denial})"),
            (None, None) => {
                format!("there is nothing to deny: no GRANT gives it ({grantee} {right} on {on})")
            }
            (None, Some(grant)) => {
                format!("a GRANT stands beside it and gives no more than before ({grant})")
            }
        },
        RightStep::Given => match (first(&denials, "DENY"), first(&grants, "GRANT")) {
            (Some(denial), _) => format!("a DENY outranks it ({denial})"),
            (None, Some(grant)) => format!("another GRANT gives the same ({grant})"),
            (None, None) => format!("who was given it could do as much before ({grantee})"),
        },
    }
}

/// Whether a right at its place decides about `right` on `on`: the same one, or CONTROL, there or on what
/// contains it.
fn covers(own: &Held, right: &str, on: &str) -> bool {
    let is_right = own.right == right || own.right == "CONTROL";
    let schema = on
        .split_once('.')
        .map(|(schema, _)| format!("schema {schema}"));
    let contains = own.on == on || own.on == "the database" || Some(&own.on) == schema.as_ref();
    is_right && contains && own.column.is_empty()
}

/// Whether what `holder` holds is `grantee`'s, too: himself, everybody, or a role that he is in.
fn reaches(holder: &str, grantee: &str, catalog: &Catalog) -> bool {
    let mut of: BTreeSet<&str> = [grantee, "public"].into();
    loop {
        let more: Vec<&str> = catalog
            .members
            .iter()
            .filter(|(role, member)| of.contains(member.as_str()) && !of.contains(role.as_str()))
            .map(|(role, _)| role.as_str())
            .collect();
        if more.is_empty() {
            return of.contains(holder);
        }
        of.extend(more);
    }
}

/// Whether the declared intent allows it.
fn is_declared(right: &Right, system: &System) -> bool {
    let action = match right.right.as_str() {
        "SELECT" => Action::Select,
        "INSERT" => Action::Insert,
        "UPDATE" => Action::Update,
        "DELETE" => Action::Delete,
        "EXECUTE" => Action::Execute,
        "ALTER" => Action::Alter,
        "CONNECT" => Action::Connect,
        // What comes with the role for backups; a CHECKPOINT shows and changes no row.
        "BACKUP DATABASE" | "BACKUP LOG" | "CHECKPOINT" => Action::Backup,
        _ => return false,
    };
    let intent = &system.intent;
    intent.allows(&right.principal, action, object(&right.on))
}

/// `schema.object` of a right on one of its columns.
fn object(on: &str) -> &str {
    on.split_once(" (").map_or(on, |(object, _)| object)
}

/// Whether nothing that is declared is about what a constraint keeps.
fn of_constraint(
    one: &Automatic,
    (table, what, columns): (&str, &str, &[String]),
    system: &System,
) -> Option<(Ending, String)> {
    let intent = &system.intent;
    let mut meant: Vec<&str> = Vec::new();
    if let Some(tenancy) = &system.tenancy {
        meant.push(&tenancy.column);
        meant.extend(tenancy.department.iter().map(|own| own.column.as_str()));
    }
    let frozen = intent.freezing(table).map(|frozen| frozen.column.as_str());
    // That rows stay as they are once it is set is declared, and not that it is.
    meant.extend(frozen.filter(|_| what != "DEFAULT"));
    if let Some(audit) = intent.audit.as_ref().filter(|_| intent.is_audit(table)) {
        meant.extend([audit.event.as_str(), &audit.actor, &audit.time]);
    }
    let is_meant = |column: &&String| meant.iter().any(|own| own.eq_ignore_ascii_case(column));
    if columns.iter().any(|column| is_meant(&column)) {
        return None;
    }
    let kept = match what {
        "FOREIGN KEY" => "which of its tenant's rows a row refers to by certain columns",
        "PRIMARY KEY" | "UNIQUE" | "unique index" => {
            "that no two rows are alike in certain columns"
        }
        "DEFAULT" => "what stands in a column of which nothing is said",
        _ => "which values a row may have in certain columns",
    };
    let declared = if one.place.key.is_some() {
        // Who may change it, no constraint says.
        "nothing is declared of its rows but who may touch them".to_owned()
    } else if meant.is_empty() {
        "every row of the database is one tenant's, and nothing is declared of what must stand in these \
         columns"
            .to_owned()
    } else {
        format!(
            "what is declared of its rows is told by {}",
            meant.join(", ")
        )
    };
    Some((
        Ending::PromisesNothing,
        format!(
            "it keeps {kept}; {declared} ({table}: {})",
            columns.join(", ")
        ),
    ))
}

/// A few rights in words.
fn listed(rights: &[&Right]) -> String {
    // A right on a whole object is on each of its columns, too.
    let whole: Vec<&&Right> = rights
        .iter()
        .filter(|right| {
            !(right.on.contains(" (")
                && rights.iter().any(|own| {
                    own.principal == right.principal
                        && own.right == right.right
                        && own.on == object(&right.on)
                }))
        })
        .collect();
    let mut words: Vec<String> = whole
        .iter()
        .take(NAMED_MAX)
        .map(|right| format!("{} {} on {}", right.principal, right.right, right.on))
        .collect();
    if whole.len() > NAMED_MAX {
        words.push(format!("{} more", whole.len() - NAMED_MAX));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::Action;
    use executors::PatchTarget;

    use super::super::catalog::{Catalog, Held};
    use super::super::rights::{Right, Rights};
    use super::super::{Automatic, Change, Ending, Place, RightStep};
    use super::{afterwards, standing};

    fn automatic(change: Change) -> Automatic {
        Automatic {
            id: "it".into(),
            change,
            place: Place {
                key: None,
                target: PatchTarget::Tenants,
                database: "wt_acme".into(),
            },
            script: String::new(),
        }
    }

    fn held(is_denied: bool, right: &str, on: &str, grantee: &str) -> Held {
        Held {
            is_denied,
            right: right.into(),
            on: on.into(),
            column: String::new(),
            grantee: grantee.into(),
        }
    }

    fn rights(all: &[(&str, &str, &str)]) -> Rights {
        let right = |&(principal, right, on): &(&str, &str, &str)| Right {
            principal: principal.into(),
            right: right.into(),
            on: on.into(),
        };
        all.iter().map(right).collect()
    }

    const AUDIT: &str = "dbo.AuditEvents";

    #[test]
    fn the_empty_schema_of_a_role_is_of_no_use_unless_something_can_come_into_it() {
        let one = automatic(Change::Role {
            role: "db_backupoperator".into(),
        });
        let before = rights(&[("app_rw", "BACKUP DATABASE", "the database")]);
        let added = ("app_rw", "CONTROL", "schema db_backupoperator");
        let explained = |more: &[(&str, &str, &str)]| {
            let mut all = vec![("app_rw", "BACKUP DATABASE", "the database"), added];
            all.extend(more);
            let before: Rights = before.union(&rights(more)).cloned().collect();
            let system = example::system(2);
            standing(&one, (&before, &rights(&all)), &Catalog::default(), &system)
        };
        let (ending, _) = explained(&[]).expect("nothing is in it");
        assert_eq!(ending, Ending::Equivalent);
        for use_of_it in [
            ("app_rw", "SELECT", "db_backupoperator.kept"),
            ("app_rw", "CREATE TABLE", "the database"),
            ("app_rw", "CONTROL", "dbo.Invoices"),
        ] {
            assert_eq!(explained(&[use_of_it]), None, "{use_of_it:?}");
        }
        let others = ("audit_admin", "CREATE TABLE", "the database");
        assert!(explained(&[others]).is_some(), "somebody else's right");
    }

    #[test]
    fn nobody_is_a_guest_where_everybody_has_a_user() {
        let one = automatic(Change::Right {
            step: RightStep::Given,
            grantee: "guest".into(),
            right: "CONNECT".into(),
            on: String::new(),
        });
        let explained = |system: &_| afterwards(&one, &Rights::new(), system);
        assert_eq!(explained(&example::system(2)), None, "other tenants come");
        let mut system = example::common::system(2);
        let mut rule = system.intent.rules[0].clone();
        rule.principals = system.principals.keys().cloned().collect();
        rule.actions = vec![Action::Connect];
        rule.on = vec!["*".into()];
        rule.except = Vec::new();
        system.intent.rules.push(rule);
        let (ending, _) = explained(&system).expect("nobody is a stranger");
        assert_eq!(ending, Ending::Equivalent);
        if let Some(rule) = system.intent.rules.last_mut() {
            rule.principals.pop();
        }
        let all_connect = super::everybody_is_known(&system);
        assert_eq!(explained(&system).is_some(), all_connect);
    }

    #[test]
    fn who_may_back_up_may_belong_to_the_role_for_it() {
        let one = automatic(Change::Role {
            role: "db_backupoperator".into(),
        });
        let before = Rights::new();
        let after = rights(&[
            ("app_rw", "BACKUP DATABASE", "the database"),
            ("app_rw", "BACKUP LOG", "the database"),
            ("app_rw", "CHECKPOINT", "the database"),
        ]);
        let mut system = example::system(2);
        let explained = |system: &_| standing(&one, (&before, &after), &Catalog::default(), system);
        assert_eq!(explained(&system), None, "nobody declared it");
        let mut rule = system.intent.rules[0].clone();
        rule.principals = vec!["app_rw".into()];
        rule.actions = vec![Action::Backup];
        rule.on = vec!["*".into()];
        system.intent.rules.push(rule);
        let (ending, _) = explained(&system).expect("it is declared");
        assert_eq!(ending, Ending::PromisesNothing);
    }

    #[test]
    fn a_right_of_guest_is_for_those_whose_rights_nobody_compared() {
        let system = example::system(2);
        let grant = |grantee: &str| {
            automatic(Change::Right {
                step: RightStep::Given,
                grantee: grantee.into(),
                right: "CONNECT".into(),
                on: String::new(),
            })
        };
        let same = rights(&[("app_rw", "CONNECT", "")]);
        let explained =
            |one: &Automatic| standing(one, (&same, &same), &Catalog::default(), &system);
        assert_eq!(explained(&grant("guest")), None);
        let (ending, _) = explained(&grant("app_rw")).expect("nothing changed for him");
        assert_eq!(ending, Ending::Equivalent);
    }

    #[test]
    fn what_changes_no_right_is_explained_by_what_stands_beside_it() {
        let system = example::system(2);
        let same = rights(&[("app_rw", "SELECT", AUDIT)]);
        for (step, beside, why) in [
            (RightStep::Denied, vec![], "there is nothing to deny"),
            (
                RightStep::Denied,
                vec![held(true, "DELETE", "schema dbo", "public")],
                "another DENY denies it, too (DENY DELETE on schema dbo to public)",
            ),
            (
                RightStep::Granted,
                vec![held(false, "CONTROL", AUDIT, "clerks")],
                "another GRANT gives the same (GRANT CONTROL on dbo.AuditEvents to clerks)",
            ),
            (
                RightStep::Given,
                vec![held(true, "DELETE", AUDIT, "clerks")],
                "a DENY outranks it (DENY DELETE on dbo.AuditEvents to clerks)",
            ),
            // What others hold explains nothing.
            (
                RightStep::Given,
                vec![held(true, "DELETE", AUDIT, "others")],
                "could do as much before",
            ),
        ] {
            let catalog = Catalog {
                held: beside,
                members: vec![("clerks".into(), "app_rw".into())],
                ..Catalog::default()
            };
            let one = automatic(Change::Right {
                step,
                grantee: "app_rw".into(),
                right: "DELETE".into(),
                on: AUDIT.into(),
            });
            let found = standing(&one, (&same, &same), &catalog, &system);
            let (ending, reason) = found.expect("it is explained");
            assert_eq!(ending, Ending::Equivalent);
            assert!(reason.contains(why), "{reason:?} instead of {why:?}");
        }
    }

    #[test]
    fn only_a_right_that_nobody_declared_must_be_caught() {
        let system = example::system(2);
        let catalog = Catalog {
            histories: ["History.Invoices".to_owned()].into(),
            ..Catalog::default()
        };
        let before = rights(&[("app_rw", "SELECT", AUDIT)]);
        let more = |right, on| {
            let mut more = before.clone();
            more.extend(rights(&[("app_rw", right, on)]));
            more
        };
        let one = automatic(Change::Role {
            role: "db_owner".into(),
        });
        for (after, ending) in [
            (Rights::new(), Some(Ending::PromisesNothing)),
            (
                more("UPDATE", "dbo.Invoices"),
                Some(Ending::PromisesNothing),
            ),
            (
                more("UPDATE", "dbo.Invoices (Note)"),
                Some(Ending::PromisesNothing),
            ),
            (more("DELETE", "History.Invoices"), Some(Ending::Equivalent)),
            (more("ALTER", "History.Invoices"), None),
            (more("UPDATE", AUDIT), None),
            (more("CONTROL", "the database"), None),
        ] {
            let found = standing(&one, (&before, &after), &catalog, &system);
            assert_eq!(found.map(|(ending, _)| ending), ending, "{after:?}");
        }
    }

    #[test]
    fn a_trigger_behind_rights_that_are_not_there_stops_nobody() {
        let one = automatic(Change::Trigger {
            table: AUDIT.into(),
        });
        for (held, is_explained) in [
            (
                rights(&[
                    ("app_rw", "INSERT", AUDIT),
                    ("app_rw", "DELETE", "dbo.Other"),
                ]),
                true,
            ),
            (
                rights(&[("app_rw", "UPDATE", "dbo.AuditEvents (Actor)")]),
                false,
            ),
            (rights(&[("app_rw", "DELETE", AUDIT)]), false),
        ] {
            let found = afterwards(&one, &held, &example::system(2));
            assert_eq!(found.is_some(), is_explained, "{held:?}");
        }
    }

    #[test]
    fn a_condition_matters_where_it_decides_about_more_than_its_callers_may() {
        let (update, grow) = (Action::Update, Action::Insert);
        for (module, deeds, is_explained) in [
            ("dbo.PostInvoice", vec![(update, "dbo.Invoices")], true),
            (
                "dbo.PostInvoice",
                vec![(update, "dbo.Invoices"), (grow, AUDIT)],
                true,
            ),
            ("dbo.PostInvoice", vec![(update, AUDIT)], false),
            ("dbo.PostInvoice", vec![(update, "inserted")], false),
            // Nobody is declared to call it.
            ("dbo.Register", vec![(update, "dbo.Invoices")], false),
            (
                "dbo.InvoiceTotals",
                vec![(Action::Select, "dbo.Invoices")],
                true,
            ),
        ] {
            let decided = deeds.iter().map(|&(action, on)| (action, on.to_owned()));
            let one = automatic(Change::Condition {
                module: module.into(),
                is_trigger: false,
                decided: decided.collect(),
            });
            let found = afterwards(&one, &Rights::new(), &example::system(2));
            assert_eq!(found.is_some(), is_explained, "{module} {deeds:?}");
        }
    }

    #[test]
    fn a_constraint_matters_where_it_speaks_of_what_is_declared() {
        let system = example::common::system(2);
        let owner = system.tenancy.as_ref().expect("it has one").column.clone();
        for (columns, is_explained) in [
            (vec!["Quantity".to_owned()], true),
            (vec![owner, "Number".to_owned()], false),
        ] {
            let one = automatic(Change::Constraint {
                table: "dbo.Invoices".into(),
                what: "UNIQUE",
                columns,
            });
            let nothing = Rights::new();
            let found = standing(&one, (&nothing, &nothing), &Catalog::default(), &system);
            assert_eq!(found.is_some(), is_explained, "{one:?}");
        }
    }
}
