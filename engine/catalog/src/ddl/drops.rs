//! DROP of objects.

use std::sync::Arc;

use tsql::{DropKind, Name};

use super::Ddl;
use super::place::cannot_drop;
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, ObjectId};
use crate::names::{display, last};
use crate::object::Object;
use crate::permission::{Permission, Securable};
use crate::security::UserToken;

impl Ddl<'_> {
    /// DROP of a table, view, procedure, function, trigger, synonym, sequence or policy.
    pub(super) fn drop_object(
        &mut self,
        kind: DropKind,
        name: &Name,
        if_exists: bool,
    ) -> Result<(), Errors> {
        let word = word(kind);
        let shown = display(name);
        let Some((token, object)) = self.find(name)? else {
            return if if_exists {
                Ok(())
            } else {
                Err(cannot_drop("drop", word, &shown, false).into())
            };
        };
        let actual = kind_of(&object);
        if actual != Some(kind) {
            let Some(actual) = actual else {
                return Err(cannot_drop("drop", word, &shown, false).into());
            };
            return Err(err(
                3705,
                16,
                1,
                format!(
                    "Cannot use DROP {} with '{shown}' because '{shown}' is a {}. Use DROP {}.",
                    word.to_uppercase(),
                    self::word(actual),
                    self::word(actual).to_uppercase()
                ),
            )
            .into());
        }
        if !self.may_drop(&token, &object) {
            return Err(cannot_drop("drop", word, last(name), true).into());
        }
        self.check_versioned_drop(token.database, &object)?;
        let database = self.instance.entered(token.database);
        if database
            .referencing(object.id)
            .any(|other| other != object.id)
        {
            return Err(err(
                3726,
                16,
                1,
                format!(
                    "Could not drop object '{shown}' because it is referenced by a FOREIGN KEY \
                     constraint."
                ),
            )
            .into());
        }
        if let Some(bound) = self.binding_of(token.database, object.id) {
            return Err(self
                .referenced(&format!("DROP {}", word.to_uppercase()), &shown, &bound)
                .into());
        }
        // A policy that is not schema-bound lets go of its function, but not of its table.
        if let Some(policy) = self
            .instance
            .entered(token.database)
            .policies_on(object.id)
            .next()
        {
            let mut pinned =
                self.referenced(&format!("DROP {}", word.to_uppercase()), &shown, policy);
            pinned.state = 3;
            return Err(pinned.into());
        }
        self.instance
            .remove_object(token.database, object.id, self.undo);
        Ok(())
    }

    /// ALTER on the schema, or CONTROL on the object; for triggers ALTER on the table.
    fn may_drop(&self, token: &UserToken, object: &Object) -> bool {
        if object.temporary.is_some() {
            return true;
        }
        if object.as_policy().is_some() {
            return self.may_alter_policy(token, object);
        }
        if let Some(parent) = object.parent {
            return self.instance.has_permission(
                token,
                Securable::Object(parent),
                Permission::ALTER,
            );
        }
        self.instance
            .has_permission(token, Securable::Schema(object.schema), Permission::ALTER)
            || self.instance.has_permission(
                token,
                Securable::Object(object.id),
                Permission::CONTROL,
            )
    }

    /// Drops a temporary table of a session that ends or a module that returns; no questions.
    pub fn drop_temporary(&mut self, id: ObjectId) {
        let is_temporary = self
            .instance
            .database(DatabaseId::TEMPDB)
            .and_then(|tempdb| tempdb.object(id))
            .is_some_and(|object| object.temporary == Some(self.temporary.session()));
        if is_temporary {
            self.instance
                .remove_object(DatabaseId::TEMPDB, id, self.undo);
        }
    }

    /// The global temporary objects that this session made and that die with it.
    pub fn global_temporary(&self) -> Vec<ObjectId> {
        let session = self.temporary.session();
        self.instance
            .database(DatabaseId::TEMPDB)
            .into_iter()
            .flat_map(|tempdb| tempdb.objects())
            .filter(|object| {
                object.temporary == Some(session)
                    && object.parent.is_none()
                    && object.name.starts_with("##")
            })
            .map(|object| object.id)
            .collect()
    }
}

fn word(kind: DropKind) -> &'static str {
    match kind {
        DropKind::Table => "table",
        DropKind::View => "view",
        DropKind::Procedure => "procedure",
        DropKind::Function => "function",
        DropKind::Trigger | DropKind::DdlTrigger => "trigger",
        DropKind::Synonym => "synonym",
        DropKind::Sequence => "sequence object",
        DropKind::SecurityPolicy => "security policy",
        _ => "object",
    }
}

fn kind_of(object: &Arc<Object>) -> Option<DropKind> {
    Some(match object.type_code() {
        "U " => DropKind::Table,
        "V " => DropKind::View,
        "P " => DropKind::Procedure,
        "FN" | "IF" | "TF" => DropKind::Function,
        "TR" => DropKind::Trigger,
        "SN" => DropKind::Synonym,
        "SO" => DropKind::Sequence,
        "SP" => DropKind::SecurityPolicy,
        _ => return None,
    })
}
