//! The client's side of the protocol: what a driver would send, built from meaning.

#![allow(
    dead_code,
    reason = "each test binary compiles this module for itself and uses a part of it"
)]

use tds::{Begin, Isolation, Parameter, Procedure, RpcCall, RpcRequest, TransactionRequest};

/// A login as a driver describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoginText {
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) application: String,
    pub(crate) server: String,
    pub(crate) library: String,
    pub(crate) language: String,
    pub(crate) database: String,
    pub(crate) features: Vec<(u8, Vec<u8>)>,
}

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn count(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len() / 2).expect("short test text")
}

/// The payload of a LOGIN7 message of version 7.4.
pub(crate) fn login(text: &LoginText) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend(0x7400_0004_u32.to_le_bytes());
    head.extend(4096_u32.to_le_bytes());
    head.extend(7_u32.to_le_bytes());
    head.extend(4711_u32.to_le_bytes());
    head.extend(0_u32.to_le_bytes());
    let flags_3 = if text.features.is_empty() { 0 } else { 0x10 };
    head.extend([0xE0, 0x03, 0x00, flags_3]);
    head.extend((-60_i32).to_le_bytes());
    head.extend(0x0409_u32.to_le_bytes());

    let mut data: Vec<u8> = Vec::new();
    let mut places: Vec<u8> = Vec::new();
    let mut field = |places: &mut Vec<u8>, bytes: Vec<u8>| {
        places.extend(u16::try_from(94 + data.len()).expect("short").to_le_bytes());
        places.extend(count(&bytes).to_le_bytes());
        data.extend(bytes);
    };
    field(&mut places, utf16(&text.host));
    field(&mut places, utf16(&text.user));
    let hidden = utf16(&text.password)
        .iter()
        .map(|byte| byte.rotate_left(4) ^ 0xA5)
        .collect();
    field(&mut places, hidden);
    field(&mut places, utf16(&text.application));
    field(&mut places, utf16(&text.server));
    let extension_at = places.len();
    places.extend([0; 4]);
    field(&mut places, utf16(&text.library));
    field(&mut places, utf16(&text.language));
    field(&mut places, utf16(&text.database));
    places.extend([1, 2, 3, 4, 5, 6]);
    places.extend([0; 16]);

    if !text.features.is_empty() {
        let pointer_at = 94 + data.len();
        places[extension_at..extension_at + 2]
            .copy_from_slice(&u16::try_from(pointer_at).expect("short").to_le_bytes());
        places[extension_at + 2] = 4;
        data.extend(u32::try_from(pointer_at + 4).expect("short").to_le_bytes());
        for (id, bytes) in &text.features {
            data.push(*id);
            data.extend(u32::try_from(bytes.len()).expect("short").to_le_bytes());
            data.extend(bytes);
        }
        data.push(0xFF);
    }
    let mut payload = Vec::new();
    payload.extend(u32::try_from(94 + data.len()).expect("short").to_le_bytes());
    payload.extend(head);
    payload.extend(places);
    assert_eq!(payload.len(), 94, "the fixed part");
    payload.extend(data);
    payload
}

pub(crate) fn headers(transaction: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(22_u32.to_le_bytes());
    bytes.extend(18_u32.to_le_bytes());
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(transaction.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes
}

pub(crate) fn batch(transaction: u64, text: &str) -> Vec<u8> {
    let mut bytes = headers(transaction);
    bytes.extend(utf16(text));
    bytes
}

pub(crate) fn rpc(request: &RpcRequest) -> Vec<u8> {
    let mut bytes = headers(request.headers.transaction);
    for (index, call) in request.calls.iter().enumerate() {
        if index > 0 {
            bytes.push(0xFF);
        }
        rpc_call(call, &mut bytes);
    }
    bytes
}

fn rpc_call(call: &RpcCall, bytes: &mut Vec<u8>) {
    match &call.procedure {
        Procedure::Named(name) => {
            let name = utf16(name);
            bytes.extend(count(&name).to_le_bytes());
            bytes.extend(name);
        }
        Procedure::Numbered(id) => {
            bytes.extend(0xFFFF_u16.to_le_bytes());
            bytes.extend(id.0.to_le_bytes());
        }
    }
    bytes.extend((u16::from(call.recompile) | u16::from(call.no_metadata) << 1).to_le_bytes());
    for Parameter {
        name,
        by_reference,
        default,
        type_info,
        value,
    } in &call.parameters
    {
        let name = utf16(name);
        bytes.push(u8::try_from(count(&name)).expect("short"));
        bytes.extend(name);
        bytes.push(u8::from(*by_reference) | u8::from(*default) << 1);
        type_info.encode(bytes);
        value
            .encode_parameter(*type_info, bytes)
            .expect("the value is of its type");
    }
}

pub(crate) fn transaction(request: &TransactionRequest) -> Vec<u8> {
    fn name(bytes: &mut Vec<u8>, text: &str) {
        let text = utf16(text);
        bytes.push(u8::try_from(text.len()).expect("short"));
        bytes.extend(text);
    }
    fn begin(bytes: &mut Vec<u8>, begin: &Begin) {
        bytes.push(match begin.isolation {
            Isolation::Unchanged => 0,
            Isolation::ReadUncommitted => 1,
            Isolation::ReadCommitted => 2,
            Isolation::RepeatableRead => 3,
            Isolation::Serializable => 4,
            Isolation::Snapshot => 5,
        });
        name(bytes, &begin.name);
    }
    fn end(bytes: &mut Vec<u8>, kind: u16, text: &str, next: Option<&Begin>) {
        bytes.extend(kind.to_le_bytes());
        name(bytes, text);
        bytes.push(u8::from(next.is_some()));
        if let Some(next) = next {
            begin(bytes, next);
        }
    }
    let mut bytes = headers(0);
    match request {
        TransactionRequest::Begin(next) => {
            bytes.extend(5_u16.to_le_bytes());
            begin(&mut bytes, next);
        }
        TransactionRequest::Commit { name, begin } => end(&mut bytes, 7, name, begin.as_ref()),
        TransactionRequest::Rollback { name, begin } => end(&mut bytes, 8, name, begin.as_ref()),
        TransactionRequest::Save { name: text } => {
            bytes.extend(9_u16.to_le_bytes());
            name(&mut bytes, text);
        }
    }
    bytes
}
