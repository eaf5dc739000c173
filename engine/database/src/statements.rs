//! Which statements ran? What `sys.dm_exec_query_stats` and its neighbours show.
//!
//! A real server shows the plans that it still holds, not what ever ran; so this keeps a bounded
//! number, lets the oldest go, and counts what went. Only statements that succeeded are there: one
//! that is refused never gets as far as being executed. It is no part of a snapshot, as the cache
//! of plans is no part of a database: a restore of the instance forgets no statement.
//!
//! Noting must neither cost much nor be noticed. The text is the parsed batch's own, and the time
//! is the last one that somebody else looked at: a look of its own would move the logical clock.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::{DatabaseId, Handles, LoginId, ObjectId, StatementInfo};
use tsql::{Statement, StatementKind};

use crate::batch::Interpreter;

/// Statements that are kept, and bytes of text that they may hold on to.
const KEPT_MAX: usize = 8_192;
const KEPT_BYTES_MAX: usize = 32 << 20;

/// The text that a scope runs.
#[derive(Debug, Clone)]
pub(crate) struct RunningText {
    /// What the positions of its statements point into.
    pub(crate) text: Arc<str>,
    /// The parameters of a parameterized text, as written; it is shown in front.
    pub(crate) parameters: Option<Arc<str>>,
    /// The module, when it is one.
    pub(crate) object: Option<ObjectId>,
}

/// One statement. Texts are compared by place: the cache of parsed batches gives the same text to
/// everybody who sends it, and what is kept here cannot be freed and used for another.
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy)]
struct Key {
    text: usize,
    start: usize,
    database: DatabaseId,
    login: Option<LoginId>,
}

#[derive(Debug)]
struct Kept {
    running: RunningText,
    span: Range<usize>,
    created: i64,
    last: i64,
    count: i64,
    /// Made when somebody asks.
    handles: Option<Handles>,
}

#[derive(Debug, Default)]
struct Cache {
    kept: HashMap<Key, Kept>,
    /// In order of their first run.
    order: VecDeque<Key>,
    /// Those that were asked for by handle.
    handles: HashMap<Arc<[u8]>, Key>,
    bytes: usize,
    dropped: u64,
}

/// The statements that ran.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    cache: Mutex<Cache>,
    /// The last time that anybody was told.
    clock: AtomicI64,
}

impl Statements {
    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody looked at the clock.
    pub(crate) fn saw(&self, now: i64) {
        self.clock.store(now, Ordering::Relaxed);
    }

    /// Notes one run.
    pub(crate) fn note(
        &self,
        running: &RunningText,
        span: Range<usize>,
        database: DatabaseId,
        login: Option<LoginId>,
    ) {
        let now = self.clock.load(Ordering::Relaxed);
        let key = Key {
            text: running.text.as_ptr() as usize,
            start: span.start,
            database,
            login,
        };
        let mut cache = self.lock();
        if let Some(kept) = cache.kept.get_mut(&key) {
            kept.count += 1;
            kept.last = now;
            return;
        }
        cache.bytes += running.text.len();
        cache.order.push_back(key);
        cache.kept.insert(
            key,
            Kept {
                running: running.clone(),
                span,
                created: now,
                last: now,
                count: 1,
                handles: None,
            },
        );
        while cache.order.len() > KEPT_MAX || cache.bytes > KEPT_BYTES_MAX {
            if !cache.let_go() {
                break;
            }
        }
    }

    /// Begins anew: nothing is kept, and nothing counts as dropped.
    pub(crate) fn forget(&self) {
        *self.lock() = Cache::default();
    }

    /// All that are kept, in order of their first run.
    pub(crate) fn describe(&self) -> Vec<StatementInfo> {
        let mut cache = self.lock();
        cache.name();
        let infos = cache.order.iter().filter_map(|key| cache.info(key));
        infos.collect()
    }

    fn find(&self, handle: &[u8]) -> Option<StatementInfo> {
        let mut cache = self.lock();
        cache.name();
        cache.info(cache.handles.get(handle)?)
    }

    /// How many the bound has let go.
    pub(crate) fn let_go(&self) -> u64 {
        self.lock().dropped
    }
}

impl Cache {
    /// Gives every statement its handles: they cost a digest, which is paid when somebody asks.
    fn name(&mut self) {
        for key in &self.order {
            let Some(kept) = self.kept.get_mut(key) else {
                continue;
            };
            if kept.handles.is_none() {
                let text = kept.running.shown();
                let handles = Handles::of(&text, key.database, kept.running.object);
                for handle in [&handles.sql, &handles.plan] {
                    self.handles.entry(Arc::clone(handle)).or_insert(*key);
                }
                kept.handles = Some(handles);
            }
        }
    }

    fn info(&self, key: &Key) -> Option<StatementInfo> {
        let kept = self.kept.get(key)?;
        let before = kept.running.parameters.as_ref();
        let before = before.map_or(0, |parameters| parameters.len() + 2);
        Some(StatementInfo {
            text: kept.running.shown(),
            start: before + kept.span.start,
            end: before + kept.span.end,
            database: key.database,
            object: kept.running.object,
            login: key.login,
            created: kept.created,
            last: kept.last,
            count: kept.count,
            handles: kept.handles.clone()?,
        })
    }

    /// Lets the oldest statement go; false when there is none.
    fn let_go(&mut self) -> bool {
        let Some(oldest) = self.order.pop_front() else {
            return false;
        };
        if let Some(kept) = self.kept.remove(&oldest) {
            self.bytes -= kept.running.text.len();
            self.dropped += 1;
            if let Some(handles) = kept.handles {
                for handle in [handles.sql, handles.plan] {
                    if self.handles.get(&handle) == Some(&oldest) {
                        self.handles.remove(&handle);
                        // Another statement of the same text may answer to it.
                        self.unname(&handle);
                    }
                }
            }
        }
        true
    }

    /// Lets the others that have this handle be named anew.
    fn unname(&mut self, handle: &[u8]) {
        for kept in self.kept.values_mut() {
            let same = |own: &Handles| own.sql[..] == *handle || own.plan[..] == *handle;
            if kept.handles.as_ref().is_some_and(same) {
                kept.handles = None;
            }
        }
    }
}

impl RunningText {
    /// The text as it is shown: parameters in front, as the server does.
    fn shown(&self) -> Arc<str> {
        match &self.parameters {
            Some(parameters) => Arc::from(format!("({parameters}){}", self.text)),
            None => Arc::clone(&self.text),
        }
    }
}

impl catalog::Statements for Statements {
    fn statements(&self) -> Vec<StatementInfo> {
        self.describe()
    }

    fn with_handle(&self, handle: &[u8]) -> Option<StatementInfo> {
        self.find(handle)
    }

    fn dropped(&self) -> u64 {
        self.let_go()
    }
}

impl Interpreter<'_> {
    /// Notes a statement that reads or changes rows, as the running text has it.
    pub(crate) fn note(&self, statement: &Statement) {
        let Some(running) = &self.scope().text else {
            return;
        };
        let span = match &statement.kind {
            StatementKind::Select(_)
            | StatementKind::SelectAssign(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_)
            | StatementKind::Truncate { .. } => statement.span.clone(),
            // Their conditions and values are queries when they hold one.
            StatementKind::If { then: inside, .. } | StatementKind::While { body: inside, .. } => {
                let head = running.text.get(statement.span.start..inside.span.start);
                let length = head.map_or(0, |head| head.trim_end().len());
                statement.span.start..statement.span.start + length
            }
            StatementKind::SetVariable { .. }
            | StatementKind::Declare(_)
            | StatementKind::Return(_)
            | StatementKind::Print(_) => statement.span.clone(),
            _ => return,
        };
        let rows = matches!(
            statement.kind,
            StatementKind::Select(_)
                | StatementKind::SelectAssign(_)
                | StatementKind::Insert(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
                | StatementKind::Merge(_)
                | StatementKind::Truncate { .. }
        );
        if !rows && !running.text.get(span.clone()).is_some_and(holds_query) {
            return;
        }
        let login = self.session.security.original_login();
        self.runtime
            .shared
            .statements
            .note(running, span, self.session.database, login);
    }
}

fn holds_query(text: &str) -> bool {
    text.as_bytes()
        .windows(6)
        .any(|word| word.eq_ignore_ascii_case(b"select"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(text: &str) -> RunningText {
        RunningText {
            text: Arc::from(text),
            parameters: None,
            object: None,
        }
    }

    #[test]
    fn the_oldest_are_let_go_and_counted() {
        let statements = Statements::default();
        let first = running("SELECT 0");
        statements.note(&first, 0..8, DatabaseId(1), None);
        for i in 0..KEPT_MAX {
            statements.note(&running(&format!("SELECT {i}")), 0..8, DatabaseId(1), None);
        }
        let kept = statements.describe();
        assert_eq!(kept.len(), KEPT_MAX);
        assert_eq!(statements.let_go(), 1);
        statements.note(&first, 0..8, DatabaseId(1), None);
        assert_eq!(statements.let_go(), 2);
    }

    #[test]
    fn a_statement_that_runs_again_is_counted() {
        let statements = Statements::default();
        let text = running("SELECT 1; SELECT 2");
        for (now, span) in [(5, 0..8), (6, 10..18), (9, 0..8)] {
            statements.saw(now);
            statements.note(&text, span, DatabaseId(5), None);
        }
        let kept = statements.describe();
        let shown: Vec<_> = kept
            .iter()
            .map(|info| (info.start, info.end, info.created, info.last, info.count))
            .collect();
        assert_eq!(shown, [(0, 8, 5, 9, 2), (10, 18, 6, 6, 1)]);
    }
}
