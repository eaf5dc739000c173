//! What lives in a schema: tables, modules, synonyms, sequences, policies, and the constraints
//! and triggers that hang below a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use tsql::{Module, ModuleBody, Name, TriggerEvent};
use values::SqlType;

use crate::ids::{KeyId, ObjectId, PrincipalId, SchemaId, SessionId, UserTypeId};
use crate::table::{Column, Table};

/// One row of `sys.objects`, with what stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its number.
    pub id: ObjectId,
    /// Its name; local temporary tables carry their suffix.
    pub name: Arc<str>,
    /// Its schema.
    pub schema: SchemaId,
    /// Set by ALTER AUTHORIZATION; `None` means that the owner of the schema owns it.
    pub owner: Option<PrincipalId>,
    /// The table of a constraint, the table or view of a trigger.
    pub parent: Option<ObjectId>,
    /// The session that made it, for `#t` and `##t`.
    pub temporary: Option<SessionId>,
    /// Creation time, in 100 ns ticks since 0001-01-01.
    pub created: i64,
    /// Time of the last ALTER.
    pub modified: i64,
    /// What it is.
    pub kind: ObjectKind,
}

/// The kinds of object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectKind {
    /// A user table.
    Table(Table),
    /// A view, procedure, function or trigger.
    Module(ModuleObject),
    /// A synonym for this name.
    Synonym(Name),
    /// A sequence.
    Sequence(Sequence),
    /// A constraint: its details are in [`Table::constraints`] of the parent.
    Constraint(ConstraintClass),
    /// A row-level security policy.
    SecurityPolicy(SecurityPolicy),
}

/// Which constraint, for the type code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintClass {
    /// PK.
    PrimaryKey,
    /// UQ.
    Unique,
    /// F.
    ForeignKey,
    /// C.
    Check,
    /// D.
    Default,
}

/// A module as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleObject {
    /// The statement that made it.
    pub definition: Arc<Module>,
    /// Result columns of a view or table function.
    pub columns: Vec<Column>,
    /// Result type of a scalar function.
    pub returns: Option<SqlType>,
    /// Parameters with their types resolved.
    pub parameters: Vec<ModuleParameter>,
    /// In whose name it runs.
    pub execute_as: ModuleExecuteAs,
    /// Triggers only: switched off.
    pub disabled: bool,
    /// Triggers only: for which events they fire first or last.
    pub firing_order: BTreeMap<TriggerEvent, FiringOrder>,
    /// The keys that have signed it; ALTER takes them away.
    pub signatures: Vec<KeyId>,
    /// Objects it may not lose (`WITH SCHEMABINDING`).
    pub schema_bound_to: Vec<ObjectId>,
}

/// A trigger's place among the AFTER triggers of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiringOrder {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// One parameter of a module, its type resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleParameter {
    /// Name with `@`.
    pub name: Arc<str>,
    /// Its type; for a table type the columns are found through `user_type`.
    pub data_type: SqlType,
    /// Alias or table type.
    pub user_type: Option<UserTypeId>,
    /// Default value.
    pub default: Option<tsql::sql::Expr>,
    /// OUTPUT.
    pub output: bool,
    /// READONLY.
    pub read_only: bool,
}

/// The EXECUTE AS clause of a module, resolved when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleExecuteAs {
    /// The caller, the default.
    Caller,
    /// Whoever owns the module at the time of the call.
    Owner,
    /// SELF or a named user.
    User(PrincipalId),
}

/// A sequence as declared; its current value is kept apart, because NEXT VALUE FOR is not undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// An integer type, or decimal with scale 0.
    pub data_type: SqlType,
    /// START WITH.
    pub start: i128,
    /// INCREMENT BY.
    pub increment: i128,
    /// MINVALUE.
    pub minimum: i128,
    /// MAXVALUE.
    pub maximum: i128,
    /// CYCLE.
    pub cycle: bool,
    /// CACHE size; `None` is NO CACHE or the default.
    pub cache: Option<u32>,
}

/// A row-level security policy as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityPolicy {
    /// Its predicates.
    pub predicates: Vec<StoredPredicate>,
    /// STATE.
    pub enabled: bool,
    /// SCHEMABINDING.
    pub schema_binding: bool,
    /// NOT FOR REPLICATION: remembered and shown; nothing replicates here.
    pub not_for_replication: bool,
    /// The highest predicate number it ever gave out: numbers are not given twice.
    pub last_predicate: i32,
}

/// Which change of a row a block predicate judges, and in which state of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockOperation {
    /// The new row of an INSERT.
    AfterInsert,
    /// The new row of an UPDATE.
    AfterUpdate,
    /// The old row of an UPDATE.
    BeforeUpdate,
    /// The row that a DELETE removes.
    BeforeDelete,
}

impl BlockOperation {
    /// All of them, in the order of their numbers in `sys.security_predicates.operation`.
    pub const ALL: [Self; 4] = [
        Self::AfterInsert,
        Self::AfterUpdate,
        Self::BeforeUpdate,
        Self::BeforeDelete,
    ];

    /// As it is written.
    pub fn words(self) -> &'static str {
        match self {
            Self::AfterInsert => "AFTER INSERT",
            Self::AfterUpdate => "AFTER UPDATE",
            Self::BeforeUpdate => "BEFORE UPDATE",
            Self::BeforeDelete => "BEFORE DELETE",
        }
    }
}

/// One predicate of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPredicate {
    /// `sys.security_predicates.security_predicate_id`.
    pub id: i32,
    /// The guarded table, or schema-bound view.
    pub table: ObjectId,
    /// BLOCK rather than FILTER.
    pub block: bool,
    /// Of a block predicate; `None` is all operations.
    pub operation: Option<BlockOperation>,
    /// The inline function as written.
    pub function: Name,
    /// The inline function; a policy without schema binding looks for it by name at every use.
    pub function_id: ObjectId,
    /// Its arguments, over the table's columns.
    pub arguments: Vec<tsql::sql::Expr>,
}

impl Object {
    /// The security policy behind it.
    pub fn as_policy(&self) -> Option<&SecurityPolicy> {
        match &self.kind {
            ObjectKind::SecurityPolicy(policy) => Some(policy),
            _ => None,
        }
    }

    /// `sys.objects.type`, two characters, padded.
    pub fn type_code(&self) -> &'static str {
        match &self.kind {
            ObjectKind::Table(_) => "U ",
            ObjectKind::Module(module) => match module.definition.body {
                ModuleBody::View { .. } => "V ",
                ModuleBody::Procedure(_) => "P ",
                ModuleBody::ScalarFunction { .. } => "FN",
                ModuleBody::InlineFunction(_) => "IF",
                ModuleBody::TableFunction { .. } => "TF",
                ModuleBody::Trigger { .. } | ModuleBody::DdlTrigger { .. } => "TR",
            },
            ObjectKind::Synonym(_) => "SN",
            ObjectKind::Sequence(_) => "SO",
            ObjectKind::Constraint(class) => match class {
                ConstraintClass::PrimaryKey => "PK",
                ConstraintClass::Unique => "UQ",
                ConstraintClass::ForeignKey => "F ",
                ConstraintClass::Check => "C ",
                ConstraintClass::Default => "D ",
            },
            ObjectKind::SecurityPolicy(_) => "SP",
        }
    }

    /// `sys.objects.type_desc`.
    pub fn type_description(&self) -> &'static str {
        match self.type_code() {
            "U " => "USER_TABLE",
            "V " => "VIEW",
            "P " => "SQL_STORED_PROCEDURE",
            "FN" => "SQL_SCALAR_FUNCTION",
            "IF" => "SQL_INLINE_TABLE_VALUED_FUNCTION",
            "TF" => "SQL_TABLE_VALUED_FUNCTION",
            "TR" => "SQL_TRIGGER",
            "SN" => "SYNONYM",
            "SO" => "SEQUENCE_OBJECT",
            "PK" => "PRIMARY_KEY_CONSTRAINT",
            "UQ" => "UNIQUE_CONSTRAINT",
            "F " => "FOREIGN_KEY_CONSTRAINT",
            "C " => "CHECK_CONSTRAINT",
            "D " => "DEFAULT_CONSTRAINT",
            _ => "SECURITY_POLICY",
        }
    }

    /// The table behind it.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.kind {
            ObjectKind::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The module behind it.
    pub fn as_module(&self) -> Option<&ModuleObject> {
        match &self.kind {
            ObjectKind::Module(module) => Some(module),
            _ => None,
        }
    }

    /// The sequence behind it.
    pub fn as_sequence(&self) -> Option<&Sequence> {
        match &self.kind {
            ObjectKind::Sequence(sequence) => Some(sequence),
            _ => None,
        }
    }

    /// A view.
    pub fn is_view(&self) -> bool {
        self.type_code() == "V "
    }

    /// Something that can stand in FROM: its columns.
    pub fn columns(&self) -> Option<&[Column]> {
        match &self.kind {
            ObjectKind::Table(table) => Some(&table.columns),
            ObjectKind::Module(module) => {
                matches!(self.type_code(), "V " | "IF" | "TF").then_some(&module.columns[..])
            }
            _ => None,
        }
    }
}
