//! FOR JSON AUTO over several tables: the order in which tables first appear in the select list is
//! the order in which their objects nest, and neighbouring rows with the same values share one.

use std::sync::Arc;

use values::{SqlError, Value};

use super::{ForJson, quoted};
use crate::plan::OutputColumn;

/// The columns of one table.
struct Level {
    name: Option<Arc<str>>,
    places: Vec<usize>,
}

/// A column that is no table's belongs to the table before it.
fn levels(columns: &[OutputColumn]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut last = 0;
    for (place, column) in columns.iter().enumerate() {
        let known = match &column.relation {
            None if levels.is_empty() => None,
            None => Some(last),
            Some(relation) => levels
                .iter()
                .position(|level| level.name.as_ref().is_none_or(|name| name == relation)),
        };
        last = known.unwrap_or(levels.len());
        match known {
            Some(at) => {
                levels[at].places.push(place);
                if levels[at].name.is_none() {
                    levels[at].name.clone_from(&column.relation);
                }
            }
            None => levels.push(Level {
                name: column.relation.clone(),
                places: vec![place],
            }),
        }
    }
    levels
}

impl ForJson {
    /// Whether rows become objects inside of objects.
    pub(crate) fn nests(&self, columns: &[OutputColumn]) -> bool {
        self.auto && levels(columns).len() > 1
    }

    /// All rows as the document; nothing for no rows.
    pub(crate) fn nested_document(
        &self,
        columns: &[OutputColumn],
        rows: &[Vec<Value>],
    ) -> Result<Option<String>, SqlError> {
        let objects = self.nest(columns, &levels(columns), rows)?;
        Ok(self.document(&objects))
    }

    fn nest(
        &self,
        columns: &[OutputColumn],
        levels: &[Level],
        rows: &[Vec<Value>],
    ) -> Result<Vec<String>, SqlError> {
        let Some((level, inner)) = levels.split_first() else {
            return Ok(Vec::new());
        };
        let own = |row: &Vec<Value>| -> Vec<Value> {
            level
                .places
                .iter()
                .map(|place| row[*place].clone())
                .collect()
        };
        let own_columns: Vec<OutputColumn> = level
            .places
            .iter()
            .map(|place| columns[*place].clone())
            .collect();
        let mut objects = Vec::new();
        let mut start = 0;
        while start < rows.len() {
            let values = own(&rows[start]);
            let mut end = start + 1;
            // The innermost object is one row each.
            while !inner.is_empty() && end < rows.len() && own(&rows[end]) == values {
                end += 1;
            }
            let mut object = self.object(&own_columns, &values)?;
            if let Some(next) = inner.first() {
                let below = self.nest(columns, inner, &rows[start..end])?.join(",");
                let name = quoted(next.name.as_deref().unwrap_or_default());
                let comma = if object == "{}" { "" } else { "," };
                object.truncate(object.len() - 1);
                object.push_str(&format!("{comma}{name}:[{below}]}}"));
            }
            objects.push(object);
            start = end;
        }
        Ok(objects)
    }
}
