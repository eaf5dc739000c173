//! A sqlcmd script made ready to send: variables replaced, split at `GO`.

use std::collections::BTreeMap;

use domain::system::Script;

use crate::error::ExecutorError;

/// One batch of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadyBatch {
    pub(crate) text: String,
    /// Its first line in the file, from 1.
    pub(crate) line: u32,
    pub(crate) repeat: u32,
}

/// Values of `$(Name)`; names are compared without case, as sqlcmd does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, (String, String)>);

impl Variables {
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0
            .insert(name.to_lowercase(), (name.to_owned(), value.into()));
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(&name.to_lowercase())
            .map(|(_, value)| value.as_str())
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.0.values().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}

/// The batches of `script` with `variables` in place.
pub(crate) fn ready(
    script: &Script,
    variables: &Variables,
) -> Result<Vec<ReadyBatch>, ExecutorError> {
    let text = substitute(script, variables)?;
    Ok(tsql::split_batches(&text)
        .into_iter()
        .map(|batch| ReadyBatch {
            text: batch.text,
            line: batch.line,
            repeat: batch.count,
        })
        .filter(|batch| !batch.text.trim().is_empty())
        .collect())
}

/// Replaces `$(Name)` everywhere, as sqlcmd does: in strings and comments too. Values hold no
/// line breaks, so lines keep their numbers.
fn substitute(script: &Script, variables: &Variables) -> Result<String, ExecutorError> {
    let mut replaced = String::with_capacity(script.text.len() + 256);
    let mut rest = script.text.as_str();
    while let Some(at) = rest.find("$(") {
        let after = &rest[at + 2..];
        let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        match end {
            Some(end) if after[end..].starts_with(')') => {
                let name = &after[..end];
                replaced.push_str(&rest[..at]);
                let Some(value) = variables.get(name) else {
                    let offset = script.text.len() - rest.len() + at;
                    let line = script.text[..offset]
                        .bytes()
                        .filter(|b| *b == b'\n')
                        .count()
                        + 1;
                    return Err(ExecutorError::UnknownVariable {
                        file: script.file.clone(),
                        line: u32::try_from(line).unwrap_or(u32::MAX),
                        variable: name.to_owned(),
                        known: variables.names(),
                    });
                };
                replaced.push_str(value);
                rest = &after[end + 1..];
            }
            _ => {
                replaced.push_str(&rest[..at + 2]);
                rest = after;
            }
        }
    }
    replaced.push_str(rest);
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use domain::system::Script;

    use super::{Variables, substitute};
    use crate::error::ExecutorError;

    fn script(text: &str) -> Script {
        Script {
            file: "a.sql".into(),
            text: text.into(),
        }
    }

    #[test]
    fn variables_are_replaced_wherever_they_stand() {
        let mut variables = Variables::default();
        variables.set("Login_app_rw", "wt_acme_app");
        variables.set("MarkNumber", "7");
        for (text, expected) in [
            (
                "CREATE LOGIN [$(Login_app_rw)]",
                "CREATE LOGIN [wt_acme_app]",
            ),
            ("SELECT '$(marknumber)$(MarkNumber)'", "SELECT '77'"),
            ("SELECT '$', $(1+1), '$('", "SELECT '$', $(1+1), '$('"),
        ] {
            assert_eq!(
                substitute(&script(text), &variables).expect("known"),
                expected
            );
        }
    }

    #[test]
    fn an_unknown_variable_is_named_with_its_line() {
        let mut variables = Variables::default();
        variables.set("Tenant", "acme");
        assert_eq!(
            substitute(&script("SELECT 1\nGO\nSELECT '$(Tennant)'"), &variables),
            Err(ExecutorError::UnknownVariable {
                file: "a.sql".into(),
                line: 3,
                variable: "Tennant".into(),
                known: "Tenant".into(),
            })
        );
    }
}
