//! Time as the state code needs it: two clocks given from outside, the wire's timestamps, and calendar days.
//!
//! Nothing here reads a clock. Durations are measured on the monotonic clock, so that a clock that is set back does not
//! stop a retry; the wall clock only labels what a person reads, and tells how old a kept message is.

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the page was opened; never goes back.
    pub mono_ms: u64,
    /// Unix time in milliseconds; may jump.
    pub wall_ms: i64,
}

const MS_PER_DAY: i64 = 86_400_000;

/// The earlier of two moments that may never come.
#[must_use]
pub fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// A time that is left, in minutes and seconds: `4:32`.
#[must_use]
pub fn left_words(seconds: u32) -> String {
    let rest = seconds % 60;
    [&*(seconds / 60).to_string(), if rest < 10 { ":0" } else { ":" }, &rest.to_string()].concat()
}

/// Reads a timestamp of the wire (RFC 3339 §5.6, UTC, any number of fraction digits) as Unix milliseconds.
///
/// `None` for anything else: a time is only shown, so the caller falls back to something harmless.
#[must_use]
pub fn unix_ms(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (moment, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2] = moment.as_bytes()
    else {
        return None;
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[i1, i2])?, number(&[s1, s2])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut ms = [b'0'; 3];
    for (place, digit) in fraction.bytes().enumerate() {
        if !digit.is_ascii_digit() {
            return None;
        }
        if let Some(kept) = ms.get_mut(place) {
            *kept = digit;
        }
    }
    let seconds = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + number(&ms)?)
}

/// A decimal number of fixed width.
fn number(digits: &[u8]) -> Option<i64> {
    let mut number = 0;
    for digit in digits {
        number = number * 10 + i64::from(char::from(*digit).to_digit(10)?);
    }
    Some(number)
}

/// Days since 1970-01-01 at a place `offset_minutes` east of UTC.
#[must_use]
pub fn day_at(unix_ms: i64, offset_minutes: i32) -> i32 {
    let local = unix_ms.saturating_add(i64::from(offset_minutes) * 60_000);
    i32::try_from(local.div_euclid(MS_PER_DAY)).unwrap_or(i32::MAX)
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_of_the_wire_are_read() {
        let check = |text, expected| assert_eq!(unix_ms(text), expected, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("1970-01-01T00:00:00.001Z", Some(1));
        check("2026-11-22T12:00:00.250Z", Some(1_795_348_800_250));
        check("2024-02-29T23:59:59.9Z", Some(1_709_251_199_900));
        check("2000-03-01T00:00:00.123456Z", Some(951_868_800_123));
        check("1969-12-31T23:59:59.999Z", Some(-1));
        for wrong in [
            "",
            "now",
            "2026-11-22",
            "2026-11-22T12:00:00+01:00",
            "2026-13-01T00:00:00Z",
            "2026-11-22T12:00Z",
            "2026-11-22T12:00:00.5xZ",
            "+026-11-22T12:00:00Z",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn what_is_left_is_counted_in_minutes_and_seconds() {
        for (seconds, words) in [(300, "5:00"), (272, "4:32"), (61, "1:01"), (9, "0:09"), (0, "0:00")] {
            assert_eq!(left_words(seconds), words);
        }
    }

    #[test]
    fn the_earlier_of_two_moments_comes_first() {
        for (one, other, expected) in
            [(None, None, None), (Some(2), None, Some(2)), (None, Some(3), Some(3)), (Some(2), Some(3), Some(2))]
        {
            assert_eq!((earlier(one, other), earlier(other, one)), (expected, expected));
        }
    }

    #[test]
    fn a_day_begins_at_the_readers_midnight() {
        let noon = 1_795_348_800_000;
        let day = day_at(noon, 0);
        assert_eq!(day_at(noon, 11 * 60), day);
        assert_eq!(day_at(noon, 12 * 60), day + 1);
        assert_eq!(day_at(noon, -12 * 60), day);
        assert_eq!(day_at(noon, -12 * 60 - 1), day - 1);
        assert_eq!(day_at(-1, 0), -1);
    }
}
