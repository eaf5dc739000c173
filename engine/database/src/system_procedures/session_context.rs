//! `sp_set_session_context`: what may a session remember about itself?

use values::{Length, SqlError, SqlType, Value};

use super::arguments::Arguments;
use crate::batch::Interpreter;
use crate::failure::Failure;
use crate::variables::convert;

impl Interpreter<'_> {
    pub(super) fn set_session_context(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        const TOTAL_BYTES_MAX: usize = 1 << 20;
        let Some(key) = arguments.text(0)? else {
            return Err(SqlError::new(
                225,
                16,
                1,
                "The parameters supplied for the procedure \"sp_set_session_context\" are not valid.",
            )
            .into());
        };
        if key.is_empty() || key.encode_utf16().count() > 128 {
            return Err(SqlError::new(
                15666,
                16,
                1,
                format!(
                    "Cannot set key '{key}' in the session context. The size of the key cannot \
                     exceed 256 bytes."
                ),
            )
            .into());
        }
        let (value, data_type) = arguments.get(1);
        let too_long = matches!(
            data_type,
            SqlType::VarChar(Length::Max)
                | SqlType::NVarChar(Length::Max)
                | SqlType::VarBinary(Length::Max)
        );
        let flag = arguments.get(2).0;
        if too_long || (arguments.0.get(2).is_some_and(Option::is_some) && flag.is_null()) {
            return Err(SqlError::new(
                15600,
                16,
                1,
                "An invalid parameter or option was specified for procedure \
                 'sp_set_connection_context'.",
            )
            .into());
        }
        let read_only = arguments.is_true(2)?;
        // One of the keys that count as the same, as it was first written.
        let key = self
            .session
            .session_context
            .keys()
            .find(|known| query::same_session_key(known, &key))
            .cloned()
            .unwrap_or(key);
        if self
            .session
            .session_context
            .get(&key)
            .is_some_and(|(.., read_only)| *read_only)
        {
            return Err(SqlError::new(
                15664,
                16,
                1,
                format!(
                    "Cannot set key '{key}' in the session context. The key has been set as \
                     read_only for this session."
                ),
            )
            .into());
        }
        let data_type = match data_type {
            SqlType::UntypedNull => SqlType::Int,
            other => other,
        };
        let value = convert(&value, &arguments.get(1).1, &data_type)?;
        let used: usize = self
            .session
            .session_context
            .iter()
            .filter(|(own, _)| **own != key)
            .map(|(key, (value, ..))| size_of_value(value) + 2 * key.len())
            .sum();
        if used + size_of_value(&value) + 2 * key.len() > TOTAL_BYTES_MAX {
            return Err(SqlError::new(
                15665,
                16,
                1,
                format!(
                    "The value was not set for key '{key}' because the total size of keys and values in \
                     the session context would exceed the 1 MB limit."
                ),
            )
            .into());
        }
        // NULL gives the key's memory back, unless it is to stay NULL.
        if value.is_null() && !read_only {
            self.session.session_context.remove(&key);
        } else {
            self.session
                .session_context
                .insert(key, (value, data_type, read_only));
        }
        Ok(())
    }
}

fn size_of_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => 2 * text.len(),
        Value::Binary(bytes) => bytes.len(),
        _ => 16,
    }
}
