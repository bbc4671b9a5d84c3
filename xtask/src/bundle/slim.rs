//! What the compiler cannot leave out of the client's WASM, and nobody needs there.
//!
//! A panic ends the program, and what it would print goes nowhere: no hook is set, and in a page standard error leads
//! nowhere. So the functions that put a panic's message together become a trap each, and wasm-opt drops what only they
//! called, most of `core::fmt` among it. The checks that lead there stay as they are. And what the program calls in the
//! page goes by short names: `wasm-bindgen` ends each with sixteen digits of a hash, in the WASM and in the glue.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{CodeSection, Function, ImportSection, Module, reencode};
use wasmparser::{Import, KnownCustom, Name, Parser, Payload, TypeRef};

/// The module under which the glue hands the page's functions to the program.
const GLUE_MODULE: &str = "./frontend_bg.js";

/// What the mangled name of a function that only ever panics holds, in either of the compiler's manglings (`legacy`, `v0`).
const PANICS: [&str; 21] = [
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
];

/// Long names of the page's functions, and the short ones that take their place.
#[derive(Debug, Default)]
pub(super) struct ShortNames(BTreeMap<String, String>);

impl ShortNames {
    /// Names everything that the program imports from its glue: the first is `a`.
    ///
    /// # Errors
    ///
    /// Fails when this is no WASM.
    pub(super) fn of(wasm: &[u8]) -> Result<Self> {
        let mut names = BTreeSet::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::ImportSection(section) = payload.context("reading the WASM")? {
                for import in section.into_imports() {
                    let import = import.context("reading an import")?;
                    if import.module == GLUE_MODULE {
                        names.insert(import.name.to_owned());
                    }
                }
            }
        }
        Ok(Self(names.into_iter().zip(short_names()).collect()))
    }

    /// Puts the short names into the glue.
    ///
    /// # Errors
    ///
    /// Fails when the glue does not name them all.
    pub(super) fn shorten(&self, glue: &str) -> Result<String> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        let mut shortened = String::with_capacity(glue.len());
        let mut met = BTreeSet::new();
        let mut rest = glue;
        while let Some(start) = rest.find(is_word) {
            let (before, word) = rest.split_at(start);
            let (word, after) = word.split_at(word.find(|c| !is_word(c)).unwrap_or(word.len()));
            shortened.push_str(before);
            shortened.push_str(self.0.get(word).map_or(word, String::as_str));
            if self.0.contains_key(word) {
                met.insert(word);
            }
            rest = after;
        }
        shortened.push_str(rest);
        let missing = self.0.keys().find(|name| !met.contains(name.as_str()));
        ensure!(missing.is_none(), "the glue does not have {missing:?}, which the WASM imports");
        Ok(shortened)
    }
}

/// `a` … `z`, `aa` … `az`, `ba` …
fn short_names() -> impl Iterator<Item = String> {
    (0_usize..).map(|mut number| {
        let mut letters = Vec::new();
        loop {
            letters.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
            if number < 26 {
                break;
            }
            number = number / 26 - 1;
        }
        // None of the language's words, which may not stand everywhere.
        ["$", &letters.iter().rev().collect::<String>()].concat()
    })
}

/// The same program, with short names and without what panics say.
///
/// # Errors
///
/// Fails when this is no WASM, or none that names its functions.
pub(super) fn slim(wasm: &[u8], names: &ShortNames) -> Result<Vec<u8>> {
    let mut slimmer = Slimmer { names, panics: panics(wasm)?, function: imported_functions(wasm)? };
    let mut module = Module::new();
    slimmer.parse_core_module(&mut module, Parser::new(0), wasm).context("rewriting the WASM")?;
    Ok(module.finish())
}

/// The functions whose names say that they panic.
fn panics(wasm: &[u8]) -> Result<BTreeSet<u32>> {
    let mut panics = BTreeSet::new();
    let mut named = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload.context("reading the WASM")? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            let Name::Function(functions) = subsection.context("reading the names")? else { continue };
            named = true;
            for function in functions {
                let function = function.context("reading a name")?;
                if PANICS.iter().any(|part| function.name.contains(part)) {
                    panics.insert(function.index);
                }
            }
        }
    }
    ensure!(named, "the WASM does not name its functions: the profile must not strip more than `debuginfo`");
    Ok(panics)
}

fn imported_functions(wasm: &[u8]) -> Result<u32> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload.context("reading the WASM")? {
            for import in section.into_imports() {
                count += u32::from(matches!(import.context("reading an import")?.ty, TypeRef::Func(_)));
            }
        }
    }
    Ok(count)
}

struct Slimmer<'a> {
    names: &'a ShortNames,
    panics: BTreeSet<u32>,
    /// The index of the function that comes next.
    function: u32,
}

impl Reencode for Slimmer<'_> {
    type Error = std::convert::Infallible;

    fn parse_imports(
        &mut self,
        imports: &mut ImportSection,
        group: wasmparser::Imports<'_>,
    ) -> Result<(), reencode::Error> {
        let group = match group {
            wasmparser::Imports::Single(at, import) if import.module == GLUE_MODULE => {
                let name = self.names.0.get(import.name).map_or(import.name, String::as_str);
                return utils::parse_imports(self, imports, wasmparser::Imports::Single(at, Import { name, ..import }));
            }
            other => other,
        };
        utils::parse_imports(self, imports, group)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error> {
        let index = self.function;
        self.function += 1;
        if !self.panics.contains(&index) {
            return utils::parse_function_body(self, code, body);
        }
        let mut trap = Function::new([]);
        trap.instructions().unreachable().end();
        code.function(&trap);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection, Module, NameMap,
        NameSection, TypeSection,
    };
    use wasmparser::{Operator, Parser, Payload};

    use super::{GLUE_MODULE, ShortNames, short_names, slim};

    /// A program with an import from its glue and one from elsewhere, a function that panics, and one that does not.
    fn program() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import(GLUE_MODULE, "__wbg_now_0123456789abcdef", EntityType::Function(0));
        imports.import("./later.js", "__wasm_split_load_later", EntityType::Function(0));
        let (mut functions, mut code, mut names) = (FunctionSection::new(), CodeSection::new(), NameMap::new());
        for (index, name) in
            [(2, "_RNvNtCsabc_4core9panicking9panic_fmt"), (3, "_ZN8frontend4main17h0123456789abcdefE")]
        {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().call(0).end();
            code.function(&body);
            names.append(index, name);
        }
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 3);
        let mut section = NameSection::new();
        section.functions(&names);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code).section(&section);
        module.finish()
    }

    #[test]
    fn panics_become_traps_and_the_glue_is_called_by_short_names() {
        let names = ShortNames::of(&program()).expect("a program");
        let slimmed = slim(&program(), &names).expect("a program with names");
        let (mut imported, mut traps) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&slimmed) {
            match payload.expect("a program") {
                Payload::ImportSection(section) => {
                    imported.extend(section.into_imports().map(|import| import.expect("an import").name.to_owned()));
                }
                Payload::CodeSectionEntry(body) => {
                    let first = body.get_operators_reader().expect("code").read().expect("an instruction");
                    traps.push(matches!(first, Operator::Unreachable));
                }
                _ => {}
            }
        }
        assert_eq!(imported, ["$a", "__wasm_split_load_later"]);
        assert_eq!(traps, [true, false]);

        let glue = names.shorten("{ __wbg_now_0123456789abcdef: () => a.__wbg_now_0123456789abcdefg }").expect("named");
        assert_eq!(glue, "{ $a: () => a.__wbg_now_0123456789abcdefg }");
        assert!(names.shorten("{}").expect_err("not named").to_string().contains("__wbg_now"));
    }

    #[test]
    fn a_program_without_names_is_refused() {
        let names = ShortNames::default();
        assert!(slim(&Module::new().finish(), &names).expect_err("no names").to_string().contains("debuginfo"));
    }

    #[test]
    fn short_names_are_all_different() {
        let names: Vec<String> = short_names().take(26 + 26 * 26 + 1).collect();
        for (at, name) in
            [(0, "$a"), (25, "$z"), (26, "$aa"), (26 + 25, "$az"), (26 + 26, "$ba"), (26 + 26 * 26, "$aaa")]
        {
            assert_eq!(names[at], name);
        }
    }
}
