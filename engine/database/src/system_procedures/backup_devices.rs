//! `sp_addumpdevice`: a name for a backup device.

use values::SqlError;

use super::arguments::Arguments;
use crate::batch::Interpreter;
use crate::failure::Failure;

impl Interpreter<'_> {
    pub(super) fn add_dump_device(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let kind = arguments.text(0)?.unwrap_or_default();
        let name = arguments.text(1)?.unwrap_or_default();
        let path = arguments.text(2)?.unwrap_or_default();
        if !kind.eq_ignore_ascii_case("disk") {
            return Err(SqlError::unsupported("backup devices other than DISK").into());
        }
        self.before_change()?;
        self.define_with(|ddl| ddl.add_device(&name, &path))
    }
}
