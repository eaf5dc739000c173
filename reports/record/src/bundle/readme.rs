//! The page that lies in every bundle: what each file is, how to check it without our tool, and what it does not
//! show. The same text in every bundle, so that nobody has to trust what it says about this one.

/// `README.txt`.
pub const README: &str = include_str!("readme.txt");
