//! Who was given what, and who has full control of a table, from recorded owners, memberships and
//! permissions.

use domain::history::ResultSet;
use domain::surface::Cell;

/// Owners, memberships and permissions of one database, as [`domain::inspection::Topic::Rights`]
/// records them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rights<'a> {
    principals: &'a ResultSet,
    members: &'a ResultSet,
    owners: &'a ResultSet,
    permissions: &'a ResultSet,
}

/// A row of `sys.database_permissions`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permission<'a> {
    /// Whether it is a DENY.
    pub(crate) is_denied: bool,
    /// `SELECT`.
    pub(crate) right: &'a str,
    /// On what.
    pub(crate) scope: Scope<'a>,
    /// To whom.
    pub(crate) grantee: &'a str,
}

/// What a permission is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'a> {
    /// The database.
    Database,
    /// A schema.
    Schema(&'a str),
    /// An object, by schema and name.
    Object(&'a str, &'a str),
}

impl Scope<'_> {
    /// Whether it reaches an object.
    pub(crate) fn reaches(self, schema: &str, name: &str) -> bool {
        match self {
            Self::Database => true,
            Self::Schema(own) => own.eq_ignore_ascii_case(schema),
            Self::Object(own, object) => {
                own.eq_ignore_ascii_case(schema) && object.eq_ignore_ascii_case(name)
            }
        }
    }
}

impl<'a> Rights<'a> {
    /// The recorded sets, when they are all there.
    pub(crate) fn new(sets: &'a [ResultSet]) -> Result<Self, String> {
        let [principals, members, owners, permissions] = sets else {
            return Err(format!("{} result sets instead of 4", sets.len()));
        };
        Ok(Self {
            principals,
            members,
            owners,
            permissions,
        })
    }

    /// Why `principal` has full control of `schema.table`, in words that follow "because it"; `None`
    /// when it has not.
    ///
    /// An owner and a db_owner have it whatever was denied; a right that was granted is undone by
    /// a DENY at any scope.
    pub(crate) fn control(&self, principal: &str, schema: &str, table: &str) -> Option<String> {
        let names = self.roles_of(principal);
        let is_one = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let owner = self
            .owners
            .rows
            .iter()
            .find(|row| same(row, 0, schema) && same(row, 1, table) && is_one(text(row, 2)));
        if let Some(row) = owner {
            return Some(format!("is {}, the owner", text(row, 2)));
        }
        if is_one("db_owner") {
            return Some("is a member of db_owner".into());
        }
        let reaches = |row: &[Cell]| match number(row, 2) {
            0 => true,
            3 => same(row, 3, schema),
            _ => same(row, 3, schema) && same(row, 4, table),
        };
        let mut granted = None;
        for row in &self.permissions.rows {
            let right = text(row, 1);
            if !matches!(right, "CONTROL" | "TAKE OWNERSHIP")
                || !is_one(text(row, 5))
                || !reaches(row)
            {
                continue;
            }
            if text(row, 0) == "DENY" {
                return None;
            }
            granted.get_or_insert_with(|| {
                let scope = match number(row, 2) {
                    0 => "the database".to_owned(),
                    3 => format!("schema {schema}"),
                    _ => format!("{schema}.{table}"),
                };
                format!("was granted {right} on {scope} as {}", text(row, 5))
            });
        }
        granted
    }

    /// Whether somebody is a user of the database.
    pub(crate) fn knows(&self, principal: &str) -> bool {
        self.principals
            .rows
            .iter()
            .any(|row| same(row, 0, principal))
    }

    /// Schema, table and owner of each table.
    pub(crate) fn owned(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let rows = self.owners.rows.iter();
        rows.map(|row| (text(row, 0), text(row, 1), text(row, 2)))
    }

    /// What was granted and denied.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = Permission<'a>> {
        self.permissions.rows.iter().map(|row| Permission {
            is_denied: text(row, 0) == "DENY",
            right: text(row, 1),
            scope: match number(row, 2) {
                0 => Scope::Database,
                3 => Scope::Schema(text(row, 3)),
                _ => Scope::Object(text(row, 3), text(row, 4)),
            },
            grantee: text(row, 5),
        })
    }

    /// The principal and every role that it is in, directly or not; everybody is in public.
    pub(crate) fn roles_of(&self, principal: &str) -> Vec<String> {
        let mut names = vec![principal.to_owned(), "public".to_owned()];
        let mut next = 0;
        while let Some(name) = names.get(next).cloned() {
            next += 1;
            for row in &self.members.rows {
                let role = text(row, 0);
                if same(row, 1, &name) && !names.iter().any(|own| own.eq_ignore_ascii_case(role)) {
                    names.push(role.to_owned());
                }
            }
        }
        names
    }
}

fn same(row: &[Cell], position: usize, name: &str) -> bool {
    text(row, position).eq_ignore_ascii_case(name)
}

/// A text of a recorded row; NULL is empty.
pub(crate) fn text(row: &[Cell], position: usize) -> &str {
    match row.get(position) {
        Some(Cell::Text(text)) => text,
        _ => "",
    }
}

/// A whole number of a recorded row; NULL is 0.
pub(crate) fn number(row: &[Cell], position: usize) -> i64 {
    match row.get(position) {
        Some(Cell::Integer(number)) => *number,
        Some(Cell::Bit(bit)) => i64::from(*bit),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Rights;
    use crate::inspections::tests::set;

    #[test]
    fn control_comes_by_ownership_membership_or_grant_and_goes_by_denial() {
        let members = [
            &["db_owner", "boss"][..],
            &["staff", "app_rw"],
            &["db_owner", "chief"],
        ];
        let grant = |class: &'static str, schema: &'static str, object: &'static str| {
            ["GRANT", "CONTROL", class, schema, object, "staff"]
        };
        let on_table = grant("1", "dbo", "T");
        let on_schema = grant("3", "dbo", "-");
        let on_database = grant("0", "-", "-");
        let elsewhere = grant("1", "dbo", "U");
        let altering = ["GRANT", "ALTER", "1", "dbo", "T", "staff"];
        let denied = ["DENY", "CONTROL", "1", "dbo", "T", "app_rw"];
        for (name, owner, permissions, principal, expected) in [
            ("nothing", "dbo", vec![], "app_rw", None),
            (
                "an owner",
                "app_rw",
                vec![],
                "app_rw",
                Some("is app_rw, the owner"),
            ),
            (
                "a role that owns",
                "staff",
                vec![],
                "app_rw",
                Some("is staff, the owner"),
            ),
            (
                "db_owner",
                "dbo",
                vec![],
                "boss",
                Some("is a member of db_owner"),
            ),
            (
                "a grant on the table",
                "dbo",
                vec![on_table],
                "app_rw",
                Some("was granted CONTROL on dbo.T as staff"),
            ),
            (
                "a grant on the schema",
                "dbo",
                vec![on_schema],
                "app_rw",
                Some("was granted CONTROL on schema dbo as staff"),
            ),
            (
                "a grant on the database",
                "dbo",
                vec![on_database],
                "app_rw",
                Some("was granted CONTROL on the database as staff"),
            ),
            (
                "a grant on another table",
                "dbo",
                vec![elsewhere],
                "app_rw",
                None,
            ),
            ("ALTER is not enough", "dbo", vec![altering], "app_rw", None),
            ("a denial", "dbo", vec![on_schema, denied], "app_rw", None),
            (
                "somebody else's grant",
                "dbo",
                vec![on_table],
                "reader",
                None,
            ),
        ] {
            let permissions: Vec<&[&str]> = permissions.iter().map(|row| &row[..]).collect();
            let sets = [
                set(&[]),
                set(&members),
                set(&[&["dbo", "T", owner]]),
                set(&permissions),
            ];
            let rights = Rights::new(&sets).expect("four sets");
            let found = rights.control(principal, "dbo", "t");
            let expected = expected.map(|text| text.replace("dbo.T", "dbo.t"));
            assert_eq!(found, expected, "{name}");
        }
    }
}
