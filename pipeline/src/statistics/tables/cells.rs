//! What a cell can hold: texts, codes, dates and rates, each in one form.

use super::Threshold;
use crate::day::{Day, Month};

const DECIMALS: usize = 4;

/// The cells of a line; commas between double quotes belong to the cell, and two double quotes there are one. `None` where
/// a quote is not closed.
pub(super) fn of_line(line: &str) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let is_text = match c {
            '"' => quoted && chars.next_if_eq(&'"').is_some(),
            ',' => quoted,
            _ => true,
        };
        if is_text {
            cells.last_mut()?.push(c);
        } else if c == '"' {
            quoted = !quoted;
        } else {
            cells.push(String::new());
        }
    }
    (!quoted).then_some(cells)
}

/// A text that says something.
pub(super) fn text(cell: &str) -> Option<Box<str>> {
    (!cell.trim().is_empty()).then(|| cell.into())
}

/// Letters and digits.
pub(super) fn code(cell: &str) -> Option<Box<str>> {
    let is_code = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| cell.into())
}

/// `2026-04-01`.
pub(super) fn day(cell: &str) -> Option<Day> {
    let mut parts = cell.split('-');
    let mut next = |length| digits(parts.next()?, length);
    let day = Day::from_ymd(next(4)?, next(2)?, next(2)?);
    day.filter(|_| parts.next().is_none())
}

/// `2026-04`.
pub(super) fn month(cell: &str) -> Option<Month> {
    day(&format!("{cell}-01")).map(Day::month)
}

fn digits(text: &str, length: usize) -> Option<i32> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// A rate from 0 to 1 of at most four decimals, exactly: `0.75` is 7,500 of 10,000.
pub(super) fn rate(cell: &str) -> Option<Threshold> {
    let (whole, decimals) = cell.split_once('.').unwrap_or((cell, ""));
    if decimals.len() > DECIMALS {
        return None;
    }
    let value = digits(&format!("{whole}{decimals:0<DECIMALS$}"), 1 + DECIMALS)?;
    let value = u32::try_from(value).ok()?;
    (value <= Threshold::WHOLE).then_some(Threshold(value))
}

#[cfg(test)]
mod tests {
    use super::{code, day, month, of_line, rate};
    use crate::statistics::Threshold;

    #[test]
    fn cells_are_those_between_commas_but_for_quoted_ones() {
        for (line, cells) in [
            ("a,\"b, c\",,d", Some(vec!["a", "b, c", "", "d"])),
            ("\"a \"\"b\"\", c\"", Some(vec!["a \"b\", c"])),
            ("", Some(vec![""])),
            ("\"\",", Some(vec!["", ""])),
            ("a,\"b", None),
        ] {
            let cells = cells.map(|cells| cells.into_iter().map(str::to_owned).collect());
            assert_eq!(of_line(line), cells, "{line}");
        }
    }

    #[test]
    fn codes_dates_and_rates_have_one_form() {
        for (text, value) in [
            ("0.75", Some(7_500)),
            ("0.8525", Some(8_525)),
            ("1.0", Some(10_000)),
            ("1", Some(10_000)),
            ("0", Some(0)),
            ("0.12345", None),
            ("1.0001", None),
            (".5", None),
            ("75", None),
            ("+0.5", None),
            ("0.+5", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(rate(text), value.map(Threshold), "{text}");
        }
        for (text, is_day) in [
            ("2026-04-01", true),
            ("2026-02-29", false),
            ("2026-4-1", false),
            ("2026-04-01-", false),
            ("01/04/2026", false),
            ("2026-04", false),
        ] {
            let found = day(text).map(|day| day.to_string());
            assert_eq!(found.as_deref(), is_day.then_some(text), "{text}");
        }
        for (text, is_month) in [
            ("2026-04", true),
            ("2026-13", false),
            ("2026-4", false),
            ("2026-04-01", false),
        ] {
            let found = month(text).map(|month| month.to_string());
            assert_eq!(found.as_deref(), is_month.then_some(text), "{text}");
        }
        assert!(code("E56000034").is_some());
        assert!(
            ["", " QH8", "A-B", "Ä"]
                .into_iter()
                .all(|text| code(text).is_none())
        );
    }
}
