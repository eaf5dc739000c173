//! One connection to the server, as one login.

use std::time::Duration;

use futures_util::TryStreamExt;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, QueryItem, ToSql};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::error::StoreError;
use super::row::Row;
use super::statement::Params;
use crate::options::{Login, SqlServer};

/// For the whole answer to one statement.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Connection {
    client: Client<Compat<TcpStream>>,
    /// Set while an answer is read: whoever is dropped meanwhile leaves a connection whose next
    /// answer would be another's.
    pub(crate) midway: bool,
    /// Set between BEGIN and COMMIT.
    pub(crate) in_transaction: bool,
}

impl Connection {
    pub(crate) async fn open(
        server: &SqlServer,
        login: &Login,
        database: &str,
    ) -> Result<Self, StoreError> {
        let socket = TcpStream::connect((server.host.as_str(), server.port))
            .await
            .map_err(|_| StoreError::Unreachable)?;
        socket
            .set_nodelay(true)
            .map_err(|_| StoreError::Unreachable)?;
        let mut config = Config::new();
        config.host(&server.host);
        config.port(server.port);
        config.application_name("Reference ERP");
        config.authentication(AuthMethod::sql_server(&login.name, &login.password));
        config.database(database);
        config.encryption(EncryptionLevel::NotSupported);
        config.lossy_utf16_decoding(true);
        // The driver's own clock is a thread that is woken for every statement; see `within`.
        config.command_timeout(None);
        let client = Client::connect(config, socket.compat_write())
            .await
            .map_err(|_| StoreError::Unreachable)?;
        Ok(Self {
            client,
            midway: false,
            in_transaction: false,
        })
    }

    /// Runs a statement with parameters: all its result sets.
    pub(crate) async fn sets(
        &mut self,
        statement: &str,
        params: &Params,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let bound = params.bound();
        let bound: Vec<&dyn ToSql> = bound.iter().map(AsRef::as_ref).collect();
        self.midway = true;
        let outcome = within(async {
            match self.client.query(statement, &bound).await {
                Ok(stream) => collect(stream).await,
                Err(error) => Err(error.into()),
            }
        })
        .await;
        self.settle(outcome)
    }

    /// Runs a statement with parameters: how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: &str,
        params: &Params,
    ) -> Result<u64, StoreError> {
        let bound = params.bound();
        let bound: Vec<&dyn ToSql> = bound.iter().map(AsRef::as_ref).collect();
        self.midway = true;
        let outcome = within(async {
            let done = self.client.execute(statement, &bound).await?;
            Ok(done.total())
        })
        .await;
        self.settle(outcome)
    }

    /// Runs a batch as it stands, without parameters: all its result sets.
    pub(crate) async fn batch(&mut self, batch: &str) -> Result<Vec<Vec<Row>>, StoreError> {
        self.midway = true;
        let outcome = within(async {
            match self.client.simple_query(batch).await {
                Ok(stream) => collect(stream).await,
                Err(error) => Err(error.into()),
            }
        })
        .await;
        self.settle(outcome)
    }

    /// Runs a batch as it stands: all its result sets, until they hold so many rows, and whether
    /// there were more. Then the rest stays unread, and the connection is of no further use.
    pub(crate) async fn batch_of_at_most(
        &mut self,
        batch: &str,
        rows_max: usize,
    ) -> Result<(Vec<Vec<Row>>, bool), StoreError> {
        self.midway = true;
        let outcome = within(async {
            match self.client.simple_query(batch).await {
                Ok(stream) => collect_at_most(stream, rows_max).await,
                Err(error) => Err(error.into()),
            }
        })
        .await;
        let truncated = matches!(outcome, Ok((_, true)));
        let outcome = self.settle(outcome);
        self.midway |= truncated;
        outcome
    }

    fn settle<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        // After a refusal by the server the answer has been read to its end.
        self.midway = matches!(outcome, Err(StoreError::Lost));
        outcome
    }
}

/// An answer that does not come is lost, and the connection with it.
async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(ANSWER_WAIT, work)
        .await
        .unwrap_or(Err(StoreError::Lost))
}

async fn collect(stream: tiberius::QueryStream<'_>) -> Result<Vec<Vec<Row>>, StoreError> {
    let (sets, _) = collect_at_most(stream, usize::MAX).await?;
    Ok(sets)
}

/// Where the number of rows is limited, so is what they hold.
const BYTES_MAX: usize = 4 * 1024 * 1024;

async fn collect_at_most(
    mut stream: tiberius::QueryStream<'_>,
    rows_max: usize,
) -> Result<(Vec<Vec<Row>>, bool), StoreError> {
    let (mut rows, mut bytes) = (0, 0);
    let mut sets = Vec::new();
    let mut refused = None;
    loop {
        match stream.try_next().await {
            Ok(None) => break,
            Ok(Some(QueryItem::Metadata(_))) if sets.len() == rows_max => return Ok((sets, true)),
            Ok(Some(QueryItem::Metadata(_))) => sets.push(Vec::new()),
            Ok(Some(QueryItem::Row(_))) if rows == rows_max || bytes > BYTES_MAX => {
                return Ok((sets, true));
            }
            Ok(Some(QueryItem::Row(row))) => {
                let row = Row::read(&row);
                rows += 1;
                if rows_max < usize::MAX {
                    bytes += row.size();
                }
                if let Some(set) = sets.last_mut() {
                    set.push(row);
                }
            }
            Err(error) => match StoreError::from(error) {
                StoreError::Lost => return Err(StoreError::Lost),
                // The first refusal says why; what follows says that the batch ended.
                error => {
                    refused.get_or_insert(error);
                }
            },
        }
    }
    refused.map_or(Ok((sets, false)), Err)
}
