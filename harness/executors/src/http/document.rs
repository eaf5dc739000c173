//! A contract's bytes from a URL. Unlike everything else this is no attack: redirects are followed.

use connection::Trust;
use domain::api::history::Answer;
use domain::api::request::Request;

use super::compose::Message;
use super::error::HttpError;
use super::origin::Origin;
use super::wire::{Waits, Wire};

/// Documents of 12 MB are real.
pub(super) const DOCUMENT_MAX: usize = 64 << 20;
const REDIRECTS_MAX: usize = 5;

/// Fetches a document from where anybody may.
pub async fn fetch_document(url: &str, trust: &Trust, waits: Waits) -> Result<Vec<u8>, HttpError> {
    let mut url = url.to_owned();
    for _ in 0..=REDIRECTS_MAX {
        let failed = |reason: String| HttpError::Fetch {
            url: url.clone(),
            reason,
        };
        let (origin, target) = split(&url)?;
        let wire = Wire::new(origin.clone(), trust, waits, DOCUMENT_MAX).await?;
        let message = Message::new(&get(&target), None).map_err(failed)?;
        let answer = wire.exchange(&message).await;
        let location = answer.header("location").map(str::to_owned);
        match location.filter(|_| (300..400).contains(&answer.status)) {
            Some(location) if location.starts_with('/') => {
                let scheme = if origin.is_tls { "https" } else { "http" };
                url = format!("{scheme}://{}{location}", origin.authority());
            }
            Some(location) => url = location,
            None => return document(answer).map_err(failed),
        }
    }
    Err(HttpError::Fetch {
        url,
        reason: "it redirects without an end".to_owned(),
    })
}

/// The document in an answer.
pub(super) fn document(answer: Answer) -> Result<Vec<u8>, String> {
    if answer.status == 0 {
        return Err("no answer came".to_owned());
    }
    if !answer.is_success() {
        return Err(format!("it answers with status {}", answer.status));
    }
    if answer.lost.is_some() {
        return Err("the answer was cut off".to_owned());
    }
    if answer.body_dropped > 0 {
        return Err(format!("it is longer than {DOCUMENT_MAX} bytes"));
    }
    Ok(answer.body)
}

/// Where to ask, and for what.
pub(super) fn split(url: &str) -> Result<(Origin, String), HttpError> {
    let mut origin = Origin::parse(url)?;
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = &url[after_scheme..];
    let target = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
    let target = target.split('#').next().unwrap_or_default().to_owned();
    origin.prefix.clear();
    Ok((origin, target))
}

pub(super) fn get(target: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: target.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}
