//! How do IF, WHILE, TRY, RETURN and THROW steer?

use tsql::{Statement, StatementKind, sql};
use values::{SqlError, SqlType, Value};

use crate::batch::{Interpreter, ScopeKind};
use crate::failure::{Failure, Flow, Reach, Step};
use crate::raise;

impl Interpreter<'_> {
    pub(crate) fn run_if(
        &mut self,
        condition: &sql::Expr,
        then: &Statement,
        otherwise: Option<&Statement>,
        line: u32,
    ) -> Step {
        let holds = match self.condition(condition) {
            Ok(holds) => holds,
            Err(failure) => return self.settle(failure, line, false),
        };
        self.session.last_error = 0;
        self.session.row_count = 0;
        match (holds, otherwise) {
            (true, _) => self.run(then),
            (false, Some(otherwise)) => self.run(otherwise),
            (false, None) => Ok(Flow::Next),
        }
    }

    pub(crate) fn run_while(&mut self, condition: &sql::Expr, body: &Statement, line: u32) -> Step {
        loop {
            if let Err(error) = self.runtime.step() {
                return self.settle(error.into(), line, false);
            }
            match self.condition(condition) {
                Ok(true) => {}
                Ok(false) => return Ok(Flow::Next),
                Err(failure) => return self.settle(failure, line, false),
            }
            match self.run(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                other => return Ok(other),
            }
        }
    }

    pub(crate) fn run_try(&mut self, body: &[Statement], handler: &[Statement]) -> Step {
        let handlers = self.runtime.handlers();
        self.runtime.set_handlers(handlers + 1);
        let result = self.run_list(body);
        self.runtime.set_handlers(handlers);
        let thrown = match result {
            Ok(flow) => return Ok(flow),
            Err(thrown) => thrown,
        };
        if thrown.failure.reach >= Reach::Cancel {
            return Err(thrown);
        }
        let decisive = thrown.failure.decisive().clone();
        self.session.last_error = decisive.number;
        let outer = self.session.caught.replace(decisive);
        let result = self.run_list(handler);
        self.session.caught = outer;
        result
    }

    pub(crate) fn run_return(&mut self, value: Option<&sql::Expr>, line: u32) -> Step {
        let Some(expression) = value else {
            return Ok(Flow::Return(None));
        };
        match self.value(expression) {
            Ok(value) => Ok(Flow::Return(Some(value))),
            Err(failure) => self.settle(failure, line, false),
        }
    }

    pub(crate) fn run_throw(&mut self, arguments: Option<&[sql::Expr; 3]>, line: u32) -> Step {
        let failure = match arguments {
            Some(arguments) => match self.throw_values(arguments) {
                Ok(failure) | Err(failure) => failure,
            },
            None => match self.session.caught.clone() {
                // Thrown again as it was: number, line and procedure stay.
                Some(caught) => Failure::with_reach(caught, Reach::Batch),
                None => SqlError::new(
                    10704,
                    15,
                    1,
                    "To rethrow an error, a THROW statement must be used inside a CATCH block. \
                     Insert the THROW statement inside a CATCH block, or add error parameters to \
                     the THROW statement.",
                )
                .into(),
            },
        };
        self.settle(failure, line, false)
    }

    fn throw_values(&mut self, arguments: &[sql::Expr; 3]) -> Result<Failure, Failure> {
        let [number, message, state] = arguments;
        let values = [
            self.value(number)?,
            self.value(message)?,
            self.value(state)?,
        ];
        Ok(raise::throw(&values)?)
    }

    pub(crate) fn raise_error(
        &mut self,
        arguments: &[sql::Expr],
        options: &[String],
        line: u32,
    ) -> Result<(), Failure> {
        let values = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect::<Result<Vec<_>, _>>()?;
        let may_log = self.look(|instance, session| {
            session.security.login(instance).is_some_and(|login| {
                instance.has_server_permission(&login, catalog::Permission::ALTER_TRACE)
            })
        });
        let raised = raise::raise_error(&values, options, may_log)?;
        let mut error = raised.error;
        if error.severity > 10 {
            let reach = if error.severity >= 20 {
                Reach::Session
            } else {
                Reach::Statement
            };
            return Err(Failure {
                errors: vec![error],
                reach,
                ignores_xact_abort: true,
            });
        }
        self.place(&mut error, line);
        let number = error.number;
        self.tell(error);
        self.plain_done(crate::response::Command::Other);
        if raised.set_error {
            self.session.last_error = number;
        }
        Ok(())
    }

    /// WAITFOR DELAY: on a real clock the session sleeps outside of the lock, in slices, so that
    /// an attention ends it; on a logical clock time jumps.
    pub(crate) fn wait(&mut self, delay: &sql::Expr) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("WAITFOR").into());
        }
        let (value, data_type) = self.value(delay)?;
        let ticks = delay_ticks(&value, &data_type)?;
        let crate::batch::World::Shared(shared) = &self.world else {
            return Err(SqlError::unsupported("WAITFOR in a trigger").into());
        };
        let limit = shared.limits.wait_ms_max;
        let duration = shared.lock().environment.pass(ticks);
        if let Some(duration) = duration {
            if duration.as_millis() > u128::from(limit) {
                return Err(crate::limits::limit_reached("milliseconds of WAITFOR", limit).into());
            }
            let mut left = duration;
            while !left.is_zero() && !self.runtime.cancel.is_set() {
                let slice = left.min(std::time::Duration::from_millis(20));
                crate::waiting::aside(|| std::thread::sleep(slice));
                left -= slice;
            }
        }
        self.plain_done(crate::response::Command::Other);
        Ok(())
    }
}

/// Where a label stands in a list of statements.
pub(crate) fn find_label(statements: &[Statement], label: &str) -> Option<usize> {
    statements.iter().position(|statement| {
        matches!(&statement.kind, StatementKind::Label(name) if name.eq_ignore_ascii_case(label))
    })
}

/// 443: a statement that a function may not contain.
pub(crate) fn invalid_in_function(what: &str) -> SqlError {
    SqlError::new(
        443,
        16,
        14,
        format!("Invalid use of a side-effecting operator '{what}' within a function."),
    )
}

/// `'00:00:02'`, `'0:0:0.5'` or a datetime, in ticks of 100 ns.
fn delay_ticks(value: &Value, data_type: &SqlType) -> Result<i64, SqlError> {
    let wrong = |text: &str| {
        SqlError::new(
            148,
            15,
            1,
            format!("Incorrect time syntax in time string '{text}' used with WAITFOR."),
        )
    };
    let text = match value {
        Value::Time(ticks) => return Ok(*ticks),
        Value::DateTime { ticks, .. } => return Ok(i64::from(*ticks) * 100_000 / 3),
        _ => raise::text_of(value, data_type)?.unwrap_or_default(),
    };
    let mut total: i64 = 0;
    let parts: Vec<&str> = text.trim().split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return Err(wrong(&text));
    }
    for (i, part) in parts.iter().enumerate() {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
        if i < 2 && part.contains('.') {
            return Err(wrong(&text));
        }
        let number: i64 = whole.parse().map_err(|_| wrong(&text))?;
        let limit = if i == 0 { 23 } else { 59 };
        if !(0..=limit).contains(&number) {
            return Err(wrong(&text));
        }
        total += number * [36_000_000_000, 600_000_000, 10_000_000][i];
        if !fraction.is_empty() {
            let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
            total += digits.parse::<i64>().map_err(|_| wrong(&text))?;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_read_as_the_server_reads_them() {
        let check = |text: &str, expected: Option<i64>| {
            let got = delay_ticks(&Value::text(text), &SqlType::varchar(30)).ok();
            assert_eq!(got, expected, "{text}");
        };
        check("00:00:02", Some(20_000_000));
        check("0:0:0.5", Some(5_000_000));
        check("01:00", Some(36_000_000_000));
        check("24:00:00", None);
        check("5", None);
        check("x:y", None);
    }
}
