//! A connection string as ADO.NET writes it: `Server=tcp:host,1433;User Id=…;Password=…`.

use crate::endpoint::{Encryption, Endpoint, Login, Trust};

/// What is wrong with a connection string. Messages never quote values: one of them is a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionStringError {
    /// A part is no `keyword=value`.
    #[error("part {0} of the connection string is no keyword=value")]
    NotKeywordValue(usize),
    /// A quoted value does not end.
    #[error("the quoted value of {0} in the connection string does not end")]
    UnclosedQuote(String),
    /// A keyword that must be there is not.
    #[error("the connection string lacks {0}")]
    Missing(&'static str),
    /// A keyword whose meaning this tool does not know; silence would connect differently.
    #[error("the connection string has the unknown keyword {0}")]
    UnknownKeyword(String),
    /// A value that the keyword does not take.
    #[error("the value of {keyword} in the connection string is not valid: {expected}")]
    InvalidValue {
        /// Keyword.
        keyword: &'static str,
        /// What is taken.
        expected: &'static str,
    },
    /// Something that this tool does not do.
    #[error(
        "the connection string asks for {0}, which is not supported: use SQL authentication over TCP with a port"
    )]
    NotSupported(&'static str),
}

/// Reads a connection string. Without `Encrypt` everything is encrypted, as in current drivers.
pub fn parse_connection_string(text: &str) -> Result<(Endpoint, Login), ConnectionStringError> {
    let mut server = None;
    let mut user = None;
    let mut password = None;
    let mut encryption = Encryption::All;
    let mut trust = Trust::System;
    for (keyword, value) in pairs(text)? {
        let folded: String = keyword
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_lowercase();
        match folded.as_str() {
            "server" | "datasource" | "address" | "addr" | "networkaddress" => server = Some(value),
            "userid" | "uid" | "user" => user = Some(value),
            "password" | "pwd" => password = Some(value),
            "encrypt" => {
                encryption = match value.to_lowercase().as_str() {
                    "true" | "yes" | "mandatory" => Encryption::All,
                    "false" | "no" | "optional" => Encryption::Login,
                    "strict" => {
                        return Err(ConnectionStringError::NotSupported("Encrypt=strict"));
                    }
                    _ => {
                        return Err(ConnectionStringError::InvalidValue {
                            keyword: "Encrypt",
                            expected: "expected true or false",
                        });
                    }
                }
            }
            "trustservercertificate" => {
                trust = match value.to_lowercase().as_str() {
                    "true" | "yes" => Trust::Any,
                    "false" | "no" => Trust::System,
                    _ => {
                        return Err(ConnectionStringError::InvalidValue {
                            keyword: "TrustServerCertificate",
                            expected: "expected true or false",
                        });
                    }
                }
            }
            "servercertificate" | "trustservercertificateca" => {
                trust = Trust::Authority(value.into());
            }
            "integratedsecurity" | "trusted_connection" => {
                if !matches!(value.to_lowercase().as_str(), "false" | "no") {
                    return Err(ConnectionStringError::NotSupported(
                        "Windows authentication",
                    ));
                }
            }
            "authentication" => {
                if !value.eq_ignore_ascii_case("SqlPassword") {
                    return Err(ConnectionStringError::NotSupported("that authentication"));
                }
            }
            // The run connects to the databases that it makes; these change nothing of it.
            "database"
            | "initialcatalog"
            | "applicationname"
            | "app"
            | "connecttimeout"
            | "connectiontimeout"
            | "timeout"
            | "commandtimeout"
            | "pooling"
            | "maxpoolsize"
            | "minpoolsize"
            | "multipleactiveresultsets"
            | "persistsecurityinfo"
            | "workstationid"
            | "packetsize"
            | "applicationintent" => {}
            _ => return Err(ConnectionStringError::UnknownKeyword(keyword)),
        }
    }
    let server = server.ok_or(ConnectionStringError::Missing("Server"))?;
    let (host, port) = address(&server)?;
    let name = user.ok_or(ConnectionStringError::Missing("User Id"))?;
    let password = password.ok_or(ConnectionStringError::Missing("Password"))?;
    Ok((
        Endpoint {
            host,
            port,
            encryption,
            trust,
        },
        Login { name, password },
    ))
}

fn address(server: &str) -> Result<(String, u16), ConnectionStringError> {
    let server = server.trim();
    let without_protocol = match server.split_once(':') {
        Some((protocol, rest)) if protocol.eq_ignore_ascii_case("tcp") => rest,
        Some(("np" | "lpc" | "admin", _)) => {
            return Err(ConnectionStringError::NotSupported(
                "another protocol than TCP",
            ));
        }
        _ => server,
    };
    let (host, port) = match without_protocol.split_once(',') {
        Some((host, port)) => {
            let port = port
                .trim()
                .parse()
                .map_err(|_| ConnectionStringError::InvalidValue {
                    keyword: "Server",
                    expected: "expected host,port with a port from 1 to 65535",
                })?;
            (host.trim(), port)
        }
        None => (without_protocol.trim(), 1433),
    };
    if host.contains('\\') {
        return Err(ConnectionStringError::NotSupported("a named instance"));
    }
    let host = match host {
        "." | "(local)" | "" => "localhost",
        other => other,
    };
    Ok((host.to_owned(), port))
}

/// Splits into keywords and values; values may be quoted, and a doubled quote stands for itself.
fn pairs(text: &str) -> Result<Vec<(String, String)>, ConnectionStringError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(';') {
            rest = after.trim_start();
            continue;
        }
        let Some((keyword, after)) = rest.split_once('=') else {
            return Err(ConnectionStringError::NotKeywordValue(pairs.len() + 1));
        };
        let keyword = keyword.trim().to_owned();
        if keyword.is_empty() || keyword.contains(';') {
            return Err(ConnectionStringError::NotKeywordValue(pairs.len() + 1));
        }
        let after = after.trim_start();
        match after.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut value = String::new();
                let mut characters = after[1..].char_indices().peekable();
                let end = loop {
                    match characters.next() {
                        None => return Err(ConnectionStringError::UnclosedQuote(keyword)),
                        Some((at, c)) if c == quote => {
                            if characters.next_if(|(_, next)| *next == quote).is_some() {
                                value.push(quote);
                            } else {
                                break at + 2;
                            }
                        }
                        Some((_, c)) => value.push(c),
                    }
                };
                pairs.push((keyword, value));
                rest = after[end..].trim_start();
                if !rest.is_empty() && !rest.starts_with(';') {
                    return Err(ConnectionStringError::NotKeywordValue(pairs.len()));
                }
            }
            _ => {
                let end = after.find(';').unwrap_or(after.len());
                pairs.push((keyword, after[..end].trim().to_owned()));
                rest = &after[end..];
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::{ConnectionStringError, parse_connection_string};
    use crate::endpoint::{Encryption, Endpoint, Login, Trust};

    #[test]
    fn what_current_drivers_accept_is_understood() {
        for (text, host, port, encryption, trust, password) in [
            (
                "Server=tcp:db.example,14330;User Id=sa;Password=p;Encrypt=false;TrustServerCertificate=true",
                "db.example",
                14330,
                Encryption::Login,
                Trust::Any,
                "p",
            ),
            (
                "data source=.;uid=sa;pwd='a;b''c';",
                "localhost",
                1433,
                Encryption::All,
                Trust::System,
                "a;b'c",
            ),
            (
                "Server = h ; User ID = sa ; Password = \"x=y\" ; Database=master",
                "h",
                1433,
                Encryption::All,
                Trust::System,
                "x=y",
            ),
        ] {
            assert_eq!(
                parse_connection_string(text),
                Ok((
                    Endpoint {
                        host: host.into(),
                        port,
                        encryption,
                        trust
                    },
                    Login {
                        name: "sa".into(),
                        password: password.into()
                    },
                )),
                "{text}"
            );
        }
    }

    #[test]
    fn what_would_connect_differently_is_refused() {
        for (text, expected) in [
            (
                "Server=h;User Id=sa",
                ConnectionStringError::Missing("Password"),
            ),
            (
                "User Id=sa;Password=p",
                ConnectionStringError::Missing("Server"),
            ),
            (
                "Server=h;User Id=sa;Password=p;Encript=true",
                ConnectionStringError::UnknownKeyword("Encript".into()),
            ),
            (
                "Server=h\\SQLEXPRESS;User Id=sa;Password=p",
                ConnectionStringError::NotSupported("a named instance"),
            ),
            (
                "Server=h;Integrated Security=SSPI",
                ConnectionStringError::NotSupported("Windows authentication"),
            ),
            ("Server=h;oops", ConnectionStringError::NotKeywordValue(2)),
            (
                "Server=h;Password='p",
                ConnectionStringError::UnclosedQuote("Password".into()),
            ),
        ] {
            assert_eq!(parse_connection_string(text), Err(expected), "{text}");
        }
    }
}
