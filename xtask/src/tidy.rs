//! `cargo xtask tidy`: the house rules that neither rustfmt nor clippy can see.
//!
//! `names` says which part may name what, `shape` what a file looks like, `colours` where colours may stand, `docs` and
//! `invariants` that the documents say what is true. A rule is a row of a table or a function from the tree of files to
//! findings; each finding names its rule. ARCHITECTURE refers to rules as `tidy:<rule>`.

mod code;
mod colours;
mod docs;
mod invariants;
mod names;
mod shape;
mod tree;

use std::fmt;

use anyhow::Result;

use self::tree::Tree;
use crate::project::Project;

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// Path below the checkout.
    path: String,
    /// Line, from 1; 0 for the whole file.
    line: usize,
    /// The rule's name.
    rule: &'static str,
    /// What is wrong, and what to do.
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {} [tidy:{}]", self.path, self.text, self.rule),
            line => write!(f, "{}:{line}: {} [tidy:{}]", self.path, self.text, self.rule),
        }
    }
}

/// Checks every file that git knows or would add; `false` means that there are findings, which it has printed.
///
/// # Errors
///
/// Fails when git cannot list the files or one cannot be read.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let tree = Tree::read(&project.root)?;
    let mut findings =
        [names::check(&tree), shape::check(&tree), colours::check(&tree), docs::check(&tree), invariants::check(&tree)]
            .concat();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing to say", tree.len()),
        count => println!("tidy: {count} findings"),
    }
    Ok(findings.is_empty())
}

/// The names of all rules, for documents that refer to them.
fn rule_names() -> impl Iterator<Item = &'static str> {
    names::RULES.iter().map(|rule| rule.name).chain(shape::RULES).chain(colours::RULES).chain(docs::RULES)
}
