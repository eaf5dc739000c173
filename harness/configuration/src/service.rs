//! From the keys under `api:` to the declared service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::api::service as domain_service;
use domain::api::service::{
    ApiActor, AuditPromise, Authentication, CallbackPromise, ChainColumns, ChainPromise,
    ChangesPromise, ConsolePromise, EncryptedPromise, ErasurePromise, ExportPromise, HealthPromise,
    IdempotencyPromise, KeyPlace, LifecyclePromise, ProvisioningPromise, ReasonPromise, Source,
    VersionPromise, WebhookPromise,
};
use domain::system::Secret;

use crate::budget::parse_duration;
use crate::document::api::{self, Actor, ByTenant, Login, Value};
use crate::document::promises::Promises;
use crate::load::values;
use crate::positioned::{Fault, Spanned};

/// For all tenants, where something is said by tenant.
const EVERY_TENANT: &str = "*";
/// The one actor where none is declared.
pub(crate) const ONLY_ACTOR: &str = "user";
/// Stands for an actor's name.
const ACTOR: &str = "$(Actor)";
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const UP_WITHIN: Duration = Duration::from_secs(60);

/// The service to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Api {
    /// The reference ERP inside the tool.
    Reference,
    /// One of the user's.
    External(Box<ExternalService>),
}

/// A service of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalService {
    /// Where it is.
    pub base_url: String,
    /// Where its OpenAPI document is.
    pub contract: ContractSource,
    /// The actor as whom the document is fetched.
    pub openapi_as: Option<String>,
    /// How it is started; `None` when it is there already.
    pub command: Option<StartCommand>,
    /// Whose certificates are believed.
    pub trust: ServiceTrust,
    /// How long an answer may take.
    pub answer_wait: Duration,
}

/// Where an OpenAPI document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractSource {
    /// In a file that was read with the configuration.
    File {
        /// Its name.
        path: PathBuf,
        /// Its text.
        text: String,
    },
    /// At a URL.
    Url(String),
}

/// How a service is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartCommand {
    /// Program and arguments.
    pub line: Vec<String>,
    /// Where; the run's own folder without one.
    pub folder: Option<PathBuf>,
    /// Variables beside those of the run.
    pub environment: Vec<(String, String)>,
    /// How long it may take until it answers.
    pub wait: Duration,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceTrust {
    /// Those that the operating system trusts.
    System,
    /// Any.
    Any,
    /// Those signed by the authority in this file.
    Authority(PathBuf),
}

/// The service to use, and what is declared of it. The contract's file is read here.
pub(crate) fn read(
    written: api::Api,
    folder: &Path,
    files: &dyn Fn(&Path) -> std::io::Result<String>,
    faults: &mut Vec<Fault>,
) -> (Api, domain_service::Service) {
    let target = target(written.service.value, folder, files, faults);
    let login = written.login.map(|login| login.value);
    let mut actors = written.actors.value;
    if actors.is_empty() {
        let only = Spanned::unplaced(Actor::default());
        actors.insert(ONLY_ACTOR.to_owned(), only);
    }
    let names: Vec<String> = actors.keys().cloned().collect();
    let actors = actors.into_iter().map(|(name, actor)| {
        let actor = self::actor(&name, actor.value, login.as_ref(), folder);
        (name, actor)
    });
    let service = domain_service::Service {
        actors: actors.collect(),
        tenant_fields: written.tenant_fields,
        public: values(written.public.0),
        excluded: values(written.excluded.0),
        last: values(written.last.0),
        probe: written.probe.map(|probe| probe.value),
        promises: promises(written.promises, &names),
    };
    (target, service)
}

fn target(
    written: api::Service,
    folder: &Path,
    files: &dyn Fn(&Path) -> std::io::Result<String>,
    faults: &mut Vec<Fault>,
) -> Api {
    let external = match written {
        api::Service::Reference => return Api::Reference,
        api::Service::External(external) => *external,
    };
    let openapi = &external.openapi;
    let contract = if is_url(&openapi.value) {
        ContractSource::Url(openapi.value.clone())
    } else {
        let path = folder.join(&openapi.value);
        let text = files(&path).unwrap_or_else(|error| {
            let message = format!(
                "the OpenAPI document {} could not be read: {error}",
                path.display()
            );
            faults.push(Fault::new(openapi.place, message));
            String::new()
        });
        ContractSource::File { path, text }
    };
    let duration = |written: &Option<Spanned<String>>, default| {
        // What is no duration was a fault before.
        let read = written
            .as_ref()
            .and_then(|text| parse_duration(&text.value).ok());
        read.unwrap_or(default)
    };
    Api::External(Box::new(ExternalService {
        base_url: external.base_url.value,
        contract,
        openapi_as: external.openapi_as.map(|actor| actor.value),
        command: external.command.map(|command| StartCommand {
            wait: duration(&command.up_within, UP_WITHIN),
            line: values(command.run.value),
            folder: command.folder.map(|name| folder.join(name)),
            environment: command.environment.into_iter().collect(),
        }),
        trust: match external.trust {
            api::Trust::System => ServiceTrust::System,
            api::Trust::Any => ServiceTrust::Any,
            api::Trust::Authority(file) => ServiceTrust::Authority(folder.join(file)),
        },
        answer_wait: duration(&external.answer_within, ANSWER_WITHIN),
    }))
}

/// Whether a text is a URL rather than the name of a file.
pub(crate) fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn actor(name: &str, written: Actor, login: Option<&Login>, folder: &Path) -> ApiActor {
    let sources = |written: ByTenant| sources(written, name, folder);
    let mut several = Vec::new();
    several.extend(
        written
            .bearer
            .map(|bearer| Authentication::Bearer(sources(bearer.value))),
    );
    several.extend(written.basic.map(|basic| Authentication::Basic {
        user: basic.value.user.value.replace(ACTOR, name),
        password: sources(basic.value.password),
    }));
    several.extend(written.key.map(|key| Authentication::Key {
        place: match key.value.place {
            api::KeyPlace::Header => KeyPlace::Header,
            api::KeyPlace::Query => KeyPlace::Query,
            api::KeyPlace::Cookie => KeyPlace::Cookie,
        },
        name: key.value.name,
        prefix: key.value.prefix,
        value: sources(key.value.value),
    }));
    let own = written.login.map(|login| login.value);
    // Who says nothing of himself logs in as everybody does.
    let common = login.cloned().filter(|_| several.is_empty());
    several.extend(
        own.or(common)
            .map(|login| Authentication::Login(Box::new(self::login(login, name, folder)))),
    );
    let authentication = match several.len() {
        0 => Authentication::None,
        1 => several.remove(0),
        _ => Authentication::All(several),
    };
    ApiActor {
        authentication,
        department: written
            .department
            .map(|position| usize::from(position.value)),
        may: written.may.map(|may| values(may.0)),
        tenants: values(written.tenants),
    }
}

fn login(written: Login, actor: &str, folder: &Path) -> domain_service::Login {
    let (method, path) = match written.request.value.split_once(' ') {
        Some((method, path)) => (method.to_owned(), path.trim().to_owned()),
        None => ("POST".to_owned(), written.request.value),
    };
    let mut fields: BTreeMap<String, BTreeMap<String, Source>> = BTreeMap::new();
    for (field, value) in written.fields {
        for (tenant, source) in sources(value, actor, folder) {
            fields
                .entry(tenant)
                .or_default()
                .insert(field.clone(), source);
        }
    }
    let token = written.token.value;
    let cookie = token.strip_prefix("cookie ").map(str::to_owned);
    let header = written.header.unwrap_or_else(|| {
        let header = if cookie.is_some() {
            "Cookie"
        } else {
            "Authorization"
        };
        header.to_owned()
    });
    let prefix = written.prefix.unwrap_or_else(|| match cookie {
        Some(name) if header.eq_ignore_ascii_case("cookie") => format!("{}=", name.trim()),
        _ if header.eq_ignore_ascii_case("authorization") => "Bearer ".to_owned(),
        _ => String::new(),
    });
    domain_service::Login {
        method,
        path: path.replace(ACTOR, actor),
        media_type: match written.form {
            true => "application/x-www-form-urlencoded",
            false => "application/json",
        }
        .to_owned(),
        fields,
        token,
        header,
        prefix,
    }
}

fn sources(written: ByTenant, actor: &str, folder: &Path) -> BTreeMap<String, Source> {
    let source = |value: Value| match value {
        Value::Text(text) => Source::Text(text.replace(ACTOR, actor)),
        Value::Environment(name) => Source::Secret(Secret::Environment(name)),
        Value::File(file) => {
            let path = folder.join(file);
            Source::Secret(Secret::File(path.to_string_lossy().into_owned()))
        }
    };
    match written {
        ByTenant::All(value) => BTreeMap::from([(EVERY_TENANT.to_owned(), source(value.value))]),
        ByTenant::Each(each) => each
            .into_iter()
            .map(|(tenant, value)| (tenant, source(value.value)))
            .collect(),
    }
}

fn optional(written: Option<Spanned<String>>) -> Option<String> {
    written.map(|text| text.value)
}

fn promises(written: Promises, actors: &[String]) -> domain_service::Promises {
    domain_service::Promises {
        reasons: written
            .reasons
            .into_iter()
            .map(|reason| ReasonPromise {
                operation: reason.operation.value,
                field: reason.field.value,
                length_min: usize::from(reason.length_min),
                stored_at: optional(reason.stored_at),
            })
            .collect(),
        versions: written.versions.map(|versions| VersionPromise {
            operations: values(versions.operations.0),
            read: versions.read.value,
            send: versions.send.value,
        }),
        lifecycles: written
            .lifecycles
            .into_iter()
            .map(|lifecycle| LifecyclePromise {
                read: lifecycle.read.value,
                state: lifecycle.state.value,
                transitions: lifecycle
                    .transitions
                    .into_iter()
                    .map(|transition| domain_service::Transition {
                        operation: transition.operation.value,
                        from: transition.from,
                        to: transition.to,
                    })
                    .collect(),
                frozen: lifecycle.frozen,
                edits: values(lifecycle.edits.0),
            })
            .collect(),
        idempotency: written
            .idempotency
            .into_iter()
            .map(|idempotency| IdempotencyPromise {
                operation: idempotency.operation.value,
                header: idempotency.header,
                required: idempotency.required,
            })
            .collect(),
        audit: written.audit.map(|audit| AuditPromise {
            operations: values(audit.operations.0),
            except: values(audit.except.0),
            table: audit.table.value,
            actor: audit.actor,
            users: actors
                .iter()
                .map(|actor| {
                    let user = audit.users.get(actor).unwrap_or(&audit.user);
                    (actor.clone(), user.value.replace(ACTOR, actor))
                })
                .collect(),
            entity: audit.entity,
        }),
        webhooks: written.webhooks.map(|webhooks| WebhookPromise {
            register: webhooks.register.value,
            url: webhooks.url.value,
            secret: webhooks.secret.value,
            secret_sent: webhooks.secret_sent,
            signature: webhooks.signature,
            signed: webhooks.signed,
            prefix: webhooks.prefix,
            log: optional(webhooks.log),
            trigger: webhooks.trigger.value,
        }),
        console: written.console.map(|console| ConsolePromise {
            operation: console.operation.value,
            query: console.query.value,
            table: console.table.value,
            works: console.works.value,
            principal: console.principal,
        }),
        changes: written
            .changes
            .into_iter()
            .map(|changes| ChangesPromise {
                operation: changes.operation.value,
                entries: changes.entries.value,
                time: changes.time.value,
            })
            .collect(),
        exports: written
            .exports
            .into_iter()
            .map(|export| ExportPromise {
                start: export.start.value,
                download: export.download.value,
                tables: values(export.tables),
            })
            .collect(),
        erasure: written
            .erasure
            .into_iter()
            .map(|erasure| ErasurePromise {
                create: erasure.create.value,
                personal: values(erasure.personal),
                change: optional(erasure.change),
                erase: erasure.erase.value,
            })
            .collect(),
        callbacks: written.callbacks.map(|callbacks| CallbackPromise {
            register: callbacks.register.value,
            secret: callbacks.secret.value,
            complete: callbacks.complete.value,
            presented: callbacks.presented.value,
        }),
        chain: written.chain.map(|chain| ChainPromise {
            table: chain.table.value,
            operations: values(chain.operations.0),
            verify: optional(chain.verify),
            columns: ChainColumns {
                number: chain.columns.number,
                signature: chain.columns.signature,
                previous: chain.columns.previous,
            },
        }),
        encrypted: written
            .encrypted
            .into_iter()
            .map(|encrypted| EncryptedPromise {
                operation: encrypted.operation.value,
                field: encrypted.field.value,
                rotate: optional(encrypted.rotate),
            })
            .collect(),
        provisioning: written
            .provisioning
            .map(|provisioning| ProvisioningPromise {
                provision: provisioning.provision.value,
                name: provisioning.name.value,
                offboard: provisioning.offboard.value,
                actor: provisioning.actor.value,
                leftovers: provisioning.leftovers,
            }),
        health: written.health.map(|health| HealthPromise {
            operation: health.operation.value,
            numbers: values(health.numbers),
        }),
    }
}
