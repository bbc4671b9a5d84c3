//! What a message may not hold becomes what it may, before it is HTML.
//!
//! Headings would break the page's own outline, images would load from foreign servers, raw HTML is a text that the
//! author typed and should be seen as typed, and a link should show where it leads.

use std::borrow::Cow;

use comrak::{
    Arena,
    nodes::{Ast, AstNode, LineColumn, Node, NodeHtmlBlock, NodeLink, NodeValue},
};
use url::Url;

use comrak::arena_tree::NodeEdge;

/// Whether a document is deeper, or has more nodes, than its text can be worth.
pub(super) fn is_excessive(document: Node<'_>, depth_max: usize, nodes_max: usize) -> bool {
    let (mut depth, mut nodes) = (0_usize, 0_usize);
    for edge in document.traverse() {
        match edge {
            NodeEdge::Start(_) => (depth, nodes) = (depth + 1, nodes + 1),
            NodeEdge::End(_) => depth -= 1,
        }
        if depth > depth_max || nodes > nodes_max {
            return true;
        }
    }
    false
}

/// Changes the document in place.
pub(super) fn tame<'a>(arena: &'a Arena<'a>, document: Node<'a>) {
    // Collected first: the tree changes under the walk.
    for node in document.descendants().collect::<Vec<_>>() {
        let value = node.data().value.clone();
        match value {
            NodeValue::Heading(_) => embolden(arena, node),
            NodeValue::HtmlBlock(block) => spell_out(arena, node, &block),
            NodeValue::Image(image) => link_image(arena, node, image),
            NodeValue::Link(link) => show_destination(node, &link),
            _ => {}
        }
    }
}

fn new_node<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
    let made = Ast::new(value, LineColumn { line: 0, column: 0 });
    arena.alloc(AstNode::from(made))
}

/// A heading becomes a paragraph in bold.
fn embolden<'a>(arena: &'a Arena<'a>, heading: Node<'a>) {
    let strong = new_node(arena, NodeValue::Strong);
    strong.extend(heading.children().collect::<Vec<_>>());
    heading.append(strong);
    heading.data_mut().value = NodeValue::Paragraph;
}

/// A block of HTML becomes a paragraph of its source, line by line.
fn spell_out<'a>(arena: &'a Arena<'a>, block: Node<'a>, html: &NodeHtmlBlock) {
    block.data_mut().value = NodeValue::Paragraph;
    for (index, line) in html.literal.trim_end().lines().enumerate() {
        if index > 0 {
            block.append(new_node(arena, NodeValue::LineBreak));
        }
        block.append(new_node(arena, NodeValue::Text(Cow::Owned(line.to_owned()))));
    }
}

/// An image becomes a link to it with the alternative text, or with the address when there is none. Inside of a link,
/// where no other can be, only the text stays.
fn link_image<'a>(arena: &'a Arena<'a>, node: Node<'a>, image: Box<NodeLink>) {
    if node.first_child().is_none() {
        node.append(new_node(arena, NodeValue::Text(Cow::Owned(image.url.clone()))));
    }
    let in_link = node.ancestors().skip(1).any(|outer| matches!(outer.data().value, NodeValue::Link(_)));
    if in_link {
        for child in node.children().collect::<Vec<_>>() {
            node.insert_before(child);
        }
        node.detach();
    } else {
        node.data_mut().value = NodeValue::Link(image.clone());
        show_destination(node, &image);
    }
}

/// Removes from a link what disguises its destination: a user name (`https://bank.example@evil.example`), and a host
/// whose letters come from scripts that look alike (`раypal.example` with Cyrillic letters), which is then written in
/// its ASCII form (RFC 3492). A text that repeats the address is changed with it.
fn show_destination(node: Node<'_>, link: &NodeLink) {
    let Some(plain) = undisguised(&link.url) else { return };
    let only_child = node.first_child().filter(|child| child.next_sibling().is_none());
    if let Some(child) = only_child {
        let mut child = child.data_mut();
        if let NodeValue::Text(text) = &mut child.value
            && (link.url.ends_with(text.as_ref()) || host_of(&link.url) == host_of(text))
        {
            *text = Cow::Owned(plain.clone());
        }
    }
    if let NodeValue::Link(link) = &mut node.data_mut().value {
        link.url = plain;
    }
}

/// The address without its disguise, or `None` when it wears none.
fn undisguised(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let named = !url.username().is_empty() || url.password().is_some();
    if !named && !host_of(address).split('.').any(mixes_scripts) {
        return None;
    }
    // Neither can fail on an address that has a host, as http and https have.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.into())
}

/// What stands where the host stands, as it was typed.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

/// Whether a label of a host mixes Latin with a script that has letters looking the same.
fn mixes_scripts(label: &str) -> bool {
    let latin = label.chars().any(|c| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}'));
    // Greek and Coptic, Cyrillic, Armenian, Cherokee, Latin-like mathematical and full-width forms are folded by IDNA.
    let alike = |c| matches!(c, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1f00}'..='\u{1fff}' | '\u{ab70}'..='\u{abbf}');
    latin && label.chars().any(alike)
}
