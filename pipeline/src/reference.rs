//! What the guidance leaves unsure, as data: limits, lead times, exclusions, scope.
//!
//! Every table has a default and a version; another version is another set of rules.

use crate::assessment::Standard;
use crate::text::Text;

/// The reference tables, with a version that goes into every output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The version of the tables.
    pub version: String,
    /// The limits and warnings of the Faster Diagnosis Standard.
    pub fds: Limits,
    /// Those of the 62-day standard.
    pub sixty_two_day: Limits,
    /// Those of the 31-day standard.
    pub thirty_one_day: Limits,
    /// Adjusted days from which a running 62-day clock is a long wait (Q24).
    pub long_wait_from: i32,
    /// FDS exclusion reasons that count as a breach when given after the limit (R6).
    pub counted_if_late: Vec<Text>,
    /// ICD-O morphologies of basal cell carcinoma (Q25).
    pub basal_cell_morphologies: Vec<u16>,
    /// Diagnoses measured by the 31- and 62-day standards (R15).
    pub scope: Vec<IcdRange>,
}

/// A standard's limit in days, and its warnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest number of adjusted days that is within the standard (R1).
    pub within: i32,
    /// Days left at which levels `at_risk_1`, `at_risk_2` and `at_risk_3` begin; at most three, falling.
    pub lead_times: Vec<i32>,
}

/// ICD-10 categories of one letter, both ends included: `C00` to `C97`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcdRange {
    /// The letter, upper case.
    pub letter: char,
    /// The first category.
    pub from: u8,
    /// The last category.
    pub to: u8,
}

impl IcdRange {
    /// One category, `D05`, or a range of one letter, `C00-C97`.
    #[must_use]
    pub fn parse(range: &str) -> Option<Self> {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (letter, from) = category(first)?;
        let (last_letter, to) = category(last)?;
        (letter == last_letter && from <= to).then_some(Self { letter, from, to })
    }
}

fn category(category: &str) -> Option<(char, u8)> {
    let letter = category.chars().next().filter(char::is_ascii_uppercase)?;
    let number = category.get(1..).filter(|digits| digits.len() == 2)?;
    Some((letter, number.parse().ok()?))
}

impl Reference {
    /// The limits of a standard.
    #[must_use]
    pub const fn limits(&self, standard: Standard) -> &Limits {
        match standard {
            Standard::Fds => &self.fds,
            Standard::SixtyTwoDay => &self.sixty_two_day,
            Standard::ThirtyOneDay => &self.thirty_one_day,
        }
    }
}

impl Default for Reference {
    fn default() -> Self {
        let limits = |within, lead_times: &[i32]| Limits {
            within,
            lead_times: lead_times.to_vec(),
        };
        Self {
            version: "default-1".to_owned(),
            fds: limits(28, &[7, 3, 0]),
            sixty_two_day: limits(62, &[24, 10, 0]),
            thirty_one_day: limits(31, &[7, 0]),
            long_wait_from: 105,
            counted_if_late: vec![Text::code("01")],
            basal_cell_morphologies: vec![8090, 8091, 8092, 8093, 8094, 8095, 8097, 8098, 8110],
            scope: vec![
                IcdRange {
                    letter: 'C',
                    from: 0,
                    to: 97,
                },
                IcdRange {
                    letter: 'D',
                    from: 5,
                    to: 5,
                },
            ],
        }
    }
}
