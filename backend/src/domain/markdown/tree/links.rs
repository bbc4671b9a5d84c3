//! Links that end where the author meant, and show where they lead.

use std::borrow::Cow;

use comrak::{
    Arena,
    nodes::{Node, NodeLink, NodeValue},
};
use url::Url;

use super::new_node;

/// Puts a link right: an address that was recognised in running text ends before Chinese punctuation, and no link wears
/// a disguise.
pub(super) fn mend<'a>(arena: &'a Arena<'a>, node: Node<'a>, link: &NodeLink) {
    let address = |text: &String| link.url == *text || link.url.strip_prefix("http://") == Some(text);
    match only_text(node).filter(address) {
        Some(text) if text.contains(ends_address) => split(arena, node, &text),
        _ => show_destination(node, link),
    }
}

fn only_text(node: Node<'_>) -> Option<String> {
    let child = node.first_child().filter(|child| child.next_sibling().is_none())?;
    match &child.data().value {
        NodeValue::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Punctuation that no address holds unencoded and that follows one without a space.
fn ends_address(c: char) -> bool {
    matches!(
        c,
        '，' | '。' | '；' | '：' | '！' | '？' | '、' | '（' | '）' | '“' | '”' | '‘' | '’' | '\u{3000}'..='】'
    )
}

/// Replaces a link over running text by the links and the text that it is.
fn split<'a>(arena: &'a Arena<'a>, node: Node<'a>, text: &str) {
    let insert = |value| {
        let made = new_node(arena, value);
        node.insert_before(made);
        made
    };
    for run in text.split_inclusive(ends_address) {
        let stop = run.trim_end_matches(ends_address);
        let begin = ["https://", "http://", "www."].iter().filter_map(|start| stop.find(start)).min();
        let (before, address) = stop.split_at(begin.unwrap_or(stop.len()));
        // What GFM leaves out at the end of an address (GFM 6.9, "extended autolinks").
        let address = address.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"', ';', ')']);
        let after = &run[before.len() + address.len()..];
        if !before.is_empty() {
            insert(NodeValue::Text(Cow::Owned(before.to_owned())));
        }
        if !address.is_empty() {
            let url = if address.starts_with("www.") { format!("http://{address}") } else { address.to_owned() };
            let link = NodeLink { url, title: String::new() };
            let made = insert(NodeValue::Link(Box::new(link.clone())));
            made.append(new_node(arena, NodeValue::Text(Cow::Owned(address.to_owned()))));
            show_destination(made, &link);
        }
        if !after.is_empty() {
            insert(NodeValue::Text(Cow::Owned(after.to_owned())));
        }
    }
    node.detach();
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
