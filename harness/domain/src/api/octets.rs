//! How is a body written down? As the text that it nearly always is, so that people can read it and a
//! secret in it is found by who removes secrets; octets that are no text stand between the texts as numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A body as it is written.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    /// All of it is text.
    Text(String),
    /// Texts, and what is between them.
    Pieces(Vec<Piece>),
}

/// A piece of a body that is not all text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Octets(Vec<u8>),
}

pub(super) fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(text) = std::str::from_utf8(octets) {
        return serializer.serialize_str(text);
    }
    let mut pieces = Vec::new();
    for chunk in octets.utf8_chunks() {
        if !chunk.valid().is_empty() {
            pieces.push(Piece::Text(chunk.valid().to_owned()));
        }
        if chunk.invalid().is_empty() {
            continue;
        }
        match pieces.last_mut() {
            Some(Piece::Octets(octets)) => octets.extend(chunk.invalid()),
            _ => pieces.push(Piece::Octets(chunk.invalid().to_vec())),
        }
    }
    Written::Pieces(pieces).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    Ok(match Written::deserialize(deserializer)? {
        Written::Text(text) => text.into_bytes(),
        Written::Pieces(pieces) => pieces.into_iter().flat_map(Piece::into_octets).collect(),
    })
}

impl Piece {
    fn into_octets(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Octets(octets) => octets,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::api::history::Answer;

    #[test]
    fn bodies_are_written_as_text_and_read_back_octet_by_octet() {
        for (body, written) in [
            (&b""[..], r#""""#),
            (b"{\"id\":7}", r#""{\"id\":7}""#),
            ("señor\u{0}\n".as_bytes(), r#""señor\u0000\n""#),
            (b"\xff\xfe", "[[255,254]]"),
            (
                b"PK\x03\x04\xe9\xff password=x\x80",
                r#"["PK\u0003\u0004",[233,255]," password=x",[128]]"#,
            ),
            (b"cut at \xc3", r#"["cut at ",[195]]"#),
        ] {
            let answer = Answer {
                body: body.to_vec(),
                ..Answer::default()
            };
            let printed = serde_json::to_value(&answer).expect("an answer is JSON");
            assert_eq!(printed["body"].to_string(), written);
            let read: Answer = serde_json::from_value(printed).expect("it reads back");
            assert_eq!(read, answer);
        }
    }
}
