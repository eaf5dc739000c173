//! Does the harness find what it says that it finds? Known faults are planted, one at a time, and
//! looked for by the same campaigns that `run` runs; where nothing is wrong, they must be silent.

pub(crate) mod automatic;
pub(crate) mod catalogue;
pub(crate) mod ground;
pub(crate) mod hunt;
pub(crate) mod plan;
pub(crate) mod silence;
pub(crate) mod sums;
pub(crate) mod table;
