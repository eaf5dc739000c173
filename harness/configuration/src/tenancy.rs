//! What a description of tenancy in one database must mean besides being well-formed.

use crate::document::{Design, Document, Tenancy};
use crate::positioned::{Fault, Spanned, suggestion};
use crate::validate::{is_name, pattern};

/// Variables that a checkout and a tenant's value know.
pub(crate) const VARIABLES: [&str; 5] =
    ["Tenant", "MarkText", "MarkNumber", "MarkDate", "MarkGuid"];
/// The tenant's value in the column.
pub(crate) const ORGANISATION: &str = "Organisation";
/// The department's.
const DEPARTMENT: &str = "Department";

/// Everything that is wrong with it.
pub(crate) fn faults(document: &Document, faults: &mut Vec<Fault>) {
    if !document.has_database() {
        return;
    }
    match (&document.tenancy, document.design.value) {
        (None, Design::DatabasePerTenant) => {}
        (None, Design::SharedDatabase) => faults.push(
            Fault::new(
                document.design.place,
                "the design shared-database needs `tenancy`",
            )
            .hint(Some(
                "say by which column rows are told apart and how a session is checked out for a tenant"
                    .to_owned(),
            )),
        ),
        (Some(tenancy), Design::DatabasePerTenant) => faults.push(
            Fault::new(
                tenancy.place,
                "`tenancy` is for the design shared-database; here each tenant has a database",
            )
            .hint(Some("leave it out, or choose design: shared-database".to_owned())),
        ),
        (Some(tenancy), Design::SharedDatabase) => described(document, &tenancy.value, faults),
    }
}

fn described(document: &Document, tenancy: &Tenancy, faults: &mut Vec<Fault>) {
    let database = &tenancy.database;
    let known = || document.databases.shared.keys().map(String::as_str);
    if !known().any(|key| key == database.value) {
        let keys: Vec<&str> = known().collect();
        let message = format!(
            "there is no shared database `{}`; expected one of {}",
            database.value,
            keys.join(", ")
        );
        let hint = suggestion(&database.value, known());
        faults.push(Fault::new(database.place, message).hint(hint));
    }
    for column in std::iter::once(&tenancy.column).chain(&tenancy.department) {
        if !is_name(&column.value) {
            faults.push(Fault::new(
                column.place,
                format!("`{}` is no name of a column", column.value),
            ));
        }
    }
    variables(&tenancy.value, &VARIABLES, faults);
    let with_organisation = [&VARIABLES[..], &[ORGANISATION]].concat();
    variables(&tenancy.checkout, &with_organisation, faults);
    if tenancy.checkout.value.trim().is_empty() {
        faults.push(Fault::new(
            tenancy.checkout.place,
            "the checkout is empty; expected T-SQL that makes a session one of a tenant",
        ));
    } else if !tenancy.checkout.value.contains("$(") {
        faults.push(
            Fault::new(
                tenancy.checkout.place,
                "the checkout is the same for all tenants: it has no variable",
            )
            .hint(Some(
                "write the tenant's value as $(Organisation)".to_owned(),
            )),
        );
    }
    match (&tenancy.department, &tenancy.checkout_department) {
        (Some(column), None) => faults.push(Fault::new(
            column.place,
            "a department's column needs `checkout_department`, which narrows a session to one",
        )),
        (None, Some(checkout)) => faults.push(Fault::new(
            checkout.place,
            "`checkout_department` needs `department`, the column that says whose a row is",
        )),
        (Some(_), Some(checkout)) => {
            let all = [&with_organisation[..], &[DEPARTMENT]].concat();
            variables(checkout, &all, faults);
            if !checkout.value.contains("$(Department)") {
                faults.push(Fault::new(
                    checkout.place,
                    "`checkout_department` is the same for all departments: it lacks $(Department)",
                ));
            }
        }
        (None, None) => {}
    }
    for number in &tenancy.denials {
        if number.value < 1 {
            faults.push(Fault::new(
                number.place,
                format!("{} is no error number", number.value),
            ));
        }
    }
    for (parameter, value) in &tenancy.arguments {
        if !parameter.starts_with('@') && !parameter.contains(".@") {
            faults.push(Fault::new(
                value.place,
                format!(
                    "`{parameter}` names no parameter; expected @Name or schema.procedure.@Name"
                ),
            ));
        }
        variables(value, &with_organisation, faults);
    }
    for text in &tenancy.tables {
        pattern(text, faults);
    }
}

/// Variables that nobody sets would stay in the T-SQL as they stand.
pub(crate) fn variables(text: &Spanned<String>, known: &[&str], faults: &mut Vec<Fault>) {
    for part in text.value.split("$(").skip(1) {
        let Some((name, _)) = part.split_once(')') else {
            faults.push(Fault::new(text.place, "`$(` is not closed"));
            continue;
        };
        if !known.contains(&name) {
            let message = format!("unknown variable $({name}); known are {}", known.join(", "));
            let hint = suggestion(name, known.iter().copied());
            faults.push(Fault::new(text.place, message).hint(hint));
        }
    }
}
