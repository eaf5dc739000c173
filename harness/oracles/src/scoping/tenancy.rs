//! What says whose a row is, and what is known to be the caller's tenant?

use tsql::TokenKind;

/// How rows of tenants are told apart, and which values are the caller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenancy {
    /// The column that says whose a row is.
    pub column: String,
    /// The key of `SESSION_CONTEXT` that holds the caller's tenant.
    pub context_key: Option<String>,
    /// Parameters and variables of batches, with their `@`, that the sender filled with the
    /// caller's tenant.
    pub parameters: Vec<String>,
    /// Believe those parameters in modules, too, without a guard that compares them with the
    /// session's context.
    pub unguarded_modules: bool,
    /// Literals that are the caller's tenant, as written without quotes.
    pub literals: Vec<String>,
}

impl Tenancy {
    /// Rows are told apart by `column`, and the session's context says whose the session is.
    pub fn by_context(column: &str) -> Self {
        Self {
            column: column.to_owned(),
            context_key: Some(column.to_owned()),
            parameters: Vec::new(),
            unguarded_modules: false,
            literals: Vec::new(),
        }
    }

    /// Is this parameter of a batch believed to be the caller's tenant?
    pub(crate) fn believes(&self, parameter: &str) -> bool {
        let same = |own: &String| own.eq_ignore_ascii_case(parameter);
        self.parameters.iter().any(same)
    }

    /// Might setting this key change what the context says? Any spelling might.
    pub(crate) fn may_be_context_key(&self, key: &str) -> bool {
        let same = |own: &String| own.eq_ignore_ascii_case(key);
        self.context_key.as_ref().is_some_and(same)
    }

    pub(crate) fn is_context_key(&self, key: &str) -> bool {
        // SQL Server compares the keys of the session's context byte by byte. To take another
        // spelling for the key could only bind too much, so it is not done.
        self.context_key.as_deref() == Some(key)
    }
}

/// The key of the session's context that a batch sets first, by which a session becomes a
/// tenant's.
pub fn context_key(checkout: &str) -> Option<String> {
    let tokens = tsql::tokens(checkout).ok()?;
    let mut names = tokens.iter().skip_while(|token| {
        let word = checkout.get(token.span.clone()).unwrap_or_default();
        !word.eq_ignore_ascii_case("sp_set_session_context")
    });
    names.find_map(|token| match &token.kind {
        TokenKind::Text(key) | TokenKind::NationalText(key) => Some(key.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::context_key;

    #[test]
    fn the_key_is_the_one_that_the_checkout_sets() {
        for (checkout, expected) in [
            (
                "EXEC sys.sp_set_session_context N'OrgId', $(Organisation), @read_only = 1;",
                Some("OrgId"),
            ),
            (
                "EXEC sp_set_session_context @key = 'org', @value = 5;",
                Some("org"),
            ),
            ("SET CONTEXT_INFO 0x05;", None),
        ] {
            assert_eq!(context_key(checkout).as_deref(), expected, "{checkout}");
        }
    }
}
