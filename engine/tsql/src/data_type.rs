//! Data types as written in declarations.

use crate::ast::{DataType, Name};
use crate::cursor::Cursor;
use crate::error::{Failure, Parse, ParseError};
use crate::lexer::{TokenKind, tokens};

/// Reads a type from text, such as `decimal(10, 2)` or `[dbo].[Phone]`.
pub fn parse_data_type(text: &str) -> Result<DataType, ParseError> {
    let mut cursor = Cursor::new(text, tokens(text)?);
    match cursor.data_type() {
        Ok(data_type) if cursor.is_at_end() => Ok(data_type),
        Ok(_) => Err(cursor.near(cursor.at)),
        Err(Failure::Syntax(error)) => Err(error),
        Err(Failure::Unsupported(construct)) => Err(ParseError {
            number: 102,
            line: cursor.line(),
            message: format!("Incorrect syntax near '{construct}'."),
        }),
    }
}

impl Cursor<'_> {
    pub(crate) fn data_type(&mut self) -> Parse<DataType> {
        if let Some(name) = self.spelled_out_type() {
            let arguments = self.type_arguments()?;
            return Ok(DataType {
                name: Name::single(name),
                arguments,
            });
        }
        let mut name = self.name()?;
        // `sys.int` is `int`; user types keep their schema.
        if name.0.len() == 2 && name.0[0].eq_ignore_ascii_case("sys") {
            name.0.remove(0);
        }
        if let [only] = name.0.as_mut_slice() {
            *only = only.to_ascii_lowercase();
        }
        if name.object() == "xml" && self.sees_symbol("(") {
            return self.unsupported("typed XML");
        }
        let arguments = self.type_arguments()?;
        Ok(DataType { name, arguments })
    }

    /// The standard's names of more than one word, or reserved ones, as T-SQL's own.
    fn spelled_out_type(&mut self) -> Option<&'static str> {
        if self.accept_all(&["DOUBLE", "PRECISION"]) {
            return Some("float");
        }
        let national = self.sees("NATIONAL");
        let at = self.at + usize::from(national);
        let name = match self.word_at(at)?.to_ascii_uppercase().as_str() {
            "CHAR" | "CHARACTER" => "char",
            "VARCHAR" if !national => return None,
            "BINARY" if !national => "binary",
            "TEXT" if national => {
                self.at = at + 1;
                return Some("ntext");
            }
            _ => return None,
        };
        let varying = self.is_word(at + 1, "VARYING");
        if !national && !varying {
            return None;
        }
        self.at = at + 1 + usize::from(varying);
        Some(match (name, national, varying) {
            ("char", true, true) => "nvarchar",
            ("char", true, false) => "nchar",
            ("char", false, _) => "varchar",
            _ => "varbinary",
        })
    }

    fn type_arguments(&mut self) -> Parse<Vec<Option<u32>>> {
        if !self.sees_symbol("(") {
            return Ok(Vec::new());
        }
        self.parenthesized(|cursor| {
            if cursor.accept("MAX") {
                return Ok(None);
            }
            let source = cursor.source_of(cursor.at);
            match cursor.kind_at(cursor.at) {
                Some(TokenKind::Number) => match source.parse() {
                    Ok(number) => {
                        cursor.at += 1;
                        Ok(Some(number))
                    }
                    Err(_) => cursor.wrong(),
                },
                _ => cursor.wrong(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_under_one_name_each() {
        let check = |text: &str, name: &[&str], arguments: &[Option<u32>]| {
            let read = parse_data_type(text).expect(text);
            assert_eq!(read.name.0, name, "{text}");
            assert_eq!(read.arguments, arguments, "{text}");
        };
        check("INT", &["int"], &[]);
        check("Decimal(10, 2)", &["decimal"], &[Some(10), Some(2)]);
        check("NVARCHAR(MAX)", &["nvarchar"], &[None]);
        check("[nvarchar](50)", &["nvarchar"], &[Some(50)]);
        check("sys.sysname", &["sysname"], &[]);
        check("dbo.IdList", &["dbo", "IdList"], &[]);
        check("double precision", &["float"], &[]);
        check("national char varying(5)", &["nvarchar"], &[Some(5)]);
        check("character varying(5)", &["varchar"], &[Some(5)]);
        check("binary varying(5)", &["varbinary"], &[Some(5)]);
        check("char(3)", &["char"], &[Some(3)]);
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "int(", "decimal(1.5)", "varchar(x)", "table", "int int"] {
            assert!(parse_data_type(text).is_err(), "{text}");
        }
    }
}
