//! What CREATE, ALTER, DROP, GRANT and their like refuse, and with which messages.

mod server;

use server::{Session, fixture};

/// (setup as sysadmin, who, statement, (number, severity, state) in order; empty is success).
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(i32, u8, u8)],
);

fn check(cases: &[Case]) {
    let clean = fixture();
    for (setup, who, statement, expected) in cases {
        let mut instance = clean.clone();
        Session::of(&instance, "sysadmin").script(&mut instance, setup);
        let mut session = Session::of(&instance, who);
        let before = instance.clone();
        let mark = session.undo.mark();
        let errors: Vec<(i32, u8, u8)> = match session.run(&mut instance, statement) {
            Ok(()) => Vec::new(),
            Err(errors) => errors
                .as_slice()
                .iter()
                .map(|error| (error.number, error.severity, error.state))
                .collect(),
        };
        assert_eq!(errors, *expected, "{setup} / {who}: {statement}");
        session.undo.rollback_to(mark, &mut instance);
        assert!(
            instance == before,
            "undo must bring everything back: {statement}"
        );
    }
}

const U1: &str = "user:u1";
const APP: &str = "login:l_app";
const SA: &str = "sysadmin";

#[test]
fn creating_needs_the_database_permission_and_then_the_schema() {
    check(&[
        ("", U1, "CREATE TABLE dbo.x(id int)", &[(262, 14, 1)]),
        (
            "GRANT CREATE TABLE TO u1",
            U1,
            "CREATE TABLE s1.x(id int)",
            &[(2760, 16, 1)],
        ),
        (
            "GRANT CREATE TABLE TO u1; GRANT ALTER ON SCHEMA::s1 TO u1",
            U1,
            "CREATE TABLE s1.x(id int)",
            &[],
        ),
        (
            "GO\nCREATE SCHEMA s_own AUTHORIZATION u1",
            U1,
            "CREATE TABLE s_own.x(id int)",
            &[(262, 14, 1)],
        ),
        ("", U1, "CREATE TABLE #x(id int)", &[]),
        (
            "",
            U1,
            "CREATE VIEW dbo.v AS SELECT 1 AS x",
            &[(262, 14, 18)],
        ),
        (
            "",
            U1,
            "CREATE PROCEDURE dbo.p AS SELECT 1",
            &[(262, 14, 18)],
        ),
        (
            "",
            U1,
            "CREATE FUNCTION dbo.f() RETURNS int AS BEGIN RETURN 1 END",
            &[(262, 14, 18)],
        ),
        (
            "GRANT CREATE PROCEDURE TO u1",
            U1,
            "CREATE PROCEDURE s1.p AS SELECT 1",
            &[(2760, 16, 1)],
        ),
        ("", U1, "CREATE SYNONYM dbo.sy FOR dbo.t", &[(262, 14, 1)]),
        ("", U1, "CREATE SEQUENCE dbo.sq", &[(15247, 16, 1)]),
        ("", U1, "CREATE ROLE r_new", &[(15247, 16, 1)]),
        ("", U1, "CREATE USER u_new WITHOUT LOGIN", &[(15247, 16, 1)]),
        (
            "",
            U1,
            "CREATE SCHEMA s_new",
            &[(15247, 16, 1), (2759, 16, 0)],
        ),
        (
            "",
            U1,
            "CREATE APPLICATION ROLE a2 WITH PASSWORD = N'Str0ng_pw_1'",
            &[(15247, 16, 1)],
        ),
        ("", APP, "CREATE DATABASE t_x", &[(262, 14, 1)]),
        (
            "",
            APP,
            "CREATE LOGIN l_new WITH PASSWORD = N'Str0ng_pw_1'",
            &[(15247, 16, 1)],
        ),
        (
            "ALTER ROLE db_accessadmin ADD MEMBER u1",
            U1,
            "CREATE USER u_new WITHOUT LOGIN",
            &[],
        ),
        (
            "ALTER ROLE db_ddladmin ADD MEMBER u1",
            U1,
            "CREATE TABLE dbo.x(id int)",
            &[],
        ),
        (
            "GRANT CREATE PROCEDURE TO u1; GRANT ALTER ON SCHEMA::s1 TO u1",
            U1,
            "CREATE PROCEDURE s1.p WITH EXECUTE AS 'u2' AS SELECT 1",
            &[(15151, 16, 1)],
        ),
        (
            "",
            U1,
            "CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS SET NOCOUNT ON",
            &[(2104, 14, 1)],
        ),
        (
            "",
            U1,
            "CREATE TRIGGER dbo.tr ON dbo.nothing AFTER INSERT AS SET NOCOUNT ON",
            &[(8197, 16, 4)],
        ),
    ]);
}

#[test]
fn altering_and_dropping_look_like_missing_objects() {
    check(&[
        (
            "GRANT SELECT ON dbo.t TO u1",
            U1,
            "ALTER TABLE dbo.t ADD c int",
            &[(1088, 16, 13)],
        ),
        (
            "",
            SA,
            "ALTER TABLE dbo.nothing ADD c int",
            &[(4902, 16, 1)],
        ),
        (
            "GRANT SELECT ON dbo.t TO u1",
            U1,
            "DROP TABLE dbo.t",
            &[(3701, 14, 20)],
        ),
        ("", U1, "DROP TABLE dbo.nothing", &[(3701, 11, 5)]),
        ("", U1, "DROP TABLE IF EXISTS dbo.nothing", &[]),
        ("GRANT CONTROL ON dbo.t TO u1", U1, "DROP TABLE dbo.t", &[]),
        (
            "GRANT ALTER ON dbo.t TO u1",
            U1,
            "DROP TABLE dbo.t",
            &[(3701, 14, 20)],
        ),
        (
            "DENY UPDATE, DELETE ON dbo.audit TO u1; GRANT ALTER ON SCHEMA::dbo TO u1",
            U1,
            "DROP TABLE dbo.audit",
            &[],
        ),
        (
            "GO\nCREATE PROCEDURE dbo.p AS SELECT 1;\nGO\nGRANT EXECUTE ON dbo.p TO u1",
            U1,
            "ALTER PROCEDURE dbo.p AS SELECT 2",
            &[(3701, 14, 20)],
        ),
        ("", SA, "ALTER PROCEDURE dbo.p AS SELECT 2", &[(208, 16, 6)]),
        (
            "GRANT SELECT ON dbo.t TO u1",
            U1,
            "CREATE INDEX ix ON dbo.t(a)",
            &[(1088, 16, 12)],
        ),
        (
            "CREATE INDEX ix ON dbo.t(a); GRANT SELECT ON dbo.t TO u1",
            U1,
            "ALTER INDEX ix ON dbo.t DISABLE",
            &[(1088, 16, 9)],
        ),
        (
            "CREATE INDEX ix ON dbo.t(a); GRANT SELECT ON dbo.t TO u1",
            U1,
            "DROP INDEX ix ON dbo.t",
            &[(1088, 16, 9)],
        ),
        (
            "ALTER ROLE db_datawriter ADD MEMBER u1",
            U1,
            "TRUNCATE TABLE dbo.t",
            &[(1088, 16, 7)],
        ),
        ("", SA, "TRUNCATE TABLE dbo.nothing", &[(4701, 16, 1)]),
        (
            "ALTER ROLE db_ddladmin ADD MEMBER u1",
            U1,
            "TRUNCATE TABLE dbo.audit",
            &[],
        ),
        (
            "",
            U1,
            "ALTER DATABASE t_a SET RECURSIVE_TRIGGERS ON",
            &[(5011, 14, 9), (5069, 16, 1)],
        ),
        ("", APP, "DROP DATABASE t_b", &[(3701, 11, 2)]),
        ("", APP, "ALTER LOGIN l_x DISABLE", &[(15151, 16, 1)]),
        ("", U1, "DROP USER u2", &[(15151, 16, 1)]),
        (
            "CREATE ROLE r_empty",
            U1,
            "DROP ROLE r_empty",
            &[(15151, 16, 1)],
        ),
        ("", U1, "ALTER USER u1 WITH DEFAULT_SCHEMA = s1", &[]),
        (
            "",
            U1,
            "ALTER USER u2 WITH DEFAULT_SCHEMA = s1",
            &[(15151, 16, 1)],
        ),
    ]);
}

#[test]
fn roles_are_changed_by_those_who_may() {
    check(&[
        ("", U1, "ALTER ROLE app_rw ADD MEMBER u1", &[(15151, 16, 1)]),
        (
            "GRANT ALTER ANY ROLE TO u1",
            U1,
            "ALTER ROLE db_datareader ADD MEMBER u1",
            &[(15151, 16, 1)],
        ),
        (
            "GRANT ALTER ANY ROLE TO u1",
            U1,
            "ALTER ROLE app_rw ADD MEMBER u1",
            &[],
        ),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT ALTER ON ROLE::app_rw TO u1",
            U1,
            "ALTER ROLE app_rw DROP MEMBER u1",
            &[],
        ),
        (
            "ALTER ROLE db_ddladmin ADD MEMBER u1",
            U1,
            "ALTER ROLE app_rw DROP MEMBER app",
            &[(15151, 16, 1)],
        ),
        (
            "ALTER ROLE db_securityadmin ADD MEMBER u1",
            U1,
            "ALTER ROLE db_owner ADD MEMBER u1",
            &[(15151, 16, 1)],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER u1",
            U1,
            "ALTER ROLE db_owner ADD MEMBER u2",
            &[],
        ),
        (
            "",
            SA,
            "ALTER ROLE app_rw ADD MEMBER app_rw",
            &[(15413, 16, 1)],
        ),
        ("", SA, "ALTER ROLE public ADD MEMBER u1", &[(15081, 16, 1)]),
        (
            "",
            SA,
            "ALTER ROLE app_rw ADD MEMBER dbo",
            &[(15405, 16, 1)],
        ),
        ("", SA, "DROP ROLE app_rw", &[(15144, 16, 1)]),
        (
            "",
            APP,
            "ALTER SERVER ROLE sysadmin ADD MEMBER l_app",
            &[(15151, 16, 1)],
        ),
        (
            "GO\nCREATE SCHEMA s_own AUTHORIZATION u1",
            SA,
            "DROP USER u1",
            &[(15138, 16, 1)],
        ),
    ]);
}

#[test]
fn ownership_moves_with_take_ownership_and_impersonation() {
    check(&[
        (
            "GRANT CONTROL ON dbo.t TO u1",
            U1,
            "ALTER SCHEMA s1 TRANSFER dbo.t",
            &[(15151, 16, 1)],
        ),
        (
            "GRANT ALTER ON SCHEMA::s1 TO u1; GRANT ALTER ON SCHEMA::dbo TO u1",
            U1,
            "ALTER SCHEMA s1 TRANSFER dbo.t",
            &[(15151, 16, 1)],
        ),
        (
            "GRANT ALTER ON SCHEMA::s1 TO u1; GRANT CONTROL ON dbo.t TO u1",
            U1,
            "ALTER SCHEMA s1 TRANSFER dbo.t",
            &[],
        ),
        (
            "",
            U1,
            "ALTER AUTHORIZATION ON dbo.t TO u1",
            &[(15151, 16, 1)],
        ),
        (
            "GRANT TAKE OWNERSHIP ON dbo.t TO u1",
            U1,
            "ALTER AUTHORIZATION ON dbo.t TO u1",
            &[],
        ),
        (
            "GRANT TAKE OWNERSHIP ON dbo.t TO u1",
            U1,
            "ALTER AUTHORIZATION ON dbo.t TO u2",
            &[(15151, 16, 1)],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER app",
            APP,
            "ALTER DATABASE t_a SET TRUSTWORTHY ON",
            &[(15247, 16, 1), (5069, 16, 1)],
        ),
    ]);
}

#[test]
fn grants_are_made_by_owners_and_holders_of_the_grant_option() {
    let option = "GRANT SELECT ON dbo.t TO u1 WITH GRANT OPTION";
    check(&[
        (option, U1, "GRANT SELECT ON dbo.t TO u2", &[]),
        (
            "GRANT SELECT ON dbo.t TO u1",
            U1,
            "GRANT SELECT ON dbo.t TO u2",
            &[(15151, 16, 1)],
        ),
        (option, U1, "GRANT INSERT ON dbo.t TO u2", &[(15151, 16, 1)]),
        ("", U1, "GRANT SELECT TO u2", &[(4613, 16, 1)]),
        (option, U1, "DENY SELECT ON dbo.t TO u2", &[(15151, 16, 1)]),
        (
            option,
            SA,
            "REVOKE SELECT ON dbo.t FROM u1",
            &[(4611, 16, 1)],
        ),
        (option, SA, "DENY SELECT ON dbo.t TO u1", &[(4611, 16, 1)]),
        (option, SA, "REVOKE SELECT ON dbo.t FROM u1 CASCADE", &[]),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT SELECT ON dbo.t TO app_rw WITH GRANT OPTION",
            U1,
            "GRANT SELECT ON dbo.t TO u2",
            &[(15151, 16, 1)],
        ),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT SELECT ON dbo.t TO app_rw WITH GRANT OPTION",
            U1,
            "GRANT SELECT ON dbo.t TO u2 AS app_rw",
            &[],
        ),
        (
            "GRANT CONTROL ON dbo.t TO u1",
            U1,
            "GRANT DELETE ON dbo.t TO u2",
            &[],
        ),
        (
            "GRANT CONTROL ON dbo.t TO u1",
            U1,
            "GRANT DELETE ON dbo.t TO u1",
            &[(4624, 16, 1)],
        ),
        ("", SA, "DENY SELECT ON dbo.t TO dbo", &[(4624, 16, 1)]),
        (
            "",
            SA,
            "GRANT SELECT ON dbo.t TO db_datareader",
            &[(4617, 16, 1)],
        ),
        ("", SA, "GRANT INSERT (a) ON dbo.t TO u1", &[(1020, 15, 1)]),
        ("", SA, "GRANT SELECT (zz) ON dbo.t TO u1", &[(4615, 16, 1)]),
        ("", SA, "GRANT EXECUTE ON dbo.t TO u1", &[(4606, 16, 1)]),
        ("", SA, "GRANT SELECT ON dbo.t TO nobody", &[(15151, 16, 1)]),
        (
            "",
            SA,
            "GRANT SELECT ON dbo.nothing TO u1",
            &[(15151, 16, 1)],
        ),
        (
            "",
            SA,
            "GRANT VIEW SERVER STATE TO l_app",
            &[(4621, 16, 10)],
        ),
        (
            "ALTER ROLE db_securityadmin ADD MEMBER u1; ALTER ROLE app_rw ADD MEMBER u1",
            U1,
            "GRANT SELECT ON dbo.t TO app_rw",
            &[],
        ),
        (
            "DENY UPDATE, DELETE ON dbo.audit TO app_rw; ALTER ROLE db_securityadmin ADD MEMBER u1",
            U1,
            "REVOKE UPDATE, DELETE ON dbo.audit FROM app_rw",
            &[],
        ),
        (
            "USE tempdb",
            SA,
            "USE tempdb; REVOKE CONNECT FROM guest",
            &[(15182, 16, 1)],
        ),
    ]);
}

#[test]
fn tables_are_defined_as_the_server_allows() {
    check(&[
        ("", SA, "CREATE TABLE dbo.t(id int)", &[(2714, 16, 6)]),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int, ID int)",
            &[(2705, 16, 3)],
        ),
        ("", SA, "CREATE TABLE dbo.x(id nosuch)", &[(2715, 16, 6)]),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int NULL PRIMARY KEY)",
            &[(8111, 16, 1), (1750, 16, 0)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id varchar(max) PRIMARY KEY)",
            &[(1919, 16, 1), (1750, 16, 1)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int IDENTITY, n int IDENTITY)",
            &[(2744, 16, 2)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id varchar(5) IDENTITY)",
            &[(2749, 16, 2)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int REFERENCES dbo.nothing(id))",
            &[(1767, 16, 0), (1750, 16, 0)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int REFERENCES dbo.t(a))",
            &[(1776, 16, 0), (1750, 16, 0)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id bigint REFERENCES dbo.t(id))",
            &[(1778, 16, 0), (1750, 16, 0)],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int REFERENCES dbo.t(id))",
            &[],
        ),
        (
            "",
            SA,
            "CREATE TABLE dbo.x(id int PRIMARY KEY, up int REFERENCES dbo.x(id))",
            &[],
        ),
        (
            "GRANT CREATE TABLE TO u1; GRANT ALTER ON SCHEMA::s1 TO u1",
            U1,
            "CREATE TABLE s1.c(id int REFERENCES dbo.t(id))",
            &[(229, 14, 5), (1088, 16, 20), (1750, 16, 0)],
        ),
        (
            "GRANT CREATE TABLE TO u1; GRANT ALTER ON SCHEMA::s1 TO u1; GRANT REFERENCES (id) ON dbo.t TO u1",
            U1,
            "CREATE TABLE s1.c(id int REFERENCES dbo.t(id))",
            &[],
        ),
        (
            "CREATE TABLE dbo.c(id int REFERENCES dbo.t(id))",
            SA,
            "DROP TABLE dbo.t",
            &[(3726, 16, 1)],
        ),
        (
            "CREATE TABLE dbo.c(id int REFERENCES dbo.t(id))",
            SA,
            "TRUNCATE TABLE dbo.t",
            &[(4712, 16, 1)],
        ),
        (
            "CREATE TABLE dbo.c(id int CONSTRAINT FK_c REFERENCES dbo.t(id))",
            SA,
            "ALTER TABLE dbo.t DROP CONSTRAINT PK_t",
            &[(3725, 16, 0), (3727, 16, 0)],
        ),
        (
            "",
            SA,
            "ALTER TABLE dbo.t DROP CONSTRAINT nosuch",
            &[(3728, 16, 1), (3727, 16, 0)],
        ),
        (
            "",
            SA,
            "ALTER TABLE dbo.t DROP COLUMN id",
            &[(5074, 16, 1), (4922, 16, 9)],
        ),
        ("", SA, "ALTER TABLE dbo.t DROP COLUMN a", &[]),
        (
            "",
            SA,
            "ALTER TABLE dbo.t DROP COLUMN nosuch",
            &[(4924, 16, 1)],
        ),
        ("", SA, "ALTER TABLE dbo.t ADD a int", &[(2705, 16, 3)]),
        ("", SA, "ALTER TABLE dbo.t ALTER COLUMN a bigint NULL", &[]),
        (
            "",
            SA,
            "CREATE UNIQUE INDEX PK_t ON dbo.t(a)",
            &[(1913, 16, 1)],
        ),
        ("", SA, "DROP INDEX PK_t ON dbo.t", &[(3723, 16, 4)]),
        ("", SA, "DROP VIEW dbo.t", &[(3705, 16, 1)]),
        ("", SA, "DROP SCHEMA dbo", &[(15150, 16, 1)]),
        (
            "CREATE TABLE s1.x(id int)",
            SA,
            "DROP SCHEMA s1",
            &[(3729, 16, 1)],
        ),
        ("", SA, "CREATE USER app FOR LOGIN l_x", &[(15023, 16, 1)]),
        (
            "",
            SA,
            "CREATE USER app2 FOR LOGIN l_app",
            &[(15063, 16, 1)],
        ),
        (
            "",
            SA,
            "CREATE USER app2 FOR LOGIN nosuch",
            &[(15007, 16, 1)],
        ),
        (
            "",
            SA,
            "CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1'",
            &[(15025, 16, 1)],
        ),
        (
            "",
            SA,
            "CREATE LOGIN l_new WITH PASSWORD = N'short'",
            &[(15116, 16, 1)],
        ),
        ("", SA, "CREATE DATABASE t_a", &[(1801, 16, 3)]),
        ("", SA, "DROP DATABASE master", &[(3708, 16, 4)]),
        ("", SA, "DROP DATABASE t_a", &[(3702, 16, 4)]),
        (
            "GO\nCREATE VIEW dbo.v WITH SCHEMABINDING AS SELECT id FROM dbo.t",
            SA,
            "DROP TABLE dbo.t",
            &[(3729, 16, 1)],
        ),
    ]);
}

#[test]
fn rows_must_suit_a_new_definition() {
    let mut instance = fixture();
    let mut session = Session::of(&instance, SA);
    let database = session.database;
    let table = session.resolve(&instance, "dbo.t").expect("it exists").1.id;
    let row = |id: i32, a: i32| -> catalog::Row {
        [id, a, a * 10]
            .map(values::Value::Int)
            .into_iter()
            .collect()
    };
    instance
        .insert_rows(database, table, [row(1, 10), row(2, 10)], &mut session.undo)
        .expect("no duplicates");
    let mut check = |statement: &str, expected: &[i32]| {
        let mut instance = instance.clone();
        let numbers: Vec<i32> = session
            .run(&mut instance, statement)
            .err()
            .map(|errors| errors.as_slice().iter().map(|error| error.number).collect())
            .unwrap_or_default();
        assert_eq!(numbers, expected, "{statement}");
    };
    check("CREATE UNIQUE INDEX ux ON dbo.t(a)", &[1505]);
    check("CREATE UNIQUE INDEX ux ON dbo.t(id, a)", &[]);
    check(
        "ALTER TABLE dbo.t ADD CONSTRAINT uq UNIQUE (a)",
        &[1505, 1750],
    );
    check("ALTER TABLE dbo.t ADD c int NOT NULL", &[4901]);
    check("ALTER TABLE dbo.t ADD c int NOT NULL DEFAULT 5", &[]);
    check("ALTER TABLE dbo.t ADD CONSTRAINT ck CHECK (a > 10)", &[547]);
    check(
        "ALTER TABLE dbo.t WITH NOCHECK ADD CONSTRAINT ck CHECK (a > 10)",
        &[],
    );
    check(
        "ALTER TABLE dbo.t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES dbo.t(id)",
        &[547],
    );
    check("ALTER TABLE dbo.t ALTER COLUMN a int NOT NULL", &[]);
    let duplicate = instance
        .insert_rows(database, table, [row(2, 7)], &mut session.undo)
        .expect_err("2 is there");
    assert_eq!(
        duplicate.message,
        "Violation of PRIMARY KEY constraint 'PK_t'. Cannot insert duplicate key in object 'dbo.t'. \
         The duplicate key value is (2)."
    );
}

#[test]
fn a_three_part_name_changes_the_database_it_names_and_no_other() {
    let mut instance = fixture();
    let mut session = Session::of(&instance, SA);
    for statement in [
        "ALTER TABLE t_b.dbo.t ADD c int NULL",
        "CREATE INDEX ix ON t_b.dbo.t(a)",
        "ALTER INDEX ix ON t_b.dbo.t DISABLE",
        "DROP INDEX ix ON t_b.dbo.t",
        "TRUNCATE TABLE t_b.dbo.t",
        "CREATE TABLE t_b.dbo.n(id int)",
        "DROP TABLE t_b.dbo.t",
    ] {
        let (home, other) = {
            let of = |name| instance.database_named(name).expect("it exists").clone();
            (of("t_a"), of("t_b"))
        };
        session
            .run(&mut instance, statement)
            .unwrap_or_else(|errors| panic!("{errors} in {statement}"));
        assert!(
            **instance.database_named("t_a").expect("t_a") == *home,
            "{statement}"
        );
        let changed = **instance.database_named("t_b").expect("t_b") != *other;
        assert!(changed || statement.starts_with("TRUNCATE"), "{statement}");
    }
}
