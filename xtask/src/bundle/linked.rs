//! What the linker says of a program with `--emit-relocs`: which stretches of data there are, and what refers to what.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result};
use wasm_encoder::Encode as _;
use wasmparser::{
    DataKind, ExternalKind, KnownCustom, Linking, Operator, Parser, Payload, RelocAddendKind, RelocSectionReader,
    RelocationEntry, RelocationType, SymbolInfo, SymbolInfoMap, TypeRef,
};

/// A program as it was linked.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// How many functions are imported; they have the first numbers.
    pub(super) imported: usize,
    /// Where in the file the section with the code begins.
    pub(super) code: usize,
    /// Where in the file the bodies of the other functions are.
    pub(super) bodies: Vec<Range<usize>>,
    /// Exported functions.
    pub(super) exports: Vec<(String, u32)>,
    /// Stretches of data, by the number of their symbol.
    pub(super) data: BTreeMap<u32, Stretch>,
    /// The functions that have a symbol, by its number.
    pub(super) functions: BTreeMap<u32, u32>,
    /// What in the file refers to a symbol.
    pub(super) references: BTreeMap<usize, Reference>,
}

/// Data with a name of its own.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Where it is in the file.
    pub(super) start: Option<usize>,
    /// Where it is in memory, if that is fixed.
    pub(super) address: Option<u32>,
    /// In bytes.
    pub(super) size: usize,
}

/// A place in code or data that the linker filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    /// The number of the symbol.
    pub(super) symbol: u32,
    /// So many bytes behind the symbol.
    pub(super) addend: i64,
}

/// Where a segment is in the file, and in memory if that is fixed.
type Segment = (usize, Option<u32>);

impl Linked {
    /// Reads what the linker says.
    ///
    /// # Errors
    ///
    /// Fails when this is no WASM.
    pub(super) fn of(program: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        let (mut segments, mut starts) = (Vec::new(), BTreeMap::new());
        let mut section = 0;
        for payload in Parser::new(0).parse_all(program) {
            let payload = payload.context("reading the WASM")?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        let import = import.context("reading an import")?;
                        found.imported += usize::from(matches!(import.ty, TypeRef::Func(_)));
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports.clone() {
                        let export = export.context("reading an export")?;
                        if export.kind == ExternalKind::Func {
                            found.exports.push((export.name.to_owned(), export.index));
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    found.code = usize::try_from(range.start)?;
                    starts.insert(section, found.code);
                }
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    found.bodies.push(usize::try_from(range.start)?..usize::try_from(range.end)?);
                }
                Payload::DataSection(data) => {
                    starts.insert(section, usize::try_from(data.range().start)?);
                    for segment in data.clone() {
                        let segment = segment.context("reading data")?;
                        let start = usize::try_from(segment.range.end)? - segment.data.len();
                        segments.push((start, address(&segment.kind)?));
                    }
                }
                Payload::CustomSection(custom) => found.read_custom(custom.as_known(), &segments, &starts)?,
                _ => {}
            }
            section += usize::from(payload.as_section().is_some());
        }
        Ok(found)
    }

    /// `segments` says of each where it is in the file, and in memory; `starts` where sections begin, by their number.
    fn read_custom(
        &mut self,
        custom: KnownCustom<'_>,
        segments: &[Segment],
        starts: &BTreeMap<usize, usize>,
    ) -> Result<()> {
        match custom {
            KnownCustom::Linking(parts) => {
                for part in parts {
                    if let Linking::SymbolTable(symbols) = part.context("reading what was linked")? {
                        self.read_symbols(symbols, segments)?;
                    }
                }
                Ok(())
            }
            KnownCustom::Reloc(entries) => match starts.get(&(entries.section_index() as usize)) {
                Some(start) => self.read_references(&entries, *start),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn read_symbols(&mut self, symbols: SymbolInfoMap<'_>, segments: &[Segment]) -> Result<()> {
        for (number, symbol) in (0..).zip(symbols) {
            match symbol.context("reading a symbol")? {
                SymbolInfo::Func { index, .. } => {
                    self.functions.insert(number, index);
                }
                SymbolInfo::Data { symbol: Some(symbol), .. } => {
                    let segment = segments.get(symbol.index as usize);
                    let start = segment.and_then(|(start, _)| start.checked_add(symbol.offset as usize));
                    let address = segment.and_then(|(_, address)| (*address)?.checked_add(symbol.offset));
                    self.data.insert(number, Stretch { start, address, size: symbol.size as usize });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// `start` is where in the file the section begins that the entries are about.
    fn read_references(&mut self, entries: &RelocSectionReader<'_>, start: usize) -> Result<()> {
        for entry in entries.entries() {
            let entry = entry.context("reading a relocation")?;
            // It is no symbol that this one names.
            if entry.ty == RelocationType::TypeIndexLeb {
                continue;
            }
            let reference = Reference { symbol: entry.index, addend: entry.addend };
            self.references.insert(start + entry.offset as usize, reference);
        }
        Ok(())
    }
}

/// Where a segment is in memory, if that is fixed.
fn address(kind: &DataKind<'_>) -> Result<Option<u32>> {
    let DataKind::Active { offset_expr, .. } = kind else { return Ok(None) };
    Ok(match offset_expr.get_operators_reader().read().context("reading where data is")? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        _ => None,
    })
}

/// The contents of a section that lists what to relocate in the section with this number.
pub(super) fn relocations(name: &str, section: u32, entries: &[RelocationEntry]) -> Vec<u8> {
    let mut contents = Vec::new();
    name.encode(&mut contents);
    section.encode(&mut contents);
    entries.len().encode(&mut contents);
    for entry in entries {
        contents.push(entry.ty as u8);
        entry.offset.encode(&mut contents);
        entry.index.encode(&mut contents);
        if entry.ty.addend_kind() != RelocAddendKind::None {
            entry.addend.encode(&mut contents);
        }
    }
    contents
}

/// How long an address or a number is in code that can be relocated.
pub(super) const NUMBER_BYTES: usize = 5;

/// An address as the linker writes it: LEB128, as long as the longest.
pub(super) fn padded(address: u32) -> [u8; NUMBER_BYTES] {
    let mut rest = i64::from(address.cast_signed());
    [0, 1, 2, 3, 4].map(|at| {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        if at < 4 { low | 0x80 } else { low }
    })
}

#[cfg(test)]
mod tests {
    use super::padded;

    #[test]
    fn addresses_are_as_long_as_the_longest() {
        assert_eq!(padded(0), [0x80, 0x80, 0x80, 0x80, 0]);
        assert_eq!(padded(1024), [0x80, 0x88, 0x80, 0x80, 0]);
        assert_eq!(padded(0xffff_ffff), [0xff, 0xff, 0xff, 0xff, 0x7f]);
    }
}
