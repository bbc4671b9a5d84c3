//! Just enough of Rust's syntax to tell code from comments, strings and tests, and to read `use` declarations.

use std::collections::BTreeSet;

/// The code with the contents of comments, strings and character literals blanked out; lines stay where they are.
pub(super) fn without_text(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while !rest.is_empty() {
        let length = text_length(rest, code.chars().next_back());
        if length > 0 {
            code.extend(rest[..length].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            code.push_str(&rest[..first]);
            rest = &rest[first..];
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal; 0 if it starts with code.
fn text_length(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(is_word);
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if let Some(length) = raw_string_length(rest).filter(|_| !in_word) {
        return length;
    }
    if rest.starts_with('"') {
        return quoted_length(rest, '"');
    }
    if rest.starts_with('\'') && !is_lifetime(rest) {
        return quoted_length(rest, '\'');
    }
    0
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, and the same with `b` or `c` in front.
fn raw_string_length(rest: &str) -> Option<usize> {
    let after_r = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let body = after_r[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if char == quote {
            return at + char.len_utf8();
        }
    }
    rest.len()
}

/// `'a` in `&'a str` is one, `'a'` and `'\n'` are not.
fn is_lifetime(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    let first = chars.next();
    first.is_some_and(is_word) && chars.next() != Some('\'')
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// The source up to its `#[cfg(test)] mod … {`, which by convention comes last.
pub(super) fn without_tests(source: &str) -> &str {
    let mut from = 0;
    while let Some(at) = source[from..].find("#[cfg(test)]").map(|at| from + at) {
        let after = &source[at + "#[cfg(test)]".len()..];
        let next = after.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#[")).unwrap_or("");
        if next.starts_with("mod ") && next.ends_with('{') {
            return &source[..at];
        }
        from = at + 1;
    }
    source
}

/// What the `use` declarations of `code` bring in, groups taken apart: `use a::{b, c::{d as e, self}};` is `a::b`,
/// `a::c::d` and `a::c::self`. Each with its line, from 1.
pub(super) fn imports(code: &str) -> Vec<(usize, String)> {
    let mut imports = Vec::new();
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let words = line.trim_start();
        let tree = if words.starts_with("pub") {
            words.split_once(" use ").map(|(_, tree)| tree)
        } else {
            words.strip_prefix("use ")
        };
        if let Some(tree) = tree {
            let from = start + line.len() - tree.len();
            let length = code[from..].find(';').unwrap_or(code.len() - from);
            let first = code[..from].matches('\n').count() + 1;
            flatten(&code[from..from + length], "", first, &mut imports);
        }
        start += line.len();
    }
    imports
}

/// Takes one `use` tree apart; `line` is where it begins.
fn flatten(tree: &str, prefix: &str, line: usize, into: &mut Vec<(usize, String)>) {
    let Some((path, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree).trim();
        if !path.is_empty() {
            into.push((line + lines_before(tree), format!("{prefix}{path}")));
        }
        return;
    };
    let prefix = format!("{prefix}{}", path.trim());
    let body = rest.rsplit_once('}').map_or(rest, |(body, _)| body);
    let (mut depth, mut start) = (0_usize, 0);
    let body_line = line + path.matches('\n').count();
    for (at, char) in body.char_indices().chain([(body.len(), ',')]) {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&body[start..at], &prefix, body_line + body[..start].matches('\n').count(), into);
                start = (at + 1).min(body.len());
            }
            _ => {}
        }
    }
}

/// Line breaks before the first word.
fn lines_before(text: &str) -> usize {
    text[..text.len() - text.trim_start().len()].matches('\n').count()
}

/// The lines of `code`, from 1, on which `name` stands as a whole word or path, or is imported: `axum` is in
/// `axum::Router`, not in `axum_extra`.
pub(super) fn lines_naming(code: &str, imports: &[(usize, String)], name: &str) -> BTreeSet<usize> {
    let written = code.lines().enumerate().filter(|(_, line)| names(line, name)).map(|(index, _)| index + 1);
    let imported = imports.iter().filter(|(_, path)| names(path, name)).map(|(line, _)| *line);
    written.chain(imported).collect()
}

fn names(line: &str, name: &str) -> bool {
    let touches_word = |char: Option<char>, edge: Option<char>| char.is_some_and(is_word) && edge.is_some_and(is_word);
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !touches_word(before, name.chars().next()) && !touches_word(after, name.chars().next_back())
    })
}

/// The names of functions with a `#[test]`, `#[tokio::test]` or the like above them, also inside `proptest!`.
pub(super) fn test_functions(source: &str) -> impl Iterator<Item = &str> {
    let mut marked = false;
    source.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[") {
            marked |= line.trim_start_matches("#[").split(['(', ']']).next().is_some_and(|name| name.ends_with("test"));
            return None;
        }
        let words = line.strip_prefix("pub ").unwrap_or(line);
        let function = words.strip_prefix("async ").unwrap_or(words).strip_prefix("fn ");
        if line.is_empty() || line.starts_with("//") {
            return None;
        }
        let name = function.filter(|_| marked).and_then(|rest| rest.split(['(', '<']).next());
        marked = false;
        name
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{imports, lines_naming, test_functions, without_tests, without_text};

    #[test]
    fn comments_and_literals_are_blanked() {
        for (source, expected) in [
            ("a // axum\nb", "a        \nb"),
            ("a /* x /* y */ z */ b", "a                   b"),
            (r#"f("ax\"um", b)"#, "f(        , b)"),
            (r##"f(r#"a"b"#, c)"##, "f(        , c)"),
            ("fn f<'a>(c: &'a str) { 'x' }", "fn f<'a>(c: &'a str) {     }"),
            ("'\\'' axum", "     axum"),
            ("for \"é\" in x", "for     in x"),
        ] {
            assert_eq!(without_text(source), expected);
        }
    }

    #[test]
    fn only_a_test_module_is_cut_off() {
        let source = "#[cfg(test)]\nfn helper() {}\nfn real() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n axum }";
        assert_eq!(without_tests(source), "#[cfg(test)]\nfn helper() {}\nfn real() {}\n");
        assert_eq!(without_tests("#[cfg(test)]\nmod tests;\nfn a() {}"), "#[cfg(test)]\nmod tests;\nfn a() {}");
    }

    #[test]
    fn names_are_whole_words() {
        let code = "use axum::Router;\nuse axum_extra;\nmy_axum();\n(axum)\nx.forget();\nforget_me()";
        assert_eq!(lines_naming(code, &[], "axum"), BTreeSet::from([1, 4]));
        assert_eq!(lines_naming(code, &[], ".forget()"), BTreeSet::from([5]));
        let code = "use tokio::{select, time::Instant};\nuse std::{\n    io,\n    time::{Duration, Instant},\n};";
        assert_eq!(lines_naming(code, &imports(code), "std::time::Instant"), BTreeSet::from([4]));
    }

    #[test]
    fn groups_of_imports_are_taken_apart() {
        let code =
            "use a::b;\npub(crate) use c::{\n    d,\n    e::{f as g, self},\n};\nfn reuse() {}\nlet x = {use h::*;}";
        let expected = [(1, "a::b"), (3, "c::d"), (4, "c::e::f"), (4, "c::e::self")];
        assert_eq!(imports(code), expected.map(|(line, path)| (line, path.to_owned())));
    }

    #[test]
    fn test_functions_are_found() {
        let source = "#[test]\nfn one() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}\nfn three() {}\n\
                      #[test]\n#[cfg(unix)]\n// why\nfn four(a in 0..1) {}\n#[cfg(test)]\nmod x {\nfn five() {}";
        assert_eq!(test_functions(source).collect::<Vec<_>>(), ["one", "two", "four"]);
    }
}
