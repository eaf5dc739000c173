//! EXECUTE AS, REVERT, modules and application roles: as whom does a session act?

mod server;

use catalog::Origin;
use server::{Session, fixture};
use values::Value;

/// Runs a script as somebody and gives the first error's number, 0 for none.
fn outcome(setup: &str, who: &str, script: &str) -> (i32, u8, String) {
    let mut instance = fixture();
    Session::of(&instance, "sysadmin").script(&mut instance, setup);
    let mut session = Session::of(&instance, who);
    let result = session.run(&mut instance, script);
    let user = session.call(&instance, "USER_NAME", &[]).to_string();
    match result {
        Ok(()) => (0, 0, user),
        Err(errors) => (errors.first().number, errors.first().state, user),
    }
}

#[test]
fn impersonation_needs_the_permission_and_hides_what_is_missing() {
    let check = |setup, who, script, expected: (i32, u8, &str)| {
        let (number, state, user) = outcome(setup, who, script);
        assert_eq!(
            (number, state, &*user),
            expected,
            "{setup} / {who}: {script}"
        );
    };
    let grant = "GRANT IMPERSONATE ON USER::u2 TO u1";
    check("", "user:u1", "EXECUTE AS USER = 'u2'", (15517, 1, "u1"));
    check(
        "",
        "sysadmin",
        "EXECUTE AS USER = 'nobody_here'",
        (15517, 1, "dbo"),
    );
    check(grant, "user:u1", "EXECUTE AS USER = 'u2'", (0, 0, "u2"));
    check(
        "ALTER ROLE app_rw ADD MEMBER u1; GRANT IMPERSONATE ON USER::u2 TO app_rw;
         DENY IMPERSONATE ON USER::u2 TO u1",
        "user:u1",
        "EXECUTE AS USER = 'u2'",
        (15517, 1, "u1"),
    );
    check(
        "GRANT IMPERSONATE ON USER::dbo TO u1",
        "user:u1",
        "EXECUTE AS USER = 'dbo'",
        (0, 0, "dbo"),
    );
    check(
        "",
        "login:l_app",
        "EXECUTE AS LOGIN = 'l_x'",
        (15406, 1, "app"),
    );
    check(
        "",
        "sysadmin",
        "EXECUTE AS LOGIN = 'l_missing'",
        (15406, 1, "dbo"),
    );
    check("", "sysadmin", "EXECUTE AS LOGIN = 'l_x'", (916, 4, "dbo"));
    check("", "sysadmin", "EXECUTE AS LOGIN = 'l_app'", (0, 0, "app"));
    check("", "sysadmin", "EXECUTE AS USER = 'guest'", (916, 4, "dbo"));
    check("", "login:l_app", "REVERT", (0, 0, "app"));
    check(
        "GRANT IMPERSONATE ON USER::u2 TO app",
        "login:l_app",
        "EXECUTE AS USER = 'u2'; REVERT",
        (0, 0, "app"),
    );
    check(
        "GRANT IMPERSONATE ON USER::u2 TO app",
        "login:l_app",
        "EXECUTE AS USER = 'u2' WITH NO REVERT; REVERT",
        (15196, 1, "u2"),
    );
    check(
        "USE t_b; CREATE USER app FOR LOGIN l_app",
        "sysadmin",
        "EXECUTE AS LOGIN = 'l_app'; USE t_b; REVERT",
        (15199, 1, "app"),
    );
}

#[test]
fn a_cookie_must_come_back() {
    let instance = fixture();
    let mut session = Session::of(&instance, "sysadmin");
    let here = session.database;
    let origin = Origin::Statement {
        database: here,
        no_revert: false,
        cookie: Some(vec![7]),
    };
    session
        .context
        .execute_as_user(&instance, here, "u1", origin)
        .expect("sa may");
    for (cookie, number) in [
        (None, Some(15591)),
        (Some(&[8_u8][..]), Some(15591)),
        (Some(&[7][..]), None),
    ] {
        let result = session.context.revert(&instance, here, cookie);
        assert_eq!(result.err().map(|error| error.number), number);
    }
    assert_eq!(session.call(&instance, "USER_NAME", &[]).to_string(), "dbo");
}

#[test]
fn modules_act_as_their_clause_says_and_leave_nothing_behind() {
    let mut instance = fixture();
    Session::of(&instance, "sysadmin").script(
        &mut instance,
        "GO\nCREATE PROCEDURE dbo.caller AS SELECT 1
         GO\nCREATE PROCEDURE dbo.owned WITH EXECUTE AS OWNER AS SELECT 1
         GO\nCREATE PROCEDURE dbo.self WITH EXECUTE AS SELF AS SELECT 1
         GO\nCREATE PROCEDURE dbo.named WITH EXECUTE AS 'u2' AS SELECT 1",
    );
    for (module, user) in [
        ("caller", "u1"),
        ("owned", "dbo"),
        ("self", "dbo"),
        ("named", "u2"),
    ] {
        let mut session = Session::of(&instance, "user:u1");
        let (_, object) = session
            .resolve(&instance, &format!("dbo.{module}"))
            .expect("it exists");
        let database = session.database;
        let mark = session.context.enter_module(&instance, database, &object);
        assert_eq!(
            session.call(&instance, "USER_NAME", &[]).to_string(),
            user,
            "{module}"
        );
        session
            .run(&mut instance.clone(), "REVERT")
            .expect("a stray REVERT does nothing");
        assert_eq!(
            session.call(&instance, "USER_NAME", &[]).to_string(),
            user,
            "{module}"
        );
        session.context.leave(mark);
        assert_eq!(
            session.call(&instance, "USER_NAME", &[]).to_string(),
            "u1",
            "{module}"
        );
    }
}

#[test]
fn owner_of_a_trustworthy_database_lends_its_server_rights() {
    for (setup, server_admin) in [("", false), ("ALTER DATABASE t_a SET TRUSTWORTHY ON", true)] {
        let mut instance = fixture();
        Session::of(&instance, "sysadmin").script(&mut instance, setup);
        let session = Session::of(&instance, "user:dbo");
        let login = session.context.login(&instance);
        assert_eq!(
            login.is_some_and(|login| login.is_sysadmin),
            server_admin,
            "{setup}"
        );
    }
}

#[test]
fn application_roles_replace_the_user() {
    let mut instance = fixture();
    Session::of(&instance, "sysadmin").script(
        &mut instance,
        "CREATE APPLICATION ROLE ar WITH PASSWORD = N'Str0ng_pw_1';
         DENY SELECT ON dbo.t TO app; GRANT SELECT ON dbo.t TO ar",
    );
    let mut session = Session::of(&instance, "login:l_app");
    let here = session.database;
    let set = |session: &mut Session, name: &str, password: &str| {
        session
            .context
            .set_application_role(&instance, here, name, password, Some(vec![1]))
            .map_err(|error| error.number)
    };
    assert_eq!(set(&mut session, "ar", "bad"), Err(15161));
    assert_eq!(set(&mut session, "nosuch", "bad"), Err(15161));
    assert_eq!(set(&mut session, "ar", "Str0ng_pw_1"), Ok(()));
    assert_eq!(set(&mut session, "ar", "Str0ng_pw_1"), Err(2762));
    session
        .ask(&instance, "SELECT", "dbo.t", &["id"])
        .expect("the role may read");
    assert_eq!(session.call(&instance, "USER_NAME", &[]).to_string(), "ar");
    assert_eq!(
        session.call(&instance, "SUSER_SNAME", &[]),
        Value::text("l_app")
    );
    assert_eq!(
        session
            .context
            .unset_application_role(&[2])
            .map_err(|error| error.number),
        Err(15592)
    );
    session
        .context
        .unset_application_role(&[1])
        .expect("the right cookie");
    assert_eq!(session.call(&instance, "USER_NAME", &[]).to_string(), "app");
}
