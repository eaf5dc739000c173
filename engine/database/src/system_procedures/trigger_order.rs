//! sp_settriggerorder: its arguments, and what it refuses.

use catalog::FiringOrder;
use tsql::TriggerEvent;
use values::SqlError;

use super::arguments::Arguments;
use crate::batch::Interpreter;
use crate::failure::Failure;

impl Interpreter<'_> {
    /// `sp_settriggerorder 'trigger', 'First|Last|None', 'event' [, 'DATABASE'|'SERVER']`.
    pub(super) fn set_trigger_order(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let name = arguments.text(0)?.unwrap_or_default();
        let order = arguments.text(1)?.unwrap_or_default();
        let event = arguments.text(2)?.unwrap_or_default();
        if arguments.text(3)?.is_some() {
            return Err(SqlError::unsupported("sp_settriggerorder for DDL triggers").into());
        }
        let order = match order.to_lowercase().as_str() {
            "first" => Some(FiringOrder::First),
            "last" => Some(FiringOrder::Last),
            "none" => None,
            _ => return Err(invalid().into()),
        };
        let event = match event.to_uppercase().as_str() {
            "INSERT" => TriggerEvent::Insert,
            "UPDATE" => TriggerEvent::Update,
            "DELETE" => TriggerEvent::Delete,
            _ => return Err(invalid().into()),
        };
        let Ok(name) = tsql::parse_name(&name) else {
            return Err(invalid().into());
        };
        self.before_change()?;
        self.define_with(|ddl| ddl.order_trigger(&name, event, order))
    }
}

/// 15600.
fn invalid() -> SqlError {
    SqlError::new(
        15600,
        15,
        1,
        "An invalid parameter or option was specified for procedure 'sys.sp_settriggerorder'.",
    )
}
