//! Statements that are known by name only: the server has them, this one does not.
//!
//! They are recognised by their first words and read to their end, so that what follows is
//! still understood, and the caller can refuse them by name.

use crate::cursor::Cursor;

/// First words of statements that are not under CREATE, ALTER or DROP, and how a user calls them.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["ADD", "SIGNATURE"], "ADD SIGNATURE"),
    (&["ADD", "COUNTER", "SIGNATURE"], "ADD COUNTER SIGNATURE"),
    (
        &["ADD", "SENSITIVITY", "CLASSIFICATION"],
        "ADD SENSITIVITY CLASSIFICATION",
    ),
    (&["BACKUP"], "BACKUP"),
    (&["BULK", "INSERT"], "BULK INSERT"),
    (&["CHECKPOINT"], "CHECKPOINT"),
    (
        &["CLOSE", "ALL", "SYMMETRIC", "KEYS"],
        "CLOSE ALL SYMMETRIC KEYS",
    ),
    (&["CLOSE", "SYMMETRIC", "KEY"], "CLOSE SYMMETRIC KEY"),
    (&["CLOSE", "MASTER", "KEY"], "CLOSE MASTER KEY"),
    (&["CLOSE"], "CLOSE cursor"),
    (&["DBCC"], "DBCC"),
    (&["DEALLOCATE"], "DEALLOCATE cursor"),
    (&["END", "CONVERSATION"], "END CONVERSATION"),
    (&["FETCH"], "FETCH cursor"),
    (&["GET", "CONVERSATION"], "GET CONVERSATION GROUP"),
    (&["KILL"], "KILL"),
    (&["LINENO"], "LINENO"),
    (&["MOVE", "CONVERSATION"], "MOVE CONVERSATION"),
    (&["OPEN", "SYMMETRIC", "KEY"], "OPEN SYMMETRIC KEY"),
    (&["OPEN", "MASTER", "KEY"], "OPEN MASTER KEY"),
    (&["OPEN"], "OPEN cursor"),
    (&["READTEXT"], "READTEXT"),
    (&["RECEIVE"], "RECEIVE"),
    (&["RECONFIGURE"], "RECONFIGURE"),
    (&["RESTORE"], "RESTORE"),
    (&["SEND", "ON", "CONVERSATION"], "SEND ON CONVERSATION"),
    (&["SETUSER"], "SETUSER"),
    (&["SHUTDOWN"], "SHUTDOWN"),
    (&["UPDATETEXT"], "UPDATETEXT"),
    (&["WRITETEXT"], "WRITETEXT"),
];

/// Kinds of object, behind CREATE, ALTER or DROP, that the server does not have.
const OBJECTS: &[&[&str]] = &[
    &["AGGREGATE"],
    &["ASSEMBLY"],
    &["ASYMMETRIC", "KEY"],
    &["AVAILABILITY", "GROUP"],
    &["BROKER", "PRIORITY"],
    &["CERTIFICATE"],
    &["COLUMN", "ENCRYPTION", "KEY"],
    &["COLUMN", "MASTER", "KEY"],
    &["COLUMNSTORE", "INDEX"],
    &["CONTRACT"],
    &["COUNTER", "SIGNATURE"],
    &["CREDENTIAL"],
    &["CRYPTOGRAPHIC", "PROVIDER"],
    &["DATABASE", "AUDIT", "SPECIFICATION"],
    &["DATABASE", "ENCRYPTION", "KEY"],
    &["DATABASE", "SCOPED", "CONFIGURATION"],
    &["DATABASE", "SCOPED", "CREDENTIAL"],
    &["DEFAULT"],
    &["ENDPOINT"],
    &["EVENT", "NOTIFICATION"],
    &["EVENT", "SESSION"],
    &["EXTERNAL", "DATA", "SOURCE"],
    &["EXTERNAL", "FILE", "FORMAT"],
    &["EXTERNAL", "LANGUAGE"],
    &["EXTERNAL", "LIBRARY"],
    &["EXTERNAL", "RESOURCE", "POOL"],
    &["EXTERNAL", "TABLE"],
    &["FULLTEXT", "CATALOG"],
    &["FULLTEXT", "INDEX"],
    &["FULLTEXT", "STOPLIST"],
    &["MASTER", "KEY"],
    &["MESSAGE", "TYPE"],
    &["PARTITION", "FUNCTION"],
    &["PARTITION", "SCHEME"],
    &["PRIMARY", "XML", "INDEX"],
    &["QUEUE"],
    &["REMOTE", "SERVICE", "BINDING"],
    &["RESOURCE", "GOVERNOR"],
    &["RESOURCE", "POOL"],
    &["ROUTE"],
    &["RULE"],
    &["SEARCH", "PROPERTY", "LIST"],
    &["SELECTIVE", "XML", "INDEX"],
    &["SENSITIVITY", "CLASSIFICATION"],
    &["SERVER", "AUDIT", "SPECIFICATION"],
    &["SERVER", "AUDIT"],
    &["SERVER", "CONFIGURATION"],
    &["SERVICE", "MASTER", "KEY"],
    &["SERVICE"],
    &["SIGNATURE"],
    &["SPATIAL", "INDEX"],
    &["STATISTICS"],
    &["SYMMETRIC", "KEY"],
    &["WORKLOAD", "CLASSIFIER"],
    &["WORKLOAD", "GROUP"],
    &["XML", "INDEX"],
    &["XML", "SCHEMA", "COLLECTION"],
];

impl Cursor<'_> {
    /// The name of the statement that begins here, if it is one of the known ones.
    pub(crate) fn skimmed_construct(&self) -> Option<&'static str> {
        STATEMENTS
            .iter()
            .find(|(words, _)| self.sees_all(words))
            .map(|&(_, construct)| construct)
    }

    /// The kind of object that is named here, if it is one of the known ones.
    pub(crate) fn skimmed_object(&self) -> Option<String> {
        OBJECTS
            .iter()
            .find(|words| self.sees_all(words))
            .map(|words| words.join(" "))
    }
}
