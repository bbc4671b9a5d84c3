//! The HTML of a document that is nothing but words: paragraphs of text, emphasis and code, which most messages are.
//!
//! Such a document has no attribute, and no tag that is not allowed; so what the allow-list would make of its HTML, by
//! parsing it and writing it anew, is known beforehand and written here at once, for a fraction of the work. The list of
//! nodes is closed: any other sends the whole document the long way. A property test compares the two byte by byte.

use comrak::{
    arena_tree::NodeEdge,
    nodes::{Node, NodeValue},
};

/// What most messages come to; more is made room for.
const HTML_BYTES: usize = 256;

/// The HTML of a document, or nothing if it holds anything but words.
pub(super) fn html(document: Node<'_>) -> Option<String> {
    let mut html = String::with_capacity(HTML_BYTES);
    for edge in document.traverse() {
        let (node, begins) = match edge {
            NodeEdge::Start(node) => (node, true),
            NodeEdge::End(node) => (node, false),
        };
        let data = node.data();
        let (begin, text, end) = match &data.value {
            NodeValue::Document => continue,
            NodeValue::Paragraph => ("<p>", None, "</p>\n"),
            NodeValue::Emph => ("<em>", None, "</em>"),
            NodeValue::Strong => ("<strong>", None, "</strong>"),
            NodeValue::Strikethrough => ("<del>", None, "</del>"),
            NodeValue::SoftBreak | NodeValue::LineBreak => ("<br>\n", None, ""),
            NodeValue::Text(text) => ("", Some(text.as_ref()), ""),
            NodeValue::Code(code) => ("<code>", Some(code.literal.as_str()), "</code>"),
            _ => return None,
        };
        if begins {
            html.push_str(begin);
            push_escaped(&mut html, text.unwrap_or_default())?;
        } else {
            html.push_str(end);
        }
    }
    Some(html)
}

/// Writes a text as the serializer of the allow-list does (WHATWG HTML §13.3, "escaping a string"); not one with control
/// characters, some of which an HTML parser replaces.
fn push_escaped(html: &mut String, text: &str) -> Option<()> {
    // In UTF-8 the no-break space and the later control characters begin with 0xC2.
    let may_be_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | 0xc2 | 0x7f) || byte < 0x20;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_be_special) {
        let (before, special) = rest.split_at(at);
        html.push_str(before);
        let c = special.chars().next()?;
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            '\t' | '\n' => html.push(c),
            c if c.is_control() => return None,
            c => html.push(c),
        }
        rest = &special[c.len_utf8()..];
    }
    html.push_str(rest);
    Some(())
}
