//! Bound T-SQL to rows: expressions, queries and row changes, with the permissions they need.
