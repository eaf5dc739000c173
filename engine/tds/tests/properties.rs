//! What holds for every message: what was written is read again, whatever arrives is survived.

mod client;

use client::LoginText;
use proptest::collection::vec;
use proptest::prelude::*;
use tds::{
    Begin, Certificate, Collation, Encryption, FixedType, Isolation, Length, Login, Message,
    MessageAssembler, PACKET_SIZE_MAX, PacketDecoder, PacketEncoder, PacketType, Parameter,
    Prelogin, Procedure, ProcedureId, Reader, Request, RequestHeaders, Reset, RpcCall, RpcRequest,
    TransactionRequest, TypeInfo, Value, Version,
};

const COLLATION: Collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;

/// Text that code page 1252 can write.
fn western() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 'éß€]{0,40}"
}

fn unicode() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..40).prop_map(String::from_iter)
}

fn ticks(scale: u8) -> impl Strategy<Value = u64> {
    let unit = 10_u64.pow(u32::from(7 - scale));
    (0..864_000_000_000 / unit).prop_map(move |count| count * unit)
}

/// A value of a type, in the form in which a decoder returns it.
fn scalar() -> impl Strategy<Value = (TypeInfo, Value)> {
    let fixed = prop_oneof![
        any::<bool>().prop_map(|bit| (FixedType::Bit, Value::Bit(bit))),
        any::<u8>().prop_map(|value| (FixedType::TinyInt, Value::TinyInt(value))),
        any::<i16>().prop_map(|value| (FixedType::SmallInt, Value::SmallInt(value))),
        any::<i32>().prop_map(|value| (FixedType::Int, Value::Int(value))),
        any::<i64>().prop_map(|value| (FixedType::BigInt, Value::BigInt(value))),
        any::<i32>().prop_map(|value| (FixedType::SmallMoney, Value::Money(i64::from(value)))),
        any::<i64>().prop_map(|value| (FixedType::Money, Value::Money(value))),
        (-1e30_f32..1e30).prop_map(|value| (FixedType::Real, Value::Real(value))),
        (-1e300_f64..1e300).prop_map(|value| (FixedType::Float, Value::Float(value))),
        (any::<u16>(), 0_u16..1440).prop_map(|(days, minutes)| (
            FixedType::SmallDateTime,
            Value::SmallDateTime { days, minutes }
        )),
        (-53_690..=2_958_463_i32, 0_u32..25_920_000)
            .prop_map(|(days, ticks)| (FixedType::DateTime, Value::DateTime { days, ticks })),
    ]
    .prop_map(|(fixed, value)| (TypeInfo::Fixed(fixed), value));
    let decimal = (1_u8..=38).prop_flat_map(|precision| {
        let limit = 10_i128.pow(u32::from(precision));
        (1 - limit..limit, 0..=precision, any::<bool>()).prop_map(
            move |(unscaled, scale, numeric)| {
                let type_info = if numeric {
                    TypeInfo::Numeric { precision, scale }
                } else {
                    TypeInfo::Decimal { precision, scale }
                };
                (type_info, Value::Decimal(unscaled))
            },
        )
    });
    let days = 0_u32..=3_652_058;
    let temporal = (0_u8..=7).prop_flat_map(move |scale| {
        prop_oneof![
            days.clone()
                .prop_map(|days| (TypeInfo::Date, Value::Date(days))),
            ticks(scale).prop_map(move |ticks| (TypeInfo::Time(scale), Value::Time(ticks))),
            (days.clone(), ticks(scale)).prop_map(move |(days, ticks)| (
                TypeInfo::DateTime2(scale),
                Value::DateTime2 { days, ticks }
            )),
            (days.clone(), ticks(scale), -840_i16..=840).prop_map(move |(days, ticks, offset)| (
                TypeInfo::DateTimeOffset(scale),
                Value::DateTimeOffset {
                    days,
                    ticks,
                    offset
                }
            )),
        ]
    });
    let text = prop_oneof![
        western().prop_map(|text| (TypeInfo::Char(200, COLLATION), Value::Text(text))),
        western().prop_map(|text| (
            TypeInfo::VarChar(Length::Bytes(8000), COLLATION),
            Value::Text(text)
        )),
        unicode().prop_map(|text| (TypeInfo::NChar(200, COLLATION), Value::Text(text))),
        unicode().prop_map(|text| (
            TypeInfo::NVarChar(Length::Bytes(200), COLLATION),
            Value::Text(text)
        )),
        vec(any::<u8>(), 0..40).prop_map(|bytes| (TypeInfo::Binary(40), Value::Binary(bytes))),
        vec(any::<u8>(), 0..40)
            .prop_map(|bytes| (TypeInfo::VarBinary(Length::Bytes(40)), Value::Binary(bytes))),
    ];
    let guid = any::<[u8; 16]>()
        .prop_map(|guid| (TypeInfo::UniqueIdentifier, Value::UniqueIdentifier(guid)));
    prop_oneof![fixed, decimal, temporal, text, guid]
}

fn nullable(type_info: TypeInfo) -> TypeInfo {
    match type_info {
        TypeInfo::Fixed(fixed) => fixed.nullable(),
        other => other,
    }
}

fn typed_value() -> impl Strategy<Value = (TypeInfo, Value)> {
    prop_oneof![
        4 => scalar(),
        2 => scalar().prop_map(|(type_info, value)| (nullable(type_info), value)),
        1 => scalar().prop_map(|(type_info, _)| (nullable(type_info), Value::Null)),
        1 => scalar().prop_map(|inner| (TypeInfo::Variant, Value::Variant(Box::new(inner)))),
        1 => unicode().prop_map(|text| {
            (TypeInfo::NVarChar(Length::Max, COLLATION), Value::Text(text))
        }),
        1 => western().prop_map(|text| {
            (TypeInfo::VarChar(Length::Max, COLLATION), Value::Text(text))
        }),
        1 => vec(any::<u8>(), 0..100)
            .prop_map(|bytes| (TypeInfo::VarBinary(Length::Max), Value::Binary(bytes))),
        1 => western().prop_map(|text| (TypeInfo::Text(COLLATION), Value::Text(text))),
        1 => western().prop_map(|text| (TypeInfo::NText(COLLATION), Value::Text(text))),
        1 => vec(any::<u8>(), 0..40).prop_map(|bytes| (TypeInfo::Image, Value::Binary(bytes))),
        1 => western().prop_map(|text| (TypeInfo::Xml, Value::Text(text))),
        1 => prop::sample::select(vec![
            TypeInfo::Fixed(FixedType::Null),
            TypeInfo::Variant,
            TypeInfo::Xml,
            TypeInfo::Image,
            TypeInfo::Text(COLLATION),
            TypeInfo::NVarChar(Length::Max, COLLATION),
        ]).prop_map(|type_info| (type_info, Value::Null)),
    ]
}

fn call() -> impl Strategy<Value = RpcCall> {
    let procedure = prop_oneof![
        "[a-z.]{1,20}".prop_map(Procedure::Named),
        (1_u16..20).prop_map(|id| Procedure::Numbered(ProcedureId(id))),
    ];
    let parameter = (
        "(@[a-z]{1,9})?",
        any::<bool>(),
        any::<bool>(),
        typed_value(),
    )
        .prop_map(
            |(name, by_reference, default, (type_info, value))| Parameter {
                name,
                by_reference,
                default,
                type_info,
                value,
            },
        );
    (
        procedure,
        any::<bool>(),
        any::<bool>(),
        vec(parameter, 0..5),
    )
        .prop_map(|(procedure, recompile, no_metadata, parameters)| RpcCall {
            procedure,
            recompile,
            no_metadata,
            parameters,
            no_execute: false,
        })
}

fn rpc_request() -> impl Strategy<Value = RpcRequest> {
    (any::<u64>(), vec(call(), 1..3)).prop_map(|(transaction, calls)| RpcRequest {
        headers: RequestHeaders {
            transaction,
            outstanding: 1,
        },
        calls,
    })
}

fn transaction_request() -> impl Strategy<Value = TransactionRequest> {
    let isolation = prop::sample::select(vec![
        Isolation::Unchanged,
        Isolation::ReadUncommitted,
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
        Isolation::Snapshot,
    ]);
    let begin = (isolation, "[a-z]{0,32}").prop_map(|(isolation, name)| Begin { isolation, name });
    let name = "[a-z]{0,32}";
    prop_oneof![
        begin.clone().prop_map(TransactionRequest::Begin),
        (name, prop::option::of(begin.clone()))
            .prop_map(|(name, begin)| TransactionRequest::Commit { name, begin }),
        (name, prop::option::of(begin))
            .prop_map(|(name, begin)| TransactionRequest::Rollback { name, begin }),
        name.prop_map(|name| TransactionRequest::Save { name }),
    ]
}

fn login_text() -> impl Strategy<Value = LoginText> {
    (
        vec(unicode(), 8),
        vec((0_u8..0xFF, vec(any::<u8>(), 0..20)), 0..3),
    )
        .prop_map(|(texts, features)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().unwrap_or_default();
            LoginText {
                host: next(),
                user: next(),
                password: next(),
                application: next(),
                server: next(),
                library: next(),
                language: next(),
                database: next(),
                features,
            }
        })
}

fn prelogin() -> impl Strategy<Value = Prelogin> {
    let encryption = prop::sample::select(vec![
        Encryption::Off,
        Encryption::On,
        Encryption::NotSupported,
        Encryption::Required,
    ]);
    let version =
        any::<(u8, u8, u16, u16)>().prop_map(|(major, minor, build, sub_build)| Version {
            major,
            minor,
            build,
            sub_build,
        });
    (
        prop::option::of(version),
        prop::option::of(encryption),
        prop::option::of(vec(any::<u8>(), 0..30)),
        prop::option::of(any::<u32>()),
        prop::option::of(any::<u8>()),
        prop::option::of(vec(any::<u8>(), 36)),
    )
        .prop_map(
            |(version, encryption, instance, thread_id, mars, trace_id)| Prelogin {
                version,
                encryption,
                instance,
                thread_id,
                mars,
                trace_id,
            },
        )
}

/// Decodes as every kind of message. Only that it returns is of interest.
fn decode_as_everything(payload: &[u8]) {
    let _ = Prelogin::decode(payload);
    let _ = Login::decode(payload);
    for kind in [
        PacketType::SqlBatch,
        PacketType::Rpc,
        PacketType::TransactionManager,
        PacketType::Attention,
        PacketType::BulkLoad,
    ] {
        let message = Message {
            kind,
            reset: Reset::None,
            payload: payload.to_vec(),
        };
        let _ = Request::decode(&message);
    }
    let mut reader = Reader::new(payload);
    while let Ok(type_info) = TypeInfo::decode(&mut reader) {
        if Value::decode(&mut reader, type_info).is_err() || reader.is_empty() {
            break;
        }
    }
}

/// A change to a valid message: a byte replaced, bytes cut out, or bytes put in.
#[derive(Debug, Clone)]
enum Damage {
    Replace(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (
            any::<prop::sample::Index>(),
            prop_oneof![Just(0), Just(0xFF), any::<u8>()]
        )
            .prop_map(|(at, byte)| Damage::Replace(at, byte)),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        (any::<prop::sample::Index>(), vec(any::<u8>(), 1..5))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn apply(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        match damage {
            Damage::Replace(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
        }
    }
    bytes
}

fn request(kind: PacketType, payload: Vec<u8>) -> Request {
    Request::decode(&Message {
        kind,
        reset: Reset::None,
        payload,
    })
    .expect("a valid message")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_as_itself((type_info, value) in typed_value()) {
        let mut bytes = Vec::new();
        type_info.encode(&mut bytes);
        value.encode_parameter(type_info, &mut bytes).expect("a value of its type");
        let mut reader = Reader::new(&bytes);
        let type_back = TypeInfo::decode(&mut reader).expect("a valid type");
        prop_assert_eq!(type_back, type_info);
        prop_assert_eq!(Value::decode(&mut reader, type_back).expect("a valid value"), value);
        prop_assert!(reader.is_empty());
    }

    #[test]
    fn a_login_comes_back_as_itself(text in login_text()) {
        let login = Login::decode(&client::login(&text)).expect("a valid login");
        prop_assert_eq!(&login.host, &text.host);
        prop_assert_eq!(&login.user, &text.user);
        prop_assert_eq!(login.password.expose(), &text.password);
        prop_assert_eq!(&login.application, &text.application);
        prop_assert_eq!(&login.server, &text.server);
        prop_assert_eq!(&login.library, &text.library);
        prop_assert_eq!(&login.language, &text.language);
        prop_assert_eq!(&login.database, &text.database);
        let features: Vec<_> =
            login.features.iter().map(|feature| (feature.id, feature.data.clone())).collect();
        prop_assert_eq!(features, text.features);
    }

    #[test]
    fn a_prelogin_comes_back_as_itself(prelogin in prelogin()) {
        prop_assert_eq!(Prelogin::decode(&prelogin.encode()), Ok(prelogin));
    }

    #[test]
    fn a_batch_comes_back_as_itself(transaction: u64, text in unicode()) {
        prop_assert_eq!(
            request(PacketType::SqlBatch, client::batch(transaction, &text)),
            Request::Batch { headers: RequestHeaders { transaction, outstanding: 1 }, text }
        );
    }

    #[test]
    fn a_procedure_call_comes_back_as_itself(calls in rpc_request()) {
        prop_assert_eq!(request(PacketType::Rpc, client::rpc(&calls)), Request::Rpc(calls));
    }

    #[test]
    fn a_transaction_request_comes_back_as_itself(sent in transaction_request()) {
        let payload = client::transaction(&sent);
        let Request::Transaction { request, .. } =
            request(PacketType::TransactionManager, payload)
        else {
            panic!("a transaction request")
        };
        prop_assert_eq!(request, sent);
    }

    #[test]
    fn a_message_comes_back_however_it_is_cut(
        payload in vec(any::<u8>(), 0..3000),
        packet_size in 0_usize..2000,
        pieces in vec(1_usize..700, 1..10),
    ) {
        let mut encoder = PacketEncoder::new(PacketType::SqlBatch, packet_size, 51);
        let mut wire = Vec::new();
        for part in payload.chunks(pieces[0]) {
            encoder.push(part);
            wire.extend(encoder.take_ready());
        }
        wire.extend(encoder.finish());

        let mut decoder = PacketDecoder::new(PACKET_SIZE_MAX);
        let mut assembler = MessageAssembler::new(3000);
        let mut messages = Vec::new();
        let mut rest = wire.as_slice();
        for piece in pieces.iter().cycle() {
            let (now, later) = rest.split_at((*piece).min(rest.len()));
            decoder.feed(now);
            rest = later;
            while let Some(packet) = decoder.next_packet().expect("well formed") {
                messages.extend(assembler.push(packet).expect("fits"));
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(
            messages,
            [Message { kind: PacketType::SqlBatch, reset: Reset::None, payload }]
        );
        prop_assert_eq!(decoder.buffered(), 0);
        prop_assert!(!assembler.is_open());
    }

    #[test]
    fn arbitrary_bytes_are_survived_by_every_decoder(payload in vec(any::<u8>(), 0..400)) {
        decode_as_everything(&payload);
    }

    #[test]
    fn arbitrary_bytes_after_valid_headers_are_survived(rest in vec(any::<u8>(), 0..400)) {
        let mut payload = client::headers(0);
        payload.extend(rest);
        decode_as_everything(&payload);
    }

    #[test]
    fn arbitrary_streams_are_survived(stream in vec(any::<u8>(), 0..400), tame: bool) {
        let mut stream = stream;
        if tame && stream.len() > 4 {
            // A plausible header, so that not every case ends at the first byte.
            stream[0] = 1;
            stream[2] = 0;
        }
        let mut decoder = PacketDecoder::new(PACKET_SIZE_MAX);
        let mut assembler = MessageAssembler::new(300);
        decoder.feed(&stream);
        while let Ok(Some(packet)) = decoder.next_packet() {
            if assembler.push(packet).is_err() {
                break;
            }
        }
    }

    #[test]
    fn damaged_messages_are_survived(
        text in login_text(),
        calls in rpc_request(),
        sent in transaction_request(),
        hello in prelogin(),
        damages in vec(damage(), 1..4),
    ) {
        for payload in [
            client::login(&text),
            client::rpc(&calls),
            client::transaction(&sent),
            client::batch(0, "SELECT 1"),
            hello.encode(),
        ] {
            decode_as_everything(&apply(payload, &damages));
        }
    }
}

#[test]
fn a_stream_that_breaks_the_rules_is_refused_by_name() {
    fn check(stream: &[u8], expected: &str) {
        let mut decoder = PacketDecoder::new(100);
        let mut assembler = MessageAssembler::new(20);
        decoder.feed(stream);
        loop {
            let outcome = match decoder.next_packet() {
                Ok(None) => panic!("no error, but {expected}"),
                Ok(Some(packet)) => assembler.push(packet).map(|_| ()),
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                assert_eq!(error.to_string(), expected);
                return;
            }
        }
    }
    check(
        &[1, 1, 0, 7, 0, 0, 0, 0],
        "a packet of 7 bytes is shorter than its header",
    );
    check(
        &[1, 1, 0, 101, 0, 0, 0, 0],
        "a packet of 101 bytes exceeds the limit of 100",
    );
    check(&[9, 1, 0, 8, 0, 0, 0, 0], "packet type 0x09 is unknown");
    check(
        &[1, 0, 0, 8, 0, 0, 0, 0, 3, 1, 0, 8, 0, 0, 0, 0],
        "the packet type changes inside of a message",
    );
    let mut long = vec![1, 0, 0, 29, 0, 0, 0, 0];
    long.extend([0; 21]);
    check(&long, "a message exceeds the limit of 20 bytes");
}

#[test]
fn a_message_that_its_client_gave_up_is_dropped() {
    let mut decoder = PacketDecoder::new(100);
    let mut assembler = MessageAssembler::new(100);
    decoder.feed(&[1, 0, 0, 9, 0, 0, 0, 0, 65, 1, 3, 0, 9, 0, 0, 0, 0, 65]);
    decoder.feed(&[6, 1, 0, 8, 0, 0, 0, 0]);
    let mut kinds = Vec::new();
    while let Some(packet) = decoder.next_packet().expect("well formed") {
        kinds.extend(
            assembler
                .push(packet)
                .expect("fits")
                .map(|message| message.kind),
        );
    }
    assert_eq!(kinds, [PacketType::Attention]);
}

#[test]
fn encryption_is_negotiated_as_the_drivers_expect() {
    use Certificate::{Absent, Present};
    use Encryption::{NotSupported, Off, On, Required};
    for (wish, certificate, answer) in [
        (Off, Present, Off),
        (Off, Absent, NotSupported),
        (On, Present, On),
        (On, Absent, NotSupported),
        (Required, Present, On),
        (Required, Absent, NotSupported),
        (NotSupported, Present, NotSupported),
        (NotSupported, Absent, NotSupported),
    ] {
        assert_eq!(wish.answer(certificate), answer, "{wish:?} {certificate:?}");
    }
}
