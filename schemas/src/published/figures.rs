//! Numbers and months as published files write them.

use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::Halves;

/// The most patients a cell can count; more is another number in the wrong column.
const MOST: i64 = 1_000_000_000;

/// `59`, `59.0`, `13.5`; nothing that is not in halves.
pub(super) fn halves(text: &str) -> Option<Halves> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let half = match fraction.trim_end_matches('0') {
        "" => 0,
        "5" => 1,
        _ => return None,
    };
    let whole: i64 = whole.parse().ok()?;
    (whole <= MOST).then(|| Halves::new(whole * 2 + half))
}

/// `2024-04`, `2024-04-01` or `01/04/2024`: the files of 2025-26 write days first.
pub(super) fn month(text: &str) -> Option<Month> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let (year, month) = match *parts.as_slice() {
        [year, month] | [year, month, "01"] if year.len() == 4 => (year, month),
        ["01", month, year] if year.len() == 4 => (year, month),
        _ => return None,
    };
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some(Month { year, month })
}

#[cfg(test)]
mod tests {
    use super::{Halves, Month, halves, month};

    #[test]
    fn counts_are_read_in_halves_and_nothing_else() {
        for (text, expected) in [
            ("0", Some(0)),
            ("59", Some(118)),
            ("59.0", Some(118)),
            ("13.5", Some(27)),
            ("0.50", Some(1)),
            ("13.3", None),
            ("13.55", None),
            ("-1", None),
            ("+1", None),
            ("", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("1,000", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(halves(text), expected.map(Halves::new), "{text}");
        }
    }

    #[test]
    fn months_are_read_in_each_published_form() {
        let april = Some(Month {
            year: 2024,
            month: 4,
        });
        for text in ["2024-04", "2024-04-01", "01/04/2024"] {
            assert_eq!(month(text), april, "{text}");
        }
        for text in [
            "2024-13",
            "2024",
            "04/2024",
            "02/04/2024",
            "2024-04-30",
            "April 2024",
            "24-04",
        ] {
            assert_eq!(month(text), None, "{text}");
        }
    }
}
