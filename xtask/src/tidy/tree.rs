//! The text files of the checkout.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Finding;
use super::code;
use crate::process;

/// Text files by their path below the checkout.
#[derive(Debug, Default)]
pub(super) struct Tree {
    files: BTreeMap<String, String>,
    /// Every path, text or not.
    paths: Vec<String>,
}

impl Tree {
    /// Reads what git tracks or would add. Files that are not UTF-8 count as binary: only their paths are kept.
    ///
    /// # Errors
    ///
    /// Fails when git cannot be run or a file cannot be read.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
        let mut tree = Self::default();
        for path in process::output(&mut git)?.split_terminator('\0') {
            let file = root.join(path);
            if !file.is_file() {
                continue; // deleted, but not yet for git
            }
            let contents = fs::read(&file).with_context(|| format!("reading {path}"))?;
            tree.paths.push(path.to_owned());
            if let Ok(text) = String::from_utf8(contents) {
                tree.files.insert(path.to_owned(), text);
            }
        }
        Ok(tree)
    }

    /// A tree for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self {
            files: files.iter().map(own).collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        }
    }

    /// How many text files there are.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The text files with their paths.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text files whose name has this extension.
    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(move |(path, _)| path.rsplit_once('.').is_some_and(|(_, own)| own == extension))
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether there is a file at `path`, or a directory.
    pub(super) fn holds(&self, path: &str) -> bool {
        let directory = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|other| other == path || other.starts_with(&directory))
    }

    /// The text of a document that a rule compares with the sources, or a finding that says that it is missing.
    pub(super) fn document(&self, path: &str, rule: &'static str) -> Result<&str, Finding> {
        self.text(path).ok_or_else(|| Finding {
            path: path.to_owned(),
            line: 0,
            rule,
            text: "this document is missing".to_owned(),
        })
    }

    /// Every test there is: the names of Rust's test functions, and the paths and titles of the browser tests, titles
    /// spelled like functions (`two people chat` is `two_people_chat`).
    pub(super) fn tests(&self) -> Vec<String> {
        let mut tests = Vec::new();
        for (path, text) in self.with_extension("mjs").filter(|(path, _)| path.ends_with(".test.mjs")) {
            tests.push(path.to_owned());
            let titles = text.split("test(\"").skip(1).filter_map(|rest| rest.split('"').next());
            tests.extend(titles.map(|title| {
                let words = title.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
                words.collect::<Vec<_>>().join("_").to_lowercase()
            }));
        }
        for (_, text) in self.with_extension("rs") {
            tests.extend(code::test_functions(text).map(str::to_owned));
        }
        tests
    }
}

/// Whether a path is `part` itself: `part.rs` or something in `part/`; a part with an extension is that one file.
pub(super) fn is_part(path: &str, part: &str) -> bool {
    path == part
        || path.strip_prefix(part).is_some_and(|rest| rest == ".rs" || rest.starts_with('/') || part.ends_with('/'))
}

/// Whether the whole file is test code.
pub(super) fn is_test(path: &str) -> bool {
    let named = ["/tests.rs", "_tests.rs", "/testing.rs"].iter().any(|end| path.ends_with(end));
    named || path.contains("/tests/") || path.contains("/testing/") || path.starts_with("e2e/")
}

#[cfg(test)]
mod tests {
    use super::{Tree, is_part, is_test};

    #[test]
    fn a_module_and_what_is_below_it_are_one_part() {
        for (path, part, expected) in [
            ("backend/src/http.rs", "backend/src/http", true),
            ("backend/src/http/chat.rs", "backend/src/http", true),
            ("backend/src/http_date.rs", "backend/src/http", false),
            ("backend/src/clock.rs", "backend/src/clock.rs", true),
            ("frontend/src/state/room.rs", "frontend/src/", true),
        ] {
            assert_eq!(is_part(path, part), expected, "{path} in {part}");
        }
        assert!(is_test("backend/tests/it/main.rs") && is_test("shared/src/replica/tests.rs"));
        assert!(!is_test("backend/src/store/contract.rs"));
    }

    #[test]
    fn files_and_directories_are_found() {
        let tree = Tree::of(&[("docs/API.md", "text")]);
        assert!(tree.holds("docs/API.md") && tree.holds("docs") && tree.holds("docs/"));
        assert!(!tree.holds("doc") && !tree.holds("docs/api.md"));
        assert!(tree.document("docs/API.md", "x").is_ok());
        assert_eq!(tree.document("docs/NO.md", "x").expect_err("missing").text, "this document is missing");
    }
}
