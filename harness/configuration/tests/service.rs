//! A service is described by its address, its contract and its callers; mistakes point at the word.

use std::path::{Path, PathBuf};
use std::time::Duration;

use configuration::{Api, Configuration, ContractSource, Server, ServiceTrust, load};
use domain::api::service::{Authentication, KeyPlace, Source};
use domain::system::Secret;

/// A service that nobody here wrote, in ten lines.
const TEN_LINES: &str = r#"version: 1
name: Somebody else's service
tenants: [alice, bob]
api:
  service:
    external: { base_url: "http://localhost:3000/api", openapi: openapi.yaml }
  actors:
    user:
      bearer: { alice: { environment: ALICE_TOKEN }, bob: { environment: BOB_TOKEN } }
"#;

/// Every key that has a default is given.
const WHOLE: &str = r#"version: 1
name: A whole description
tenants: [acme, globex]
api:
  service:
    external:
      base_url: https://localhost:8443/api
      openapi: https://localhost:8443/openapi.json
      openapi_as: clerk
      command:
        run: [node, server.js]
        folder: service
        environment: { PORT: "8443" }
        up_within: 5s
      trust: { authority: ca.pem }
      answer_within: 2s
  login:
    request: POST /sessions
    fields:
      /user/name: "$(Actor)@$(Tenant).example"
      /user/password: { acme: { environment: ACME }, globex: { file: globex.txt } }
    token: cookie sid
  actors:
    clerk: { may: &clerk ["GET /items*", createItem], department: 1 }
    clerk-of-clerks: { may: [*clerk, [voidItem]] }
    machine:
      key: { in: query, name: key, prefix: "k-", value: "$(MarkText)" }
      tenants: [acme]
    guest:
      basic: { user: "guest-$(Tenant)", password: { file: guest.txt } }
    other:
      login: { request: PUT /login, form: true, fields: { u: "$(Actor)" }, token: /data/token, prefix: "Token " }
  tenant_fields: [X-Tenant]
  public: [GET /health]
  excluded: [POST /shutdown]
  last: [logout]
  probe: GET /me
  promises:
    reasons:
      - { operation: "POST /items/{id}/void" }
    versions: { operations: ["PUT /items/{id}"] }
    idempotency:
      - { operation: createItem }
    lifecycles:
      - read: "GET /items/{id}"
        transitions:
          - { operation: "POST /items/{id}/post", from: [draft], to: posted }
        frozen: [posted]
    webhooks:
      register: POST /webhooks
      signature: Webhook-Signature
      signed: [Webhook-Id, Webhook-Timestamp]
      prefix: "v1="
      trigger: createItem
controls: [B01, B03]
"#;

fn read(text: &str) -> Result<Configuration, String> {
    let files = |path: &Path| {
        if path == Path::new("here/watertight.yaml") {
            Ok(text.to_owned())
        } else if path == Path::new("here/openapi.yaml") {
            Ok("openapi: 3.0.3".to_owned())
        } else {
            Err(std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "not found",
            ))
        }
    };
    load(Path::new("here/watertight.yaml"), &files).map_err(|error| error.to_string())
}

#[test]
fn ten_lines_describe_a_service_that_nobody_here_wrote() {
    assert!(TEN_LINES.lines().count() <= 10);
    let configuration = read(TEN_LINES).expect("valid");
    assert_eq!(configuration.server, Server::None);
    let Some(Api::External(external)) = configuration.api else {
        panic!("it is external");
    };
    assert_eq!(external.base_url, "http://localhost:3000/api");
    let expected = ContractSource::File {
        path: PathBuf::from("here/openapi.yaml"),
        text: "openapi: 3.0.3".to_owned(),
    };
    assert_eq!(external.contract, expected);
    assert_eq!(external.answer_wait, Duration::from_secs(10));
    let system = configuration.system;
    let controls: Vec<&str> = system.controls.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(controls, ["B01", "B03", "B05", "B06"]);
    assert!(system.databases.shared.is_empty() && system.principals.is_empty());
    let service = system.service.expect("described");
    let Authentication::Bearer(tokens) = &service.actors["user"].authentication else {
        panic!("it is a token");
    };
    let alice = Source::Secret(Secret::Environment("ALICE_TOKEN".to_owned()));
    assert_eq!(tokens["alice"], alice);
}

#[test]
fn every_key_arrives_where_it_belongs() {
    let configuration = read(WHOLE).expect("valid");
    let Some(Api::External(external)) = configuration.api else {
        panic!("it is external");
    };
    let url = "https://localhost:8443/openapi.json".to_owned();
    assert_eq!(external.contract, ContractSource::Url(url));
    assert_eq!(external.openapi_as.as_deref(), Some("clerk"));
    assert_eq!(
        external.trust,
        ServiceTrust::Authority(PathBuf::from("here/ca.pem"))
    );
    assert_eq!(external.answer_wait, Duration::from_secs(2));
    let command = external.command.expect("described");
    assert_eq!(command.line, ["node", "server.js"]);
    assert_eq!(command.folder, Some(PathBuf::from("here/service")));
    assert_eq!(command.wait, Duration::from_secs(5));

    let service = configuration.system.service.expect("described");
    let Authentication::Login(login) = &service.actors["clerk"].authentication else {
        panic!("it logs in like everybody");
    };
    assert_eq!(
        (login.method.as_str(), login.path.as_str()),
        ("POST", "/sessions")
    );
    assert_eq!(
        (login.header.as_str(), login.prefix.as_str()),
        ("Cookie", "sid=")
    );
    let name = Source::Text("clerk@$(Tenant).example".to_owned());
    assert_eq!(login.fields["*"]["/user/name"], name);
    let file = Source::Secret(Secret::File("here/globex.txt".to_owned()));
    assert_eq!(login.fields["globex"]["/user/password"], file);
    assert_eq!(service.actors["clerk"].department, Some(1));
    let may = service.actors["clerk-of-clerks"]
        .may
        .as_ref()
        .expect("declared");
    assert_eq!(*may, ["GET /items*", "createItem", "voidItem"]);

    let Authentication::Key {
        place,
        name,
        prefix,
        value,
    } = &service.actors["machine"].authentication
    else {
        panic!("it has a key");
    };
    assert_eq!(
        (*place, name.as_str(), prefix.as_str()),
        (KeyPlace::Query, "key", "k-")
    );
    assert_eq!(value["*"], Source::Text("$(MarkText)".to_owned()));
    assert_eq!(service.actors["machine"].tenants, ["acme"]);
    let Authentication::Login(login) = &service.actors["other"].authentication else {
        panic!("it logs in in its own way");
    };
    assert_eq!(login.media_type, "application/x-www-form-urlencoded");
    assert_eq!(
        (login.header.as_str(), login.prefix.as_str()),
        ("Authorization", "Token ")
    );
    assert_eq!(login.fields["*"]["u"], Source::Text("other".to_owned()));

    assert_eq!(service.probe.as_deref(), Some("GET /me"));
    let promises = service.promises;
    assert_eq!(
        (
            promises.reasons[0].field.as_str(),
            promises.reasons[0].length_min
        ),
        ("/reason", 20)
    );
    let versions = promises.versions.expect("described");
    assert_eq!(
        (versions.read.as_str(), versions.send.as_str()),
        ("header ETag", "header If-Match")
    );
    assert_eq!(promises.idempotency[0].header, "Idempotency-Key");
    let webhooks = promises.webhooks.expect("described");
    assert_eq!(webhooks.signed, ["Webhook-Id", "Webhook-Timestamp"]);
}

#[test]
fn a_session_and_a_key_are_sent_together() {
    let text = TEN_LINES.replace(
        "      bearer: { alice: { environment: ALICE_TOKEN }, bob: { environment: BOB_TOKEN } }",
        "      login: { request: POST /login, fields: { name: $(Tenant) } }\n      key: { name: X-Key, value: { environment: KEY } }",
    );
    let service = read(&text)
        .expect("valid")
        .system
        .service
        .expect("described");
    let Authentication::All(several) = &service.actors["user"].authentication else {
        panic!("there are two");
    };
    let [Authentication::Key { .. }, Authentication::Login(_)] = several[..] else {
        panic!("the key is sent with the login, too: {several:?}");
    };
}

#[test]
fn without_actors_there_is_one_who_logs_in() {
    let start = TEN_LINES.find("  actors:").expect("there");
    let login = "  login: { request: POST /login, fields: { name: \"$(Tenant)\" } }\n";
    let configuration = read(&format!("{}{login}", &TEN_LINES[..start])).expect("valid");
    let service = configuration.system.service.expect("described");
    assert_eq!(service.actors.keys().collect::<Vec<_>>(), ["user"]);
    let error = read(&TEN_LINES[..start]).expect_err("nobody calls it");
    assert!(
        error.contains("6:5: nobody calls the service: it has no actors"),
        "{error}"
    );
}

#[test]
fn mistakes_about_a_service_point_at_the_word() {
    for (from, to, expected) in [
        (
            "openapi_as: clerk",
            "openapi_as: clerc",
            "9:19: unknown actor `clerc`; expected one of clerk, clerk-of-clerks, guest, machine, other",
        ),
        (
            "openapi_as: clerk",
            "openapi_as: clerc",
            "did you mean `clerk`?",
        ),
        (
            "openapi_as",
            "openapi_ass",
            "9:7: unknown key `openapi_ass`",
        ),
        (
            "base_url: https://localhost:8443/api",
            "base_url: localhost",
            "7:17: `localhost` is no URL of a service",
        ),
        (
            "openapi: https://localhost:8443/openapi.json",
            "openapi: nowhere.json",
            "8:16: the OpenAPI document here/nowhere.json could not be read: not found",
        ),
        (
            "up_within: 5s",
            "up_within: soon",
            "14:20: \"soon\" is no duration",
        ),
        (
            "answer_within: 2s",
            "answer_within: 2x",
            "\"2x\" is no duration",
        ),
        ("run: [node, server.js]", "run: []", "the command is empty"),
        (
            "trust: { authority: ca.pem }",
            "trust: nobody",
            "unknown value `nobody`; expected one of system, any, authority",
        ),
        (
            "request: POST /sessions",
            "request: /sessions",
            "18:14: a login is a method and a path",
        ),
        (
            "request: POST /sessions",
            "request: PSOT /sessions",
            "did you mean `POST`?",
        ),
        (
            "$(Actor)@$(Tenant)",
            "$(Actor)@$(Tennant)",
            "did you mean `Tenant`?",
        ),
        (
            "globex: { file: globex.txt }",
            "globx: { file: globex.txt }",
            "unknown tenant `globx`; expected one of acme, globex",
        ),
        (
            "globex: { file: globex.txt }",
            "globex: { fiel: globex.txt }",
            "unknown key `fiel`; expected one of environment, file",
        ),
        (
            "token: cookie sid",
            "token: token",
            "did you mean `/token`?",
        ),
        (
            "value: \"$(MarkText)\"",
            "value: 5",
            "expected text, {environment: NAME}",
        ),
        ("tenants: [acme]", "tenants: [acne]", "did you mean `acme`?"),
        (
            "basic: {",
            "bearer: x\n      basic: {",
            "an actor has one Authorization: bearer, basic or login",
        ),
        (
            "[*clerk, [voidItem]]",
            "[*clerk, [[voidItem, 5]]]",
            "an operation, or a list of them",
        ),
        (
            "createItem], dep",
            "\"*Item\"], dep",
            "`*Item` names no operation",
        ),
        (
            "public: [GET /health]",
            "public: [GTE /health]",
            "did you mean `GET`?",
        ),
        (
            "public: [GET /health]",
            "public: [GET health]",
            "the path of an operation begins with /",
        ),
        (
            "probe: GET /me",
            "probe: me",
            "the probe is a method and a path",
        ),
        (
            "{ operation: \"POST /items/{id}/void\" }",
            "{ operation: voidItem, field: reason }",
            "did you mean `/reason`?",
        ),
        (
            "{ operation: createItem }",
            "{ operation: createItem, heder: X }",
            "did you mean `header`?",
        ),
        (
            "frozen: [posted]",
            "forzen: [posted]",
            "did you mean `frozen`?",
        ),
        ("controls: [B01", "controls: [B99", "unknown control `B99`"),
        (
            "external:\n",
            "reference:\n",
            "`reference` takes nothing more, found a mapping",
        ),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let error = read(&WHOLE.replacen(from, to, 1)).expect_err(to);
        assert!(
            error.contains(expected),
            "{from:?} → {to:?}\nexpected {expected:?} in\n{error}"
        );
    }
}

#[test]
fn what_takes_a_database_is_refused_without_one() {
    let reference = TEN_LINES.replace(
        "    external: { base_url: \"http://localhost:3000/api\", openapi: openapi.yaml }\n",
        "",
    );
    let reference = reference.replace("  service:\n", "  service: reference\n");
    let error = read(&reference).expect_err("it works over databases");
    assert!(
        error.contains("5:12: the service reference works over databases"),
        "{error}"
    );
    let audited = WHOLE.replace(
        "  promises:\n",
        "  promises:\n    audit: { table: dbo.Audit, actor: Actor, user: x }\n",
    );
    let error = read(&audited).expect_err("nobody sees its rows");
    assert!(
        error.contains("the audit table cannot be looked at: no databases are described"),
        "{error}"
    );
    let half = TEN_LINES.replace("api:\n", "server: embedded\napi:\n");
    let error = read(&half).expect_err("a server without databases");
    for key in ["design", "marker", "databases", "principals", "intent"] {
        assert!(
            error.contains(&format!("the key `{key}` is missing")),
            "{error}"
        );
    }
    let neither = &TEN_LINES[..TEN_LINES.find("api:").expect("there")];
    assert!(
        read(neither)
            .expect_err("nothing to test")
            .contains("the key `databases` is missing")
    );
}

#[test]
fn both_demonstrations_describe_their_service() {
    for name in ["database-per-tenant", "shared-database"] {
        let demonstration = configuration::builtin(name).expect("it exists");
        let demonstration = demonstration.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(demonstration.api, Some(Api::Reference));
        let service = demonstration.system.service.expect("described");
        for role in ["clerk", "accountant", "administrator", "auditor"] {
            let login = service.actors[role].authentication.login();
            let user = Source::Text(format!("{role}@$(Tenant).example"));
            assert_eq!(login.expect("he logs in").fields["*"]["user"], user);
        }
        for (actor, declared) in &service.actors {
            let may = declared.may.as_ref().expect("roles are judged");
            let mut told = may.iter().enumerate();
            let repeated = told.find(|(at, one)| may[..*at].contains(one));
            assert_eq!(repeated, None, "{name}: {actor} is told twice");
        }
    }
}

#[test]
fn what_the_documentation_shows_is_valid() {
    let page = include_str!("../../../docs/services.md");
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [whole, actors, ref foreign @ ..] = blocks[..] else {
        panic!("two examples are shown, and foreign services");
    };
    read(whole).expect("the first is a whole description");
    assert_eq!(foreign.len(), 2, "each foreign service has its own");
    for described in foreign {
        read(described).expect("a foreign service is described whole");
    }
    let indented: String = actors.lines().map(|line| format!("  {line}\n")).collect();
    let start = whole.find("  actors:").expect("there");
    read(&format!("{}{indented}", &whole[..start])).expect("the second is a part of one");
}
