//! Short names for what the program calls in the page, and the page in the program: `wasm-bindgen` ends each with sixteen
//! digits of a hash, in the WASM and in the glue.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module, reencode};
use wasmparser::{Import, Parser, Payload};

/// The module under which the glue hands the page's functions to the program.
const GLUE_MODULE: &str = "./frontend_bg.js";

/// What the exports begin with by which the page calls closures of the program.
const CLOSURES: &str = "_ZN12wasm_bindgen7convert8closures";

/// Long names of the functions on the border of page and program, and the short ones that take their place.
#[derive(Debug, Default)]
pub(super) struct ShortNames(BTreeMap<String, String>);

impl ShortNames {
    /// Names everything that the program imports from its glue, and the closures that it exports: the first is `$a`.
    ///
    /// # Errors
    ///
    /// Fails when this is no WASM.
    pub(super) fn of(wasm: &[u8]) -> Result<Self> {
        let mut names = BTreeSet::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("reading the WASM")? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.context("reading an import")?;
                        if import.module == GLUE_MODULE {
                            names.insert(import.name.to_owned());
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.context("reading an export")?;
                        if export.name.starts_with(CLOSURES) {
                            names.insert(export.name.to_owned());
                        }
                    }
                }
                _ => {}
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
        ensure!(missing.is_none(), "the glue does not have {missing:?}, which the WASM does");
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

/// What the classes and functions begin with that wasm_streams exports to the page, which never uses them.
const UNUSED: [&str; 3] = ["IntoUnderlying", "intounderlying", "__wbg_intounderlying"];

/// The glue without what keeps the unused classes in a bundle of it.
pub(super) fn without_unused(glue: &str) -> String {
    let mut kept = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some(line) = rest.split_inclusive('\n').next() {
        let disposes = line.starts_with(&format!("if (Symbol.dispose) {}", UNUSED[0]));
        let registers = line.starts_with(&format!("const {}", UNUSED[0]));
        let end = if registers { rest.find(";\n").map_or(rest.len(), |end| end + 2) } else { line.len() };
        if !disposes && !registers {
            kept.push_str(line);
        }
        rest = &rest[end..];
    }
    kept
}

/// The same program, with short names and without the unused exports.
///
/// # Errors
///
/// Fails when this is no WASM.
pub(super) fn rename(wasm: &[u8], names: &ShortNames) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Renamer { names }.parse_core_module(&mut module, Parser::new(0), wasm).context("rewriting the WASM")?;
    Ok(module.finish())
}

struct Renamer<'a> {
    names: &'a ShortNames,
}

impl Reencode for Renamer<'_> {
    type Error = std::convert::Infallible;

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Result<(), reencode::Error> {
        if UNUSED.iter().any(|start| export.name.starts_with(start)) {
            return Ok(());
        }
        let name = self.names.0.get(export.name).map_or(export.name, String::as_str);
        utils::parse_export(self, exports, wasmparser::Export { name, ..export })
    }

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
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, FunctionSection, ImportSection, Module, TypeSection,
    };
    use wasmparser::{Parser, Payload};

    use super::{CLOSURES, GLUE_MODULE, ShortNames, rename, short_names};

    #[test]
    fn the_glue_is_called_by_short_names() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import(GLUE_MODULE, "__wbg_now_0123456789abcdef", EntityType::Function(0));
        imports.import("./link.js", "__wasm_split_load_later", EntityType::Function(0));
        let (mut functions, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
        functions.function(0);
        let closure = format!("{CLOSURES}1_6invoke17h0123456789abcdefE");
        exports.export(&closure, ExportKind::Func, 2).export("memory", ExportKind::Func, 2);
        code.raw(&[0, 0x0b]);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        let program = module.finish();

        let names = ShortNames::of(&program).expect("a program");
        let renamed = rename(&program, &names).expect("a program");
        let mut named = Vec::new();
        for payload in Parser::new(0).parse_all(&renamed) {
            match payload.expect("a program") {
                Payload::ImportSection(section) => {
                    named.extend(section.into_imports().map(|import| import.expect("an import").name.to_owned()));
                }
                Payload::ExportSection(section) => {
                    named.extend(section.into_iter().map(|export| export.expect("an export").name.to_owned()));
                }
                _ => {}
            }
        }
        assert_eq!(named, ["$b", "__wasm_split_load_later", "$a", "memory"]);

        let glue =
            ["{ __wbg_now_0123456789abcdef: () => wasm.", &closure, "(now.__wbg_now_0123456789abcdefg) }"].concat();
        let glue = names.shorten(&glue).expect("named");
        assert_eq!(glue, "{ $b: () => wasm.$a(now.__wbg_now_0123456789abcdefg) }");
        assert!(names.shorten("{}").expect_err("not named").to_string().contains("does not have"));
    }

    #[test]
    fn classes_that_nobody_uses_lose_what_keeps_them() {
        let glue = "export class IntoUnderlyingSink {\n}\nif (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = 1;\n\
                    const IntoUnderlyingSinkFinalization = (typeof x === 'undefined')\n    ? {}\n    : new X(p => 1);\nlet a;\n";
        assert_eq!(super::without_unused(glue), "export class IntoUnderlyingSink {\n}\nlet a;\n");
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
