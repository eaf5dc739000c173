//! The state of an instance, and who may do what in it.
//!
//! # How to use
//!
//! - [`Instance::new`] makes a server; `clone()` is a snapshot and costs a few pointers.
//! - [`SecurityContext`] says as whom a session acts; [`SecurityContext::enter`] gives the
//!   [`UserToken`] of one database (916 when it may not be entered).
//! - [`Instance::resolve`] turns a [`tsql::Name`] into a [`Target`] with its token;
//!   [`Instance::demand`] asks for a permission and raises 229 or 230; a [`ChainLink`] is the
//!   module in whose text a reference stands.
//! - Rows are in [`Database::data`], read through [`TableData`], changed through
//!   [`Instance::insert_rows`], [`Instance::update_rows`] and [`Instance::delete_rows`]; every
//!   change goes through an [`UndoLog`].
//! - [`Ddl`] carries out definitions; the query layer evaluates expressions for it as an
//!   [`Evaluator`].
//! - [`system_view`] finds catalog views, [`functions::lookup`] metadata functions.

pub mod functions;

mod backup;
mod database;
mod ddl;
mod ddl_events;
mod errors;
mod ids;
mod instance;
mod keys;
mod login;
mod mask;
mod names;
mod object;
mod permission;
mod principal;
mod rows;
mod schema;
mod security;
mod signing;
mod table;
mod touched;
mod undo;
mod views;
mod visibility;

pub use backup::{
    BackupSet, Family, LOG_RECORDS_MAX, Log, LogRecord, LogicalDevice, Point, SetContent,
};
pub use database::{Database, DatabaseOptions, FIXED_ROLES};
pub use ddl::{
    BackupRequest, Ddl, DeclaredType, Evaluator, ExpressionUse, Made, RestoreRequest,
    TableVariable, Transferred, logical_file, open_end, period_time,
};
pub use errors::Errors;
pub use ids::{
    ColumnId, DatabaseId, IndexId, KeyId, LoginId, NameKey, ObjectId, PrincipalId, RowId, SchemaId,
    SessionId, Sid, UserTypeId, same_name,
};
pub use instance::{CONFIGURATION, ConfigurationOption, Instance, InstanceOptions, SERVER_ROLES};
pub use login::{PasswordHash, ServerPrincipal, ServerPrincipalKind};
pub use mask::{DatePart, Mask};
pub use names::{NameScope, Resolved, Target, TemporaryNames, display, last};
pub use object::{
    BlockOperation, ConstraintClass, FiringOrder, ModuleExecuteAs, ModuleObject, ModuleParameter,
    Object, ObjectKind, SecurityPolicy, Sequence, StoredPredicate,
};
pub use permission::{
    BUILTIN, Builtin, Class, Permission, PermissionKey, PermissionState, Securable,
};
pub use principal::{Authentication, Principal, PrincipalKind};
pub use rows::{Duplicate, IdentityState, Row, TableData, columns_checksum, row_checksum};
pub use schema::{Schema, UserType, UserTypeKind};
pub use security::{
    ActingAs, ChainLink, ContextMark, DemandColumns, Frame, LoginToken, Origin, SecurityContext,
    UserToken,
};
pub use signing::SigningKey;
pub use table::{
    Column, Computed, Constraint, Filter, FilterOperator, ForeignKey, Identity, Index, Retention,
    RetentionUnit, Rule, Table, Temporal,
};
pub use touched::Touched;
pub use undo::{Change, Mark, UndoLog, duplicate_error, key_text};
pub use views::{
    Handles, LockInfo, NoStatements, SessionInfo, StatementInfo, Statements, SystemColumn,
    SystemFunction, SystemView, ViewContext, system_function, system_view,
};
