//! Where a script is cut into batches: at `GO` lines, as sqlcmd and Management Studio do.
//!
//! `GO` is no T-SQL; the server never sees it. It counts only on a line of its own, outside
//! strings, bracketed names and comments, with an optional count and an optional comment.

use crate::lexer::delimited;

/// One batch of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptBatch {
    /// Its text, without the `GO` line.
    pub text: String,
    /// The line of the script on which the text begins, from 1.
    pub line: u32,
    /// How often it is to be run: the number after `GO`.
    pub count: u32,
}

/// Cuts a script at its `GO` lines. Batches of nothing but white space are left out.
pub fn split_batches(script: &str) -> Vec<ScriptBatch> {
    let bytes = script.as_bytes();
    let mut batches = Vec::new();
    let mut begin = 0;
    let mut begin_line = 1;
    let mut at = 0;
    let mut line = 1;
    let mut line_is_fresh = true;
    while at < bytes.len() {
        if line_is_fresh && let Some((count, end)) = separator(script, at) {
            push(&mut batches, &script[begin..at], begin_line, count);
            at = end;
            line += 1;
            begin = at;
            begin_line = line;
            continue;
        }
        let next = match delimited(bytes, at) {
            Ok(Some(end)) => end,
            Ok(None) => at + 1,
            // What is never closed swallows the rest; the parser will say so.
            Err(_) => bytes.len(),
        };
        line += bytes[at..next]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count() as u32;
        line_is_fresh = bytes[next - 1] == b'\n';
        at = next;
    }
    push(&mut batches, &script[begin..], begin_line, 1);
    batches
}

fn push(batches: &mut Vec<ScriptBatch>, text: &str, line: u32, count: u32) {
    if !text.trim().is_empty() {
        batches.push(ScriptBatch {
            text: text.to_owned(),
            line,
            count,
        });
    }
}

/// Reads a `GO` line that begins at `start`: its count, and where the next line begins.
fn separator(script: &str, start: usize) -> Option<(u32, usize)> {
    let rest = &script[start..];
    let length = rest.find('\n').map_or(rest.len(), |length| length + 1);
    let line = rest[..length].trim();
    let after = line.get(2..)?;
    if !line[..2].eq_ignore_ascii_case("GO") {
        return None;
    }
    let after = after.split("--").next().unwrap_or_default();
    let after = match after.split_once("/*") {
        Some((before, comment)) => {
            // Only a comment that ends the line; one that goes on is not ours to cut.
            comment
                .strip_suffix("*/")
                .filter(|inside| !inside.contains("*/"))?;
            before
        }
        None => after,
    };
    if !after.is_empty() && !after.starts_with([' ', '\t']) && line.len() != 2 {
        return None;
    }
    let count = match after.trim() {
        "" => 1,
        number => number.parse().ok()?,
    };
    Some((count, start + length))
}
