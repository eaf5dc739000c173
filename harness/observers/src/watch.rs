//! The watch over every table and catalog: hashes first, rows where a hash differs.

use std::collections::BTreeMap;
use std::ops::Range;

use connection::Connection;
use domain::history::{Fingerprints, Response, ResultSet, Touched};
use domain::surface::{Cell, Column, Surface, Table};

use crate::contents::{Contents, Place, Reading};
use crate::error::WatchError;
use crate::facts::{CHEAP_IN_DATABASE, CHEAP_ON_SERVER, FULL_IN_DATABASE, FULL_ON_SERVER, lines};

/// How thoroughly tables are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// `CHECKSUM_AGG(BINARY_CHECKSUM(*))`: on the embedded server a figure that is kept with the
    /// table, and free. A real server's checksum is weak: two changes can cancel each other out.
    Checksums,
    /// SHA-256 of every row, for real servers.
    Digests,
}

/// What is watched, and the batches that do it.
#[derive(Debug, Clone)]
pub struct Watch {
    /// One for each branch of the fingerprint query, by number.
    branches: Vec<Branch>,
    places: Vec<Watched>,
    batches: Vec<Batch>,
}

/// The fingerprint query of one database, or a part of it.
#[derive(Debug, Clone)]
struct Batch {
    /// The database; empty for the server's own catalog.
    database: String,
    /// The branches in it, by number.
    branches: Range<usize>,
    text: String,
}

#[derive(Debug, Clone)]
struct Branch {
    /// Position in `places`.
    place: usize,
    query: String,
}

#[derive(Debug, Clone)]
struct Watched {
    place: Place,
    /// Key among the fingerprints.
    key: String,
    /// Reads the table in full; catalogs have questions of their own.
    full: String,
}

/// A real server's optimiser takes long over more.
const BRANCHES_PER_BATCH_MAX: usize = 500;

/// Tables that one batch reads: so many answers are held at once.
const TABLES_PER_BATCH_MAX: usize = 20;

/// Rows of one table that a full reading takes.
const ROWS_READ_MAX: usize = 100_000;

/// The names under which two takes differ, in order.
pub fn changed(before: &Fingerprints, after: &Fingerprints) -> Vec<String> {
    let mut names: Vec<String> = before
        .iter()
        .filter(|(name, hash)| after.get(*name) != Some(*hash))
        .map(|(name, _)| name.clone())
        .collect();
    names.extend(
        after
            .keys()
            .filter(|name| !before.contains_key(*name))
            .cloned(),
    );
    names.sort();
    names
}

impl Watch {
    /// Watches every table and catalog of `surface`, and the server's own catalog.
    pub fn new(surface: &Surface, depth: Depth) -> Self {
        let mut watch = Self {
            branches: Vec::new(),
            places: Vec::new(),
            batches: Vec::new(),
        };
        for database in &surface.databases {
            for (object, table) in &database.tables {
                let from = format!("{}.{}", quote(&database.name), quoted_table(table));
                let place = watch.place(&database.name, object, full_query(&from, table));
                let number = watch.branches.len();
                watch.branches.push(Branch {
                    place,
                    query: cheap_query(number, &from, table, depth),
                });
            }
            let place = watch.place(&database.name, "", String::new());
            for (view, columns, filter) in CHEAP_IN_DATABASE {
                let from = format!("{}.sys.{view}", quote(&database.name));
                watch.catalog_branch(place, &from, columns, filter);
            }
        }
        let place = watch.place("", "", String::new());
        for (view, columns, filter) in CHEAP_ON_SERVER {
            watch.catalog_branch(place, &format!("sys.{view}"), columns, filter);
        }
        watch.batches = watch.batches_by_database();
        watch
    }

    /// One query for each database, so that those which nobody touched need not be asked.
    fn batches_by_database(&self) -> Vec<Batch> {
        let database_of = |branch: &Branch| self.places[branch.place].place.database.as_str();
        let mut batches = Vec::new();
        let mut first = 0;
        for same in self
            .branches
            .chunk_by(|a, b| database_of(a) == database_of(b))
        {
            for part in same.chunks(BRANCHES_PER_BATCH_MAX) {
                let queries: Vec<&str> = part.iter().map(|b| b.query.as_str()).collect();
                batches.push(Batch {
                    database: database_of(&part[0]).to_owned(),
                    branches: first..first + part.len(),
                    text: queries.join("\nUNION ALL "),
                });
                first += part.len();
            }
        }
        batches
    }

    fn place(&mut self, database: &str, table: &str, full: String) -> usize {
        let key = match (database, table) {
            ("", _) => "server catalog".to_owned(),
            (database, "") => format!("{database} catalog"),
            (database, table) => format!("{database} {table}"),
        };
        let place = Place {
            database: database.to_owned(),
            table: table.to_owned(),
        };
        self.places.push(Watched { place, key, full });
        self.places.len() - 1
    }

    fn catalog_branch(&mut self, place: usize, from: &str, columns: &str, filter: &str) {
        let number = self.branches.len();
        let filter = if filter.is_empty() {
            String::new()
        } else {
            format!(" WHERE {filter}")
        };
        let query = format!(
            "SELECT {number}, COUNT_BIG(*), CHECKSUM_AGG(BINARY_CHECKSUM({columns})) FROM {from}{filter}"
        );
        self.branches.push(Branch { place, query });
    }

    /// Hashes everything. A table that cannot be read has its error for a hash.
    ///
    /// `administrator` may be in any database, and stays there.
    pub async fn take(&self, administrator: &mut Connection) -> Result<Fingerprints, WatchError> {
        self.take_where(administrator, |_| true).await
    }

    /// Hashes what was touched anew (`""` is the server's own catalog) and keeps what `last` says
    /// of the rest.
    pub async fn take_again(
        &self,
        administrator: &mut Connection,
        last: &Fingerprints,
        touched: &BTreeMap<String, Touched>,
    ) -> Result<Fingerprints, WatchError> {
        let is_whole = |database: &str| touched.get(database) == Some(&Touched::Everything);
        let mut taken = last.clone();
        taken.extend(self.take_where(administrator, is_whole).await?);
        let numbers: Vec<usize> = (0..self.branches.len())
            .filter(|number| {
                let place = &self.places[self.branches[*number].place].place;
                match touched.get(&place.database) {
                    Some(Touched::Contents(names)) => names.contains(&place.table),
                    _ => false,
                }
            })
            .collect();
        for part in numbers.chunks(BRANCHES_PER_BATCH_MAX) {
            let mut hashes = vec![String::new(); self.places.len()];
            let queries: Vec<&str> = part
                .iter()
                .map(|n| self.branches[*n].query.as_str())
                .collect();
            let together = queries.join("\nUNION ALL ");
            self.ask_branches(administrator, &together, part, &mut hashes)
                .await?;
            taken.extend(part.iter().map(|number| {
                let place = self.branches[*number].place;
                (self.places[place].key.clone(), hashes[place].clone())
            }));
        }
        Ok(taken)
    }

    async fn take_where(
        &self,
        administrator: &mut Connection,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Fingerprints, WatchError> {
        let mut hashes: Vec<String> = vec![String::new(); self.places.len()];
        for batch in self.batches.iter().filter(|batch| wanted(&batch.database)) {
            let numbers: Vec<usize> = batch.branches.clone().collect();
            self.ask_branches(administrator, &batch.text, &numbers, &mut hashes)
                .await?;
        }
        let asked = self.places.iter().zip(hashes);
        let asked = asked.filter(|(watched, _)| wanted(&watched.place.database));
        Ok(asked
            .map(|(watched, hash)| (watched.key.clone(), hash))
            .collect())
    }

    /// Asks several branches together, and each alone when that fails: one table that is gone
    /// spoils the whole query.
    async fn ask_branches(
        &self,
        administrator: &mut Connection,
        together: &str,
        numbers: &[usize],
        hashes: &mut [String],
    ) -> Result<(), WatchError> {
        let doing = "take fingerprints";
        let response = ask(administrator, doing, together).await?;
        if response.errors.is_empty() {
            self.note(&response, hashes);
            return Ok(());
        }
        for number in numbers {
            let branch = &self.branches[*number];
            let response = ask(administrator, doing, &branch.query).await?;
            match response.first_error() {
                None => self.note(&response, hashes),
                // A question of ours that the server cannot read would hash to the same error
                // for ever and see nothing: that is no observation.
                Some(error)
                    if self.places[branch.place].place.table.is_empty()
                        && is_misunderstood(error.number) =>
                {
                    return Err(WatchError::Refused {
                        doing: format!("take the fingerprint {:?}", branch.query),
                        number: error.number,
                        text: error.text.clone(),
                    });
                }
                Some(error) => {
                    hashes[branch.place].push_str(&format!("error {};", error.number));
                }
            }
        }
        Ok(())
    }

    fn note(&self, response: &Response, hashes: &mut [String]) {
        for row in response.results.iter().flat_map(|set| &set.rows) {
            let [Cell::Integer(number), count, checksum] = row.as_slice() else {
                continue;
            };
            let Some(branch) = usize::try_from(*number)
                .ok()
                .and_then(|n| self.branches.get(n))
            else {
                continue;
            };
            let hash = &mut hashes[branch.place];
            for cell in [count, checksum] {
                match cell {
                    Cell::Integer(value) => hash.push_str(&format!("{value:x},")),
                    Cell::Text(value) => hash.push_str(&format!("{value},")),
                    _ => hash.push_str("-,"),
                }
            }
        }
    }

    /// Reads everything in full.
    pub async fn read_all(&self, administrator: &mut Connection) -> Result<Contents, WatchError> {
        self.read_places(administrator, |_| true).await
    }

    /// Reads in full what goes by these names in fingerprints; see [`changed`].
    pub async fn read(
        &self,
        administrator: &mut Connection,
        names: &[String],
    ) -> Result<Contents, WatchError> {
        self.read_places(administrator, |watched| names.contains(&watched.key))
            .await
    }

    async fn read_places(
        &self,
        administrator: &mut Connection,
        wanted: impl Fn(&Watched) -> bool,
    ) -> Result<Contents, WatchError> {
        let mut contents = Contents::default();
        let wanted = self.places.iter().filter(|watched| wanted(watched));
        let (tables, catalogs): (Vec<&Watched>, Vec<&Watched>) =
            wanted.partition(|watched| !watched.place.table.is_empty());
        for part in tables.chunks(TABLES_PER_BATCH_MAX) {
            let readings = read_tables(administrator, part).await?;
            let places = part.iter().map(|watched| watched.place.clone());
            contents.places.extend(places.zip(readings));
        }
        for watched in catalogs {
            let place = &watched.place;
            let reading = if place.database.is_empty() {
                facts(administrator, "master", &FULL_ON_SERVER).await?
            } else {
                facts(administrator, &place.database, &FULL_IN_DATABASE).await?
            };
            contents.places.insert(place.clone(), reading);
        }
        Ok(contents)
    }
}

/// Reads several tables together, and each alone when that fails: one that is gone ends the batch.
async fn read_tables(
    administrator: &mut Connection,
    tables: &[&Watched],
) -> Result<Vec<Reading>, WatchError> {
    let doing = "read tables";
    let queries: Vec<&str> = tables.iter().map(|watched| watched.full.as_str()).collect();
    let together = ask(administrator, doing, &queries.join(";\n")).await?;
    if together.errors.is_empty() && together.results.len() == tables.len() {
        return Ok(together.results.into_iter().map(of_set).collect());
    }
    let mut readings = Vec::with_capacity(tables.len());
    for query in queries {
        readings.push(rows(ask(administrator, doing, query).await?));
    }
    Ok(readings)
}

async fn facts(
    administrator: &mut Connection,
    database: &str,
    questions: &[crate::facts::FullQuestion],
) -> Result<Reading, WatchError> {
    let doing = "read a catalog";
    let entered = ask(administrator, doing, &format!("USE {}", quote(database))).await?;
    if let Some(error) = entered.first_error() {
        return Ok(Reading::Unreadable(format!(
            "error {}: {}",
            error.number, error.text
        )));
    }
    let batch: Vec<&str> = questions.iter().map(|question| question.batch).collect();
    let response = ask(administrator, doing, &batch.join(";\n")).await?;
    ask(administrator, doing, "USE master").await?;
    if let Some(error) = response.first_error() {
        let (number, text) = (error.number, error.text.clone());
        return Err(WatchError::Refused {
            doing: format!("{doing} of {database}"),
            number,
            text,
        });
    }
    Ok(Reading::Facts(lines(questions, &response.results)))
}

/// Syntax, unknown columns and types, unsupported constructs: the question was wrong, whatever
/// was attacked.
fn is_misunderstood(number: i32) -> bool {
    matches!(number, 102 | 156 | 207 | 402 | 8117) || number >= 2_000_000_000
}

fn rows(response: Response) -> Reading {
    if let Some(error) = response.first_error() {
        return Reading::Unreadable(format!("error {}: {}", error.number, error.text));
    }
    match response.results.into_iter().next() {
        Some(set) => of_set(set),
        None => Reading::Unreadable("no result set".to_owned()),
    }
}

fn of_set(set: ResultSet) -> Reading {
    match set.rows_dropped {
        0 => Reading::Rows(set.rows),
        _ => Reading::Unreadable(format!("more than {ROWS_READ_MAX} rows")),
    }
}

async fn ask(
    administrator: &mut Connection,
    doing: &str,
    batch: &str,
) -> Result<Response, WatchError> {
    let response = administrator.run_with_limit(batch, ROWS_READ_MAX).await;
    match response.lost {
        Some(loss) => Err(WatchError::Lost {
            doing: doing.to_owned(),
            loss,
        }),
        None => Ok(response),
    }
}

fn cheap_query(number: usize, from: &str, table: &Table, depth: Depth) -> String {
    let hash = match depth {
        Depth::Checksums if table.columns.iter().all(is_checksummed) => {
            "BINARY_CHECKSUM(*)".to_owned()
        }
        Depth::Checksums => {
            let columns: Vec<String> = table.columns.iter().map(checksummed).collect();
            format!("BINARY_CHECKSUM({})", columns.join(", "))
        }
        Depth::Digests => {
            // Each value is preceded by a sign of its presence, so that NULL and the empty
            // string differ and values cannot move from one column to the next unseen.
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|column| {
                    let name = quote(&column.name);
                    let text = as_text(column);
                    format!("IIF({name} IS NULL, N'-', N'+'), {text}")
                })
                .collect();
            // CONCAT takes at most 254 arguments; each column here makes three.
            let parts: Vec<String> = columns
                .chunks(80)
                .map(|chunk| format!("CONCAT({}, N'|')", chunk.join(", N'|', ")))
                .collect();
            let whole = parts.join(" + ");
            format!("CAST(SUBSTRING(HASHBYTES('SHA2_256', {whole}), 1, 4) AS int)")
        }
    };
    format!("SELECT {number}, COUNT_BIG(*), CHECKSUM_AGG({hash}) FROM {from}")
}

/// BINARY_CHECKSUM passes these over, or refuses them.
fn is_checksummed(column: &Column) -> bool {
    !matches!(
        column.data_type.as_str(),
        "xml"
            | "text"
            | "ntext"
            | "image"
            | "geography"
            | "geometry"
            | "hierarchyid"
            | "sql_variant"
    )
}

fn checksummed(column: &Column) -> String {
    if is_checksummed(column) {
        quote(&column.name)
    } else {
        as_text(column)
    }
}

fn as_text(column: &Column) -> String {
    let name = quote(&column.name);
    match column.data_type.as_str() {
        "image" => format!("CONVERT(nvarchar(max), CAST({name} AS varbinary(max)), 1)"),
        "binary" | "varbinary" | "timestamp" => format!("CONVERT(nvarchar(max), {name}, 1)"),
        "geography" | "geometry" | "hierarchyid" => format!("{name}.ToString()"),
        // Style 126 and 3 keep every digit that the default would round away.
        "datetime" | "smalldatetime" | "datetime2" | "datetimeoffset" | "date" | "time" => {
            format!("CONVERT(nvarchar(max), {name}, 126)")
        }
        "float" | "real" => format!("CONVERT(nvarchar(max), {name}, 3)"),
        "money" | "smallmoney" => format!("CONVERT(nvarchar(max), {name}, 2)"),
        _ => format!("CAST({name} AS nvarchar(max))"),
    }
}

fn full_query(from: &str, table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| quote(&column.name))
        .collect();
    format!("SELECT {} FROM {from}", columns.join(", "))
}

fn quoted_table(table: &Table) -> String {
    format!("{}.{}", quote(&table.schema), quote(&table.name))
}

fn quote(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

#[cfg(test)]
mod tests {
    use domain::history::Fingerprints;
    use domain::surface::{Column, Database, Surface, Table};

    use super::{BRANCHES_PER_BATCH_MAX, Batch, Depth, Watch, changed};

    fn column(name: &str, data_type: &str) -> Column {
        Column {
            name: name.into(),
            data_type: data_type.into(),
            length_max: 4,
            nullable: false,
            identity: false,
            generated: false,
            has_default: false,
        }
    }

    fn surface(tenants: usize, tables: usize, columns: &[(&str, &str)]) -> Surface {
        let table = |name: String| Table {
            schema: "dbo".into(),
            name,
            columns: columns
                .iter()
                .map(|(name, kind)| column(name, kind))
                .collect(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
            temporal: Default::default(),
            rows: Vec::new(),
        };
        let database = |tenant: usize| Database {
            name: format!("wt_{tenant}"),
            tenant: None,
            tables: (0..tables)
                .map(|t| (format!("dbo.T{t}"), table(format!("T{t}"))))
                .collect(),
            modules: Default::default(),
            principals: Default::default(),
            schemas: vec!["dbo".into()],
            session_keys: Vec::new(),
        };
        Surface {
            databases: (0..tenants).map(database).collect(),
            ..Surface::default()
        }
    }

    #[test]
    fn batches_stay_within_the_limit() {
        for (tenants, tables, batches) in [(64, 14, 65), (1, 1_200, 4)] {
            let watch = Watch::new(&surface(tenants, tables, &[("a", "int")]), Depth::Checksums);
            assert_eq!(watch.batches.len(), batches);
            let within = |batch: &Batch| batch.branches.len() <= BRANCHES_PER_BATCH_MAX;
            assert!(watch.batches.iter().all(within));
            let asked: usize = watch.batches.iter().map(|batch| batch.branches.len()).sum();
            assert_eq!(asked, watch.branches.len());
        }
        let watch = Watch::new(&surface(1, 2, &[("a", "int")]), Depth::Checksums);
        assert!(watch.batches[0].text.starts_with(
            "SELECT 0, COUNT_BIG(*), CHECKSUM_AGG(BINARY_CHECKSUM(*)) FROM [wt_0].[dbo].[T0]\nUNION ALL SELECT 1,"
        ));
    }

    #[test]
    fn columns_that_have_no_checksum_are_cast() {
        let columns = [("id", "int"), ("x", "xml"), ("b", "image")];
        let watch = Watch::new(&surface(1, 1, &columns), Depth::Checksums);
        assert!(
            watch.batches[0].text.contains(
                "BINARY_CHECKSUM([id], CAST([x] AS nvarchar(max)), CONVERT(nvarchar(max), CAST([b] AS varbinary(max)), 1))"
            ),
            "{:?}",
            watch.batches[0]
        );
    }

    #[test]
    fn what_differs_is_named_once_whichever_side_has_it() {
        let take = |pairs: &[(&str, &str)]| -> Fingerprints {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        for (before, after, expected) in [
            (take(&[("a", "1")]), take(&[("a", "1")]), vec![]),
            (
                take(&[("a", "1"), ("b", "2")]),
                take(&[("a", "2"), ("b", "2")]),
                vec!["a"],
            ),
            (take(&[("a", "1")]), take(&[("c", "1")]), vec!["a", "c"]),
        ] {
            assert_eq!(changed(&before, &after), expected);
        }
    }
}
