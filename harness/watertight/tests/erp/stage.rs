//! The reference ERP over an embedded server with the demonstration's tenants, for tests.
//!
//! Every answer is held against the contract as it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use connection::{Login, Waits};
use database::{Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server, ServerOptions};
use domain::history::Response;
use domain::seed::Seed;
use domain::system::System;
use domain::world::{TenantIndex, World};
use erp::contract::{Operation, Schema, shapes, violations};
use erp::{Design, Destinations, Fault, Options, Running, Secrets, SqlServer, TenantSecrets};
use executors::{Credentials, OtherDatabases, Target};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) running: Running,
    pub(crate) files: PathBuf,
    design: Design,
    target: Target,
    _endpoint: Endpoint,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) text: String,
}

const PASSWORD: &str = "Zebra-tulip-42";
/// The operator's password; his name is `operator`.
pub(crate) const OPERATOR: &str = "Walrus-paper-77";
static STAGES: AtomicU32 = AtomicU32::new(0);

impl Stage {
    /// The service with these defects, and these neighbours of defects.
    pub(crate) async fn new(design: Design, faults: &[&str], near_misses: &[&str]) -> Self {
        let demonstration = configuration::builtin(design.name()).expect("it exists");
        let system = demonstration.expect("it is valid").system;
        let system = configuration::with_tenant_count(system, 2);
        let world = World::new(&system, Seed(7));
        let credentials = Credentials::new(&system, &world, |_, login| {
            Ok::<_, std::convert::Infallible>(format!("pw'{login}-A1"))
        })
        .expect("it cannot fail");
        let server = Server::new(ServerOptions {
            name: "TEST".to_owned(),
            sa_password: PASSWORD.to_owned(),
            environment: Box::new(LogicalEnvironment::new(7)),
            limits: Limits::default(),
        });
        let bound = Endpoint::bind(server, EndpointOptions::default()).await;
        let endpoint = bound.expect("a free port");
        let target = Target {
            name: "embedded".to_owned(),
            endpoint: connection::Endpoint::loopback(endpoint.address().port()),
            administrator: Login {
                name: "sa".to_owned(),
                password: PASSWORD.to_owned(),
            },
            waits: Waits::default(),
            reset: None,
        };
        let others = OtherDatabases::Refuse;
        executors::provision(&target, &system, &world, &credentials, others, &mut |_| {})
            .await
            .expect("the demonstration is valid");
        let number = STAGES.fetch_add(1, Ordering::SeqCst);
        let files = std::env::temp_dir().join(format!("erp-test-{}-{number}", std::process::id()));
        let named = |ids: &[&str]| -> BTreeSet<Fault> {
            ids.iter()
                .map(|id| Fault::named(id).expect("it exists"))
                .collect()
        };
        let running = erp::start(Options {
            listen: ([127, 0, 0, 1], 0).into(),
            design,
            server: SqlServer {
                host: "127.0.0.1".to_owned(),
                port: endpoint.address().port(),
            },
            secrets: secrets(&system, &world, &credentials, design),
            environment: Arc::new(erp::LogicalEnvironment::new(7)),
            faults: named(faults),
            near_misses: named(near_misses),
            files: files.clone(),
            webhooks_to: Destinations::Loopback,
            log: Arc::new(|_| {}),
        })
        .await
        .expect("the service starts");
        Self {
            world,
            running,
            files,
            design,
            target,
            _endpoint: endpoint,
        }
    }

    /// The `n`-th number of a tenant's band.
    pub(crate) fn number(&self, tenant: usize, n: i64) -> i64 {
        self.world.tenant(TenantIndex(tenant)).mark.number + n
    }

    /// What all of a tenant's planted values carry.
    pub(crate) fn mark(&self, tenant: usize) -> &str {
        &self.world.tenant(TenantIndex(tenant)).mark.text
    }

    /// A token of a tenant's user.
    pub(crate) async fn token(&self, tenant: usize, user: &str) -> String {
        let name = &self.world.tenant(TenantIndex(tenant)).name;
        let body = serde_json::json!({
            "user": format!("{user}@{name}.example"),
            "password": format!("{user}-{}", self.mark(tenant)),
        });
        let answer = self.call("", "POST", "/sessions", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["token"].as_str().expect("a token").to_owned()
    }

    /// One call; an answer that the contract does not have ends the test.
    pub(crate) async fn call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.send(token, method, path, &[], &body).await;
        let bare = path.split('?').next().unwrap_or_default();
        let routes = erp::resources::routes(self.design, &erp::Switches::default());
        if let Ok((route, _)) = erp::http::router::find(&routes, method, bare) {
            self.holds(&route.operation, &answer);
        }
        answer
    }

    fn holds(&self, operation: &Operation, answer: &Answer) {
        let (id, status) = (operation.id, answer.status);
        assert!(
            operation.statuses().contains(&status),
            "{id} does not give {status}: {}",
            answer.text
        );
        let declared = operation.answers.iter().find(|own| own.status == status);
        let schema = match declared {
            Some(own)
                if own
                    .content_type
                    .is_some_and(|given| given != "application/problem+json") =>
            {
                return;
            }
            Some(own) => own.body.clone(),
            None => Some(Schema::Named("Problem")),
        };
        if let Some(schema) = schema {
            let find = |name: &str| shapes::find(self.design, name);
            let wrong = violations(&schema, &answer.body, &find);
            assert!(
                wrong.is_empty(),
                "{id} {status}: {wrong:?} in {}",
                answer.text
            );
        }
    }

    /// One call as it stands, with more headers, whatever is answered.
    pub(crate) async fn send(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: erp\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !token.is_empty() {
            request.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let mut socket = TcpStream::connect(self.running.address())
            .await
            .expect("it listens");
        socket
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.expect("it answers");
        let text = String::from_utf8(bytes).expect("all answers are text");
        let (head, text) = text.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Answer {
            status,
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: serde_json::from_str(text).unwrap_or(Value::Null),
            text: text.to_owned(),
        }
    }

    /// Runs T-SQL as administrator.
    pub(crate) async fn sql(&self, database: &str, batch: &str) -> Response {
        let opened = self.target.administrate(Some(database)).await;
        opened.expect("it opens").run(batch).await
    }

    /// Everything that a table holds, as one text.
    #[allow(dead_code, reason = "not every test that has the stage looks below")]
    pub(crate) async fn dump(&self, database: &str, table: &str) -> String {
        let response = self.sql(database, &format!("SELECT * FROM {table};")).await;
        assert_eq!(response.errors, [], "{table}");
        format!("{:?}", response.results)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.files);
    }
}

fn secrets(system: &System, world: &World, credentials: &Credentials, design: Design) -> Secrets {
    let login = |own: &Login| erp::Login {
        name: own.name.clone(),
        password: own.password.clone(),
    };
    let mut secrets = Secrets {
        provisioner: Some(erp::Login {
            name: "sa".to_owned(),
            password: PASSWORD.to_owned(),
        }),
        operator: Some(erp::Login {
            name: "operator".to_owned(),
            password: OPERATOR.to_owned(),
        }),
        registry: world.shared_databases.first().map(|(_, name)| name.clone()),
        token_key: b"a key for tokens".to_vec(),
        master_key: b"a key for keys".to_vec(),
        ..Secrets::default()
    };
    for index in world.indexes() {
        let tenant = world.tenant(index);
        let own = secrets
            .tenants
            .entry(tenant.name.clone())
            .or_insert(TenantSecrets {
                database: tenant.database.clone(),
                organisation: tenant
                    .organisation
                    .as_ref()
                    .and_then(|text| text.parse().ok()),
                principals: BTreeMap::new(),
            });
        for principal in system.principals.keys() {
            let found = credentials.login(index, principal).expect("it has one");
            match design {
                Design::DatabasePerTenant => own.principals.insert(principal.clone(), login(found)),
                Design::SharedDatabase => secrets.shared.insert(principal.clone(), login(found)),
            };
        }
    }
    secrets
}
