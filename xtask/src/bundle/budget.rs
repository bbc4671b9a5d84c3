//! What the web client may weigh, as a browser downloads it: for a room, what the page names and the room's part, before
//! anything can be read or written; for a door, what the page names and the doors' part; and the rest, which comes when it
//! is used or the page is idle.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use super::assets::Assets;

/// HTML, JavaScript, WASM and CSS that a room is read and written with, brotli, in bytes. Another self-hosted chat's client
/// has 171 KB.
const ROOM_BYTES: usize = 180_000;

/// What somebody fetches who comes for the first time, before they have a room, in bytes: what it weighs.
const DOOR_BYTES: usize = 160_000;

/// What neither needs, brotli, in bytes. It grows with the screens that it holds, and only with them.
const REST_BYTES: usize = 118_000;

const KINDS: [&str; 4] = ["html", "js", "wasm", "css"];

/// Who waits for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Everyone,
    Room,
    Door,
    Rest,
}

impl For {
    /// The page names what everyone needs; the others are named after their part (`client`, `page`).
    fn of(name: &str, page: &str) -> Self {
        if name == "index.html" || page.contains(&format!("/{name}\"")) {
            return Self::Everyone;
        }
        match name.split(['-', '.']).next().unwrap_or_default() {
            "room" => Self::Room,
            // What doors share with the rest, too: they need all of it.
            "doors" | "shared" => Self::Door,
            _ => Self::Rest,
        }
    }
}

/// Prints the weight of each part of the bundle in `dist`.
///
/// # Errors
///
/// Fails when the bundle is incomplete or weighs more than it may.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let files = Assets::read(dist)?;
    let page = files.text("index.html")?;
    let of = |parts: &[For]| weights(&files, |name| parts.contains(&For::of(name, page)));
    let named = of(&[For::Everyone]);
    for kind in KINDS {
        ensure!(named.contains_key(kind), "{} holds no compressed .{kind} file that the page names", dist.display());
    }
    for part in [For::Room, For::Door, For::Rest] {
        ensure!(of(&[part]).contains_key("wasm"), "the program is not cut: no file of it is for {part:?} alone");
    }
    let sums = [
        ("room", of(&[For::Everyone, For::Room]), ROOM_BYTES),
        ("door", of(&[For::Everyone, For::Door]), DOOR_BYTES),
        ("rest", of(&[For::Rest]), REST_BYTES),
    ];
    for (what, weights, limit) in &sums {
        print(what, weights, *limit);
    }
    let all = of(&[For::Everyone, For::Room, For::Door, For::Rest]);
    println!("{:>8} {:>8.1} KB (brotli)", "together", kilobytes(all.values().sum()));
    for (what, weights, limit) in sums {
        let weight: usize = weights.values().sum();
        let over = weight.saturating_sub(limit);
        ensure!(weight <= limit, "the web client's weight is {over} bytes over its budget: {what}");
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

fn print(what: &str, weights: &BTreeMap<&'static str, usize>, limit: usize) {
    for (kind, weight) in weights {
        println!("{what:>8} {:>8.1} KB of {kind}", kilobytes(*weight));
    }
    println!("{what:>8} {:>8.1} KB of {:.1} KB", kilobytes(weights.values().sum()), kilobytes(limit));
}

#[expect(clippy::cast_precision_loss, reason = "a size that is shown with one decimal")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{DOOR_BYTES, REST_BYTES, ROOM_BYTES, check};
    use crate::bundle::assets::Assets;

    #[test]
    fn a_room_a_door_and_the_rest_are_weighed_each_with_what_it_needs() {
        let dist = env::temp_dir().join(format!("xtask-budget-{}", process::id()));
        let mut files = Assets::default();
        let page = ["app.css", "client.js", "app.wasm"].map(|name| format!("<link href=\"/{name}\">")).concat();
        files.put("index.html", page);
        for name in ["index.html.br", "client.js.br", "app.css.br", "app.wasm.br", "doors-1.css.br", "shared-1.wasm.br"]
        {
            files.put(name, [0; 1000]);
        }
        files.put("app.wasm", vec![0; ROOM_BYTES * 3]);
        files.put("room-1.wasm.br", vec![0; ROOM_BYTES - 4000]);
        files.put("doors-1.wasm.br", vec![0; DOOR_BYTES - 6000]);
        files.put("later-1.wasm.br", vec![0; REST_BYTES - 1000]);
        files.put("later-1.css.br", [0; 1000]);
        files.put("icon.svg.br", vec![0; REST_BYTES]);
        files.write(&dist).expect("written");
        check(&dist).expect("all exactly at their limits");

        let refused = |name: &str, weight: usize, why: &str| {
            let path = dist.join(name);
            let before = fs::read(&path).expect("there");
            fs::write(&path, vec![0; weight]).expect("written");
            assert_eq!(check(&dist).expect_err(why).to_string(), why);
            fs::write(&path, before).expect("written");
        };
        refused("room-1.wasm.br", ROOM_BYTES, "the web client's weight is 4000 bytes over its budget: room");
        refused("doors-1.wasm.br", DOOR_BYTES, "the web client's weight is 6000 bytes over its budget: door");
        refused("later-1.wasm.br", REST_BYTES, "the web client's weight is 1000 bytes over its budget: rest");

        for (name, error) in [("later-1.wasm.br", "not cut"), ("room-1.wasm.br", "not cut"), ("app.css.br", ".css")] {
            fs::remove_file(dist.join(name)).expect("removed");
            assert!(check(&dist).expect_err("a part is missing").to_string().contains(error));
        }
        fs::remove_dir_all(&dist).expect("removed");
    }
}
