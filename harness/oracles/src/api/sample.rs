//! A small service and histories of it, for the oracles' tests.

use contract::{Contract, Requirement};
use domain::api::case::{Act, Attack, Case, Manner, Must, Stance, Step};
use domain::api::history::{Answer, History, Record, Sent};
use domain::api::request::{Body, Caller, Request};
use domain::api::service::{ApiActor, Authentication, Service};
use domain::case::{CaseId, Phase};
use domain::control::ControlId;
use domain::example;
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::{TenantIndex, World};
use serde_json::Value;

use super::judge::ApiJudge;

/// Everything that a judge is made of.
pub(crate) struct Sample {
    pub(crate) system: System,
    pub(crate) world: World,
    pub(crate) surface: Surface,
    pub(crate) contract: Contract,
}

impl Sample {
    /// Two tenants with a database each, and a service with a clerk and an accountant.
    pub(crate) fn new() -> Self {
        Self::of(
            example::system(2),
            example::world(2, Seed(7)),
            example::surface,
        )
    }

    /// Two tenants in one database, and the same service with a clerk for each department.
    pub(crate) fn common() -> Self {
        Self::of(
            example::common::system(2),
            example::common::world(2, Seed(7)),
            example::common::surface,
        )
    }

    fn of(mut system: System, world: World, surface: fn(&World) -> Surface) -> Self {
        let surface = surface(&world);
        let actor = |name: &str, department| {
            let actor = ApiActor {
                authentication: Authentication::None,
                department,
                may: None,
                tenants: Vec::new(),
            };
            (name.to_owned(), actor)
        };
        system.service = Some(Service {
            actors: [
                actor("clerk", None),
                actor("accountant", None),
                actor("east", Some(0)),
                actor("west", Some(1)),
            ]
            .into(),
            ..Service::default()
        });
        Self {
            system,
            world,
            surface,
            contract: contract(),
        }
    }

    /// Says in the contract that every operation needs a token.
    pub(crate) fn secure(&mut self) {
        for operation in &mut self.contract.operations {
            operation.security = Some(vec![Requirement {
                schemes: vec![("token".into(), Vec::new())],
            }]);
        }
    }

    pub(crate) fn service(&mut self) -> &mut Service {
        self.system.service.as_mut().expect("made with one")
    }

    pub(crate) fn judge(&self) -> ApiJudge<'_> {
        ApiJudge::new(&self.system, &self.world, &self.surface, &self.contract)
    }
}

/// What the sample service promises.
const CONTRACT: &str = r##"
openapi: 3.0.3
info: {title: Sample, version: "1"}
paths:
  /items:
    get: {responses: {default: {description: any}}}
    post: {responses: {default: {description: any}}}
  /items/{id}:
    get:
      responses:
        "200":
          description: one
          headers: {ETag: {required: true, schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                required: [id, name]
                properties: {id: {type: integer}, name: {type: string}}
        4XX:
          description: refused
          content:
            application/problem+json:
              schema: {type: object, required: [title]}
    patch: {responses: {default: {description: any}}}
    delete: {responses: {default: {description: any}}}
  /items/{id}/close:
    post: {responses: {default: {description: any}}}
  /items/{id}/changes:
    get: {responses: {default: {description: any}}}
"##;

fn contract() -> Contract {
    contract::read(CONTRACT.as_bytes(), None).expect("well-formed")
}

/// A history of nothing yet.
pub(crate) fn history() -> History {
    History {
        case: Case {
            id: CaseId {
                phase: Phase::Sweep,
                index: 0,
            },
            title: String::new(),
            steps: Vec::new(),
        },
        steps: Vec::new(),
        changes: Vec::new(),
        sees_rows: true,
        deliveries: Vec::new(),
        log: Vec::new(),
        statements: Vec::new(),
    }
}

/// A request and what it is for.
pub(crate) struct Asked {
    caller: Caller,
    request: Request,
    stance: Stance,
    manner: Manner,
}

impl Asked {
    pub(crate) fn stance(self, stance: Stance) -> Self {
        Self { stance, ..self }
    }

    pub(crate) fn together(self) -> Self {
        Self {
            manner: Manner::WithNext,
            ..self
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn anonymous(self) -> Self {
        Self {
            caller: Caller::anonymous(),
            ..self
        }
    }
}

fn ask(tenant: usize, actor: &str, method: &str, path: &str, body: Option<&str>) -> Asked {
    let stance = if method == "POST" {
        Stance::Prepare
    } else {
        Stance::Wander
    };
    Asked {
        caller: Caller::of(TenantIndex(tenant), actor),
        request: Request {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: body.map(|text| Body::Json {
                media_type: "application/json".into(),
                value: serde_json::from_str(text).unwrap_or(Value::Null),
            }),
        },
        stance,
        manner: Manner::Alone,
    }
}

pub(crate) fn get(tenant: usize, actor: &str, path: &str) -> Asked {
    ask(tenant, actor, "GET", path, None)
}

pub(crate) fn post(tenant: usize, actor: &str, path: &str, body: &str) -> Asked {
    ask(tenant, actor, "POST", path, Some(body))
}

pub(crate) fn patch(tenant: usize, actor: &str, path: &str, body: &str) -> Asked {
    ask(tenant, actor, "PATCH", path, Some(body))
}

pub(crate) fn delete(tenant: usize, actor: &str, path: &str) -> Asked {
    ask(tenant, actor, "DELETE", path, None)
}

/// An attack on the clerk of `victim`, or on the own things.
pub(crate) fn attack(controls: &[&str], must: Must, victim: Option<usize>) -> Attack {
    Attack {
        controls: controls.iter().map(|id| ControlId::new(id)).collect(),
        family: "foreign-identifier".into(),
        position: "path id".into(),
        victim: victim.map(|tenant| Caller::of(TenantIndex(tenant), "clerk")),
        must,
    }
}

/// Adds a step and its answer.
pub(crate) fn take(history: &mut History, asked: Asked, status: u16, body: &str) {
    let path = asked.request.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let template = match parts.as_slice() {
        ["", list] => format!("/{list}"),
        ["", list, _] => format!("/{list}/{{id}}"),
        ["", list, _, rest] => format!("/{list}/{{id}}/{rest}"),
        _ => path.to_owned(),
    };
    let body_sent = match &asked.request.body {
        Some(Body::Json { value, .. }) => value.to_string(),
        _ => String::new(),
    };
    history.steps.push(Record::Call {
        sent: Sent {
            method: asked.request.method.clone(),
            target: asked.request.path.clone(),
            headers: asked.request.headers.clone(),
            body: body_sent.into(),
        },
        answer: Answer {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into(),
            ..Answer::default()
        },
    });
    history.case.steps.push(Step {
        act: Act::Call {
            caller: asked.caller,
            operation: format!("{} {template}", asked.request.method),
            request: asked.request,
        },
        stance: asked.stance,
        manner: asked.manner,
    });
}

/// The answer to a step, to be changed.
pub(crate) fn answer_mut(history: &mut History, step: usize) -> &mut Answer {
    match &mut history.steps[step] {
        Record::Call { answer, .. } => answer,
        _ => panic!("step {step} is no request"),
    }
}
