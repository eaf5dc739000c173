//! What do queries answer?

mod support;

use support::check;

const SHOP: &str = "
CREATE TABLE dbo.customer (id int NOT NULL PRIMARY KEY, name nvarchar(50) NOT NULL, city varchar(20) NULL);
INSERT dbo.customer VALUES (1, N'Ada', 'Bern'), (2, N'Bob', 'Basel'), (3, N'Cyd', NULL), (4, N'ada', 'Bern');
CREATE TABLE dbo.invoice (id int NOT NULL PRIMARY KEY, customer int NULL, amount decimal(10,2) NOT NULL);
INSERT dbo.invoice VALUES (10, 1, 10.50), (11, 1, 20.00), (12, 2, 5.25), (13, NULL, 7.00);
GO
CREATE VIEW dbo.billed AS SELECT c.id, c.name, SUM(i.amount) AS total FROM dbo.customer c JOIN dbo.invoice i ON i.customer = c.id GROUP BY c.id, c.name
GO
CREATE FUNCTION dbo.of_customer(@c int) RETURNS TABLE AS RETURN (SELECT id, amount FROM dbo.invoice WHERE customer = @c)
GO
CREATE FUNCTION dbo.twice(@x int) RETURNS int AS BEGIN RETURN @x * 2 END
";

#[test]
fn expressions_follow_the_rules_of_the_server() {
    check(
        SHOP,
        &[
            ("SELECT 1 + 2 * 3", "7"),
            ("SELECT 7 / 2, 7 % 2, 7.0 / 2", "3|1|3.500000"),
            ("SELECT 'a' + 'b' + NULL", "NULL"),
            ("SELECT CASE WHEN 1 = 1 THEN 'x' END", "x"),
            (
                "SELECT CASE 3 WHEN 1 THEN 'a' WHEN 3 THEN 'c' ELSE 'z' END",
                "c",
            ),
            (
                "SELECT IIF(1 < 2, 'yes', 'no'), CHOOSE(2, 'a', 'b'), COALESCE(NULL, 5), NULLIF(3, 3)",
                "yes|b|5|NULL",
            ),
            (
                "SELECT CAST('12' AS int) + 1, TRY_CAST('x' AS int), CONVERT(varchar(10), 12)",
                "13|NULL|12",
            ),
            ("SELECT CAST('x' AS int)", "!245"),
            ("SELECT 1 / 0", "!8134"),
            ("SELECT 2147483647 + 1", "!8115"),
            ("SELECT -2147483648", "-2147483648"),
            ("SELECT 0x1F", "0x1F"),
            ("SELECT id FROM dbo.customer WHERE name LIKE 'a%'", "1; 4"),
            ("SELECT id FROM dbo.customer WHERE name = 'ADA'", "1; 4"),
            (
                "SELECT id FROM dbo.customer WHERE name = 'Ada' COLLATE Latin1_General_BIN2",
                "1",
            ),
            ("SELECT id FROM dbo.customer WHERE city IS NULL", "3"),
            ("SELECT id FROM dbo.customer WHERE NOT (city = 'Bern')", "2"),
            (
                "SELECT id FROM dbo.customer WHERE city NOT IN ('Bern', NULL)",
                "",
            ),
            (
                "SELECT id FROM dbo.customer WHERE id BETWEEN 2 AND 3",
                "2; 3",
            ),
            ("SELECT id FROM dbo.customer WHERE id IN (1, '3')", "1; 3"),
            ("SELECT @x", "!137"),
            ("SELECT nothing", "!207"),
            ("SELECT nothing FROM dbo.customer", "!207"),
            ("SELECT * FROM dbo.nothing", "!208"),
            ("SELECT a.x FROM dbo.customer c", "!4104"),
            ("SELECT id FROM dbo.customer WHERE id", "!4145"),
            ("SELECT nofunction(1)", "!195"),
            ("SELECT dbo.nofunction(1)", "!4121"),
            ("SELECT dbo.twice(21)", "42"),
            (
                "SELECT dbo.twice(id) FROM dbo.customer ORDER BY 1",
                "2; 4; 6; 8",
            ),
            ("SELECT DB_NAME(), USER_NAME()", "db|dbo"),
            ("DECLARE @a int = 5; SELECT @a + 1", "6"),
            (
                "SELECT DATEADD(day, 1, CAST('2026-02-28' AS date))",
                "2026-03-01",
            ),
            (
                "SELECT LEN('abc  '), UPPER('x'), SUBSTRING('abcdef', 2, 3), REPLACE('aXa', 'x', '-')",
                "3|X|bcd|a-a",
            ),
            (
                "SELECT id FROM dbo.customer WHERE city IS DISTINCT FROM 'Bern'",
                "2; 3",
            ),
        ],
    );
}

#[test]
fn joins_and_subqueries() {
    check(
        SHOP,
        &[
            (
                "SELECT c.name, i.id FROM dbo.customer c JOIN dbo.invoice i ON i.customer = c.id ORDER BY i.id",
                "Ada|10; Ada|11; Bob|12",
            ),
            (
                "SELECT c.id, i.id FROM dbo.customer c LEFT JOIN dbo.invoice i ON i.customer = c.id ORDER BY c.id, i.id",
                "1|10; 1|11; 2|12; 3|NULL; 4|NULL",
            ),
            (
                "SELECT c.id, i.id FROM dbo.customer c RIGHT JOIN dbo.invoice i ON i.customer = c.id ORDER BY i.id",
                "1|10; 1|11; 2|12; NULL|13",
            ),
            (
                "SELECT c.id, i.id FROM dbo.customer c FULL JOIN dbo.invoice i ON i.customer = c.id ORDER BY i.id, c.id",
                "3|NULL; 4|NULL; 1|10; 1|11; 2|12; NULL|13",
            ),
            ("SELECT COUNT(*) FROM dbo.customer, dbo.invoice", "16"),
            (
                "SELECT COUNT(*) FROM dbo.customer CROSS JOIN dbo.invoice WHERE customer.id = invoice.customer",
                "3",
            ),
            (
                "SELECT c.id, x.id FROM dbo.customer c CROSS APPLY (SELECT TOP 1 id FROM dbo.invoice i WHERE i.customer = c.id ORDER BY amount DESC) x",
                "1|11; 2|12",
            ),
            (
                "SELECT c.id, x.id FROM dbo.customer c OUTER APPLY dbo.of_customer(c.id) x ORDER BY c.id, x.id",
                "1|10; 1|11; 2|12; 3|NULL; 4|NULL",
            ),
            ("SELECT id FROM dbo.of_customer(1) ORDER BY id", "10; 11"),
            (
                "SELECT name FROM dbo.customer c WHERE EXISTS (SELECT * FROM dbo.invoice i WHERE i.customer = c.id)",
                "Ada; Bob",
            ),
            (
                "SELECT id FROM dbo.customer WHERE id IN (SELECT customer FROM dbo.invoice)",
                "1; 2",
            ),
            (
                "SELECT id FROM dbo.customer WHERE id NOT IN (SELECT customer FROM dbo.invoice)",
                "",
            ),
            (
                "SELECT id FROM dbo.customer WHERE id NOT IN (SELECT customer FROM dbo.invoice WHERE customer IS NOT NULL)",
                "3; 4",
            ),
            (
                "SELECT id, (SELECT MAX(amount) FROM dbo.invoice i WHERE i.customer = c.id) FROM dbo.customer c ORDER BY id",
                "1|20.00; 2|5.25; 3|NULL; 4|NULL",
            ),
            ("SELECT (SELECT id FROM dbo.customer)", "!512"),
            ("SELECT (SELECT id, name FROM dbo.customer)", "!116"),
            (
                "SELECT id FROM dbo.invoice WHERE amount > ALL (SELECT amount FROM dbo.invoice WHERE customer = 2)",
                "10; 11; 13",
            ),
            (
                "SELECT id FROM dbo.invoice WHERE amount = ANY (SELECT amount FROM dbo.invoice WHERE customer = 2)",
                "12",
            ),
            (
                "SELECT id FROM dbo.customer a JOIN dbo.customer b ON a.id = b.id",
                "!209",
            ),
            ("SELECT 1 FROM dbo.customer a, dbo.invoice a", "!1011"),
            (
                "SELECT x.n FROM (SELECT id AS n FROM dbo.customer) AS x WHERE x.n > 3",
                "4",
            ),
            (
                "SELECT x.a, x.b FROM (VALUES (1, 'x'), (2, 'y')) AS x(a, b) ORDER BY a DESC",
                "2|y; 1|x",
            ),
            ("SELECT * FROM (SELECT id, 1 FROM dbo.customer) x", "!8155"),
            ("SELECT * FROM (SELECT id, id FROM dbo.customer) x", "!8156"),
            (
                "SELECT * FROM (SELECT id FROM dbo.customer ORDER BY id) x",
                "!1033",
            ),
            ("SELECT c.name FROM db.dbo.customer c WHERE c.id = 1", "Ada"),
            (
                "SELECT dbo.customer.name FROM dbo.customer WHERE customer.id = 2",
                "Bob",
            ),
            (
                "SELECT name, total FROM dbo.billed ORDER BY total",
                "Bob|5.25; Ada|30.50",
            ),
            (
                "SELECT c.id FROM dbo.customer c JOIN dbo.customer d ON d.name = c.name AND d.id <> c.id ORDER BY 1",
                "1; 4",
            ),
            (
                "SELECT TOP 1 c.id FROM dbo.customer c INNER JOIN (dbo.invoice i INNER JOIN dbo.customer d ON d.id = i.customer) ON d.id = c.id WHERE i.id = 12",
                "2",
            ),
        ],
    );
}

#[test]
fn grouping_and_aggregates() {
    check(
        SHOP,
        &[
            (
                "SELECT COUNT(*), COUNT(city), COUNT(DISTINCT city) FROM dbo.customer",
                "4|3|2",
            ),
            (
                "SELECT SUM(amount), AVG(amount), MIN(amount), MAX(amount) FROM dbo.invoice",
                "42.75|10.687500|5.25|20.00",
            ),
            ("SELECT AVG(id) FROM dbo.customer", "2"),
            ("SELECT SUM(id) FROM dbo.customer WHERE id > 100", "NULL"),
            (
                "SELECT city, COUNT(*) FROM dbo.customer GROUP BY city ORDER BY city",
                "NULL|1; Basel|1; Bern|2",
            ),
            (
                "SELECT city FROM dbo.customer GROUP BY city HAVING COUNT(*) > 1",
                "Bern",
            ),
            (
                "SELECT LEFT(city, 1) + '!', COUNT(*) FROM dbo.customer WHERE city IS NOT NULL GROUP BY LEFT(city, 1)",
                "B!|3",
            ),
            ("SELECT city, name FROM dbo.customer GROUP BY city", "!8120"),
            (
                "SELECT city FROM dbo.customer GROUP BY city HAVING name = 'x'",
                "!8121",
            ),
            (
                "SELECT city FROM dbo.customer GROUP BY city ORDER BY name",
                "!8127",
            ),
            ("SELECT id FROM dbo.customer WHERE COUNT(*) > 1", "!147"),
            ("SELECT SUM(COUNT(*)) FROM dbo.customer", "!130"),
            ("SELECT SUM(name) FROM dbo.customer", "!8117"),
            (
                "SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY id DESC) FROM dbo.customer",
                "ada,Cyd,Bob,Ada",
            ),
            (
                "SELECT customer, SUM(amount) FROM dbo.invoice GROUP BY ROLLUP(customer) ORDER BY GROUPING(customer), customer",
                "NULL|7.00; 1|30.50; 2|5.25; NULL|42.75",
            ),
            (
                "SELECT customer, (SELECT name FROM dbo.customer c WHERE c.id = i.customer) FROM dbo.invoice i GROUP BY customer ORDER BY 1",
                "NULL|NULL; 1|Ada; 2|Bob",
            ),
            ("SELECT COUNT(*) FROM dbo.customer WHERE 1 = 0", "0"),
            ("SELECT MAX(id) FROM dbo.customer HAVING COUNT(*) > 10", ""),
            (
                "SELECT DISTINCT city FROM dbo.customer ORDER BY city",
                "NULL; Basel; Bern",
            ),
            ("SELECT DISTINCT city FROM dbo.customer ORDER BY id", "!145"),
            (
                "SELECT CASE WHEN CHECKSUM_AGG(BINARY_CHECKSUM(*)) = (SELECT CHECKSUM_AGG(BINARY_CHECKSUM(*)) FROM dbo.customer WHERE id > 0) THEN 'same' END FROM dbo.customer",
                "same",
            ),
            (
                "SELECT COUNT_BIG(*), 'a' FROM dbo.customer UNION ALL SELECT COUNT_BIG(*), 'b' FROM dbo.invoice",
                "4|a; 4|b",
            ),
            ("SELECT 1 FROM dbo.customer GROUP BY 1", "!164"),
        ],
    );
}

#[test]
fn set_operations_order_and_limits() {
    check(
        SHOP,
        &[
            ("SELECT 1 UNION SELECT 1 UNION ALL SELECT 2", "1; 2"),
            (
                "SELECT 'a' UNION ALL SELECT NULL UNION ALL SELECT NULL UNION ALL SELECT 'b'",
                "a; NULL; NULL; b",
            ),
            (
                "SELECT NULL UNION SELECT NULL UNION SELECT CAST('2024-01-02' AS DATE) ORDER BY 1",
                "NULL; 2024-01-02",
            ),
            (
                "SELECT id FROM dbo.customer EXCEPT SELECT customer FROM dbo.invoice",
                "3; 4",
            ),
            (
                "SELECT id FROM dbo.customer INTERSECT SELECT customer FROM dbo.invoice",
                "1; 2",
            ),
            ("SELECT 1 UNION SELECT 1, 2", "!205"),
            ("SELECT 1 AS a UNION SELECT 2 ORDER BY a DESC", "2; 1"),
            (
                "SELECT id FROM dbo.customer UNION SELECT 9 ORDER BY name",
                "!207",
            ),
            ("SELECT 'x' UNION ALL SELECT 1", "!245"),
            (
                "SELECT id FROM dbo.customer ORDER BY name, id DESC",
                "4; 1; 2; 3",
            ),
            (
                "SELECT id AS k FROM dbo.customer ORDER BY k DESC",
                "4; 3; 2; 1",
            ),
            ("SELECT id FROM dbo.customer ORDER BY 2", "!108"),
            ("SELECT TOP 2 id FROM dbo.customer ORDER BY id DESC", "4; 3"),
            (
                "SELECT TOP (50) PERCENT id FROM dbo.customer ORDER BY id",
                "1; 2",
            ),
            (
                "SELECT TOP 1 WITH TIES city FROM dbo.customer WHERE city IS NOT NULL ORDER BY city DESC",
                "Bern; Bern",
            ),
            ("SELECT TOP 1 WITH TIES city FROM dbo.customer", "!1062"),
            (
                "SELECT id FROM dbo.customer ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY",
                "2; 3",
            ),
            ("SELECT id FROM dbo.customer ORDER BY id OFFSET 3 ROWS", "4"),
            ("SELECT TOP (-1) id FROM dbo.customer", "!127"),
            ("SELECT TOP 0 id FROM dbo.customer", ""),
        ],
    );
}

#[test]
fn common_table_expressions() {
    check(
        SHOP,
        &[
            (
                "WITH a AS (SELECT id FROM dbo.customer WHERE id < 3), b(x) AS (SELECT id * 10 FROM a) SELECT x FROM b ORDER BY x",
                "10; 20",
            ),
            (
                "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT SUM(i) FROM n",
                "15",
            ),
            (
                "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n",
                "!530",
            ),
            (
                "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT COUNT(*) FROM n OPTION (MAXRECURSION 0)",
                "200",
            ),
            (
                "WITH n AS (SELECT 1 AS i UNION ALL SELECT 'x' FROM n) SELECT * FROM n",
                "!240",
            ),
            ("WITH a AS (SELECT 1) SELECT * FROM a", "!8155"),
            ("WITH a(x, y) AS (SELECT 1) SELECT * FROM a", "!8159"),
        ],
    );
}

#[test]
fn window_functions() {
    check(
        SHOP,
        &[
            (
                "SELECT id, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) FROM dbo.customer ORDER BY id",
                "1|1; 2|1; 3|1; 4|2",
            ),
            (
                "SELECT city, RANK() OVER (ORDER BY city), DENSE_RANK() OVER (ORDER BY city) FROM dbo.customer ORDER BY id",
                "Bern|3|3; Basel|2|2; NULL|1|1; Bern|3|3",
            ),
            (
                "SELECT id, SUM(amount) OVER (ORDER BY id) FROM dbo.invoice ORDER BY id",
                "10|10.50; 11|30.50; 12|35.75; 13|42.75",
            ),
            (
                "SELECT id, SUM(amount) OVER (PARTITION BY customer) FROM dbo.invoice ORDER BY id",
                "10|30.50; 11|30.50; 12|5.25; 13|7.00",
            ),
            (
                "SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id, 1, 0) OVER (ORDER BY id) FROM dbo.customer",
                "1|NULL|2; 2|1|3; 3|2|4; 4|3|0",
            ),
            (
                "SELECT id, NTILE(3) OVER (ORDER BY id) FROM dbo.customer",
                "1|1; 2|1; 3|2; 4|3",
            ),
            (
                "SELECT id, FIRST_VALUE(id) OVER (ORDER BY id), LAST_VALUE(id) OVER (ORDER BY id) FROM dbo.customer",
                "1|1|1; 2|1|2; 3|1|3; 4|1|4",
            ),
            (
                "SELECT customer, SUM(SUM(amount)) OVER () FROM dbo.invoice GROUP BY customer ORDER BY 1",
                "NULL|42.75; 1|42.75; 2|42.75",
            ),
            (
                "SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM dbo.customer",
                "1; 3; 5; 7",
            ),
            (
                "SELECT id FROM dbo.customer WHERE ROW_NUMBER() OVER (ORDER BY id) = 1",
                "!4108",
            ),
            ("SELECT ROW_NUMBER() OVER () FROM dbo.customer", "!4112"),
        ],
    );
}

#[test]
fn json_in_and_out() {
    check(
        SHOP,
        &[
            (
                "SELECT id, name FROM dbo.customer WHERE id < 3 ORDER BY id FOR JSON PATH",
                r#"[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"}]"#,
            ),
            (
                "SELECT 1 AS [a.b], 'x' AS [a.c] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER",
                r#"{"a":{"b":1,"c":"x"}}"#,
            ),
            (
                r#"SELECT JSON_VALUE('{"a":{"b":[1,"two"]}}', '$.a.b[1]')"#,
                "two",
            ),
            (
                r#"SELECT JSON_QUERY('{"a":{"b":[1, 2]}}', '$.a')"#,
                r#"{"b":[1, 2]}"#,
            ),
            ("SELECT ISJSON('{}'), ISJSON('x')", "1|0"),
            (
                r#"SELECT [key], value, type FROM OPENJSON('{"a":1,"b":"x"}')"#,
                "a|1|2; b|x|1",
            ),
            (
                r#"SELECT a, b FROM OPENJSON('[{"a":1,"b":"x"},{"a":2}]') WITH (a int, b nvarchar(10) '$.b')"#,
                "1|x; 2|NULL",
            ),
            ("SELECT value FROM STRING_SPLIT('a,b', ',')", "a; b"),
        ],
    );
}

#[test]
fn hostile_queries_end_with_an_error() {
    let mut rows: Vec<(String, &str)> = Vec::new();
    let many = "SELECT TOP 1000 0 AS n FROM dbo.customer a, dbo.customer b, dbo.customer c, dbo.customer d, dbo.customer e";
    rows.push((
        format!("SELECT id INTO dbo.many FROM (SELECT 1 AS id) x; INSERT dbo.many {many}"),
        "",
    ));
    rows.push((
        "SELECT COUNT(*) FROM dbo.many a, dbo.many b, dbo.many c, dbo.many d, dbo.many e WHERE a.id + b.id + c.id + d.id + e.id = -1".to_owned(),
        "!2000000001",
    ));
    let chain: Vec<String> = (1..20)
        .map(|i| format!("c{i} AS (SELECT a.x FROM c{} a, c{} b)", i - 1, i - 1))
        .collect();
    rows.push((
        format!(
            "WITH c0 AS (SELECT 1 AS x), {} SELECT * FROM c19",
            chain.join(", ")
        ),
        "!2000000001",
    ));
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), *b)).collect();
    check(SHOP, &rows);
}
