//! What do requests other than batches do: remote calls, the transaction manager, snapshots,
//! cancellation?

use database::{
    CancelHandle, Done, EnvironmentChange, Limits, OutputParameter, ResponseSink, RpcParameter,
    RpcProcedure, RpcRequest, Server, Session, TransactionRequest,
};
use query::ResultColumn;
use values::{SqlError, SqlType, Value};

use crate::support::{Recorder, connect, run, server, server_with};

fn session(server: &Server) -> Session {
    connect(server, "sa", "master").expect("sa may connect")
}

fn text(name: &str, value: &str) -> RpcParameter {
    RpcParameter {
        name: name.to_owned(),
        output: false,
        default: false,
        data_type: SqlType::nvarchar(4000),
        value: Value::text(value),
    }
}

fn int(name: &str, value: i32) -> RpcParameter {
    RpcParameter {
        name: name.to_owned(),
        output: false,
        default: false,
        data_type: SqlType::Int,
        value: Value::Int(value),
    }
}

fn out(name: &str) -> RpcParameter {
    RpcParameter {
        output: true,
        value: Value::Null,
        ..int(name, 0)
    }
}

fn call(session: &mut Session, procedure: RpcProcedure, parameters: Vec<RpcParameter>) -> Recorder {
    let mut recorder = Recorder::default();
    session.execute_rpc(
        &RpcRequest {
            procedure,
            parameters,
        },
        &mut recorder,
    );
    assert!(recorder.finished, "every response ends");
    recorder
}

#[test]
fn remote_calls_return_rows_codes_and_output_parameters() {
    let server = server();
    let mut session = session(&server);
    let made = run(
        &mut session,
        "CREATE PROCEDURE dbo.p @a int, @b int OUTPUT AS BEGIN SELECT @a AS a; SET @b = @a + 1; \
         RETURN 3; END",
    );
    assert!(made.first_error().is_none(), "{:?}", made.lines);
    let mut check = |procedure: RpcProcedure, parameters: Vec<RpcParameter>, expected: &[&str]| {
        let label = format!("{procedure:?}");
        let answer = call(&mut session, procedure, parameters);
        assert_eq!(answer.lines, expected, "{label}");
    };
    let named = |name: &str| RpcProcedure::Name(name.to_owned());
    check(
        named("dbo.p"),
        vec![int("@a", 5), out("@b")],
        &["[a]", " 5", "return 3", "output @b = 6"],
    );
    check(
        named("dbo.p"),
        vec![int("", 5), out("")],
        &["[a]", " 5", "return 3", "output  = 6"],
    );
    check(
        named("sp_executesql"),
        vec![text("", "SELECT @x AS x"), text("", "@x int"), int("@x", 7)],
        &["[x]", " 7"],
    );
    check(
        RpcProcedure::Number(10),
        vec![
            text("", "SET @y = @x * 2"),
            text("", "@x int, @y int OUTPUT"),
            int("@x", 7),
            out("@y"),
        ],
        &["output @y = 14"],
    );
    check(
        RpcProcedure::Number(11),
        vec![
            out("@handle"),
            text("", "@x int"),
            text("", "SELECT @x + 1 AS n"),
        ],
        &["output @handle = 1"],
    );
    check(
        RpcProcedure::Number(12),
        vec![int("", 1), int("", 41)],
        &["[n]", " 42"],
    );
    check(
        RpcProcedure::Number(13),
        vec![
            out("@handle"),
            text("", "@x int"),
            text("", "SELECT @x AS n"),
            int("", 9),
        ],
        &["[n]", " 9", "output @handle = 2"],
    );
    check(RpcProcedure::Number(15), vec![int("", 2)], &[]);
    check(
        RpcProcedure::Number(12),
        vec![int("", 2), int("", 1)],
        &["Msg 8179, Level 16, State 2, Line 1: Could not find prepared statement with handle 2."],
    );
    check(
        named("dbo.missing"),
        vec![],
        &["Msg 2812, Level 16, State 62, Line 1: Could not find stored procedure 'dbo.missing'."],
    );
    check(
        RpcProcedure::Number(3),
        vec![],
        &[
            "Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support the \
           RPC number 3.",
        ],
    );
}

#[test]
fn the_transaction_manager_is_the_same_as_the_statements() {
    let server = server();
    let mut session = session(&server);
    run(&mut session, "CREATE TABLE dbo.t (id int)");
    let request = |session: &mut Session, request: TransactionRequest| {
        let mut recorder = Recorder::default();
        session.transaction_request(&request, &mut recorder);
        recorder.lines
    };
    assert_eq!(
        request(
            &mut session,
            TransactionRequest::Begin {
                name: String::new()
            }
        ),
        ["transaction begun"]
    );
    run(&mut session, "INSERT dbo.t VALUES (1)");
    assert_eq!(
        request(
            &mut session,
            TransactionRequest::Rollback {
                name: String::new(),
                begin: false
            }
        ),
        ["transaction rolled back"]
    );
    assert_eq!(
        run(&mut session, "SELECT COUNT(*) AS n FROM dbo.t").lines,
        ["[n]", " 0"]
    );
    assert_eq!(
        request(&mut session, TransactionRequest::Commit { begin: false }),
        [
            "Msg 3902, Level 16, State 1, Line 1: The COMMIT TRANSACTION request has no corresponding \
          BEGIN TRANSACTION."
        ]
    );
}

#[test]
fn a_restored_server_has_the_state_of_the_snapshot_and_the_same_sessions() {
    let server = server();
    let mut one = session(&server);
    run(
        &mut one,
        "CREATE TABLE dbo.t (id int); INSERT dbo.t VALUES (1)",
    );
    let snapshot = server.snapshot();
    let mut two = session(&server);
    run(
        &mut one,
        "BEGIN TRANSACTION; INSERT dbo.t VALUES (2); CREATE TABLE #x (id int)",
    );
    run(
        &mut two,
        "CREATE DATABASE later; CREATE LOGIN l WITH PASSWORD = N'Str0ng_pw_1'",
    );
    run(&mut two, "USE later");
    server.restore(&snapshot);
    assert_eq!(
        run(&mut one, "SELECT id, @@TRANCOUNT AS n FROM dbo.t").lines,
        ["[id | n]", " 1 | 0"]
    );
    assert_eq!(
        run(&mut one, "SELECT id FROM #x")
            .first_error()
            .map(|error| error.number),
        Some(208)
    );
    assert_eq!(
        run(&mut two, "SELECT DB_NAME() AS d").lines,
        ["[d]", " master"]
    );
    assert!(
        connect(&server, "l", "master").is_err(),
        "the login came after the snapshot"
    );
    assert_eq!(server.session_count(), 2);
    drop(two);
    assert_eq!(server.session_count(), 1);
}

/// Cancels its own session at the first row.
struct Impatient {
    cancel: CancelHandle,
    rows: u32,
    finished: bool,
}

impl ResponseSink for Impatient {
    fn columns(&mut self, _: &[ResultColumn]) {}
    fn row(&mut self, _: &[Value]) {
        self.rows += 1;
        self.cancel.cancel();
    }
    fn message(&mut self, _: &SqlError) {}
    fn done(&mut self, done: Done) {
        self.finished = !done.more;
    }
    fn return_status(&mut self, _: i32) {}
    fn output_parameter(&mut self, _: &OutputParameter) {}
    fn environment_change(&mut self, _: &EnvironmentChange) {}
}

#[test]
fn a_cancelled_request_ends_and_the_next_one_runs() {
    let server = server();
    let mut session = session(&server);
    let mut sink = Impatient {
        cancel: session.cancel_handle(),
        rows: 0,
        finished: false,
    };
    session.execute_batch("WHILE 1 = 1 SELECT 1 AS x", &mut sink);
    assert!(sink.finished);
    assert_eq!(sink.rows, 1);
    assert_eq!(run(&mut session, "SELECT 2 AS x").lines, ["[x]", " 2"]);
}

#[test]
fn a_text_beyond_the_limit_is_refused_by_name() {
    let server = server_with(Limits {
        batch_bytes_max: 100,
        sessions_max: 1,
        ..Limits::default()
    });
    let mut session = session(&server);
    let answer = run(&mut session, &format!("SELECT '{}'", "x".repeat(200)));
    assert_eq!(
        answer.first_error().map(|error| error.number),
        Some(database::LIMIT_REACHED)
    );
    assert!(
        connect(&server, "sa", "master").is_err(),
        "one session is the limit"
    );
}
