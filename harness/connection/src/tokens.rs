//! What the driver keeps to itself: every error, every message and every row count in the bytes
//! of one answer.
//!
//! Reads the token stream of MS-TDS 7.2 to 7.4 and skips the rows. Anything unexpected gives
//! `None`, and the answer is then what the driver says: a second reading must never be able to
//! spoil the first.

use domain::history::ServerMessage;

/// The facts of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Errors, in order.
    pub errors: Vec<Located>,
    /// Messages of severity 10 and below, in order.
    pub messages: Vec<Located>,
    /// Rows affected, summed over statements other than SELECT.
    pub rows_affected: u64,
}

/// A message and the line that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The message.
    pub message: ServerMessage,
    /// Line within the batch or the procedure, from 1.
    pub line: u32,
    /// The procedure; empty for the batch itself.
    pub procedure: String,
}

/// Reads the packets of one whole answer.
pub fn facts(packets: &[u8]) -> Option<Facts> {
    let stream = unwrap_packets(packets)?;
    let mut reader = Reader { bytes: &stream };
    let mut facts = Facts::default();
    let mut columns: Vec<Shape> = Vec::new();
    while !reader.bytes.is_empty() {
        match reader.u8()? {
            0x81 => columns = column_shapes(&mut reader)?,
            0xD1 => {
                for shape in &columns {
                    shape.skip(&mut reader)?;
                }
            }
            0xD2 => {
                let nulls = reader.take(columns.len().div_ceil(8))?;
                for (position, shape) in columns.iter().enumerate() {
                    if nulls[position / 8] & (1 << (position % 8)) == 0 {
                        shape.skip(&mut reader)?;
                    }
                }
            }
            0xFD..=0xFF => {
                let status = reader.u16()?;
                let command = reader.u16()?;
                let count = reader.u64()?;
                if status & DONE_COUNT != 0 && command != COMMAND_SELECT {
                    facts.rows_affected = facts.rows_affected.saturating_add(count);
                }
            }
            0xAA => facts.errors.push(message(&mut reader)?),
            0xAB => facts.messages.push(message(&mut reader)?),
            // ENVCHANGE, ORDER, TABNAME, COLINFO: two bytes of length.
            0xE3 | 0xA9 | 0xA4 | 0xA5 => {
                let length = usize::from(reader.u16()?);
                reader.take(length)?;
            }
            // SESSIONSTATE: four.
            0xE4 => {
                let length = usize::try_from(reader.u32()?).ok()?;
                reader.take(length)?;
            }
            // RETURNSTATUS.
            0x79 => {
                reader.take(4)?;
            }
            _ => return None,
        }
    }
    Some(facts)
}

const DONE_COUNT: u16 = 0x10;
/// SELECT counts the rows it returned; nothing was affected.
const COMMAND_SELECT: u16 = 0xC1;

/// Joins the payloads of tabular-result packets up to the end of the message.
fn unwrap_packets(mut packets: &[u8]) -> Option<Vec<u8>> {
    const TABULAR_RESULT: u8 = 0x04;
    const HEADER: usize = 8;
    let mut stream = Vec::with_capacity(packets.len());
    while !packets.is_empty() {
        let header = packets.get(..HEADER)?;
        if header[0] != TABULAR_RESULT {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        stream.extend_from_slice(packets.get(HEADER..length)?);
        packets = &packets[length..];
        if header[1] & 1 != 0 {
            return packets.is_empty().then_some(stream);
        }
    }
    None
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn text(&mut self, units: usize) -> Option<String> {
        let bytes = self.take(units.checked_mul(2)?)?;
        let units = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| u16::from_le_bytes(*pair));
        Some(
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or('\u{fffd}'))
                .collect(),
        )
    }

    fn short_text(&mut self) -> Option<String> {
        let units = usize::from(self.u8()?);
        self.text(units)
    }

    fn long_text(&mut self) -> Option<String> {
        let units = usize::from(self.u16()?);
        self.text(units)
    }
}

fn message(reader: &mut Reader<'_>) -> Option<Located> {
    let length = usize::from(reader.u16()?);
    let mut body = Reader {
        bytes: reader.take(length)?,
    };
    let number = i32::from_le_bytes(body.array()?);
    let state = body.u8()?;
    let severity = body.u8()?;
    let text = body.long_text()?;
    let _server = body.short_text()?;
    let procedure = body.short_text()?;
    let line = body.u32()?;
    Some(Located {
        message: ServerMessage {
            number,
            severity,
            state,
            text,
        },
        line,
        procedure,
    })
}

/// How the value of a column is framed in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// So many bytes.
    Fixed(usize),
    /// One byte of length.
    Byte,
    /// Two bytes of length, 0xFFFF for NULL.
    Short,
    /// Four bytes of length.
    Long,
    /// Text pointer, timestamp and four bytes of length.
    TextPointer,
    /// Chunks.
    Partial,
}

impl Shape {
    fn skip(self, reader: &mut Reader<'_>) -> Option<()> {
        let length = match self {
            Self::Fixed(length) => length,
            Self::Byte => usize::from(reader.u8()?),
            Self::Short => match reader.u16()? {
                0xFFFF => 0,
                length => usize::from(length),
            },
            Self::Long => usize::try_from(reader.u32()?).ok()?,
            Self::TextPointer => match reader.u8()? {
                0 => 0,
                pointer => {
                    reader.take(usize::from(pointer) + 8)?;
                    usize::try_from(reader.u32()?).ok()?
                }
            },
            Self::Partial => {
                if reader.u64()? != u64::MAX {
                    loop {
                        match reader.u32()? {
                            0 => break,
                            length => reader.take(usize::try_from(length).ok()?)?,
                        };
                    }
                }
                0
            }
        };
        reader.take(length).map(|_| ())
    }
}

fn column_shapes(reader: &mut Reader<'_>) -> Option<Vec<Shape>> {
    let count = match reader.u16()? {
        0xFFFF => 0,
        count => usize::from(count),
    };
    let mut shapes = Vec::with_capacity(count);
    for _ in 0..count {
        reader.take(4 + 2)?; // user type and flags
        shapes.push(column_shape(reader)?);
        reader.short_text()?;
    }
    Some(shapes)
}

fn column_shape(reader: &mut Reader<'_>) -> Option<Shape> {
    Some(match reader.u8()? {
        0x1F => Shape::Fixed(0),
        0x30 | 0x32 => Shape::Fixed(1),
        0x34 => Shape::Fixed(2),
        0x38 | 0x3A | 0x3B | 0x7A => Shape::Fixed(4),
        0x3C | 0x3D | 0x3E | 0x7F => Shape::Fixed(8),
        // uniqueidentifier, int, bit, float, money, datetime of any width.
        0x24 | 0x26 | 0x68 | 0x6D | 0x6E | 0x6F => {
            reader.take(1)?;
            Shape::Byte
        }
        // decimal, numeric: length, precision, scale.
        0x6A | 0x6C => {
            reader.take(3)?;
            Shape::Byte
        }
        // date has no length; time, datetime2 and datetimeoffset have a scale.
        0x28 => Shape::Byte,
        0x29..=0x2B => {
            reader.take(1)?;
            Shape::Byte
        }
        // varbinary, binary.
        0xA5 | 0xAD => match reader.u16()? {
            0xFFFF => Shape::Partial,
            _ => Shape::Short,
        },
        // varchar, char, nvarchar, nchar with a collation.
        0xA7 | 0xAF | 0xE7 | 0xEF => {
            let length = reader.u16()?;
            reader.take(5)?;
            if length == 0xFFFF {
                Shape::Partial
            } else {
                Shape::Short
            }
        }
        // text, ntext with a collation, image without; then the table's name.
        kind @ (0x23 | 0x63 | 0x22) => {
            reader.take(4)?;
            if kind != 0x22 {
                reader.take(5)?;
            }
            for _ in 0..reader.u8()? {
                reader.long_text()?;
            }
            Shape::TextPointer
        }
        // sql_variant.
        0x62 => {
            reader.take(4)?;
            Shape::Long
        }
        // xml.
        0xF1 => {
            if reader.u8()? == 1 {
                reader.short_text()?;
                reader.short_text()?;
                reader.long_text()?;
            }
            Shape::Partial
        }
        // CLR types.
        0xF0 => {
            reader.take(2)?;
            for _ in 0..3 {
                reader.short_text()?;
            }
            reader.long_text()?;
            Shape::Partial
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Facts, Located, facts};
    use domain::history::ServerMessage;

    fn packet(payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len() + 8)
            .expect("small")
            .to_be_bytes();
        let mut bytes = vec![0x04, 0x01, length[0], length[1], 0, 0, 1, 0];
        bytes.extend_from_slice(payload);
        bytes
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn message(token: u8, number: i32, severity: u8, text: &str, line: u32) -> Vec<u8> {
        let mut body = number.to_le_bytes().to_vec();
        body.extend([1, severity]);
        body.extend(u16::try_from(text.len()).expect("short").to_le_bytes());
        body.extend(utf16(text));
        body.extend([0, 0]);
        body.extend(line.to_le_bytes());
        let mut bytes = vec![token];
        bytes.extend(u16::try_from(body.len()).expect("short").to_le_bytes());
        bytes.extend(body);
        bytes
    }

    fn done(status: u16, command: u16, rows: u64) -> Vec<u8> {
        let mut bytes = vec![0xFD];
        bytes.extend(status.to_le_bytes());
        bytes.extend(command.to_le_bytes());
        bytes.extend(rows.to_le_bytes());
        bytes
    }

    fn located(number: i32, severity: u8, text: &str, line: u32) -> Located {
        Located {
            message: ServerMessage {
                number,
                severity,
                state: 1,
                text: text.into(),
            },
            line,
            procedure: String::new(),
        }
    }

    #[test]
    fn all_errors_messages_and_counts_are_found_between_rows() {
        let mut stream = Vec::new();
        // One int column named `n` and one nvarchar(10) named `t`, then a row of each kind.
        stream.extend([0x81, 2, 0]);
        stream.extend([0, 0, 0, 0, 0, 0, 0x26, 4, 1]);
        stream.extend(utf16("n"));
        stream.extend([0, 0, 0, 0, 0, 0, 0xE7, 20, 0, 9, 4, 0xD0, 0, 0x34, 1]);
        stream.extend(utf16("t"));
        stream.extend([0xD1, 4, 7, 0, 0, 0, 2, 0, b'x', 0]);
        stream.extend([0xD2, 0b10, 4, 7, 0, 0, 0]);
        stream.extend(done(0x11, 0xC1, 2));
        stream.extend(message(0xAA, 229, 14, "denied", 1));
        stream.extend(message(0xAB, 3621, 0, "ended", 1));
        stream.extend(done(0x11, 0xC3, 3));
        stream.extend(message(0xAA, 547, 16, "conflict", 9));
        stream.extend(done(0x10, 0xC5, 4));
        assert_eq!(
            facts(&packet(&stream)),
            Some(Facts {
                errors: vec![
                    located(229, 14, "denied", 1),
                    located(547, 16, "conflict", 9)
                ],
                messages: vec![located(3621, 0, "ended", 1)],
                rows_affected: 7,
            })
        );
    }

    #[test]
    fn what_is_not_understood_gives_nothing_rather_than_something_wrong() {
        for bytes in [
            packet(&[0x42]),
            packet(&[0x81, 1, 0, 0, 0]),
            vec![0x17, 3, 3, 0, 10, 1, 2, 3],
            packet(&done(0, 0, 0))[..12].to_vec(),
        ] {
            assert_eq!(facts(&bytes), None, "{bytes:x?}");
        }
    }
}
