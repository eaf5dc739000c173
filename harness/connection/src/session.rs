//! A connection: opened once, then batch by batch, until it is lost.

use std::io::ErrorKind;
use std::time::Duration;

use domain::history::{Loss, Response, ResultSet, ServerMessage};
use futures_util::TryStreamExt;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, QueryItem};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use crate::cells::cell;
use crate::endpoint::{Endpoint, Login, Waits};
use crate::error::ConnectError;
use crate::tap::{Recording, Tap};
use crate::tls::{Channel, negotiate};
use crate::tokens::{self, Located};

/// Rows of one result set that are kept; the rest is counted.
pub const ROWS_RECORDED_MAX: usize = 200;

/// One open connection.
#[derive(Debug)]
pub struct Connection {
    client: Option<Client<Tap<Compat<Channel>>>>,
    recording: Recording,
    answer_wait: Duration,
    /// Of the last answer: the errors with their lines.
    errors: Vec<Located>,
}

/// What is kept of a result set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowLimit(usize);

impl Connection {
    /// Opens a connection, logs in and enters `database` (the login's default without one).
    pub async fn open(
        endpoint: &Endpoint,
        login: &Login,
        database: Option<&str>,
        waits: Waits,
    ) -> Result<Self, ConnectError> {
        match timeout(
            waits.connect,
            Self::connect(endpoint, login, database, waits),
        )
        .await
        {
            Ok(opened) => opened,
            Err(_) => Err(ConnectError::TimedOut {
                address: endpoint.to_string(),
                waited: waits.connect,
            }),
        }
    }

    async fn connect(
        endpoint: &Endpoint,
        login: &Login,
        database: Option<&str>,
        waits: Waits,
    ) -> Result<Self, ConnectError> {
        let not_reachable = |error: std::io::Error| ConnectError::NotReachable {
            address: endpoint.to_string(),
            reason: error.to_string(),
        };
        let socket = TcpStream::connect((endpoint.host.as_str(), endpoint.port))
            .await
            .map_err(not_reachable)?;
        socket.set_nodelay(true).map_err(not_reachable)?;
        let channel = negotiate(socket, endpoint)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => not_reachable(error),
                _ => ConnectError::Handshake {
                    address: endpoint.to_string(),
                    reason: error.to_string(),
                },
            })?;
        let (tap, recording) = Tap::new(channel.compat_write());
        let client = Client::connect(driver_settings(endpoint, login, database, waits), tap)
            .await
            .map_err(|error| refusal(endpoint, login, waits, error))?;
        Ok(Self {
            client: Some(client),
            recording,
            answer_wait: waits.answer,
            errors: Vec::new(),
        })
    }

    /// Runs one batch and records its answer, with at most [`ROWS_RECORDED_MAX`] rows of each
    /// result set.
    pub async fn run(&mut self, batch: &str) -> Response {
        self.answer(batch, RowLimit(ROWS_RECORDED_MAX)).await
    }

    /// Runs one batch and records at most `rows_max` rows of each result set.
    pub async fn run_with_limit(&mut self, batch: &str, rows_max: usize) -> Response {
        self.answer(batch, RowLimit(rows_max)).await
    }

    /// Whether another batch may be sent. A connection that was lost or timed out once is never
    /// used again: what it would answer next belongs to the batch before.
    pub fn is_usable(&self) -> bool {
        self.client.is_some()
    }

    /// The errors of the last answer with the lines that they speak of.
    pub fn located_errors(&self) -> &[Located] {
        &self.errors
    }

    async fn answer(&mut self, batch: &str, limit: RowLimit) -> Response {
        self.errors.clear();
        let mut response = Response::default();
        let Some(client) = &mut self.client else {
            response.lost = Some(Loss::NotConnected);
            return response;
        };
        self.recording.clear();
        let read = timeout(
            self.answer_wait,
            read_answer(client, batch, limit, &mut response),
        );
        let first_error = match read.await {
            Err(_) => {
                response.lost = Some(Loss::TimedOut);
                None
            }
            Ok(Ok(())) => None,
            Ok(Err(tiberius::error::Error::Server(error))) => Some(Located {
                message: server_message(&error),
                line: error.line(),
                procedure: error.procedure().to_owned(),
            }),
            Ok(Err(tiberius::error::Error::Io {
                kind: tiberius::error::IoErrorKind::TimedOut,
                ..
            })) => {
                response.lost = Some(Loss::TimedOut);
                None
            }
            Ok(Err(_)) => {
                response.lost = Some(Loss::ConnectionLost);
                None
            }
        };
        if response.lost.is_some() {
            self.client = None;
            return response;
        }
        match self.recording.with(tokens::facts) {
            Some(facts) => {
                response.errors = facts.errors.iter().map(|e| e.message.clone()).collect();
                response.messages = facts.messages.into_iter().map(|m| m.message).collect();
                response.rows_affected = facts.rows_affected;
                self.errors = facts.errors;
            }
            // An answer of a shape that the second reading does not know: the driver's word.
            None => {
                response.errors = first_error.iter().map(|e| e.message.clone()).collect();
                self.errors = first_error.into_iter().collect();
            }
        }
        // The server ends the connection after errors of severity 20 and above.
        if response.errors.iter().any(|error| error.severity >= 20) {
            self.client = None;
            response.lost = Some(Loss::ConnectionLost);
        }
        response
    }
}

async fn read_answer(
    client: &mut Client<Tap<Compat<Channel>>>,
    batch: &str,
    limit: RowLimit,
    response: &mut Response,
) -> Result<(), tiberius::error::Error> {
    let mut stream = client.simple_query(batch).await?;
    while let Some(item) = stream.try_next().await? {
        match item {
            QueryItem::Metadata(metadata) => response.results.push(ResultSet {
                columns: metadata
                    .columns()
                    .iter()
                    .map(|column| column.name().to_owned())
                    .collect(),
                ..ResultSet::default()
            }),
            QueryItem::Row(row) => {
                if let Some(set) = response.results.last_mut() {
                    if set.rows.len() < limit.0 {
                        let cells = row.cells();
                        set.rows
                            .push(cells.map(|(c, data)| cell(c.column_type(), data)).collect());
                    } else {
                        set.rows_dropped += 1;
                    }
                }
            }
        }
    }
    Ok(())
}

fn driver_settings(
    endpoint: &Endpoint,
    login: &Login,
    database: Option<&str>,
    waits: Waits,
) -> Config {
    let mut config = Config::new();
    config.host(&endpoint.host);
    config.port(endpoint.port);
    config.application_name("Watertight");
    config.authentication(AuthMethod::sql_server(&login.name, &login.password));
    if let Some(database) = database {
        config.database(database);
    }
    // What is encrypted was negotiated below the driver.
    config.encryption(EncryptionLevel::NotSupported);
    config.handshake_timeout(Some(waits.connect));
    // The driver's own clock is a thread that is woken for every batch; the wait for an answer is
    // bounded where it is read.
    config.command_timeout(None);
    // A hostile value that is no valid UTF-16 must not end the connection.
    config.lossy_utf16_decoding(true);
    config
}

fn server_message(error: &tiberius::error::TokenError) -> ServerMessage {
    ServerMessage {
        number: error.code().cast_signed(),
        severity: error.class(),
        state: error.state(),
        text: error.message().to_owned(),
    }
}

fn refusal(
    endpoint: &Endpoint,
    login: &Login,
    waits: Waits,
    error: tiberius::error::Error,
) -> ConnectError {
    let address = endpoint.to_string();
    match error {
        tiberius::error::Error::Server(error) => ConnectError::Refused {
            login: login.name.clone(),
            message: server_message(&error),
        },
        tiberius::error::Error::Io {
            kind: tiberius::error::IoErrorKind::TimedOut,
            ..
        } => ConnectError::TimedOut {
            address,
            waited: waits.connect,
        },
        tiberius::error::Error::Io { message, .. } => ConnectError::NotReachable {
            address,
            reason: message,
        },
        other => ConnectError::Handshake {
            address,
            reason: other.to_string(),
        },
    }
}
