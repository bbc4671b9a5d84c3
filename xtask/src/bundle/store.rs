//! Finished bundles by fingerprint, and the copy of one of them in `dist/`.
//!
//! They lie below the target directory, which in CI outlives the checkout. `dist/` is touched only when it differs, so
//! that cargo does not link the server again for nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::Flavour;
use super::assets::Assets;

/// How many finished bundles stay: a few branches back and forth, in both flavours.
const KEPT: usize = 6;

/// The directory of finished bundles.
pub(super) struct Store {
    home: PathBuf,
}

impl Store {
    /// The store of a target directory.
    pub(super) fn below(target: &Path) -> Self {
        Self { home: target.join("web").join("bundles") }
    }

    /// Where the bundle of this fingerprint is, or belongs.
    pub(super) fn bundle(&self, flavour: Flavour, fingerprint: &str) -> PathBuf {
        self.home.join(format!("{}-{fingerprint}", flavour.cargo_profile()))
    }
}

/// An empty directory beside `bundle` to build it in.
///
/// # Errors
///
/// Fails when the directory cannot be created.
pub(super) fn draft_of(bundle: &Path) -> Result<PathBuf> {
    let draft = bundle.with_extension(format!("draft-{}", process::id()));
    fs::create_dir_all(&draft).with_context(|| format!("creating {}", draft.display()))?;
    Ok(draft)
}

/// Gives a finished draft its name and drops the oldest bundles beyond [`KEPT`].
///
/// # Errors
///
/// Fails when a directory cannot be renamed, listed or removed.
pub(super) fn finish(draft: &Path, bundle: &Path) -> Result<()> {
    fs::rename(draft, bundle).with_context(|| format!("renaming {} to {}", draft.display(), bundle.display()))?;
    let home = bundle.parent().context("a bundle lies in the store")?;
    let mut bundles = Vec::new();
    for entry in fs::read_dir(home).with_context(|| format!("listing {}", home.display()))? {
        let path = entry.with_context(|| format!("listing {}", home.display()))?.path();
        let age = path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        bundles.push((age, path));
    }
    bundles.sort();
    let surplus = bundles.len().saturating_sub(KEPT);
    for (_, path) in bundles.into_iter().take(surplus) {
        fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(())
}

/// Makes `dist` equal to `bundle`; does nothing if it is already.
///
/// # Errors
///
/// Fails when a file cannot be read or written.
pub(super) fn publish(bundle: &Path, dist: &Path) -> Result<()> {
    let wanted = Assets::read(bundle)?;
    if dist.is_dir() {
        if Assets::read(dist)? == wanted {
            return Ok(());
        }
        fs::remove_dir_all(dist).with_context(|| format!("removing {}", dist.display()))?;
    }
    wanted.write(dist)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{KEPT, Store, draft_of, finish, publish};
    use crate::bundle::Flavour;

    #[test]
    fn a_bundle_is_published_once_and_old_ones_are_dropped() {
        let home = env::temp_dir().join(format!("xtask-store-{}", process::id()));
        let (store, dist) = (Store::below(&home), home.join("dist"));
        for number in 0..KEPT + 2 {
            let bundle = store.bundle(Flavour::Quick, &number.to_string());
            let draft = draft_of(&bundle).expect("a draft");
            fs::write(draft.join("index.html"), number.to_string()).expect("written");
            finish(&draft, &bundle).expect("finished");
            publish(&bundle, &dist).expect("published");
            assert_eq!(fs::read_to_string(dist.join("index.html")).expect("there"), number.to_string());
        }
        assert_eq!(fs::read_dir(&store.home).expect("there").count(), KEPT);

        let newest = store.bundle(Flavour::Quick, &(KEPT + 1).to_string());
        let time = || dist.join("index.html").metadata().and_then(|data| data.modified()).expect("a time");
        let before = time();
        publish(&newest, &dist).expect("published again");
        assert_eq!(time(), before, "an equal dist is left alone");
        fs::remove_dir_all(&home).expect("removed");
    }
}
