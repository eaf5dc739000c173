//! Where a service is: scheme, host, port and the path that everything begins with.

use hyper::Uri;

use super::error::HttpError;

/// A parsed base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) is_tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// What every target begins with: empty, or `/api/v1` without a slash at its end.
    pub(super) prefix: String,
}

impl Origin {
    /// Reads `http://host:port/prefix`.
    pub(super) fn parse(url: &str) -> Result<Self, HttpError> {
        let wrong = |reason: &str| HttpError::Url {
            url: url.to_owned(),
            reason: reason.to_owned(),
        };
        let uri: Uri = url
            .trim()
            .parse()
            .map_err(|error: hyper::http::uri::InvalidUri| wrong(&error.to_string()))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) => return Err(wrong("only http and https are spoken")),
            None => return Err(wrong("it must begin with http:// or https://")),
        };
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("it names no host"))?;
        Ok(Self {
            is_tls,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Value of the `Host` header.
    pub(super) fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn a_base_url_has_a_host_a_port_and_perhaps_a_prefix() {
        for (url, expected) in [
            ("http://localhost:8080", "localhost:8080 "),
            ("http://localhost:8080/", "localhost:8080 "),
            ("https://api.example/v1/", "api.example /v1"),
            ("http://[::1]:9/x", "[::1]:9 /x"),
            ("http://127.0.0.1", "127.0.0.1 "),
        ] {
            let origin = Origin::parse(url).expect(url);
            assert_eq!(
                format!("{} {}", origin.authority(), origin.prefix),
                expected
            );
        }
        for url in [
            "",
            "localhost:8080",
            "/v1",
            "ftp://host/",
            "http://",
            "http://a b/",
        ] {
            assert!(Origin::parse(url).is_err(), "{url:?}");
        }
    }
}
