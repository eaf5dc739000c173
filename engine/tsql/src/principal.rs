//! Logins, users and roles, and the `NAME = value` options that definitions share.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::lexer::TokenKind;

/// Options that follow PASSWORD without a comma.
const PASSWORD_WORDS: &[&str] = &["OLD_PASSWORD", "MUST_CHANGE", "UNLOCK"];

impl Cursor<'_> {
    // --- options ---------------------------------------------------------------------------

    /// `NAME`, `NAME = value` or `NAME value`.
    pub(crate) fn named_option(&mut self) -> Parse<(String, OptionValue)> {
        let name = self.any_word()?;
        let value = if self.accept_symbol("=") {
            self.option_value()?
        } else {
            OptionValue::None
        };
        Ok((name, value))
    }

    pub(crate) fn option_value(&mut self) -> Parse<OptionValue> {
        let value = match self.kind_at(self.at) {
            Some(TokenKind::Text(text) | TokenKind::NationalText(text)) => {
                OptionValue::Text(text.clone())
            }
            Some(TokenKind::Binary(digits)) => OptionValue::Binary(bytes_of(digits)),
            Some(TokenKind::Quoted(name, _)) => OptionValue::Word(name.clone()),
            Some(TokenKind::Word) => OptionValue::Word(self.source_of(self.at).to_owned()),
            Some(TokenKind::Number) | Some(TokenKind::Symbol("-" | "+")) => {
                return self.number().map(OptionValue::Number);
            }
            _ => return self.wrong(),
        };
        self.at += 1;
        Ok(value)
    }

    /// `WITH name = value, …`, behind WITH.
    fn options(&mut self) -> Parse<Vec<(String, OptionValue)>> {
        let mut options = Vec::new();
        loop {
            options.push(self.named_option()?);
            while self.sees_one_of(PASSWORD_WORDS) {
                options.push(self.named_option()?);
            }
            if self.sees("HASHED") {
                return self.unsupported("hashed passwords in ALTER");
            }
            if !self.accept_symbol(",") {
                return Ok(options);
            }
        }
    }

    fn optional_options(&mut self) -> Parse<Vec<(String, OptionValue)>> {
        if self.sees("WITH") && !self.begins_cte(self.at) {
            self.at += 1;
            return self.options();
        }
        Ok(Vec::new())
    }

    // --- logins ----------------------------------------------------------------------------

    pub(crate) fn create_login(&mut self) -> Parse<Create> {
        let name = self.identifier()?;
        if self.accept("FROM") {
            let source = self.external_source()?;
            let options = self.optional_options()?;
            return Ok(Create::Login {
                name,
                source: LoginSource::External(source),
                options,
            });
        }
        self.expect_all(&["WITH", "PASSWORD"])?;
        self.expect_symbol("=")?;
        let password = self.option_value()?;
        let hashed = self.accept("HASHED");
        let source = match password {
            OptionValue::Text(password) if !hashed => LoginSource::Password(password),
            OptionValue::Binary(hash) if hashed => LoginSource::Hashed(hash),
            _ => {
                self.at -= 1;
                return self.wrong();
            }
        };
        let mut options = Vec::new();
        while self.sees_one_of(PASSWORD_WORDS) {
            options.push(self.named_option()?);
        }
        if self.accept_symbol(",") {
            options.extend(self.options()?);
        }
        Ok(Create::Login {
            name,
            source,
            options,
        })
    }

    /// `WINDOWS`, `EXTERNAL PROVIDER`, `CERTIFICATE c`, `ASYMMETRIC KEY k`.
    fn external_source(&mut self) -> Parse<String> {
        if self.accept("WINDOWS") {
            return Ok("WINDOWS".to_owned());
        }
        if self.accept_all(&["EXTERNAL", "PROVIDER"]) {
            return Ok("EXTERNAL PROVIDER".to_owned());
        }
        if self.accept("CERTIFICATE") {
            return Ok(format!("CERTIFICATE {}", self.identifier()?));
        }
        if self.accept_all(&["ASYMMETRIC", "KEY"]) {
            return Ok(format!("ASYMMETRIC KEY {}", self.identifier()?));
        }
        self.wrong()
    }

    pub(crate) fn alter_login(&mut self) -> Parse<Alter> {
        let name = self.identifier()?;
        let enable = if self.accept("ENABLE") {
            Some(true)
        } else if self.accept("DISABLE") {
            Some(false)
        } else {
            None
        };
        if enable.is_some() {
            return Ok(Alter::Login {
                name,
                enable,
                options: Vec::new(),
            });
        }
        if self.sees_one_of(&["ADD", "DROP"]) && self.is_word(self.at + 1, "CREDENTIAL") {
            return self.unsupported("ALTER LOGIN … CREDENTIAL");
        }
        self.expect("WITH")?;
        let options = self.options()?;
        Ok(Alter::Login {
            name,
            enable,
            options,
        })
    }

    // --- users -----------------------------------------------------------------------------

    pub(crate) fn create_user(&mut self) -> Parse<Create> {
        let name = self.principal()?;
        let source = if self.sees_one_of(&["FOR", "FROM"]) {
            self.at += 1;
            if self.accept("LOGIN") {
                UserSource::Login(Some(self.identifier()?))
            } else if self.accept("CERTIFICATE") {
                UserSource::SigningKey {
                    asymmetric: false,
                    name: self.identifier()?,
                }
            } else if self.accept_all(&["ASYMMETRIC", "KEY"]) {
                UserSource::SigningKey {
                    asymmetric: true,
                    name: self.identifier()?,
                }
            } else {
                UserSource::Other(self.external_source()?)
            }
        } else if self.accept_all(&["WITHOUT", "LOGIN"]) {
            UserSource::WithoutLogin
        } else {
            UserSource::Login(None)
        };
        let mut options = self.optional_options()?;
        let password = options
            .iter()
            .position(|(name, value)| name == "PASSWORD" && matches!(value, OptionValue::Text(_)));
        let source = match (source, password) {
            (UserSource::Login(None), Some(position)) => match options.remove(position).1 {
                OptionValue::Text(password) => UserSource::Password(password),
                _ => UserSource::Login(None),
            },
            (source, _) => source,
        };
        Ok(Create::User {
            name,
            source,
            options,
        })
    }

    pub(crate) fn alter_user(&mut self) -> Parse<Alter> {
        let name = self.principal()?;
        self.expect("WITH")?;
        Ok(Alter::User {
            name,
            options: self.options()?,
        })
    }

    // --- roles -----------------------------------------------------------------------------

    /// A role's name and the owner that may follow it.
    pub(crate) fn role_and_owner(&mut self) -> Parse<(String, Option<String>)> {
        let name = self.principal()?;
        let owner = if self.accept("AUTHORIZATION") {
            Some(self.principal()?)
        } else {
            None
        };
        Ok((name, owner))
    }

    pub(crate) fn alter_role(&mut self, server: bool) -> Parse<Alter> {
        let name = self.principal()?;
        let change = if self.accept_all(&["ADD", "MEMBER"]) {
            RoleChange::AddMember(self.principal()?)
        } else if self.accept_all(&["DROP", "MEMBER"]) {
            RoleChange::DropMember(self.principal()?)
        } else {
            self.expect_all(&["WITH", "NAME"])?;
            self.expect_symbol("=")?;
            RoleChange::Rename(self.identifier()?)
        };
        Ok(Alter::Role {
            name,
            server,
            change,
        })
    }

    pub(crate) fn create_application_role(&mut self) -> Parse<Create> {
        let name = self.identifier()?;
        self.expect("WITH")?;
        Ok(Create::ApplicationRole {
            name,
            options: self.options()?,
        })
    }

    pub(crate) fn alter_application_role(&mut self) -> Parse<Alter> {
        let name = self.identifier()?;
        self.expect("WITH")?;
        Ok(Alter::ApplicationRole {
            name,
            options: self.options()?,
        })
    }
}

/// The bytes of hexadecimal digits; an odd first digit is a byte of its own, as in the server.
fn bytes_of(digits: &str) -> Vec<u8> {
    let nibbles: Vec<u8> = digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    let (odd, even) = nibbles.split_at(nibbles.len() % 2);
    odd.iter()
        .copied()
        .chain(even.chunks(2).map(|pair| pair[0] << 4 | pair[1]))
        .collect()
}
