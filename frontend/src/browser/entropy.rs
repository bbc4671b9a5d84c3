//! Random bytes: `crypto.getRandomValues`, which plain HTTP has too (`randomUUID` it has not).

use super::page;

/// Draws random bytes.
///
/// Without `crypto`, which no browser that runs this program lacks, they come from `Math.random`: they name messages
/// and spread retries, and guard nothing.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let drawn = page::window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if drawn.is_err() {
        bytes = std::array::from_fn(|_| (js_sys::Math::random() * 256.0) as u8);
    }
    bytes
}
