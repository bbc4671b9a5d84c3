//! What the web client may weigh, as a browser downloads it.

use std::path::Path;

use anyhow::{Result, ensure};

use super::assets::Assets;

/// What HTML, JavaScript, WASM and CSS together should weigh, brotli, in bytes: another self-hosted chat's client has 171 KB.
const GOAL_BYTES: usize = 180_000;

/// What they weigh, rounded up. The goal is not reached yet (decision 0005 says where the weight is); until it is, this
/// number may only fall.
const LIMIT_BYTES: usize = 192_000;

const PARTS: [&str; 4] = ["html", "js", "wasm", "css"];

/// Prints the weight of each part of the bundle in `dist`.
///
/// # Errors
///
/// Fails when the bundle is missing or weighs more than the limit.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let files = Assets::read(dist)?;
    let mut total = 0;
    for part in PARTS {
        let weight = weight(&files, part);
        ensure!(weight > 0, "{} holds no compressed .{part} file", dist.display());
        println!("{part:>8} {:>8.1} KB", kilobytes(weight));
        total += weight;
    }
    let [total_kb, limit_kb, goal_kb] = [total, LIMIT_BYTES, GOAL_BYTES].map(kilobytes);
    println!("{:>8} {total_kb:>8.1} KB of {limit_kb:.0} KB (brotli); the goal is {goal_kb:.0} KB", "together");
    ensure!(total <= LIMIT_BYTES, "the web client is {} bytes over its budget", total - LIMIT_BYTES);
    Ok(())
}

fn weight(files: &Assets, extension: &str) -> usize {
    let suffix = format!(".{extension}.br");
    files.iter().filter(|(name, _)| name.ends_with(&suffix)).map(|(_, contents)| contents.len()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a size that is shown with one decimal")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{LIMIT_BYTES, check};
    use crate::bundle::assets::Assets;

    #[test]
    fn the_compressed_parts_count_and_nothing_else() {
        let dist = env::temp_dir().join(format!("xtask-budget-{}", process::id()));
        let mut files = Assets::default();
        for name in ["index.html.br", "loader.js.br", "app.css.br"] {
            files.put(name, [0; 1000]);
        }
        files.put("app.wasm", vec![0; LIMIT_BYTES * 3]);
        files.put("app.wasm.br", vec![0; LIMIT_BYTES - 3000]);
        files.write(&dist).expect("written");
        check(&dist).expect("exactly at the limit");

        fs::write(dist.join("app.wasm.br"), vec![0; LIMIT_BYTES]).expect("written");
        assert_eq!(check(&dist).expect_err("over").to_string(), "the web client is 3000 bytes over its budget");
        fs::remove_file(dist.join("app.css.br")).expect("removed");
        assert!(check(&dist).expect_err("a part is missing").to_string().contains(".css"));
        fs::remove_dir_all(&dist).expect("removed");
    }
}
