//! `uncounted`: how many stops are alike (statistics 2).

use super::counting::Uncounted;
use std::collections::BTreeMap;

/// The stops that do not count, by what would have been counted, month, organisation and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UncountedCounts {
    rows: BTreeMap<Uncounted, u64>,
}

impl UncountedCounts {
    /// Counts a stop.
    pub fn note(&mut self, stop: &Uncounted) {
        *self.rows.entry(stop.clone()).or_default() += 1;
    }

    /// Adds the stops of other pathways.
    pub fn absorb(&mut self, other: &Self) {
        for (stop, count) in &other.rows {
            *self.rows.entry(stop.clone()).or_default() += count;
        }
    }

    /// The rows in order, none of them zero.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<Uncounted, u64> {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::UncountedCounts;
    use crate::assessment::{Reason, Standard};
    use crate::day::Month;
    use crate::statistics::{Activity, Uncounted, UncountedReason};

    #[test]
    fn stops_that_are_alike_make_one_row_over_all_partitions() {
        let stop = |organisation: Option<&str>, reason| Uncounted {
            activity: Activity::Standard(Standard::Fds),
            month: Month {
                year: 2026,
                month: 3,
            },
            organisation: organisation.map(Into::into),
            reason,
        };
        let negative = UncountedReason::Clock(Reason::NegativeWait);
        let nobody = stop(None, UncountedReason::OrganisationMissing);
        let (mut one, mut two) = (UncountedCounts::default(), UncountedCounts::default());
        one.note(&stop(Some("RXX"), negative));
        one.note(&nobody);
        two.note(&stop(Some("RXX"), negative));
        one.absorb(&two);
        let rows: Vec<_> = one
            .rows()
            .iter()
            .map(|(stop, count)| (stop, *count))
            .collect();
        assert_eq!(rows, [(&nobody, 1), (&stop(Some("RXX"), negative), 2)]);
    }
}
