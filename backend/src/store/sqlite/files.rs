//! The data directory: who may look into it, and that one process at a time uses it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};

use super::OpenError;

const DATABASE: &str = "teahouse.db";
const LOCK: &str = "teahouse.lock";

/// The data directory, ours as long as this lives. The lock is the operating system's, so it ends with the process
/// however that ends; the file stays behind and means nothing.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory (0700) if there is none, locks it, and makes sure that the database is readable by its
    /// owner only (0600); SQLite gives `-wal` and `-shm` the permissions of the database.
    pub(super) fn claim(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Directory { path: path.to_owned(), source };
        create_private_dir(path).map_err(failed)?;
        let lock = open_private(&path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        open_private(&path.join(DATABASE)).map_err(failed)?;
        // The new names are durable before anything is acknowledged that lies behind them.
        File::open(path).and_then(|dir| dir.sync_all()).map_err(failed)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}

fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    // A directory that exists keeps the permissions its owner gave it: it may be a home or a mount. What is in it is
    // protected by the files' own.
    builder.create(path)
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    options.mode(0o600);
    let file = options.open(path)?;
    // A file that was there before, for instance copied back from a backup, may be open to others.
    #[cfg(unix)]
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}
