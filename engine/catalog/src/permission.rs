//! The permissions that exist, what they are on, and which other permission implies them.
//!
//! The table is `sys.fn_builtin_permissions`, cut down to the classes this server has. Every row
//! says: this permission on this class is implied by `covered_by` on the same securable, and by
//! `parent` on the securable that contains it. The closure of the two is computed once.

use std::sync::OnceLock;

use crate::ids::{LoginId, ObjectId, PrincipalId, SchemaId, UserTypeId};

/// What a permission is on, in one database or on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Securable {
    /// The database itself (class 0).
    Database,
    /// An object (class 1); its columns are told apart by [`PermissionKey::column`].
    Object(ObjectId),
    /// A schema (class 3).
    Schema(SchemaId),
    /// A user, role or application role (class 4).
    Principal(PrincipalId),
    /// A user type (class 6).
    Type(UserTypeId),
    /// The server (class 100).
    Server,
    /// A login or server role (class 101).
    Login(LoginId),
}

impl Securable {
    /// `sys.database_permissions.class` or `sys.server_permissions.class`.
    pub fn class_number(self) -> u8 {
        match self {
            Self::Database => 0,
            Self::Object(_) => 1,
            Self::Schema(_) => 3,
            Self::Principal(_) => 4,
            Self::Type(_) => 6,
            Self::Server => 100,
            Self::Login(_) => 101,
        }
    }

    /// `class_desc`.
    pub fn class_description(self) -> &'static str {
        match self {
            Self::Database => "DATABASE",
            Self::Object(_) => "OBJECT_OR_COLUMN",
            Self::Schema(_) => "SCHEMA",
            Self::Principal(_) => "DATABASE_PRINCIPAL",
            Self::Type(_) => "TYPE",
            Self::Server => "SERVER",
            Self::Login(_) => "SERVER_PRINCIPAL",
        }
    }

    /// `major_id`.
    pub fn major_id(self) -> i32 {
        match self {
            Self::Database | Self::Server => 0,
            Self::Object(id) => id.0,
            Self::Schema(id) => id.0,
            Self::Principal(id) => id.0,
            Self::Type(id) => id.0,
            Self::Login(id) => id.0,
        }
    }
}

/// The class of a securable, as `fn_builtin_permissions` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// SERVER.
    Server,
    /// LOGIN.
    Login,
    /// SERVER ROLE.
    ServerRole,
    /// DATABASE.
    Database,
    /// SCHEMA.
    Schema,
    /// OBJECT.
    Object,
    /// TYPE.
    Type,
    /// USER.
    User,
    /// ROLE.
    Role,
    /// APPLICATION ROLE.
    ApplicationRole,
}

/// Every class, outermost first.
pub(crate) const CLASSES: [Class; 10] = [
    Class::Server,
    Class::Login,
    Class::ServerRole,
    Class::Database,
    Class::Schema,
    Class::Object,
    Class::Type,
    Class::User,
    Class::Role,
    Class::ApplicationRole,
];

impl Class {
    /// `class_desc` of `fn_builtin_permissions`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "SERVER",
            Self::Login => "LOGIN",
            Self::ServerRole => "SERVER ROLE",
            Self::Database => "DATABASE",
            Self::Schema => "SCHEMA",
            Self::Object => "OBJECT",
            Self::Type => "TYPE",
            Self::User => "USER",
            Self::Role => "ROLE",
            Self::ApplicationRole => "APPLICATION ROLE",
        }
    }

    /// By the name that HAS_PERMS_BY_NAME and `fn_my_permissions` take.
    pub fn from_name(name: &str) -> Option<Self> {
        CLASSES
            .into_iter()
            .find(|class| class.name().eq_ignore_ascii_case(name.trim()))
    }
}

macro_rules! permissions {
    ($($constant:ident = $name:literal,)*) => {
        #[expect(non_camel_case_types, reason = "the variants are SQL Server's own names")]
        #[expect(clippy::upper_case_acronyms, reason = "the variants are SQL Server's own names")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        enum Which { $($constant,)* }

        /// A permission by its name, whatever it is on.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Permission(u8);

        #[expect(missing_docs, reason = "each constant is the permission of that name")]
        impl Permission {
            $(pub const $constant: Self = Self(Which::$constant as u8);)*
        }

        const NAMES: &[&str] = &[$($name,)*];
    };
}

permissions! {
    SELECT = "SELECT",
    INSERT = "INSERT",
    UPDATE = "UPDATE",
    DELETE = "DELETE",
    EXECUTE = "EXECUTE",
    REFERENCES = "REFERENCES",
    RECEIVE = "RECEIVE",
    VIEW_DEFINITION = "VIEW DEFINITION",
    VIEW_CHANGE_TRACKING = "VIEW CHANGE TRACKING",
    ALTER = "ALTER",
    TAKE_OWNERSHIP = "TAKE OWNERSHIP",
    CONTROL = "CONTROL",
    UNMASK = "UNMASK",
    IMPERSONATE = "IMPERSONATE",
    CONNECT = "CONNECT",
    AUTHENTICATE = "AUTHENTICATE",
    CHECKPOINT = "CHECKPOINT",
    SHOWPLAN = "SHOWPLAN",
    BACKUP_DATABASE = "BACKUP DATABASE",
    BACKUP_LOG = "BACKUP LOG",
    CONNECT_REPLICATION = "CONNECT REPLICATION",
    SUBSCRIBE_QUERY_NOTIFICATIONS = "SUBSCRIBE QUERY NOTIFICATIONS",
    ADMINISTER_DATABASE_BULK_OPERATIONS = "ADMINISTER DATABASE BULK OPERATIONS",
    CREATE_AGGREGATE = "CREATE AGGREGATE",
    CREATE_ASSEMBLY = "CREATE ASSEMBLY",
    CREATE_ASYMMETRIC_KEY = "CREATE ASYMMETRIC KEY",
    CREATE_CERTIFICATE = "CREATE CERTIFICATE",
    CREATE_CONTRACT = "CREATE CONTRACT",
    CREATE_DATABASE = "CREATE DATABASE",
    CREATE_DATABASE_DDL_EVENT_NOTIFICATION = "CREATE DATABASE DDL EVENT NOTIFICATION",
    CREATE_DEFAULT = "CREATE DEFAULT",
    CREATE_FULLTEXT_CATALOG = "CREATE FULLTEXT CATALOG",
    CREATE_FUNCTION = "CREATE FUNCTION",
    CREATE_MESSAGE_TYPE = "CREATE MESSAGE TYPE",
    CREATE_PROCEDURE = "CREATE PROCEDURE",
    CREATE_QUEUE = "CREATE QUEUE",
    CREATE_REMOTE_SERVICE_BINDING = "CREATE REMOTE SERVICE BINDING",
    CREATE_ROLE = "CREATE ROLE",
    CREATE_ROUTE = "CREATE ROUTE",
    CREATE_RULE = "CREATE RULE",
    CREATE_SCHEMA = "CREATE SCHEMA",
    CREATE_SEQUENCE = "CREATE SEQUENCE",
    CREATE_SERVICE = "CREATE SERVICE",
    CREATE_SYMMETRIC_KEY = "CREATE SYMMETRIC KEY",
    CREATE_SYNONYM = "CREATE SYNONYM",
    CREATE_TABLE = "CREATE TABLE",
    CREATE_TYPE = "CREATE TYPE",
    CREATE_USER = "CREATE USER",
    CREATE_VIEW = "CREATE VIEW",
    CREATE_XML_SCHEMA_COLLECTION = "CREATE XML SCHEMA COLLECTION",
    ALTER_ANY_APPLICATION_ROLE = "ALTER ANY APPLICATION ROLE",
    ALTER_ANY_ASSEMBLY = "ALTER ANY ASSEMBLY",
    ALTER_ANY_ASYMMETRIC_KEY = "ALTER ANY ASYMMETRIC KEY",
    ALTER_ANY_CERTIFICATE = "ALTER ANY CERTIFICATE",
    ALTER_ANY_CONTRACT = "ALTER ANY CONTRACT",
    ALTER_ANY_DATABASE_AUDIT = "ALTER ANY DATABASE AUDIT",
    ALTER_ANY_DATABASE_DDL_TRIGGER = "ALTER ANY DATABASE DDL TRIGGER",
    ALTER_ANY_DATABASE_EVENT_NOTIFICATION = "ALTER ANY DATABASE EVENT NOTIFICATION",
    ALTER_ANY_DATABASE_EVENT_SESSION = "ALTER ANY DATABASE EVENT SESSION",
    ALTER_ANY_DATABASE_SCOPED_CONFIGURATION = "ALTER ANY DATABASE SCOPED CONFIGURATION",
    ALTER_ANY_DATASPACE = "ALTER ANY DATASPACE",
    ALTER_ANY_EXTERNAL_DATA_SOURCE = "ALTER ANY EXTERNAL DATA SOURCE",
    ALTER_ANY_EXTERNAL_FILE_FORMAT = "ALTER ANY EXTERNAL FILE FORMAT",
    ALTER_ANY_EXTERNAL_LIBRARY = "ALTER ANY EXTERNAL LIBRARY",
    ALTER_ANY_FULLTEXT_CATALOG = "ALTER ANY FULLTEXT CATALOG",
    ALTER_ANY_MASK = "ALTER ANY MASK",
    ALTER_ANY_MESSAGE_TYPE = "ALTER ANY MESSAGE TYPE",
    ALTER_ANY_REMOTE_SERVICE_BINDING = "ALTER ANY REMOTE SERVICE BINDING",
    ALTER_ANY_ROLE = "ALTER ANY ROLE",
    ALTER_ANY_ROUTE = "ALTER ANY ROUTE",
    ALTER_ANY_SCHEMA = "ALTER ANY SCHEMA",
    ALTER_ANY_SECURITY_POLICY = "ALTER ANY SECURITY POLICY",
    ALTER_ANY_SENSITIVITY_CLASSIFICATION = "ALTER ANY SENSITIVITY CLASSIFICATION",
    ALTER_ANY_SERVICE = "ALTER ANY SERVICE",
    ALTER_ANY_SYMMETRIC_KEY = "ALTER ANY SYMMETRIC KEY",
    ALTER_ANY_USER = "ALTER ANY USER",
    ALTER_LEDGER = "ALTER LEDGER",
    ENABLE_LEDGER = "ENABLE LEDGER",
    VIEW_ANY_SENSITIVITY_CLASSIFICATION = "VIEW ANY SENSITIVITY CLASSIFICATION",
    VIEW_DATABASE_STATE = "VIEW DATABASE STATE",
    VIEW_DATABASE_PERFORMANCE_STATE = "VIEW DATABASE PERFORMANCE STATE",
    VIEW_DATABASE_SECURITY_STATE = "VIEW DATABASE SECURITY STATE",
    VIEW_LEDGER_CONTENT = "VIEW LEDGER CONTENT",
    VIEW_SECURITY_DEFINITION = "VIEW SECURITY DEFINITION",
    VIEW_PERFORMANCE_DEFINITION = "VIEW PERFORMANCE DEFINITION",
    KILL_DATABASE_CONNECTION = "KILL DATABASE CONNECTION",
    ADMINISTER_BULK_OPERATIONS = "ADMINISTER BULK OPERATIONS",
    ALTER_ANY_AVAILABILITY_GROUP = "ALTER ANY AVAILABILITY GROUP",
    ALTER_ANY_CONNECTION = "ALTER ANY CONNECTION",
    ALTER_ANY_CREDENTIAL = "ALTER ANY CREDENTIAL",
    ALTER_ANY_DATABASE = "ALTER ANY DATABASE",
    ALTER_ANY_ENDPOINT = "ALTER ANY ENDPOINT",
    ALTER_ANY_EVENT_NOTIFICATION = "ALTER ANY EVENT NOTIFICATION",
    ALTER_ANY_EVENT_SESSION = "ALTER ANY EVENT SESSION",
    ALTER_ANY_LINKED_SERVER = "ALTER ANY LINKED SERVER",
    ALTER_ANY_LOGIN = "ALTER ANY LOGIN",
    ALTER_ANY_SERVER_AUDIT = "ALTER ANY SERVER AUDIT",
    ALTER_ANY_SERVER_ROLE = "ALTER ANY SERVER ROLE",
    ALTER_RESOURCES = "ALTER RESOURCES",
    ALTER_SERVER_STATE = "ALTER SERVER STATE",
    ALTER_SETTINGS = "ALTER SETTINGS",
    ALTER_TRACE = "ALTER TRACE",
    AUTHENTICATE_SERVER = "AUTHENTICATE SERVER",
    CONNECT_ANY_DATABASE = "CONNECT ANY DATABASE",
    CONNECT_SQL = "CONNECT SQL",
    CONTROL_SERVER = "CONTROL SERVER",
    CREATE_ANY_DATABASE = "CREATE ANY DATABASE",
    CREATE_AVAILABILITY_GROUP = "CREATE AVAILABILITY GROUP",
    CREATE_DDL_EVENT_NOTIFICATION = "CREATE DDL EVENT NOTIFICATION",
    CREATE_ENDPOINT = "CREATE ENDPOINT",
    CREATE_LOGIN = "CREATE LOGIN",
    CREATE_SERVER_ROLE = "CREATE SERVER ROLE",
    CREATE_TRACE_EVENT_NOTIFICATION = "CREATE TRACE EVENT NOTIFICATION",
    EXTERNAL_ACCESS_ASSEMBLY = "EXTERNAL ACCESS ASSEMBLY",
    IMPERSONATE_ANY_LOGIN = "IMPERSONATE ANY LOGIN",
    SELECT_ALL_USER_SECURABLES = "SELECT ALL USER SECURABLES",
    SHUTDOWN = "SHUTDOWN",
    UNSAFE_ASSEMBLY = "UNSAFE ASSEMBLY",
    VIEW_ANY_DATABASE = "VIEW ANY DATABASE",
    VIEW_ANY_DEFINITION = "VIEW ANY DEFINITION",
    VIEW_ANY_SECURITY_DEFINITION = "VIEW ANY SECURITY DEFINITION",
    VIEW_ANY_PERFORMANCE_DEFINITION = "VIEW ANY PERFORMANCE DEFINITION",
    VIEW_ANY_ERROR_LOG = "VIEW ANY ERROR LOG",
    VIEW_SERVER_STATE = "VIEW SERVER STATE",
    VIEW_SERVER_PERFORMANCE_STATE = "VIEW SERVER PERFORMANCE STATE",
    VIEW_SERVER_SECURITY_STATE = "VIEW SERVER SECURITY STATE",
}

impl Permission {
    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// By name, in any case, with single spaces.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        // EXEC is accepted for EXECUTE, as the parser of the real server does.
        let name = if name.eq_ignore_ascii_case("EXEC") {
            "EXECUTE"
        } else {
            name
        };
        let name = if name.eq_ignore_ascii_case("CREATE PROC") {
            "CREATE PROCEDURE"
        } else {
            name
        };
        let index = NAMES
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))?;
        Some(Self(
            u8::try_from(index).expect("fewer than 256 permissions"),
        ))
    }

    /// Takes a column list.
    pub fn is_per_column(self) -> bool {
        matches!(
            self,
            Self::SELECT | Self::UPDATE | Self::REFERENCES | Self::UNMASK
        )
    }
}

impl std::fmt::Debug for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// One row of `fn_builtin_permissions`.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// The class it is on.
    pub class: Class,
    /// The permission.
    pub permission: Permission,
    /// `type`: its two- to four-letter code.
    pub code: &'static str,
    /// The permission on the same securable that implies it.
    pub covered_by: Option<Permission>,
    /// The permission on the containing securable that implies it.
    pub parent: Option<(Class, Permission)>,
}

const fn row(
    class: Class,
    permission: Permission,
    code: &'static str,
    covered_by: Option<Permission>,
    parent: Option<(Class, Permission)>,
) -> Builtin {
    Builtin {
        class,
        permission,
        code,
        covered_by,
        parent,
    }
}

/// A database permission implied by ALTER on the database, or CONTROL SERVER.
const fn by_alter(permission: Permission, code: &'static str) -> Builtin {
    row(
        Class::Database,
        permission,
        code,
        Some(Permission::ALTER),
        Some((Class::Server, Permission::CONTROL_SERVER)),
    )
}

/// A database permission implied by CONTROL on the database, or `parent` on the server.
const fn by_control(permission: Permission, code: &'static str, parent: Permission) -> Builtin {
    row(
        Class::Database,
        permission,
        code,
        Some(Permission::CONTROL),
        Some((Class::Server, parent)),
    )
}

/// A server permission implied by `covered_by`.
const fn server(permission: Permission, code: &'static str, covered_by: Permission) -> Builtin {
    row(Class::Server, permission, code, Some(covered_by), None)
}

/// A permission implied by CONTROL on the same thing, or `parent` on what contains it.
const fn inner(
    class: Class,
    permission: Permission,
    code: &'static str,
    parent: (Class, Permission),
) -> Builtin {
    row(
        class,
        permission,
        code,
        Some(Permission::CONTROL),
        Some(parent),
    )
}

/// `sys.fn_builtin_permissions(DEFAULT)` for the classes this server has.
pub const BUILTIN: &[Builtin] = {
    use Class as C;
    use Permission as P;
    &[
        // --- server ------------------------------------------------------------------------
        row(C::Server, P::CONTROL_SERVER, "CL", None, None),
        server(P::ADMINISTER_BULK_OPERATIONS, "ADBO", P::CONTROL_SERVER),
        server(P::ALTER_ANY_AVAILABILITY_GROUP, "ALAG", P::CONTROL_SERVER),
        server(P::ALTER_ANY_CONNECTION, "ALCO", P::CONTROL_SERVER),
        server(P::ALTER_ANY_CREDENTIAL, "ALCD", P::CONTROL_SERVER),
        server(P::ALTER_ANY_DATABASE, "ALDB", P::CONTROL_SERVER),
        server(P::ALTER_ANY_ENDPOINT, "ALHE", P::CONTROL_SERVER),
        server(P::ALTER_ANY_EVENT_NOTIFICATION, "ALES", P::CONTROL_SERVER),
        server(P::ALTER_ANY_EVENT_SESSION, "AAES", P::CONTROL_SERVER),
        server(P::ALTER_ANY_LINKED_SERVER, "ALLS", P::CONTROL_SERVER),
        server(P::ALTER_ANY_LOGIN, "ALLG", P::CONTROL_SERVER),
        server(P::ALTER_ANY_SERVER_AUDIT, "ALAA", P::CONTROL_SERVER),
        server(P::ALTER_ANY_SERVER_ROLE, "ALSR", P::CONTROL_SERVER),
        server(P::ALTER_RESOURCES, "ALRS", P::CONTROL_SERVER),
        server(P::ALTER_SERVER_STATE, "ALSS", P::CONTROL_SERVER),
        server(P::ALTER_SETTINGS, "ALST", P::CONTROL_SERVER),
        server(P::ALTER_TRACE, "ALTR", P::CONTROL_SERVER),
        server(P::AUTHENTICATE_SERVER, "AUTH", P::CONTROL_SERVER),
        server(P::CONNECT_ANY_DATABASE, "CADB", P::CONTROL_SERVER),
        server(P::CONNECT_SQL, "COSQ", P::CONTROL_SERVER),
        server(P::CREATE_ANY_DATABASE, "CRDB", P::ALTER_ANY_DATABASE),
        server(
            P::CREATE_AVAILABILITY_GROUP,
            "CRAC",
            P::ALTER_ANY_AVAILABILITY_GROUP,
        ),
        server(
            P::CREATE_DDL_EVENT_NOTIFICATION,
            "CRDE",
            P::ALTER_ANY_EVENT_NOTIFICATION,
        ),
        server(P::CREATE_ENDPOINT, "CRHE", P::ALTER_ANY_ENDPOINT),
        server(P::CREATE_LOGIN, "CRLG", P::ALTER_ANY_LOGIN),
        server(P::CREATE_SERVER_ROLE, "CRSR", P::ALTER_ANY_SERVER_ROLE),
        server(
            P::CREATE_TRACE_EVENT_NOTIFICATION,
            "CRTE",
            P::ALTER_ANY_EVENT_NOTIFICATION,
        ),
        server(P::EXTERNAL_ACCESS_ASSEMBLY, "XA", P::UNSAFE_ASSEMBLY),
        server(P::IMPERSONATE_ANY_LOGIN, "IAL", P::CONTROL_SERVER),
        server(P::SELECT_ALL_USER_SECURABLES, "SUS", P::CONTROL_SERVER),
        server(P::SHUTDOWN, "SHDN", P::CONTROL_SERVER),
        server(P::UNSAFE_ASSEMBLY, "XU", P::CONTROL_SERVER),
        server(P::VIEW_ANY_DATABASE, "VWDB", P::VIEW_ANY_DEFINITION),
        server(P::VIEW_ANY_DEFINITION, "VWAD", P::CONTROL_SERVER),
        server(
            P::VIEW_ANY_SECURITY_DEFINITION,
            "VWAS",
            P::VIEW_ANY_DEFINITION,
        ),
        server(
            P::VIEW_ANY_PERFORMANCE_DEFINITION,
            "VWAP",
            P::VIEW_ANY_DEFINITION,
        ),
        server(P::VIEW_ANY_ERROR_LOG, "VWEL", P::CONTROL_SERVER),
        server(P::VIEW_SERVER_STATE, "VWSS", P::ALTER_SERVER_STATE),
        server(
            P::VIEW_SERVER_PERFORMANCE_STATE,
            "VWSP",
            P::VIEW_SERVER_STATE,
        ),
        server(P::VIEW_SERVER_SECURITY_STATE, "VWSC", P::VIEW_SERVER_STATE),
        // --- logins and server roles -------------------------------------------------------
        row(
            C::Login,
            P::CONTROL,
            "CL",
            None,
            Some((C::Server, P::CONTROL_SERVER)),
        ),
        inner(
            C::Login,
            P::IMPERSONATE,
            "IM",
            (C::Server, P::IMPERSONATE_ANY_LOGIN),
        ),
        inner(
            C::Login,
            P::VIEW_DEFINITION,
            "VW",
            (C::Server, P::VIEW_ANY_DEFINITION),
        ),
        inner(C::Login, P::ALTER, "AL", (C::Server, P::ALTER_ANY_LOGIN)),
        row(
            C::ServerRole,
            P::CONTROL,
            "CL",
            None,
            Some((C::Server, P::CONTROL_SERVER)),
        ),
        inner(
            C::ServerRole,
            P::VIEW_DEFINITION,
            "VW",
            (C::Server, P::VIEW_ANY_DEFINITION),
        ),
        inner(
            C::ServerRole,
            P::TAKE_OWNERSHIP,
            "TO",
            (C::Server, P::CONTROL_SERVER),
        ),
        inner(
            C::ServerRole,
            P::ALTER,
            "AL",
            (C::Server, P::ALTER_ANY_SERVER_ROLE),
        ),
        // --- database ----------------------------------------------------------------------
        row(
            C::Database,
            P::CONTROL,
            "CL",
            None,
            Some((C::Server, P::CONTROL_SERVER)),
        ),
        by_control(P::ALTER, "AL", P::ALTER_ANY_DATABASE),
        by_control(P::SELECT, "SL", P::SELECT_ALL_USER_SECURABLES),
        by_control(P::INSERT, "IN", P::CONTROL_SERVER),
        by_control(P::UPDATE, "UP", P::CONTROL_SERVER),
        by_control(P::DELETE, "DL", P::CONTROL_SERVER),
        by_control(P::EXECUTE, "EX", P::CONTROL_SERVER),
        by_control(P::REFERENCES, "RF", P::CONTROL_SERVER),
        by_control(P::VIEW_DEFINITION, "VW", P::VIEW_ANY_DEFINITION),
        by_control(P::TAKE_OWNERSHIP, "TO", P::CONTROL_SERVER),
        by_control(P::UNMASK, "UMSK", P::CONTROL_SERVER),
        by_control(P::AUTHENTICATE, "AUTH", P::AUTHENTICATE_SERVER),
        by_control(P::BACKUP_DATABASE, "BADB", P::CONTROL_SERVER),
        by_control(P::BACKUP_LOG, "BALO", P::CONTROL_SERVER),
        by_control(P::CHECKPOINT, "CP", P::CONTROL_SERVER),
        by_control(P::CONNECT_REPLICATION, "CORP", P::CONTROL_SERVER),
        row(
            C::Database,
            P::CONNECT,
            "CO",
            Some(P::CONNECT_REPLICATION),
            Some((C::Server, P::CONTROL_SERVER)),
        ),
        by_control(P::SHOWPLAN, "SPLN", P::ALTER_TRACE),
        by_control(P::SUBSCRIBE_QUERY_NOTIFICATIONS, "SUQN", P::CONTROL_SERVER),
        by_control(
            P::ADMINISTER_DATABASE_BULK_OPERATIONS,
            "DABO",
            P::CONTROL_SERVER,
        ),
        by_control(P::KILL_DATABASE_CONNECTION, "KIDC", P::ALTER_ANY_CONNECTION),
        by_control(P::VIEW_DATABASE_STATE, "VWDS", P::VIEW_SERVER_STATE),
        row(
            C::Database,
            P::VIEW_DATABASE_PERFORMANCE_STATE,
            "VWDP",
            Some(P::VIEW_DATABASE_STATE),
            Some((C::Server, P::VIEW_SERVER_PERFORMANCE_STATE)),
        ),
        row(
            C::Database,
            P::VIEW_DATABASE_SECURITY_STATE,
            "VWDC",
            Some(P::VIEW_DATABASE_STATE),
            Some((C::Server, P::VIEW_SERVER_SECURITY_STATE)),
        ),
        row(
            C::Database,
            P::VIEW_SECURITY_DEFINITION,
            "VWS",
            Some(P::VIEW_DEFINITION),
            Some((C::Server, P::VIEW_ANY_SECURITY_DEFINITION)),
        ),
        row(
            C::Database,
            P::VIEW_PERFORMANCE_DEFINITION,
            "VWP",
            Some(P::VIEW_DEFINITION),
            Some((C::Server, P::VIEW_ANY_PERFORMANCE_DEFINITION)),
        ),
        by_control(P::VIEW_LEDGER_CONTENT, "VLC", P::CONTROL_SERVER),
        by_control(P::ALTER_LEDGER, "ALR", P::CONTROL_SERVER),
        by_alter(P::ENABLE_LEDGER, "EL"),
        by_control(
            P::VIEW_ANY_SENSITIVITY_CLASSIFICATION,
            "VASC",
            P::CONTROL_SERVER,
        ),
        by_control(
            P::ALTER_ANY_SENSITIVITY_CLASSIFICATION,
            "AASC",
            P::CONTROL_SERVER,
        ),
        by_control(P::ALTER_ANY_SECURITY_POLICY, "ALSP", P::CONTROL_SERVER),
        by_control(P::ALTER_ANY_MASK, "AAMK", P::CONTROL_SERVER),
        by_control(P::CREATE_DATABASE, "CRDB", P::CREATE_ANY_DATABASE),
        by_alter(P::ALTER_ANY_APPLICATION_ROLE, "ALAR"),
        by_alter(P::ALTER_ANY_ASSEMBLY, "ALAS"),
        by_alter(P::ALTER_ANY_ASYMMETRIC_KEY, "ALAK"),
        by_alter(P::ALTER_ANY_CERTIFICATE, "ALCF"),
        by_alter(P::ALTER_ANY_CONTRACT, "ALSC"),
        by_alter(P::ALTER_ANY_DATABASE_AUDIT, "ALDA"),
        by_alter(P::ALTER_ANY_DATABASE_DDL_TRIGGER, "ALTG"),
        by_alter(P::ALTER_ANY_DATABASE_EVENT_NOTIFICATION, "ALED"),
        by_alter(P::ALTER_ANY_DATABASE_EVENT_SESSION, "AADS"),
        by_alter(P::ALTER_ANY_DATABASE_SCOPED_CONFIGURATION, "ALDC"),
        by_alter(P::ALTER_ANY_DATASPACE, "ALDS"),
        by_alter(P::ALTER_ANY_EXTERNAL_DATA_SOURCE, "AEDS"),
        by_alter(P::ALTER_ANY_EXTERNAL_FILE_FORMAT, "AEFF"),
        by_alter(P::ALTER_ANY_EXTERNAL_LIBRARY, "AEXL"),
        by_alter(P::ALTER_ANY_FULLTEXT_CATALOG, "ALFT"),
        by_alter(P::ALTER_ANY_MESSAGE_TYPE, "ALMT"),
        by_alter(P::ALTER_ANY_REMOTE_SERVICE_BINDING, "ALSB"),
        by_alter(P::ALTER_ANY_ROLE, "ALRL"),
        by_alter(P::ALTER_ANY_ROUTE, "ALRT"),
        by_alter(P::ALTER_ANY_SCHEMA, "ALSM"),
        by_alter(P::ALTER_ANY_SERVICE, "ALSV"),
        by_alter(P::ALTER_ANY_SYMMETRIC_KEY, "ALSK"),
        by_alter(P::ALTER_ANY_USER, "ALUS"),
        by_alter(P::CREATE_AGGREGATE, "CRAG"),
        row(
            C::Database,
            P::CREATE_ASSEMBLY,
            "CRAS",
            Some(P::ALTER_ANY_ASSEMBLY),
            None,
        ),
        row(
            C::Database,
            P::CREATE_ASYMMETRIC_KEY,
            "CRAK",
            Some(P::ALTER_ANY_ASYMMETRIC_KEY),
            None,
        ),
        row(
            C::Database,
            P::CREATE_CERTIFICATE,
            "CRCF",
            Some(P::ALTER_ANY_CERTIFICATE),
            None,
        ),
        row(
            C::Database,
            P::CREATE_CONTRACT,
            "CRSC",
            Some(P::ALTER_ANY_CONTRACT),
            None,
        ),
        row(
            C::Database,
            P::CREATE_DATABASE_DDL_EVENT_NOTIFICATION,
            "CRED",
            Some(P::ALTER_ANY_DATABASE_EVENT_NOTIFICATION),
            None,
        ),
        by_alter(P::CREATE_DEFAULT, "CRDF"),
        row(
            C::Database,
            P::CREATE_FULLTEXT_CATALOG,
            "CRFT",
            Some(P::ALTER_ANY_FULLTEXT_CATALOG),
            None,
        ),
        by_alter(P::CREATE_FUNCTION, "CRFN"),
        row(
            C::Database,
            P::CREATE_MESSAGE_TYPE,
            "CRMT",
            Some(P::ALTER_ANY_MESSAGE_TYPE),
            None,
        ),
        by_alter(P::CREATE_PROCEDURE, "CRPR"),
        by_alter(P::CREATE_QUEUE, "CRQU"),
        row(
            C::Database,
            P::CREATE_REMOTE_SERVICE_BINDING,
            "CRSB",
            Some(P::ALTER_ANY_REMOTE_SERVICE_BINDING),
            None,
        ),
        row(
            C::Database,
            P::CREATE_ROLE,
            "CRRL",
            Some(P::ALTER_ANY_ROLE),
            None,
        ),
        row(
            C::Database,
            P::CREATE_ROUTE,
            "CRRT",
            Some(P::ALTER_ANY_ROUTE),
            None,
        ),
        by_alter(P::CREATE_RULE, "CRRU"),
        row(
            C::Database,
            P::CREATE_SCHEMA,
            "CRSM",
            Some(P::ALTER_ANY_SCHEMA),
            None,
        ),
        row(
            C::Database,
            P::CREATE_SERVICE,
            "CRSV",
            Some(P::ALTER_ANY_SERVICE),
            None,
        ),
        row(
            C::Database,
            P::CREATE_SYMMETRIC_KEY,
            "CRSK",
            Some(P::ALTER_ANY_SYMMETRIC_KEY),
            None,
        ),
        by_alter(P::CREATE_SYNONYM, "CRSN"),
        by_alter(P::CREATE_TABLE, "CRTB"),
        by_alter(P::CREATE_TYPE, "CRTY"),
        row(
            C::Database,
            P::CREATE_USER,
            "CRUS",
            Some(P::ALTER_ANY_USER),
            None,
        ),
        by_alter(P::CREATE_VIEW, "CRVW"),
        by_alter(P::CREATE_XML_SCHEMA_COLLECTION, "CRXS"),
        // --- schema ------------------------------------------------------------------------
        row(
            C::Schema,
            P::CONTROL,
            "CL",
            None,
            Some((C::Database, P::CONTROL)),
        ),
        inner(C::Schema, P::SELECT, "SL", (C::Database, P::SELECT)),
        inner(C::Schema, P::INSERT, "IN", (C::Database, P::INSERT)),
        inner(C::Schema, P::UPDATE, "UP", (C::Database, P::UPDATE)),
        inner(C::Schema, P::DELETE, "DL", (C::Database, P::DELETE)),
        inner(C::Schema, P::EXECUTE, "EX", (C::Database, P::EXECUTE)),
        inner(C::Schema, P::REFERENCES, "RF", (C::Database, P::REFERENCES)),
        inner(
            C::Schema,
            P::VIEW_DEFINITION,
            "VW",
            (C::Database, P::VIEW_DEFINITION),
        ),
        inner(
            C::Schema,
            P::VIEW_CHANGE_TRACKING,
            "VWCT",
            (C::Database, P::CONTROL),
        ),
        inner(C::Schema, P::UNMASK, "UMSK", (C::Database, P::UNMASK)),
        inner(
            C::Schema,
            P::ALTER,
            "AL",
            (C::Database, P::ALTER_ANY_SCHEMA),
        ),
        inner(
            C::Schema,
            P::TAKE_OWNERSHIP,
            "TO",
            (C::Database, P::CONTROL),
        ),
        row(
            C::Schema,
            P::CREATE_SEQUENCE,
            "CRSO",
            Some(P::ALTER),
            Some((C::Database, P::ALTER_ANY_SCHEMA)),
        ),
        // --- object ------------------------------------------------------------------------
        row(
            C::Object,
            P::CONTROL,
            "CL",
            None,
            Some((C::Schema, P::CONTROL)),
        ),
        inner(C::Object, P::SELECT, "SL", (C::Schema, P::SELECT)),
        inner(C::Object, P::INSERT, "IN", (C::Schema, P::INSERT)),
        inner(C::Object, P::UPDATE, "UP", (C::Schema, P::UPDATE)),
        inner(C::Object, P::DELETE, "DL", (C::Schema, P::DELETE)),
        inner(C::Object, P::EXECUTE, "EX", (C::Schema, P::EXECUTE)),
        inner(C::Object, P::REFERENCES, "RF", (C::Schema, P::REFERENCES)),
        inner(C::Object, P::RECEIVE, "RC", (C::Schema, P::CONTROL)),
        inner(
            C::Object,
            P::VIEW_DEFINITION,
            "VW",
            (C::Schema, P::VIEW_DEFINITION),
        ),
        inner(
            C::Object,
            P::VIEW_CHANGE_TRACKING,
            "VWCT",
            (C::Schema, P::VIEW_CHANGE_TRACKING),
        ),
        inner(C::Object, P::UNMASK, "UMSK", (C::Schema, P::UNMASK)),
        inner(C::Object, P::ALTER, "AL", (C::Schema, P::ALTER)),
        inner(C::Object, P::TAKE_OWNERSHIP, "TO", (C::Schema, P::CONTROL)),
        // --- type --------------------------------------------------------------------------
        row(
            C::Type,
            P::CONTROL,
            "CL",
            None,
            Some((C::Schema, P::CONTROL)),
        ),
        inner(C::Type, P::EXECUTE, "EX", (C::Schema, P::EXECUTE)),
        inner(C::Type, P::REFERENCES, "RF", (C::Schema, P::REFERENCES)),
        inner(
            C::Type,
            P::VIEW_DEFINITION,
            "VW",
            (C::Schema, P::VIEW_DEFINITION),
        ),
        inner(C::Type, P::TAKE_OWNERSHIP, "TO", (C::Schema, P::CONTROL)),
        // --- principals of a database ------------------------------------------------------
        row(
            C::User,
            P::CONTROL,
            "CL",
            None,
            Some((C::Database, P::CONTROL)),
        ),
        inner(C::User, P::IMPERSONATE, "IM", (C::Database, P::CONTROL)),
        inner(
            C::User,
            P::VIEW_DEFINITION,
            "VW",
            (C::Database, P::VIEW_DEFINITION),
        ),
        inner(C::User, P::ALTER, "AL", (C::Database, P::ALTER_ANY_USER)),
        row(
            C::Role,
            P::CONTROL,
            "CL",
            None,
            Some((C::Database, P::CONTROL)),
        ),
        inner(
            C::Role,
            P::VIEW_DEFINITION,
            "VW",
            (C::Database, P::VIEW_DEFINITION),
        ),
        inner(C::Role, P::TAKE_OWNERSHIP, "TO", (C::Database, P::CONTROL)),
        inner(C::Role, P::ALTER, "AL", (C::Database, P::ALTER_ANY_ROLE)),
        row(
            C::ApplicationRole,
            P::CONTROL,
            "CL",
            None,
            Some((C::Database, P::CONTROL)),
        ),
        inner(
            C::ApplicationRole,
            P::VIEW_DEFINITION,
            "VW",
            (C::Database, P::VIEW_DEFINITION),
        ),
        inner(
            C::ApplicationRole,
            P::ALTER,
            "AL",
            (C::Database, P::ALTER_ANY_APPLICATION_ROLE),
        ),
    ]
};

/// The row for a permission on a class; `None` when the class has no such permission.
pub(crate) fn builtin(class: Class, permission: Permission) -> Option<&'static Builtin> {
    BUILTIN
        .iter()
        .find(|row| row.class == class && row.permission == permission)
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PermissionSet([u64; 3]);

impl PermissionSet {
    /// Adds one; tells whether it was new.
    pub(crate) fn insert(&mut self, permission: Permission) -> bool {
        let (word, bit) = (usize::from(permission.0 / 64), permission.0 % 64);
        let new = self.0[word] & (1 << bit) == 0;
        self.0[word] |= 1 << bit;
        new
    }

    /// Whether it is in.
    pub(crate) fn contains(&self, permission: Permission) -> bool {
        self.0[usize::from(permission.0 / 64)] & (1 << (permission.0 % 64)) != 0
    }

    /// Whether nothing is in.
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; 3]
    }
}

/// All (class, permission) pairs that imply one pair, the pair itself included: the permission
/// space of the check. A row of GRANT or DENY on any of them decides.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Space([PermissionSet; CLASSES.len()]);

impl Space {
    /// The permissions that imply the pair when held on this class.
    pub(crate) fn on(&self, class: Class) -> &PermissionSet {
        &self.0[class as usize]
    }
}

/// The permission space of a pair; `None` when the class has no such permission.
pub(crate) fn space(class: Class, permission: Permission) -> Option<&'static Space> {
    static SPACES: OnceLock<Vec<Option<Box<Space>>>> = OnceLock::new();
    let spaces = SPACES.get_or_init(|| {
        let mut spaces: Vec<Option<Box<Space>>> = Vec::new();
        spaces.resize_with(CLASSES.len() * NAMES.len(), || None);
        for row in BUILTIN {
            let mut space = Space::default();
            extend(&mut space, row.class, row.permission);
            spaces[row.class as usize * NAMES.len() + usize::from(row.permission.0)] =
                Some(Box::new(space));
        }
        spaces
    });
    spaces[class as usize * NAMES.len() + usize::from(permission.0)].as_deref()
}

fn extend(space: &mut Space, class: Class, permission: Permission) {
    if !space.0[class as usize].insert(permission) {
        return;
    }
    let Some(row) = builtin(class, permission) else {
        return;
    };
    if let Some(covering) = row.covered_by {
        extend(space, class, covering);
    }
    if let Some((class, permission)) = row.parent {
        extend(space, class, permission);
    }
}

/// What one row of `sys.database_permissions` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionState {
    /// G.
    Grant,
    /// W.
    GrantWithGrantOption,
    /// D.
    Deny,
}

impl PermissionState {
    /// `state`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Grant => "G",
            Self::GrantWithGrantOption => "W",
            Self::Deny => "D",
        }
    }

    /// `state_desc`.
    pub fn description(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::GrantWithGrantOption => "GRANT_WITH_GRANT_OPTION",
            Self::Deny => "DENY",
        }
    }
}

/// What makes a permission row one row. Ordered so that all rows of one grantee on one securable
/// are neighbours. Grantee and grantor are [`PrincipalId`]s, or [`LoginId`]s on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionKey {
    /// On what.
    pub securable: Securable,
    /// To whom.
    pub grantee: i32,
    /// What.
    pub permission: Permission,
    /// Which column; 0 is the whole object.
    pub column: i32,
    /// By whom.
    pub grantor: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_implying_permission_exists_on_its_class() {
        for row in BUILTIN {
            if let Some(covering) = row.covered_by {
                assert!(builtin(row.class, covering).is_some(), "{row:?}");
            }
            if let Some((class, permission)) = row.parent {
                assert!(builtin(class, permission).is_some(), "{row:?}");
            }
        }
        assert!(NAMES.len() <= 192, "PermissionSet holds 192 permissions");
    }

    #[test]
    fn implication_follows_the_documented_edges() {
        use Class as C;
        use Permission as P;
        let check = |class, permission, on, by, implied: bool| {
            let space = space(class, permission).expect("known pair");
            assert_eq!(
                space.on(on).contains(by),
                implied,
                "{class:?} {permission} by {on:?} {by}"
            );
        };
        check(C::Object, P::SELECT, C::Schema, P::SELECT, true);
        check(C::Object, P::SELECT, C::Object, P::CONTROL, true);
        check(C::Object, P::SELECT, C::Server, P::CONTROL_SERVER, true);
        check(
            C::Object,
            P::SELECT,
            C::Server,
            P::SELECT_ALL_USER_SECURABLES,
            true,
        );
        check(
            C::Object,
            P::INSERT,
            C::Server,
            P::SELECT_ALL_USER_SECURABLES,
            false,
        );
        check(C::Object, P::SELECT, C::Object, P::ALTER, false);
        check(C::Object, P::SELECT, C::Object, P::TAKE_OWNERSHIP, false);
        check(C::Object, P::SELECT, C::Object, P::REFERENCES, false);
        check(C::Object, P::ALTER, C::Database, P::ALTER_ANY_SCHEMA, true);
        check(C::Object, P::ALTER, C::Database, P::ALTER, true);
        check(C::Object, P::CONTROL, C::Schema, P::ALTER, false);
        check(C::Database, P::CREATE_TABLE, C::Database, P::ALTER, true);
        check(C::Database, P::CREATE_TABLE, C::Database, P::CONTROL, true);
        check(C::Database, P::CONNECT, C::Database, P::CONTROL, true);
        check(C::User, P::IMPERSONATE, C::Database, P::CONTROL, true);
        check(
            C::User,
            P::IMPERSONATE,
            C::Database,
            P::ALTER_ANY_USER,
            false,
        );
        check(C::Login, P::IMPERSONATE, C::Server, P::CONTROL_SERVER, true);
        check(
            C::Server,
            P::CONNECT_SQL,
            C::Server,
            P::CONTROL_SERVER,
            true,
        );
        check(C::Role, P::ALTER, C::Database, P::ALTER_ANY_ROLE, true);
    }

    #[test]
    fn a_permission_is_found_by_its_name_in_any_case() {
        for name in NAMES {
            assert_eq!(
                Permission::from_name(&name.to_lowercase()).map(Permission::name),
                Some(*name)
            );
        }
        assert_eq!(Permission::from_name("NO SUCH"), None);
    }
}
