//! Mistakes about tenancy in one database are answered with line, column and what was meant.

use std::path::Path;

use configuration::load;

const VALID: &str = r#"version: 1
name: Rows of organisations
design: shared-database
marker: wt
tenants: [acme, globex]
databases:
  shared:
    erp:
      name: "{marker}_erp"
      scripts: [schema.sql]
      tenant_scripts: [rows.sql]
principals:
  service:
    login: "{marker}_service"
tenancy:
  database: erp
  column: OrgId
  checkout: EXEC sys.sp_set_session_context N'OrgId', $(Organisation), @read_only = 1;
  department: SubOrgId
  checkout_department: EXEC sys.sp_set_session_context N'SubOrgId', $(Department);
  denials: [50403]
intent:
  rules:
    - principals: [service]
      may: [select]
      on: [org.*]
"#;

fn errors_of(text: &str) -> String {
    let files = |path: &Path| {
        if path.extension().is_some_and(|extension| extension == "sql") {
            Ok("SELECT 1".to_owned())
        } else {
            Ok(text.to_owned())
        }
    };
    match load(Path::new("watertight.yaml"), &files) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_shared_database_is_described_by_its_column_and_its_checkout() {
    let files = |path: &Path| {
        Ok(if path.ends_with("watertight.yaml") {
            VALID
        } else {
            ""
        }
        .into())
    };
    let configuration = load(Path::new("watertight.yaml"), &files).expect("valid");
    let tenancy = configuration.system.tenancy.expect("described");
    assert_eq!(tenancy.value, "$(MarkNumber)");
    assert_eq!(tenancy.denials, [50403]);
    let erp = &configuration.system.databases.shared["erp"];
    assert_eq!((erp.scripts.len(), erp.tenant_scripts.len()), (1, 1));
    assert_eq!(configuration.system.databases.tenant, None);
}

#[test]
fn mistakes_about_tenancy_point_at_the_word() {
    let own_database = "  tenant:\n    name: \"{marker}_{tenant}\"\nprincipals:";
    for (from, to, expected) in [
        (
            "design: shared-database",
            "design: database-per-tenant",
            "3:9: the design database-per-tenant needs `databases.tenant`",
        ),
        (
            "design: shared-database",
            "design: database-per-tenant",
            "16:3: `tenancy` is for the design shared-database",
        ),
        (
            "principals:",
            own_database,
            "the design shared-database has no database for each tenant",
        ),
        (
            "database: erp",
            "database: epr",
            "16:13: there is no shared database `epr`; expected one of erp",
        ),
        ("database: erp", "database: epr", "did you mean `erp`?"),
        (
            "$(Organisation)",
            "$(Organization)",
            "did you mean `Organisation`?",
        ),
        (
            "$(Organisation)",
            "1",
            "18:13: the checkout is the same for all tenants",
        ),
        (
            "$(Department)",
            "1",
            "`checkout_department` is the same for all departments",
        ),
        (
            "  department: SubOrgId\n",
            "",
            "`checkout_department` needs `department`",
        ),
        ("column: OrgId", "column: Org Id", "is no name of a column"),
        ("denials: [50403]", "denials: [-1]", "-1 is no error number"),
    ] {
        assert!(VALID.contains(from), "{from}");
        let answer = errors_of(&VALID.replacen(from, to, 1));
        assert!(
            answer.contains(expected),
            "{from:?} → {to:?}\nexpected {expected:?} in\n{answer}"
        );
    }
    let start = VALID.find("tenancy:").expect("there");
    let end = VALID.find("intent:").expect("there");
    let without = format!("{}{}", &VALID[..start], &VALID[end..]);
    assert!(errors_of(&without).contains("3:9: the design shared-database needs `tenancy`"));
}
