//! Passwords: which are refused, how they are hashed, and that hashing never crowds out the rest of the server.
//!
//! Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage, 2024). Hashing runs on the blocking pool, a
//! few at a time; who waits too long is told to come again.

use std::{collections::HashSet, sync::LazyLock, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Output, SaltString},
};
use shared::{problem::ProblemCode, text::Password};
use tokio::{sync::Semaphore, task, time};

use super::secret;
use crate::error::AppError;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Hashes computed at a time: the other cores keep serving streams.
const AT_A_TIME: usize = 2;
/// How long a sign-in waits for its turn. Fifty at once are done in about a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// A password must hold at least this much besides the words that anyone would guess here, in characters.
const OWN_CHARS_MIN: usize = 4;
/// Shorter words are no help to someone who guesses, and appear in any text.
const CONTEXT_WORD_MIN_CHARS: usize = 3;

/// The most used passwords of eight characters and more, in lower case.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
    /// A hash that no password has: checked when there is no account, so that both cases take equally long.
    nobodys_hash: String,
}

impl Passwords {
    /// Draws the hash of nobody: nothing is hashed for it.
    #[must_use]
    pub fn new() -> Self {
        Self { turns: Semaphore::new(AT_A_TIME), nobodys_hash: nobodys_hash() }
    }

    /// The hash of a new password, a PHC string.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] when too many are being hashed.
    pub async fn hash(&self, password: Password) -> Result<String, AppError> {
        self.in_turn(move || hash(password.expose())).await
    }

    /// Whether `password` is the one behind `hash`; always `false`, and as slow, when there is no hash.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] when too many are being hashed.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys_hash.clone());
        let fits = self.in_turn(move || verify(&password, &hash)).await?;
        Ok(fits && exists)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let turn = time::timeout(PATIENCE, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| AppError::new(ProblemCode::RateLimited))?.map_err(AppError::internal)?;
        task::spawn_blocking(work).await.map_err(AppError::internal)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A hash like any other, but drawn: to find a password that has it is as hard as to find one for any 256 bits.
fn nobodys_hash() -> String {
    let salt = salt();
    let drawn = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon2().params().try_into().expect("the parameters fit into a PHC string"),
        salt: Some(salt.as_salt()),
        hash: Some(Output::new(&secret::entropy::<32>()).expect("32 bytes are an output")),
    };
    drawn.to_string()
}

fn salt() -> SaltString {
    SaltString::encode_b64(&secret::entropy::<16>()).expect("16 bytes are a valid salt")
}

fn hash(password: &str) -> String {
    let salt = salt();
    argon2().hash_password(password.as_bytes(), &salt).expect("argon2 hashes any password of 1 KiB").to_string()
}

fn verify(password: &str, hash: &str) -> bool {
    // A hash that cannot be read lets nobody in.
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Refuses a password that is tried first: one of the most used, or hardly more than `context`, the words that anyone
/// would guess here (the product, the workspace, the person's name). NIST SP 800-63B §5.1.1.2.
///
/// # Errors
/// [`ProblemCode::PasswordTooCommon`] for the field `password`.
pub fn refuse_common(password: &Password, context: &[&str]) -> Result<(), AppError> {
    let folded = password.expose().to_lowercase();
    let words = context.iter().chain(&["teahouse", "茶馆"]).map(|word| word.trim().to_lowercase());
    let own = words
        .filter(|word| word.chars().count() >= CONTEXT_WORD_MIN_CHARS || !word.is_ascii() && !word.is_empty())
        .fold(folded.clone(), |rest, word| rest.replace(&word, ""));
    let touched = own.len() < folded.len();
    if COMMON.contains(folded.as_str()) || (touched && own.chars().count() < OWN_CHARS_MIN) {
        return Err(AppError::of_field(ProblemCode::PasswordTooCommon, "password"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use shared::limits::PASSWORD_MIN_CHARS;

    use super::*;

    #[test]
    fn a_password_that_is_tried_first_is_refused() {
        let check = |password: &str, accepted: bool| {
            let parsed = Password::parse(password).unwrap();
            assert_eq!(refuse_common(&parsed, &["Blue Kettle", "ana", "林美"]).is_ok(), accepted, "{password}");
        };
        for common in [
            "password",
            "Password",
            "12345678",
            "qwertyuiop",
            "TeaHouse",
            "teahouse1",
            "BLUE KETTLE!",
            "anaana12",
            "林美林美林美林美",
            "林美林美林美12",
        ] {
            check(common, false);
        }
        for fine in ["correct horse battery staple", "teahouse in the rain", "an anaconda eats", "一二三四五六七八"]
        {
            check(fine, true);
        }
    }

    #[test]
    fn the_list_holds_only_what_could_be_a_password() {
        assert!(COMMON.len() >= 500, "{}", COMMON.len());
        for word in COMMON.iter() {
            assert!(word.chars().count() >= PASSWORD_MIN_CHARS && *word == word.to_lowercase(), "{word:?}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
        let hash = passwords.hash(Password::parse("correct horse").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horsf".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), Some("$garbage".into())).await.unwrap());
    }
    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told_to_come_again() {
        let passwords = Passwords::new();
        let _all = passwords.turns.acquire_many(AT_A_TIME as u32).await.unwrap();
        let refused = passwords.verify("correct horse".into(), None).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::RateLimited);
        assert!(refused.retry_after_s.is_some());
    }
}
