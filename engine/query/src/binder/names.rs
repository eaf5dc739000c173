//! What does an object name stand for, and which permission does naming it need?

use std::sync::Arc;

use catalog::{ChainLink, NameScope, Object, Permission, Resolved, Target, same_name};
use tsql::sql;
use values::SqlError;

use crate::binder::Binder;
use crate::permissions::{Breadth, Requirement};
use crate::plan::OutputColumn;

/// A common table expression in scope.
#[derive(Debug)]
pub(crate) struct Cte {
    pub(crate) name: Arc<str>,
    /// Column names; empty when not written.
    pub(crate) columns: Vec<String>,
    pub(crate) body: CteBody,
    /// How many CTEs its own text sees: those before it, and itself.
    pub(crate) visible: usize,
}

#[derive(Debug)]
pub(crate) enum CteBody {
    Query(Arc<sql::Query>),
    /// Inside of the recursive member: the rows of the last round.
    WorkTable(u32, Vec<OutputColumn>),
}

impl Binder<'_, '_> {
    pub(crate) fn resolve(&self, name: &tsql::Name) -> Result<Resolved, SqlError> {
        let session = &*self.ex.session;
        let scope = NameScope {
            database: self.database,
            schema: self.module.map(|module| module.schema),
            temporary: &session.temporary,
        };
        let resolved = self.ex.instance.resolve(&session.security, &scope, name)?;
        if let Target::Object(object) = &resolved.target {
            session.footprint.named(resolved.token.database, object.id);
        }
        Ok(resolved)
    }

    /// Notes a permission on the object that a name stands for. A synonym is asked for itself,
    /// and what it stands for is reached through it as from a module of the synonym's owner.
    pub(crate) fn require(
        &mut self,
        resolved: &Resolved,
        object: &Arc<Object>,
        permission: Permission,
        scope: Breadth,
    ) -> usize {
        if self.view_depth == 0 {
            self.group += 1;
        }
        let group = self.group;
        let mut link = self.module.map(|module| module.link);
        for (token, synonym) in &resolved.synonyms {
            self.requirements.push(Requirement {
                token: token.clone(),
                link,
                object: synonym.clone(),
                permission,
                columns: Default::default(),
                scope: Breadth::Object,
                history: None,
                group,
            });
            link = Some(ChainLink::of(self.ex.instance, token.database, synonym));
        }
        self.requirements.push(Requirement {
            token: resolved.token.clone(),
            link,
            object: object.clone(),
            permission,
            columns: Default::default(),
            scope,
            history: None,
            group,
        });
        self.requirements.len() - 1
    }

    /// The object that a name stands for, or 208.
    pub(crate) fn object(&self, name: &tsql::Name) -> Result<(Resolved, Arc<Object>), SqlError> {
        let resolved = self.resolve(name)?;
        match &resolved.target {
            Target::Object(object) => {
                let object = object.clone();
                Ok((resolved, object))
            }
            Target::SystemView(_) => Err(SqlError::new(
                259,
                16,
                1,
                "Ad hoc updates to system catalogs are not allowed.",
            )),
        }
    }

    pub(crate) fn cte(&self, name: &str) -> Option<Arc<Cte>> {
        self.ctes
            .iter()
            .rev()
            .find(|cte| same_name(&cte.name, name))
            .cloned()
    }

    pub(crate) fn push_cte(&mut self, cte: Cte) {
        self.ctes.push(Arc::new(cte));
    }

    pub(crate) fn cte_count(&self) -> usize {
        self.ctes.len()
    }

    pub(crate) fn truncate_ctes(&mut self, count: usize) {
        self.ctes.truncate(count);
    }

    /// Does something while only the first `count` CTEs are in scope.
    pub(crate) fn with_ctes<T>(
        &mut self,
        count: usize,
        f: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let hidden = self.ctes.split_off(count.min(self.ctes.len()));
        let result = f(self);
        self.ctes.truncate(count);
        self.ctes.extend(hidden);
        result
    }
}
