//! Random statements over three tables of tenants, from one number each: many that apply the
//! tenant, many that nearly do.

/// Choices from one number: what a statement is made of depends on it alone.
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % bound as u64).unwrap_or(0)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

/// The tables of tenants. All have the columns OrgId, Id, Link and V.
pub(crate) const TABLES: [&str; 3] = ["dbo.A", "dbo.B", "dbo.C"];

/// A statement about the rows of `@o`.
pub(crate) fn statement(choices: &mut Choices) -> String {
    match choices.below(10) {
        0..=5 => query(choices, 2),
        6 => {
            let (target, filter) = (choices.pick(&TABLES), condition(choices, &["t"], 1));
            let v = value(choices, &["t"]);
            match choices.below(3) {
                0 => format!("UPDATE t SET V = {v} FROM {target} AS t WHERE {filter}"),
                1 => {
                    let (other, on) = (choices.pick(&TABLES), condition(choices, &["t", "x"], 1));
                    let filter = condition(choices, &["t", "x"], 1);
                    format!(
                        "UPDATE t SET V = 77 FROM {target} AS t {} JOIN {other} AS x ON {on} WHERE {filter}",
                        choices.pick(&["INNER", "LEFT"]),
                    )
                }
                _ => {
                    let inner = query_of(choices, 1, true);
                    format!("WITH w AS ({inner}) UPDATE w SET V = 78 WHERE w.OrgId = @o")
                }
            }
        }
        7 => {
            let target = choices.pick(&TABLES);
            let other = choices.pick(&TABLES);
            let on = condition(choices, &["t", "x"], 1);
            let filter = condition(choices, &["t", "x"], 1);
            format!("DELETE t FROM {target} AS t JOIN {other} AS x ON {on} WHERE {filter}")
        }
        8 => {
            let source = query(choices, 1);
            let org = choices.pick(&["@o", "s.OrgId", "@o"]);
            format!(
                "INSERT INTO dbo.C (OrgId, Id, Link, V) SELECT {org}, s.Id + 500, s.Link, s.V FROM ({source}) AS s"
            )
        }
        _ => {
            let source = query(choices, 1);
            let target = choices.pick(&TABLES);
            let on = condition(choices, &["t", "s"], 1);
            let clause = match choices.below(4) {
                0 => "WHEN MATCHED THEN UPDATE SET V = 55".to_owned(),
                1 => format!("WHEN MATCHED AND {} THEN DELETE", condition(choices, &["t", "s"], 0)),
                2 => "WHEN NOT MATCHED THEN INSERT (OrgId, Id, Link, V) VALUES (@o, s.Id + 700, 1, 1)".to_owned(),
                _ => format!("WHEN NOT MATCHED BY SOURCE AND {} THEN DELETE", condition(choices, &["t"], 0)),
            };
            format!(
                "MERGE {target} AS t USING (SELECT DISTINCT OrgId, Id, Link FROM ({source}) AS q) AS s ON t.Id = s.Id AND {on} {clause};"
            )
        }
    }
}

/// A query whose columns are OrgId, Id, Link and V.
fn query(choices: &mut Choices, depth: usize) -> String {
    query_of(choices, depth, false)
}

fn query_of(choices: &mut Choices, depth: usize, plain: bool) -> String {
    if depth > 0 && !plain && choices.chance(18) {
        let operation = choices.pick(&["UNION ALL", "UNION", "EXCEPT", "INTERSECT"]);
        let (left, right) = (query(choices, depth - 1), query(choices, depth - 1));
        return format!("SELECT * FROM ({left}) AS l1 {operation} SELECT * FROM ({right}) AS r1");
    }
    let count = if plain { 1 } else { 1 + choices.below(3) };
    let names = ["a", "b", "c"];
    let names = &names[..count];
    let mut from = format!("{} AS a", source(choices, depth));
    for (index, name) in names.iter().enumerate().skip(1) {
        let so_far = &names[..=index];
        match choices.below(10) {
            0 if depth > 0 => {
                let apply = choices.pick(&["CROSS APPLY", "OUTER APPLY"]);
                let table = choices.pick(&TABLES);
                let outer = &names[..index];
                let mut inner = outer.to_vec();
                inner.push("y");
                let filter = condition(choices, &inner, 0);
                let top = if choices.chance(50) { "TOP (1) " } else { "" };
                from = format!(
                    "{from} {apply} (SELECT {top}y.OrgId, y.Id, y.Link, y.V FROM {table} AS y WHERE {filter} ORDER BY y.OrgId DESC, y.Id OFFSET 0 ROWS) AS {name}"
                )
                .replace(
                    if top.is_empty() { "\u{0}" } else { " OFFSET 0 ROWS" },
                    "",
                );
            }
            1 => from = format!("{from} CROSS JOIN {} AS {name}", source(choices, depth)),
            kind => {
                let join = match kind {
                    2..=4 => "LEFT JOIN",
                    5 => "RIGHT JOIN",
                    6 => "FULL JOIN",
                    _ => "JOIN",
                };
                let source = source(choices, depth);
                from = format!(
                    "{from} {join} {source} AS {name} ON {}",
                    condition(choices, so_far, depth.min(1))
                );
            }
        }
    }
    let filter = match choices.chance(85) {
        true => format!(" WHERE {}", condition(choices, names, depth.min(1))),
        false => String::new(),
    };
    let of = names[choices.below(count)];
    if plain {
        let top = if choices.chance(20) { "TOP (2) " } else { "" };
        return format!("SELECT {top}a.OrgId, a.Id, a.Link, a.V FROM {from}{filter}");
    }
    match choices.below(12) {
        0 => format!(
            "SELECT {of}.OrgId, MAX({of}.Id) AS Id, MIN({of}.Link) AS Link, COUNT(*) AS V FROM {from}{filter} GROUP BY {of}.OrgId{}",
            if choices.chance(40) {
                format!(" HAVING {of}.OrgId = @o")
            } else {
                String::new()
            },
        ),
        1 => format!(
            "SELECT MAX({of}.OrgId) AS OrgId, COUNT(*) AS Id, 1 AS Link, SUM({of}.V) AS V FROM {from}{filter}"
        ),
        2 => format!(
            "SELECT TOP (2) {of}.OrgId, {of}.Id, {of}.Link, {of}.V FROM {from}{filter} ORDER BY {of}.V, {of}.OrgId DESC, {of}.Id"
        ),
        3 => format!("SELECT DISTINCT {of}.OrgId, {of}.Id, {of}.Link, {of}.V FROM {from}{filter}"),
        4 => format!(
            "SELECT {of}.OrgId, {of}.Id, {of}.Link, ROW_NUMBER() OVER ({}ORDER BY {of}.V, {of}.OrgId, {of}.Id) AS V FROM {from}{filter}",
            choices
                .pick(&["", "PARTITION BY ?.OrgId ", "PARTITION BY ?.Link "])
                .replace('?', of),
        ),
        5 => format!("SELECT @o AS OrgId, {of}.Id, {of}.Link, {of}.V FROM {from}{filter}"),
        6 => {
            let v = value(choices, names);
            format!("SELECT {of}.OrgId, {of}.Id, {of}.Link, {v} AS V FROM {from}{filter}")
        }
        _ => format!("SELECT {of}.OrgId, {of}.Id, {of}.Link, {of}.V FROM {from}{filter}"),
    }
}

fn source(choices: &mut Choices, depth: usize) -> String {
    match choices.below(8) {
        0 | 1 if depth > 0 => format!("({})", query(choices, depth - 1)),
        2 => "dbo.Scoped".to_owned(),
        3 => "dbo.Loose".to_owned(),
        4 => format!("dbo.OfOrg({})", choices.pick(&["@o", "@o", "2"])),
        _ => choices.pick(&TABLES).to_owned(),
    }
}

fn value(choices: &mut Choices, names: &[&str]) -> String {
    let table = choices.pick(&TABLES);
    let mut inner = names.to_vec();
    inner.push("z");
    let filter = condition(choices, &inner, 0);
    match choices.below(3) {
        0 => "77".to_owned(),
        1 => format!("(SELECT COUNT(*) FROM {table} AS z WHERE {filter})"),
        _ => format!("ISNULL((SELECT MAX(z.V) FROM {table} AS z WHERE {filter}), -1)"),
    }
}

/// A condition on the row sources of those names; most often it speaks of the tenant.
fn condition(choices: &mut Choices, names: &[&str], depth: usize) -> String {
    let mut all = Vec::new();
    let last = names[names.len() - 1];
    // The last one is the one that was just joined.
    if choices.chance(80) {
        all.push(tenant(choices, last, names));
    }
    for name in &names[..names.len() - 1] {
        if choices.chance(25) {
            all.push(tenant(choices, name, names));
        }
    }
    for _ in 0..=choices.below(2) {
        all.push(anything(choices, names, depth));
    }
    let joined = all.join(" AND ");
    match choices.below(14) {
        0 => format!("({joined} OR {})", anything(choices, names, depth)),
        1 => {
            let other = tenant(choices, last, names);
            format!(
                "(({joined}) OR ({other} AND {}))",
                anything(choices, names, 0)
            )
        }
        2 => format!("NOT (NOT ({joined}))"),
        3 => format!("CASE WHEN {joined} THEN 1 ELSE 0 END = 1"),
        _ => joined,
    }
}

fn tenant(choices: &mut Choices, name: &str, names: &[&str]) -> String {
    let other = names[choices.below(names.len())];
    match choices.below(12) {
        0..=3 => format!("{name}.OrgId = @o"),
        4..=7 if other != name => format!("{name}.OrgId = {other}.OrgId"),
        8 => format!("{name}.OrgId IN (@o)"),
        9 => format!("{name}.OrgId BETWEEN @o AND @o"),
        10 => format!("NOT ({name}.OrgId <> @o)"),
        11 => format!("{name}.OrgId IN (SELECT w.OrgId FROM dbo.A AS w WHERE w.OrgId = @o)"),
        _ => format!("@o = {name}.OrgId"),
    }
}

fn anything(choices: &mut Choices, names: &[&str], depth: usize) -> String {
    let name = names[choices.below(names.len())];
    let other = names[choices.below(names.len())];
    match choices.below(13) {
        0 => format!("{name}.V > {}", choices.below(4)),
        1 => format!("{name}.V IS NULL"),
        2 => format!("{name}.Id IS NOT NULL"),
        3 => format!("{name}.Id = {other}.Link"),
        4 => format!("{name}.OrgId IS NULL"),
        5 => format!("{name}.OrgId >= @o"),
        6 => format!("ISNULL({name}.OrgId, @o) = @o"),
        7 => "1 = 1".to_owned(),
        8..=11 if depth > 0 => {
            let table = choices.pick(&TABLES);
            let mut inner = names.to_vec();
            inner.push("e");
            let filter = condition(choices, &inner, depth - 1);
            match choices.below(5) {
                0 => format!("EXISTS (SELECT 1 FROM {table} AS e WHERE {filter})"),
                1 => format!("NOT EXISTS (SELECT 1 FROM {table} AS e WHERE {filter})"),
                2 => format!("{name}.Id IN (SELECT e.Link FROM {table} AS e WHERE {filter})"),
                3 => format!("{name}.V <= (SELECT COUNT(*) FROM {table} AS e WHERE {filter})"),
                _ => format!("{name}.OrgId IN (SELECT e.OrgId FROM {table} AS e WHERE {filter})"),
            }
        }
        _ => format!("{name}.V <> 2"),
    }
}
