//! How a caller proves who he is.

/// A way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityScheme {
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// Where it is sent.
        place: KeyPlace,
        /// Under which name.
        name: String,
    },
    /// `Authorization: Basic …`.
    Basic,
    /// `Authorization: Bearer …`.
    Bearer,
    /// Another scheme of `Authorization`.
    Http {
        /// Its name, in lower case.
        scheme: String,
    },
    /// OAuth 2: in the end a bearer token.
    OAuth2 {
        /// Where the password or client credentials flow gets one.
        token_url: Option<String>,
    },
    /// OpenID Connect: in the end a bearer token.
    OpenIdConnect {
        /// Its discovery document.
        url: String,
    },
    /// A client certificate.
    MutualTls,
    /// A type that is not known.
    Unknown {
        /// What the document calls it.
        named: String,
    },
}

/// Where an API key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPlace {
    /// As a header.
    Header,
    /// In the query string.
    Query,
    /// As a cookie.
    Cookie,
}

/// Schemes that must all be satisfied together; none at all admits anybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirement {
    /// Names of schemes, each with its scopes.
    pub schemes: Vec<(String, Vec<String>)>,
}
