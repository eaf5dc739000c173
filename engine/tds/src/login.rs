//! Who wants in, to which database, with what? The LOGIN7 message.

use std::fmt;

use crate::DecodeError;
use crate::reader::{Reader, utf16_from_bytes};

/// A version of the protocol, as LOGIN7 and LOGINACK carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TdsVersion(pub u32);

impl TdsVersion {
    /// SQL Server 2005: the first with transaction descriptors in every request.
    pub const V7_2: Self = Self(0x7209_0002);
    /// SQL Server 2008: date, time, datetime2, datetimeoffset.
    pub const V7_3_A: Self = Self(0x730A_0003);
    /// SQL Server 2008 R2: rows with a bitmap of NULLs.
    pub const V7_3_B: Self = Self(0x730B_0003);
    /// SQL Server 2012 and later.
    pub const V7_4: Self = Self(0x7400_0004);

    /// The version that both sides speak from here on. Clients older than 7.3 cannot be told
    /// about the date and time types and are refused.
    pub fn negotiated(self) -> Result<Self, DecodeError> {
        if self < Self::V7_3_A {
            return Err(DecodeError::UnsupportedVersion { version: self.0 });
        }
        Ok(self.min(Self::V7_4))
    }
}

/// A password. It does not show itself in logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password itself, for the one place that compares it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A feature that a client offers or asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Which.
    pub id: u8,
    /// Its data.
    pub data: Vec<u8>,
}

impl Feature {
    /// Session recovery.
    pub const SESSION_RECOVERY: u8 = 0x01;
    /// Federated authentication.
    pub const FEDERATED_AUTHENTICATION: u8 = 0x02;
    /// Always Encrypted.
    pub const COLUMN_ENCRYPTION: u8 = 0x04;
    /// Global transactions.
    pub const GLOBAL_TRANSACTIONS: u8 = 0x05;
    /// UTF-8 collations.
    pub const UTF8_SUPPORT: u8 = 0x0A;
}

/// The bits of a login that a server acts upon. The others describe machines of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoginOptions {
    /// A database that cannot be entered fails the login instead of leading to the default one.
    pub database_fatal: bool,
    /// A language that does not exist fails the login.
    pub language_fatal: bool,
    /// The client is an ODBC driver: ANSI defaults are on.
    pub odbc: bool,
    /// The client wants integrated authentication.
    pub integrated_security: bool,
    /// The client promises to read only.
    pub read_only_intent: bool,
    /// The login belongs to a user instance.
    pub user_instance: bool,
    /// A new password follows.
    pub change_password: bool,
}

/// A decoded LOGIN7 message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The newest version that the client speaks.
    pub version: TdsVersion,
    /// The packet size that the client asks for.
    pub packet_size: u32,
    /// Version of the client program.
    pub client_version: u32,
    /// Process of the client (`HOST_ID`).
    pub client_pid: u32,
    /// Options.
    pub options: LoginOptions,
    /// The client's time zone, minutes west.
    pub time_zone: i32,
    /// The client's locale.
    pub lcid: u32,
    /// `HOST_NAME()`.
    pub host: String,
    /// The login's name.
    pub user: String,
    /// Its password.
    pub password: Password,
    /// `APP_NAME()`.
    pub application: String,
    /// The server as the client wrote it.
    pub server: String,
    /// Name of the client library.
    pub library: String,
    /// Language.
    pub language: String,
    /// The database to enter; empty for the login's default.
    pub database: String,
    /// Network address of the client, as it says.
    pub client_id: [u8; 6],
    /// The password to change to, where [`LoginOptions::change_password`] is set.
    pub new_password: Password,
    /// What the client offers beyond the protocol.
    pub features: Vec<Feature>,
}

/// Bytes before the variable part.
const FIXED_LENGTH: usize = 94;
/// SQL Server refuses longer names.
const UNITS_MAX: usize = 128;
/// More than any client offers; a feature needs five bytes, so this also bounds hostile input.
const FEATURES_MAX: usize = 64;

impl Login {
    /// Reads the payload of a LOGIN7 message.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let length = usize::try_from(reader.u32("login length")?).unwrap_or(usize::MAX);
        if length < FIXED_LENGTH || length > payload.len() {
            return Err(DecodeError::InvalidField {
                field: "login length",
                value: u64::try_from(length).unwrap_or(u64::MAX),
            });
        }
        let message = payload
            .get(..length)
            .ok_or(DecodeError::OutOfBounds { part: "login" })?;
        let mut reader = Reader::new(message.get(4..).unwrap_or_default());
        let version = TdsVersion(reader.u32("login version")?);
        let packet_size = reader.u32("login packet size")?;
        let client_version = reader.u32("login client version")?;
        let client_pid = reader.u32("login client process")?;
        let _connection_id = reader.u32("login connection")?;
        let flags_1 = reader.u8("login options")?;
        let flags_2 = reader.u8("login options")?;
        let type_flags = reader.u8("login options")?;
        let flags_3 = reader.u8("login options")?;
        let time_zone = reader.i32("login time zone")?;
        let lcid = reader.u32("login locale")?;
        let options = LoginOptions {
            database_fatal: flags_1 & 0x40 != 0,
            language_fatal: flags_2 & 0x01 != 0,
            odbc: flags_2 & 0x02 != 0,
            integrated_security: flags_2 & 0x80 != 0,
            read_only_intent: type_flags & 0x20 != 0,
            change_password: flags_3 & 0x01 != 0,
            user_instance: flags_3 & 0x02 != 0,
        };
        let has_extension = flags_3 & 0x10 != 0;

        let host = text(message, &mut reader, "login host")?;
        let user = text(message, &mut reader, "login user")?;
        let password = password(message, &mut reader, "login password")?;
        let application = text(message, &mut reader, "login application")?;
        let server = text(message, &mut reader, "login server")?;
        let extension = place(&mut reader, "login extension")?;
        let library = text(message, &mut reader, "login library")?;
        let language = text(message, &mut reader, "login language")?;
        let database = text(message, &mut reader, "login database")?;
        let client_id = reader.array::<6>("login client address")?;
        // Integrated authentication and attached files are not offered; their places are read
        // over without looking at what they point to.
        let _sspi = place(&mut reader, "login SSPI")?;
        let _attach = place(&mut reader, "login attached file")?;
        let new_password = if options.change_password {
            password_at(
                message,
                place(&mut reader, "login new password")?,
                "login new password",
            )?
        } else {
            Password::default()
        };
        let features = if has_extension {
            features(message, extension)?
        } else {
            Vec::new()
        };
        Ok(Self {
            version,
            packet_size,
            client_version,
            client_pid,
            options,
            time_zone,
            lcid,
            host,
            user,
            password,
            application,
            server,
            library,
            language,
            database,
            client_id,
            new_password,
            features,
        })
    }

    /// The feature of the given number, if the client sent it.
    pub fn feature(&self, id: u8) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.id == id)
    }
}

/// Offset and length of a variable field.
#[derive(Clone, Copy)]
struct Place {
    offset: usize,
    length: usize,
}

fn place(reader: &mut Reader<'_>, part: &'static str) -> Result<Place, DecodeError> {
    Ok(Place {
        offset: usize::from(reader.u16(part)?),
        length: usize::from(reader.u16(part)?),
    })
}

fn text_bytes<'a>(
    message: &'a [u8],
    place: Place,
    field: &'static str,
) -> Result<&'a [u8], DecodeError> {
    if place.length == 0 {
        // Clients leave the offset of an empty field at whatever it happens to be.
        return Ok(&[]);
    }
    if place.length > UNITS_MAX {
        return Err(DecodeError::TextTooLong {
            field,
            units_max: UNITS_MAX,
        });
    }
    if place.offset < FIXED_LENGTH {
        return Err(DecodeError::OutOfBounds { part: field });
    }
    message
        .get(place.offset..place.offset + place.length * 2)
        .ok_or(DecodeError::OutOfBounds { part: field })
}

fn text(
    message: &[u8],
    reader: &mut Reader<'_>,
    field: &'static str,
) -> Result<String, DecodeError> {
    utf16_from_bytes(text_bytes(message, place(reader, field)?, field)?, field)
}

fn password(
    message: &[u8],
    reader: &mut Reader<'_>,
    field: &'static str,
) -> Result<Password, DecodeError> {
    password_at(message, place(reader, field)?, field)
}

/// Undoes what the protocol calls obfuscation: the nibbles swapped, then XOR 0xA5.
fn password_at(message: &[u8], place: Place, field: &'static str) -> Result<Password, DecodeError> {
    let clear: Vec<u8> = text_bytes(message, place, field)?
        .iter()
        .map(|byte| (byte ^ 0xA5).rotate_left(4))
        .collect();
    Ok(Password(utf16_from_bytes(&clear, field)?))
}

fn features(message: &[u8], extension: Place) -> Result<Vec<Feature>, DecodeError> {
    const PART: &str = "login features";
    let pointer = message
        .get(extension.offset..extension.offset + extension.length)
        .ok_or(DecodeError::OutOfBounds { part: PART })?;
    let offset = usize::try_from(Reader::new(pointer).u32(PART)?).unwrap_or(usize::MAX);
    let block = message
        .get(offset..)
        .ok_or(DecodeError::OutOfBounds { part: PART })?;
    let mut reader = Reader::new(block);
    let mut features = Vec::new();
    loop {
        let id = reader.u8(PART)?;
        if id == 0xFF {
            return Ok(features);
        }
        if features.len() == FEATURES_MAX {
            return Err(DecodeError::OutOfBounds { part: PART });
        }
        let length = usize::try_from(reader.u32(PART)?).unwrap_or(usize::MAX);
        features.push(Feature {
            id,
            data: reader.bytes(length, PART)?.to_vec(),
        });
    }
}
