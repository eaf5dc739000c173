//! What is packed in a body: gzip, zlib, and the entries of a zip archive.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Bytes that are unpacked of one body, at most.
const UNPACKED_MAX: u64 = 16 << 20;
/// Entries of an archive that are looked into.
const ENTRIES_MAX: usize = 1_000;
/// Bytes of an archive's local header, without name and extra field.
const LOCAL_HEADER: usize = 30;

/// Every content that is packed in these bytes; none for what is not packed.
pub(crate) fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => read(MultiGzDecoder::new(bytes)).into_iter().collect(),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            read(ZlibDecoder::new(bytes)).into_iter().collect()
        }
        [b'P', b'K', 3, 4, ..] => entries(bytes),
        _ => Vec::new(),
    }
}

/// As much as can be read; nothing when it is not what its first bytes say.
fn read(decoder: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let ended = decoder.take(UNPACKED_MAX).read_to_end(&mut out);
    (ended.is_ok() || !out.is_empty()).then_some(out)
}

/// The names and contents of an archive's entries, found by their local headers.
fn entries(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < ENTRIES_MAX {
        let Some(next) = bytes
            .get(at..)
            .and_then(|rest| rest.windows(4).position(|four| four == b"PK\x03\x04"))
        else {
            break;
        };
        let header = at + next;
        at = header + 4;
        let short = |offset: usize| {
            let two = bytes.get(header + offset..header + offset + 2);
            two.map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])))
        };
        let (Some(method), Some(name), Some(extra)) = (short(8), short(26), short(28)) else {
            break;
        };
        let named = header + LOCAL_HEADER;
        let Some(content) = bytes.get(named + name + extra..) else {
            break;
        };
        found.extend(bytes.get(named..named + name).map(<[u8]>::to_vec));
        // What is only stored is seen in the bytes as they are.
        if method == 8 {
            found.extend(read(DeflateDecoder::new(content)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::unpacked;

    #[test]
    fn packed_contents_are_found_and_others_left_alone() {
        let content = b"a customer called wtxxxx00, and more of the same";
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(content).expect("in memory");
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(content).expect("in memory");
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(content).expect("in memory");
        let mut archive = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
        archive.extend([0; 16]);
        archive.extend([5, 0, 0, 0]);
        archive.extend(b"a.csv");
        archive.extend(deflated.finish().expect("in memory"));
        for (title, packed, expected) in [
            ("gzip", gzip.finish().expect("in memory"), 1),
            ("zlib", zlib.finish().expect("in memory"), 1),
            ("zip", archive, 2),
            ("text", content.to_vec(), 0),
            ("a broken head", vec![0x1f, 0x8b, 1, 2, 3], 0),
            ("a broken archive", b"PK\x03\x04".to_vec(), 0),
        ] {
            let found = unpacked(&packed);
            assert_eq!(found.len(), expected, "{title}");
            if let Some(last) = found.last() {
                assert_eq!(last, content, "{title}");
            }
        }
    }
}
