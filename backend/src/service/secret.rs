//! Secrets that the server draws: session tokens, invite codes, the set-up code; and the hash it keeps of them.

use std::cell::RefCell;

use sha2::{Digest, Sha256};

use crate::store::SecretHash;

/// Base-36 digits of a session token: 258 bits.
pub const TOKEN_DIGITS: usize = 50;
/// Base-36 digits of the code in a link (an invite, another device, a new password): 134 bits, and short enough for a chat
/// message.
pub const LINK_DIGITS: usize = 26;
/// Base-36 digits of the set-up code: 51 bits, typed by hand once, from the terminal to the browser.
pub const SETUP_DIGITS: usize = 10;

/// Bytes asked of the system at once: one call for some ten requests.
const DRAWN_AT_ONCE: usize = 512;

/// Random bytes of the system that a thread has not handed out yet: those before `left`.
struct Drawn {
    bytes: [u8; DRAWN_AT_ONCE],
    left: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; DRAWN_AT_ONCE], left: 0 }) };
}

/// Draws random bytes.
///
/// # Panics
/// When the system has no randomness: nothing safe can be done then.
#[must_use]
pub fn entropy<const N: usize>() -> [u8; N] {
    const { assert!(N <= DRAWN_AT_ONCE) };
    DRAWN.with_borrow_mut(|drawn| {
        if drawn.left < N {
            getrandom::fill(&mut drawn.bytes).expect("the system gives random bytes");
            drawn.left = DRAWN_AT_ONCE;
        }
        let from = drawn.left - N;
        let handed_out = &mut drawn.bytes[from..drawn.left];
        let mut bytes = [0; N];
        bytes.copy_from_slice(handed_out);
        // What was handed out is a secret of whoever drew it.
        handed_out.fill(0);
        drawn.left = from;
        bytes
    })
}

/// Draws a secret of `digits` base-36 digits, each equally likely.
#[must_use]
pub fn draw(digits: usize) -> String {
    // 252 is the largest multiple of 36 in a byte; what lies above would favour the first digits.
    let even = std::iter::repeat_with(entropy::<32>).flatten().filter(|&byte| byte < 252);
    let mut secret = String::with_capacity(digits);
    secret.extend(
        even.take(digits).map(|byte| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(byte % 36)])),
    );
    secret
}

/// The hash under which a secret is kept. A plain SHA-256 is enough: nobody can try 2^128 of them.
#[must_use]
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether `secret` has the form of one drawn with `digits` digits. Anything else is not looked up.
#[must_use]
pub fn is_well_formed(secret: &str, digits: usize) -> bool {
    secret.len() == digits && secret.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_secret_is_well_formed_and_new() {
        let token = draw(TOKEN_DIGITS);
        assert!(is_well_formed(&token, TOKEN_DIGITS));
        assert_ne!(token, draw(TOKEN_DIGITS));
        for wrong in ["", "x", &token.to_uppercase(), &format!("{token}0"), "' OR 1=1 --"] {
            assert!(!is_well_formed(wrong, TOKEN_DIGITS) || *wrong == token, "{wrong}");
        }
    }
}
