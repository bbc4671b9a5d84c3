//! Just enough of Rust's syntax to tell code from comments, strings and tests.

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

/// The lines of `code`, from 1, on which `name` stands as a whole word or path: `axum` is in `axum::Router`, not in
/// `axum_extra`.
pub(super) fn lines_naming<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.lines().enumerate().filter(move |(_, line)| names(line, name)).map(|(index, _)| index + 1)
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
    use super::{lines_naming, test_functions, without_tests, without_text};

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
        assert_eq!(lines_naming(code, "axum").collect::<Vec<_>>(), [1, 4]);
        assert_eq!(lines_naming(code, ".forget()").collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn test_functions_are_found() {
        let source = "#[test]\nfn one() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}\nfn three() {}\n\
                      #[test]\n#[cfg(unix)]\n// why\nfn four(a in 0..1) {}\n#[cfg(test)]\nmod x {\nfn five() {}";
        assert_eq!(test_functions(source).collect::<Vec<_>>(), ["one", "two", "four"]);
    }
}
