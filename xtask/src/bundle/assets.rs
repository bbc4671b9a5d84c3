//! The files of a bundle in memory: read, renamed after their content, written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::fingerprint::{files_below, of_bytes};

/// Files by their path below the bundle's directory, with `/` between the parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Assets {
    files: BTreeMap<String, Vec<u8>>,
}

impl Assets {
    /// Reads every file below `directory`.
    ///
    /// # Errors
    ///
    /// Fails when something there cannot be read.
    pub(super) fn read(directory: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in files_below(directory)? {
            let contents = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let name = path.strip_prefix(directory).context("a file lies below its directory")?;
            files.insert(name.to_string_lossy().replace('\\', "/"), contents);
        }
        Ok(Self { files })
    }

    /// Writes every file below `directory`.
    ///
    /// # Errors
    ///
    /// Fails when a directory or a file cannot be written.
    pub(super) fn write(&self, directory: &Path) -> Result<()> {
        for (name, contents) in &self.files {
            let path = directory.join(name);
            let parent = path.parent().context("a file lies in a directory")?;
            fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
            fs::write(&path, contents).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }

    /// The names of all files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files with their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, contents)| (name.as_str(), contents.as_slice()))
    }

    /// The one file whose name ends in `suffix`.
    ///
    /// # Errors
    ///
    /// Fails when there is none, or more than one.
    pub(super) fn only(&self, suffix: &str) -> Result<String> {
        let found: Vec<&str> = self.names().filter(|name| name.ends_with(suffix)).collect();
        match found.as_slice() {
            [name] => Ok((*name).to_owned()),
            other => bail!("the bundle must hold exactly one *{suffix}, found {other:?}"),
        }
    }

    /// The contents of a text file.
    ///
    /// # Errors
    ///
    /// Fails when the file is not there or not UTF-8.
    pub(super) fn text(&self, name: &str) -> Result<&str> {
        let contents = self.files.get(name).with_context(|| format!("the bundle has no {name}"))?;
        std::str::from_utf8(contents).with_context(|| format!("{name} is not UTF-8"))
    }

    /// Adds a file, or replaces its contents.
    pub(super) fn put(&mut self, name: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.files.insert(name.into(), contents.into());
    }

    /// Takes a file out; one that is not there is out already.
    pub(super) fn remove(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Renames a file after its content (`name-<hash>.ext`), so that it may be cached for ever, and returns the new name.
    ///
    /// # Errors
    ///
    /// Fails when the file is not there.
    pub(super) fn rename_by_content(&mut self, name: &str) -> Result<String> {
        let contents = self.files.remove(name).with_context(|| format!("the bundle has no {name}"))?;
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let renamed = format!("{}-{}.{extension}", without_hash(stem), of_bytes(&contents));
        self.files.insert(renamed.clone(), contents);
        Ok(renamed)
    }
}

/// Whether trunk put a hash into this name, which is to say that nobody relies on the name itself.
pub(super) fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    without_hash(stem) != stem
}

/// `frontend-931e4678af6af8dc_bg` → `frontend`; a stem without a hash stays as it is.
fn without_hash(stem: &str) -> &str {
    let base = stem.strip_suffix("_bg").unwrap_or(stem);
    match base.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::{Assets, is_hashed, without_hash};

    #[test]
    fn hashes_in_names_are_recognised() {
        for (stem, expected) in [
            ("frontend-931e4678af6af8dc_bg", "frontend"),
            ("frontend-931e4678af6af8dc", "frontend"),
            ("apple-touch-icon", "apple-touch-icon"),
            ("icon-931e4678af6af8dcaa", "icon-931e4678af6af8dcaa"),
        ] {
            assert_eq!(without_hash(stem), expected);
        }
        assert!(is_hashed("app-931e4678af6af8dc.css"));
        assert!(!is_hashed("manifest.webmanifest"));
    }

    #[test]
    fn a_renamed_file_carries_the_hash_of_its_content() {
        let mut assets = Assets::default();
        assets.put("app-931e4678af6af8dc.css", "");
        assert_eq!(assets.rename_by_content("app-931e4678af6af8dc.css").expect("there"), "app-e3b0c44298fc1c14.css");
        assert_eq!(assets.names().collect::<Vec<_>>(), ["app-e3b0c44298fc1c14.css"]);
        assert!(assets.only(".js").is_err());
        assert_eq!(assets.only(".css").expect("one"), "app-e3b0c44298fc1c14.css");
    }
}
