//! A message's Markdown as HTML: rendered once, by the server, and stored beside its source.
//!
//! Three steps: comrak parses (CommonMark and what people expect of a chat), [`tree`] turns what a message may not hold
//! into what it may (images into links, headings into bold lines, HTML into its own text), ammonia lets only an
//! allow-list through. The last step alone makes the result safe; the ones before it make it readable. What holds nothing
//! but [`words`] needs neither of the last two. Work and output are bounded: what is built to cost much more than it says
//! is shown as plain text.

mod tree;
mod words;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use comrak::{Arena, Options, format_html, nodes::Node, parse_document};

/// Counts what changes the HTML of an unchanged text. Stored with each message, so that older ones can be told apart
/// and rendered anew.
pub const RENDERER_VERSION: u32 = 1;

/// Deepest nesting of a document that is rendered. People quote quotes three or four times; the HTML parser's work
/// grows with the square of this.
const DEPTH_MAX: usize = 32;

/// Most elements of a document that is rendered: five times what 16 KiB of lively text comes to.
const NODES_MAX: usize = 8_000;

/// Most cells that a table may have, empty ones included: a row of one `|` is filled up to the width of the first.
const CELLS_MAX: usize = 4_000;

/// Renders a message. The result is safe to insert into a page as it is: tags and attributes of an allow-list, links to
/// `http`, `https` and `mailto` only. It is the same for the same text, always.
#[must_use]
pub fn render(body: &str) -> String {
    let arena = Arena::new();
    let document = parse_document(&arena, body, &options(body));
    if tree::is_excessive(document, DEPTH_MAX, NODES_MAX) {
        return plain(body);
    }
    if let Some(html) = words::html(document) {
        return html;
    }
    tree::tame(&arena, document);
    sanitise(&html_of(document))
}

/// The text in paragraphs, without any markup.
fn plain(body: &str) -> String {
    let paragraph = |text: &str| {
        let lines: Vec<_> = text.lines().map(ammonia::clean_text).collect();
        format!("<p>{}</p>\n", lines.join("<br>\n"))
    };
    sanitise(&body.split("\n\n").filter(|text| !text.trim().is_empty()).map(paragraph).collect::<String>())
}

fn html_of(document: Node<'_>) -> String {
    let mut html = String::new();
    format_html(document, &options(""), &mut html).expect("a String takes all that is written to it");
    html
}

fn options(body: &str) -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = !may_hold_huge_table(body);
    // Plain CommonMark does not bold **注意：**正文.
    options.extension.cjk_friendly_emphasis = true;
    options.render.hardbreaks = true;
    options.render.escape = true;
    options
}

/// Whether a table in this text could have more cells than anyone reads: lines times the most bars of a line, which no
/// table exceeds.
fn may_hold_huge_table(body: &str) -> bool {
    if !body.contains('|') {
        return false;
    }
    let bars = body.lines().map(|line| line.bytes().filter(|&byte| byte == b'|').count()).max().unwrap_or_default();
    body.lines().count().saturating_mul(bars + 1) > CELLS_MAX && bars > 1
}

fn sanitise(html: &str) -> String {
    static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut allowed = Builder::empty();
        allowed
            .tags(HashSet::from([
                "a",
                "blockquote",
                "br",
                "code",
                "del",
                "em",
                "hr",
                "li",
                "ol",
                "p",
                "pre",
                "strong",
                "table",
                "tbody",
                "td",
                "th",
                "thead",
                "tr",
                "ul",
            ]))
            .add_tag_attributes("a", ["href", "title"])
            .add_tag_attributes("code", ["class"])
            .add_tag_attributes("ol", ["start"])
            .add_tag_attributes("td", ["align"])
            .add_tag_attributes("th", ["align"])
            .attribute_filter(attribute)
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .url_relative(UrlRelative::Deny)
            .link_rel(Some("noopener noreferrer nofollow ugc"))
            .set_tag_attribute_value("a", "target", "_blank")
            // A long line of code scrolls; with this it does so by keyboard too.
            .set_tag_attribute_value("pre", "tabindex", "0");
        allowed
    });
    ALLOWED.clean(html).to_string()
}

/// Keeps an attribute's value, or drops it: the only classes are those that name a language.
fn attribute<'u>(_element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    let language = |name: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'_' | b'.');
        !name.is_empty() && name.len() <= 32 && name.bytes().all(known)
    };
    let kept = attribute != "class" || value.strip_prefix("language-").is_some_and(language);
    kept.then_some(Cow::Borrowed(value))
}
