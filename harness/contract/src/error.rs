//! Why a document has no usable rest.

/// A document that cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// The bytes are no text.
    #[error("the document is no text: byte {at} is not UTF-8")]
    NotText {
        /// The first byte that is wrong.
        at: usize,
    },
    /// Neither JSON nor YAML.
    #[error("the document is not {format}: line {line}, column {column}: {why}")]
    Syntax {
        /// `JSON` or `YAML`, whichever it looked like.
        format: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser said.
        why: String,
    },
    /// Aliases multiply it beyond any use.
    #[error("the document's YAML aliases make more than {max} values of it")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// Something else than an object, such as a login page or a list.
    #[error("the document is no object but {found}")]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// Swagger of before 2.0.
    #[error(
        "the document is Swagger {version}, which is not supported; Swagger 2.0 and OpenAPI 3.0 and 3.1 are"
    )]
    Swagger {
        /// What the key `swagger` says.
        version: String,
    },
    /// An object that is no OpenAPI document.
    #[error("the document has no key openapi, so it is no OpenAPI document")]
    NoVersion,
    /// A version from another world.
    #[error(
        "the document is OpenAPI {version}, which is not supported; 3.0, 3.1 and Swagger 2.0 are"
    )]
    Version {
        /// What the key `openapi` says.
        version: String,
    },
}
