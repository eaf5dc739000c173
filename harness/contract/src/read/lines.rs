//! On which line a place stands. Asked only for places of warnings, in a second pass over the
//! text: the tree of a large document should not carry a line at every value.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser};

use super::document::escaped;

/// Lines of the wanted pointers and of what they lie in, as far as they exist.
pub(super) fn find<'a>(
    text: &str,
    is_json: bool,
    wanted: impl Iterator<Item = &'a str>,
) -> BTreeMap<String, usize> {
    let mut places = BTreeSet::new();
    for pointer in wanted {
        let ends = pointer.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([pointer.len()]) {
            places.insert(pointer[..end].to_owned());
        }
    }
    let mut finder = Finder {
        wanted: places,
        pointer: String::new(),
        frames: Vec::new(),
        lines: BTreeMap::new(),
    };
    if finder.wanted.is_empty() {
        return finder.lines;
    }
    if is_json {
        finder.json(text);
    } else {
        finder.yaml(text);
    }
    finder.lines
}

/// The line of a pointer, or of the nearest place around it.
pub(super) fn nearest(lines: &BTreeMap<String, usize>, pointer: &str) -> Option<usize> {
    let mut place = pointer;
    loop {
        if let Some(line) = lines.get(place) {
            return Some(*line);
        }
        place = &place[..place.rfind('/')?];
    }
}

struct Finder {
    wanted: BTreeSet<String>,
    pointer: String,
    frames: Vec<Frame>,
    lines: BTreeMap<String, usize>,
}

/// An object or array that has begun.
struct Frame {
    /// The next element, in an array.
    index: Option<usize>,
    /// In an object: the key that waits for its value, with its line.
    key: Option<(String, usize)>,
    /// Whether something inside can be wanted.
    is_wanted: bool,
    /// The pointer's length without what was added for this frame.
    length: usize,
}

impl Finder {
    /// A value begins on this line. Returns whether it is wanted; its pointer is then the last.
    fn begin(&mut self, line: usize) -> bool {
        let Some(frame) = self.frames.last_mut() else {
            self.lines.entry(String::new()).or_insert(line);
            return true;
        };
        let (token, line) = match (&mut frame.index, frame.key.take()) {
            (Some(index), _) => {
                *index += 1;
                ((*index - 1).to_string(), line)
            }
            // A key's line is where people look.
            (None, Some((key, line))) => (key, line),
            (None, None) => return false,
        };
        if !frame.is_wanted {
            return false;
        }
        self.pointer.push('/');
        self.pointer.push_str(&escaped(&token));
        let is_wanted = self.wanted.contains(&self.pointer);
        if is_wanted {
            self.lines.entry(self.pointer.clone()).or_insert(line);
        }
        is_wanted
    }

    fn scalar(&mut self, line: usize) {
        let length = self.pointer.len();
        self.begin(line);
        self.pointer.truncate(length);
    }

    fn open(&mut self, line: usize, is_array: bool) {
        let length = self.pointer.len();
        let is_wanted = self.begin(line);
        self.frames.push(Frame {
            index: is_array.then_some(0),
            key: None,
            is_wanted,
            length,
        });
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.pointer.truncate(frame.length);
        }
    }

    /// Whether a text here would be a key.
    fn expects_key(&self) -> bool {
        let frame = self.frames.last();
        frame.is_some_and(|frame| frame.index.is_none() && frame.key.is_none())
    }

    fn key(&mut self, key: String, line: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((key, line));
        }
    }

    fn yaml(&mut self, text: &str) {
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else {
                return;
            };
            let line = span.start.line().max(1);
            match event {
                Event::Scalar(text, ..) if self.expects_key() => self.key(text.into_owned(), line),
                Event::Scalar(..) => self.scalar(line),
                Event::Alias(_) if self.expects_key() => self.key(String::new(), line),
                Event::Alias(_) => self.scalar(line),
                // A key that is no text: nothing inside it has a pointer.
                Event::SequenceStart(..) if self.expects_key() => return,
                Event::MappingStart(..) if self.expects_key() => return,
                Event::SequenceStart(..) => self.open(line, true),
                Event::MappingStart(..) => self.open(line, false),
                Event::SequenceEnd | Event::MappingEnd => self.close(),
                Event::DocumentEnd => return,
                _ => {}
            }
        }
    }

    /// Over a text that is known to be JSON.
    fn json(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut line = 1;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'\n' => line += 1,
                b'{' => self.open(line, false),
                b'[' => self.open(line, true),
                b'}' | b']' => self.close(),
                b'"' => {
                    let start = at - 1;
                    while let Some(&byte) = bytes.get(at) {
                        at += if byte == b'\\' { 2 } else { 1 };
                        if byte == b'"' {
                            break;
                        }
                    }
                    if !self.expects_key() {
                        self.scalar(line);
                        continue;
                    }
                    let quoted = text.get(start..at).unwrap_or_default();
                    self.key(serde_json::from_str(quoted).unwrap_or_default(), line);
                }
                b' ' | b'\t' | b'\r' | b',' | b':' => {}
                _ => {
                    self.scalar(line);
                    let rest = &bytes[at..];
                    let end = rest.iter().position(|b| b",]} \t\r\n".contains(b));
                    at += end.unwrap_or(rest.len());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{find, nearest};

    #[test]
    fn places_have_the_same_lines_in_both_formats() {
        let json = "{\n \"a\": {\n  \"b/c\": [\n   1,\n   \"x\\\"y\",\n   {\"d\": null}\n  ]\n },\n \"e\":\n  true\n}";
        let yaml = "\na:\n  b/c:\n    - 1\n    - x\n    - {d: null}\n\n\ne:\n  true\n";
        for (pointer, line) in [
            ("", 1),
            ("/a", 2),
            ("/a/b~1c", 3),
            ("/a/b~1c/0", 4),
            ("/a/b~1c/1", 5),
            ("/a/b~1c/2/d", 6),
            ("/a/b~1c/2/missing/deep", 6),
            ("/e", 9),
        ] {
            for (text, is_json) in [(json, true), (yaml, false)] {
                let lines = find(text, is_json, [pointer].into_iter());
                let expected = if pointer.is_empty() && !is_json {
                    2
                } else {
                    line
                };
                assert_eq!(nearest(&lines, pointer), Some(expected), "{pointer}");
            }
        }
    }
}
