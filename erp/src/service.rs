//! What do all requests share?

use std::sync::{Arc, Mutex, PoisonError};

use crate::background::Background;
use crate::environment::Environment;
use crate::files::Files;
use crate::http::Route;
use crate::options::{Design, Destinations, Log, Options};
use crate::provisioning::Step;
use crate::resources;
use crate::store::Store;
use crate::switches::Switches;

/// The running service.
pub struct Service {
    /// How tenants are kept apart.
    pub design: Design,
    /// Where rows are.
    pub store: Arc<Store>,
    /// Clock and random bytes.
    pub environment: Arc<dyn Environment>,
    /// Planted defects.
    pub switches: Arc<Switches>,
    /// Signs tokens and cursors.
    pub token_key: Vec<u8>,
    /// Wraps the tenants' keys.
    pub master_key: Vec<u8>,
    /// Where files lie.
    pub files: Files,
    /// Where webhooks and callbacks may be sent.
    pub webhooks_to: Destinations,
    /// What is queued or running off the path of requests.
    pub background: Background,
    /// All routes.
    pub routes: Vec<Route>,
    /// The contract, as it is published.
    pub document: String,
    /// Who may create databases, and what is provisioned where.
    pub provisioning: Provisioning,
    /// Who operates the installation.
    pub operator: Option<crate::options::Login>,
    /// The step at which provisioning is to fail, for tests.
    fails_at: Mutex<Option<Step>>,
    /// What resources keep in memory.
    pub memory: resources::Memory,
    log: Log,
    lines: Mutex<Vec<String>>,
}

/// What provisioning needs.
#[derive(Debug, Clone)]
pub struct Provisioning {
    /// The server.
    pub server: crate::options::SqlServer,
    /// Who may create databases.
    pub login: Option<crate::options::Login>,
    /// The registry's database.
    pub registry: Option<String>,
}

/// So many lines of the log are kept for whoever asks.
const LINES_MAX: usize = 10_000;

impl Service {
    /// The service of these options, not listening yet.
    pub fn new(options: Options) -> Self {
        let switches = Arc::new(Switches::new(options.faults, options.near_misses));
        let store = Store::new(
            options.design,
            options.server.clone(),
            &options.secrets,
            Arc::clone(&switches),
        );
        let routes = resources::routes(options.design, &switches);
        Self {
            design: options.design,
            store: Arc::new(store),
            environment: options.environment,
            switches,
            token_key: options.secrets.token_key,
            master_key: options.secrets.master_key,
            files: Files::new(options.files),
            webhooks_to: options.webhooks_to,
            background: Background::default(),
            // The contract is what is promised, whatever is planted.
            document: crate::openapi(options.design).to_string(),
            routes,
            provisioning: Provisioning {
                server: options.server,
                login: options.secrets.provisioner,
                registry: options.secrets.registry,
            },
            operator: options.secrets.operator,
            fails_at: Mutex::default(),
            memory: resources::Memory::default(),
            log: options.log,
            lines: Mutex::default(),
        }
    }

    /// Writes a line to the log. Never a value of anybody's, never a secret.
    pub fn log(&self, line: &str) {
        (self.log)(line);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < LINES_MAX {
            lines.push(line.to_owned());
        }
    }

    /// The lines of the log since the last time, and empties it.
    pub fn log_lines(&self) -> Vec<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut lines)
    }

    /// Lets provisioning fail behind this step, or at none.
    pub fn fail_provisioning_at(&self, step: Option<Step>) {
        *self.fails_at.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    /// Whether provisioning is to fail behind this step.
    pub fn fails_provisioning_at(&self, step: Step) -> bool {
        *self.fails_at.lock().unwrap_or_else(PoisonError::into_inner) == Some(step)
    }

    /// Forgets everything that was read or opened, as after a restart.
    pub fn forget(&self) {
        self.store.forget();
        self.memory.forget();
    }
}
