//! When was it sealed, as somebody says who has no part in it? A time-stamping authority (RFC 3161) signs the hash of
//! the signed checkpoint together with its time. Asking it and checking its certificate is openssl's part; here the
//! question is written, and the answer held against it.

use record::bundle::Files;
use record::canonical::sha256;
use record::manifest::CHECKPOINT;

use crate::verifying::Report;

/// The question, as it was sent.
pub const QUERY: &str = "attestations/timestamp.tsq";
/// The answer, as it came.
pub const REPLY: &str = "attestations/timestamp.tsr";

/// Everything of a `TimeStampReq` before the hash: version 1, SHA-256.
const BEFORE: [u8; 24] = [
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// And after it: the authority's certificate is wanted in the answer.
const AFTER: [u8; 3] = [0x01, 0x01, 0xff];

/// The question about these bytes.
pub fn query(data: &[u8]) -> Vec<u8> {
    [&BEFORE[..], &sha256(data), &AFTER].concat()
}

/// Whether an answer speaks of these bytes at all. That it is signed, and by whom, is not looked at.
pub fn is_about(reply: &[u8], data: &[u8]) -> bool {
    let hash = sha256(data);
    reply.windows(hash.len()).any(|window| window == hash)
}

/// Checks what can be checked without a certificate.
pub(crate) fn check(files: &Files, report: &mut Report) {
    let (asked, answered) = (files.get(QUERY), files.get(REPLY));
    if asked.is_none() && answered.is_none() {
        return;
    }
    let checkpoint = files.get(CHECKPOINT).map(Vec::as_slice).unwrap_or_default();
    let mut problems = Vec::new();
    match asked {
        None => problems.push(format!("{QUERY} is missing")),
        Some(asked) if *asked != query(checkpoint) => {
            problems.push(format!("{QUERY} does not ask about {CHECKPOINT}"));
        }
        Some(_) => {}
    }
    match answered {
        None => problems.push(format!("{REPLY} is missing")),
        Some(answered) if !is_about(answered, checkpoint) => {
            problems.push(format!("{REPLY} is not about {CHECKPOINT}"));
        }
        Some(_) => {}
    }
    report.step(
        "timestamp",
        "a reply about the signed checkpoint is there; who signed it, and when, `--tsa-ca` checks",
        problems,
    );
}

#[cfg(test)]
mod tests {
    use super::{is_about, query};

    #[test]
    fn a_question_is_the_one_that_openssl_writes() {
        // openssl ts -query -data FILE -sha256 -cert -no_nonce, for a file with the bytes `abc`.
        let expected = "3039020101303130\
             0d06096086480165030402010500\
             0420ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\
             0101ff";
        let digits: String = query(b"abc")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digits, expected);
        assert!(is_about(&query(b"abc"), b"abc") && !is_about(&query(b"abc"), b"abd"));
    }
}
