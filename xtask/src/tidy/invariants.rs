//! Every invariant in ARCHITECTURE, and every promise in GUARANTEES, names what holds it: a test that exists, or a rule
//! of tidy.
//!
//! An invariant is a list item or a table row of the section *Invariants*, a promise one of *Promises*. It names its
//! keeper in backticks: a test function, a browser test's path or title, or `tidy:<rule>`.

use super::Finding;
use super::rule_names;
use super::tree::Tree;

const RULE: &str = "invariants-are-held";

/// The documents, and a word in the heading of the section that counts.
const SECTIONS: [(&str, &str); 2] = [("docs/ARCHITECTURE.md", "Invariants"), ("docs/GUARANTEES.md", "Promises")];

/// Sentences that nothing holds, and names of tests that do not exist.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tests = tree.tests();
    for (path, heading) in SECTIONS {
        let Some(text) = tree.text(path) else { continue };
        let find = |line, text: String| Finding { path: path.to_owned(), line, rule: RULE, text };
        let items = items(text, heading);
        if items.is_empty() {
            findings.push(find(0, format!("has no section \"{heading}\" with a list or a table")));
        }
        for (line, item) in items {
            let mut keepers = item.split('`').skip(1).step_by(2).filter_map(|word| keeper(&tests, word)).peekable();
            if keepers.peek().is_none() {
                findings.push(find(line, "this sentence names no test and no rule of tidy that holds it".to_owned()));
            }
            for missing in keepers.filter_map(Result::err) {
                findings.push(find(line, format!("`{missing}` is no test and no rule of tidy")));
            }
        }
    }
    findings
}

/// The items of the section, with the line on which each begins. An item's continuation lines belong to it.
fn items(text: &str, heading: &str) -> Vec<(usize, String)> {
    let mut items: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            inside = line.trim_start_matches(['#', ' ']).contains(heading);
        } else if inside && line.starts_with("|--") {
            items.pop(); // the row above names the columns
        } else if inside && (line.starts_with("- ") || line.starts_with("| ")) {
            items.push((index + 1, line.to_owned()));
        } else if inside
            && line.starts_with(' ')
            && let Some((_, item)) = items.last_mut()
        {
            item.push_str(line);
        }
    }
    items
}

/// What a word in backticks says about who holds the sentence: nothing, a keeper, or one that does not exist.
fn keeper<'a>(tests: &[String], word: &'a str) -> Option<Result<&'a str, &'a str>> {
    if let Some(rule) = word.strip_prefix("tidy:") {
        return Some(if rule_names().any(|name| name == rule) { Ok(word) } else { Err(word) });
    }
    let name = word.rsplit("::").next().unwrap_or(word);
    if tests.iter().any(|test| test == name) {
        return Some(Ok(word));
    }
    // It reads like a test of ours: a path of one, or a name of several words.
    let like_a_test = word.ends_with(".test.mjs") || (is_snake(name) && name.matches('_').count() >= 3);
    like_a_test.then_some(Err(word))
}

fn is_snake(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn texts(section: &str) -> Vec<String> {
        let document = format!("# Map\n- free\n## Invariants\n{section}\n## Next\n- free\n");
        let tree = Tree::of(&[
            ("docs/ARCHITECTURE.md", &document),
            ("backend/tests/it/log.rs", "#[test]\nfn offsets_have_no_gap() {}"),
            ("e2e/journeys/kill.test.mjs", "test(\"Two people, one kill: all agree\", async () => {})"),
        ]);
        check(&tree).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn an_invariant_names_what_holds_it() {
        for held in [
            "- `domain` never does IO (`tidy:domain-is-pure`).",
            "- An offset is\n  never skipped: `it::log::offsets_have_no_gap`.",
            "- Nothing is lost (`e2e/journeys/kill.test.mjs`).",
            "- Nothing is lost (`two_people_one_kill_all_agree`).",
            "| Never | Held by |\n|---|---|\n| a gap | `offsets_have_no_gap` |",
        ] {
            assert_eq!(texts(held), [""; 0], "{held}");
        }
    }

    #[test]
    fn an_invariant_that_nothing_holds_is_found() {
        assert_eq!(
            texts("- `domain` never does IO."),
            ["this sentence names no test and no rule of tidy that holds it"]
        );
        assert_eq!(texts("- Never (`tidy:no-such-rule`)."), ["`tidy:no-such-rule` is no test and no rule of tidy"]);
        assert_eq!(
            texts("- Never (`offsets_have_a_gap_now`)."),
            ["`offsets_have_a_gap_now` is no test and no rule of tidy"]
        );
        assert_eq!(texts("Words."), ["has no section \"Invariants\" with a list or a table"]);
    }
}
