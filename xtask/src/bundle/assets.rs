//! The files of a bundle in memory: read, renamed after their content, written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

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
        let mut files = Self::default();
        files.read_below(directory, "")?;
        Ok(files)
    }

    /// Adds a file, or every file below a directory, of `root`.
    ///
    /// # Errors
    ///
    /// Fails when something there cannot be read.
    pub(super) fn read_below(&mut self, root: &Path, path: &str) -> Result<()> {
        for path in files_below(&root.join(path))? {
            let contents = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let name = path.strip_prefix(root).context("a file lies below its directory")?;
            self.files.insert(name.to_string_lossy().replace('\\', "/"), contents);
        }
        Ok(())
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

    /// The contents of a file.
    ///
    /// # Errors
    ///
    /// Fails when the file is not there.
    pub(super) fn bytes(&self, name: &str) -> Result<&[u8]> {
        self.files.get(name).map(Vec::as_slice).with_context(|| format!("the bundle has no {name}"))
    }

    /// The contents of a text file.
    ///
    /// # Errors
    ///
    /// Fails when the file is not there or not UTF-8.
    pub(super) fn text(&self, name: &str) -> Result<&str> {
        std::str::from_utf8(self.bytes(name)?).with_context(|| format!("{name} is not UTF-8"))
    }

    /// Adds a file, or replaces its contents.
    pub(super) fn put(&mut self, name: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.files.insert(name.into(), contents.into());
    }

    /// Adds a file with the contents of another one.
    ///
    /// # Errors
    ///
    /// Fails when that one is not there.
    pub(super) fn copy(&mut self, from: &str, to: &str) -> Result<()> {
        let contents = self.bytes(from)?.to_vec();
        self.put(to, contents);
        Ok(())
    }

    /// Takes a file out; one that is not there is out already.
    pub(super) fn remove(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Takes out every file whose name is not one to keep.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.files.retain(|name, _| keep(name));
    }

    /// Whether a page, script or style holds a text.
    pub(super) fn mentions(&self, name: &str, text: &str) -> bool {
        is_code(name) && self.text(name).is_ok_and(|contents| contents.contains(text))
    }

    /// Replaces a text in every page, script and style that holds it.
    ///
    /// # Errors
    ///
    /// Fails when one of them is not UTF-8.
    pub(super) fn replace(&mut self, text: &str, by: &str) -> Result<()> {
        let holding: Vec<String> = self.names().filter(|name| self.mentions(name, text)).map(str::to_owned).collect();
        for name in holding {
            let replaced = self.text(&name)?.replace(text, by);
            self.put(name, replaced);
        }
        Ok(())
    }

    /// Renames a file after its content (`name-<hash>.ext`), so that it may be cached for ever, and returns the new name.
    ///
    /// # Errors
    ///
    /// Fails when the file is not there.
    pub(super) fn rename_by_content(&mut self, name: &str) -> Result<String> {
        let contents = self.files.remove(name).with_context(|| format!("the bundle has no {name}"))?;
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let renamed = format!("{stem}-{}.{extension}", of_bytes(&contents));
        self.files.insert(renamed.clone(), contents);
        Ok(renamed)
    }
}

/// Whether a file can name others.
fn is_code(name: &str) -> bool {
    ["css", "html", "js", "webmanifest"].iter().any(|extension| name.ends_with(&format!(".{extension}")))
}

#[cfg(test)]
mod tests {
    use super::Assets;

    #[test]
    fn a_renamed_file_carries_the_hash_of_its_content() {
        let mut assets = Assets::default();
        assets.put("app.css", "");
        assert_eq!(assets.rename_by_content("app.css").expect("there"), "app-e3b0c44298fc1c14.css");
        assert_eq!(assets.names().collect::<Vec<_>>(), ["app-e3b0c44298fc1c14.css"]);
        assert!(assets.rename_by_content("app.css").is_err());
    }

    #[test]
    fn names_are_replaced_in_text_and_nowhere_else() {
        let mut assets = Assets::default();
        for name in ["a.js", "a.wasm", "b.js"] {
            assets.put(name, if name == "b.js" { "nothing" } else { "import \"/x.js\"" });
        }
        assert!(assets.mentions("a.js", "/x.js\"") && !assets.mentions("a.wasm", "/x.js\""));
        assets.replace("/x.js\"", "/y.js\"").expect("text");
        assert_eq!(assets.text("a.js").expect("there"), "import \"/y.js\"");
        assert_eq!(assets.text("a.wasm").expect("there"), "import \"/x.js\"");
    }

    #[test]
    fn files_are_copied_and_dropped_by_name() {
        let mut assets = Assets::default();
        assets.put("src/a.js", "a");
        assets.copy("src/a.js", "a.js").expect("there");
        assert!(assets.copy("src/b.js", "b.js").is_err());
        assets.retain(|name| !name.starts_with("src/"));
        assert_eq!(assets.names().collect::<Vec<_>>(), ["a.js"]);
        assert_eq!(assets.bytes("a.js").expect("there"), b"a");
        assets.remove("a.js");
        assert!(assets.bytes("a.js").is_err());
    }
}
