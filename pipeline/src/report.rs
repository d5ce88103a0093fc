//! A report: one source's word on one fact, with the version that decides between its words.

use crate::fact::Fact;
use crate::text::Text;
use core::num::NonZeroU64;

/// An instant in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// The identifier the source gave to an event; the same on every resend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

/// Between reports of one fact by one source the greatest version counts (Q19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// When the source recorded it.
    pub recorded_at: Instant,
    /// A retraction wins over a report of the same instant.
    pub entered_in_error: bool,
    /// Breaks what ties remain.
    pub event_id: EventId,
}

/// A valid NHS number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NhsNumber(NonZeroU64);

/// Never printed: a number in a log identifies a patient.
impl core::fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("NhsNumber(..)")
    }
}

/// What a source sent as the NHS number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SentNumber {
    /// It fails the check (V01) and is dropped.
    Invalid,
    /// It passes.
    Valid(NhsNumber),
}

const NHS_NUMBER_DIGITS: usize = 10;

impl NhsNumber {
    /// Reads ten digits (spaces between them are allowed) and checks the last modulo 11; all digits
    /// equal is refused (V01, `domain/cwt-rules.md` 2.2).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = [0_u64; NHS_NUMBER_DIGITS];
        let mut count = 0;
        for c in text.chars().filter(|&c| c != ' ') {
            *digits.get_mut(count)? = u64::from(c.to_digit(10)?);
            count += 1;
        }
        if count != NHS_NUMBER_DIGITS || !passes_the_check(digits) {
            return None;
        }
        NonZeroU64::new(digits.iter().fold(0, |number, d| number * 10 + d)).map(Self)
    }

    pub(crate) const fn from_bits(bits: u64) -> Option<Self> {
        match NonZeroU64::new(bits) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// Whether it is one that [`Self::parse`] gives.
    pub(crate) fn is_sound(self) -> bool {
        let mut digits = [0; NHS_NUMBER_DIGITS];
        let mut rest = self.0.get();
        for digit in digits.iter_mut().rev() {
            (*digit, rest) = (rest % 10, rest / 10);
        }
        rest == 0 && passes_the_check(digits)
    }

    /// The number as an integer, for keyed pseudonyms and direct-care files only.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0.get()
    }
}

fn passes_the_check(digits: [u64; NHS_NUMBER_DIGITS]) -> bool {
    let [stem @ .., check] = digits;
    let sum: u64 = stem.iter().zip((2..=10).rev()).map(|(d, w)| d * w).sum();
    let all_equal = stem.iter().all(|&d| d == check);
    !all_equal && (11 - sum % 11) % 11 == check
}

impl SentNumber {
    /// What a source sent: valid, or to be dropped with finding V01.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        NhsNumber::parse(text).map_or(Self::Invalid, Self::Valid)
    }
}

/// One source's report of one fact. Texts belong to the engine that will learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which of the source's words it is.
    pub version: Version,
    /// Who says so.
    pub source: Text,
    /// Which item of its kind: a transfer, primary, milestone or treatment; `1` where there is one.
    pub item: Text,
    /// The patient, where the source says who.
    pub nhs_number: Option<SentNumber>,
    /// The source's own number for the patient.
    pub local_patient_identifier: Option<Text>,
    /// What is reported.
    pub fact: Fact,
}

/// The item id of a fact that is the only one of its kind.
pub const ONLY_ITEM: Text = Text::code("1");
