//! Numbers for people.

use core::fmt::Display;

/// A number with its whole digits in groups of three: `-1,234.5`.
#[must_use]
pub fn grouped(number: impl Display) -> String {
    let number = number.to_string();
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number.as_str()),
    };
    let whole = number.split('.').next().unwrap_or_default();
    let mut out = sign.to_owned();
    for (index, digit) in number.chars().enumerate() {
        let left = whole.len().saturating_sub(index);
        if index > 0 && left > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn whole_digits_stand_in_threes() {
        for (number, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("1234567", "1,234,567"),
            ("-123", "-123"),
            ("-1234.5", "-1,234.5"),
            ("123.5", "123.5"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
