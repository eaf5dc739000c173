//! Compressed bodies, read with a limit: a bomb costs no more than the limit.

use std::io::Read;

/// Decoded bytes beyond the limit are counted up to here; then nobody counts any more.
const COUNTED_MAX: u64 = 64 << 20;

/// What a body holds once it is unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) body: Vec<u8>,
    /// Bytes beyond the limit.
    pub(super) dropped: u64,
}

/// Unpacks a body by its `Content-Encoding`, at most `limit` bytes of it. A body that is not what
/// its header says stays as it is, for it may hold something nevertheless.
pub(super) fn decode(encoding: &str, body: Vec<u8>, limit: usize) -> Decoded {
    let mut body = body;
    let mut dropped = 0;
    // Encodings are listed in the order in which they were applied.
    let mut layers: Vec<&str> = encoding.split(',').map(str::trim).collect();
    layers.truncate(3);
    for layer in layers.into_iter().rev() {
        let bytes = body.as_slice();
        let unpacked = match layer.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(bytes), limit),
            // What is called deflate is zlib for most, and raw for some.
            "deflate" => read(flate2::read::ZlibDecoder::new(bytes), limit)
                .or_else(|| read(flate2::read::DeflateDecoder::new(bytes), limit)),
            "br" => read(brotli_decompressor::Decompressor::new(bytes, 4_096), limit),
            _ => None,
        };
        if let Some(unpacked) = unpacked {
            body = unpacked.body;
            dropped += unpacked.dropped;
        }
    }
    Decoded { body, dropped }
}

/// `None` when not one byte could be read from a stream that has some.
fn read(mut stream: impl Read, limit: usize) -> Option<Decoded> {
    let mut body = Vec::new();
    let mut dropped = 0;
    let mut chunk = [0; 8_192];
    let mut failed = false;
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                let kept = count.min(limit - body.len());
                body.extend_from_slice(&chunk[..kept]);
                dropped += (count - kept) as u64;
                if dropped > COUNTED_MAX {
                    break;
                }
            }
            // Cut off: what was read before is kept.
            Err(_) => {
                failed = true;
                break;
            }
        }
    }
    (!failed || !body.is_empty()).then_some(Decoded { body, dropped })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::{Decoded, decode};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn bodies_are_unpacked_by_their_header_and_kept_when_it_lies() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"hello").expect("memory");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(b"hello").expect("memory");
        // "hello" as one uncompressed brotli metablock.
        let brotli = vec![0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
        for (encoding, body, expected) in [
            ("identity", b"hello".to_vec(), "hello"),
            ("gzip", gzip(b"hello"), "hello"),
            ("GZIP", gzip(b"hello"), "hello"),
            ("gzip, gzip", gzip(&gzip(b"hello")), "hello"),
            ("deflate", zlib.finish().expect("memory"), "hello"),
            ("deflate", raw.finish().expect("memory"), "hello"),
            ("br", brotli, "hello"),
            ("gzip", b"hello".to_vec(), "hello"),
            ("br", b"\xff\xff\xff".to_vec(), "\u{fffd}\u{fffd}\u{fffd}"),
            ("zstd", b"hello".to_vec(), "hello"),
        ] {
            let decoded = decode(encoding, body, 100);
            assert_eq!(
                String::from_utf8_lossy(&decoded.body),
                expected,
                "{encoding}"
            );
        }
    }

    #[test]
    fn a_bomb_costs_its_limit_and_is_counted() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert!(bomb.len() < 20_000);
        let Decoded { body, dropped } = decode("gzip", bomb, 1_000);
        assert_eq!((body.len(), dropped), (1_000, (10 << 20) - 1_000));
        let huge = gzip(&vec![0; 80 << 20]);
        let dropped = decode("gzip", huge, 1_000).dropped;
        assert!(
            dropped < 65 << 20,
            "counted no further than the limit: {dropped}"
        );
    }
}
