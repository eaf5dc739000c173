//! One TDS connection.
