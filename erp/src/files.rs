//! Where do a tenant's files lie? In a folder of its own, under names that no request chooses.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folders of all tenants.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

/// How much a tenant keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Files {
    /// All folders lie below `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// A tenant's folder. Names of tenants are letters, digits, `-` and `_`.
    pub fn folder(&self, tenant: &str) -> PathBuf {
        debug_assert!(
            is_name(tenant),
            "names of tenants are checked when they come"
        );
        self.root.join(tenant)
    }

    /// Writes a file of a tenant's; `name` is the program's.
    pub fn write(&self, tenant: &str, kind: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder(tenant).join(kind);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    }

    /// Reads a file of a tenant's.
    pub fn read(&self, tenant: &str, kind: &str, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder(tenant).join(kind).join(name)).ok()
    }

    /// Removes all files of a kind but the latest `number` of them, by the numbers that they bear.
    pub fn keep_latest(&self, tenant: &str, kind: &str, number: usize) -> io::Result<()> {
        let folder = self.folder(tenant).join(kind);
        let mut found: Vec<(i64, PathBuf)> = fs::read_dir(&folder)?
            .flatten()
            .filter_map(|entry| {
                let path = entry.path();
                let number = path.file_stem()?.to_str()?.parse().ok()?;
                Some((number, path))
            })
            .collect();
        found.sort();
        let last = found.len().saturating_sub(number);
        found[..last]
            .iter()
            .try_for_each(|(_, path)| fs::remove_file(path))
    }

    /// Removes all files of a kind.
    pub fn remove_kind(&self, tenant: &str, kind: &str) -> io::Result<()> {
        removed(&self.folder(tenant).join(kind))
    }

    /// Removes a tenant's folder.
    pub fn remove(&self, tenant: &str) -> io::Result<()> {
        removed(&self.folder(tenant))
    }

    /// How much a tenant keeps.
    pub fn size(&self, tenant: &str) -> Size {
        let mut size = Size::default();
        measure(&self.folder(tenant), &mut size);
        size
    }
}

/// Whether a text can be a tenant's name.
pub fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn measure(path: &Path, size: &mut Size) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(data) if data.is_dir() => measure(&entry.path(), size),
            Ok(data) => {
                size.files += 1;
                size.bytes += data.len();
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn no_name_of_a_tenant_leaves_its_folder() {
        for (text, expected) in [
            ("acme", true),
            ("acme-2_b", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("a.b", false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }
}
