-- FOR JSON AUTO: objects nest in the order in which tables appear in the select list.
-- session: sa@master
CREATE TABLE dbo.customer (id int PRIMARY KEY, name nvarchar(10));
CREATE TABLE dbo.invoice (id int PRIMARY KEY, customer int, total int);
CREATE TABLE dbo.line (id int PRIMARY KEY, invoice int, what nvarchar(10));
INSERT dbo.customer VALUES (1, N'a"b'), (2, N'c'), (3, NULL);
INSERT dbo.invoice VALUES (10, 1, 100), (11, 1, 200), (12, 2, 300);
INSERT dbo.line VALUES (100, 10, N'x'), (101, 10, N'y'), (102, 12, N'z');
GO
--> (Insert: 3 rows)
--> (Insert: 3 rows)
--> (Insert: 3 rows)
SELECT c.name, i.id, i.total FROM dbo.customer AS c JOIN dbo.invoice AS i ON i.customer = c.id ORDER BY c.id, i.id FOR JSON AUTO;
SELECT c.id, i.id AS number, l.what, LEN(l.what) AS n FROM dbo.customer AS c JOIN dbo.invoice AS i ON i.customer = c.id LEFT JOIN dbo.line AS l ON l.invoice = i.id ORDER BY c.id, i.id, l.id FOR JSON AUTO, ROOT('all');
SELECT c.id, i.total FROM dbo.customer AS c LEFT JOIN dbo.invoice AS i ON i.customer = c.id WHERE c.id > 1 ORDER BY c.id FOR JSON AUTO, INCLUDE_NULL_VALUES;
SELECT id, name FROM dbo.customer ORDER BY id FOR JSON AUTO, WITHOUT_ARRAY_WRAPPER;
GO
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
-->  [{"name":"a\"b","i":[{"id":10,"total":100},{"id":11,"total":200}]},{"name":"c","i":[{"id":12,"total":300}]}]
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
-->  {"all":[{"id":1,"i":[{"number":10,"l":[{"what":"x","n":1},{"what":"y","n":1}]},{"number":11,"l":[{}]}]},{"id":2,"i":[{"number":12,"l":[{"what":"z","n":1}]}]}]}
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
-->  [{"id":2,"i":[{"total":300}]},{"id":3,"i":[{"total":null}]}]
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
-->  {"id":1,"name":"a\"b"},{"id":2,"name":"c"},{"id":3}
SELECT c.id, i.id FROM dbo.customer AS c JOIN dbo.invoice AS i ON i.customer = c.id WHERE 1 = 0 FOR JSON AUTO;
GO
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
