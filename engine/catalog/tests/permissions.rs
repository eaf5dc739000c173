//! The permission check against facts about the real server: who has what, who asks, what comes.

mod server;

use server::{Session, fixture};

/// (setup as sysadmin, who, permission, object, columns, error numbers in order).
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [i32],
);

fn check(cases: &[Case]) {
    let clean = fixture();
    for (setup, who, permission, object, columns, expected) in cases {
        let mut instance = clean.clone();
        Session::of(&instance, "sysadmin").script(&mut instance, setup);
        let session = Session::of(&instance, who);
        let numbers: Vec<i32> = match session.ask(&instance, permission, object, columns) {
            Ok(()) => Vec::new(),
            Err(errors) => errors.as_slice().iter().map(|error| error.number).collect(),
        };
        assert_eq!(
            numbers, *expected,
            "{setup} / {who}: {permission} on {object} {columns:?}"
        );
    }
}

const U1: &str = "user:u1";

#[test]
fn deny_wins_over_grant_wherever_either_stands() {
    check(&[
        ("", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[]),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT SELECT ON dbo.t TO app_rw; DENY SELECT ON dbo.t TO u1",
            U1, "SELECT", "dbo.t", &["id"], &[229],
        ),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; DENY SELECT ON dbo.t TO app_rw; GRANT SELECT ON dbo.t TO u1",
            U1, "SELECT", "dbo.t", &["id"], &[229],
        ),
        ("GRANT SELECT ON dbo.t TO u1; DENY SELECT ON dbo.t TO public", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON dbo.t TO public", U1, "SELECT", "dbo.t", &["id"], &[]),
        (
            "CREATE ROLE r_out; ALTER ROLE r_out ADD MEMBER app_rw; ALTER ROLE app_rw ADD MEMBER u1;
             GRANT SELECT ON dbo.t TO u1; DENY SELECT ON dbo.t TO r_out",
            U1, "SELECT", "dbo.t", &["id"], &[229],
        ),
        (
            "CREATE ROLE r_out; ALTER ROLE r_out ADD MEMBER app_rw; ALTER ROLE app_rw ADD MEMBER u1;
             GRANT SELECT ON dbo.t TO r_out",
            U1, "SELECT", "dbo.t", &["id"], &[],
        ),
        ("GRANT SELECT ON dbo.t TO u1; DENY SELECT ON SCHEMA::dbo TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON dbo.t TO u1; DENY SELECT TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON SCHEMA::dbo TO u1; DENY SELECT ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON SCHEMA::dbo TO u1; CREATE TABLE dbo.later(id int)", U1, "SELECT", "dbo.later", &[], &[]),
        ("GRANT SELECT TO u1; CREATE TABLE s1.x(id int)", U1, "SELECT", "s1.x", &["id"], &[]),
        ("GRANT SELECT ON SCHEMA::s1 TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("DENY SELECT ON dbo.t TO u1; GRANT SELECT ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[]),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT SELECT ON dbo.t TO app_rw; DENY SELECT ON dbo.t TO u1;
             REVOKE SELECT ON dbo.t FROM u1",
            U1, "SELECT", "dbo.t", &["id"], &[],
        ),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; GRANT SELECT ON dbo.t TO app_rw; GRANT SELECT ON dbo.t TO u1;
             REVOKE SELECT ON dbo.t FROM u1",
            U1, "SELECT", "dbo.t", &["id"], &[],
        ),
        ("GRANT SELECT ON dbo.t TO u1; REVOKE SELECT ON dbo.t FROM u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
    ]);
}

#[test]
fn control_covers_everything_and_alter_covers_no_data() {
    check(&[
        ("GRANT CONTROL ON dbo.t TO u1", U1, "DELETE", "dbo.t", &[], &[]),
        ("GRANT CONTROL ON SCHEMA::dbo TO u1", U1, "UPDATE", "dbo.t", &["a"], &[]),
        ("GRANT ALTER ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT ALTER ON SCHEMA::dbo TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT TAKE OWNERSHIP ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT REFERENCES ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT CONTROL ON dbo.t TO u1; DENY SELECT ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON dbo.t TO u1; DENY CONTROL ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[229]),
        ("GRANT SELECT ON dbo.t TO u1; DENY ALTER ON dbo.t TO u1", U1, "SELECT", "dbo.t", &["id"], &[]),
        // Whoever owns, or is dbo, is bound by no DENY.
        (
            "ALTER AUTHORIZATION ON dbo.t TO u1; DENY SELECT ON dbo.t TO public",
            U1, "SELECT", "dbo.t", &["id"], &[],
        ),
        (
            "CREATE LOGIN l_sa2 WITH PASSWORD = N'Str0ng_pw_1'; ALTER SERVER ROLE sysadmin ADD MEMBER l_sa2;
             CREATE USER sa2 FOR LOGIN l_sa2; DENY SELECT ON dbo.t TO sa2",
            "login:l_sa2", "SELECT", "dbo.t", &["id"], &[],
        ),
    ]);
}

#[test]
fn columns_are_granted_and_denied_one_by_one() {
    check(&[
        (
            "GRANT SELECT ON dbo.t TO u1; DENY SELECT (b) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["b"],
            &[230],
        ),
        (
            "GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[],
        ),
        (
            "GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["b"],
            &[230],
        ),
        ("", U1, "SELECT", "dbo.t", &["b"], &[229]),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &[],
            &[230, 230],
        ),
        (
            "DENY SELECT ON dbo.t TO u1; GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[],
        ),
        (
            "DENY SELECT ON dbo.t TO u1; GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["b"],
            &[230],
        ),
        (
            "GRANT SELECT (a) ON dbo.t TO u1; DENY SELECT ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[229],
        ),
        (
            "DENY UPDATE ON dbo.audit TO app_rw; GRANT UPDATE (what) ON dbo.audit TO app_rw",
            "user:app",
            "UPDATE",
            "dbo.audit",
            &["what"],
            &[],
        ),
        (
            "ALTER ROLE app_rw ADD MEMBER u1; DENY SELECT ON dbo.t TO app_rw; GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[],
        ),
        (
            "DENY SELECT ON SCHEMA::dbo TO u1; GRANT SELECT (a) ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[229],
        ),
        (
            "GRANT SELECT (a) ON dbo.t TO u1; GRANT SELECT ON dbo.t TO u1; REVOKE SELECT ON dbo.t FROM u1",
            U1,
            "SELECT",
            "dbo.t",
            &["a"],
            &[229],
        ),
        (
            "DENY SELECT (b) ON dbo.t TO u1; GRANT SELECT ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["b"],
            &[],
        ),
        (
            "GRANT UPDATE (a) ON dbo.t TO u1",
            U1,
            "UPDATE",
            "dbo.t",
            &["b"],
            &[230],
        ),
    ]);
}

#[test]
fn fixed_roles_carry_their_rights_and_are_bound_by_deny() {
    check(&[
        (
            "ALTER ROLE db_datareader ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[],
        ),
        (
            "ALTER ROLE db_datareader ADD MEMBER u1",
            U1,
            "DELETE",
            "dbo.t",
            &[],
            &[229],
        ),
        (
            "ALTER ROLE db_datareader ADD MEMBER u1; DENY SELECT ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_datawriter ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_datawriter ADD MEMBER u1",
            U1,
            "DELETE",
            "dbo.t",
            &[],
            &[],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER u1; ALTER ROLE db_denydatawriter ADD MEMBER u1",
            U1,
            "UPDATE",
            "dbo.t",
            &["a"],
            &[229],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER u1; DENY SELECT ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[],
        ),
        (
            "ALTER ROLE db_ddladmin ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_accessadmin ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_backupoperator ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
        (
            "ALTER ROLE db_securityadmin ADD MEMBER u1",
            U1,
            "SELECT",
            "dbo.t",
            &["id"],
            &[229],
        ),
    ]);
}

#[test]
fn another_database_is_entered_or_refused() {
    const APP: &str = "login:l_app";
    check(&[
        ("", APP, "SELECT", "t_b.dbo.t", &["id"], &[916]),
        ("", APP, "DELETE", "t_b.dbo.t", &[], &[916]),
        ("", APP, "SELECT", "t_b.dbo.nothing", &[], &[916]),
        ("", APP, "SELECT", "t_zz.dbo.t", &[], &[208]),
        ("", "sysadmin", "SELECT", "t_b.dbo.t", &["id"], &[]),
        (
            "USE t_b; CREATE USER app FOR LOGIN l_app; GRANT SELECT ON dbo.t TO app; REVOKE CONNECT FROM app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[916],
        ),
        (
            "USE t_b; CREATE USER app FOR LOGIN l_app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[229],
        ),
        (
            "USE t_b; CREATE USER app FOR LOGIN l_app; GRANT SELECT ON dbo.t TO app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[],
        ),
        (
            "ALTER ROLE db_owner ADD MEMBER app; USE t_b; CREATE USER app FOR LOGIN l_app",
            APP,
            "UPDATE",
            "t_b.dbo.t",
            &["a"],
            &[229],
        ),
        (
            "USE t_b; GRANT CONNECT TO guest; GRANT SELECT ON dbo.t TO public",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[],
        ),
        (
            "USE t_b; GRANT CONNECT TO guest",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[229],
        ),
        (
            "USE master; GRANT CONNECT ANY DATABASE TO l_app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[229],
        ),
        (
            "USE master; GRANT CONNECT ANY DATABASE TO l_app; GRANT SELECT ALL USER SECURABLES TO l_app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[],
        ),
        (
            "USE master; GRANT SELECT ALL USER SECURABLES TO l_app",
            APP,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[916],
        ),
        (
            "DENY CONTROL TO app",
            "login:l_app@master",
            "SELECT",
            "t_a.dbo.t",
            &["id"],
            &[916],
        ),
        // EXECUTE AS USER stays in its database, whatever the login behind the user may.
        (
            "USE t_b; CREATE USER app FOR LOGIN l_app; GRANT SELECT ON dbo.t TO app",
            "user:app",
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[916],
        ),
        ("", "user:dbo", "SELECT", "t_b.dbo.t", &["id"], &[916]),
        (
            "ALTER DATABASE t_a SET TRUSTWORTHY ON; USE t_b; CREATE USER app FOR LOGIN l_app;
             GRANT SELECT ON dbo.t TO app",
            "user:app",
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[],
        ),
        (
            "ALTER DATABASE t_a SET TRUSTWORTHY ON; USE t_b; GRANT CONNECT TO guest;
             GRANT SELECT ON dbo.t TO guest",
            U1,
            "SELECT",
            "t_b.dbo.t",
            &["id"],
            &[916],
        ),
    ]);
}

#[test]
fn synonyms_are_checked_themselves() {
    check(&[
        (
            "CREATE SYNONYM dbo.sy FOR dbo.t; GRANT SELECT ON dbo.t TO u1",
            U1,
            "SELECT",
            "dbo.sy",
            &[],
            &[229],
        ),
        (
            "CREATE SYNONYM dbo.sy FOR dbo.t; GRANT SELECT ON dbo.sy TO u1",
            U1,
            "SELECT",
            "dbo.sy",
            &[],
            &[],
        ),
        (
            "CREATE SYNONYM dbo.sy FOR t_b.dbo.t; GRANT SELECT ON dbo.sy TO app",
            "login:l_app",
            "SELECT",
            "dbo.sy",
            &[],
            &[916],
        ),
        (
            "CREATE SYNONYM dbo.sy FOR dbo.nothing",
            "sysadmin",
            "SELECT",
            "dbo.sy",
            &[],
            &[5313],
        ),
    ]);
}

#[test]
fn refusals_say_what_the_server_says() {
    let instance = fixture();
    let session = Session::of(&instance, U1);
    let error = session
        .ask(&instance, "SELECT", "dbo.t", &["id"])
        .expect_err("no grant");
    let error = error.first();
    assert_eq!((error.severity, error.state), (14, 5));
    assert_eq!(
        error.message,
        "The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'."
    );
    let error = Session::of(&instance, "login:l_app")
        .ask(&instance, "SELECT", "t_b.dbo.t", &[])
        .expect_err("no user there");
    assert_eq!(
        error.first().message,
        "The server principal \"l_app\" is not able to access the database \"t_b\" under the \
         current security context."
    );
}

#[test]
fn ownership_chains_hold_between_same_owners_only() {
    let clean = fixture();
    let check = |setup: &str, who: &str, module: &str, target: &str, expected: &[i32]| {
        let mut instance = clean.clone();
        Session::of(&instance, "sysadmin").script(&mut instance, setup);
        let session = Session::of(&instance, who);
        let home = instance.entered(session.database);
        let schema = home.schema_named("dbo").expect("dbo exists");
        let module = home
            .object_named(schema.id, module)
            .expect("the module exists");
        let link = catalog::ChainLink::of(&instance, session.database, module);
        let numbers: Vec<i32> = session
            .resolve(&instance, target)
            .and_then(|(token, object)| {
                instance.demand(
                    &token,
                    Some(&link),
                    &object,
                    catalog::Permission::SELECT,
                    catalog::DemandColumns::All,
                )
            })
            .err()
            .map(|errors| errors.as_slice().iter().map(|error| error.number).collect())
            .unwrap_or_default();
        assert_eq!(numbers, expected, "{setup}");
    };
    let procedure = "GO\nCREATE PROCEDURE dbo.p AS SELECT 1\nGO\n";
    check(procedure, U1, "p", "dbo.t", &[]);
    check(
        &format!("{procedure}DENY SELECT ON dbo.t TO u1"),
        U1,
        "p",
        "dbo.t",
        &[],
    );
    check(
        &format!("{procedure}ALTER AUTHORIZATION ON dbo.t TO u2"),
        U1,
        "p",
        "dbo.t",
        &[229],
    );
    check(
        &format!(
            "CREATE SCHEMA s_own AUTHORIZATION u2\nGO\nCREATE TABLE s_own.x(id int)\n{procedure}"
        ),
        U1,
        "p",
        "s_own.x",
        &[229],
    );
    check(
        &format!("CREATE TABLE s1.x(id int); DENY SELECT ON SCHEMA::s1 TO u1\n{procedure}"),
        U1,
        "p",
        "s1.x",
        &[],
    );
    let user_there = "USE t_b; CREATE USER app FOR LOGIN l_app";
    let chaining = "ALTER DATABASE t_a SET DB_CHAINING ON; ALTER DATABASE t_b SET DB_CHAINING ON;";
    let one_side = "ALTER DATABASE t_a SET DB_CHAINING ON;";
    let app = "login:l_app";
    check(procedure, app, "p", "t_b.dbo.t", &[916]);
    check(
        &format!("{procedure}{user_there}"),
        app,
        "p",
        "t_b.dbo.t",
        &[229],
    );
    check(
        &format!("{procedure}{chaining}{user_there}"),
        app,
        "p",
        "t_b.dbo.t",
        &[],
    );
    check(
        &format!("{procedure}{one_side}{user_there}"),
        app,
        "p",
        "t_b.dbo.t",
        &[229],
    );
    check(
        &format!("{procedure}{chaining}"),
        app,
        "p",
        "t_b.dbo.t",
        &[916],
    );
    check(
        &format!(
            "CREATE LOGIN l_o WITH PASSWORD = N'Str0ng_pw_1';
             ALTER AUTHORIZATION ON DATABASE::t_b TO l_o;\n{procedure}{chaining}{user_there}"
        ),
        app,
        "p",
        "t_b.dbo.t",
        &[229],
    );
}
