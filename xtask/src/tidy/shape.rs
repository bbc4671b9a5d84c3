//! What a file looks like: its size, its opening words, its spaces, and that nothing in it was left for later.

use super::Finding;
use super::code::without_tests;
use super::tree::{Tree, is_test};

pub(super) const RULES: [&str; 7] = [
    "file-size",
    "no-mod-rs",
    "module-docs",
    "trailing-space",
    "left-for-later",
    "no-skipped-browser-tests",
    "no-debug-in-the-page",
];

/// Lines of a source file; whoever passes 400 should look twice already.
const MAX_LINES: usize = 600;
/// Lines of a file that is all tests.
const MAX_TEST_LINES: usize = 800;

/// What is written by hand and line by line.
const TEXT: [&str; 13] = ["css", "html", "js", "md", "mjs", "py", "rs", "service", "sh", "sql", "toml", "yaml", "yml"];

/// Findings of the rules above.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.iter()
        .filter(|(path, _)| TEXT.contains(&extension(path)) && !path.contains("/fixtures/"))
        .flat_map(|(path, text)| check_file(path, text))
        .collect()
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |line, rule, text: String| findings.push(Finding { path: path.to_owned(), line, rule, text });

    let (lines, most) = (text.lines().count(), if is_test(path) { MAX_TEST_LINES } else { MAX_LINES });
    if matches!(extension(path), "rs" | "mjs" | "js" | "css" | "py") && lines > most {
        find(0, "file-size", format!("{lines} lines, {most} at most: split it by what it is about"));
    }
    if path.ends_with("/mod.rs") {
        find(0, "no-mod-rs", "name it after its directory, beside it: editor tabs have names".to_owned());
    }
    if let Some(opening) = opening(path)
        && !text.trim_start().is_empty()
        && !opening.iter().any(|opening| text.starts_with(opening))
    {
        find(1, "module-docs", format!("begins with {}: what it is for, what it does not do", opening.join(" or ")));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        find(lines, "trailing-space", "the last line does not end".to_owned());
    }
    let in_page = if path.starts_with("frontend/src/") && !is_test(path) { without_tests(text) } else { "" };
    for (index, _) in in_page.lines().enumerate().filter(|(_, line)| DEBUG.iter().any(|form| line.contains(form))) {
        let text = "what is shown as `Debug` is a trap in the bundle (xtask/src/bundle/mute.rs)".to_owned();
        find(index + 1, "no-debug-in-the-page", text);
    }
    for (index, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t', '\r']) {
            find(index + 1, "trailing-space", "space at the end of the line".to_owned());
        }
        if let Some(word) = left_for_later(line) {
            find(index + 1, "left-for-later", format!("`{word}`: do it now, or leave it out"));
        }
        if path.starts_with("e2e/")
            && let Some(word) = SKIPPING.into_iter().find(|word| line.contains(word))
        {
            find(index + 1, "no-skipped-browser-tests", format!("`{word}`: a test runs, and waits for an event"));
        }
    }
    findings
}

/// How a file of this kind has to begin.
fn opening(path: &str) -> Option<&'static [&'static str]> {
    match extension(path) {
        "rs" => Some(&["//!"]),
        "mjs" | "js" => Some(&["//", "/*", "#!"]),
        "css" => Some(&["/*"]),
        _ => None,
    }
}

/// Written in two parts, so that this file does not name them.
const LATER: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// How a format string asks for `Debug`.
const DEBUG: [&str; 2] = [":?}", ":#?}"];

const SKIPPING: [&str; 4] =
    [concat!("waitFor", "Timeout("), concat!("test.", "skip("), concat!("test.", "only("), concat!("{ ", "skip:")];

fn left_for_later(line: &str) -> Option<&'static str> {
    LATER.into_iter().find(|word| {
        line.match_indices(word).any(|(at, _)| {
            let part_of_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
            !part_of_word(line[..at].chars().next_back()) && !part_of_word(line[at + word.len()..].chars().next())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, check_file, left_for_later};

    fn broken(path: &str, text: &str) -> Vec<&'static str> {
        check_file(path, text).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn files_have_their_shape() {
        for (path, text, expected) in [
            ("a/b.rs", "//! What.\n", &[][..]),
            ("a/b.rs", "fn main() {}\n", &["module-docs"]),
            ("a/mod.rs", "//! What.\n", &["no-mod-rs"]),
            ("a/b.css", "body {}\n", &["module-docs"]),
            ("a.md", "text \n", &["trailing-space"]),
            ("a.md", "text", &["trailing-space"]),
            ("frontend/src/a.rs", "//! What.\nfn a() { f!(\"{b:?}\") }\n", &["no-debug-in-the-page"]),
            ("frontend/src/a.rs", "//! What.\n#[cfg(test)]\nmod tests {\n    f!(\"{:#?}\")\n}\n", &[]),
            ("e2e/a.test.mjs", concat!("// What.\nawait page.waitFor", "Timeout(5)\n"), &["no-skipped-browser-tests"]),
        ] {
            assert_eq!(broken(path, text), expected, "{path}: {text:?}");
        }
    }

    #[test]
    fn long_files_are_found_and_tests_may_be_longer() {
        let text = "//! What.\n".repeat(MAX_LINES + 1);
        assert_eq!(broken("a/b.rs", &text), ["file-size"]);
        assert_eq!(broken("a/tests/b.rs", &text), [""; 0]);
    }

    #[test]
    fn what_was_left_for_later_is_a_whole_word() {
        assert!(left_for_later(concat!("// TO", "DO: more")).is_some());
        assert!(left_for_later(concat!("MASTO", "DONS")).is_none());
    }
}
