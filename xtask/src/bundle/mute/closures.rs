//! The entries of closures that nobody calls.
//!
//! A closure that is called through `dyn Fn` or `dyn FnMut` also has an entry for being called once, by value: a second copy
//! of it, or what leads there. Only a boxed closure that is handed on as an `FnOnce` is called so. Neither the client nor what
//! it is made of does that; who begins to would end in a trap at once, in the first test that gets there.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::linked::Linked;

/// How a function is called that is such an entry, in the compiler's mangling.
const ENTRY: &str = "call_once$u7b$$u7b$vtable.shim$u7d$$u7d$";

/// Where in a table of a closure's functions this one is: behind how it is dropped, its size and its alignment.
const ONCE: usize = 12;

/// The bytes of a table with this entry alone: of what may be called once.
const ONCE_ONLY: usize = 16;

/// The entries that nobody calls.
pub(super) fn never_called(linked: &Linked, names: &BTreeMap<u32, &str>) -> BTreeSet<u32> {
    let (mut others, mut once) = (BTreeSet::new(), BTreeSet::new());
    for table in linked.data.values() {
        let entry = table.start.and_then(|start| linked.references.get(&(start + ONCE)));
        let Some(function) = entry.and_then(|entry| linked.functions.get(&entry.symbol)) else { continue };
        match table.size {
            20 | 24 if names.get(function).is_some_and(|name| name.contains(ENTRY)) => others.insert(*function),
            ONCE_ONLY => once.insert(*function),
            _ => false,
        };
    }
    others.difference(&once).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use wasm_encoder::{
        ConstExpr, CustomSection, DataSection, DataSymbolDefinition, LinkingSection, Module, SymbolTable,
    };

    use super::{ENTRY, Linked, never_called};

    #[test]
    fn entries_are_found_that_no_closure_called_once_has() {
        // One in a table of `dyn Fn`, one in a table of `dyn FnOnce`, one in both kinds, and another function.
        let entry = format!("_ZN4core3ops8function6FnOnce40{ENTRY}17h0123456789abcdefE");
        let names =
            BTreeMap::from([(0, &*entry), (1, &*entry), (2, &*entry), (3, "_ZN8frontend4main17h0123456789abcdefE")]);
        let tables = [(24, 0), (16, 1), (20, 2), (16, 2), (24, 3)];
        let (mut symbols, mut relocations, mut offset) = (SymbolTable::new(), vec![0, tables.len() as u8], 0);
        for (function, name) in &names {
            symbols.function(0, *function, Some(name));
        }
        for (size, function) in tables {
            symbols.data(0, "", Some(DataSymbolDefinition { index: 0, offset, size }));
            // R_WASM_TABLE_INDEX_I32 at the fourth word, after the section's count and the segment's head.
            relocations.extend([2, 7 + offset as u8 + 12, function]);
            offset += size;
        }
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(1024), vec![0; offset as usize]);
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        let mut module = Module::new();
        module.section(&data).section(&linking);
        module.section(&CustomSection { name: "reloc.DATA".into(), data: relocations.into() });

        let linked = Linked::of(&module.finish()).expect("a linked program");
        assert_eq!(never_called(&linked, &names), BTreeSet::from([0]));
    }
}
