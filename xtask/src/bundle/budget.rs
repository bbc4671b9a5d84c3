//! What the web client may weigh, as a browser downloads it: what the page names, before anything can be read or written,
//! and what comes later, when it is used or the page is idle.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use super::assets::Assets;

/// HTML, JavaScript, WASM and CSS that a room is read and written with, brotli, in bytes. Another self-hosted chat's client
/// has 171 KB.
const FIRST_BYTES: usize = 180_000;

/// What comes later, brotli, in bytes. It grows with the screens that it holds, and only with them.
const LATER_BYTES: usize = 150_000;

const KINDS: [&str; 4] = ["html", "js", "wasm", "css"];

/// Prints the weight of each part of the bundle in `dist`.
///
/// # Errors
///
/// Fails when the bundle is incomplete or weighs more than it may.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let files = Assets::read(dist)?;
    let page = files.text("index.html")?;
    let is_first = |name: &str| name == "index.html" || page.contains(&format!("/{name}\""));
    let [first, later] = [true, false].map(|first| weights(&files, |name| is_first(name) == first));
    for kind in KINDS {
        ensure!(first.contains_key(kind), "{} holds no compressed .{kind} file that the page names", dist.display());
    }
    ensure!(later.contains_key("wasm"), "the program is not cut: everything is in the first download");
    let first = print("first", &first, FIRST_BYTES);
    let later = print("later", &later, LATER_BYTES);
    println!("{:>8} {:>8.1} KB (brotli)", "together", kilobytes(first + later));
    for (what, weight, limit) in [("first download", first, FIRST_BYTES), ("rest", later, LATER_BYTES)] {
        ensure!(weight <= limit, "the web client's {what} is {} bytes over its budget", weight.saturating_sub(limit));
    }
    Ok(())
}

/// What the files that `counts` picks weigh, by kind.
fn weights(files: &Assets, counts: impl Fn(&str) -> bool) -> BTreeMap<&'static str, usize> {
    let mut weights = BTreeMap::new();
    for (name, contents) in files.iter() {
        let Some(name) = name.strip_suffix(".br") else { continue };
        let kind = name.rsplit_once('.').and_then(|(_, kind)| KINDS.into_iter().find(|known| *known == kind));
        if let Some(kind) = kind.filter(|_| counts(name)) {
            *weights.entry(kind).or_default() += contents.len();
        }
    }
    weights
}

fn print(what: &str, weights: &BTreeMap<&'static str, usize>, limit: usize) -> usize {
    for (kind, weight) in weights {
        println!("{what:>8} {:>8.1} KB of {kind}", kilobytes(*weight));
    }
    let total = weights.values().sum();
    println!("{what:>8} {:>8.1} KB of {:.0} KB", kilobytes(total), kilobytes(limit));
    total
}

#[expect(clippy::cast_precision_loss, reason = "a size that is shown with one decimal")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{FIRST_BYTES, LATER_BYTES, check};
    use crate::bundle::assets::Assets;

    #[test]
    fn what_the_page_names_is_the_first_download_and_everything_is_counted_once() {
        let dist = env::temp_dir().join(format!("xtask-budget-{}", process::id()));
        let mut files = Assets::default();
        let page = ["app.css", "client.js", "app.wasm"].map(|name| format!("<link href=\"/{name}\">")).concat();
        files.put("index.html", page);
        for name in ["index.html.br", "client.js.br", "app.css.br"] {
            files.put(name, [0; 1000]);
        }
        files.put("app.wasm", vec![0; FIRST_BYTES * 3]);
        files.put("app.wasm.br", vec![0; FIRST_BYTES - 3000]);
        files.put("later.wasm.br", vec![0; LATER_BYTES - 1000]);
        files.put("later.css.br", [0; 1000]);
        files.put("icon.svg.br", vec![0; LATER_BYTES]);
        files.write(&dist).expect("written");
        check(&dist).expect("both exactly at their limits");

        let refused = |name: &str, weight: usize, why: &str| {
            let path = dist.join(name);
            let before = fs::read(&path).expect("there");
            fs::write(&path, vec![0; weight]).expect("written");
            assert_eq!(check(&dist).expect_err(why).to_string(), why);
            fs::write(&path, before).expect("written");
        };
        refused("app.wasm.br", FIRST_BYTES, "the web client's first download is 3000 bytes over its budget");
        refused("later.wasm.br", LATER_BYTES, "the web client's rest is 1000 bytes over its budget");

        for (name, error) in [("later.wasm.br", "not cut"), ("app.css.br", ".css")] {
            fs::remove_file(dist.join(name)).expect("removed");
            assert!(check(&dist).expect_err("a part is missing").to_string().contains(error));
        }
        fs::remove_dir_all(&dist).expect("removed");
    }
}
