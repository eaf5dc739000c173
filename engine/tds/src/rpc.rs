//! Which procedures does a client call, with which parameters? The RPC message.

use crate::reader::Reader;
use crate::request::{RequestHeaders, decode_headers};
use crate::{DecodeError, TypeInfo, Value};

/// A system procedure that has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcedureId(pub u16);

impl ProcedureId {
    /// `sp_executesql`.
    pub const EXECUTE_SQL: Self = Self(10);
    /// `sp_prepare`.
    pub const PREPARE: Self = Self(11);
    /// `sp_execute`.
    pub const EXECUTE: Self = Self(12);
    /// `sp_prepexec`.
    pub const PREPARE_AND_EXECUTE: Self = Self(13);
    /// `sp_unprepare`.
    pub const UNPREPARE: Self = Self(15);

    /// The procedure's name, if the protocol defines the number.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "sp_cursor",
            2 => "sp_cursoropen",
            3 => "sp_cursorprepare",
            4 => "sp_cursorexecute",
            5 => "sp_cursorprepexec",
            6 => "sp_cursorunprepare",
            7 => "sp_cursorfetch",
            8 => "sp_cursoroption",
            9 => "sp_cursorclose",
            10 => "sp_executesql",
            11 => "sp_prepare",
            12 => "sp_execute",
            13 => "sp_prepexec",
            14 => "sp_prepexecrpc",
            15 => "sp_unprepare",
            _ => return None,
        })
    }
}

/// The procedure that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Procedure {
    /// By name, as the client wrote it, with one to four parts.
    Named(String),
    /// By number.
    Numbered(ProcedureId),
}

/// A parameter of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name with the at sign; empty when it is passed by place.
    pub name: String,
    /// OUTPUT.
    pub by_reference: bool,
    /// The procedure's default is to be used; the value says nothing.
    pub default: bool,
    /// Its type.
    pub type_info: TypeInfo,
    /// Its value.
    pub value: Value,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcCall {
    /// What is called.
    pub procedure: Procedure,
    /// WITH RECOMPILE.
    pub recompile: bool,
    /// The client knows the metadata and does not want it again.
    pub no_metadata: bool,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The call is to be checked, and not carried out.
    pub no_execute: bool,
}

/// The calls of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcRequest {
    /// Headers.
    pub headers: RequestHeaders,
    /// The calls, in order.
    pub calls: Vec<RpcCall>,
}

const BATCH_SEPARATOR: u8 = 0xFF;
const NO_EXECUTE_SEPARATOR: u8 = 0xFE;
const BY_NUMBER: u16 = 0xFFFF;
/// SQL Server's own limit of parameters per call.
const PARAMETERS_MAX: usize = 2100;
const NAME_UNITS_MAX: u8 = 128;

/// Reads the payload of an RPC message.
pub(crate) fn decode_rpc(payload: &[u8]) -> Result<RpcRequest, DecodeError> {
    let mut reader = Reader::new(payload);
    let headers = decode_headers(&mut reader)?;
    let mut calls = Vec::new();
    loop {
        let mut call = decode_call(&mut reader)?;
        // Only the separators end a list of parameters early; a trailing one is allowed.
        let more = match reader.peek() {
            None => false,
            Some(separator) => {
                reader.u8("RPC separator")?;
                call.no_execute = separator == NO_EXECUTE_SEPARATOR;
                !reader.is_empty()
            }
        };
        calls.push(call);
        if !more {
            return Ok(RpcRequest { headers, calls });
        }
    }
}

fn decode_call(reader: &mut Reader<'_>) -> Result<RpcCall, DecodeError> {
    let procedure = match reader.u16("RPC procedure")? {
        BY_NUMBER => Procedure::Numbered(ProcedureId(reader.u16("RPC procedure")?)),
        units => Procedure::Named(reader.utf16(usize::from(units), "RPC procedure")?),
    };
    let options = reader.u16("RPC options")?;
    let mut parameters = Vec::new();
    while !matches!(
        reader.peek(),
        None | Some(BATCH_SEPARATOR | NO_EXECUTE_SEPARATOR)
    ) {
        if parameters.len() == PARAMETERS_MAX {
            return Err(DecodeError::OutOfBounds {
                part: "RPC parameters",
            });
        }
        parameters.push(decode_parameter(reader, parameters.len() + 1)?);
    }
    Ok(RpcCall {
        procedure,
        recompile: options & 0x01 != 0,
        no_metadata: options & 0x02 != 0,
        parameters,
        no_execute: false,
    })
}

fn decode_parameter(reader: &mut Reader<'_>, ordinal: usize) -> Result<Parameter, DecodeError> {
    const NAME: &str = "RPC parameter name";
    let units = reader.u8(NAME)?;
    if units > NAME_UNITS_MAX {
        return Err(DecodeError::TextTooLong {
            field: NAME,
            units_max: usize::from(NAME_UNITS_MAX),
        });
    }
    let name = reader.utf16(usize::from(units), NAME)?;
    let status = reader.u8("RPC parameter status")?;
    if status & 0x08 != 0 {
        return Err(DecodeError::UnsupportedMessage {
            name: "an encrypted parameter",
        });
    }
    let typed = TypeInfo::decode(reader)
        .and_then(|type_info| Ok((type_info, Value::decode(reader, type_info)?)));
    match typed {
        Ok((type_info, value)) => Ok(Parameter {
            name,
            by_reference: status & 0x01 != 0,
            default: status & 0x02 != 0,
            type_info,
            value,
        }),
        Err(cause) => Err(DecodeError::Parameter {
            ordinal,
            name,
            cause: Box::new(cause),
        }),
    }
}
