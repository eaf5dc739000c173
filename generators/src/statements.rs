//! The plain statement for each action on each securable: what baseline and sweep say, and what
//! random batches disguise.

use domain::case::BatchTraits;
use domain::intent::Action;
use domain::surface::{Database, Module, Table, Temporal};

use crate::access;
use crate::frozen;
use crate::literal::{bracketed, text};
use crate::rows;
use crate::terrain::{Need, Terrain};

/// A batch that does one thing, and the rights that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The T-SQL.
    pub(crate) text: String,
    /// What it is about.
    pub(crate) action: Action,
    /// `schema.object`, or what else it is about.
    pub(crate) object: String,
    /// The rights that it takes, that of `action` first.
    pub(crate) needs: Vec<Need>,
    /// How it must be treated.
    pub(crate) traits: BatchTraits,
}

/// Where a statement is written: names are spelled differently inside the database and outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standpoint {
    /// A session whose current database is the target's: two-part names.
    Inside,
    /// A session in another database: three-part names, or a detour where there is no such form.
    Outside,
}

impl Standpoint {
    /// The name of a securable of `database`.
    pub(crate) fn spell(self, database: &Database, schema: &str, name: &str) -> String {
        let two = format!("{}.{}", bracketed(schema), bracketed(name));
        match self {
            Self::Inside => two,
            Self::Outside => format!("{}.{two}", bracketed(&database.name)),
        }
    }

    /// A statement that can only be said inside the database.
    pub(crate) fn inside(self, database: &Database, statement: &str) -> String {
        match self {
            Self::Inside => statement.into(),
            // The change of database ends with the EXEC, so the session stays as it was.
            Self::Outside => {
                let batch = format!("USE {}; {statement}", bracketed(&database.name));
                format!("EXEC ({});", text(&batch))
            }
        }
    }

    /// The same for statements that must be alone in their batch.
    fn alone(self, database: &Database, statement: &str) -> String {
        match self {
            Self::Inside => statement.into(),
            Self::Outside => self.inside(database, &format!("EXEC ({});", text(statement))),
        }
    }
}

/// Collects the statements about one securable.
struct Statements<'a> {
    database: &'a Database,
    object: String,
    list: Vec<Statement>,
}

impl Statements<'_> {
    fn push(&mut self, action: Action, also: &[Action], text: String) {
        let needs = std::iter::once(action)
            .chain(also.iter().copied())
            .map(|action| Need::new(self.database, &self.object, action))
            .collect();
        let reads = matches!(action, Action::Select | Action::Connect | Action::Backup);
        self.list.push(Statement {
            text,
            action,
            object: self.object.clone(),
            needs,
            traits: BatchTraits {
                writes: !reads,
                ..BatchTraits::default()
            },
        });
    }
}

/// Every action on a table.
pub(crate) fn on_table(
    terrain: &Terrain<'_>,
    database: &Database,
    table: &Table,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let name = standpoint.spell(database, &table.schema, &table.name);
    let two_part = Standpoint::Inside.spell(database, &table.schema, &table.name);
    let object = table.object();
    let mut statements = Statements {
        database,
        object,
        list: Vec::new(),
    };
    let out = &mut statements;
    out.push(
        Action::Select,
        &[],
        format!("SELECT TOP (1) 1 AS One FROM {name};"),
    );
    out.push(Action::Select, &[], format!("SELECT * FROM {name};"));
    if let Some(text) = insert(terrain, database, table, &name) {
        out.push(Action::Insert, &[], text);
    }
    // What is frozen would stop the rightful twin: only the other rows are changed and removed here.
    let open = frozen::open_rows(&terrain.system.intent, database, table);
    let victims: Vec<usize> = rows::unreferenced(database, table)
        .into_iter()
        .filter(|row| open.contains(row))
        .collect();
    let victim = victims
        .last()
        .and_then(|&row| rows::key_predicate(table, row, ""));
    if let Some((column, value)) = rows::assignment(table, terrain.world, 0) {
        if open.len() == table.rows.len() {
            out.push(
                Action::Update,
                &[],
                format!("UPDATE {name} SET {column} = {value};"),
            );
        }
        let first = open
            .first()
            .and_then(|&row| rows::key_predicate(table, row, ""));
        if let Some(key) = first {
            let text = format!("UPDATE {name} SET {column} = {value} WHERE {key};");
            out.push(Action::Update, &[Action::Select], text);
        }
    }
    // A blind DELETE reads nothing, so it takes DELETE alone; rows that are referenced would stop
    // the rightful twin too.
    if victims.len() == table.rows.len() && !table.rows.is_empty() {
        out.push(Action::Delete, &[], format!("DELETE FROM {name};"));
    }
    if let Some(key) = victim {
        out.push(
            Action::Delete,
            &[Action::Select],
            format!("DELETE FROM {name} WHERE {key};"),
        );
    }
    let free = !rows::is_referenced(database, table);
    if free {
        out.push(Action::Truncate, &[], format!("TRUNCATE TABLE {name};"));
    }
    out.push(
        Action::Alter,
        &[],
        format!("ALTER TABLE {name} ADD [wt_probe] int NULL;"),
    );
    if !table.triggers.is_empty() {
        out.push(
            Action::Alter,
            &[],
            format!("ALTER TABLE {name} DISABLE TRIGGER ALL;"),
        );
    }
    if let Temporal::Current { history, .. } = &table.temporal {
        for text in against_versioning(database, &name, history, standpoint) {
            out.push(Action::Alter, &[], text);
        }
    }
    if free {
        out.push(Action::Drop, &[], format!("DROP TABLE {name};"));
    }
    let guarded = terrain.system.intent.is_append_only(&table.object());
    let grant = format!("GRANT DELETE ON OBJECT::{two_part} TO [public];");
    out.push(Action::Grant, &[], standpoint.inside(database, &grant));
    if let Some(user) = some_user(terrain, database) {
        if guarded {
            let revoke = format!(
                "REVOKE UPDATE, DELETE ON OBJECT::{two_part} FROM {};",
                bracketed(user)
            );
            out.push(Action::Grant, &[], standpoint.inside(database, &revoke));
        }
        let take = format!(
            "ALTER AUTHORIZATION ON OBJECT::{two_part} TO {};",
            bracketed(user)
        );
        out.push(
            Action::TakeOwnership,
            &[],
            standpoint.inside(database, &take),
        );
    }
    if terrain.has_triggers() {
        let trigger = format!(
            "CREATE TRIGGER {}.[wt_probe] ON {two_part} AFTER INSERT AS SET NOCOUNT ON;",
            bracketed(&table.schema)
        );
        out.push(Action::Alter, &[], standpoint.alone(database, &trigger));
    }
    statements.list
}

/// Reading and changing each column by itself: a right on one column is not bound by what is denied on
/// the table, and shows in no statement that names another.
pub(crate) fn on_columns(
    terrain: &Terrain<'_>,
    database: &Database,
    table: &Table,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let name = standpoint.spell(database, &table.schema, &table.name);
    let mut statements = Statements {
        database,
        object: table.object(),
        list: Vec::new(),
    };
    for column in &table.columns {
        let text = format!("SELECT {} FROM {name};", bracketed(&column.name));
        statements.push(Action::Select, &[], text);
    }
    // What is frozen would stop the rightful twin.
    let open = frozen::open_rows(&terrain.system.intent, database, table);
    if open.len() == table.rows.len() {
        for (column, value) in rows::assignments(table, terrain.world) {
            let text = format!("UPDATE {name} SET {column} = {value};");
            statements.push(Action::Update, &[], text);
        }
    }
    statements.list
}

/// Ways to stop a table from keeping its history, or to forge it: versioning off, the period
/// dropped, a short retention, and versioning off and on again with the history emptied between.
fn against_versioning(
    database: &Database,
    name: &str,
    history: &str,
    standpoint: Standpoint,
) -> Vec<String> {
    let (schema, table) = history.split_once('.').unwrap_or(("dbo", history));
    let history = standpoint.spell(database, schema, table);
    let inner = Standpoint::Inside.spell(database, schema, table);
    let off = format!("ALTER TABLE {name} SET (SYSTEM_VERSIONING = OFF);");
    let empty = text(&format!("DELETE FROM {history};"));
    vec![
        off.clone(),
        format!("{off} ALTER TABLE {name} DROP PERIOD FOR SYSTEM_TIME;"),
        format!(
            "ALTER TABLE {name} SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 1 DAY));"
        ),
        format!(
            "{off} EXEC ({empty}); ALTER TABLE {name} SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = \
             {inner}));"
        ),
    ]
}

/// `INSERT INTO name (…) VALUES (…)` with a row that is valid beside those of the census.
fn insert(terrain: &Terrain<'_>, database: &Database, table: &Table, name: &str) -> Option<String> {
    let row = frozen::fresh(terrain, database, table, table.rows.len().checked_sub(1)?)?;
    if row.columns.is_empty() {
        return Some(format!("INSERT INTO {name} DEFAULT VALUES;"));
    }
    Some(format!(
        "INSERT INTO {name} {} VALUES {};",
        row.column_list(),
        row.value_list()
    ))
}

/// Every action on a view, procedure or function.
pub(crate) fn on_module(
    terrain: &Terrain<'_>,
    database: &Database,
    module: &Module,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let name = standpoint.spell(database, &module.schema, &module.name);
    let two_part = Standpoint::Inside.spell(database, &module.schema, &module.name);
    let object = format!("{}.{}", module.schema, module.name);
    let mut statements = Statements {
        database,
        object,
        list: Vec::new(),
    };
    let out = &mut statements;
    let arguments = arguments(database, module);
    // In a database that all tenants have in common, rows and arguments are the speaker's own.
    let ways = access::ways(terrain, database, module);
    for way in &ways {
        if let Some(text) = way.own_words(terrain) {
            out.push(way.action, &[], text);
        }
    }
    let noun = match module.kind.as_str() {
        "V" if !ways.is_empty() => {
            // And all that it shows, whatever its keys may be.
            out.push(Action::Select, &[], format!("SELECT * FROM {name};"));
            "VIEW"
        }
        "P" if !ways.is_empty() => "PROCEDURE",
        "V" => {
            out.push(Action::Select, &[], format!("SELECT * FROM {name};"));
            "VIEW"
        }
        "P" => {
            let named: Vec<String> = module
                .parameters
                .iter()
                .zip(&arguments)
                .map(|((parameter, _), value)| format!("{parameter} = {value}"))
                .collect();
            let space = if named.is_empty() { "" } else { " " };
            let text = format!("EXEC {name}{space}{};", named.join(", "));
            out.push(Action::Execute, &[], text);
            "PROCEDURE"
        }
        "FN" => {
            let text = format!("SELECT {name}({}) AS Value;", arguments.join(", "));
            out.push(Action::Execute, &[], text);
            "FUNCTION"
        }
        _ => {
            let text = format!("SELECT * FROM {name}({});", arguments.join(", "));
            out.push(Action::Select, &[], text);
            "FUNCTION"
        }
    };
    let drop = format!("DROP {noun} {two_part};");
    out.push(Action::Drop, &[], standpoint.inside(database, &drop));
    // Who may alter one may have it say something else, and needs no right to drop it.
    let other = match noun {
        "VIEW" => Some("SELECT 1 AS wt_probe"),
        "PROCEDURE" => Some("RETURN"),
        _ => None,
    };
    if let Some(other) = other {
        let alter = format!("ALTER {noun} {two_part} AS {other};");
        out.push(Action::Alter, &[], standpoint.alone(database, &alter));
    }
    let right = if matches!(module.kind.as_str(), "P" | "FN") {
        "EXECUTE"
    } else {
        "SELECT"
    };
    let grant = format!("GRANT {right} ON OBJECT::{two_part} TO [public];");
    out.push(Action::Grant, &[], standpoint.inside(database, &grant));
    statements.list
}

/// Calls of a procedure whose texts end the statement that they are put into, whichever way they are
/// quoted there, and go on with one that removes what must stay.
pub(crate) fn injections(
    terrain: &Terrain<'_>,
    database: &Database,
    module: &Module,
) -> Vec<String> {
    const TEXT_MIN: &[&str] = &["nvarchar", "varchar", "sysname"];
    let intent = &terrain.system.intent;
    let kept = |table: &&Table| intent.is_append_only(&table.object()) && !table.rows.is_empty();
    let Some(table) = database.tables.values().find(kept) else {
        return Vec::new();
    };
    let inside = Standpoint::Inside;
    let removes = format!(
        "DELETE FROM {}",
        inside.spell(database, &table.schema, &table.name)
    );
    let name = inside.spell(database, &module.schema, &module.name);
    let arguments = arguments(database, module);
    let mut calls = Vec::new();
    for (position, (_, kind)) in module.parameters.iter().enumerate() {
        if !TEXT_MIN.contains(&kind.as_str()) {
            continue;
        }
        for ended in ["1 = 1", "x'", "1)", "[x]", "x')"] {
            let payload = format!("{ended}; {removes}; --");
            let given: Vec<String> = module
                .parameters
                .iter()
                .zip(&arguments)
                .enumerate()
                .map(|(own, ((parameter, _), value))| {
                    if own == position {
                        format!("{parameter} = {}", text(&payload))
                    } else {
                        format!("{parameter} = {value}")
                    }
                })
                .collect();
            calls.push(format!("EXEC {name} {};", given.join(", ")));
        }
    }
    calls
}

/// An argument for each parameter: a value of a column of the same name where there is one.
fn arguments(database: &Database, module: &Module) -> Vec<String> {
    let column_value = |name: &str| {
        database.tables.values().find_map(|table| {
            let position = table.position(name)?;
            // The table that the name is the key of knows it best.
            let [key] = table.primary_key.as_slice() else {
                return None;
            };
            key.eq_ignore_ascii_case(name).then_some(())?;
            let row = table.rows.last()?;
            Some(crate::literal::of(&row[position], &table.columns[position]))
        })
    };
    module
        .parameters
        .iter()
        .map(|(name, kind)| {
            column_value(name.trim_start_matches('@')).unwrap_or_else(|| by_type(kind).into())
        })
        .collect()
}

pub(crate) fn by_type(kind: &str) -> &'static str {
    match kind {
        "bit" | "tinyint" | "smallint" | "int" | "bigint" => "1",
        "decimal" | "numeric" | "money" | "smallmoney" | "real" | "float" => "1.5",
        "date" | "datetime" | "datetime2" | "smalldatetime" | "datetimeoffset" => "'2001-01-01'",
        "time" => "'12:00'",
        "uniqueidentifier" => "'ee000000-0000-4000-8000-000000000000'",
        "binary" | "varbinary" => "0x01",
        // Long enough for a reason that somebody must give.
        _ => "N'a probe, as long as a reason has to be'",
    }
}

/// What can be done to a database as a whole.
pub(crate) fn on_database(
    terrain: &Terrain<'_>,
    database: &Database,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let schema = database.schemas.first().map_or("dbo", String::as_str);
    let probe = standpoint.spell(database, schema, "wt_probe");
    let inner = Standpoint::Inside.spell(database, schema, "wt_probe");
    let mut statements = Statements {
        database,
        object: String::new(),
        list: Vec::new(),
    };
    let out = &mut statements;
    if standpoint == Standpoint::Outside {
        let enter = format!(
            "USE {}; SELECT DB_NAME() AS Here;",
            bracketed(&database.name)
        );
        out.push(Action::Connect, &[], format!("EXEC ({});", text(&enter)));
        let list = format!(
            "SELECT [name] FROM {}.[sys].[tables];",
            bracketed(&database.name)
        );
        out.push(Action::Connect, &[], list);
    }
    out.push(
        Action::Create,
        &[],
        format!("CREATE TABLE {probe} ([Id] int NOT NULL);"),
    );
    for definition in [
        format!("CREATE VIEW {inner} AS SELECT 1 AS [One];"),
        format!("CREATE PROCEDURE {inner} AS SELECT 1 AS [One];"),
    ] {
        out.push(Action::Create, &[], standpoint.alone(database, &definition));
    }
    let schema = standpoint.alone(database, "CREATE SCHEMA [wt_probe];");
    out.push(Action::Create, &[], schema);
    let user = standpoint.inside(database, "CREATE USER [wt_probe] WITHOUT LOGIN;");
    out.push(Action::Create, &[], user);
    if let Some(user) = some_user(terrain, database) {
        for statement in [
            format!("ALTER ROLE [db_owner] ADD MEMBER {};", bracketed(user)),
            format!("ALTER ROLE [db_ddladmin] ADD MEMBER {};", bracketed(user)),
            format!("GRANT CONTROL TO {};", bracketed(user)),
        ] {
            out.push(Action::Grant, &[], standpoint.inside(database, &statement));
        }
        let own = database.principals.iter().filter(|(name, principal)| {
            principal.kind == "R" && !name.starts_with("db_") && name.as_str() != "public"
        });
        for (role, _) in own {
            let add = format!(
                "ALTER ROLE {} ADD MEMBER {};",
                bracketed(role),
                bracketed(user)
            );
            out.push(Action::Grant, &[], standpoint.inside(database, &add));
        }
    }
    let name = bracketed(&database.name);
    out.push(
        Action::Alter,
        &[],
        format!("ALTER DATABASE {name} SET TRUSTWORTHY ON;"),
    );
    // A copy of every row, to a device that keeps nothing. COPY_ONLY, or the owner's next differential
    // backup would build on it.
    out.push(
        Action::Backup,
        &[],
        format!("BACKUP DATABASE {name} TO DISK = N'NUL' WITH COPY_ONLY;"),
    );
    statements.list
}

/// Becoming somebody else. Whom, is the object: `user dbo`, `login sa`.
pub(crate) fn impersonations(
    terrain: &Terrain<'_>,
    database: &Database,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let mut list = Vec::new();
    let mut push = |whom: String, text: String| {
        list.push(Statement {
            text,
            action: Action::Impersonate,
            needs: vec![Need::new(database, &whom, Action::Impersonate)],
            object: whom,
            traits: BatchTraits::default(),
        });
    };
    let users = std::iter::once("dbo")
        .chain(terrain.system.principals.keys().map(String::as_str))
        .filter(|&user| user == "dbo" || database.principals.contains_key(user));
    for user in users {
        let become_user = format!("EXECUTE AS USER = {}; REVERT;", text(user));
        push(
            format!("user {user}"),
            standpoint.inside(database, &become_user),
        );
    }
    if let (Standpoint::Outside, Some(tenant)) = (standpoint, database.tenant) {
        for victim in terrain.attackers_of(tenant) {
            let login = text(&terrain.login(victim));
            let become_login = format!("EXECUTE AS LOGIN = {login}; REVERT;");
            push(format!("login of {}", victim.principal), become_login);
        }
    }
    list
}

/// A principal of the configuration that is a user of this database.
fn some_user<'a>(terrain: &Terrain<'a>, database: &Database) -> Option<&'a str> {
    terrain
        .system
        .principals
        .keys()
        .map(String::as_str)
        .find(|&name| database.principals.contains_key(name))
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;

    use super::{Standpoint, on_module, on_table};
    use crate::terrain::Terrain;

    #[test]
    fn every_action_on_a_free_table_has_its_statement() {
        let system = example::system(1);
        let world = example::world(1, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let database = &surface.databases[0];
        let table = &database.tables["dbo.AuditEvents"];
        let texts: Vec<String> = on_table(&terrain, database, table, Standpoint::Outside)
            .into_iter()
            .map(|statement| statement.text)
            .collect();
        assert_eq!(
            texts,
            [
                "SELECT TOP (1) 1 AS One FROM [wt_acme].[dbo].[AuditEvents];",
                "SELECT * FROM [wt_acme].[dbo].[AuditEvents];",
                "INSERT INTO [wt_acme].[dbo].[AuditEvents] ([OccurredAt], [Actor], [EventName]) \
                 VALUES ('1993-01-04', N'actor x0000003 3', N'InvoicePosted');",
                "UPDATE [wt_acme].[dbo].[AuditEvents] SET [Actor] = N'actor x0000000 0';",
                "UPDATE [wt_acme].[dbo].[AuditEvents] SET [Actor] = N'actor x0000000 0' \
                 WHERE [AuditEventId] = 1;",
                "DELETE FROM [wt_acme].[dbo].[AuditEvents];",
                "DELETE FROM [wt_acme].[dbo].[AuditEvents] WHERE [AuditEventId] = 4;",
                "TRUNCATE TABLE [wt_acme].[dbo].[AuditEvents];",
                "ALTER TABLE [wt_acme].[dbo].[AuditEvents] ADD [wt_probe] int NULL;",
                "DROP TABLE [wt_acme].[dbo].[AuditEvents];",
                "EXEC (N'USE [wt_acme]; GRANT DELETE ON OBJECT::[dbo].[AuditEvents] \
                 TO [public];');",
                "EXEC (N'USE [wt_acme]; REVOKE UPDATE, DELETE ON OBJECT::[dbo].[AuditEvents] \
                 FROM [app_rw];');",
                "EXEC (N'USE [wt_acme]; ALTER AUTHORIZATION ON OBJECT::[dbo].[AuditEvents] \
                 TO [app_rw];');",
            ]
        );
    }

    #[test]
    fn procedures_are_called_with_arguments_that_exist() {
        let system = example::system(1);
        let world = example::world(1, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let database = &surface.databases[0];
        for (module, expected) in [
            (
                "dbo.PostInvoice",
                "EXEC [dbo].[PostInvoice] @InvoiceId = 1000000103;",
            ),
            (
                "dbo.PurgeAuditEvents",
                "EXEC [dbo].[PurgeAuditEvents] @Before = '2001-01-01';",
            ),
            ("dbo.InvoiceTotals", "SELECT * FROM [dbo].[InvoiceTotals];"),
        ] {
            let statements = on_module(
                &terrain,
                database,
                &database.modules[module],
                Standpoint::Inside,
            );
            assert_eq!(statements[0].text, expected);
            assert_ne!(statements[0].action, Action::Drop);
        }
    }
}
