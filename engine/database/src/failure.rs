//! How far does an error reach?
//!
//! SQL Server has four answers, and which one applies depends on the number more than on the
//! severity: the statement alone, the scope (a batch, procedure or string whose compilation
//! failed late), the batch, or the session. XACT_ABORT widens the first two, TRY … CATCH takes
//! over before any of them happens. All knowledge about numbers is in [`Reach::of`].

use values::{SqlError, UNSUPPORTED};

use crate::limits::{INTERNAL_ERROR, LIMIT_REACHED};

/// What an uncaught error ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The statement; the next one runs.
    Statement,
    /// The procedure, string or batch whose statement could not be compiled; a TRY block of the
    /// same scope does not see it, the caller goes on.
    Scope,
    /// The batch; the transaction stays open.
    Batch,
    /// The batch, and the transaction is rolled back; inside TRY it is doomed.
    Abort,
    /// The batch, the transaction, and no CATCH block may see it: attention, limits, and what
    /// this server does not support, which a handler must not hide.
    Cancel,
    /// The connection.
    Session,
}

/// Why a statement failed: the messages in order, and how far they reach.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// Never empty.
    pub(crate) errors: Vec<SqlError>,
    /// What they end.
    pub(crate) reach: Reach,
    /// RAISERROR: XACT_ABORT does not widen the reach.
    pub(crate) ignores_xact_abort: bool,
}

impl Failure {
    /// One error with a reach that its number does not tell.
    pub(crate) fn with_reach(error: SqlError, reach: Reach) -> Self {
        Self {
            errors: vec![error],
            reach,
            ignores_xact_abort: false,
        }
    }

    /// The error that a CATCH block sees: the last one, as on the server.
    pub(crate) fn decisive(&self) -> &SqlError {
        self.errors
            .last()
            .expect("a failure has at least one error")
    }
}

impl Reach {
    /// What the server does about an uncaught error of this number.
    pub(crate) fn of(error: &SqlError) -> Self {
        match error.number {
            UNSUPPORTED | LIMIT_REACHED | INTERNAL_ERROR => Self::Cancel,
            _ if error.severity >= 20 => Self::Session,
            // Found when a statement is compiled right before it runs (deferred names).
            102
            | 103
            | 105
            | 107..=111
            | 116
            | 120
            | 121
            | 126..=128
            | 132..=137
            | 141
            | 145
            | 147
            | 148
            | 154..=158
            | 164
            | 169
            | 174
            | 178
            | 183
            | 189
            | 195
            | 203
            | 205..=209
            | 213
            | 243
            | 252
            | 257
            | 264
            | 270
            | 271
            | 291
            | 319
            | 321
            | 402
            | 403
            | 421
            | 443
            | 444
            | 455
            | 462
            | 487
            | 529
            | 1010..=1013
            | 1033
            | 1087
            | 1046
            | 1060
            | 2715
            | 2716
            | 4101
            | 4104
            | 4108..=4113
            | 4121
            | 4145
            | 5309
            | 4513
            | 8116..=8121
            | 8127
            | 8155..=8159
            | 8165
            | 10702..=10704
            | 10709
            | 13601
            | 13610
            | 33259
            | 33261..=33263
            | 33268..=33271
            | 33503
            | 33510 => Self::Scope,
            // A second enabled policy over a table rolls back as XACT_ABORT would; a predicate
            // that no longer binds ends the batch.
            33264 | 33512 | 33513 => Self::Abort,
            // Conversions of text end the batch and the transaction.
            235 | 241 | 242 | 244 | 245 | 248 | 293 | 295 | 8114 | 8169 => Self::Abort,
            // Nesting, deadlock, snapshot conflict, triggers, doomed transactions.
            217 | 1205 | 3609 | 3616 | 3930 | 3931 | 3960 | 3991 | 3992 | 3998 => Self::Abort,
            // Impersonation frames that do not match, and a database that cannot be used.
            911 | 15196 | 15199 | 15591 => Self::Batch,
            _ => Self::Statement,
        }
    }

    /// Whether `The statement has been terminated.` follows an uncaught error of a row change.
    pub(crate) fn tells_termination(error: &SqlError) -> bool {
        matches!(
            error.number,
            220 | 232
                | 512
                | 515
                | 544
                | 545
                | 547
                | 550
                | 2601
                | 2627
                | 2628
                | 8115
                | 8134
                | 8152
                | 8672
                | 33504
        )
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        // An error that knows its procedure comes from a function or trigger below: there it was
        // late compilation, here it is the failure of the statement that called.
        let reach = match Reach::of(&error) {
            Reach::Scope if error.procedure.is_some() => Reach::Statement,
            reach => reach,
        };
        let mut errors = vec![error];
        if errors[0].number == 300 {
            // The layers below evaluate expressions and carry one error; this one never comes alone.
            errors.push(SqlError::new(
                297,
                16,
                1,
                "The user does not have permission to perform this action.",
            ));
        }
        Self {
            errors,
            reach,
            ignores_xact_abort: false,
        }
    }
}

impl From<catalog::Errors> for Failure {
    fn from(errors: catalog::Errors) -> Self {
        let of = |error: &SqlError| Self::from(error.clone()).reach;
        let own = errors
            .as_slice()
            .iter()
            .map(of)
            .max()
            .unwrap_or(Reach::Statement);
        let reach = if errors.ends_batch {
            own.max(Reach::Abort)
        } else {
            own
        };
        if let [only] = errors.as_slice() {
            return Self {
                reach,
                ..Self::from(only.clone())
            };
        }
        Self {
            errors: errors.into_vec(),
            reach,
            ignores_xact_abort: false,
        }
    }
}

/// An error on its way to a CATCH block. Nothing of it has been told to the client yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Thrown {
    /// The messages, for a caller that has no handler after all.
    pub(crate) failure: Failure,
}

/// What happens after a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Flow {
    /// The next statement.
    Next,
    /// BREAK.
    Break,
    /// CONTINUE.
    Continue,
    /// RETURN, with the code or value.
    Return(Option<(values::Value, values::SqlType)>),
    /// GOTO: looked up outwards.
    Goto(String),
    /// Something has ended; the errors have been told.
    Stop(Stop),
}

/// What has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The running scope.
    Scope,
    /// The batch.
    Batch,
    /// The session.
    Session,
}

/// The result of a statement that has been settled.
pub(crate) type Step = Result<Flow, Thrown>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_decides_what_an_error_ends() {
        let check = |number, severity, reach| {
            let error = SqlError::new(number, severity, 1, "");
            assert_eq!(Failure::from(error).reach, reach, "{number}");
        };
        check(229, 14, Reach::Statement);
        check(230, 14, Reach::Statement);
        check(547, 16, Reach::Statement);
        check(2627, 14, Reach::Statement);
        check(2812, 16, Reach::Statement);
        check(208, 16, Reach::Scope);
        check(207, 16, Reach::Scope);
        check(137, 15, Reach::Scope);
        check(245, 16, Reach::Abort);
        check(3609, 16, Reach::Abort);
        check(15199, 16, Reach::Batch);
        check(50000, 20, Reach::Session);
        check(UNSUPPORTED, 16, Reach::Cancel);
        check(LIMIT_REACHED, 16, Reach::Cancel);
    }

    #[test]
    fn late_compilation_inside_a_trigger_is_a_failed_statement_for_its_caller() {
        let mut error = SqlError::new(208, 16, 1, "Invalid object name 'x'.");
        error.procedure = Some("tr".into());
        assert_eq!(Failure::from(error).reach, Reach::Statement);
    }
}
