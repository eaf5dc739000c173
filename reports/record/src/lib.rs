//! The canonical record of a run: the bundle's files, written while it runs.
