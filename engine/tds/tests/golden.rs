//! Do we read and write the very bytes of the protocol's published examples?
//!
//! The examples of the specification are written down byte by byte; what they do not show was
//! put together by hand from its tables.

use tds::{
    Collation, Column, ColumnFlags, DecodeError, Done, DoneKind, Encryption, EnvChange, Isolation,
    Length, Login, LoginAck, Message, MessageAssembler, PacketDecoder, PacketType, Parameter,
    Prelogin, Procedure, ProcedureId, Request, Reset, ReturnValue, ServerMessage, TdsVersion,
    TokenWriter, TransactionRequest, TypeInfo, Value, Version, current_command,
};

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|pair| u8::from_str_radix(pair, 16).expect("two hexadecimal digits"))
        .collect()
}

fn message(text: &str) -> Message {
    let mut decoder = PacketDecoder::new(4096);
    decoder.feed(&hex(text));
    let packet = decoder.next_packet().expect("well formed").expect("whole");
    assert_eq!(decoder.buffered(), 0, "one packet exactly");
    MessageAssembler::new(4096)
        .push(packet)
        .expect("fits")
        .expect("ends")
}

#[test]
fn the_login_of_the_specification_is_read() {
    let message = message(
        "10 01 00 90 00 00 01 00 88 00 00 00 02 00 09 72 00 10 00 00 00 00 00 07 00 01 00 00
         00 00 00 00 E0 03 00 00 E0 01 00 00 09 04 00 00 5E 00 08 00 6E 00 02 00 72 00 00 00
         72 00 07 00 80 00 00 00 80 00 00 00 80 00 04 00 88 00 00 00 88 00 00 00 00 50 8B E2
         B7 8F 88 00 00 00 88 00 00 00 88 00 00 00 00 00 00 00 73 00 6B 00 6F 00 73 00 74 00
         6F 00 76 00 31 00 73 00 61 00 4F 00 53 00 51 00 4C 00 2D 00 33 00 32 00 4F 00 44 00
         42 00 43 00",
    );
    assert_eq!(message.kind, PacketType::Login7);
    let login = Login::decode(&message.payload).expect("readable");
    assert_eq!(login.host, "skostov1");
    assert_eq!(login.user, "sa");
    assert_eq!(login.password.expose(), "");
    assert_eq!(login.application, "OSQL-32");
    assert_eq!(login.library, "ODBC");
    assert_eq!(login.database, "");
    assert_eq!(login.packet_size, 4096);
    assert_eq!(login.client_pid, 0x100);
    assert_eq!(login.client_id, [0x00, 0x50, 0x8B, 0xE2, 0xB7, 0x8F]);
    assert!(login.options.odbc && login.options.database_fatal);
    assert_eq!(login.version, TdsVersion::V7_2);
    assert_eq!(
        login.version.negotiated(),
        Err(DecodeError::UnsupportedVersion {
            version: 0x7209_0002
        })
    );
}

#[test]
fn a_password_is_read_and_never_shown() {
    // "Pa1" is 50 00 61 00 31 00; nibbles swapped and XOR A5 gives A0 A5 B3 A5 B6 A5.
    let mut bytes = vec![0; 94];
    bytes[..4].copy_from_slice(&100_u32.to_le_bytes());
    bytes[4..8].copy_from_slice(&0x7400_0004_u32.to_le_bytes());
    bytes[44..48].copy_from_slice(&hex("5E 00 03 00"));
    bytes.extend(hex("A0 A5 B3 A5 B6 A5"));
    let login = Login::decode(&bytes).expect("readable");
    assert_eq!(login.password.expose(), "Pa1");
    assert!(!format!("{login:?}").contains("Pa1"));
}

#[test]
fn the_prelogin_of_the_specification_is_read_and_answered() {
    let message = message(
        "12 01 00 2F 00 00 01 00 00 00 1A 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04
         00 26 00 01 FF 09 00 00 00 00 00 01 00 B8 0D 00 00 01",
    );
    let prelogin = Prelogin::decode(&message.payload).expect("readable");
    assert_eq!(
        prelogin.version,
        Some(Version {
            major: 9,
            minor: 0,
            build: 0,
            sub_build: 0
        })
    );
    assert_eq!(prelogin.encryption, Some(Encryption::On));
    assert_eq!(prelogin.instance, Some(vec![0]));
    assert_eq!(prelogin.thread_id, Some(0xB80D_0000));
    assert_eq!(prelogin.mars, Some(1));
    assert_eq!(prelogin.encode(), message.payload);
}

#[test]
fn a_batch_is_read_with_its_transaction_and_its_reset() {
    let message = message(
        "01 09 00 2C 00 00 01 00 16 00 00 00 12 00 00 00 02 00 07 00 00 00 00 00 00 00 01 00 00
         00 73 00 65 00 6C 00 65 00 63 00 74 00 20 00",
    );
    assert_eq!(message.reset, Reset::Connection);
    let Request::Batch { headers, text } = Request::decode(&message).expect("readable") else {
        panic!("a batch")
    };
    assert_eq!((headers.transaction, headers.outstanding), (7, 1));
    assert_eq!(text, "select ");
}

#[test]
fn the_procedure_call_of_the_specification_is_read() {
    let message = message(
        "03 01 00 2F 00 00 01 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00
         00 04 00 66 00 6F 00 6F 00 33 00 00 00 00 02 26 02 00",
    );
    let Request::Rpc(request) = Request::decode(&message).expect("readable") else {
        panic!("a call")
    };
    let [call] = request.calls.as_slice() else {
        panic!("one call")
    };
    assert_eq!(call.procedure, Procedure::Named("foo3".to_owned()));
    assert_eq!(
        call.parameters,
        [Parameter {
            name: String::new(),
            by_reference: false,
            default: true,
            type_info: TypeInfo::SmallInt,
            value: Value::Null,
        }]
    );
}

#[test]
fn sp_executesql_by_number_is_read_with_its_parameters() {
    // sp_executesql N'select @a', N'@a int', @a = 5
    let payload = hex(
        "16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 00 01 00 00 00
         FF FF 0A 00 00 00
         00 00 E7 14 00 09 04 D0 00 34 12 00 73 00 65 00 6C 00 65 00 63 00 74 00 20 00 40 00 61 00
         00 00 E7 FF FF 09 04 D0 00 34 FE FF FF FF FF FF FF FF 06 00 00 00 40 00 61 00 20 00
         06 00 00 00 69 00 6E 00 74 00 00 00 00 00
         02 40 00 61 00 01 26 04 04 05 00 00 00 FF",
    );
    let message = Message {
        kind: PacketType::Rpc,
        reset: Reset::None,
        payload,
    };
    let Request::Rpc(request) = Request::decode(&message).expect("readable") else {
        panic!("a call")
    };
    let [call] = request.calls.as_slice() else {
        panic!("one call")
    };
    assert_eq!(
        call.procedure,
        Procedure::Numbered(ProcedureId::EXECUTE_SQL)
    );
    let values: Vec<&Value> = call
        .parameters
        .iter()
        .map(|parameter| &parameter.value)
        .collect();
    assert_eq!(
        values,
        [
            &Value::Text("select @a".to_owned()),
            &Value::Text("@a int".to_owned()),
            &Value::Int(5)
        ]
    );
    assert_eq!(call.parameters[2].name, "@a");
    assert!(call.parameters[2].by_reference);
}

#[test]
fn a_transaction_manager_request_is_read() {
    let payload = hex(
        "16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 00 01 00 00 00
         08 00 02 74 00 01 05 00",
    );
    let message = Message {
        kind: PacketType::TransactionManager,
        reset: Reset::None,
        payload,
    };
    let Request::Transaction { request, .. } = Request::decode(&message).expect("readable") else {
        panic!("a transaction")
    };
    assert_eq!(
        request,
        TransactionRequest::Rollback {
            name: "t".to_owned(),
            begin: Some(tds::Begin {
                isolation: Isolation::Snapshot,
                name: String::new()
            }),
        }
    );
}

#[test]
fn what_is_not_supported_is_named() {
    let call = |type_bytes: &str| {
        let mut payload = hex(
            "16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 00 01 00 00 00
             01 00 70 00 00 00 02 40 00 74 00 00",
        );
        payload.extend(hex(type_bytes));
        Message {
            kind: PacketType::Rpc,
            reset: Reset::None,
            payload,
        }
    };
    let of = |kind| Message {
        kind,
        reset: Reset::None,
        payload: Vec::new(),
    };
    for (message, expected) in [
        (
            call("F3 00 00"),
            "parameter 1 (\"@t\"): data type a table type (0xf3) is not supported",
        ),
        (
            call("F0 00"),
            "parameter 1 (\"@t\"): data type a CLR type (0xf0) is not supported",
        ),
        (
            call("01"),
            "parameter 1 (\"@t\"): data type 0x01 is unknown",
        ),
        (
            call("26 03"),
            "parameter 1 (\"@t\"): data type 0x26 cannot have length 3",
        ),
        (of(PacketType::BulkLoad), "bulk load is not supported"),
        (
            of(PacketType::Sspi),
            "integrated authentication is not supported",
        ),
        (
            of(PacketType::FederatedToken),
            "a federated authentication token is not supported",
        ),
    ] {
        let error = Request::decode(&message).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn tokens_are_written_as_specified() {
    fn check(expected: &str, write: impl FnOnce(&mut TokenWriter)) {
        let mut writer = TokenWriter::new();
        write(&mut writer);
        assert_eq!(writer.take(), hex(expected), "{expected}");
    }
    let collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;
    let bar = [Column {
        name: "bar".to_owned(),
        type_info: TypeInfo::VarChar(Length::Bytes(3), collation),
        flags: ColumnFlags {
            computed: true,
            ..ColumnFlags::default()
        },
        user_type: 0,
    }];
    check(
        "81 01 00 00 00 00 00 20 00 A7 03 00 09 04 D0 00 34 03 62 00 61 00 72 00
         D1 03 00 66 6F 6F
         FD 10 00 C1 00 01 00 00 00 00 00 00 00",
        |writer| {
            writer.columns(&bar).expect("one column");
            writer
                .row(&bar, &[Value::Text("foo".to_owned())])
                .expect("one value");
            let done = Done {
                rows: Some(1),
                current_command: current_command::SELECT,
                ..Done::default()
            };
            writer.done(DoneKind::Done, done);
        },
    );
    check("D2 01", |writer| {
        writer
            .null_bitmap_row(&bar, &[Value::Null])
            .expect("one value")
    });
    check("D1 FF FF", |writer| {
        writer.row(&bar, &[Value::Null]).expect("one value")
    });
    check("", |writer| {
        writer.row(&bar, &[]).expect_err("no value");
        writer
            .row(&bar, &[Value::Int(1)])
            .expect_err("another type");
        writer
            .row(&bar, &[Value::Text("four".to_owned())])
            .expect_err("too long");
    });
    check(
        "79 00 00 00 00 FE 00 00 E0 00 00 00 00 00 00 00 00 00",
        |writer| {
            writer.return_status(0);
            let done = Done {
                current_command: current_command::EXECUTE,
                ..Done::default()
            };
            writer.done(DoneKind::DoneProc, done);
        },
    );
    check("FD 20 00 00 00 00 00 00 00 00 00 00 00", |writer| {
        writer.done(
            DoneKind::Done,
            Done {
                attention: true,
                ..Done::default()
            },
        );
    });
    check(
        "AA 1A 00 D0 00 00 00 01 10 03 00 6E 00 6F 00 21 00 01 53 00 02 70 00 71 00 07 00 00 00",
        |writer| {
            writer.error(&ServerMessage {
                number: 208,
                state: 1,
                severity: 16,
                text: "no!".to_owned(),
                server: "S".to_owned(),
                procedure: "pq".to_owned(),
                line: 7,
            });
        },
    );
    check("E3 0B 00 08 08 01 00 00 00 00 00 00 00 00", |writer| {
        writer.env_change(&EnvChange::BeginTransaction(1));
    });
    check("E3 0B 00 09 00 08 01 00 00 00 00 00 00 00", |writer| {
        writer.env_change(&EnvChange::CommitTransaction(1));
    });
    check("E3 07 00 01 01 62 00 01 61 00", |writer| {
        writer.env_change(&EnvChange::Database {
            new: "b".to_owned(),
            old: "a".to_owned(),
        });
    });
    check("E3 08 00 07 05 09 04 D0 00 34 00", |writer| {
        writer.env_change(&EnvChange::Collation {
            new: collation,
            old: None,
        });
    });
    check("E3 03 00 12 00 00", |writer| {
        writer.env_change(&EnvChange::ResetAcknowledged)
    });
    check("AD 0C 00 01 74 00 00 04 01 58 00 10 00 03 E8", |writer| {
        writer.login_ack(&LoginAck {
            version: TdsVersion::V7_4,
            program: "X".to_owned(),
            program_version: Version {
                major: 16,
                minor: 0,
                build: 1000,
                sub_build: 0,
            },
        });
    });
    check(
        "AC 01 00 02 40 00 61 00 01 00 00 00 00 01 00 26 04 04 05 00 00 00",
        |writer| {
            let value = ReturnValue {
                ordinal: 1,
                name: "@a".to_owned(),
                type_info: TypeInfo::Int,
                value: Value::Int(5),
            };
            writer.return_value(&value).expect("an int");
        },
    );
    check("A9 04 00 02 00 01 00", |writer| {
        writer.order(&[2, 1]).expect("two columns")
    });
    check("AE 0A 01 00 00 00 01 FF", |writer| {
        writer
            .feature_ext_ack(&[(0x0A, &[1])])
            .expect("one feature");
    });
}

#[test]
fn values_travel_as_specified() {
    fn check(type_info: TypeInfo, value: Value, expected: &str) {
        let mut bytes = Vec::new();
        value.encode(type_info, &mut bytes).expect(expected);
        assert_eq!(bytes, hex(expected), "{value:?} as {type_info:?}");
    }
    let guid = [
        0x6F, 0x96, 0x19, 0xFF, 0x8B, 0x86, 0xD0, 0x11, 0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 0xFF,
    ];
    check(
        TypeInfo::UniqueIdentifier,
        Value::UniqueIdentifier(guid),
        "10 FF 19 96 6F 86 8B 11 D0 B4 2D 00 C0 4F C9 64 FF",
    );
    check(
        TypeInfo::Money,
        Value::Money(10_000),
        "08 00 00 00 00 10 27 00 00",
    );
    check(
        TypeInfo::Money,
        Value::Money(-1),
        "08 FF FF FF FF FF FF FF FF",
    );
    check(
        TypeInfo::Decimal {
            precision: 5,
            scale: 2,
        },
        Value::Decimal(-12_345),
        "05 00 39 30 00 00",
    );
    // 2000-01-01 is day 730119 after 0001-01-01 and day 36524 after 1900-01-01.
    check(TypeInfo::Date, Value::Date(730_119), "03 07 24 0B");
    check(
        TypeInfo::DateTime,
        Value::DateTime {
            days: 36_524,
            ticks: 300,
        },
        "08 AC 8E 00 00 2C 01 00 00",
    );
    check(TypeInfo::Time(0), Value::Time(10_000_000), "03 01 00 00");
    check(
        TypeInfo::Time(7),
        Value::Time(10_000_000),
        "05 80 96 98 00 00",
    );
    check(
        TypeInfo::DateTimeOffset(0),
        Value::DateTimeOffset {
            days: 730_119,
            ticks: 0,
            offset: -60,
        },
        "08 00 00 00 07 24 0B C4 FF",
    );
    let collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;
    check(
        TypeInfo::NVarChar(Length::Max, collation),
        Value::Text("é".to_owned()),
        "02 00 00 00 00 00 00 00 02 00 00 00 E9 00 00 00 00 00",
    );
    check(
        TypeInfo::VarBinary(Length::Max),
        Value::Null,
        "FF FF FF FF FF FF FF FF",
    );
    check(TypeInfo::Image, Value::Null, "00");
    check(
        TypeInfo::Variant,
        Value::Variant(Box::new((TypeInfo::Int, Value::Int(5)))),
        "06 00 00 00 38 00 05 00 00 00",
    );
}
