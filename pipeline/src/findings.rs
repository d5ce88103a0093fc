//! The findings V01-V31 (`domain/cwt-rules.md` 2.5 and 10): what does not fit, kept and shown.

use core::fmt;

/// One finding, `V01` to `V31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding(u8);

/// A set of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u32);

const FINDINGS: u8 = 31;

impl Finding {
    /// Finding number `number`, 1 to 31.
    #[must_use]
    pub const fn v(number: u8) -> Self {
        assert!(number >= 1 && number <= FINDINGS);
        Self(number)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{:02}", self.0)
    }
}

impl Findings {
    /// Adds the finding when it holds.
    pub fn note(&mut self, number: u8, holds: bool) {
        if holds {
            self.0 |= 1 << Finding::v(number).0;
        }
    }

    /// Takes the finding away.
    pub fn clear(&mut self, number: u8) {
        self.0 &= !(1 << Finding::v(number).0);
    }

    /// Whether the finding holds.
    #[must_use]
    pub const fn holds(self, number: u8) -> bool {
        self.0 & (1 << Finding::v(number).0) != 0
    }

    /// The findings that hold, in order.
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        (1..=FINDINGS).filter(move |&n| self.holds(n)).map(Finding)
    }
}
