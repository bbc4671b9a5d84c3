//! Finding the bench's own messages in what a stream carries, whatever server wrote it and however it was cut.
//!
//! Every message begins with `bench` and its number, ten digits. In an event that is the JSON text `"bench 0000000042 …`,
//! once; the rendered HTML of the same message begins with a tag, so it is not counted. Nothing else of the stream is
//! looked at: the client must cost less than any server.

use memchr::memmem::Finder;

/// What stands before a message's number.
const MARK: &[u8] = b"\"bench ";
/// Digits of a number.
const DIGITS: usize = 10;
/// A mark and its number.
const WHOLE: usize = MARK.len() + DIGITS;
/// What may be the beginning of a whole mark, and so is kept for the next read.
pub const CARRY_MAX: usize = WHOLE - 1;

/// A message's text: its number first, then something that people would write, with markup to be rendered.
#[must_use]
pub fn text(number: u64) -> String {
    format!("bench {number:010} The **Longjing** is ready, who wants a cup? 龙井泡好了。")
}

/// The end of what was read from a stream, in case a mark was cut in two.
#[derive(Debug, Clone, Copy)]
pub struct Carry {
    bytes: [u8; CARRY_MAX],
    length: u8,
}

impl Default for Carry {
    fn default() -> Self {
        Self { bytes: [0; CARRY_MAX], length: 0 }
    }
}

/// The search for marks, prepared once.
#[derive(Debug)]
pub struct Scanner(Finder<'static>);

impl Default for Scanner {
    fn default() -> Self {
        Self(Finder::new(MARK))
    }
}

impl Scanner {
    /// Calls `found` with the number of each message in what was read.
    ///
    /// The read stands in `buffer` from [`CARRY_MAX`] on, `length` bytes long: what was carried is put right before it.
    pub fn scan(&self, carry: &mut Carry, buffer: &mut [u8], length: usize, mut found: impl FnMut(u64)) {
        let carried = usize::from(carry.length);
        let start = CARRY_MAX - carried;
        buffer[start..CARRY_MAX].copy_from_slice(&carry.bytes[..carried]);
        let text = &buffer[start..CARRY_MAX + length];
        let mut at = 0;
        while let Some(mark) = self.0.find(&text[at..]) {
            let Some(whole) = text.get(at + mark..at + mark + WHOLE) else { break };
            if let Some(number) = number(&whole[MARK.len()..]) {
                found(number);
            }
            at += mark + MARK.len();
        }
        // No carried byte can be found twice: all of them together are shorter than a whole mark.
        let kept = &text[at.max(text.len().saturating_sub(CARRY_MAX))..];
        carry.bytes[..kept.len()].copy_from_slice(kept);
        carry.length = u8::try_from(kept.len()).expect("a carry is shorter than 256 bytes");
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers found when `stream` arrives in pieces of `size` bytes.
    fn found(stream: &[u8], size: usize) -> Vec<u64> {
        let (scanner, mut carry, mut numbers) = (Scanner::default(), Carry::default(), Vec::new());
        let mut buffer = vec![0; CARRY_MAX + size];
        for piece in stream.chunks(size) {
            buffer[CARRY_MAX..CARRY_MAX + piece.len()].copy_from_slice(piece);
            scanner.scan(&mut carry, &mut buffer, piece.len(), |number| numbers.push(number));
        }
        numbers
    }

    #[test]
    fn every_message_is_found_once_however_it_is_cut() {
        let event = |number| {
            let text = text(number);
            format!("id: 7.{number}\ndata: {{\"body\":\"{text}\",\"html\":\"<p>{text}</p>\"}}\n\n")
        };
        let stream: String = (40..50).map(event).collect();
        for size in 1..stream.len() {
            assert_eq!(found(stream.as_bytes(), size), (40..50).collect::<Vec<_>>(), "pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_message_is_not_found() {
        for other in ["", "\"bench", "\"bench 12345", "\"bench 00000000x1 ", "bench 0000000001 ", "\"\"bench\""] {
            for size in [1, 7, 100] {
                assert!(found(other.as_bytes(), size).is_empty(), "{other}");
            }
        }
        assert_eq!(found(b"\"bench \"bench 0000000007", 3), [7]);
    }
}
