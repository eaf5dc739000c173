//! What the run made, written down on the server itself, so that the next run may remove it and
//! nothing else.

use connection::Connection;
use domain::surface::Cell;

use crate::error::ExecutorError;
use crate::quote;
use crate::target::Target;

/// A thing that a run makes outside its databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Database,
    Login,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Login => "login",
        }
    }
}

/// Name of the ledger's database.
pub(crate) fn database(marker: &str) -> String {
    format!("{marker}_watertight")
}

/// Runs a statement of the harness.
pub(crate) async fn tell(
    administrator: &mut Connection,
    doing: &str,
    batch: &str,
) -> Result<Vec<Vec<Cell>>, ExecutorError> {
    let response = administrator.run_with_limit(batch, usize::MAX).await;
    if let Some(loss) = response.lost {
        return Err(ExecutorError::Lost {
            doing: doing.to_owned(),
            loss,
        });
    }
    if let Some(error) = response.first_error() {
        return Err(ExecutorError::Refused {
            doing: doing.to_owned(),
            number: error.number,
            text: error.text.clone(),
        });
    }
    Ok(response
        .results
        .into_iter()
        .next()
        .map(|set| set.rows)
        .unwrap_or_default())
}

/// The first column as text.
pub(crate) fn names(rows: Vec<Vec<Cell>>) -> Vec<String> {
    rows.into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Cell::Text(name)) => Some(name),
            _ => None,
        })
        .collect()
}

/// The administrator's connection into a database, with patience for DDL on a real server.
pub(crate) async fn administrator(
    target: &Target,
    database: &str,
) -> Result<Connection, ExecutorError> {
    let mut waits = target.waits;
    waits.answer = waits.answer.max(std::time::Duration::from_secs(60));
    Connection::open(
        &target.endpoint,
        &target.administrator,
        Some(database),
        waits,
    )
    .await
    .map_err(|source| ExecutorError::NotConnected {
        database: database.to_owned(),
        source,
    })
}

/// User databases of the server.
pub(crate) async fn databases(
    administrator: &mut Connection,
) -> Result<Vec<String>, ExecutorError> {
    let batch = "SELECT name FROM sys.databases \
                 WHERE name NOT IN (N'master', N'tempdb', N'model', N'msdb') ORDER BY name";
    tell(administrator, "list the server's databases", batch)
        .await
        .map(names)
}

/// SQL logins of the server.
pub(crate) async fn logins(administrator: &mut Connection) -> Result<Vec<String>, ExecutorError> {
    let batch = "SELECT name FROM sys.server_principals WHERE type = 'S' ORDER BY name";
    tell(administrator, "list the server's logins", batch)
        .await
        .map(names)
}

/// What earlier runs recorded; `None` when there is no ledger.
pub(crate) async fn read(
    administrator: &mut Connection,
    marker: &str,
    databases: &[String],
) -> Result<Option<Vec<(Kind, String)>>, ExecutorError> {
    let ledger = database(marker);
    if !databases
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&ledger))
    {
        return Ok(None);
    }
    let batch = format!(
        "SELECT Kind, Name FROM {}.dbo.Created",
        quote::name(&ledger)
    );
    let rows = match tell(administrator, "read the ledger of earlier runs", &batch).await {
        Ok(rows) => rows,
        // A database of that name without our table was made by somebody else.
        Err(ExecutorError::Refused { .. }) => {
            return Err(ExecutorError::NotOurs {
                kind: Kind::Database.name(),
                name: ledger,
            });
        }
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for row in rows {
        if let [Cell::Text(kind), Cell::Text(name)] = row.as_slice() {
            let kind = match kind.as_str() {
                "login" => Kind::Login,
                _ => Kind::Database,
            };
            entries.push((kind, name.clone()));
        }
    }
    Ok(Some(entries))
}

/// Makes an empty ledger.
pub(crate) async fn create(
    administrator: &mut Connection,
    marker: &str,
) -> Result<(), ExecutorError> {
    let name = quote::name(&database(marker));
    let doing = "create the run's ledger";
    tell(administrator, doing, &format!("CREATE DATABASE {name}")).await?;
    tell(administrator, doing, &format!("USE {name}")).await?;
    let table = "CREATE TABLE dbo.Created (\
                 Kind varchar(20) NOT NULL, Name nvarchar(128) NOT NULL, \
                 CONSTRAINT PK_Created PRIMARY KEY (Kind, Name))";
    tell(administrator, doing, table).await?;
    tell(administrator, doing, "USE master").await.map(|_| ())
}

/// Writes down what is about to be made. Before, not after: what a run that is killed leaves
/// behind is in the ledger.
pub(crate) async fn record(
    administrator: &mut Connection,
    marker: &str,
    entries: &[(Kind, String)],
) -> Result<(), ExecutorError> {
    // A table value constructor takes at most 1,000 rows.
    for chunk in entries.chunks(500) {
        let rows: Vec<String> = chunk
            .iter()
            .map(|(kind, name)| format!("('{}', {})", kind.name(), quote::text(name)))
            .collect();
        let table = format!("{}.dbo.Created", quote::name(&database(marker)));
        let batch = format!(
            "INSERT INTO {table} (Kind, Name) VALUES {}",
            rows.join(", ")
        );
        tell(administrator, "write the run's ledger", &batch).await?;
    }
    Ok(())
}

/// Removes things that the ledger names, databases first. Those that are gone already are left.
pub(crate) async fn drop_recorded(
    administrator: &mut Connection,
    marker: &str,
    entries: &[(Kind, String)],
) -> Result<(), ExecutorError> {
    let databases = databases(administrator).await?;
    let logins = logins(administrator).await?;
    let has = |names: &[String], name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let mut entries = entries.to_vec();
    entries.sort();
    for (kind, name) in &entries {
        let quoted = quote::name(name);
        let doing = format!("drop {} {name} of an earlier run", kind.name());
        match kind {
            Kind::Database if has(&databases, name) => {
                let close =
                    format!("ALTER DATABASE {quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
                tell(administrator, &doing, &close).await?;
                tell(administrator, &doing, &format!("DROP DATABASE {quoted}")).await?;
            }
            Kind::Login if has(&logins, name) => {
                tell(administrator, &doing, &format!("DROP LOGIN {quoted}")).await?;
            }
            _ => {}
        }
    }
    let table = format!("{}.dbo.Created", quote::name(&database(marker)));
    tell(
        administrator,
        "empty the run's ledger",
        &format!("DELETE FROM {table}"),
    )
    .await?;
    Ok(())
}
