//! Which numbers name things, and why they cannot be mixed up.
//!
//! The numbers are SQL Server's own where it has fixed ones (`dbo` is user 1, schema 1), because
//! `USER_ID()`, `SCHEMA_ID()` and the catalog views show them.

use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($of:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $of);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// `sys.databases.database_id`.
    DatabaseId(i32)
);
id!(
    /// `sys.objects.object_id`, unique inside one database.
    ObjectId(i32)
);
id!(
    /// `sys.schemas.schema_id`.
    SchemaId(i32)
);
id!(
    /// `sys.database_principals.principal_id`.
    PrincipalId(i32)
);
id!(
    /// `sys.server_principals.principal_id`: a login or a server role.
    LoginId(i32)
);
id!(
    /// `sys.columns.column_id`: stable while the column lives, never reused in its table.
    ColumnId(i32)
);
id!(
    /// `sys.indexes.index_id`: 1 is the clustered index, 2 and above are not clustered.
    IndexId(i32)
);
id!(
    /// `sys.types.user_type_id`; user types start at 257.
    UserTypeId(i32)
);
id!(
    /// A certificate or asymmetric key: `sys.certificates.certificate_id`.
    KeyId(i32)
);
id!(
    /// The place of one row in its table, unique for the life of the table.
    RowId(u64)
);
id!(
    /// `@@SPID`.
    SessionId(i32)
);

impl DatabaseId {
    /// master.
    pub const MASTER: Self = Self(1);
    /// tempdb.
    pub const TEMPDB: Self = Self(2);
    /// model.
    pub const MODEL: Self = Self(3);
    /// msdb.
    pub const MSDB: Self = Self(4);

    /// One of the four that every instance has.
    pub fn is_system(self) -> bool {
        self.0 <= 4
    }
}

impl SchemaId {
    /// No schema: triggers ON DATABASE.
    pub const NONE: Self = Self(0);
    /// dbo.
    pub const DBO: Self = Self(1);
    /// guest.
    pub const GUEST: Self = Self(2);
    /// INFORMATION_SCHEMA.
    pub const INFORMATION_SCHEMA: Self = Self(3);
    /// sys.
    pub const SYS: Self = Self(4);
}

impl PrincipalId {
    /// public, the role of everybody.
    pub const PUBLIC: Self = Self(0);
    /// dbo.
    pub const DBO: Self = Self(1);
    /// guest.
    pub const GUEST: Self = Self(2);
    /// INFORMATION_SCHEMA.
    pub const INFORMATION_SCHEMA: Self = Self(3);
    /// sys.
    pub const SYS: Self = Self(4);
    /// db_owner.
    pub const DB_OWNER: Self = Self(16384);
    /// db_accessadmin.
    pub const DB_ACCESSADMIN: Self = Self(16385);
    /// db_securityadmin.
    pub const DB_SECURITYADMIN: Self = Self(16386);
    /// db_ddladmin.
    pub const DB_DDLADMIN: Self = Self(16387);
    /// db_backupoperator.
    pub const DB_BACKUPOPERATOR: Self = Self(16389);
    /// db_datareader.
    pub const DB_DATAREADER: Self = Self(16390);
    /// db_datawriter.
    pub const DB_DATAWRITER: Self = Self(16391);
    /// db_denydatareader.
    pub const DB_DENYDATAREADER: Self = Self(16392);
    /// db_denydatawriter.
    pub const DB_DENYDATAWRITER: Self = Self(16393);

    /// A fixed database role other than public.
    pub fn is_fixed_role(self) -> bool {
        (16384..=16399).contains(&self.0)
    }
}

impl LoginId {
    /// sa.
    pub const SA: Self = Self(1);
    /// The server role public.
    pub const PUBLIC: Self = Self(2);
    /// sysadmin.
    pub const SYSADMIN: Self = Self(3);
    /// securityadmin.
    pub const SECURITYADMIN: Self = Self(4);
    /// serveradmin.
    pub const SERVERADMIN: Self = Self(5);
    /// setupadmin.
    pub const SETUPADMIN: Self = Self(6);
    /// processadmin.
    pub const PROCESSADMIN: Self = Self(7);
    /// diskadmin.
    pub const DISKADMIN: Self = Self(8);
    /// dbcreator.
    pub const DBCREATOR: Self = Self(9);
    /// bulkadmin.
    pub const BULKADMIN: Self = Self(10);

    /// A fixed server role, public included.
    pub fn is_fixed_role(self) -> bool {
        (2..=10).contains(&self.0)
    }
}

/// A security identifier: what ties a database user to a login.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid(pub Arc<[u8]>);

impl Sid {
    /// From bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Arc::from(bytes))
    }

    /// The SID of sa.
    pub fn sa() -> Self {
        Self::new(&[1])
    }
}

/// An identifier under the catalog's collation: case does not count, accents do, and so names
/// are kept in maps by their folded form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// Folds a name.
    pub fn new(name: &str) -> Self {
        let name = name.trim_end_matches(' ');
        // Nearly all names are ASCII, and this is asked for each name of every statement.
        if name.is_ascii() {
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Self(Arc::from(name.to_ascii_lowercase()))
            } else {
                Self(Arc::from(name))
            }
        } else if name.chars().any(char::is_uppercase) {
            Self(Arc::from(name.to_lowercase()))
        } else {
            Self(Arc::from(name))
        }
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether two identifiers are the same name.
pub fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches(' '), b.trim_end_matches(' '));
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && NameKey::new(a) == NameKey::new(b))
}
