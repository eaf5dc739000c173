//! What the catalog shows to whom.

mod server;

use server::{Session, fixture};
use values::Value;

fn prepared(setup: &str) -> catalog::Instance {
    let mut instance = fixture();
    Session::of(&instance, "sysadmin").script(&mut instance, setup);
    instance
}

#[test]
fn a_table_appears_to_whoever_holds_something_on_it() {
    for (setup, who, visible) in [
        ("", "user:u1", false),
        ("", "sysadmin", true),
        ("GRANT INSERT ON dbo.t TO u1", "user:u1", true),
        ("GRANT SELECT (id) ON dbo.t TO u1", "user:u1", true),
        (
            "GRANT SELECT ON dbo.t TO u1; DENY VIEW DEFINITION ON dbo.t TO u1",
            "user:u1",
            false,
        ),
        (
            "ALTER ROLE db_datareader ADD MEMBER u1; ALTER ROLE db_denydatareader ADD MEMBER u1",
            "user:u1",
            false,
        ),
        ("ALTER ROLE db_datareader ADD MEMBER u1", "user:u1", true),
        ("GRANT VIEW DEFINITION TO u1", "user:u1", true),
    ] {
        let instance = prepared(setup);
        let session = Session::of(&instance, who);
        for view in ["sys.tables", "sys.objects", "INFORMATION_SCHEMA.TABLES"] {
            let names = session.view_names(&instance, view);
            assert_eq!(
                names.iter().any(|name| name == "t"),
                visible,
                "{setup} / {who}: {view}"
            );
        }
        let id = session.call(&instance, "OBJECT_ID", &[Value::text("dbo.t")]);
        assert_eq!(id != Value::Null, visible, "{setup} / {who}: OBJECT_ID");
    }
}

#[test]
fn principals_and_logins_are_hidden_from_strangers() {
    let instance = prepared("GO\nCREATE SCHEMA s_secret");
    let session = Session::of(&instance, "user:u1");
    for (view, name, visible) in [
        ("sys.database_principals", "u1", true),
        ("sys.database_principals", "u2", false),
        ("sys.database_principals", "db_owner", true),
        ("sys.schemas", "s_secret", true),
    ] {
        let names = session.view_names(&instance, view);
        assert_eq!(names.iter().any(|it| it == name), visible, "{view}: {name}");
    }
    let app = Session::of(&instance, "login:l_app");
    for (view, name, visible) in [
        ("sys.server_principals", "l_app", true),
        ("sys.server_principals", "l_x", false),
        ("sys.server_principals", "sa", true),
        ("sys.databases", "t_b", true),
        ("sys.configurations", "xp_cmdshell", true),
    ] {
        let names = app.view_names(&instance, view);
        assert_eq!(names.iter().any(|it| it == name), visible, "{view}: {name}");
    }
    let instance = prepared("USE master; DENY VIEW ANY DATABASE TO l_app");
    let app = Session::of(&instance, "login:l_app");
    assert!(
        !app.view_names(&instance, "sys.databases")
            .iter()
            .any(|it| it == "t_b")
    );
}

#[test]
fn functions_answer_as_the_server_does() {
    let instance = prepared("GRANT SELECT ON dbo.t TO u1");
    let session = Session::of(&instance, "user:u1");
    let int = Value::Int;
    let text = |text: &str| Value::text(text);
    let cases: &[(&str, &[Value], Value)] = &[
        ("DB_NAME", &[], text("t_a")),
        ("USER_NAME", &[], text("u1")),
        ("USER_ID", &[text("dbo")], int(1)),
        ("SCHEMA_NAME", &[], text("dbo")),
        ("SCHEMA_ID", &[text("sys")], int(4)),
        ("ORIGINAL_LOGIN", &[], text("sa")),
        ("IS_MEMBER", &[text("public")], int(1)),
        ("IS_MEMBER", &[text("app_rw")], int(0)),
        ("IS_MEMBER", &[text("no_such_role")], Value::Null),
        (
            "HAS_PERMS_BY_NAME",
            &[text("dbo.t"), text("OBJECT"), text("SELECT")],
            int(1),
        ),
        (
            "HAS_PERMS_BY_NAME",
            &[text("dbo.t"), text("OBJECT"), text("INSERT")],
            int(0),
        ),
        (
            "HAS_PERMS_BY_NAME",
            &[text("dbo.t"), text("OBJECT"), text("NO SUCH")],
            Value::Null,
        ),
        (
            "HAS_PERMS_BY_NAME",
            &[Value::Null, text("DATABASE"), text("CREATE TABLE")],
            int(0),
        ),
        ("HAS_DBACCESS", &[text("t_b")], int(0)),
        ("HAS_DBACCESS", &[text("t_a")], int(1)),
        ("TYPE_NAME", &[int(56)], text("int")),
        (
            "COL_LENGTH",
            &[text("dbo.t"), text("a")],
            Value::SmallInt(4),
        ),
        ("OBJECT_ID", &[text("dbo.audit")], Value::Null),
        ("OBJECT_NAME", &[int(1)], Value::Null),
    ];
    for (function, arguments, expected) in cases {
        assert_eq!(
            session.call(&instance, function, arguments),
            *expected,
            "{function} {arguments:?}"
        );
    }
}

#[test]
fn my_permissions_lists_what_is_effective() {
    let instance = prepared("GRANT SELECT, INSERT ON dbo.t TO u1; DENY INSERT ON dbo.t TO public");
    let session = Session::of(&instance, "user:u1");
    let token = session
        .context
        .enter(&instance, session.database)
        .expect("u1 is there");
    let function = catalog::system_function(None, "fn_my_permissions").expect("it exists");
    let rows = (function.rows)(
        &session.view_context(&instance, &token),
        &[Value::text("dbo.t"), Value::text("OBJECT")],
    )
    .expect("nothing is refused");
    let whole: Vec<String> = rows
        .iter()
        .filter(|row| row[1] == Value::text(""))
        .map(|row| row[2].to_string())
        .collect();
    assert_eq!(whole, ["SELECT"]);
}

#[test]
fn every_view_gives_rows_that_fit_its_columns() {
    let mut instance = fixture();
    Session::of(&instance, "sysadmin").script(
        &mut instance,
        "CREATE TABLE dbo.c(id int IDENTITY PRIMARY KEY, n nvarchar(20) DEFAULT 5,
                            t_id int REFERENCES dbo.t(id), CHECK (id > 0));
         CREATE INDEX ix ON dbo.c(n) INCLUDE (t_id);
         CREATE SEQUENCE dbo.sq AS int START WITH 5;
         CREATE SYNONYM dbo.sy FOR t_b.dbo.t;
         CREATE TYPE dbo.Name FROM nvarchar(50);
         CREATE TYPE dbo.Ids AS TABLE (id int PRIMARY KEY);
         GO
         CREATE VIEW dbo.v AS SELECT id FROM dbo.t
         GO
         CREATE PROCEDURE dbo.p @a int = 1 AS SELECT @a
         GO
         CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT, UPDATE AS SET NOCOUNT ON",
    );
    let session = Session::of(&instance, "sysadmin");
    let token = session
        .context
        .enter(&instance, session.database)
        .expect("sa is there");
    let names = session.view_names(&instance, "sys.system_objects");
    assert!(names.len() > 50);
    for name in names {
        let view = catalog::system_view("sys", &name)
            .or_else(|| catalog::system_view("INFORMATION_SCHEMA", &name))
            .expect("it is listed");
        let rows = (view.rows)(&session.view_context(&instance, &token)).expect("sa may read it");
        for row in rows {
            assert_eq!(row.len(), view.columns.len(), "{view:?}");
            for (value, column) in row.iter().zip(view.columns) {
                assert!(
                    column.nullable || *value != Value::Null,
                    "{view:?}.{} is NULL",
                    column.name
                );
            }
        }
    }
}
