//! sql-fixtures
