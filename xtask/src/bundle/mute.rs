//! What the compiler cannot leave out of the client's WASM, and nobody needs there, taken out of what the linker made.
//!
//! A panic ends the program, and what it would print goes nowhere: no hook is set, and in a page standard error leads
//! nowhere. So the functions that put a panic's message together become a trap each; the checks that lead there stay as
//! they are. The streams that Leptos' own requests could make of the page's are never made here. A trap refers to nothing:
//! with its relocations gone, the splitter and wasm-opt drop what only these functions led to, most of `core::fmt` among it.
//! What they are given is read by nobody then: texts and places of the source are taken out too (`arguments`, `places`).

mod arguments;
mod closures;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasm_encoder::Encode as _;
use wasmparser::{BinaryReader, KnownCustom, Name, Parser, Payload, RelocSectionReader, RelocationType, TypeRef};

use self::places::Places;
use super::linked::{NUMBER_BYTES, padded, relocations};

/// What the mangled name of a function that only ever panics holds, in either of the compiler's manglings (`legacy`, `v0`).
const PANICS: [&str; 24] = [
    "4core9panicking",
    "3std9panicking",
    "9panicking9panic_fmt",
    "9panicking5panic",
    "9panicking18panic_bounds_check",
    "9panicking11panic_const",
    "9panicking13assert_failed",
    "4core6option13unwrap_failed",
    "4core6option13expect_failed",
    "4core6result13unwrap_failed",
    "5index16slice_index_fail",
    "16slice_error_fail",
    "19slice_error_fail_rt",
    "4cell22panic_already_borrowed",
    "4cell30panic_already_mutably_borrowed",
    "5alloc18handle_alloc_error",
    "7raw_vec17capacity_overflow",
    "7raw_vec12handle_error",
    "10rust_panic",
    "17rust_begin_unwind",
    "5local18panic_access_error",
    // Nothing in the client is shown as `{:?}`, except by a panic.
    "core..fmt..Debug$GT$",
    "5Debug3fmt",
    "3fmt8builders",
];

/// What the name of a function begins with that wasm_streams exports to the page, which never calls it.
const UNUSED: &str = "intounderlying";

/// The same program without what panics say.
///
/// # Errors
///
/// Fails when this is not what the linker makes with `--emit-relocs`.
pub(super) fn mute(program: &[u8]) -> Result<Vec<u8>> {
    let found = Found::of(program)?;
    ensure!(!found.muted.is_empty(), "no function of the WASM panics: does the profile strip more than `debuginfo`?");
    let mut muted = program.to_vec();
    for body in &found.muted {
        muted[body.clone()].copy_from_slice(&trap(body.len()));
    }
    for (at, address) in &found.addresses {
        muted[*at..*at + NUMBER_BYTES].copy_from_slice(&padded(*address));
    }
    let mut result = muted[..8].to_vec();
    let mut reader = BinaryReader::new(&muted, 0);
    reader.read_bytes(8)?;
    for section in 0.. {
        if reader.eof() {
            break;
        }
        let (id, size) = (reader.read_u8()?, reader.read_var_u32()?);
        let contents = reader.read_bytes(size as usize)?;
        let contents = found.relocations.get(&section).map_or(contents, Vec::as_slice);
        result.push(id);
        contents.encode(&mut result);
    }
    Ok(result)
}

/// A body of so many bytes that traps: no locals, `unreachable`, as many `nop` as it takes, `end`.
pub(super) fn trap(length: usize) -> Vec<u8> {
    let mut body = vec![0x01; length];
    body[..2].copy_from_slice(&[0x00, 0x00]);
    body[length - 1] = 0x0b;
    body
}

/// What there is to change.
#[derive(Default)]
struct Found {
    /// Where in the file the bodies are.
    muted: Vec<Range<usize>>,
    /// The contents of sections that list relocations, without theirs, by the section's place in the file.
    relocations: BTreeMap<usize, Vec<u8>>,
    /// Other addresses for constants of the code, by where in the file they are.
    addresses: BTreeMap<usize, u32>,
}

/// What is not read in a muted program.
struct Unread {
    constants: BTreeSet<usize>,
    places: Places,
}

impl Found {
    fn of(program: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        let names = names(program)?;
        let unread = Unread { constants: arguments::unread(program, &names)?, places: Places::of(program)? };
        let (mut function, mut section, mut code) = (0_u32, 0, None);
        for payload in Parser::new(0).parse_all(program) {
            let payload = payload.context("reading the WASM")?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        function += u32::from(matches!(import.context("reading an import")?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = Some((section, as_usize(range)?.start)),
                Payload::CodeSectionEntry(body) => {
                    let body = as_usize(&body.range())?;
                    if names.contains(&function) && body.len() > 3 {
                        found.muted.push(body);
                    }
                    function += 1;
                }
                Payload::CustomSection(custom) => {
                    if let (KnownCustom::Reloc(entries), Some((index, start))) = (custom.as_known(), code)
                        && entries.section_index() as usize == index
                    {
                        let kept = found.kept(custom.name(), entries, start, &unread)?;
                        found.relocations.insert(section, kept);
                    }
                }
                _ => {}
            }
            section += usize::from(payload.as_section().is_some());
        }
        Ok(found)
    }

    /// A section of relocations without those of muted bodies and of what is not read; notes which addresses change.
    fn kept(&mut self, name: &str, entries: RelocSectionReader<'_>, code: usize, unread: &Unread) -> Result<Vec<u8>> {
        let mut kept = Vec::new();
        for entry in entries.entries() {
            let mut entry = entry.context("reading a relocation")?;
            let at = code + entry.offset as usize;
            let next = self.muted.partition_point(|body| body.end <= at);
            if self.muted.get(next).is_some_and(|body| body.contains(&at)) {
                continue;
            }
            if entry.ty == RelocationType::MemoryAddrSleb {
                if unread.constants.contains(&at) {
                    self.addresses.insert(at, 0);
                    continue;
                }
                if let Some((one, address)) = unread.places.instead_of(entry.index).filter(|_| entry.addend == 0) {
                    self.addresses.insert(at, address);
                    entry.index = one;
                }
            }
            kept.push(entry);
        }
        Ok(relocations(name, entries.section_index(), &kept))
    }
}

/// The functions to mute, by what they are called.
fn names(program: &[u8]) -> Result<BTreeSet<u32>> {
    let mut muted = BTreeSet::new();
    let mut all = BTreeMap::new();
    for payload in Parser::new(0).parse_all(program) {
        let Payload::CustomSection(section) = payload.context("reading the WASM")? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            let Name::Function(functions) = subsection.context("reading the names")? else { continue };
            for function in functions {
                let function = function.context("reading a name")?;
                all.insert(function.index, function.name);
                if function.name.starts_with(UNUSED) || PANICS.iter().any(|part| function.name.contains(part)) {
                    muted.insert(function.index);
                }
            }
        }
    }
    muted.extend(closures::never_called(&super::linked::Linked::of(program)?, &all));
    Ok(muted)
}

fn as_usize(range: &Range<impl Copy + TryInto<usize>>) -> Result<Range<usize>> {
    let place = |at| TryInto::<usize>::try_into(at).ok().context("the WASM is larger than memory");
    Ok(place(range.start)?..place(range.end)?)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, CustomSection, DataSection, DataSymbolDefinition, Function, FunctionSection,
        LinkingSection, Module, NameMap, NameSection, SymbolTable, TypeSection, ValType,
    };
    use wasmparser::{KnownCustom, Operator, Parser, Payload};

    use super::mute;
    use crate::bundle::linked::padded;

    /// Two functions that call each other, with a relocation in each; only the first one's name says that it panics.
    fn program(named: bool) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code, mut names) = (FunctionSection::new(), CodeSection::new(), NameMap::new());
        for (index, name) in
            [(0, "_RNvNtCsabc_4core9panicking9panic_fmt"), (1, "_ZN8frontend4main17h0123456789abcdefE")]
        {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().call(1 - index).call(1 - index).end();
            code.function(&body);
            names.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        // R_WASM_FUNCTION_INDEX_LEB at the first call of each: after the count, and the length and the locals of a body.
        let relocations = [2, 2, 0, 4, 1, 0, 11, 0];
        let relocations = CustomSection { name: "reloc.CODE".into(), data: (&relocations[..]).into() };
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&relocations);
        if named {
            module.section(&section);
        }
        module.finish()
    }

    #[test]
    fn panics_become_traps_without_relocations() {
        let muted = mute(&program(true)).expect("a linked program");
        let (mut traps, mut relocated) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&muted) {
            match payload.expect("a program") {
                Payload::CodeSectionEntry(body) => {
                    let first = body.get_operators_reader().expect("code").read().expect("an instruction");
                    traps.push(matches!(first, Operator::Unreachable));
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Reloc(entries) = section.as_known() {
                        relocated.extend(entries.entries().into_iter().map(|entry| entry.expect("an entry").offset));
                    }
                }
                _ => {}
            }
        }
        assert_eq!(traps, [true, false]);
        assert_eq!(relocated, [11]);
    }

    #[test]
    fn what_only_a_panic_is_given_falls_away_and_all_places_are_one() {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], []);
        types.ty().function([], []);
        let (mut functions, mut code, mut names) = (FunctionSection::new(), CodeSection::new(), NameMap::new());
        functions.function(0).function(1);
        let [mut panics, mut caller] = [Function::new([]), Function::new([])];
        panics.instructions().local_get(0).drop().end();
        // The second place is kept, the text goes to the panic.
        let constant = |address| [&[0x41][..], &padded(address)].concat();
        caller.raw(constant(1048)).instructions().drop();
        caller.raw(constant(1024)).instructions().call(0).end();
        code.function(&panics).function(&caller);
        names.append(0, "_RNvNtCsabc_4core9panicking9panic_fmt");
        let mut section = NameSection::new();
        section.functions(&names);
        let mut bytes = b"src/a.rs".to_vec();
        bytes.extend([[1024, 8, 7, 3], [1024, 8, 9, 5]].into_iter().flatten().flat_map(u32::to_le_bytes));
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(1024), bytes);
        let mut symbols = SymbolTable::new();
        for (offset, size) in [(0, 8), (8, 16), (24, 16)] {
            symbols.data(0, "", Some(DataSymbolDefinition { index: 0, offset, size }));
        }
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&data).section(&linking);
        // R_WASM_MEMORY_ADDR_SLEB at both constants of the second function, and _I32 at the first word of each place.
        for (name, data) in
            [("reloc.CODE", [2, 2, 4, 10, 2, 0, 4, 17, 0, 0]), ("reloc.DATA", [3, 2, 5, 15, 0, 0, 5, 31, 0, 0])]
        {
            module.section(&CustomSection { name: name.into(), data: (&data[..]).into() });
        }
        module.section(&section);

        let muted = mute(&module.finish()).expect("a linked program");
        let (mut constants, mut relocated) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&muted) {
            match payload.expect("a program") {
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().expect("code") {
                        if let Operator::I32Const { value } = operator.expect("an instruction") {
                            constants.push(value);
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == "reloc.CODE" => {
                    let KnownCustom::Reloc(entries) = section.as_known() else { continue };
                    let entries = entries.entries().into_iter().map(|entry| entry.expect("an entry"));
                    relocated.extend(entries.map(|entry| (entry.offset, entry.index)));
                }
                _ => {}
            }
        }
        assert_eq!(constants, [1032, 0]);
        assert_eq!(relocated, [(10, 1)]);
    }

    #[test]
    fn a_program_without_names_is_refused() {
        assert!(mute(&program(false)).expect_err("no names").to_string().contains("debuginfo"));
    }
}
