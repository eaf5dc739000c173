//! What says whose a row is, and what is known to be the caller's tenant?

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

    pub(crate) fn is_context_key(&self, key: &str) -> bool {
        // SQL Server compares the keys of the session's context byte by byte. To take another
        // spelling for the key could only bind too much, so it is not done.
        self.context_key.as_deref() == Some(key)
    }
}
