//! How is recursion kept from running out of stack? The statement layer bounds how deeply text
//! nests; what remains is given room when it needs it, so that no caller has to know.

/// Less than this left, and more is allocated before going on.
const RED_ZONE: usize = 256 << 10;
/// How much at a time.
const SEGMENT: usize = 4 << 20;

/// Runs `f` with enough stack for one more level of recursion.
pub(crate) fn with_room<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, SEGMENT, f)
}
