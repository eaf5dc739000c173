//! How do values get into a statement? As parameters, always; a statement's text is the program's.

use tiberius::ToSql;
use tiberius::numeric::Numeric;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// A whole number.
    Integer(i64),
    /// A text, a day or a moment.
    Text(String),
    /// An amount in ten-thousandths.
    Amount(i64),
    /// True or false.
    Boolean(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// No value.
    Null,
}

/// The values of one statement, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(pub Vec<Param>);

impl Params {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value; what stands for it in the text.
    pub fn bind(&mut self, value: impl Into<Param>) -> String {
        self.0.push(value.into());
        format!("@P{}", self.0.len())
    }

    /// The values as the driver takes them.
    pub(crate) fn bound(&self) -> Vec<Box<dyn ToSql + '_>> {
        self.0
            .iter()
            .map(|param| -> Box<dyn ToSql + '_> {
                match param {
                    Param::Integer(value) => match i32::try_from(*value) {
                        Ok(small) => Box::new(small),
                        Err(_) => Box::new(*value),
                    },
                    Param::Text(value) => Box::new(value.as_str()),
                    Param::Amount(value) => {
                        Box::new(Numeric::new_with_scale(i128::from(*value), 4))
                    }
                    Param::Boolean(value) => Box::new(*value),
                    Param::Bytes(value) => Box::new(value.as_slice()),
                    Param::Null => Box::new(None::<&str>),
                }
            })
            .collect()
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Param {
    fn from(value: i32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Param {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Param {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
