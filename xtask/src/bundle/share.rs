//! What several parts of the program share, and where it goes.
//!
//! Left to itself, the splitter makes a file for each set of parts that share something, and a page would have to fetch
//! five. Here all that two parts share goes into the first download, unless only the doors and the last part do: a room,
//! which needs neither, does not wait for that. The splitter follows references, so functions of the first download refer to
//! it that are muted: behind the trap that is left of them, where wasm-opt takes it out again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasm_encoder::{Module, RawSection};
use wasmparser::{KnownCustom, Parser, Payload, RelocationEntry, RelocationType};

use super::linked::{Linked, padded, relocations};
use super::mute::trap;

/// Parts that may have something in common which is not in the first download, in the order of the alphabet.
const BESIDE: [&str; 2] = ["doors", "later"];

/// The same program, muted already, in which the first download refers to what is shared.
///
/// # Errors
///
/// Fails when this is not what the linker makes with `--emit-relocs`, is not cut into parts, or has too little that is muted.
pub(super) fn keep_shared(program: &[u8]) -> Result<Vec<u8>> {
    let linked = Linked::of(program)?;
    let (first, shared) = shared(&linked)?;
    let mut carrier = Carrier::of(program, &linked, &first);
    for node in shared {
        carrier.refer(&linked, node)?;
    }
    let Carrier { program, mut added, .. } = carrier;
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(&program) {
        let payload = payload.context("reading the WASM")?;
        let Some((id, range)) = payload.as_section() else { continue };
        let mut data = program[usize::try_from(range.start)?..usize::try_from(range.end)?].to_vec();
        if let Payload::CustomSection(section) = &payload
            && section.name() == "reloc.CODE"
            && let KnownCustom::Reloc(entries) = section.as_known()
        {
            let section_index = entries.section_index();
            for entry in entries.entries() {
                added.push(entry.context("reading a relocation")?);
            }
            added.sort_by_key(|entry| entry.offset);
            data = relocations(section.name(), section_index, &added);
        }
        module.section(&RawSection { id, data: &data });
    }
    Ok(module.finish())
}

/// Muted functions of the first download, which have room for references.
struct Carrier {
    program: Vec<u8>,
    /// Where that room is, between the trap and the end of each.
    room: Vec<Range<usize>>,
    /// Where in the file the section with the code begins.
    code: usize,
    added: Vec<RelocationEntry>,
}

impl Carrier {
    fn of(program: &[u8], linked: &Linked, first: &BTreeSet<Node>) -> Self {
        let functions =
            first.iter().filter_map(|node| node.within(linked).filter(|_| matches!(node, Node::Function(_))));
        let muted = functions.filter(|body| body.len() > 3 && program[body.clone()] == trap(body.len())[..]);
        let room = muted.map(|body| body.start + 2..body.end - 1).collect();
        Self { program: program.to_vec(), room, code: linked.code, added: Vec::new() }
    }

    /// Puts a reference where there is room: a call, or an address. Between traps neither needs what goes with it.
    fn refer(&mut self, linked: &Linked, node: Node) -> Result<()> {
        let (opcode, ty, index) = match node {
            Node::Function(function) => {
                let symbol = linked.functions.iter().find(|(_, of)| **of == function);
                (0x10, RelocationType::FunctionIndexLeb, *symbol.context("a shared function has no symbol")?.0)
            }
            Node::Data(symbol) => (0x41, RelocationType::MemoryAddrSleb, symbol),
        };
        let reference = [&[opcode][..], &padded(0), &[0x00]].concat();
        let room = self.room.iter_mut().find(|room| room.len() >= reference.len());
        let room = room.context("too little of the program is muted")?;
        let start = room.start;
        room.start += reference.len();
        self.program[start..room.start].copy_from_slice(&reference);
        let offset = u32::try_from(start + 1 - self.code)?;
        self.added.push(RelocationEntry { ty, offset, index, addend: 0 });
        Ok(())
    }
}

/// What the first download leads to, and besides what two parts need.
fn shared(linked: &Linked) -> Result<(BTreeSet<Node>, BTreeSet<Node>)> {
    let mut first = Vec::new();
    let mut parts = BTreeMap::<&str, Vec<Node>>::new();
    for (name, function) in &linked.exports {
        match part_of(name) {
            Some(part) => parts.entry(part).or_default().push(Node::Function(*function)),
            None => first.push(Node::Function(*function)),
        }
    }
    ensure!(!parts.is_empty(), "the client is not cut: is it built with the feature `split`?");
    let first = reached(linked, first, &BTreeSet::new());
    let mut users = BTreeMap::<Node, Vec<&str>>::new();
    for (part, roots) in parts {
        for node in reached(linked, roots, &first) {
            users.entry(node).or_default().push(part);
        }
    }
    users.retain(|_, parts| parts.len() > 1 && *parts != BESIDE);
    let shared = tops(linked, &users.into_keys().collect(), &first);
    Ok((first, shared))
}

/// As few of these as lead to all of them.
fn tops(linked: &Linked, nodes: &BTreeSet<Node>, first: &BTreeSet<Node>) -> BTreeSet<Node> {
    let below: BTreeSet<Node> =
        nodes.iter().flat_map(|node| node.refers_to(linked).filter(move |to| to != node)).collect();
    let (mut tops, mut covered) = (BTreeSet::new(), first.clone());
    // What nothing of them refers to, and then what is left of circles.
    for node in nodes.difference(&below).chain(nodes) {
        if !covered.contains(node) {
            tops.insert(*node);
            let more = reached(linked, vec![*node], &covered);
            covered.extend(more);
        }
    }
    tops
}

/// The part into which an export leads (`wasm_split_macros` names them).
fn part_of(export: &str) -> Option<&str> {
    export.strip_prefix("__wasm_split_00")?.split_once("00_export_").map(|(part, _)| part)
}

/// What refers to others, and is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Function(u32),
    /// By the number of its symbol.
    Data(u32),
}

impl Node {
    /// Where in the file it is.
    fn within(self, linked: &Linked) -> Option<Range<usize>> {
        match self {
            Self::Function(function) => linked.bodies.get((function as usize).checked_sub(linked.imported)?).cloned(),
            Self::Data(symbol) => {
                let data = linked.data.get(&symbol)?;
                data.start.map(|start| start..start + data.size)
            }
        }
    }

    /// What it refers to itself.
    fn refers_to(self, linked: &Linked) -> impl Iterator<Item = Self> {
        let within = self.within(linked).into_iter();
        within.flat_map(|within| linked.references.range(within)).filter_map(|(_, reference)| {
            let function = linked.functions.get(&reference.symbol).map(|function| Self::Function(*function));
            let data = || linked.data.contains_key(&reference.symbol).then_some(Self::Data(reference.symbol));
            function.or_else(data)
        })
    }
}

/// What these lead to, without what is there `already`.
fn reached(linked: &Linked, roots: Vec<Node>, already: &BTreeSet<Node>) -> BTreeSet<Node> {
    let (mut reached, mut waiting) = (BTreeSet::new(), roots);
    while let Some(node) = waiting.pop() {
        if !already.contains(&node) && reached.insert(node) {
            waiting.extend(node.refers_to(linked));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, CustomSection, ExportKind, ExportSection, FunctionSection, LinkingSection, Module, SymbolTable,
        TypeSection,
    };

    use super::{Linked, keep_shared, shared};
    use crate::bundle::mute::trap;

    /// A program of these functions, with what each calls.
    fn program(functions: &[(&str, &[u8])]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut defined, mut code, mut exports) = (FunctionSection::new(), CodeSection::new(), ExportSection::new());
        let (mut symbols, mut relocations, mut offset) = (SymbolTable::new(), Vec::new(), 1);
        for (number, (name, called)) in (0..).zip(functions) {
            defined.function(0);
            symbols.function(0, number, Some(name));
            let mut body = vec![0];
            for function in *called {
                // Behind the length of the body and the opcode.
                relocations.push([0, offset + 1 + u8::try_from(body.len()).expect("short") + 1, *function]);
                body.extend([0x10, *function]);
            }
            body.push(0x0b);
            if *name == "panics" {
                body = trap(17);
            }
            offset += 1 + u8::try_from(body.len()).expect("short");
            code.raw(&body);
            if name.contains("main") || name.contains("export") {
                exports.export(name, ExportKind::Func, number);
            }
        }
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        let head = [3, u8::try_from(relocations.len()).expect("few")];
        let relocations: Vec<u8> = head.into_iter().chain(relocations.into_iter().flatten()).collect();
        let mut module = Module::new();
        module.section(&types).section(&defined).section(&exports).section(&code).section(&linking);
        module.section(&CustomSection { name: "reloc.CODE".into(), data: relocations.into() });
        module.finish()
    }

    const FUNCTIONS: [(&str, &[u8]); 10] = [
        ("main", &[4, 9]),
        ("__wasm_split_00room00_export_0", &[4, 5, 8]),
        ("__wasm_split_00doors00_export_0", &[4, 5, 6]),
        ("__wasm_split_00later00_export_0", &[6, 7, 8]),
        ("in_the_first", &[]),
        ("in_the_room_and_at_the_doors", &[]),
        ("at_the_doors_and_in_the_rest", &[]),
        ("in_the_rest", &[]),
        ("in_the_room_and_in_the_rest", &[]),
        ("panics", &[]),
    ];

    #[test]
    fn what_a_room_shares_goes_into_the_first_download() {
        let kept = keep_shared(&program(&FUNCTIONS)).expect("a linked program");
        let linked = Linked::of(&kept).expect("a program");
        let panics = linked.bodies[9].clone();
        // Behind the locals and the trap: two calls of five bytes and an opcode, each with a trap behind it.
        assert_eq!(kept[panics.clone()][..3], [0, 0, 0x10]);
        let called = linked.references.range(panics.clone()).map(|(at, of)| (at - panics.start, of.symbol));
        assert_eq!(called.collect::<Vec<_>>(), [(3, 5), (10, 8)]);
        assert_eq!(linked.references.len(), 13);
        let (_, still) = shared(&linked).expect("parts");
        assert!(still.is_empty(), "{still:?}");
    }

    #[test]
    fn a_program_in_one_piece_or_without_room_is_refused() {
        let error = keep_shared(&program(&FUNCTIONS[..1])).expect_err("one piece").to_string();
        assert!(error.contains("not cut"), "{error}");
        let error = keep_shared(&program(&FUNCTIONS[..9])).expect_err("no room").to_string();
        assert!(error.contains("too little"), "{error}");
    }
}
