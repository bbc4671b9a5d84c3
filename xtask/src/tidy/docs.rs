//! The documents list what the sources have, and name only what exists.
//!
//! The lists are read from the text of the sources: the `problems!` and `events!` tables, the constants of `limits.rs`,
//! the route table, the options of `Config`.

use super::Finding;
use super::code;
use super::tree::Tree;

pub(super) const RULES: [&str; 7] = [
    "problems-in-api",
    "events-in-protocol",
    "routes-in-api",
    "limits-in-api",
    "options-in-operations",
    "paths-exist",
    "decisions-are-numbered",
];

const API: &str = "docs/API.md";
const PROTOCOL: &str = "docs/PROTOCOL.md";
const OPERATIONS: &str = "docs/OPERATIONS.md";

/// What a document must mention, and where it comes from.
struct List {
    rule: &'static str,
    source: &'static str,
    document: &'static str,
    /// The words that the document must hold, read from the source.
    words: fn(&Tree, &str) -> Vec<String>,
}

const LISTS: [List; 6] = [
    List { rule: "problems-in-api", source: "shared/src/problem.rs", document: API, words: problems },
    List { rule: "events-in-protocol", source: "shared/src/event.rs", document: PROTOCOL, words: facts },
    List { rule: "events-in-protocol", source: "shared/src/stream.rs", document: PROTOCOL, words: stream_events },
    List { rule: "routes-in-api", source: "backend/src/http.rs", document: API, words: routes },
    List { rule: "limits-in-api", source: "shared/src/limits.rs", document: API, words: limits },
    List { rule: "options-in-operations", source: "backend/src/config.rs", document: OPERATIONS, words: options },
];

/// Findings of the rules above.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = LISTS.iter().flat_map(|list| check_list(tree, list)).collect();
    for (path, text) in tree.with_extension("md") {
        findings.extend(missing_paths(tree, path, text));
    }
    findings.extend(decisions(tree));
    findings
}

/// Decision pages are counted without a gap, and a page's title begins with its number: others refer to them by it.
fn decisions(tree: &Tree) -> Vec<Finding> {
    let name = |path| str::strip_prefix(path, "docs/decisions/");
    let pages = tree.with_extension("md").filter_map(|(path, text)| Some((path, name(path)?, text)));
    let wrong = pages.zip(1..).filter_map(|((path, name, text), number)| {
        let number = format!("{number:04}");
        let is_right = name.starts_with(&format!("{number}-")) && text.starts_with(&format!("# {number} · "));
        (!is_right).then(|| Finding {
            path: path.to_owned(),
            line: 1,
            rule: "decisions-are-numbered",
            text: format!("the next page is `{number}-….md`, and begins with `# {number} · `"),
        })
    });
    wrong.collect()
}

fn check_list(tree: &Tree, list: &List) -> Vec<Finding> {
    let Some(source) = tree.text(list.source) else { return Vec::new() };
    let find = |path: &str, text| Finding { path: path.to_owned(), line: 0, rule: list.rule, text };
    let words = (list.words)(tree, source);
    if words.is_empty() {
        return vec![find(
            list.source,
            "tidy finds nothing to compare here: has the table changed its form?".to_owned(),
        )];
    }
    let document = match tree.document(list.document, list.rule) {
        Ok(document) => document,
        Err(finding) => return vec![finding],
    };
    let missing = words.into_iter().filter(|word| !document.contains(word.as_str()));
    missing.map(|word| find(list.document, format!("{word} is missing; it is in {}", list.source))).collect()
}

/// `Variant = "code", 404, …;` as a row of the table: `` | `code` | 404 | ``.
fn problems(_: &Tree, source: &str) -> Vec<String> {
    let rows = source.split_once("problems! {").map_or("", |(_, rows)| rows);
    let row = |line: &str| {
        let (_, value) = line.trim().split_once(" = \"")?;
        let (code, rest) = value.split_once("\", ")?;
        let (status, _) = rest.split_once(',')?;
        Some(format!("| `{code}` | {status} |"))
    };
    rows.lines().take_while(|line| *line != "}").filter_map(row).collect()
}

/// `Variant = "kind",` as the first cell of a row.
fn facts(_: &Tree, source: &str) -> Vec<String> {
    let rows = source.split_once("events! {").map_or("", |(_, rows)| rows);
    let row = |line: &str| {
        let (_, value) = line.trim().split_once(" = \"")?;
        Some(format!("| `{}` |", value.split('"').next()?))
    };
    rows.lines().take_while(|line| *line != "}").filter_map(row).collect()
}

/// `pub const HELLO: &str = "hello";` of the module `kind`.
fn stream_events(_: &Tree, source: &str) -> Vec<String> {
    let module = source.split_once("pub mod kind {").map_or("", |(_, module)| module);
    let name = |line: &str| {
        let (_, value) = line.split_once(": &str = \"")?;
        Some(format!("`{}", value.split('"').next()?))
    };
    module.lines().take_while(|line| *line != "}").filter_map(name).collect()
}

/// The constants' names, in backticks.
fn limits(_: &Tree, source: &str) -> Vec<String> {
    let name = |line: &str| Some(format!("`{}`", line.strip_prefix("pub const ")?.split(':').next()?));
    source.lines().filter_map(name).collect()
}

/// `.route("/path", get(…).post(…))` or `.route(route::NAME, …)`, the latter looked up in `shared/src/route.rs`; one word
/// per method.
fn routes(tree: &Tree, source: &str) -> Vec<String> {
    let constants = tree.text("shared/src/route.rs").unwrap_or_default();
    let constant = |name: &str| {
        let (_, value) = constants.split_once(&format!("const {name}: &str = \""))?;
        value.split('"').next()
    };
    let mut words = Vec::new();
    for route in code::without_tests(source).split(".route(").skip(1) {
        let (first, handlers) = route.split_once(',').unwrap_or((route, ""));
        let path = match first.trim().strip_prefix('"') {
            Some(literal) => Some(literal.trim_end_matches('"')),
            None => first.trim().rsplit("::").next().and_then(constant),
        };
        let Some(path) = path.filter(|path| path.starts_with('/')) else { continue };
        let calls: Vec<&str> = handlers.split('(').filter_map(|call| call.rsplit([' ', '.', '\n']).next()).collect();
        let methods = ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| calls.contains(method));
        words.extend(methods.map(|method| format!("`{} {path}`", method.to_uppercase())));
    }
    words
}

/// The fields below `#[arg(long…)]`, as `--flags`.
fn options(_: &Tree, source: &str) -> Vec<String> {
    let mut options = Vec::new();
    let mut long = false;
    for line in code::without_tests(source).lines().map(str::trim) {
        long |= line.starts_with("#[arg(long");
        if let Some(field) = line.strip_prefix("pub ").and_then(|rest| rest.split(':').next()).filter(|_| long) {
            options.push(format!("--{}", field.replace('_', "-")));
            long = false;
        }
    }
    options
}

/// Where a path in a document may start besides the checkout: beside the document, and where sources are spoken of.
const EXTENSIONS: [&str; 12] = ["rs", "md", "mjs", "js", "css", "toml", "html", "json", "png", "svg", "yml", "service"];

/// Paths in backticks and links to files that are not there.
fn missing_paths(tree: &Tree, document: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_block = false;
    for (index, line) in text.lines().enumerate() {
        in_block ^= line.trim_start().starts_with("```");
        if in_block {
            continue;
        }
        let links =
            line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()).filter(|link| is_file(link));
        let quoted = line.split('`').skip(1).step_by(2).filter(|word| is_path(word));
        for path in links.chain(quoted) {
            if !expand(path).iter().all(|path| resolves(tree, document, path)) {
                findings.push(Finding {
                    path: document.to_owned(),
                    line: index + 1,
                    rule: "paths-exist",
                    text: format!("{path} does not exist"),
                });
            }
        }
    }
    findings
}

fn is_file(link: &str) -> bool {
    !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") && !link.starts_with('/')
}

/// Paths have a directory and an extension that we use; patterns and places outside the checkout are something else.
fn is_path(word: &str) -> bool {
    let named =
        word.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension.trim_end_matches('}')));
    let outside = word.starts_with(['/', '~', '$', '.', '-']) || word.contains([' ', '*', '<', '…', ':']);
    word.contains('/') && named && !outside && !word.starts_with("target/") && !word.starts_with("dist/")
}

/// `a/{b,c}.rs` → `a/b.rs`, `a/c.rs`.
fn expand(path: &str) -> Vec<String> {
    let braces = path.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?)));
    match braces {
        None => vec![path.to_owned()],
        Some((start, (names, end))) => names.split(',').map(|name| format!("{start}{}{end}", name.trim())).collect(),
    }
}

/// From the checkout, from the document's directory, or inside a crate (`live/hub.rs` is `backend/src/live/hub.rs`).
fn resolves(tree: &Tree, document: &str, path: &str) -> bool {
    let beside = document.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
    let mut from = vec![String::new(), beside];
    from.extend(["backend/src/", "frontend/src/", "frontend/", "shared/src/"].map(str::to_owned));
    from.iter().any(|base| tree.holds(&normal(&format!("{base}{path}"))))
}

/// Without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{check, missing_paths};
    use crate::tidy::tree::Tree;

    const PROBLEM: &str = "problems! {\n    /// Doc.\n    Blank = \"blank\", 400, \"Blank.\";\n}\n";
    const HTTP: &str =
        "Router::new()\n.route(route::CHAT, get(chat))\n.route(\n    \"/api/rooms/{room}\",\n    get(x)\n.delete(y))";

    fn texts(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_list_that_is_complete_says_nothing() {
        let api = "| `blank` | 400 | x |\n| `GET /chat` |\n| `GET /api/rooms/{room}`, `DELETE /api/rooms/{room}` |\n`BODY_MAX`";
        let files = [
            ("shared/src/problem.rs", PROBLEM),
            ("shared/src/route.rs", "pub const CHAT: &str = \"/chat\";"),
            ("shared/src/limits.rs", "pub const BODY_MAX: usize = 1;"),
            ("shared/src/event.rs", "events! {\n    A = \"a_done\",\n}\n"),
            ("shared/src/stream.rs", "pub mod kind {\n    pub const HELLO: &str = \"hello\";\n}\n"),
            ("backend/src/config.rs", "#[arg(long, env = \"X\")]\npub public_url: Option<Origin>,\n"),
            ("backend/src/http.rs", HTTP),
            ("docs/API.md", api),
            ("docs/PROTOCOL.md", "| `a_done` | room |\n`hello` is first"),
            ("docs/OPERATIONS.md", "`--public-url URL`"),
        ];
        assert_eq!(texts(&files), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let files = [("shared/src/problem.rs", PROBLEM), ("docs/API.md", "| `blank` | 401 |")];
        assert_eq!(
            texts(&files),
            ["docs/API.md: | `blank` | 400 | is missing; it is in shared/src/problem.rs [tidy:problems-in-api]"]
        );
        let files = [("backend/src/http.rs", HTTP), ("docs/API.md", "`GET /api/rooms/{room}`")];
        assert_eq!(
            texts(&files),
            ["docs/API.md: `DELETE /api/rooms/{room}` is missing; it is in backend/src/http.rs [tidy:routes-in-api]"]
        );
    }

    #[test]
    fn a_missing_document_and_an_unreadable_table_are_findings() {
        assert_eq!(
            texts(&[("shared/src/problem.rs", PROBLEM)]),
            ["docs/API.md: this document is missing [tidy:problems-in-api]"]
        );
        assert!(texts(&[("shared/src/problem.rs", "enum P {}"), ("docs/API.md", "")])[0].contains("changed its form"));
    }

    #[test]
    fn decisions_are_counted() {
        let page = |name: &str, title: &str| (format!("docs/decisions/{name}.md"), format!("{title}\n"));
        let wrong = |pages: &[(String, String)]| {
            let files: Vec<_> = pages.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            texts(&files)
                .into_iter()
                .map(|text| text.split(':').next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        let (first, second) = (page("0001-log", "# 0001 · One log"), page("0002-wire", "# 0002 · One wire"));
        assert_eq!(wrong(&[first.clone(), second.clone()]), [""; 0]);
        assert_eq!(wrong(&[first.clone(), page("0002-a", "# 0002 · A"), second]), ["docs/decisions/0002-wire.md"]);
        assert_eq!(wrong(&[first, page("0002-wire", "# 0002: One wire")]), ["docs/decisions/0002-wire.md"]);
    }

    #[test]
    fn paths_in_documents_exist() {
        let tree = Tree::of(&[
            ("backend/src/live/hub.rs", ""),
            ("docs/API.md", ""),
            ("shared/src/a.rs", ""),
            ("shared/src/b.rs", ""),
        ]);
        let missing = |text| missing_paths(&tree, "docs/X.md", text).len();
        for good in [
            "`live/hub.rs`",
            "[API](API.md#calls)",
            "[API](../docs/API.md)",
            "`shared/src/{a,b}.rs`",
            "[x](https://a.b/c.md)",
            "`/etc/teahouse.toml`",
            "`target/release/x.rs`",
            "```\n`no/such.rs`\n```",
        ] {
            assert_eq!(missing(good), 0, "{good}");
        }
        for bad in ["`live/bus.rs`", "[x](NO.md)", "`shared/src/{a,c}.rs`"] {
            assert_eq!(missing(bad), 1, "{bad}");
        }
    }
}
