//! What a message may not hold becomes what it may, before it is HTML.
//!
//! Headings would break the page's own outline, images would load from foreign servers, raw HTML is a text that the
//! author typed and should be seen as typed. What becomes of links is in [`links`].

mod links;

use std::borrow::Cow;

use comrak::{
    Arena,
    arena_tree::NodeEdge,
    nodes::{Ast, AstNode, LineColumn, Node, NodeHtmlBlock, NodeLink, NodeValue},
};

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
            NodeValue::Link(link) => links::mend(arena, node, &link),
            _ => {}
        }
    }
}

pub(super) fn new_node<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
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
        links::mend(arena, node, &image);
    }
}
