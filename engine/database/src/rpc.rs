//! What may a client call instead of sending text?
//!
//! Procedures by name or number with typed parameters, the sp_prepare family, and the requests
//! of the transaction manager.

use std::sync::Arc;

use values::{SqlError, SqlType, Value};

use crate::batch::Interpreter;
use crate::dynamic::{declared_parameters, unicode_text};
use crate::failure::{Failure, Flow};
use crate::limits::limit_reached;
use crate::output::Output;
use crate::procedures::{Actual, ActualValue, Returned, missing_procedure};
use crate::response::{Command, Done, DoneKind, OutputParameter, ResponseSink};
use crate::session::{Prepared, Session};

/// A remote procedure call.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcRequest {
    /// What is called.
    pub procedure: RpcProcedure,
    /// Its parameters in order.
    pub parameters: Vec<RpcParameter>,
}

/// What an RPC names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpcProcedure {
    /// A procedure by name, one to three parts as written.
    Name(String),
    /// One of the numbers of the protocol: 10 is sp_executesql.
    Number(u16),
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcParameter {
    /// With `@`; empty when passed by position.
    pub name: String,
    /// By reference.
    pub output: bool,
    /// The procedure's default is asked for.
    pub default: bool,
    /// Its type.
    pub data_type: SqlType,
    /// Its value.
    pub value: Value,
}

/// A request of the transaction manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionRequest {
    /// TM_BEGIN_XACT.
    Begin {
        /// Its name; may be empty.
        name: String,
    },
    /// TM_COMMIT_XACT.
    Commit {
        /// Begin another one right after.
        begin: bool,
    },
    /// TM_ROLLBACK_XACT.
    Rollback {
        /// A savepoint, or empty for all.
        name: String,
        /// Begin another one right after.
        begin: bool,
    },
    /// TM_SAVE_XACT.
    Save {
        /// Its name.
        name: String,
    },
}

impl Session {
    /// Runs a remote procedure call. Return code and OUTPUT parameters are told after its rows.
    pub fn execute_rpc(&mut self, request: &RpcRequest, sink: &mut dyn ResponseSink) {
        let actuals: Vec<Actual> = request.parameters.iter().map(actual).collect();
        let name = match &request.procedure {
            RpcProcedure::Name(name) => name.clone(),
            RpcProcedure::Number(number) => match procedure_of_number(*number) {
                Some(name) => name.to_owned(),
                None => {
                    let error = SqlError::unsupported(format_args!("the RPC number {number}"));
                    self.refuse(error.into(), sink);
                    return;
                }
            },
        };
        match name.to_lowercase().rsplit('.').next().unwrap_or_default() {
            "sp_executesql" => self.rpc_execute_sql(&actuals, sink),
            "sp_prepare" => self.rpc_prepare(&actuals, sink),
            "sp_execute" => self.rpc_execute(&actuals, sink),
            "sp_prepexec" => self.rpc_prepare_and_execute(&actuals, sink),
            "sp_unprepare" => self.rpc_unprepare(&actuals, sink),
            "sp_reset_connection" => {
                if let Err(error) = self.reset(crate::session::ResetTransaction::RollBack, sink) {
                    self.refuse(error.into(), sink);
                } else {
                    self.answer(sink, |_| Ok(Ok(returned_at_once())), &actuals);
                }
            }
            _ => match tsql::parse_name(&name) {
                Ok(name) => {
                    self.answer(sink, |it| it.call(&name, &actuals, 1), &actuals);
                }
                Err(_) => self.refuse(missing_procedure(&name).into(), sink),
            },
        }
    }

    /// Runs a request of the transaction manager.
    pub fn transaction_request(
        &mut self,
        request: &TransactionRequest,
        sink: &mut dyn ResponseSink,
    ) {
        self.request(sink, |interpreter| {
            let name = |name: &String| (!name.is_empty()).then(|| name.clone());
            let result = match request {
                TransactionRequest::Begin { name: it } => {
                    interpreter.begin_transaction(name(it).as_deref())
                }
                TransactionRequest::Commit { begin } => interpreter.commit().and_then(|()| {
                    if *begin {
                        interpreter.begin_transaction(None)
                    } else {
                        Ok(())
                    }
                }),
                TransactionRequest::Rollback { name: it, begin } => {
                    interpreter.roll_back(name(it).as_deref()).and_then(|()| {
                        if *begin {
                            interpreter.begin_transaction(None)
                        } else {
                            Ok(())
                        }
                    })
                }
                TransactionRequest::Save { name } => interpreter.save(name),
            };
            let flow = interpreter.settled(result, 1);
            interpreter.end_text(flow)
        });
    }

    fn refuse(&mut self, failure: Failure, sink: &mut dyn ResponseSink) {
        self.request(sink, |interpreter| {
            let flow = interpreter.settle(failure, 1, false);
            interpreter.end_text(flow)
        });
    }

    /// Runs a call and tells what it returned.
    fn answer(
        &mut self,
        sink: &mut dyn ResponseSink,
        call: impl FnOnce(&mut Interpreter<'_>) -> crate::procedures::Call,
        actuals: &[Actual],
    ) {
        self.request(sink, |interpreter| match call(interpreter) {
            Ok(Ok(returned)) => {
                interpreter.tell_returned(&returned, actuals);
                Flow::Next
            }
            Ok(Err(stop)) => {
                interpreter.procedure_done(true);
                Flow::Stop(stop)
            }
            Err(thrown) => interpreter.end_text(Err(thrown)),
        });
    }

    fn rpc_execute_sql(&mut self, actuals: &[Actual], sink: &mut dyn ResponseSink) {
        let texts = match actuals {
            [statement, rest @ ..] => unicode_text(statement, "@statement").and_then(|text| {
                let parameters = match rest {
                    [parameters, ..] => unicode_text(parameters, "@params")?,
                    [] => Arc::from(""),
                };
                Ok((text, parameters))
            }),
            [] => Err(no_statement()),
        };
        match texts {
            Ok((text, parameters)) => {
                let rest = actuals.get(2..).unwrap_or_default();
                self.answer(
                    sink,
                    |it| it.run_parameterized(&text, &parameters, rest, 2, 1),
                    actuals,
                );
            }
            Err(error) => self.refuse(error.into(), sink),
        }
    }

    fn prepare(&mut self, parameters: &Actual, text: &Actual) -> Result<i32, Failure> {
        let prepared_max = self.shared.limits.prepared_max;
        if self.prepared.len() >= prepared_max {
            return Err(limit_reached("prepared statements", prepared_max).into());
        }
        let parameters = unicode_text(parameters, "@params")?;
        let text = unicode_text(text, "@stmt")?;
        let declared = declared_parameters(&parameters)?;
        if let Err(errors) = self
            .shared
            .parsed
            .parse_parameterized(&text, &parameters, &declared)
        {
            return Err(Failure {
                errors,
                reach: crate::failure::Reach::Statement,
                ignores_xact_abort: true,
            });
        }
        self.next_prepared += 1;
        self.prepared
            .insert(self.next_prepared, Prepared { text, parameters });
        Ok(self.next_prepared)
    }

    /// sp_prepare @handle OUTPUT, @params, @stmt [, @options].
    fn rpc_prepare(&mut self, actuals: &[Actual], sink: &mut dyn ResponseSink) {
        let [_, parameters, text, ..] = actuals else {
            self.refuse(no_statement().into(), sink);
            return;
        };
        match self.prepare(parameters, text) {
            Ok(handle) => {
                let returned = handle_returned(handle);
                self.answer(sink, |_| Ok(Ok(returned)), actuals);
            }
            Err(failure) => self.refuse(failure, sink),
        }
    }

    /// sp_execute @handle, values….
    fn rpc_execute(&mut self, actuals: &[Actual], sink: &mut dyn ResponseSink) {
        let handle = actuals.first().and_then(handle_of);
        match handle.and_then(|handle| self.prepared.get(&handle).cloned()) {
            Some(prepared) => {
                let rest = actuals.get(1..).unwrap_or_default();
                self.answer(
                    sink,
                    |it| it.run_parameterized(&prepared.text, &prepared.parameters, rest, 1, 1),
                    actuals,
                );
            }
            None => self.refuse(no_prepared(handle).into(), sink),
        }
    }

    /// sp_prepexec @handle OUTPUT, @params, @stmt, values….
    fn rpc_prepare_and_execute(&mut self, actuals: &[Actual], sink: &mut dyn ResponseSink) {
        let [_, parameters, text, rest @ ..] = actuals else {
            self.refuse(no_statement().into(), sink);
            return;
        };
        let handle = match self.prepare(parameters, text) {
            Ok(handle) => handle,
            Err(failure) => return self.refuse(failure, sink),
        };
        let Some(prepared) = self.prepared.get(&handle).cloned() else {
            return;
        };
        self.answer(
            sink,
            |it| {
                let call =
                    it.run_parameterized(&prepared.text, &prepared.parameters, rest, 3, 1)?;
                Ok(call.map(|mut returned| {
                    returned
                        .outputs
                        .splice(0..0, handle_returned(handle).outputs);
                    returned
                }))
            },
            actuals,
        );
    }

    fn rpc_unprepare(&mut self, actuals: &[Actual], sink: &mut dyn ResponseSink) {
        let handle = actuals.first().and_then(handle_of);
        match handle.and_then(|handle| self.prepared.remove(&handle)) {
            Some(_) => self.answer(sink, |_| Ok(Ok(returned_at_once())), actuals),
            None => self.refuse(no_prepared(handle).into(), sink),
        }
    }
}

impl Interpreter<'_> {
    fn tell_returned(&mut self, returned: &Returned, actuals: &[Actual]) {
        if let Output::Client(response) = &mut self.output {
            if returned.entered {
                response.return_status(returned.status);
            }
            for (place, data_type, value) in &returned.outputs {
                let name = actuals
                    .get(*place)
                    .and_then(|it| it.name.clone())
                    .unwrap_or_default();
                response.output_parameter(&OutputParameter {
                    ordinal: u16::try_from(*place).unwrap_or(u16::MAX),
                    name,
                    data_type: *data_type,
                    value: value.clone(),
                });
            }
        }
        self.procedure_done(false);
    }

    fn procedure_done(&mut self, error: bool) {
        let in_transaction = self.session.transaction_count > 0;
        if let Output::Client(response) = &mut self.output {
            response.done(Done {
                kind: DoneKind::Procedure,
                count: None,
                more: true,
                error,
                in_transaction,
                command: Command::Execute,
            });
        }
    }
}

fn actual(parameter: &RpcParameter) -> Actual {
    Actual {
        name: (!parameter.name.is_empty()).then(|| parameter.name.clone()),
        value: (!parameter.default).then(|| {
            (
                ActualValue::Scalar(parameter.value.clone()),
                parameter.data_type,
            )
        }),
        output: parameter.output,
        variable: None,
    }
}

fn returned_at_once() -> Returned {
    Returned {
        entered: true,
        ..Returned::default()
    }
}

fn handle_returned(handle: i32) -> Returned {
    Returned {
        outputs: vec![(0, SqlType::Int, Value::Int(handle))],
        ..returned_at_once()
    }
}

fn handle_of(actual: &Actual) -> Option<i32> {
    let (value, data_type) = actual.scalar();
    let number = crate::raise::integer_of(&value, &data_type).ok()??;
    i32::try_from(number).ok()
}

fn no_prepared(handle: Option<i32>) -> SqlError {
    SqlError::new(
        8179,
        16,
        2,
        format!(
            "Could not find prepared statement with handle {}.",
            handle.unwrap_or(0)
        ),
    )
}

fn no_statement() -> SqlError {
    SqlError::new(
        201,
        16,
        10,
        "Procedure or function 'sp_executesql' expects parameter '@statement', which was not \
         supplied.",
    )
}

/// The procedures that have numbers in the protocol.
fn procedure_of_number(number: u16) -> Option<&'static str> {
    Some(match number {
        10 => "sp_executesql",
        11 => "sp_prepare",
        12 => "sp_execute",
        13 => "sp_prepexec",
        15 => "sp_unprepare",
        _ => return None,
    })
}
