//! CREATE and DROP of what signs modules, and ADD and DROP SIGNATURE.
//!
//! A signature needs ALTER on the module and CONTROL on the key (ADD SIGNATURE in Microsoft's
//! documentation); a key can be granted to nobody here, so CONTROL on it is its owner's and that
//! of whoever controls the database.

use std::sync::Arc;

use tsql::{ModuleBody, Name, SignedBy, SigningKeyDefinition};
use values::SqlError;

use super::Ddl;
use super::place::{cannot_find, no_permission};
use crate::errors::{Errors, err};
use crate::ids::KeyId;
use crate::login::{PasswordHash, key_sid};
use crate::names::last;
use crate::object::{Object, ObjectKind};
use crate::permission::{Permission, Securable};
use crate::principal::{Authentication, PrincipalKind};
use crate::security::UserToken;
use crate::signing::{SigningKey, word};
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_master_key(&mut self, password: &str) -> Result<(), Errors> {
        let token = self.token()?;
        if !self
            .instance
            .has_permission(&token, Securable::Database, Permission::CONTROL)
        {
            return Err(no_permission().into());
        }
        super::logins::check_password(password)?;
        let mut options = self.instance.entered(self.database).options().clone();
        if options.master_key {
            return Err(err(
                15578,
                16,
                1,
                "There is already a master key in the database. Please drop it before performing \
                 this statement.",
            )
            .into());
        }
        options.master_key = true;
        self.instance
            .apply(Change::Options(self.database, Arc::new(options)), self.undo);
        Ok(())
    }

    pub(super) fn create_signing_key(
        &mut self,
        written: &SigningKeyDefinition,
    ) -> Result<(), Errors> {
        let token = self.token()?;
        let permission = if written.asymmetric {
            Permission::CREATE_ASYMMETRIC_KEY
        } else {
            Permission::CREATE_CERTIFICATE
        };
        if !self
            .instance
            .has_permission(&token, Securable::Database, permission)
        {
            return Err(no_permission().into());
        }
        let database = Arc::clone(self.instance.entered(self.database));
        if database
            .signing_key_named(written.asymmetric, &written.name)
            .is_some()
        {
            let (number, class) = if written.asymmetric {
                (15282, "key")
            } else {
                (15232, "certificate")
            };
            return Err(err(
                number,
                16,
                1,
                format!(
                    "A {class} with name '{}' already exists{}.",
                    written.name,
                    if written.asymmetric {
                        " or this key already has been added to the database"
                    } else {
                        " or this certificate already has been added to the database"
                    }
                ),
            )
            .into());
        }
        let owner = match &written.owner {
            Some(owner) => self.prospective_owner(&token, owner)?,
            None => token.user.unwrap_or(crate::ids::PrincipalId::DBO),
        };
        if written.password.is_none() && !database.options().master_key {
            return Err(no_master_key().into());
        }
        let id = database.next_signing_key();
        let label = format!("{}\0{}\0{id}", database.name(), written.name);
        let password = match &written.password {
            Some(password) => {
                super::logins::check_password(password)?;
                Some(PasswordHash::new(password, &label))
            }
            None => None,
        };
        let key = SigningKey {
            id,
            name: Arc::from(written.name.as_str()),
            asymmetric: written.asymmetric,
            owner,
            sid: key_sid(&label),
            password,
        };
        self.instance.apply(
            Change::SigningKey(self.database, id, Some(Arc::new(key))),
            self.undo,
        );
        Ok(())
    }

    pub(super) fn drop_signing_key(
        &mut self,
        asymmetric: bool,
        name: &str,
        if_exists: bool,
    ) -> Result<(), Errors> {
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        let found = database.signing_key_named(asymmetric, name).cloned();
        let Some(key) = found.filter(|key| self.controls_key(&token, key)) else {
            return if if_exists {
                Ok(())
            } else {
                Err(cannot_find("drop", word(asymmetric), name).into())
            };
        };
        if database.user_of_key(key.id).is_some() {
            return Err(err(
                15559,
                16,
                1,
                format!(
                    "Cannot drop {} '{name}' because there is a user mapped to it.",
                    key.word()
                ),
            )
            .into());
        }
        let signs = database.objects().any(|object| {
            object
                .as_module()
                .is_some_and(|module| module.signatures.contains(&key.id))
        });
        if signs {
            return Err(err(
                15352,
                16,
                1,
                format!(
                    "The {} cannot be dropped because one or more entities are either signed or \
                     encrypted using it.",
                    key.word()
                ),
            )
            .into());
        }
        self.instance
            .apply(Change::SigningKey(self.database, key.id, None), self.undo);
        Ok(())
    }

    /// `ADD SIGNATURE TO … BY …` and `DROP SIGNATURE FROM … BY …`.
    ///
    /// # Errors
    /// 15151 for a module or key that is missing or not the caller's to use, 15466 for a wrong
    /// password.
    pub fn sign(&mut self, add: bool, module: &Name, by: &[SignedBy]) -> Result<(), Errors> {
        let missing = || cannot_find("find", "object", last(module));
        let (token, object) = self
            .find(module)?
            .filter(|(token, object)| {
                token.database == self.database && self.may_alter_module(token, object)
            })
            .ok_or_else(missing)?;
        let stored = object.as_module().ok_or_else(missing)?;
        if matches!(
            stored.definition.body,
            ModuleBody::View { .. } | ModuleBody::InlineFunction(_) | ModuleBody::DdlTrigger { .. }
        ) {
            return Err(SqlError::unsupported(
                "signatures of views, inline functions and DDL triggers",
            )
            .into());
        }
        let mut signatures = stored.signatures.clone();
        for signer in by {
            let key = self
                .instance
                .entered(self.database)
                .signing_key_named(signer.asymmetric, &signer.name)
                .filter(|key| self.controls_key(&token, key))
                .cloned()
                .ok_or_else(|| cannot_find("find", word(signer.asymmetric), &signer.name))?;
            let at = signatures.iter().position(|id| *id == key.id);
            match (add, at) {
                (true, None) => {
                    check_private_key(&key, signer.password.as_deref())?;
                    signatures.push(key.id);
                }
                (false, Some(at)) => {
                    signatures.remove(at);
                }
                (true, Some(_)) => {
                    return Err(SqlError::unsupported(
                        "ADD SIGNATURE by a key that has signed the module already",
                    )
                    .into());
                }
                (false, None) => {
                    return Err(SqlError::unsupported(
                        "DROP SIGNATURE of a key that has not signed the module",
                    )
                    .into());
                }
            }
        }
        let mut changed = Object::clone(&object);
        if let ObjectKind::Module(module) = &mut changed.kind {
            module.signatures = signatures;
        }
        self.instance.apply(
            Change::Object(self.database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        Ok(())
    }

    /// ALTER on a module; of a trigger, on its table.
    fn may_alter_module(&self, token: &UserToken, object: &Object) -> bool {
        let parent = object
            .parent
            .and_then(|id| self.instance.entered(token.database).object(id));
        self.holds(
            token,
            parent.map_or(object, |parent| parent),
            Permission::ALTER,
        )
    }

    fn controls_key(&self, token: &UserToken, key: &SigningKey) -> bool {
        token.is(key.owner)
            || self
                .instance
                .has_permission(token, Securable::Database, Permission::CONTROL)
    }

    /// The key that a new user stands for.
    pub(super) fn key_for_user(
        &self,
        token: &UserToken,
        asymmetric: bool,
        name: &str,
    ) -> Result<(crate::ids::Sid, Authentication), Errors> {
        let database = self.instance.entered(self.database);
        let key = database
            .signing_key_named(asymmetric, name)
            .filter(|key| self.controls_key(token, key))
            .ok_or_else(|| cannot_find("find", word(asymmetric), name))?;
        if database.user_of_key(key.id).is_some() {
            return Err(err(
                15063,
                16,
                1,
                "The login already has an account under a different user name.",
            )
            .into());
        }
        Ok((
            key.sid.clone(),
            Authentication::Key {
                key: key.id,
                asymmetric,
            },
        ))
    }
}

impl crate::database::Database {
    /// The user made from a certificate or key.
    pub fn user_of_key(&self, id: KeyId) -> Option<&Arc<crate::principal::Principal>> {
        self.principals().find(|principal| {
            matches!(
                principal.kind,
                PrincipalKind::User {
                    authentication: Authentication::Key { key, .. },
                    ..
                } if key == id
            )
        })
    }
}

/// The private key is there, and the password fits where there is one.
fn check_private_key(key: &SigningKey, password: Option<&str>) -> Result<(), SqlError> {
    match (&key.password, password) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(no_master_key()),
        (Some(hash), Some(password)) if hash.verify(password) => Ok(()),
        (Some(_), Some(_)) => Err(err(15466, 16, 1, "An error occurred during decryption.")),
    }
}

fn no_master_key() -> SqlError {
    err(
        15581,
        16,
        1,
        "Please create a master key in the database or open the master key in the session before \
         performing this operation.",
    )
}
