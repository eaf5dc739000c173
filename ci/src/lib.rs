//! The checks that read the repository itself live in `tests/`: which crate may use which
//! (`layering.txt`), and whether the documents name paths that exist. Beside them lie the client
//! scripts that `.ci/run` drives against `watertight serve`.
