//! Passwords: which are refused, how they are hashed, and that hashing never crowds out the rest of the server.
//!
//! Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage, 2024). Hashing runs on the blocking pool, a
//! few at a time; who waits too long is told to come again.

use std::{
    collections::HashSet,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Output, SaltString},
};
use shared::{problem::ProblemCode, text::Password};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task, time,
};

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

/// How often a password may be tried. Asked before an attempt waits for its turn, so that a flood does not fill the queue,
/// and counted when it has one: so that of many at once none slips through, and those that fit wait for none.
pub trait Attempts: Send + Sync {
    /// Whether there is one left.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] with the time to wait.
    fn look(&self) -> Result<(), AppError>;

    /// Counts one.
    ///
    /// # Errors
    /// As of [`Attempts::look`].
    fn begin(&self) -> Result<(), AppError>;

    /// Takes back what was counted: it was no guess.
    fn forgive(&self);
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
    computed: AtomicU64,
    /// A hash that no password has: checked when there is no account, so that both cases take equally long.
    nobodys_hash: String,
}

impl Passwords {
    /// Draws the hash of nobody: nothing is hashed for it.
    #[must_use]
    pub fn new() -> Self {
        Self { turns: Semaphore::new(AT_A_TIME), computed: AtomicU64::new(0), nobodys_hash: nobodys_hash() }
    }

    /// The hash of a new password, a PHC string.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] when too many are being hashed.
    pub async fn hash(&self, password: Password) -> Result<String, AppError> {
        let _turn = self.turn().await?;
        self.compute(move || hash(password.expose())).await
    }

    /// Whether `password` is the one behind `hash`; always `false`, and as slow, when there is no hash, or an empty one, as
    /// of a guest.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] when there were too many `attempts`, or too many are being hashed.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        attempts: &dyn Attempts,
    ) -> Result<bool, AppError> {
        attempts.look()?;
        let _turn = self.turn().await?;
        attempts.begin()?;
        let hash = hash.filter(|hash| !hash.is_empty());
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys_hash.clone());
        let fits = self.compute(move || verify(&password, &hash)).await? && exists;
        if fits {
            attempts.forgive();
        }
        Ok(fits)
    }

    /// How many passwords were hashed, to be kept or to be compared. What was refused without hashing is not among them.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, AppError> {
        let turn = time::timeout(PATIENCE, self.turns.acquire()).await;
        turn.map_err(|_| AppError::new(ProblemCode::RateLimited))?.map_err(AppError::internal)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        self.computed.fetch_add(1, Ordering::Relaxed);
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

    /// Three attempts.
    #[derive(Default)]
    struct Three(AtomicU64);

    impl Attempts for Three {
        fn look(&self) -> Result<(), AppError> {
            if self.0.load(Ordering::Relaxed) < 3 { Ok(()) } else { Err(ProblemCode::RateLimited.into()) }
        }

        fn begin(&self) -> Result<(), AppError> {
            self.look()?;
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }

        fn forgive(&self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
        let hash = passwords.hash(Password::parse("correct horse").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fits = async |password: &str, hash: Option<String>| {
            passwords.verify(password.into(), hash, &Three::default()).await.unwrap()
        };
        assert!(fits("correct horse", Some(hash.clone())).await);
        assert!(!fits("correct horsf", Some(hash)).await);
        assert!(!fits("correct horse", None).await);
        assert!(!fits("correct horse", Some("$garbage".into())).await);
        assert!(!fits("", Some(String::new())).await, "a guest has no password, not an empty one");
        assert_eq!(passwords.computed(), 6, "one like the other");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_counted_and_what_is_too_much_is_not_hashed() {
        let passwords = Passwords::new();
        let hash = Some(passwords.hash(Password::parse("correct horse").unwrap()).await.unwrap());
        let three = Three::default();
        let all = (0..8).map(|_| passwords.verify("wrong".into(), hash.clone(), &three));
        let (refused, compared): (Vec<_>, Vec<_>) =
            futures_util::future::join_all(all).await.into_iter().partition(Result::is_err);
        assert_eq!((compared.len(), refused.len(), passwords.computed()), (3, 5, 4));

        let three = Three::default();
        let all = (0..8).map(|_| passwords.verify("correct horse".into(), hash.clone(), &three));
        for fits in futures_util::future::join_all(all).await {
            assert!(fits.unwrap(), "what fits is no guess");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told_to_come_again() {
        let passwords = Passwords::new();
        let _all = passwords.turns.acquire_many(AT_A_TIME as u32).await.unwrap();
        let refused = passwords.verify("correct horse".into(), None, &Three::default()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::RateLimited);
        assert!(refused.retry_after_s.is_some());
    }
}
