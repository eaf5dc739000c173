//! What do client and server agree on before the login? The PRELOGIN message.

use crate::DecodeError;
use crate::reader::Reader;

/// Encryption, as asked for and as answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Available, used for the login only.
    Off,
    /// Used for the whole connection.
    On,
    /// Not available.
    NotSupported,
    /// Demanded for the whole connection.
    Required,
}

impl Encryption {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Off,
            1 => Self::On,
            2 => Self::NotSupported,
            3 => Self::Required,
            _ => return None,
        })
    }

    fn to_byte(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::NotSupported => 2,
            Self::Required => 3,
        }
    }

    /// The server's answer to this wish of a client, which a client without the means for TLS
    /// expects to be its own word again.
    pub fn answer(self, certificate: Certificate) -> Self {
        match (self, certificate) {
            (Self::NotSupported, _) | (Self::Off, Certificate::Absent) => Self::NotSupported,
            (Self::Off, Certificate::Present) => Self::Off,
            (Self::On | Self::Required, Certificate::Present) => Self::On,
            (Self::On | Self::Required, Certificate::Absent) => Self::NotSupported,
        }
    }
}

/// Whether the server can do TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// It can.
    Present,
    /// It cannot.
    Absent,
}

/// A PRELOGIN message of either side.
///
/// Federated authentication and nonces are read over: this server offers neither, and a client
/// that is not offered them goes on without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prelogin {
    /// Version of the sender: major, minor, build.
    pub version: Option<Version>,
    /// Encryption.
    pub encryption: Option<Encryption>,
    /// The instance asked for (client) or a single 0 for "that is me" (server).
    pub instance: Option<Vec<u8>>,
    /// The client's thread.
    pub thread_id: Option<u32>,
    /// Multiple active result sets: 1 asks for them.
    pub mars: Option<u8>,
    /// Identifiers for tracing, 36 bytes.
    pub trace_id: Option<Vec<u8>>,
}

/// A version as prelogin and LOGINACK write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
    /// Build.
    pub build: u16,
    /// Sub-build; prelogin only.
    pub sub_build: u16,
}

const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const INSTANCE: u8 = 0x02;
const THREAD_ID: u8 = 0x03;
const MARS: u8 = 0x04;
const TRACE_ID: u8 = 0x05;
const TERMINATOR: u8 = 0xFF;

impl Prelogin {
    /// Reads the payload of a prelogin message.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut prelogin = Self::default();
        let mut reader = Reader::new(payload);
        loop {
            let option = reader.u8("prelogin option")?;
            if option == TERMINATOR {
                return Ok(prelogin);
            }
            let offset = usize::from(reader.u16_be("prelogin option")?);
            let length = usize::from(reader.u16_be("prelogin option")?);
            let data = payload
                .get(offset..offset + length)
                .ok_or(DecodeError::OutOfBounds {
                    part: "prelogin option",
                })?;
            let mut data = Reader::new(data);
            match option {
                VERSION => {
                    prelogin.version = Some(Version {
                        major: data.u8("prelogin version")?,
                        minor: data.u8("prelogin version")?,
                        build: data.u16_be("prelogin version")?,
                        sub_build: data.u16_be("prelogin version")?,
                    });
                }
                ENCRYPTION => {
                    let byte = data.u8("prelogin encryption")?;
                    // The high bits ask for client certificates, which nothing here checks.
                    prelogin.encryption = Some(Encryption::from_byte(byte & 0x03).ok_or(
                        DecodeError::InvalidField {
                            field: "prelogin encryption",
                            value: u64::from(byte),
                        },
                    )?);
                }
                INSTANCE => prelogin.instance = Some(data.rest().to_vec()),
                // A server's answer has the option without data.
                THREAD_ID if !data.is_empty() => {
                    prelogin.thread_id = Some(data.u32_be("prelogin thread")?);
                }
                MARS => prelogin.mars = Some(data.u8("prelogin MARS")?),
                TRACE_ID => prelogin.trace_id = Some(data.rest().to_vec()),
                _ => {}
            }
        }
    }

    /// Writes the payload of a prelogin message.
    pub fn encode(&self) -> Vec<u8> {
        let mut options: Vec<(u8, Vec<u8>)> = Vec::new();
        if let Some(version) = self.version {
            let mut data = vec![version.major, version.minor];
            data.extend(version.build.to_be_bytes());
            data.extend(version.sub_build.to_be_bytes());
            options.push((VERSION, data));
        }
        if let Some(encryption) = self.encryption {
            options.push((ENCRYPTION, vec![encryption.to_byte()]));
        }
        if let Some(instance) = &self.instance {
            options.push((INSTANCE, instance.clone()));
        }
        if let Some(thread_id) = self.thread_id {
            options.push((THREAD_ID, thread_id.to_be_bytes().to_vec()));
        }
        if let Some(mars) = self.mars {
            options.push((MARS, vec![mars]));
        }
        if let Some(trace_id) = &self.trace_id {
            options.push((TRACE_ID, trace_id.clone()));
        }
        let mut offset = options.len() * 5 + 1;
        let mut head = Vec::new();
        let mut body = Vec::new();
        for (option, mut data) in options {
            // Offsets are 16 bits wide; no honest instance name comes near.
            data.truncate(usize::from(u8::MAX));
            head.push(option);
            head.extend(u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes());
            head.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
            offset += data.len();
            body.extend(data);
        }
        head.push(TERMINATOR);
        head.extend(body);
        head
    }
}
