//! The keyed hash that tells a retry from another request, and its key: drawn at the first start, kept beside the database.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use shared::id::RoomId;

use super::secret;
use crate::store::SecretHash;

/// A key for HMAC-SHA256: as long as its output (RFC 2104 §3).
pub type RequestKey = [u8; 32];

/// Hashes requests. The key has been worked in already, which is half of the work for a short text.
#[derive(Clone)]
pub struct RequestHasher(Hmac<Sha256>);

impl RequestHasher {
    /// Hashes with this key.
    #[must_use]
    pub fn new(key: &RequestKey) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Tells a retry from another request under the same `client_id`, also after the message was deleted. Keyed, so that it
    /// betrays nothing about the deleted text.
    #[must_use]
    pub fn hash(&self, room: RoomId, body: &str) -> SecretHash {
        let mut mac = self.0.clone();
        // A room id has a fixed length, so no other pair gives the same bytes.
        mac.update(room.to_string().as_bytes());
        mac.update(body.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Its file in the data directory. Outside the database, so that a copy of the database alone does not let anyone guess
/// at deleted messages. Without it, a retry of a post from before is answered with `client_id_reused`.
const FILE: &str = "request.key";

/// Reads the key of a data directory; makes it when there is none. The directory must be ours already.
///
/// # Errors
/// The file cannot be read or written, or is too short.
pub fn read_or_draw(directory: &Path) -> io::Result<RequestKey> {
    let path = directory.join(FILE);
    let mut key = RequestKey::default();
    match File::open(&path) {
        Ok(mut file) => {
            file.read_exact(&mut key)?;
            // A copy made by hand may have lost its mode.
            fs::set_permissions(path, Permissions::from_mode(0o600))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            key = secret::entropy();
            // Under another name first: a crash leaves no half of a key.
            let draft = path.with_extension("draft");
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(&key)?;
            file.sync_all()?;
            fs::rename(&draft, path)?;
            File::open(directory)?.sync_all()?;
        }
        Err(error) => return Err(error),
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn the_key_stays() {
        let directory = tempfile::tempdir().unwrap();
        let key = read_or_draw(directory.path()).unwrap();
        assert_eq!(read_or_draw(directory.path()).unwrap(), key);
        let mode = fs::metadata(directory.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(key, read_or_draw(tempfile::tempdir().unwrap().path()).unwrap());
    }

    #[test]
    fn another_room_text_or_key_is_another_request() {
        let room = |digit| RoomId::from_entropy([digit; 12]);
        let hasher = RequestHasher::new(&[1; 32]);
        let hash = hasher.hash(room(1), "hello");
        assert_eq!(hasher.hash(room(1), "hello"), hash);
        assert_ne!(hasher.hash(room(2), "hello"), hash);
        assert_ne!(hasher.hash(room(1), "hello "), hash);
        assert_ne!(RequestHasher::new(&[2; 32]).hash(room(1), "hello"), hash);
    }

    #[test]
    fn half_a_key_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), [1; 31]).unwrap();
        assert!(read_or_draw(directory.path()).is_err());
    }
}
