//! Dates and instants as text: `YYYY-MM-DD` and RFC 3339.

use clockstop_pipeline::{Day, Instant, Month};
use core::fmt;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
const MICRO_DIGITS: usize = 6;

/// A date of exactly ten characters, `2026-03-02`; `None` for anything else.
#[must_use]
pub fn parse_day(text: &[u8]) -> Option<Day> {
    let (year, rest) = number::<4>(text)?;
    let (month, rest) = number::<2>(rest.strip_prefix(b"-")?)?;
    let (day, rest) = number::<2>(rest.strip_prefix(b"-")?)?;
    Day::from_ymd(year, month, day).filter(|_| rest.is_empty())
}

/// A month of exactly seven characters, `2026-03`; `None` for anything else.
#[must_use]
pub fn parse_month(text: &str) -> Option<Month> {
    parse_day(format!("{text}-01").as_bytes()).map(Day::month)
}

/// An instant with an offset. Digits beyond microseconds are dropped; a leap second is the one before.
pub(crate) fn parse_instant(text: &str) -> Option<Instant> {
    let (date, time) = text.as_bytes().split_at_checked(10)?;
    let day = i64::from(parse_day(date)?.epoch_days());
    let [b'T' | b't' | b' ', time @ ..] = time else {
        return None;
    };
    let (hour, rest) = number::<2>(time)?;
    let (minute, rest) = number::<2>(rest.strip_prefix(b":")?)?;
    let (second, rest) = number::<2>(rest.strip_prefix(b":")?)?;
    let (micros, rest) = fraction(rest)?;
    let seconds = clock_seconds(hour, minute)? + upto(second, 60)?.min(59) - offset(rest)?;
    Some(Instant(
        day * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + micros,
    ))
}

fn number<const DIGITS: usize>(text: &[u8]) -> Option<(i32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<DIGITS>()?;
    let number = digits.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i32::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })?;
    Some((number, rest))
}

fn upto(number: i32, greatest: i32) -> Option<i64> {
    (number <= greatest).then_some(i64::from(number))
}

fn clock_seconds(hour: i32, minute: i32) -> Option<i64> {
    Some(upto(hour, 23)? * 3_600 + upto(minute, 59)? * 60)
}

fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', rest @ ..] = text else {
        return Some((0, text));
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = rest.split_at_checked(count).filter(|_| count > 0)?;
    let padded = fraction.iter().copied().chain(core::iter::repeat(b'0'));
    let micros = padded
        .take(MICRO_DIGITS)
        .fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
    Some((micros, rest))
}

/// Seconds east of Greenwich.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        b"Z" | b"z" => return Some(0),
        [b'+', text @ ..] => (1, text),
        [b'-', text @ ..] => (-1, text),
        _ => return None,
    };
    let (hour, rest) = number::<2>(text)?;
    let (minute, rest) = number::<2>(rest.strip_prefix(b":")?)?;
    let seconds = clock_seconds(hour, minute)?;
    rest.is_empty().then_some(sign * seconds)
}

/// An instant as `YYYY-MM-DDTHH:MM:SSZ`, with six more digits where they are not zero.
pub(crate) struct Rfc3339(pub(crate) Instant);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Instant(micros) = self.0;
        let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX);
        let of_day = micros.rem_euclid(MICROS_PER_DAY);
        let (seconds, micros) = (of_day / MICROS_PER_SECOND, of_day % MICROS_PER_SECOND);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let day = Day::from_epoch_days(days);
        write!(f, "{day}T{hour:02}:{minute:02}:{second:02}")?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::{Rfc3339, parse_day, parse_instant};
    use clockstop_pipeline::Instant;
    use proptest::prelude::*;

    fn theirs(text: &str) -> Option<Instant> {
        let timestamp: jiff::Timestamp = text.parse().ok()?;
        Some(Instant(timestamp.as_microsecond()))
    }

    #[test]
    fn reads_what_rfc_3339_allows() {
        for text in [
            "2026-03-01T09:00:00Z",
            "2026-03-01t09:00:00z",
            "2026-03-01 09:00:00+00:00",
            "2026-07-01T09:00:00.5+01:00",
            "2026-07-01T00:30:00.123456-05:30",
            "2026-12-31T23:59:60Z",
            "2026-03-01T09:00:00.123456789Z",
            "1969-12-31T23:59:59.25Z",
        ] {
            assert_eq!(parse_instant(text), theirs(text), "{text}");
            assert!(parse_instant(text).is_some(), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_does_not() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T09:00:00",
            "2026-03-01T09:00Z",
            "2026-02-29T09:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T09:60:00Z",
            "2026-03-01T09:00:61Z",
            "2026-03-01T09:00:00.Z",
            "2026-03-01T09:00:00+0100",
            "2026-03-01T09:00:00+24:00",
            "2026-03-01T09:00:00Zjunk",
            "2026-3-1T09:00:00Z",
            "é026-03-01T09:00:00Z",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
        for text in [
            "2026-1-01",
            "2026-01-1",
            "20260101",
            "2026-01-01 ",
            "+026-01-01",
        ] {
            assert_eq!(parse_day(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_jiff(micros in -62_135_596_800_000_000_i64..253_402_200_000_000_000) {
            let instant = Instant(micros);
            let text = Rfc3339(instant).to_string();
            prop_assert_eq!(parse_instant(&text), Some(instant));
            prop_assert_eq!(theirs(&text), Some(instant));
            let jiff = jiff::Timestamp::from_microsecond(micros).expect("in range");
            prop_assert_eq!(parse_instant(&jiff.to_string()), Some(instant));
        }

        #[test]
        fn no_text_is_a_danger(text in "\\PC{0,40}") {
            prop_assert!(parse_instant(&text).is_none() || theirs(&text).is_some());
        }
    }
}
