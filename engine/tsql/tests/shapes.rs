//! What is inside the typed statements: operators, rewrites, targets, options.

use std::ops::ControlFlow;

use tsql::sql::{Expr, SelectItem, SetExpr, TableFactor, TableVersion, visit_expressions_mut};
use tsql::*;

fn only(text: &str) -> StatementKind {
    let batch = parse_batch(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(batch.statements.len(), 1, "{text}");
    batch
        .statements
        .into_iter()
        .next()
        .expect("there is one")
        .kind
}

/// The value of `SET @x = …`, without the parentheses.
fn value(text: &str) -> Expr {
    let StatementKind::SetVariable { mut value, .. } = only(&format!("SET @x = {text}")) else {
        panic!("{text} is no value");
    };
    let _ = visit_expressions_mut(&mut value, |expr| {
        while let Expr::Nested(inner) = expr {
            *expr = (**inner).clone();
        }
        ControlFlow::<()>::Continue(())
    });
    value
}

#[test]
fn operators_bind_as_in_t_sql() {
    let check = |text: &str, parenthesized: &str| {
        assert_eq!(
            value(text),
            value(parenthesized),
            "{text} is not {parenthesized}"
        );
    };
    check("a + b * c", "a + (b * c)");
    check("a - b - c", "(a - b) - c");
    check("a & b + c", "(a & b) + c");
    check("a + b & c", "(a + b) & c");
    check("a | b ^ c", "(a | b) ^ c");
    check("a & b * c", "a & (b * c)");
    check("~a * b", "(~a) * b");
    check("~a & b", "(~a) & b");
    check("-a * b", "(-a) * b");
    check("-a % b", "(-a) % b");
    check(
        "a + 'x' COLLATE Latin1_General_BIN2",
        "a + ('x' COLLATE Latin1_General_BIN2)",
    );
    check(
        "CASE WHEN a & 1 = 1 THEN 1 END",
        "CASE WHEN (a & 1) = 1 THEN 1 END",
    );
    check(
        "CASE WHEN NOT a = 1 AND b = 2 OR c = 3 THEN 1 END",
        "CASE WHEN ((NOT (a = 1)) AND (b = 2)) OR (c = 3) THEN 1 END",
    );
    check("CASE WHEN a !< 1 THEN 1 END", "CASE WHEN a >= 1 THEN 1 END");
    check("CASE WHEN a !> 1 THEN 1 END", "CASE WHEN a <= 1 THEN 1 END");
    check("CASE WHEN a != 1 THEN 1 END", "CASE WHEN a <> 1 THEN 1 END");
    check(
        "CASE WHEN a BETWEEN 1 AND 2 AND b = 3 THEN 1 END",
        "CASE WHEN (a BETWEEN 1 AND 2) AND (b = 3) THEN 1 END",
    );
    check(
        "CASE WHEN a LIKE b + 'x' AND c = 1 THEN 1 END",
        "CASE WHEN (a LIKE (b + 'x')) AND (c = 1) THEN 1 END",
    );
    check(
        "CASE WHEN a NOT IN (1, 2) AND b IS NOT NULL THEN 1 END",
        "CASE WHEN (a NOT IN (1, 2)) AND (b IS NOT NULL) THEN 1 END",
    );
    check("$1.50", "CAST('1.50' AS MONEY)");
    check("{fn UCASE('a')}", "UCASE('a')");
    check(
        "{ts '2024-01-01 00:00:00'}",
        "CAST('2024-01-01 00:00:00' AS DATETIME)",
    );
    check(
        "NEXT VALUE FOR dbo.[s 1]",
        "__next_value_for('[dbo].[s 1]')",
    );
    for (text, read) in [
        (
            "PARSE('1' AS INT USING 'en-US')",
            "PARSE('1', 'INT', 'en-US')",
        ),
        (
            "TRY_PARSE('1' AS DECIMAL(9, 2))",
            "TRY_PARSE('1', 'DECIMAL(9,2)')",
        ),
    ] {
        assert_eq!(value(text).to_string(), read);
    }
}

/// Words that other dialects reserve are names here.
#[test]
fn words_of_other_dialects_are_names() {
    for word in [
        "limit",
        "interval",
        "qualify",
        "lateral",
        "array",
        "struct",
        "map",
        "position",
        "extract",
        "minus",
        "natural",
        "global",
        "semi",
        "window",
        "cluster",
        "connect",
        "true",
        "date",
        "timestamp",
        "text",
        "name",
        "value",
        "type",
        "status",
        "first",
        "next",
        "offset",
        "path",
        "row",
        "rows",
        "level",
        "json",
        "parse",
        "throw",
        "at",
        "div",
        "ilike",
        "regexp",
        "glob",
    ] {
        let text =
            format!("SELECT t.{word}, {word}, {word} + 1 FROM {word} AS {word} WHERE {word} = 1");
        let StatementKind::Select(select) = only(&text) else {
            panic!("{text}")
        };
        let SetExpr::Select(body) = *select.query.body else {
            panic!("{text}")
        };
        assert_eq!(body.projection.len(), 3, "{text}");
        assert!(
            matches!(&body.projection[1], SelectItem::UnnamedExpr(Expr::Identifier(name)) if name.value == word),
            "{text}"
        );
    }
}

fn first_table(text: &str) -> TableFactor {
    let StatementKind::Select(select) = only(text) else {
        panic!("{text}")
    };
    let SetExpr::Select(body) = *select.query.body else {
        panic!("{text}")
    };
    body.from
        .into_iter()
        .next()
        .expect("there is a table")
        .relation
}

#[test]
fn time_travel_reaches_the_binder_as_a_reserved_function() {
    let check = |clause: &str, expected: &str, alias: Option<&str>| {
        let table = first_table(&format!("SELECT * FROM dbo.t {clause} WHERE 1 = 1"));
        let TableFactor::Table {
            version,
            alias: found,
            ..
        } = table
        else {
            panic!("{clause}")
        };
        let Some(TableVersion::ForSystemTimeAsOf(expr)) = version else {
            panic!("{clause}")
        };
        assert_eq!(expr.to_string(), expected, "{clause}");
        assert_eq!(
            found.map(|alias| alias.name.value).as_deref(),
            alias,
            "{clause}"
        );
    };
    check("FOR SYSTEM_TIME ALL", "__system_time_all()", None);
    check("FOR SYSTEM_TIME ALL AS h", "__system_time_all()", Some("h"));
    check("FOR SYSTEM_TIME AS OF @d h", "@d", Some("h"));
    check(
        "FOR SYSTEM_TIME BETWEEN @a AND '2024' h",
        "__system_time_between(@a, '2024')",
        Some("h"),
    );
    check(
        "FOR SYSTEM_TIME FROM @a TO @b",
        "__system_time_from_to(@a, @b)",
        None,
    );
    check(
        "for system_time contained in (@a, @b) h",
        "__system_time_contained_in(@a, @b)",
        Some("h"),
    );
}

#[test]
fn table_hints_are_hints_wherever_they_stand() {
    for clause in [
        "t WITH (NOLOCK)",
        "t (NOLOCK)",
        "t a (NOLOCK)",
        "t (NOLOCK) a",
        "t WITH (NOLOCK) AS a",
        "t AS a WITH (NOLOCK, INDEX(1))",
        "t WITH (NOLOCK INDEX(1))",
        "@t WITH (NOLOCK)",
        "t WITH (FORCESEEK (ix (a)), HOLDLOCK)",
    ] {
        let table = first_table(&format!("SELECT * FROM {clause} WHERE 1 = 1"));
        let TableFactor::Table {
            args,
            alias,
            with_hints,
            ..
        } = table
        else {
            panic!("{clause}")
        };
        assert!(args.is_none(), "{clause} is no function");
        assert!(!with_hints.is_empty(), "{clause}");
        assert_eq!(
            alias.is_some(),
            clause.contains('a')
                && !clause.starts_with('@')
                && clause != "t WITH (FORCESEEK (ix (a)), HOLDLOCK)",
            "{clause}"
        );
    }
}

#[test]
fn joins_are_read_with_and_without_hints_and_nested() {
    for (text, joins) in [
        ("SELECT * FROM a INNER HASH JOIN b ON 1 = 1", 1),
        ("SELECT * FROM a LEFT OUTER MERGE JOIN b ON 1 = 1", 1),
        (
            "SELECT * FROM a FULL LOOP JOIN b ON 1 = 1 RIGHT JOIN c ON 1 = 1",
            2,
        ),
        ("SELECT * FROM a JOIN (b JOIN c ON 1 = 1) ON 1 = 1", 1),
        (
            "SELECT * FROM a LEFT JOIN b INNER JOIN c ON c.x = b.x ON b.y = a.y",
            1,
        ),
        ("SELECT * FROM a CROSS JOIN b OUTER APPLY f(a.x) AS c", 2),
    ] {
        let StatementKind::Select(select) = only(text) else {
            panic!("{text}")
        };
        let SetExpr::Select(body) = *select.query.body else {
            panic!("{text}")
        };
        assert_eq!(body.from[0].joins.len(), joins, "{text}");
    }
}

#[test]
fn select_assigns_or_returns_but_never_both() {
    let check = |text: &str, variables: &[&str], items: &[&str]| {
        let StatementKind::SelectAssign(assign) = only(text) else {
            panic!("{text}")
        };
        assert_eq!(assign.variables, variables, "{text}");
        let SetExpr::Select(body) = *assign.query.body else {
            panic!("{text}")
        };
        let found: Vec<String> = body.projection.iter().map(ToString::to_string).collect();
        assert_eq!(found, items, "{text}");
    };
    check("SELECT @a = 1", &["@a"], &["1"]);
    check("SELECT @a = x, @b = y FROM t", &["@a", "@b"], &["x", "y"]);
    check(
        "SELECT TOP (1) @a = f(x, y), @b += 1, @a *= 2 + 3 FROM t",
        &["@a", "@b", "@a"],
        &["f(x, y)", "@b + (1)", "@a * (2 + 3)"],
    );
    check(
        "SELECT @a = CASE WHEN x = 1 THEN 2 ELSE 3 END FROM t",
        &["@a"],
        &["CASE WHEN x = 1 THEN 2 ELSE 3 END"],
    );
    check(
        "SELECT @a = (SELECT b = 1) WHERE 1 = 1",
        &["@a"],
        &["(SELECT 1 AS b)"],
    );
    check(
        "WITH c AS (SELECT x = 1) SELECT @a = x FROM c",
        &["@a"],
        &["x"],
    );
    for (text, number) in [
        ("SELECT @a = 1, b FROM t", 141),
        ("SELECT @a = 1 UNION SELECT 2", 10734),
    ] {
        assert_eq!(parse_batch(text).expect_err(text).number, number, "{text}");
    }
    assert!(matches!(
        only("SELECT @a, x = @b, [y] = 1 FROM t"),
        StatementKind::Select(_)
    ));
}

#[test]
fn assignments_are_told_apart() {
    let check = |set: &str, variable: Option<&str>, column: Option<&str>, value: &str| {
        let StatementKind::Update(update) = only(&format!("UPDATE t SET {set} WHERE 1 = 1")) else {
            panic!("{set}")
        };
        let [assignment] = update.assignments.as_slice() else {
            panic!("{set}")
        };
        assert_eq!(assignment.variable.as_deref(), variable, "{set}");
        assert_eq!(
            assignment
                .column
                .as_ref()
                .map(ToString::to_string)
                .as_deref(),
            column,
            "{set}"
        );
        let found = match &assignment.value {
            ValueOrDefault::Expr(expr) => expr.to_string(),
            ValueOrDefault::Default => "DEFAULT".to_owned(),
        };
        assert_eq!(found, value, "{set}");
        assert!(update.selection.is_some(), "{set}");
    };
    check("a = 1", None, Some("a"), "1");
    check("t.a = DEFAULT", None, Some("t.a"), "DEFAULT");
    check("a += 1", None, Some("a"), "a + (1)");
    check("t.a -= b - 1", None, Some("t.a"), "t.a - (b - 1)");
    check("@v = 1", Some("@v"), None, "1");
    check("@v += 1", Some("@v"), None, "@v + (1)");
    check("@v = a = a + 1", Some("@v"), Some("a"), "a + 1");
    check("@v = a", Some("@v"), None, "a");
}

#[test]
fn output_knows_its_target() {
    let StatementKind::Delete(delete) = only(
        "DELETE TOP (3) FROM t OUTPUT deleted.*, deleted.a AS b INTO @log (x, y) FROM u t WHERE 1 = 1 OPTION (MAXDOP 1, RECOMPILE)",
    ) else {
        panic!()
    };
    let output = delete.output.expect("there is an OUTPUT clause");
    assert_eq!(output.items.len(), 2);
    assert_eq!(
        output.into,
        Some((
            Target::TableVariable("@log".into()),
            vec!["x".into(), "y".into()]
        ))
    );
    assert_eq!((delete.from.len(), delete.top.is_some()), (1, true));
    assert_eq!(delete.hints, ["MAXDOP 1", "RECOMPILE"]);
}

#[test]
fn insert_sources_are_told_apart() {
    let check = |text: &str, expected: &str| {
        let StatementKind::Insert(insert) = only(text) else {
            panic!("{text}")
        };
        let found = match insert.source {
            InsertSource::Values(rows) => format!("{} rows", rows.len()),
            InsertSource::Query(_) => "query".to_owned(),
            InsertSource::DefaultValues => "default".to_owned(),
            InsertSource::Execute(statement) => match statement.kind {
                StatementKind::Execute(_) => "procedure".to_owned(),
                StatementKind::ExecuteString { .. } => "string".to_owned(),
                other => panic!("{other:?}"),
            },
        };
        assert_eq!(found, expected, "{text}");
    };
    check("INSERT t VALUES (1, DEFAULT), (2, 3)", "2 rows");
    check("INSERT INTO t (a) SELECT 1 UNION ALL SELECT 2", "query");
    check("INSERT INTO t (a) (SELECT 1)", "query");
    check("INSERT INTO @t WITH (TABLOCK) (a) SELECT 1", "query");
    check(
        "WITH c AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM c",
        "query",
    );
    check("INSERT t DEFAULT VALUES", "default");
    check("INSERT #t EXEC p 1, @a = 2", "procedure");
    check("INSERT #t (a) EXEC ('SELECT 1')", "string");
}

#[test]
fn permissions_keep_their_words_and_securables() {
    let check =
        |text: &str, permissions: &[(&str, &[&str])], securable: Option<(SecurableClass, &str)>| {
            let StatementKind::Permission(found) = only(text) else {
                panic!("{text}")
            };
            let expected: Vec<(String, Vec<String>)> = permissions
                .iter()
                .map(|(name, columns)| {
                    (
                        (*name).to_owned(),
                        columns.iter().map(|&c| c.to_owned()).collect(),
                    )
                })
                .collect();
            assert_eq!(found.permissions, expected, "{text}");
            let found = found
                .securable
                .map(|securable| (securable.class, securable.name.to_string()));
            let found = found.as_ref().map(|(class, name)| (*class, name.as_str()));
            assert_eq!(found, securable, "{text}");
        };
    check(
        "GRANT select, Update (a, b) ON dbo.t TO u",
        &[("SELECT", &[]), ("UPDATE", &["a", "b"])],
        Some((SecurableClass::Object, "dbo.t")),
    );
    check(
        "DENY VIEW ANY DEFINITION TO public",
        &[("VIEW ANY DEFINITION", &[])],
        None,
    );
    check(
        "GRANT ALL PRIVILEGES ON t TO u",
        &[("ALL", &[])],
        Some((SecurableClass::Object, "t")),
    );
    check(
        "GRANT EXEC ON p TO u",
        &[("EXECUTE", &[])],
        Some((SecurableClass::Object, "p")),
    );
    check(
        "GRANT CONTROL ON SERVER ROLE::r TO u",
        &[("CONTROL", &[])],
        Some((SecurableClass::ServerRole, "r")),
    );
    check(
        "GRANT CONTROL ON APPLICATION ROLE :: r TO u",
        &[("CONTROL", &[])],
        Some((SecurableClass::ApplicationRole, "r")),
    );
    check(
        "REVOKE CONTROL ON SYMMETRIC KEY::k FROM u",
        &[("CONTROL", &[])],
        Some((SecurableClass::Other, "k")),
    );
    check(
        "GRANT CREATE TABLE, BACKUP DATABASE TO u WITH GRANT OPTION AS dbo",
        &[("CREATE TABLE", &[]), ("BACKUP DATABASE", &[])],
        None,
    );
    let StatementKind::Permission(revoke) =
        only("REVOKE GRANT OPTION FOR SELECT ON t (a) FROM u, [x y] CASCADE AS dbo")
    else {
        panic!()
    };
    assert!(revoke.grant_option_only && revoke.cascade);
    assert_eq!(revoke.principals, ["u", "x y"]);
    assert_eq!(revoke.grantor.as_deref(), Some("dbo"));
    assert_eq!(revoke.securable.expect("there is one").columns, ["a"]);
}

#[test]
fn executions_keep_their_arguments() {
    let check = |text: &str, arguments: &[(&str, &str, bool)]| {
        let StatementKind::Execute(execute) = only(text) else {
            panic!("{text}")
        };
        let found: Vec<(String, String, bool)> = execute
            .arguments
            .into_iter()
            .map(|argument| {
                let value = match argument.value {
                    ValueOrDefault::Expr(expr) => expr.to_string(),
                    ValueOrDefault::Default => "DEFAULT".to_owned(),
                };
                (argument.name.unwrap_or_default(), value, argument.output)
            })
            .collect();
        let found: Vec<(&str, &str, bool)> = found
            .iter()
            .map(|(name, value, output)| (name.as_str(), value.as_str(), *output))
            .collect();
        assert_eq!(found, arguments, "{text}");
    };
    check("EXEC p", &[]);
    check(
        "EXEC @rc = db..p @a = @x OUTPUT, @b = DEFAULT",
        &[("@a", "@x", true), ("@b", "DEFAULT", false)],
    );
    check(
        "p -1, N'x', NULL, 0xAF, bare, [quoted one]",
        &[
            ("", "-1", false),
            ("", "N'x'", false),
            ("", "NULL", false),
            ("", "X'AF'", false),
            ("", "N'bare'", false),
            ("", "N'quoted one'", false),
        ],
    );
    check("EXEC p @a OUT WITH RECOMPILE", &[("", "@a", true)]);
    check("EXEC @name 1", &[("", "1", false)]);
    assert_eq!(
        parse_batch("EXEC p 1 + 1")
            .expect_err("no expressions here")
            .number,
        102
    );
    let StatementKind::ExecuteString { execute_as, .. } = only("EXEC (N'a' + @b) AS LOGIN = 'l'")
    else {
        panic!()
    };
    assert_eq!(execute_as, Some(ExecuteAs::Login("l".into())));
}

#[test]
fn table_definitions_keep_every_part() {
    let StatementKind::Create(Create::Table { name, definition }) = only(
        "CREATE TABLE dbo.t (
            id INT IDENTITY(10, -1) NOT NULL CONSTRAINT pk PRIMARY KEY CLUSTERED,
            a NVARCHAR(MAX) COLLATE Latin1_General_BIN2 NULL DEFAULT N'x' NOT NULL,
            b AS (id + 1) * 2 PERSISTED NOT NULL,
            c INT REFERENCES dbo.u (x) ON DELETE SET NULL ON UPDATE CASCADE,
            d DATETIME2(3) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
            e DATETIME2(3) GENERATED ALWAYS AS ROW END NOT NULL,
            f CHAR(4) MASKED WITH (FUNCTION = 'default()') CHECK (f > 'a' AND f < 'b'),
            PERIOD FOR SYSTEM_TIME (d, e),
            INDEX ix NONCLUSTERED (a DESC, c) INCLUDE (b) WHERE c IS NOT NULL,
            CONSTRAINT uq UNIQUE (a, c) WITH (FILLFACTOR = 80) ON [PRIMARY],
            CONSTRAINT fk FOREIGN KEY (c, id) REFERENCES u (x, y)
        ) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
        WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h, DATA_CONSISTENCY_CHECK = OFF, HISTORY_RETENTION_PERIOD = 6 MONTHS), DATA_COMPRESSION = PAGE)",
    ) else {
        panic!()
    };
    assert_eq!(name.to_string(), "dbo.t");
    let names: Vec<&str> = definition
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["id", "a", "b", "c", "d", "e", "f"]);
    let [id, a, b, _, d, e, f] = definition.columns.as_slice() else {
        panic!()
    };
    assert_eq!(id.identity, Some((10, -1)));
    assert_eq!(
        (a.nullable, a.collation.as_deref()),
        (Some(false), Some("Latin1_General_BIN2"))
    );
    assert!(
        matches!(&b.kind, ColumnKind::Computed { text, persisted: true, .. } if text == "(id + 1) * 2")
    );
    assert_eq!((d.generated, d.hidden), (Some(Generated::RowStart), true));
    assert_eq!((e.generated, e.hidden), (Some(Generated::RowEnd), false));
    assert_eq!(f.masked.as_deref(), Some("default()"));
    assert_eq!(definition.period, Some(("d".into(), "e".into())));
    let versioning = definition.versioning.expect("the table is versioned");
    assert_eq!(
        versioning.history_table,
        Some(Name(vec!["dbo".into(), "h".into()]))
    );
    assert!(versioning.consistency_check_off);
    assert_eq!(versioning.retention.as_deref(), Some("6 MONTHS"));
    assert_eq!(
        definition.options,
        [("DATA_COMPRESSION".into(), OptionValue::Word("PAGE".into()))]
    );
    let constraints: Vec<String> = definition
        .constraints
        .iter()
        .map(|constraint| {
            let kind = match &constraint.kind {
                ConstraintKind::PrimaryKey(index) => {
                    format!("pk {:?} {:?}", index.key, index.clustered)
                }
                ConstraintKind::Unique(index) => format!("unique {:?}", index.key),
                ConstraintKind::Index(index) => format!(
                    "index {:?} {:?} {}",
                    index.key,
                    index.include,
                    index.filter.is_some()
                ),
                ConstraintKind::ForeignKey {
                    columns,
                    table,
                    referenced,
                    on_delete,
                    on_update,
                } => {
                    format!("fk {columns:?} {table} {referenced:?} {on_delete:?} {on_update:?}")
                }
                ConstraintKind::Check { text, .. } => format!("check {text}"),
                ConstraintKind::Default { text, .. } => format!("default {text}"),
            };
            format!(
                "{}/{} {kind}",
                constraint.name.as_deref().unwrap_or("-"),
                constraint.column.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        constraints,
        [
            "pk/id pk [(\"id\", false)] Some(true)",
            "-/a default N'x'",
            "-/c fk [\"c\"] dbo.u [\"x\"] SetNull Cascade",
            "-/f check (f > 'a' AND f < 'b')",
            "ix/- index [(\"a\", true), (\"c\", false)] [\"b\"] true",
            "uq/- unique [(\"a\", false), (\"c\", false)]",
            "fk/- fk [\"c\", \"id\"] u [\"x\", \"y\"] NoAction NoAction",
        ]
    );
}

#[test]
fn a_module_keeps_the_whole_text_of_its_batch() {
    let text = "-- why\nCREATE OR ALTER PROC dbo.p (@a INT = 5, @b dbo.T READONLY, @c NVARCHAR(9) = abc OUT)\nWITH RECOMPILE, EXECUTE AS SELF\nAS\nSELECT 1\nSELECT 2 -- end";
    let StatementKind::Create(Create::Module(module)) = only(text) else {
        panic!()
    };
    assert_eq!(&*module.text, text);
    assert_eq!(
        (module.verb, module.execute_as),
        (ModuleVerb::CreateOrAlter, Some(ExecuteAs::SelfUser))
    );
    assert_eq!(module.options, ["RECOMPILE"]);
    let flags: Vec<(bool, bool, bool)> = module
        .parameters
        .iter()
        .map(|parameter| {
            (
                parameter.default.is_some(),
                parameter.output,
                parameter.read_only,
            )
        })
        .collect();
    assert_eq!(
        flags,
        [
            (true, false, false),
            (false, false, true),
            (true, true, false)
        ]
    );
    let ModuleBody::Procedure(body) = module.body else {
        panic!()
    };
    assert_eq!(
        body.iter()
            .map(|statement| statement.line)
            .collect::<Vec<_>>(),
        [5, 6]
    );
}
