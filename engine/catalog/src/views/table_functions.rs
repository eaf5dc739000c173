//! Catalog functions that yield rows: `fn_my_permissions`, `fn_builtin_permissions`.

use values::{SqlType as T, Value};

use super::{
    SYSNAME, SystemColumn, ViewContext, col, null, nvarchar, or_null, server, statements, text,
};
use crate::errors::Errors;
use crate::functions::{self, argument_text};
use crate::permission::{BUILTIN, Class, Securable};

type Rows = Result<Vec<Vec<Value>>, Errors>;

/// One table function of the catalog.
pub struct SystemFunction {
    /// Its name, in schema sys; may be called without it.
    pub name: &'static str,
    /// How many arguments.
    pub arguments: usize,
    /// Its columns.
    pub columns: &'static [SystemColumn],
    /// Its rows.
    pub rows: fn(&ViewContext<'_>, &[Value]) -> Rows,
}

impl std::fmt::Debug for SystemFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sys.{}", self.name)
    }
}

/// A table function of the catalog: `fn_my_permissions` or `sys.fn_my_permissions`.
pub fn system_function(schema: Option<&str>, name: &str) -> Option<&'static SystemFunction> {
    if schema.is_some_and(|schema| !schema.eq_ignore_ascii_case("sys")) {
        return None;
    }
    FUNCTIONS
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

const FUNCTIONS: &[SystemFunction] = &[
    SystemFunction {
        name: "fn_my_permissions",
        arguments: 2,
        columns: &[
            col("entity_name", nvarchar(517)),
            col("subentity_name", SYSNAME),
            col("permission_name", nvarchar(60)),
        ],
        rows: my_permissions,
    },
    SystemFunction {
        name: "fn_builtin_permissions",
        arguments: 1,
        columns: &[
            col("class_desc", nvarchar(60)),
            col("permission_name", nvarchar(60)),
            col("type", T::Char(4)),
            col("covering_permission_name", nvarchar(60)),
            col("parent_class_desc", nvarchar(60)),
            col("parent_covering_permission_name", nvarchar(60)),
        ],
        rows: builtin_permissions,
    },
    SystemFunction {
        name: "fn_helpcollations",
        arguments: 0,
        columns: &[null("name", SYSNAME), null("description", nvarchar(1000))],
        rows: |_, _| Ok(server::collations()),
    },
    statements::SQL_TEXT,
    statements::PLAN_ATTRIBUTES,
];

/// The permissions that the caller effectively holds on a securable; none on one that is hidden.
fn my_permissions(
    context: &ViewContext<'_>,
    arguments: &[Value],
) -> Result<Vec<Vec<Value>>, Errors> {
    let class_name = argument_text(arguments.get(1)).unwrap_or_default();
    let Some(class) = Class::from_name(&class_name) else {
        return Ok(Vec::new());
    };
    let name = argument_text(arguments.first());
    let Some((token, securable, object)) = functions::securable(context, name.as_deref(), class)
    else {
        return Ok(Vec::new());
    };
    let entity = match class {
        Class::Server => "server".to_owned(),
        Class::Database => "database".to_owned(),
        _ => name.unwrap_or_default(),
    };
    let mut rows = Vec::new();
    let mut push = |column: &str, permission: &str| {
        rows.push(vec![text(&entity), text(column), text(permission)]);
    };
    for row in BUILTIN.iter().filter(|row| row.class == class) {
        if let Some(object) = &object
            && !crate::ddl::fits(object, row.permission)
        {
            continue;
        }
        if context
            .instance
            .has_permission(&token, securable, row.permission)
        {
            push("", row.permission.name());
        }
        if let (Some(object), Securable::Object(id)) = (&object, securable)
            && row.permission.is_per_column()
        {
            for column in object.columns().unwrap_or_default() {
                if context
                    .instance
                    .has_column_permission(&token, id, column.id, row.permission)
                {
                    push(&column.name, row.permission.name());
                }
            }
        }
    }
    Ok(rows)
}

fn builtin_permissions(
    _: &ViewContext<'_>,
    arguments: &[Value],
) -> Result<Vec<Vec<Value>>, Errors> {
    let class = argument_text(arguments.first()).filter(|class| !class.is_empty());
    Ok(BUILTIN
        .iter()
        .filter(|row| {
            class.as_ref().is_none_or(|class| {
                class.eq_ignore_ascii_case("DEFAULT")
                    || row.class.name().eq_ignore_ascii_case(class)
            })
        })
        .map(|row| {
            vec![
                text(row.class.name()),
                text(row.permission.name()),
                text(&format!("{:4}", row.code)),
                text(row.covered_by.map_or("", |permission| permission.name())),
                or_null(Some(row.parent.map_or("", |(class, _)| class.name())), text),
                text(row.parent.map_or("", |(_, permission)| permission.name())),
            ]
        })
        .collect())
}
