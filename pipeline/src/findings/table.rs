//! What each finding is worth: where it is raised, what an upload makes of it, what it does to a clock.

use super::Finding;

/// Where a finding is raised (Q28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingLevel {
    /// From one pathway.
    Pathway,
    /// From all pathways of a patient.
    Patient,
    /// From the disagreement of sources about one pathway.
    Source,
}

/// What the validation rules make of a finding before a submission (section 2.5 of the rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be mended before the upload, which refuses it.
    Reject,
    /// To be looked at.
    Warn,
}

/// What a finding does to a clock (Q2); whatever it does, the facts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingEffect {
    /// Nothing.
    None,
    /// The wait does not count.
    NotCounted,
    /// The 31-day wait does not count.
    ThirtyOneDayNotCounted,
    /// The adjustment is ignored; the wait counts.
    AdjustmentIgnored,
    /// The end date is not a stop: FDS goes on running.
    EndIgnored,
    /// The further first treatment has a 31-day clock only (Q12).
    ThirtyOneDayOnly,
}

impl FindingLevel {
    /// `pathway`, `patient` or `source`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pathway => "pathway",
            Self::Patient => "patient",
            Self::Source => "source",
        }
    }
}

impl Severity {
    /// `reject` or `warn`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Warn => "warn",
        }
    }
}

impl FindingEffect {
    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NotCounted => "not_counted",
            Self::ThirtyOneDayNotCounted => "31_day_not_counted",
            Self::AdjustmentIgnored => "adjustment_ignored",
            Self::EndIgnored => "end_ignored",
            Self::ThirtyOneDayOnly => "31_day_only",
        }
    }
}

impl Finding {
    /// Where it is raised (Q28).
    #[must_use]
    pub const fn level(self) -> FindingLevel {
        match self.number() {
            15 | 24 => FindingLevel::Patient,
            23 => FindingLevel::Source,
            _ => FindingLevel::Pathway,
        }
    }

    /// What an upload makes of it (section 2.5 of the rules). The table there ends at V26, and V23 and
    /// V24 go to queues of their own: all of these are warnings here.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.number() {
            1 | 2 | 4..=11 | 13 | 14 | 18 | 21 => Severity::Reject,
            _ => Severity::Warn,
        }
    }

    /// What it does to a clock (Q2).
    #[must_use]
    pub const fn effect(self) -> FindingEffect {
        match self.number() {
            5 => FindingEffect::ThirtyOneDayNotCounted,
            7 | 16 | 27 => FindingEffect::NotCounted,
            8 | 9 => FindingEffect::AdjustmentIgnored,
            10 | 11 => FindingEffect::EndIgnored,
            14 => FindingEffect::ThirtyOneDayOnly,
            _ => FindingEffect::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FindingEffect, FindingLevel, Severity};
    use crate::findings::Finding;

    #[test]
    fn what_is_rejected_is_what_the_validation_rules_say() {
        let rejected = (1..=31).filter(|&n| Finding::v(n).severity() == Severity::Reject);
        let listed = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 18, 21];
        assert!(rejected.eq(listed));
    }

    #[test]
    fn levels_and_effects_are_those_that_were_settled() {
        let level = |n| Finding::v(n).level();
        assert_eq!([15, 24].map(level), [FindingLevel::Patient; 2]);
        assert_eq!(level(23), FindingLevel::Source);
        let pathways = (1..=31).filter(|&n| level(n) == FindingLevel::Pathway);
        assert_eq!(pathways.count(), 28);
        let of = |effect| {
            let found = (1..=31).filter(|&n| Finding::v(n).effect() == effect);
            found.collect::<Vec<_>>()
        };
        assert_eq!(of(FindingEffect::ThirtyOneDayNotCounted), [5]);
        assert_eq!(of(FindingEffect::NotCounted), [7, 16, 27]);
        assert_eq!(of(FindingEffect::AdjustmentIgnored), [8, 9]);
        assert_eq!(of(FindingEffect::EndIgnored), [10, 11]);
        assert_eq!(of(FindingEffect::ThirtyOneDayOnly), [14]);
    }
}
