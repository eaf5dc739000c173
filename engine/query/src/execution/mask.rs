//! What does a masked column show? Applied where rows leave a statement.

use catalog::Mask;
use values::{SqlType, Value};

use crate::execution::Run;
use crate::plan::OutputColumn;

/// Masks the values of a row whose columns are masked.
pub(crate) fn apply(columns: &[OutputColumn], row: &mut [Value], run: &mut Run<'_, '_>) {
    for (column, value) in columns.iter().zip(row) {
        if let Some(mask) = &column.mask {
            let stored = std::mem::replace(value, Value::Null);
            *value = one(mask, stored, &column.data_type, run);
        }
    }
}

/// One value of a type. `random()` takes its numbers from the environment, as RAND does.
pub(crate) fn one(mask: &Mask, value: Value, data_type: &SqlType, run: &mut Run<'_, '_>) -> Value {
    mask.apply(value, data_type, &mut || {
        let bytes = run.ex.environment.random_bytes();
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[..8]);
        // 53 bits are what a double holds exactly.
        (u64::from_le_bytes(word) >> 11) as f64 / (1u64 << 53) as f64
    })
}
