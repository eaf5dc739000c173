//! One database: its options, principals, schemas, objects, rows and permissions.
//!
//! Reading is public. Changing goes through [`Change`](crate::Change)s, so that every change can
//! be taken back; the private setters here keep the indexes over names and parents in step.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use values::Collation;

use crate::backup::Family;
use crate::ids::{
    DatabaseId, KeyId, NameKey, ObjectId, PrincipalId, SchemaId, Sid, UserTypeId, same_name,
};
use crate::object::Object;
use crate::permission::{PermissionKey, PermissionState, Securable};
use crate::principal::{Authentication, Principal, PrincipalKind};
use crate::rows::TableData;
use crate::schema::{Schema, UserType};
use crate::signing::SigningKey;
use crate::table::Table;

/// The options of a database, `sys.databases` row and ALTER DATABASE … SET.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseOptions {
    /// Its name.
    pub name: Arc<str>,
    /// The login that owns it and is `dbo` in it.
    pub owner: Sid,
    /// It has a master key.
    pub master_key: bool,
    /// TRUSTWORTHY.
    pub trustworthy: bool,
    /// DB_CHAINING.
    pub chaining: bool,
    /// Default collation of its columns.
    pub collation: Collation,
    /// COMPATIBILITY_LEVEL.
    pub compatibility: u8,
    /// CONTAINMENT = PARTIAL.
    pub partially_contained: bool,
    /// READ_ONLY.
    pub read_only: bool,
    /// ALLOW_SNAPSHOT_ISOLATION.
    pub snapshot_isolation: bool,
    /// READ_COMMITTED_SNAPSHOT.
    pub read_committed_snapshot: bool,
    /// RECURSIVE_TRIGGERS.
    pub recursive_triggers: bool,
    /// `FULL`, `SIMPLE` or `BULK_LOGGED`.
    pub recovery: Arc<str>,
    /// `MULTI_USER`, `SINGLE_USER` or `RESTRICTED_USER`.
    pub user_access: Arc<str>,
    /// On-off options that change nothing here but are remembered and shown, by upper-case name.
    pub switches: OrdMap<Arc<str>, bool>,
}

/// One database.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its number.
    pub id: DatabaseId,
    /// Creation time, in ticks.
    pub created: i64,
    /// Which database it was before it was backed up, renamed and restored.
    pub family: Arc<Family>,
    pub(crate) options: Arc<DatabaseOptions>,
    principals: OrdMap<PrincipalId, Arc<Principal>>,
    principal_names: OrdMap<NameKey, PrincipalId>,
    /// (member, role).
    members: OrdSet<(PrincipalId, PrincipalId)>,
    schemas: OrdMap<SchemaId, Arc<Schema>>,
    schema_names: OrdMap<NameKey, SchemaId>,
    objects: OrdMap<ObjectId, Arc<Object>>,
    object_names: OrdMap<(SchemaId, NameKey), ObjectId>,
    /// (parent, child).
    children: OrdSet<(ObjectId, ObjectId)>,
    /// (referenced table, referencing table).
    references: OrdSet<(ObjectId, ObjectId)>,
    /// (guarded table or view, security policy).
    guards: OrdSet<(ObjectId, ObjectId)>,
    types: OrdMap<UserTypeId, Arc<UserType>>,
    type_names: OrdMap<(SchemaId, NameKey), UserTypeId>,
    pub(crate) data: OrdMap<ObjectId, Arc<TableData>>,
    signing_keys: OrdMap<KeyId, Arc<SigningKey>>,
    /// Last value given out by each sequence; not undone.
    pub(crate) sequences: OrdMap<ObjectId, i128>,
    permissions: OrdMap<PermissionKey, PermissionState>,
    // What follows only grows: numbers are not given twice, even when what they named is undone.
    pub(crate) next_object: u32,
    pub(crate) next_principal: i32,
    pub(crate) next_schema: i32,
    pub(crate) next_type: i32,
    pub(crate) last_rowversion: u64,
}

impl Database {
    /// A new database with the built-in principals and schemas, CONNECT for nobody but `dbo`.
    pub fn new(id: DatabaseId, options: DatabaseOptions, created: i64) -> Self {
        let mut new = Self {
            id,
            created,
            family: Arc::new(Family {
                id,
                created,
                name: Arc::clone(&options.name),
            }),
            options: Arc::new(options),
            principals: OrdMap::new(),
            principal_names: OrdMap::new(),
            members: OrdSet::new(),
            schemas: OrdMap::new(),
            schema_names: OrdMap::new(),
            objects: OrdMap::new(),
            object_names: OrdMap::new(),
            children: OrdSet::new(),
            references: OrdSet::new(),
            guards: OrdSet::new(),
            types: OrdMap::new(),
            type_names: OrdMap::new(),
            data: OrdMap::new(),
            signing_keys: OrdMap::new(),
            sequences: OrdMap::new(),
            permissions: OrdMap::new(),
            next_object: 0,
            next_principal: 5,
            next_schema: 5,
            next_type: 257,
            last_rowversion: 2000,
        };
        for (id, name, schema) in [
            (PrincipalId::DBO, "dbo", Some("dbo")),
            (PrincipalId::GUEST, "guest", Some("guest")),
            (PrincipalId::INFORMATION_SCHEMA, "INFORMATION_SCHEMA", None),
            (PrincipalId::SYS, "sys", None),
        ] {
            // dbo's SID is the owner's and is looked up there; guest's is 0x00.
            let sid = Sid::new(&[0]);
            let authentication = if id == PrincipalId::DBO {
                Authentication::Instance
            } else {
                Authentication::None
            };
            new.set_principal(
                id,
                Some(Arc::new(Principal {
                    id,
                    name: Arc::from(name),
                    kind: PrincipalKind::User {
                        sid,
                        authentication,
                    },
                    default_schema: schema.map(Arc::from),
                    owner: PrincipalId::DBO,
                    created,
                    modified: created,
                })),
            );
        }
        for (id, name) in std::iter::once((PrincipalId::PUBLIC, "public")).chain(FIXED_ROLES) {
            new.set_principal(
                id,
                Some(Arc::new(Principal {
                    id,
                    name: Arc::from(name),
                    kind: PrincipalKind::Role,
                    default_schema: None,
                    owner: PrincipalId::DBO,
                    created,
                    modified: created,
                })),
            );
        }
        new.set_member(PrincipalId::DBO, PrincipalId::DB_OWNER, true);
        for (id, name, owner) in [
            (SchemaId::DBO, "dbo", PrincipalId::DBO),
            (SchemaId::GUEST, "guest", PrincipalId::GUEST),
            (
                SchemaId::INFORMATION_SCHEMA,
                "INFORMATION_SCHEMA",
                PrincipalId::INFORMATION_SCHEMA,
            ),
            (SchemaId::SYS, "sys", PrincipalId::SYS),
        ]
        .into_iter()
        .chain(
            FIXED_ROLES
                .into_iter()
                .map(|(id, name)| (SchemaId(id.0), name, id)),
        ) {
            new.set_schema(
                id,
                Some(Arc::new(Schema {
                    id,
                    name: Arc::from(name),
                    owner,
                })),
            );
        }
        new
    }

    /// Its options.
    pub fn options(&self) -> &DatabaseOptions {
        &self.options
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.options.name
    }

    // --- principals --------------------------------------------------------------------------

    /// All principals, by number.
    pub fn principals(&self) -> impl Iterator<Item = &Arc<Principal>> {
        self.principals.values()
    }

    /// A principal.
    pub fn principal(&self, id: PrincipalId) -> Option<&Arc<Principal>> {
        self.principals.get(&id)
    }

    /// A principal by name.
    pub fn principal_named(&self, name: &str) -> Option<&Arc<Principal>> {
        self.principal(*self.principal_names.get(&NameKey::new(name))?)
    }

    /// The user that a login has here, by SID.
    pub fn user_with_sid(&self, sid: &Sid) -> Option<&Arc<Principal>> {
        if *sid == self.options.owner {
            return self.principal(PrincipalId::DBO);
        }
        self.principals.values().find(|principal| {
            matches!(
                &principal.kind,
                PrincipalKind::User { sid: own, authentication: Authentication::Instance } if own == sid
            )
        })
    }

    /// The SID behind a principal: dbo's is that of the database's owner.
    pub fn sid_of(&self, id: PrincipalId) -> Option<Sid> {
        if id == PrincipalId::DBO {
            return Some(self.options.owner.clone());
        }
        self.principal(id)?.sid().cloned()
    }

    /// The roles of which a principal is a direct member.
    pub fn roles_of(&self, member: PrincipalId) -> impl Iterator<Item = PrincipalId> {
        self.members
            .range((member, PrincipalId(i32::MIN))..=(member, PrincipalId(i32::MAX)))
            .map(|(_, role)| *role)
    }

    /// All (member, role) pairs.
    pub fn memberships(&self) -> impl Iterator<Item = (PrincipalId, PrincipalId)> {
        self.members.iter().copied()
    }

    /// The direct members of a role.
    pub fn members_of(&self, role: PrincipalId) -> impl Iterator<Item = PrincipalId> {
        self.members
            .iter()
            .filter(move |(_, of)| *of == role)
            .map(|(member, _)| *member)
    }

    /// A principal, every role it reaches, and public; in ascending order.
    pub fn closure_of(&self, principal: PrincipalId) -> Vec<PrincipalId> {
        let mut found = vec![principal];
        let mut next = 0;
        while next < found.len() {
            for role in self.roles_of(found[next]) {
                if !found.contains(&role) {
                    found.push(role);
                }
            }
            next += 1;
        }
        if !found.contains(&PrincipalId::PUBLIC) {
            found.push(PrincipalId::PUBLIC);
        }
        found.sort_unstable();
        found
    }

    // --- schemas and types -------------------------------------------------------------------

    /// All schemas.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.schemas.values()
    }

    /// A schema.
    pub fn schema(&self, id: SchemaId) -> Option<&Arc<Schema>> {
        self.schemas.get(&id)
    }

    /// A schema by name.
    pub fn schema_named(&self, name: &str) -> Option<&Arc<Schema>> {
        self.schema(*self.schema_names.get(&NameKey::new(name))?)
    }

    /// The name of a schema that an object of this database is in.
    pub fn schema_name(&self, id: SchemaId) -> &str {
        self.schema(id).map_or("dbo", |schema| &schema.name)
    }

    /// All user types.
    pub fn types(&self) -> impl Iterator<Item = &Arc<UserType>> {
        self.types.values()
    }

    /// A user type.
    pub fn user_type(&self, id: UserTypeId) -> Option<&Arc<UserType>> {
        self.types.get(&id)
    }

    /// A user type by name.
    pub fn type_named(&self, schema: SchemaId, name: &str) -> Option<&Arc<UserType>> {
        self.user_type(*self.type_names.get(&(schema, NameKey::new(name)))?)
    }

    // --- objects -----------------------------------------------------------------------------

    /// All objects, by number.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// An object.
    pub fn object(&self, id: ObjectId) -> Option<&Arc<Object>> {
        self.objects.get(&id)
    }

    /// An object by name.
    pub fn object_named(&self, schema: SchemaId, name: &str) -> Option<&Arc<Object>> {
        self.object(*self.object_names.get(&(schema, NameKey::new(name)))?)
    }

    /// The constraints and triggers of a table or view.
    pub fn children_of(&self, parent: ObjectId) -> impl Iterator<Item = &Arc<Object>> {
        self.children
            .range((parent, ObjectId(i32::MIN))..=(parent, ObjectId(i32::MAX)))
            .filter_map(|(_, child)| self.object(*child))
    }

    /// The tables with a foreign key to this one.
    pub fn referencing(&self, table: ObjectId) -> impl Iterator<Item = ObjectId> {
        self.references
            .range((table, ObjectId(i32::MIN))..=(table, ObjectId(i32::MAX)))
            .map(|(_, referencing)| *referencing)
    }

    /// The triggers ON DATABASE, in the order in which they were made.
    pub fn database_triggers(&self) -> impl Iterator<Item = &Arc<Object>> {
        let mut found: Vec<&Arc<Object>> = self
            .object_names
            .range((SchemaId::NONE, NameKey::new(""))..)
            .take_while(|((schema, _), _)| *schema == SchemaId::NONE)
            .filter_map(|(_, id)| self.object(*id))
            .collect();
        found.sort_by_key(|trigger| (trigger.created, trigger.id));
        found.into_iter()
    }

    /// Those of them that are switched on and fire for an event.
    pub fn triggers_for(&self, event: &str) -> Vec<Arc<Object>> {
        self.database_triggers()
            .filter(|trigger| {
                trigger.as_module().is_some_and(|module| {
                    !module.disabled
                        && matches!(
                            &module.definition.body,
                            tsql::ModuleBody::DdlTrigger { events, .. }
                                if events.iter().any(|name| crate::ddl_events::covers(name, event))
                        )
                })
            })
            .cloned()
            .collect()
    }

    /// The security policies, enabled or not, with a predicate on a table or view.
    pub fn policies_on(&self, table: ObjectId) -> impl Iterator<Item = &Arc<Object>> {
        self.guards
            .range((table, ObjectId(i32::MIN))..=(table, ObjectId(i32::MAX)))
            .filter_map(|(_, policy)| self.object(*policy))
    }

    /// Who owns an object: the owner of its parent, its explicit owner, or the owner of its schema.
    pub fn owner_of(&self, object: &Object) -> PrincipalId {
        if let Some(parent) = object.parent.and_then(|parent| self.object(parent)) {
            return self.owner_of(parent);
        }
        object.owner.unwrap_or_else(|| {
            self.schema(object.schema)
                .map_or(PrincipalId::DBO, |schema| schema.owner)
        })
    }

    /// The table behind an object number.
    pub fn table(&self, id: ObjectId) -> Option<&Table> {
        self.object(id)?.as_table()
    }

    /// Whether everything but rows and the values of sequences is, by identity, what `other` has.
    pub(crate) fn catalog_is(&self, other: &Self) -> bool {
        let Self {
            id,
            created,
            family,
            options,
            principals,
            principal_names,
            members,
            schemas,
            schema_names,
            objects,
            object_names,
            children,
            references,
            guards,
            types,
            type_names,
            data: _,
            signing_keys,
            sequences: _,
            permissions,
            // Numbers that nobody can see before something was made with them.
            next_object: _,
            next_principal: _,
            next_schema: _,
            next_type: _,
            last_rowversion: _,
        } = self;
        *id == other.id
            && *created == other.created
            && Arc::ptr_eq(family, &other.family)
            && Arc::ptr_eq(options, &other.options)
            && principals.ptr_eq(&other.principals)
            && principal_names.ptr_eq(&other.principal_names)
            && members.ptr_eq(&other.members)
            && schemas.ptr_eq(&other.schemas)
            && schema_names.ptr_eq(&other.schema_names)
            && objects.ptr_eq(&other.objects)
            && object_names.ptr_eq(&other.object_names)
            && children.ptr_eq(&other.children)
            && references.ptr_eq(&other.references)
            && guards.ptr_eq(&other.guards)
            && types.ptr_eq(&other.types)
            && type_names.ptr_eq(&other.type_names)
            && signing_keys.ptr_eq(&other.signing_keys)
            && permissions.ptr_eq(&other.permissions)
    }

    /// `schema.name` of an object.
    pub(crate) fn qualified_name(&self, id: ObjectId) -> Option<String> {
        let object = self.object(id)?;
        let schema = self.schema(object.schema)?;
        Some(format!("{}.{}", schema.name, object.name))
    }

    /// The rows of a table.
    pub fn data(&self, id: ObjectId) -> Option<&Arc<TableData>> {
        self.data.get(&id)
    }

    /// The last value that a sequence gave out.
    pub fn sequence_value(&self, id: ObjectId) -> Option<i128> {
        self.sequences.get(&id).copied()
    }

    /// `@@DBTS`: the last rowversion given out.
    pub fn last_rowversion(&self) -> u64 {
        self.last_rowversion
    }

    // --- permissions -------------------------------------------------------------------------

    /// All permission rows, by securable and grantee.
    pub fn permissions(&self) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
        self.permissions.iter().map(|(key, state)| (key, *state))
    }

    /// The permission rows of one grantee on one securable.
    pub fn permissions_on(
        &self,
        securable: Securable,
        grantee: PrincipalId,
    ) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
        rows_on(&self.permissions, securable, grantee.0)
    }

    /// All permission rows on one securable.
    pub fn permissions_of(
        &self,
        securable: Securable,
    ) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
        self.permissions
            .range(first_key(securable, i32::MIN)..)
            .take_while(move |(key, _)| key.securable == securable)
            .map(|(key, state)| (key, *state))
    }

    // --- changes, for `undo` only ------------------------------------------------------------

    pub(crate) fn set_principal(
        &mut self,
        id: PrincipalId,
        principal: Option<Arc<Principal>>,
    ) -> Option<Arc<Principal>> {
        let before = match &principal {
            Some(principal) => self.principals.insert(id, Arc::clone(principal)),
            None => self.principals.remove(&id),
        };
        if let Some(before) = &before {
            self.principal_names.remove(&NameKey::new(&before.name));
        }
        if let Some(principal) = &principal {
            self.principal_names
                .insert(NameKey::new(&principal.name), id);
        }
        before
    }

    pub(crate) fn set_member(
        &mut self,
        member: PrincipalId,
        role: PrincipalId,
        present: bool,
    ) -> bool {
        if present {
            self.members.insert((member, role)).is_some()
        } else {
            self.members.remove(&(member, role)).is_some()
        }
    }

    pub(crate) fn set_schema(
        &mut self,
        id: SchemaId,
        schema: Option<Arc<Schema>>,
    ) -> Option<Arc<Schema>> {
        let before = match &schema {
            Some(schema) => self.schemas.insert(id, Arc::clone(schema)),
            None => self.schemas.remove(&id),
        };
        if let Some(before) = &before {
            self.schema_names.remove(&NameKey::new(&before.name));
        }
        if let Some(schema) = &schema {
            self.schema_names.insert(NameKey::new(&schema.name), id);
        }
        before
    }

    pub(crate) fn set_type(
        &mut self,
        id: UserTypeId,
        user_type: Option<Arc<UserType>>,
    ) -> Option<Arc<UserType>> {
        let before = match &user_type {
            Some(user_type) => self.types.insert(id, Arc::clone(user_type)),
            None => self.types.remove(&id),
        };
        if let Some(before) = &before {
            self.type_names
                .remove(&(before.schema, NameKey::new(&before.name)));
        }
        if let Some(user_type) = &user_type {
            self.type_names
                .insert((user_type.schema, NameKey::new(&user_type.name)), id);
        }
        before
    }

    pub(crate) fn set_object(
        &mut self,
        id: ObjectId,
        object: Option<Arc<Object>>,
    ) -> Option<Arc<Object>> {
        let before = match &object {
            Some(object) => self.objects.insert(id, Arc::clone(object)),
            None => self.objects.remove(&id),
        };
        if let Some(before) = &before {
            self.object_names
                .remove(&(before.schema, NameKey::new(&before.name)));
            if let Some(parent) = before.parent {
                self.children.remove(&(parent, id));
            }
            for (_, key) in before.as_table().into_iter().flat_map(Table::foreign_keys) {
                self.references.remove(&(key.table, id));
            }
            for predicate in before.as_policy().iter().flat_map(|it| &it.predicates) {
                self.guards.remove(&(predicate.table, id));
            }
        }
        if let Some(object) = &object {
            self.object_names
                .insert((object.schema, NameKey::new(&object.name)), id);
            if let Some(parent) = object.parent {
                self.children.insert((parent, id));
            }
            for (_, key) in object.as_table().into_iter().flat_map(Table::foreign_keys) {
                self.references.insert((key.table, id));
            }
            for predicate in object.as_policy().iter().flat_map(|it| &it.predicates) {
                self.guards.insert((predicate.table, id));
            }
        }
        before
    }

    pub(crate) fn set_signing_key(
        &mut self,
        id: KeyId,
        key: Option<Arc<SigningKey>>,
    ) -> Option<Arc<SigningKey>> {
        match key {
            Some(key) => self.signing_keys.insert(id, key),
            None => self.signing_keys.remove(&id),
        }
    }

    /// A certificate or asymmetric key by name.
    pub fn signing_key_named(&self, asymmetric: bool, name: &str) -> Option<&Arc<SigningKey>> {
        self.signing_keys
            .values()
            .find(|key| key.asymmetric == asymmetric && same_name(&key.name, name))
    }

    /// The certificates and asymmetric keys, by number.
    pub(crate) fn signing_keys(&self) -> impl Iterator<Item = &Arc<SigningKey>> {
        self.signing_keys.values()
    }

    /// The number of the next key; keys that signed something are not dropped, so that a number
    /// that comes again means nothing to anybody.
    pub(crate) fn next_signing_key(&self) -> KeyId {
        KeyId(
            self.signing_keys
                .keys()
                .next_back()
                .map_or(256, |last| last.0 + 1),
        )
    }

    pub(crate) fn set_data(
        &mut self,
        id: ObjectId,
        data: Option<Arc<TableData>>,
    ) -> Option<Arc<TableData>> {
        match data {
            Some(data) => self.data.insert(id, data),
            None => self.data.remove(&id),
        }
    }

    pub(crate) fn set_permission(
        &mut self,
        key: PermissionKey,
        state: Option<PermissionState>,
    ) -> Option<PermissionState> {
        match state {
            Some(state) => self.permissions.insert(key, state),
            None => self.permissions.remove(&key),
        }
    }

    /// A number for a new object. The step is SQL Server's, so that numbers look alike.
    pub(crate) fn new_object_id(&mut self) -> ObjectId {
        loop {
            self.next_object += 1;
            let id = (u64::from(self.next_object) * 16_000_057 + 885_578_193) % 2_147_483_647;
            let id = ObjectId(i32::try_from(id).expect("below 2^31"));
            if id.0 > 100 && !self.objects.contains_key(&id) {
                return id;
            }
        }
    }
}

impl PartialEq for Database {
    /// Equal content: what undo must bring back. Counters are not part of it.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.options == other.options
            && self.principals == other.principals
            && self.principal_names == other.principal_names
            && self.members == other.members
            && self.schemas == other.schemas
            && self.schema_names == other.schema_names
            && self.objects == other.objects
            && self.object_names == other.object_names
            && self.children == other.children
            && self.references == other.references
            && self.guards == other.guards
            && self.signing_keys == other.signing_keys
            && self.types == other.types
            && self.type_names == other.type_names
            && self.data == other.data
            && self.permissions == other.permissions
    }
}

/// The fixed database roles.
pub const FIXED_ROLES: [(PrincipalId, &str); 9] = [
    (PrincipalId::DB_OWNER, "db_owner"),
    (PrincipalId::DB_ACCESSADMIN, "db_accessadmin"),
    (PrincipalId::DB_SECURITYADMIN, "db_securityadmin"),
    (PrincipalId::DB_DDLADMIN, "db_ddladmin"),
    (PrincipalId::DB_BACKUPOPERATOR, "db_backupoperator"),
    (PrincipalId::DB_DATAREADER, "db_datareader"),
    (PrincipalId::DB_DATAWRITER, "db_datawriter"),
    (PrincipalId::DB_DENYDATAREADER, "db_denydatareader"),
    (PrincipalId::DB_DENYDATAWRITER, "db_denydatawriter"),
];

fn first_key(securable: Securable, grantee: i32) -> PermissionKey {
    PermissionKey {
        securable,
        grantee,
        permission: crate::permission::Permission::SELECT,
        column: i32::MIN,
        grantor: i32::MIN,
    }
}

pub(crate) fn rows_on(
    permissions: &OrdMap<PermissionKey, PermissionState>,
    securable: Securable,
    grantee: i32,
) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
    // SELECT is the first permission, so this is the first key of the grantee on the securable.
    permissions
        .range(first_key(securable, grantee)..)
        .take_while(move |(key, _)| key.securable == securable && key.grantee == grantee)
        .map(|(key, state)| (key, *state))
}
