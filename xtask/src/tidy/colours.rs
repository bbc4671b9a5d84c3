//! Colours stand in `tokens.css` only, so that a theme is one file and both themes are checked for contrast there.

use super::Finding;
use super::tree::Tree;

pub(super) const RULES: [&str; 1] = ["colours-in-tokens"];

const STYLES: &str = "frontend/styles/";

/// Files with colours of their own: the tokens; the glaze of a person's seal, which is computed from the name; code.
const MAY: [&str; 3] = ["tokens.css", "components/seal.css", "components/code.css"];

const FUNCTIONS: [&str; 8] = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklch("];

/// Findings in the styles.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let in_styles = |path: &str| path.strip_prefix(STYLES).is_some_and(|name| !MAY.contains(&name));
    let mut findings = Vec::new();
    for (path, text) in tree.with_extension("css").filter(|(path, _)| in_styles(path)) {
        for (index, line) in text.lines().enumerate() {
            if let Some(colour) = colour(line) {
                findings.push(Finding {
                    path: path.to_owned(),
                    line: index + 1,
                    rule: RULES[0],
                    text: format!("the colour `{colour}` belongs into tokens.css, under a name"),
                });
            }
        }
    }
    findings
}

/// The first colour in the values of a line.
fn colour(line: &str) -> Option<&str> {
    // A `#` before the first colon belongs to a selector.
    let value = line.split_once(':')?.1;
    let function = FUNCTIONS.into_iter().find(|function| {
        value
            .match_indices(function)
            .any(|(at, _)| !value[..at].ends_with(|char: char| char.is_alphanumeric() || char == '-'))
    });
    function.map(|function| function.trim_end_matches('(')).or_else(|| hexadecimal(value))
}

fn hexadecimal(value: &str) -> Option<&str> {
    value.match_indices('#').find_map(|(at, _)| {
        let digits = &value[at + 1..];
        let end = digits
            .find(|char: char| !char.is_ascii_alphanumeric() && char != '-' && char != '_')
            .unwrap_or(digits.len());
        let name = &digits[..end];
        let is_colour = matches!(name.len(), 3 | 4 | 6 | 8) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_colour && !value[..at].ends_with('(')).then(|| &value[at..=at + end])
    })
}

#[cfg(test)]
mod tests {
    use super::{check, colour};
    use crate::tidy::tree::Tree;

    #[test]
    fn colours_are_told_from_selectors_and_references() {
        for (line, expected) in [
            ("color: #fff;", Some("#fff")),
            ("border: 1px solid #12345678;", Some("#12345678")),
            ("background: light-dark(oklch(1 0 0), var(--x));", Some("oklch")),
            ("#add { color: var(--ink); }", None),
            ("fill: url(#abc);", None),
            ("color: color-mix(in oklch, var(--a), var(--b));", None),
        ] {
            assert_eq!(colour(line), expected, "{line}");
        }
    }

    #[test]
    fn tokens_may_have_them() {
        let line = "a { color: #fff; }";
        let tree =
            Tree::of(&[("frontend/styles/tokens.css", line), ("frontend/styles/base.css", line), ("e2e/a.css", line)]);
        let paths: Vec<String> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["frontend/styles/base.css"]);
    }
}
