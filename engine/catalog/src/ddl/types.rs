//! What type does a declaration name, and CREATE TYPE.

use std::sync::Arc;

use tsql::{DataType, Name};
use values::{SqlError, SqlType};

use super::place::CreateRefusal;
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, SchemaId, UserTypeId};
use crate::instance::Instance;
use crate::names::last;
use crate::permission::Permission;
use crate::schema::{UserType, UserTypeKind};
use crate::table::Table;
use crate::undo::Change;

/// `sys.types.user_type_id` of sysname.
const SYSNAME: UserTypeId = UserTypeId(256);

/// A declared type, aliases followed.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredType {
    /// The system type; for a table type a stand-in without meaning.
    pub data_type: SqlType,
    /// The alias or table type it was declared with.
    pub user_type: Option<UserTypeId>,
    /// Whether columns of the type are nullable when they do not say.
    pub nullable: Option<bool>,
    /// The columns of a table type.
    pub table: Option<Arc<Table>>,
}

impl Instance {
    /// What a declaration (`DECLARE @a dbo.Money2`, a parameter, a column) means by its type.
    /// `schema` is where one-part user types are looked up first.
    ///
    /// # Errors
    /// 2715 for an unknown type, and what bad arguments raise.
    pub fn declared_type(
        &self,
        database: DatabaseId,
        schema: SchemaId,
        written: &DataType,
    ) -> Result<DeclaredType, SqlError> {
        let name = last(&written.name);
        let parts = written.name.0.len();
        let is_system = parts == 1 || (parts == 2 && written.name.0[0].eq_ignore_ascii_case("sys"));
        let mut unknown = None;
        if is_system {
            match SqlType::from_name(name, &written.arguments) {
                Ok(data_type) => {
                    let is_sysname = name.eq_ignore_ascii_case("sysname");
                    return Ok(DeclaredType {
                        data_type,
                        user_type: is_sysname.then_some(SYSNAME),
                        nullable: (is_sysname || data_type == SqlType::RowVersion).then_some(false),
                        table: None,
                    });
                }
                Err(error) if error.number == 2715 => unknown = Some(error),
                Err(error) => return Err(error),
            }
        }
        let found = self.database(database).and_then(|it| {
            if parts >= 2 {
                let schema = it.schema_named(&written.name.0[parts - 2])?;
                it.type_named(schema.id, name)
            } else {
                it.type_named(schema, name)
                    .or_else(|| it.type_named(SchemaId::DBO, name))
            }
        });
        match found.map(|user_type| (user_type.id, &user_type.kind)) {
            Some((id, UserTypeKind::Alias { base, nullable })) => Ok(DeclaredType {
                data_type: *base,
                user_type: Some(id),
                nullable: Some(*nullable),
                table: None,
            }),
            Some((id, UserTypeKind::Table(table))) => Ok(DeclaredType {
                data_type: SqlType::UntypedNull,
                user_type: Some(id),
                nullable: None,
                table: Some(Arc::clone(table)),
            }),
            None => Err(unknown.unwrap_or_else(|| unknown_type(&written.name))),
        }
    }
}

fn unknown_type(name: &Name) -> SqlError {
    err(
        2715,
        16,
        6,
        format!(
            "Column, parameter, or variable #1: Cannot find data type {}.",
            crate::names::display(name)
        ),
    )
}

impl Ddl<'_> {
    /// `CREATE TYPE name FROM type`.
    pub(super) fn create_alias_type(
        &mut self,
        name: &Name,
        base: &DataType,
        not_null: bool,
    ) -> Result<Made, Errors> {
        let data_type = SqlType::from_name(last(&base.name), &base.arguments)?;
        self.create_type(
            name,
            UserTypeKind::Alias {
                base: data_type,
                nullable: !not_null,
            },
        )
    }

    /// `CREATE TYPE name AS TABLE (…)`.
    pub(super) fn create_table_type(
        &mut self,
        name: &Name,
        definition: &tsql::TableDefinition,
    ) -> Result<Made, Errors> {
        let table = self.free_table(last(name), definition)?;
        self.create_type(name, UserTypeKind::Table(Arc::new(table)))
    }

    fn create_type(&mut self, name: &Name, kind: UserTypeKind) -> Result<Made, Errors> {
        let place = self.place(name, Permission::CREATE_TYPE, CreateRefusal::Denied(1))?;
        let database = self.instance.entered(place.database());
        if database.type_named(place.schema, &place.name).is_some() {
            return Err(err(
                219,
                16,
                1,
                format!(
                    "The type '{}.{}' already exists, or you do not have permission to create it.",
                    database.schema_name(place.schema),
                    place.name
                ),
            )
            .into());
        }
        let database = self
            .instance
            .database_mut(place.token.database)
            .expect("it was entered");
        let id = UserTypeId(database.next_type);
        database.next_type += 1;
        let user_type = UserType {
            id,
            name: Arc::from(place.name),
            schema: place.schema,
            owner: None,
            kind,
        };
        self.instance.apply(
            Change::Type(place.token.database, id, Some(Arc::new(user_type))),
            self.undo,
        );
        Ok(None)
    }

    /// `DROP TYPE`.
    pub(super) fn drop_type(&mut self, name: &Name, if_exists: bool) -> Result<(), Errors> {
        let refused = || {
            err(
                218,
                16,
                1,
                format!(
                    "Could not find the type '{}'. Either it does not exist or you do not have the \
                     necessary permission.",
                    crate::names::display(name)
                ),
            )
        };
        let (token, schema, short) = self.split(name)?;
        let database = self.instance.entered(token.database);
        let found = self
            .schema_of(&token, schema.as_deref())
            .and_then(|schema| database.type_named(schema, &short))
            .cloned();
        let Some(user_type) = found else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        use crate::permission::Securable;
        if !self.instance.has_permission(
            &token,
            Securable::Schema(user_type.schema),
            Permission::ALTER,
        ) && !self.instance.has_permission(
            &token,
            Securable::Type(user_type.id),
            Permission::CONTROL,
        ) {
            return Err(refused().into());
        }
        let user = database.objects().find(|object| {
            object
                .columns()
                .unwrap_or_default()
                .iter()
                .any(|column| column.user_type == Some(user_type.id))
                || object.as_module().is_some_and(|module| {
                    module
                        .parameters
                        .iter()
                        .any(|parameter| parameter.user_type == Some(user_type.id))
                })
        });
        if let Some(user) = user {
            return Err(err(
                3732,
                16,
                1,
                format!(
                    "Cannot drop type '{}' because it is being referenced by object '{}'. There may \
                     be other objects that reference this type.",
                    crate::names::display(name),
                    user.name
                ),
            )
            .into());
        }
        self.instance
            .remove_permissions(token.database, Securable::Type(user_type.id), self.undo);
        self.instance
            .apply(Change::Type(token.database, user_type.id, None), self.undo);
        Ok(())
    }
}
