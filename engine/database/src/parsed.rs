//! Which batches have been parsed before?
//!
//! Parsing a batch costs more than running it, and a campaign sends the same texts over and over.
//! The cache has two generations: what was not asked for during one generation is forgotten, so
//! it is bounded and close to least-recently-used without a list.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tsql::{Batch, Parameter, ParseError};
use values::SqlError;

/// A batch, or why it is none.
pub(crate) type Parsed = Result<Arc<Batch>, Vec<SqlError>>;

/// Parsed batches by text.
pub(crate) struct ParsedBatches {
    generation_max: usize,
    generations: Mutex<[HashMap<Arc<str>, Parsed>; 2]>,
}

/// Longer texts are not kept: they are bulk loads, seen once.
const KEPT_BYTES_MAX: usize = 64 << 10;

impl ParsedBatches {
    pub(crate) fn new(batches_max: usize) -> Self {
        Self {
            generation_max: (batches_max / 2).max(1),
            generations: Mutex::default(),
        }
    }

    /// Parses and checks, or remembers.
    pub(crate) fn parse(&self, text: &str) -> Parsed {
        self.remembered(text, || parse(text, &[]))
    }

    /// The same for a text with parameters, which count as declared. `declaration` is their list
    /// as written.
    pub(crate) fn parse_parameterized(
        &self,
        text: &str,
        declaration: &str,
        parameters: &[Parameter],
    ) -> Parsed {
        // No batch begins with a parenthesis and a variable, so the keys of the two kinds differ.
        self.remembered(&format!("({declaration}){text}"), || {
            parse(text, parameters)
        })
    }

    fn remembered(&self, key: &str, parse: impl FnOnce() -> Parsed) -> Parsed {
        if key.len() > KEPT_BYTES_MAX {
            return parse();
        }
        if let Some(known) = self.find(key) {
            return known;
        }
        let parsed = parse();
        self.keep(Arc::from(key), parsed.clone());
        parsed
    }

    fn find(&self, text: &str) -> Option<Parsed> {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = generations[0].get(text) {
            return Some(known.clone());
        }
        let (key, known) = generations[1].remove_entry(text)?;
        let answer = known.clone();
        self.insert(&mut generations, key, known);
        Some(answer)
    }

    fn keep(&self, text: Arc<str>, parsed: Parsed) {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.insert(&mut generations, text, parsed);
    }

    fn insert(
        &self,
        generations: &mut [HashMap<Arc<str>, Parsed>; 2],
        text: Arc<str>,
        parsed: Parsed,
    ) {
        if generations[0].len() >= self.generation_max {
            generations[1] = std::mem::take(&mut generations[0]);
        }
        generations[0].insert(text, parsed);
    }
}

fn parse(text: &str, parameters: &[Parameter]) -> Parsed {
    let batch = tsql::parse_batch(text).map_err(|error| vec![syntax_error(&error)])?;
    let errors = crate::compile::check_batch(&batch, parameters);
    if errors.is_empty() {
        Ok(Arc::new(batch))
    } else {
        Err(errors)
    }
}

fn syntax_error(error: &ParseError) -> SqlError {
    let mut told = SqlError::new(error.number, ParseError::SEVERITY, 1, error.message.clone());
    told.line = error.line;
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_asked_for() {
        let cache = ParsedBatches::new(8);
        let first = cache.parse("SELECT 0").expect("parses");
        for i in 1..100 {
            let _ = cache.parse(&format!("SELECT {i}"));
            let again = cache.parse("SELECT 0").expect("parses");
            assert!(
                Arc::ptr_eq(&first, &again),
                "asked for all the time, but forgotten at {i}"
            );
        }
        let generations = cache.generations.lock().expect("not poisoned");
        assert!(generations[0].len() + generations[1].len() <= 8);
    }
}
