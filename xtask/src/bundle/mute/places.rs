//! The places in the source that a panic would name: a file, a line and a column for each call that may panic, which is
//! handed down to where the panic is. Nobody reads them once panics are muted, so one place stands for all of them: the
//! others fall away, and wasm-opt takes out what is handed down when it is always the same.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::bundle::linked::{Linked, Stretch};

/// The bytes of a `core::panic::Location` in 32 bits: where the name of the file is, its length, line, column.
const PLACE_BYTES: usize = 16;

/// The program's places.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// As the linker's table of symbols numbers them.
    symbols: BTreeSet<u32>,
    /// Where the first of them is in memory.
    address: u32,
}

impl Places {
    /// Finds all of them.
    ///
    /// # Errors
    ///
    /// Fails when this is not what the linker makes with `--emit-relocs`.
    pub(super) fn of(program: &[u8]) -> Result<Self> {
        let linked = Linked::of(program)?;
        let places = linked.data.iter().filter(|(_, data)| is_place(program, &linked, data));
        let places: Vec<(u32, Option<u32>)> = places.map(|(symbol, data)| (*symbol, data.address)).collect();
        let address = places.first().and_then(|(_, address)| *address).unwrap_or_default();
        Ok(Self { symbols: places.into_iter().map(|(symbol, _)| symbol).collect(), address })
    }

    /// The symbol that stands for this one, and its address; nothing for what is no place.
    pub(super) fn instead_of(&self, symbol: u32) -> Option<(u32, u32)> {
        let one = *self.symbols.first()?;
        self.symbols.contains(&symbol).then_some((one, self.address))
    }
}

/// Whether this is a place: no other sixteen bytes of a program begin with the name of a source file.
fn is_place(program: &[u8], linked: &Linked, data: &Stretch) -> bool {
    let is = || {
        let start = data.start.filter(|_| data.size == PLACE_BYTES)?;
        let mut within = linked.references.range(start..start + PLACE_BYTES);
        let (at, file) = within.next()?;
        if *at != start || within.next().is_some() {
            return None;
        }
        let name = linked.data.get(&file.symbol)?.start?.checked_add(usize::try_from(file.addend).ok()?)?;
        let [length, line, column] = [4, 8, 12].map(|at| number(program, start + at));
        let name = program.get(name..name.checked_add(length? as usize)?)?;
        (name.ends_with(b".rs") && line? > 0 && column? > 0).then_some(())
    };
    is().is_some()
}

fn number(program: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(program.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, CustomSection, DataSection, DataSymbolDefinition, LinkingSection, Module, SymbolTable,
    };

    use super::Places;

    #[test]
    fn places_are_told_from_other_data() {
        let mut bytes = b"src/a.rs".to_vec();
        // Two places; the length of a text and two numbers, one of which is no line; a place's look-alike without a file.
        for words in [[1024, 8, 7, 3], [1024, 8, 9, 5], [1024, 8, 0, 5], [1024, 7, 9, 5], [0, 8, 9, 5]] {
            bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
        }
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(1024), bytes);
        let mut symbols = SymbolTable::new();
        for (offset, size) in [(0, 8), (8, 16), (24, 16), (40, 16), (56, 16), (72, 16)] {
            symbols.data(0, "", Some(DataSymbolDefinition { index: 0, offset, size }));
        }
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        // R_WASM_MEMORY_ADDR_I32 at the first word of all but the last, after the section's count and the segment's head.
        let words = [8, 24, 40, 56].into_iter().flat_map(|offset| [5, 7 + offset, 0, 0]);
        let relocations = [0, 4].into_iter().chain(words).collect::<Vec<u8>>();
        let mut module = Module::new();
        module.section(&data).section(&linking);
        module.section(&CustomSection { name: "reloc.DATA".into(), data: relocations.into() });

        let places = Places::of(&module.finish()).expect("a linked program");
        let instead: Vec<_> = (0..6).map(|symbol| places.instead_of(symbol)).collect();
        assert_eq!(instead, [None, Some((1, 1032)), Some((1, 1032)), None, None, None]);
    }
}
