//! Certificates and keys that sign modules, as far as they can be made without files.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;

impl Cursor<'_> {
    /// Whether `CERTIFICATE`, `ASYMMETRIC KEY` or `MASTER KEY` stands here, behind CREATE.
    pub(crate) fn sees_signing_key(&self) -> bool {
        self.sees("CERTIFICATE")
            || self.sees_all(&["ASYMMETRIC", "KEY"])
            || self.sees_all(&["MASTER", "KEY"])
    }

    /// CREATE of one of them, behind that word.
    pub(crate) fn create_signing_key(&mut self) -> Parse<Create> {
        if self.accept_all(&["MASTER", "KEY"]) {
            if !self.sees("ENCRYPTION") {
                return self.unsupported("CREATE MASTER KEY without a password");
            }
            let password = self.encryption_password()?;
            return Ok(Create::MasterKey { password });
        }
        let asymmetric = self.accept_all(&["ASYMMETRIC", "KEY"]);
        if !asymmetric {
            self.expect("CERTIFICATE")?;
        }
        let name = self.identifier()?;
        let mut key = SigningKeyDefinition {
            asymmetric,
            name,
            owner: None,
            password: None,
            subject: None,
        };
        if self.accept("AUTHORIZATION") {
            key.owner = Some(self.principal()?);
        }
        if self.sees("FROM") {
            return self.unsupported(format!("CREATE {} … FROM", words(asymmetric)));
        }
        if !asymmetric && self.sees("ENCRYPTION") {
            key.password = Some(self.encryption_password()?);
        }
        self.expect("WITH")?;
        if asymmetric {
            self.expect("ALGORITHM")?;
            self.expect_symbol("=")?;
            self.any_word()?;
            if self.sees("ENCRYPTION") {
                key.password = Some(self.encryption_password()?);
            }
            return Ok(Create::SigningKey(key));
        }
        loop {
            if self.accept("SUBJECT") {
                self.expect_symbol("=")?;
                key.subject = Some(self.string()?);
            } else {
                if !self.sees_one_of(&["START_DATE", "EXPIRY_DATE"]) {
                    return self.wrong();
                }
                // Nothing asks whether a certificate has expired: signatures stay valid.
                self.at += 1;
                self.expect_symbol("=")?;
                self.string()?;
            }
            if !self.accept_symbol(",") {
                break;
            }
        }
        if self.sees("ACTIVE") {
            return self.unsupported("ACTIVE FOR BEGIN_DIALOG");
        }
        if key.subject.is_none() {
            return self.wrong();
        }
        Ok(Create::SigningKey(key))
    }

    /// `ENCRYPTION BY PASSWORD = '…'`.
    fn encryption_password(&mut self) -> Parse<String> {
        self.expect_all(&["ENCRYPTION", "BY", "PASSWORD"])?;
        self.expect_symbol("=")?;
        self.string()
    }

    /// `ADD | DROP SIGNATURE TO | FROM module BY …`, the cursor on ADD or DROP.
    pub(crate) fn signature(&mut self) -> Parse<StatementKind> {
        let add = self.accept("ADD");
        if !add {
            self.expect("DROP")?;
        }
        self.expect("SIGNATURE")?;
        self.expect(if add { "TO" } else { "FROM" })?;
        let module = self.securable()?;
        if module.class != SecurableClass::Object || !module.columns.is_empty() {
            return self.unsupported("signatures of other things than modules");
        }
        self.expect("BY")?;
        let by = self.comma_separated(|cursor| {
            let asymmetric = cursor.accept_all(&["ASYMMETRIC", "KEY"]);
            if !asymmetric {
                cursor.expect("CERTIFICATE")?;
            }
            let name = cursor.identifier()?;
            let mut password = None;
            if cursor.accept("WITH") {
                if !cursor.accept("PASSWORD") {
                    return cursor.unsupported("ADD SIGNATURE … WITH SIGNATURE");
                }
                cursor.expect_symbol("=")?;
                password = Some(cursor.string()?);
            }
            Ok(SignedBy {
                asymmetric,
                name,
                password,
            })
        })?;
        Ok(StatementKind::Signature {
            add,
            module: module.name,
            by,
        })
    }
}

fn words(asymmetric: bool) -> &'static str {
    if asymmetric {
        "ASYMMETRIC KEY"
    } else {
        "CERTIFICATE"
    }
}
