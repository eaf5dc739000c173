//! How is the service started and stopped?

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::http::server::serve;
use crate::options::Options;
use crate::provisioning::{Step, recall};
use crate::service::Service;

/// How long the start waits for the registry.
const RECALL_WAIT: Duration = Duration::from_secs(5);
/// How long the end of a service waits for its jobs.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);

/// A service that listens.
pub struct Running {
    address: SocketAddr,
    service: Arc<Service>,
    end: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not the machine's.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
}

/// Starts a service. It asks the registry, if it may, who was provisioned before; otherwise it opens no
/// connection to its database before somebody asks for something.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let address = options.listen;
    let failed = |error: std::io::Error| StartError::Listen {
        address,
        reason: error.to_string(),
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let service = Arc::new(Service::new(options));
    if service.provisioning.login.is_some() {
        match timeout(RECALL_WAIT, recall(&service)).await {
            Ok(Ok(())) => {}
            _ => service.log("the registry does not say who was provisioned before"),
        }
    }
    let (end, ended) = watch::channel(false);
    let listening = tokio::spawn(serve(Arc::clone(&service), listener, ended));
    Ok(Running {
        address,
        service,
        end,
        listening,
    })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The contract, as it is published.
    pub fn document(&self) -> &str {
        &self.service.document
    }

    /// Waits until no background job is queued or running.
    pub async fn settle(&self) {
        self.service.background.settled().await;
    }

    /// Drops caches and pools: the database was put back to an earlier state.
    pub fn forget(&self) {
        self.service.forget();
    }

    /// Lets provisioning fail behind this step, so that somebody can look at what is left.
    pub fn fail_provisioning_at(&self, step: Option<Step>) {
        self.service.fail_provisioning_at(step);
    }

    /// The lines of the log since the last time.
    pub fn log_lines(&self) -> Vec<String> {
        self.service.log_lines()
    }

    /// Stops listening and ends what runs.
    pub async fn shutdown(self) {
        let _ = self.end.send(true);
        // Whoever waits for another attempt may have to wait for long.
        let settled = self.service.background.settled();
        let _ = timeout(SHUTDOWN_WAIT, settled).await;
        self.service.forget();
        let _ = self.listening.await;
    }
}
