//! Exact bounds and tests: what may be said about rare events, and nothing more.
