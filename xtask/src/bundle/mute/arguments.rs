//! What only a function is given that is muted, and so is read by nobody.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

/// Where in the file the constants are that go into calls of these functions and nowhere else.
///
/// # Errors
///
/// Fails when this is no WASM.
pub(super) fn unread(program: &[u8], muted: &BTreeSet<u32>) -> Result<BTreeSet<usize>> {
    let mut unread = BTreeSet::new();
    let (mut types, mut functions) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(program) {
        match payload.context("reading the WASM")? {
            Payload::TypeSection(section) => {
                for kind in section.into_iter_err_on_gc_types() {
                    types.push(kind.context("reading a type")?.params().len());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(kind) = import.context("reading an import")?.ty {
                        functions.push(kind);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for kind in section {
                    functions.push(kind.context("reading a function's type")?);
                }
            }
            Payload::CodeSectionEntry(body) => {
                let arguments = |function: u32| {
                    let kind = functions.get(function as usize).filter(|_| muted.contains(&function));
                    kind.and_then(|kind| types.get(*kind as usize)).copied()
                };
                in_body(&body, arguments, &mut unread).context("reading a function")?;
            }
            _ => {}
        }
    }
    Ok(unread)
}

/// `arguments` says how many a call takes that reads none of them.
fn in_body(
    body: &FunctionBody<'_>,
    arguments: impl Fn(u32) -> Option<usize>,
    unread: &mut BTreeSet<usize>,
) -> Result<()> {
    let mut operators = body.get_operators_reader()?;
    // What was put on the stack by instructions of one value each, without any other in between.
    let mut simple = Vec::new();
    while !operators.eof() {
        let (operator, at) = operators.read_with_offset()?;
        match operator {
            Operator::I32Const { .. } => simple.push(Some(usize::try_from(at)? + 1)),
            Operator::I64Const { .. } | Operator::LocalGet { .. } | Operator::GlobalGet { .. } => simple.push(None),
            Operator::Call { function_index } => {
                let count = arguments(function_index).unwrap_or_default();
                unread.extend(simple.iter().rev().take(count).flatten());
                simple.clear();
            }
            _ => simple.clear(),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wasm_encoder::{CodeSection, Function, FunctionSection, Module, TypeSection, ValType};

    use super::unread;

    #[test]
    fn constants_that_only_a_muted_function_is_given_are_found() {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32, ValType::I32], []);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        let mut bodies = [0, 1, 2].map(|_| Function::new([]));
        bodies[0].instructions().end();
        bodies[1].instructions().end();
        // To the muted one go 1001 and 1002, and what is under them does not; then a computed one and 1004.
        let mut caller = bodies[2].instructions();
        caller.i32_const(1000).i32_const(1001).i32_const(1002).call(0).drop();
        caller.i32_const(1003).i32_eqz().i32_const(1004).call(0).i32_const(1005).i32_const(1006).call(1).end();
        for body in &bodies {
            functions.function(0);
            code.function(body);
        }
        let mut module = Module::new();
        let program = module.section(&types).section(&functions).section(&code).clone().finish();

        let found = unread(&program, &BTreeSet::from([0])).expect("a program");
        // Each is two bytes of LEB128, low bits first.
        let value = |at: usize| u32::from(program[at] & 0x7f) | u32::from(program[at + 1]) << 7;
        assert_eq!(found.into_iter().map(value).collect::<Vec<_>>(), [1001, 1002, 1004]);
    }
}
