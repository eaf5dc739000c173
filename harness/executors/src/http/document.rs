//! A contract's bytes from a URL, and whether a service is up. Unlike everything else this is no
//! attack: an ordinary client asks, and redirects are followed.

use std::time::Duration;

use connection::{Trust, client_config};
use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use tokio_rustls::rustls::DEFAULT_VERSIONS;

use super::compose::Proof;
use super::error::HttpError;
use super::reference::encoded;
use super::wire::Waits;

/// Documents of 12 MB are real.
const DOCUMENT_MAX: usize = 64 << 20;
const REDIRECTS_MAX: usize = 5;

/// Fetches a document from where anybody may.
pub async fn fetch_document(url: &str, trust: &Trust, waits: Waits) -> Result<Vec<u8>, HttpError> {
    fetch(url, trust, waits, &[]).await
}

/// Fetches a document as whom `proofs` prove.
pub(super) async fn fetch(
    url: &str,
    trust: &Trust,
    waits: Waits,
    proofs: &[Proof],
) -> Result<Vec<u8>, HttpError> {
    let failed = |reason: String| HttpError::Fetch {
        url: url.to_owned(),
        reason,
    };
    let client = client(
        trust,
        waits.connect,
        waits.answer,
        Policy::limited(REDIRECTS_MAX),
    )
    .await?;
    let mut address = url.to_owned();
    let mut proved = HeaderMap::new();
    for proof in proofs {
        match proof {
            Proof::Query { name, value } => {
                let joint = if address.contains('?') { '&' } else { '?' };
                address.push_str(&format!("{joint}{}={}", encoded(name), encoded(value)));
            }
            Proof::Header { name, value } => {
                proved.extend(headers(name, value).map_err(failed)?);
            }
            Proof::Cookie { name, value } => {
                let cookie = format!("{name}={value}");
                proved.extend(headers("cookie", &cookie).map_err(failed)?);
            }
        }
    }
    let request = client.get(address).headers(proved);
    let sent = request.send().await;
    let mut response = sent.map_err(|error| failed(told(&error.without_url())))?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(failed(format!("it answers with status {status}")));
    }
    let mut document = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failed(told(&error)))?
    {
        document.extend_from_slice(&chunk);
        if document.len() > DOCUMENT_MAX {
            return Err(failed(format!("it is longer than {DOCUMENT_MAX} bytes")));
        }
    }
    Ok(document)
}

/// Whether anything answers at a URL, whatever it answers.
#[derive(Debug, Clone)]
pub(super) struct Knock {
    client: Client,
    url: String,
}

impl Knock {
    pub(super) async fn new(url: &str, trust: &Trust) -> Result<Self, HttpError> {
        let (connect, answer) = (Duration::from_secs(1), Duration::from_secs(2));
        Ok(Self {
            client: client(trust, connect, answer, Policy::none()).await?,
            url: url.to_owned(),
        })
    }

    pub(super) async fn is_answered(&self) -> bool {
        self.client.get(&self.url).send().await.is_ok()
    }
}

async fn client(
    trust: &Trust,
    connect: Duration,
    answer: Duration,
    redirects: Policy,
) -> Result<Client, HttpError> {
    let failed = |reason: String| HttpError::Authorities { reason };
    let tls = client_config(trust, DEFAULT_VERSIONS).await;
    let tls = tls.map_err(|error| failed(error.to_string()))?;
    Client::builder()
        // What stands in the environment must not decide where a run goes.
        .no_proxy()
        .redirect(redirects)
        .connect_timeout(connect)
        .timeout(answer)
        .user_agent("watertight")
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| failed(told(&error)))
}

fn headers(name: &str, value: &str) -> Result<HeaderMap, String> {
    let name: HeaderName = name.parse().map_err(|_| format!("{name:?} is no header"))?;
    let value = HeaderValue::from_str(value);
    let mut value = value.map_err(|_| format!("header {name} cannot hold the credential"))?;
    // So that it is shown nowhere.
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}

/// What went wrong, with what lies below it: the first line alone says too little.
fn told(error: &reqwest::Error) -> String {
    let mut told = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(cause) = below {
        told.push_str(&format!(": {cause}"));
        below = cause.source();
    }
    told
}
