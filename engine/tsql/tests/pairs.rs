//! No statement swallows its successor.
//!
//! Every two recorded batches are joined by a line break, without a semicolon, wherever T-SQL
//! allows that. The result must be the statements of the one and then those of the other.

mod corpus;

use tsql::{Batch, Create, InsertSource, ParseError, Statement, StatementKind, parse_batch};

/// One recorded batch that can be read.
struct Side {
    text: String,
    alone: Batch,
}

impl Side {
    fn first(&self) -> &StatementKind {
        &self.alone.statements[0].kind
    }

    /// Modules reach to the end of their batch; CREATE SCHEMA takes the definitions behind it.
    fn must_be_first(&self) -> bool {
        let words: Vec<&str> = self
            .words()
            .filter(|word| !matches!(*word, "OR" | "CREATE" | "ALTER"))
            .collect();
        let defines = self
            .words()
            .next()
            .is_some_and(|word| matches!(word, "CREATE" | "ALTER"));
        let module = matches!(
            words.first(),
            Some(&("VIEW" | "PROCEDURE" | "PROC" | "FUNCTION" | "TRIGGER"))
        );
        (defines && module) || matches!(self.first(), StatementKind::Create(Create::Schema { .. }))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split_whitespace().take(4)
    }

    /// Begins with a name or a parenthesis, so that T-SQL itself wants a semicolon before.
    fn needs_semicolon_before(&self) -> bool {
        if self.text.starts_with(['[', '(']) {
            return true;
        }
        let word = self
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        word.is_some_and(|word| !word.is_empty() && !tsql::is_reserved(word))
    }

    fn begins_with_cte(&self) -> bool {
        self.text.starts_with("WITH")
    }
}

fn sides() -> Vec<Side> {
    corpus::recorded()
        .into_iter()
        .flat_map(|entry| tsql::split_batches(&entry.script))
        .filter_map(|batch| {
            let alone = parse_batch(&batch.text).ok()?;
            Some(Side {
                text: batch.text,
                alone,
            })
        })
        .collect()
}

/// A statement as it is read when `bytes` and `lines` stand before it.
fn moved(statement: &Statement, bytes: usize, lines: u32) -> Statement {
    let each = |statements: &[Statement]| -> Vec<Statement> {
        statements
            .iter()
            .map(|statement| moved(statement, bytes, lines))
            .collect()
    };
    let boxed = |statement: &Statement| Box::new(moved(statement, bytes, lines));
    let mut kind = statement.kind.clone();
    match &mut kind {
        StatementKind::If {
            then, otherwise, ..
        } => {
            *then = boxed(then);
            *otherwise = otherwise.as_deref().map(boxed);
        }
        StatementKind::While { body, .. } => *body = boxed(body),
        StatementKind::Block(body) => *body = each(body),
        StatementKind::TryCatch { body, handler } => {
            *body = each(body);
            *handler = each(handler);
        }
        StatementKind::Insert(insert) => {
            if let InsertSource::Execute(source) = &mut insert.source {
                *source = boxed(source);
            }
        }
        _ => {}
    }
    Statement {
        kind,
        line: statement.line + lines,
        span: statement.span.start + bytes..statement.span.end + bytes,
    }
}

fn check(first: &Side, second: &Side) -> Result<(), String> {
    let joined = format!("{}\n{}", first.text, second.text);
    let found = parse_batch(&joined);
    let refused = |number: i32| match &found {
        Err(error) if error.number == number => Ok(()),
        other => Err(format!(
            "{joined}\n  must be refused with {number}, is {}",
            shown(other)
        )),
    };
    if second.must_be_first() {
        return refused(111);
    }
    if second.begins_with_cte() && !first.text.trim_end().ends_with(';') {
        return refused(319);
    }
    let mut expected = first.alone.statements.clone();
    let bytes = first.text.len() + 1;
    let lines = 1 + first.text.matches('\n').count() as u32;
    expected.extend(
        second
            .alone
            .statements
            .iter()
            .map(|one| moved(one, bytes, lines)),
    );
    match &found {
        Ok(batch) if batch.statements == expected => Ok(()),
        other => Err(format!(
            "{joined}\n  expected {}\n  read as  {}",
            corpus::kinds(&expected),
            shown(other)
        )),
    }
}

fn shown(result: &Result<Batch, ParseError>) -> String {
    match result {
        Ok(batch) => corpus::kinds(&batch.statements),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_two_batches_joined_by_a_line_break_are_read_as_both() {
    let sides = sides();
    let firsts: Vec<&Side> = sides.iter().filter(|side| !side.must_be_first()).collect();
    let seconds: Vec<&Side> = sides
        .iter()
        .filter(|side| !side.needs_semicolon_before())
        .collect();
    let pairs = firsts.len() * seconds.len();
    let differences = |firsts: &[&Side]| -> Vec<String> {
        let pairs = firsts
            .iter()
            .flat_map(|first| seconds.iter().map(move |second| (first, second)));
        pairs
            .filter_map(|(first, second)| check(first, second).err())
            .collect()
    };
    let (one, other) = firsts.split_at(firsts.len() / 2);
    let wrong = std::thread::scope(|scope| {
        let half = scope.spawn(|| differences(one));
        let mut wrong = differences(other);
        wrong.extend(half.join().expect("no pair panics"));
        wrong
    });
    assert!(pairs > 50_000, "only {pairs} pairs were tried");
    assert!(
        wrong.is_empty(),
        "{} of {pairs} pairs misread, the first of them:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
