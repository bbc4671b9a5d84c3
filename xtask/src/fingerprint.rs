//! Whether anything changed: one hash over the contents of the files that something is built from.
//!
//! Contents, not times: a fresh clone with a warm cache has new times and old contents, and must not build again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Collects what something is built from; [`Fingerprint::finish`] gives the hash.
#[derive(Default)]
pub(crate) struct Fingerprint {
    hash: Sha256,
}

impl Fingerprint {
    /// Adds a word, for example the version of a tool.
    pub(crate) fn text(&mut self, text: &str) {
        self.part(text.as_bytes());
    }

    /// Adds a file, or every file below a directory: their paths below `root`, and their contents.
    ///
    /// # Errors
    ///
    /// Fails when `path` does not exist below `root` or something there cannot be read.
    pub(crate) fn path(&mut self, root: &Path, path: &str) -> Result<()> {
        for file in files_below(&root.join(path))? {
            let contents = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            self.text(&file.strip_prefix(root).unwrap_or(&file).to_string_lossy());
            self.part(&contents);
        }
        Ok(())
    }

    /// Sixteen hexadecimal digits that change whenever something added changes.
    pub(crate) fn finish(self) -> String {
        hex(&self.hash.finalize())
    }

    /// The length goes first, so that two parts never read like two others.
    fn part(&mut self, bytes: &[u8]) {
        self.hash.update(bytes.len().to_le_bytes());
        self.hash.update(bytes);
    }
}

/// The hash that goes into a file's name.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Every file at or below `path`, sorted. Symbolic links and what they lead to are left out.
///
/// # Errors
///
/// Fails when `path` does not exist or a directory cannot be read.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![path.to_path_buf()];
    while let Some(path) = waiting.pop() {
        let kind = path.symlink_metadata().with_context(|| format!("looking at {}", path.display()))?.file_type();
        if kind.is_file() {
            files.push(path);
        } else if kind.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| format!("listing {}", path.display()))? {
                waiting.push(entry.with_context(|| format!("listing {}", path.display()))?.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, of_bytes};

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |parts: &[&str]| {
            let mut fingerprint = Fingerprint::default();
            parts.iter().for_each(|part| fingerprint.text(part));
            fingerprint.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }

    #[test]
    fn a_hash_is_sixteen_hexadecimal_digits() {
        assert_eq!(of_bytes(b""), "e3b0c44298fc1c14");
    }
}
