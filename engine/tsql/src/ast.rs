//! The typed statements of one batch.
//!
//! Heads are ours; expressions, queries and data types are sqlparser's AST, re-exported as
//! [`sql`]. A statement that the layer knows but the server does not support is
//! [`StatementKind::Unsupported`] and names its construct; text that T-SQL does not allow is a
//! [`ParseError`](crate::ParseError). Nothing is skipped.

#![expect(
    clippy::large_enum_variant,
    reason = "a batch holds few statements, and they are read far more often than moved"
)]

use std::ops::Range;
use std::sync::Arc;

use crate::sql;

/// An object name as written: one to four parts, outermost first. An omitted middle part
/// (`db..t`) is an empty string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(pub Vec<String>);

/// One batch: what stands between two `GO` lines, or one RPC string.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The text that was parsed; spans point into it.
    pub text: Arc<str>,
    /// The statements in order.
    pub statements: Vec<Statement>,
}

/// One statement with its place in the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Line of its first token, from 1.
    pub line: u32,
    /// Byte range in the batch's text.
    pub span: Range<usize>,
}

/// Every statement the layer recognises.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    // --- rows ------------------------------------------------------------------------------
    /// A query that returns rows, or `SELECT … INTO`.
    Select(Select),
    /// `SELECT @a = x, @b = y FROM …`: returns no rows.
    SelectAssign(SelectAssign),
    /// `INSERT`.
    Insert(Insert),
    /// `UPDATE`.
    Update(Update),
    /// `DELETE`.
    Delete(Delete),
    /// `MERGE`; boxed, because it is twice as large as anything else.
    Merge(Box<Merge>),
    /// `TRUNCATE TABLE`.
    Truncate {
        /// The table.
        table: Name,
    },
    // --- variables and control flow --------------------------------------------------------
    /// `DECLARE @a INT = 1, @t TABLE (…)`.
    Declare(Vec<Declaration>),
    /// `SET @a = expr`, `SET @a += expr` (already rewritten to `@a + (expr)`).
    SetVariable {
        /// Name with its `@`.
        variable: String,
        /// The new value.
        value: sql::Expr,
    },
    /// `SET NOCOUNT ON`, `SET TRANSACTION ISOLATION LEVEL …`, `SET IDENTITY_INSERT t ON` …
    SetOption(SetOption),
    /// `IF … ELSE …`.
    If {
        /// The condition.
        condition: sql::Expr,
        /// Run when true.
        then: Box<Statement>,
        /// Run otherwise.
        otherwise: Option<Box<Statement>>,
    },
    /// `WHILE`.
    While {
        /// Tested before each round.
        condition: sql::Expr,
        /// The round.
        body: Box<Statement>,
    },
    /// `BEGIN … END`.
    Block(Vec<Statement>),
    /// `BEGIN TRY … END TRY BEGIN CATCH … END CATCH`.
    TryCatch {
        /// The guarded statements.
        body: Vec<Statement>,
        /// The handler.
        handler: Vec<Statement>,
    },
    /// `BREAK`.
    Break,
    /// `CONTINUE`.
    Continue,
    /// `RETURN [expr]`.
    Return(Option<sql::Expr>),
    /// `THROW` or `THROW number, message, state`.
    Throw(Option<Box<[sql::Expr; 3]>>),
    /// `RAISERROR (message, severity, state, args…) WITH …`.
    RaiseError {
        /// Message text, number or variable; then severity, state, arguments.
        arguments: Vec<sql::Expr>,
        /// `NOWAIT`, `LOG`, `SETERROR`, upper case.
        options: Vec<String>,
    },
    /// `PRINT expr`.
    Print(sql::Expr),
    /// `label:`.
    Label(String),
    /// `GOTO label`.
    Goto(String),
    /// `WAITFOR DELAY expr` (`TIME` is unsupported).
    WaitForDelay(sql::Expr),
    // --- execution -------------------------------------------------------------------------
    /// `EXEC procedure …`.
    Execute(Execute),
    /// `EXEC ('…' + @x) [AS USER|LOGIN = '…']`.
    ExecuteString {
        /// The text, one expression.
        text: sql::Expr,
        /// Impersonation for the duration.
        execute_as: Option<ExecuteAs>,
    },
    // --- transactions ----------------------------------------------------------------------
    /// `BEGIN TRANSACTION [name]`.
    BeginTransaction {
        /// Name or variable.
        name: Option<String>,
    },
    /// `COMMIT`.
    Commit {
        /// Ignored by the server, as T-SQL does.
        name: Option<String>,
    },
    /// `ROLLBACK [name]`: to the named savepoint, or all.
    Rollback {
        /// Savepoint or outermost transaction name.
        name: Option<String>,
    },
    /// `SAVE TRANSACTION name`.
    Save {
        /// Savepoint name.
        name: String,
    },
    // --- context ---------------------------------------------------------------------------
    /// `USE database`.
    Use(String),
    /// `EXECUTE AS …` as a statement.
    ExecuteAsStatement {
        /// Whom to become.
        target: ExecuteAs,
        /// `WITH NO REVERT`.
        no_revert: bool,
        /// `WITH COOKIE INTO @variable`.
        cookie: Option<String>,
    },
    /// `REVERT [WITH COOKIE = @variable]`.
    Revert {
        /// The cookie's variable.
        cookie: Option<String>,
    },
    // --- permissions -----------------------------------------------------------------------
    /// `GRANT`, `DENY` or `REVOKE`.
    Permission(PermissionStatement),
    /// `ALTER AUTHORIZATION ON class::name TO principal`.
    AlterAuthorization {
        /// What changes owner.
        securable: SecurableName,
        /// The new owner; `None` is `SCHEMA OWNER`.
        owner: Option<String>,
    },
    // --- definitions -----------------------------------------------------------------------
    /// Everything under `CREATE`.
    Create(Create),
    /// Everything under `ALTER` that is not listed elsewhere.
    Alter(Alter),
    /// Everything under `DROP`.
    Drop {
        /// What kind of thing.
        kind: DropKind,
        /// `IF EXISTS`.
        if_exists: bool,
        /// The names.
        names: Vec<Name>,
        /// `ON table` of DROP INDEX.
        on: Option<Name>,
    },
    /// `ADD SIGNATURE` and `DROP SIGNATURE`.
    Signature {
        /// ADD rather than DROP.
        add: bool,
        /// The module.
        module: Name,
        /// The keys.
        by: Vec<SignedBy>,
    },
    /// `ENABLE TRIGGER … ON …` / `DISABLE TRIGGER …`, and the ALTER TABLE forms.
    SwitchTrigger {
        /// Enable, or disable.
        enable: bool,
        /// The triggers; empty means ALL.
        triggers: Vec<Name>,
        /// The table or view; `None` for ON DATABASE.
        on: Option<Name>,
    },
    // --- backups ---------------------------------------------------------------------------
    /// `BACKUP DATABASE` or `BACKUP LOG`.
    Backup(Box<Backup>),
    /// `RESTORE` in its forms.
    Restore(Box<Restore>),
    // --- cursors are parsed, the server may refuse them ------------------------------------
    /// A known statement that the embedded server does not carry out; `construct` names it the
    /// way a user would, for example `BACKUP DATABASE`.
    Unsupported {
        /// The construct's name.
        construct: String,
    },
}

/// `BACKUP DATABASE` or `BACKUP LOG`.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// The log rather than the database.
    pub log: bool,
    /// The database: a name or a variable.
    pub database: NameOrVariable,
    /// Where the backup goes.
    pub device: BackupDevice,
    /// `WITH …`.
    pub options: Vec<BackupOption>,
}

/// `RESTORE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Restore {
    /// What is restored, or only looked at.
    pub what: RestoreKind,
    /// The database; absent when a backup is only looked at.
    pub database: Option<NameOrVariable>,
    /// Where the backup is; absent in `RESTORE DATABASE x WITH RECOVERY`.
    pub device: Option<BackupDevice>,
    /// `WITH …`.
    pub options: Vec<BackupOption>,
}

/// The forms of RESTORE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreKind {
    /// `RESTORE DATABASE`.
    Database,
    /// `RESTORE LOG`.
    Log,
    /// `RESTORE HEADERONLY`.
    HeaderOnly,
    /// `RESTORE FILELISTONLY`.
    FileListOnly,
    /// `RESTORE VERIFYONLY`.
    VerifyOnly,
}

/// A name, or the variable that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOrVariable {
    /// As written.
    Name(String),
    /// With `@`.
    Variable(String),
}

/// A backup device.
#[derive(Debug, Clone, PartialEq)]
pub enum BackupDevice {
    /// A logical device of sp_addumpdevice.
    Logical(NameOrVariable),
    /// `DISK = '…'`, a constant or a variable.
    Disk(sql::Expr),
}

/// One option of BACKUP or RESTORE.
#[derive(Debug, Clone, PartialEq)]
pub struct BackupOption {
    /// In upper case.
    pub name: String,
    /// Behind `=`; for MOVE the logical file.
    pub value: Option<sql::Expr>,
    /// Behind `TO` of MOVE.
    pub to: Option<sql::Expr>,
}

/// A query as a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// CTEs, set operations, ORDER BY, OFFSET, FOR JSON; `SELECT … INTO` stays in its body.
    pub query: Box<sql::Query>,
    /// `OPTION (…)` hints, as text, upper case.
    pub hints: Vec<String>,
}

/// `SELECT @a = x … FROM …`.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectAssign {
    /// Variable (with `@`) and its expression, in order; the query's projection holds the same
    /// expressions, unnamed, in the same order.
    pub variables: Vec<String>,
    /// The query that yields the values, one projection item per variable.
    pub query: Box<sql::Query>,
}

/// A table that a statement changes, with alias resolution left to the binder.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A table, view, synonym, or an alias of the FROM clause.
    Object(Name),
    /// `@t`.
    TableVariable(String),
}

/// `OUTPUT … [INTO target (columns)]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Items over `inserted`, `deleted`, `$action`.
    pub items: Vec<sql::SelectItem>,
    /// Where the rows go; `None` is the client.
    pub into: Option<(Target, Vec<String>)>,
}

/// `INSERT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// CTEs in front.
    pub with: Option<sql::With>,
    /// `TOP (n)`.
    pub top: Option<sql::Top>,
    /// What is inserted into.
    pub target: Target,
    /// The column list; empty when not written.
    pub columns: Vec<String>,
    /// `OUTPUT`.
    pub output: Option<Output>,
    /// The rows.
    pub source: InsertSource,
    /// Table hints on the target, upper case.
    pub target_hints: Vec<String>,
    /// `OPTION (…)` hints, as text, upper case.
    pub hints: Vec<String>,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone, PartialEq)]
pub enum InsertSource {
    /// `VALUES (…), (…)` where the keyword DEFAULT is allowed as a whole value.
    Values(Vec<Vec<ValueOrDefault>>),
    /// A query.
    Query(Box<sql::Query>),
    /// `DEFAULT VALUES`.
    DefaultValues,
    /// `INSERT … EXEC …` (either form of EXEC).
    Execute(Box<Statement>),
}

/// An expression, or the keyword DEFAULT.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueOrDefault {
    /// An expression.
    Expr(sql::Expr),
    /// `DEFAULT`.
    Default,
}

/// One assignment of UPDATE or MERGE.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// `@v` of `SET @v = …` or `SET @v = column = …`.
    pub variable: Option<String>,
    /// The column, possibly qualified; `None` for a plain variable assignment.
    pub column: Option<Name>,
    /// The value.
    pub value: ValueOrDefault,
}

/// `UPDATE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// CTEs in front.
    pub with: Option<sql::With>,
    /// `TOP (n)`.
    pub top: Option<sql::Top>,
    /// What is changed; may be an alias of `from`.
    pub target: Target,
    /// `SET`.
    pub assignments: Vec<Assignment>,
    /// `OUTPUT`.
    pub output: Option<Output>,
    /// `FROM`.
    pub from: Vec<sql::TableWithJoins>,
    /// `WHERE`.
    pub selection: Option<sql::Expr>,
    /// Table hints on the target, upper case.
    pub target_hints: Vec<String>,
    /// `OPTION (…)` hints, as text, upper case.
    pub hints: Vec<String>,
}

/// `DELETE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// CTEs in front.
    pub with: Option<sql::With>,
    /// `TOP (n)`.
    pub top: Option<sql::Top>,
    /// What is deleted from; may be an alias of `from`.
    pub target: Target,
    /// `OUTPUT`.
    pub output: Option<Output>,
    /// The second FROM.
    pub from: Vec<sql::TableWithJoins>,
    /// `WHERE`.
    pub selection: Option<sql::Expr>,
    /// Table hints on the target, upper case.
    pub target_hints: Vec<String>,
    /// `OPTION (…)` hints, as text, upper case.
    pub hints: Vec<String>,
}

/// `MERGE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// CTEs in front.
    pub with: Option<sql::With>,
    /// `TOP (n)`.
    pub top: Option<sql::Top>,
    /// What is changed.
    pub target: Target,
    /// Its alias.
    pub alias: Option<String>,
    /// `USING`.
    pub source: sql::TableFactor,
    /// `ON`.
    pub on: sql::Expr,
    /// The WHEN clauses in order.
    pub clauses: Vec<MergeClause>,
    /// `OUTPUT`.
    pub output: Option<Output>,
    /// Table hints on the target, upper case.
    pub target_hints: Vec<String>,
    /// `OPTION (…)` hints, as text, upper case.
    pub hints: Vec<String>,
}

/// Which rows a WHEN clause takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMatch {
    /// `WHEN MATCHED`.
    Matched,
    /// `WHEN NOT MATCHED [BY TARGET]`.
    NotMatchedByTarget,
    /// `WHEN NOT MATCHED BY SOURCE`.
    NotMatchedBySource,
}

/// One WHEN clause.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeClause {
    /// Which rows.
    pub matched: MergeMatch,
    /// `AND condition`.
    pub condition: Option<sql::Expr>,
    /// What is done.
    pub action: MergeAction,
}

/// What a WHEN clause does.
#[derive(Debug, Clone, PartialEq)]
pub enum MergeAction {
    /// `UPDATE SET`.
    Update(Vec<Assignment>),
    /// `DELETE`.
    Delete,
    /// `INSERT`; `None` values is DEFAULT VALUES.
    Insert {
        /// The column list; empty when not written.
        columns: Vec<String>,
        /// The values.
        values: Option<Vec<ValueOrDefault>>,
    },
}

/// One item of DECLARE.
#[derive(Debug, Clone, PartialEq)]
pub enum Declaration {
    /// `@a type [= expr]`.
    Scalar {
        /// Name with `@`.
        name: String,
        /// Type.
        data_type: DataType,
        /// Initial value.
        value: Option<sql::Expr>,
    },
    /// `@t TABLE (…)`.
    Table {
        /// Name with `@`.
        name: String,
        /// Columns and constraints.
        definition: TableDefinition,
    },
}

/// A data type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct DataType {
    /// The type's name, one part for system types (lower case), more for user types.
    pub name: Name,
    /// `(n)`, `(p, s)`, `(MAX)`; MAX is `None` inside.
    pub arguments: Vec<Option<u32>>,
}

/// `SET <option>`.
#[derive(Debug, Clone, PartialEq)]
pub enum SetOption {
    /// `SET NOCOUNT, XACT_ABORT ON`; names upper case.
    Switches(Vec<String>, bool),
    /// `SET LOCK_TIMEOUT 100`, `SET LANGUAGE us_english`, `SET CONTEXT_INFO 0x01`.
    Value(String, sql::Expr),
    /// `SET TRANSACTION ISOLATION LEVEL …`, upper case words.
    IsolationLevel(String),
    /// `SET IDENTITY_INSERT t ON|OFF`.
    IdentityInsert(Name, bool),
}

/// `EXEC procedure`.
#[derive(Debug, Clone, PartialEq)]
pub struct Execute {
    /// `@rc` of `EXEC @rc = p`.
    pub return_variable: Option<String>,
    /// The procedure, or a variable that holds its name.
    pub procedure: ProcedureRef,
    /// Arguments in order.
    pub arguments: Vec<Argument>,
}

/// Which procedure.
#[derive(Debug, Clone, PartialEq)]
pub enum ProcedureRef {
    /// By name.
    Name(Name),
    /// `EXEC @name`.
    Variable(String),
}

/// One argument of EXEC.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `@name =`.
    pub name: Option<String>,
    /// Value or DEFAULT.
    pub value: ValueOrDefault,
    /// `OUTPUT`.
    pub output: bool,
}

/// Whom EXECUTE AS names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecuteAs {
    /// `CALLER`.
    Caller,
    /// `SELF` (modules).
    SelfUser,
    /// `OWNER` (modules).
    Owner,
    /// `USER = 'name'`, or the bare `'name'` of a module.
    User(String),
    /// `LOGIN = 'name'`.
    Login(String),
}

/// GRANT, DENY, REVOKE.
#[derive(Debug, Clone, PartialEq)]
pub struct PermissionStatement {
    /// Which.
    pub verb: PermissionVerb,
    /// The permissions with optional columns; names upper case, single spaces, `ALL` for ALL.
    pub permissions: Vec<(String, Vec<String>)>,
    /// What they are on; `None` is the current database (or the server, by the permission).
    pub securable: Option<SecurableName>,
    /// Grantees.
    pub principals: Vec<String>,
    /// `WITH GRANT OPTION`.
    pub with_grant_option: bool,
    /// `GRANT OPTION FOR` of REVOKE.
    pub grant_option_only: bool,
    /// `CASCADE`.
    pub cascade: bool,
    /// `AS grantor`.
    pub grantor: Option<String>,
}

/// The verb of a permission statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionVerb {
    /// GRANT.
    Grant,
    /// DENY.
    Deny,
    /// REVOKE.
    Revoke,
}

/// `class::name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurableName {
    /// Its class.
    pub class: SecurableClass,
    /// Its name.
    pub name: Name,
    /// `(a, b)` after the name.
    pub columns: Vec<String>,
}

/// Securable classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecurableClass {
    /// `OBJECT::` or nothing.
    Object,
    /// `SCHEMA::`.
    Schema,
    /// `DATABASE::`.
    Database,
    /// `USER::`.
    User,
    /// `ROLE::`.
    Role,
    /// `APPLICATION ROLE::`.
    ApplicationRole,
    /// `LOGIN::`.
    Login,
    /// `SERVER::`.
    Server,
    /// `SERVER ROLE::`.
    ServerRole,
    /// `TYPE::`.
    Type,
    /// Any other class, refused by the server.
    Other,
}

/// CREATE.
#[derive(Debug, Clone, PartialEq)]
pub enum Create {
    /// `CREATE DATABASE`.
    Database {
        /// Name.
        name: String,
        /// `COLLATE`.
        collation: Option<String>,
        /// `CONTAINMENT`, `TRUSTWORTHY`, `DB_CHAINING`, …; names upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `CREATE SCHEMA name [AUTHORIZATION owner]`, with the elements that may follow it.
    Schema {
        /// Name; `None` when only AUTHORIZATION is given.
        name: Option<String>,
        /// Owner.
        owner: Option<String>,
        /// `CREATE TABLE`, `GRANT` … inside the same statement.
        elements: Vec<Statement>,
    },
    /// `CREATE LOGIN`.
    Login {
        /// Name.
        name: String,
        /// How it authenticates.
        source: LoginSource,
        /// `DEFAULT_DATABASE`, `CHECK_POLICY`, …; names upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `CREATE USER`.
    User {
        /// Name.
        name: String,
        /// Where it comes from.
        source: UserSource,
        /// `DEFAULT_SCHEMA`, …; names upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `CREATE ROLE name [AUTHORIZATION owner]`.
    Role {
        /// Name.
        name: String,
        /// Owner.
        owner: Option<String>,
    },
    /// `CREATE SERVER ROLE`.
    ServerRole {
        /// Name.
        name: String,
        /// Owner.
        owner: Option<String>,
    },
    /// `CREATE APPLICATION ROLE`.
    ApplicationRole {
        /// Name.
        name: String,
        /// Options; names upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `CREATE TABLE`.
    Table {
        /// Name; temporary when it starts with `#`.
        name: Name,
        /// Columns and constraints.
        definition: TableDefinition,
    },
    /// `CREATE INDEX`.
    Index {
        /// Index name.
        name: String,
        /// Table or view.
        table: Name,
        /// Key and options.
        index: IndexDefinition,
    },
    /// `CREATE [OR ALTER] VIEW|PROCEDURE|FUNCTION|TRIGGER`.
    Module(Module),
    /// `CREATE SYNONYM name FOR target`.
    Synonym {
        /// Name.
        name: Name,
        /// Target.
        target: Name,
    },
    /// `CREATE SEQUENCE`.
    Sequence {
        /// Name.
        name: Name,
        /// Type, bigint when absent.
        data_type: Option<DataType>,
        /// `START`, `INCREMENT`, `MINVALUE`, `MAXVALUE`, `CYCLE`, `CACHE`, and `NO MINVALUE`,
        /// `NO MAXVALUE`, `NO CYCLE`, `NO CACHE`; upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `CREATE TYPE name AS TABLE (…)`.
    TableType {
        /// Name.
        name: Name,
        /// Columns and constraints.
        definition: TableDefinition,
    },
    /// `CREATE TYPE name FROM type`.
    AliasType {
        /// Name.
        name: Name,
        /// Base type.
        base: DataType,
        /// `NOT NULL` was written.
        not_null: bool,
    },
    /// `CREATE SECURITY POLICY`.
    SecurityPolicy(SecurityPolicy),
    /// `CREATE MASTER KEY`.
    MasterKey {
        /// Its password.
        password: String,
    },
    /// `CREATE CERTIFICATE` and `CREATE ASYMMETRIC KEY`.
    SigningKey(SigningKeyDefinition),
}

/// How a login authenticates.
#[derive(Debug, Clone, PartialEq)]
pub enum LoginSource {
    /// `WITH PASSWORD = '…'`.
    Password(String),
    /// `WITH PASSWORD = 0x… HASHED`.
    Hashed(Vec<u8>),
    /// `FROM WINDOWS` and other external sources, by name.
    External(String),
}

/// Where a user comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum UserSource {
    /// `FOR LOGIN name`, or the login of the same name when nothing is said.
    Login(Option<String>),
    /// `WITHOUT LOGIN`.
    WithoutLogin,
    /// `WITH PASSWORD = '…'` (contained).
    Password(String),
    /// `FROM CERTIFICATE name`, `FROM ASYMMETRIC KEY name`.
    SigningKey {
        /// An asymmetric key rather than a certificate.
        asymmetric: bool,
        /// Its name.
        name: String,
    },
    /// External providers: by name.
    Other(String),
}

/// The value of a named option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// No value: the option's presence is the value.
    None,
    /// An identifier or bare word, upper case only if it was.
    Word(String),
    /// A string literal.
    Text(String),
    /// A number as written.
    Number(String),
    /// A binary literal.
    Binary(Vec<u8>),
}

/// Columns and constraints of a table, table variable or table type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableDefinition {
    /// Columns in order.
    pub columns: Vec<ColumnDefinition>,
    /// Table constraints and inline indexes, in order; column constraints are here too, with
    /// the column named.
    pub constraints: Vec<Constraint>,
    /// `PERIOD FOR SYSTEM_TIME (a, b)`.
    pub period: Option<(String, String)>,
    /// `WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = …))`.
    pub versioning: Option<Versioning>,
    /// Other `WITH (…)` options; names upper case.
    pub options: Vec<(String, OptionValue)>,
}

/// `SYSTEM_VERSIONING = ON (…)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Versioning {
    /// `HISTORY_TABLE`.
    pub history_table: Option<Name>,
    /// `DATA_CONSISTENCY_CHECK`, ON unless said otherwise.
    pub consistency_check_off: bool,
    /// `HISTORY_RETENTION_PERIOD`, as written.
    pub retention: Option<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// Name.
    pub name: String,
    /// Declared or computed.
    pub kind: ColumnKind,
    /// `NULL` / `NOT NULL` as written.
    pub nullable: Option<bool>,
    /// `COLLATE`.
    pub collation: Option<String>,
    /// `IDENTITY(seed, increment)`.
    pub identity: Option<(i128, i128)>,
    /// `ROWGUIDCOL`.
    pub row_guid: bool,
    /// `GENERATED ALWAYS AS ROW START|END [HIDDEN]`.
    pub generated: Option<Generated>,
    /// `HIDDEN`.
    pub hidden: bool,
    /// `MASKED WITH (FUNCTION = '…')`.
    pub masked: Option<String>,
    /// `SPARSE`.
    pub sparse: bool,
}

/// Declared or computed.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnKind {
    /// `name type`.
    Data(DataType),
    /// `name AS expr [PERSISTED]`; the text is kept for the catalog views.
    Computed {
        /// The expression.
        expression: sql::Expr,
        /// Its source.
        text: String,
        /// `PERSISTED`.
        persisted: bool,
    },
}

/// Which end of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    /// ROW START.
    RowStart,
    /// ROW END.
    RowEnd,
}

/// One constraint or inline index.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// `CONSTRAINT name`.
    pub name: Option<String>,
    /// The column it stands at; `None` for table constraints.
    pub column: Option<String>,
    /// What it demands.
    pub kind: ConstraintKind,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey(IndexDefinition),
    /// `UNIQUE`.
    Unique(IndexDefinition),
    /// `INDEX name …` inside CREATE TABLE; the name is the constraint's.
    Index(IndexDefinition),
    /// `FOREIGN KEY … REFERENCES`.
    ForeignKey {
        /// Referencing columns.
        columns: Vec<String>,
        /// Referenced table.
        table: Name,
        /// Referenced columns; empty is its primary key.
        referenced: Vec<String>,
        /// `ON DELETE`.
        on_delete: ReferentialAction,
        /// `ON UPDATE`.
        on_update: ReferentialAction,
    },
    /// `CHECK (…)`.
    Check {
        /// The condition.
        condition: sql::Expr,
        /// Its source, with the parentheses as written.
        text: String,
    },
    /// `DEFAULT expr`, with `FOR column` of ALTER TABLE in `Constraint::column`.
    Default {
        /// The value.
        value: sql::Expr,
        /// Its source.
        text: String,
        /// `WITH VALUES`: rows that exist already get it, too, although the column may be NULL.
        with_values: bool,
    },
}

/// Referential actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReferentialAction {
    /// NO ACTION.
    #[default]
    NoAction,
    /// CASCADE.
    Cascade,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// The key and options of an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexDefinition {
    /// `UNIQUE`.
    pub unique: bool,
    /// `CLUSTERED` / `NONCLUSTERED` as written.
    pub clustered: Option<bool>,
    /// Key columns; `true` is DESC.
    pub key: Vec<(String, bool)>,
    /// `INCLUDE`.
    pub include: Vec<String>,
    /// `WHERE`, with its source.
    pub filter: Option<(sql::Expr, String)>,
    /// `WITH (…)`; names upper case.
    pub options: Vec<(String, OptionValue)>,
}

/// A view, procedure, function or trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// CREATE, ALTER, or CREATE OR ALTER.
    pub verb: ModuleVerb,
    /// Name.
    pub name: Name,
    /// Parameters of procedures and functions.
    pub parameters: Vec<Parameter>,
    /// `WITH EXECUTE AS`.
    pub execute_as: Option<ExecuteAs>,
    /// `SCHEMABINDING`, `RECOMPILE`, `ENCRYPTION`, …; upper case.
    pub options: Vec<String>,
    /// What it is and what it does.
    pub body: ModuleBody,
    /// The whole source of the statement, as `sys.sql_modules.definition` keeps it.
    pub text: Arc<str>,
}

/// How the module was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleVerb {
    /// CREATE.
    Create,
    /// ALTER.
    Alter,
    /// CREATE OR ALTER.
    CreateOrAlter,
}

/// The kinds of module.
#[derive(Debug, Clone, PartialEq)]
pub enum ModuleBody {
    /// A view.
    View {
        /// Column names; empty when not written.
        columns: Vec<String>,
        /// The query.
        query: Box<sql::Query>,
        /// `WITH CHECK OPTION`.
        check_option: bool,
    },
    /// A stored procedure.
    Procedure(Vec<Statement>),
    /// A scalar function.
    ScalarFunction {
        /// Result type.
        returns: DataType,
        /// Body.
        body: Vec<Statement>,
    },
    /// An inline table function.
    InlineFunction(Box<sql::Query>),
    /// A multi-statement table function.
    TableFunction {
        /// The result variable with its `@`.
        variable: String,
        /// Its columns.
        definition: TableDefinition,
        /// Body.
        body: Vec<Statement>,
    },
    /// A DML trigger.
    Trigger {
        /// Table or view.
        on: Name,
        /// `INSTEAD OF` rather than AFTER/FOR.
        instead_of: bool,
        /// INSERT, UPDATE, DELETE.
        events: Vec<TriggerEvent>,
        /// Body.
        body: Vec<Statement>,
    },
    /// A DDL or logon trigger.
    DdlTrigger {
        /// `ON ALL SERVER` rather than `ON DATABASE`.
        on_server: bool,
        /// Names of events and groups, upper case.
        events: Vec<String>,
        /// The statements.
        body: Vec<Statement>,
    },
}

/// DML trigger events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TriggerEvent {
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Name with `@`.
    pub name: String,
    /// Type.
    pub data_type: DataType,
    /// Default value.
    pub default: Option<sql::Expr>,
    /// `OUTPUT`.
    pub output: bool,
    /// `READONLY`.
    pub read_only: bool,
}

/// `CREATE SECURITY POLICY`.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityPolicy {
    /// Name.
    pub name: Name,
    /// Predicates added, altered or dropped.
    pub predicates: Vec<PolicyPredicate>,
    /// `STATE = ON|OFF` as written.
    pub state: Option<bool>,
    /// `SCHEMABINDING = ON|OFF` as written.
    pub schema_binding: Option<bool>,
    /// `NOT FOR REPLICATION`: added, or dropped by ALTER; `None` when not written.
    pub not_for_replication: Option<bool>,
}

/// `CREATE CERTIFICATE` and `CREATE ASYMMETRIC KEY`.
#[derive(Debug, Clone, PartialEq)]
pub struct SigningKeyDefinition {
    /// An asymmetric key rather than a certificate.
    pub asymmetric: bool,
    /// Its name.
    pub name: String,
    /// `AUTHORIZATION`.
    pub owner: Option<String>,
    /// `ENCRYPTION BY PASSWORD`; otherwise the database's master key protects it.
    pub password: Option<String>,
    /// `SUBJECT` of a certificate.
    pub subject: Option<String>,
}

/// One key that signs a module.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedBy {
    /// An asymmetric key rather than a certificate.
    pub asymmetric: bool,
    /// Its name.
    pub name: String,
    /// `WITH PASSWORD`.
    pub password: Option<String>,
}

/// One predicate of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyPredicate {
    /// ADD, ALTER or DROP, upper case.
    pub verb: String,
    /// BLOCK rather than FILTER.
    pub block: bool,
    /// Function and arguments; `None` for DROP.
    pub function: Option<(Name, Vec<sql::Expr>)>,
    /// The table.
    pub table: Name,
    /// `AFTER INSERT`, `BEFORE DELETE` …, upper case.
    pub operation: Option<String>,
}

/// ALTER.
#[derive(Debug, Clone, PartialEq)]
pub enum Alter {
    /// `ALTER TABLE name action`.
    Table(Name, AlterTable),
    /// `ALTER DATABASE name SET option …`; `None` is CURRENT; option names upper case. The
    /// termination clause (`WITH ROLLBACK IMMEDIATE`, `NO_WAIT`) is read and not kept.
    DatabaseSet(Option<String>, Vec<(String, OptionValue)>),
    /// `ALTER LOGIN name …`.
    Login {
        /// Name.
        name: String,
        /// ENABLE / DISABLE.
        enable: Option<bool>,
        /// `PASSWORD`, `NAME`, `DEFAULT_DATABASE`, …; upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `ALTER USER name WITH …`.
    User {
        /// Name.
        name: String,
        /// `NAME`, `DEFAULT_SCHEMA`, `LOGIN`, …; upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `ALTER ROLE name ADD|DROP MEMBER m` or `WITH NAME = n`.
    Role {
        /// Name.
        name: String,
        /// Server role.
        server: bool,
        /// The change.
        change: RoleChange,
    },
    /// `ALTER APPLICATION ROLE`.
    ApplicationRole {
        /// Name.
        name: String,
        /// Options; names upper case.
        options: Vec<(String, OptionValue)>,
    },
    /// `ALTER SCHEMA target TRANSFER [class::]name`.
    SchemaTransfer {
        /// Receiving schema.
        schema: String,
        /// What moves.
        securable: SecurableName,
    },
    /// `ALTER INDEX name|ALL ON table action`.
    Index {
        /// `None` is ALL.
        name: Option<String>,
        /// Table.
        table: Name,
        /// REBUILD, REORGANIZE, DISABLE, SET, upper case.
        action: String,
    },
    /// `ALTER SECURITY POLICY`.
    SecurityPolicy(SecurityPolicy),
    /// `ALTER SEQUENCE`.
    Sequence {
        /// Name.
        name: Name,
        /// As in CREATE, and `RESTART` with or without a number; names upper case.
        options: Vec<(String, OptionValue)>,
    },
}

/// The change of ALTER ROLE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChange {
    /// ADD MEMBER.
    AddMember(String),
    /// DROP MEMBER.
    DropMember(String),
    /// WITH NAME.
    Rename(String),
}

/// The action of ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub enum AlterTable {
    /// `ADD` columns, constraints, period.
    Add(TableDefinition, /* WITH CHECK */ Option<bool>),
    /// `ALTER COLUMN` to a new type.
    AlterColumn(ColumnDefinition),
    /// `ALTER COLUMN name ADD MASKED WITH (FUNCTION = '…')`, or `DROP MASKED`.
    AlterColumnMask {
        /// Column.
        column: String,
        /// The masking function; `None` takes it away.
        function: Option<String>,
    },
    /// `ALTER COLUMN name ADD|DROP HIDDEN|…`, as words.
    AlterColumnOption {
        /// Column.
        column: String,
        /// Add, or drop.
        add: bool,
        /// Upper-case words.
        option: String,
    },
    /// `DROP COLUMN`.
    DropColumns(Vec<String>, /* IF EXISTS */ bool),
    /// `DROP CONSTRAINT`.
    DropConstraints(Vec<String>, /* IF EXISTS */ bool),
    /// `DROP PERIOD FOR SYSTEM_TIME`.
    DropPeriod,
    /// `SET (SYSTEM_VERSIONING = OFF|ON (…))`.
    SetVersioning(Option<Versioning>),
    /// `SWITCH [PARTITION n] TO target [PARTITION m]`.
    Switch {
        /// Target.
        target: Name,
        /// A PARTITION was named.
        partitioned: bool,
    },
    /// `[WITH CHECK] CHECK|NOCHECK CONSTRAINT ALL|names`.
    CheckConstraints {
        /// Enable, or disable.
        enable: bool,
        /// Validate existing rows.
        with_check: bool,
        /// Empty is ALL.
        names: Vec<String>,
    },
    /// `REBUILD`, `SET (LOCK_ESCALATION = …)` and other actions without effect on semantics.
    Maintenance(String),
}

/// What DROP drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropKind {
    /// DATABASE.
    Database,
    /// SCHEMA.
    Schema,
    /// LOGIN.
    Login,
    /// USER.
    User,
    /// ROLE.
    Role,
    /// SERVER ROLE.
    ServerRole,
    /// APPLICATION ROLE.
    ApplicationRole,
    /// TABLE.
    Table,
    /// VIEW.
    View,
    /// PROCEDURE.
    Procedure,
    /// FUNCTION.
    Function,
    /// TRIGGER (DML).
    Trigger,
    /// TRIGGER … ON DATABASE.
    DdlTrigger,
    /// INDEX … ON table.
    Index,
    /// SYNONYM.
    Synonym,
    /// SEQUENCE.
    Sequence,
    /// TYPE.
    Type,
    /// SECURITY POLICY.
    SecurityPolicy,
    /// CERTIFICATE.
    Certificate,
    /// ASYMMETRIC KEY.
    AsymmetricKey,
}
