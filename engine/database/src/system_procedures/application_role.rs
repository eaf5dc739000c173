//! `sp_setapprole`: how does a session put on an application role?

use values::{SqlError, SqlType, Value};

use super::arguments::Arguments;
use crate::batch::{Interpreter, ScopeKind};
use crate::failure::Failure;
use crate::procedures::Returned;

impl Interpreter<'_> {
    pub(super) fn set_application_role(
        &mut self,
        arguments: &Arguments,
        returned: &mut Returned,
    ) -> Result<(), Failure> {
        if self
            .scopes
            .iter()
            .any(|scope| scope.kind != ScopeKind::Batch)
        {
            return Err(SqlError::new(
                15422,
                16,
                1,
                "Application roles can only be activated at the ad hoc level.",
            )
            .into());
        }
        if self.session.transaction_count > 0 {
            return Err(SqlError::new(
                15002,
                16,
                1,
                "The procedure 'sys.sp_setapprole' cannot be executed within a transaction.",
            )
            .into());
        }
        let Some(role) = arguments.text(0)?.filter(|role| !role.is_empty()) else {
            return Err(
                SqlError::new(15431, 16, 1, "You must specify the @rolename parameter.").into(),
            );
        };
        let password = arguments.text(1)?.unwrap_or_default();
        let with_cookie = arguments.is_true(3)?;
        let cookie = self.quietly(|execution| {
            let cookie = with_cookie.then(|| {
                let mut bytes = execution.environment.random_bytes().to_vec();
                bytes.extend_from_slice(&execution.environment.random_bytes());
                bytes.extend_from_slice(&execution.environment.random_bytes());
                bytes.push(1);
                bytes.push(0);
                bytes
            });
            let current = execution.session.database;
            execution.session.security.set_application_role(
                execution.instance,
                current,
                &role,
                &password,
                cookie.clone(),
            )?;
            Ok::<_, Failure>(cookie)
        })?;
        if let (Some(cookie), Some(Some((place, _)))) = (cookie, arguments.0.get(4)) {
            returned
                .outputs
                .push((*place, SqlType::varbinary(8000), Value::binary(cookie)));
        }
        Ok(())
    }
}
