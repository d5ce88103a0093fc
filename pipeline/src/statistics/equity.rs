//! `equity`: which groups wait longer, one dimension at a time (statistics 5).

mod person;

use super::cuts::Basis;
use super::halves::Halves;
use super::performance::ENGLAND;
use super::wait::Wait;
use crate::assessment::Standard;
use crate::day::Month;
use compact_str::CompactString;
use smallvec::SmallVec;
use std::collections::BTreeMap;

pub use person::{Dimension, Person};

/// A counted wait as one organisation reports it, on cut `all`: whatever its route, stage, tumour and
/// modality. A 62-day wait gives one for each share and one for its commissioner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquityPart {
    /// The month that reports the wait (R17).
    pub month: Month,
    /// Its standard.
    pub standard: Standard,
    /// Provider of a share, which counts for England too, or commissioner of the whole wait. Parts of other bases are
    /// not counted: England and the alliances are sums.
    pub basis: Basis,
    /// Who reports it.
    pub organisation: CompactString,
    /// Patients.
    pub patients: Halves,
    /// Of these within the standard.
    pub within: Halves,
    /// Who the patient is.
    pub person: Person,
}

impl EquityPart {
    /// The parts of a counted wait: one for each provider's share, and the whole for its commissioner. First-seen
    /// activity, which is within or after nothing, has none, nor has a wait that nobody reports: it is in no cell
    /// of cut `all` either (R17).
    #[must_use]
    pub fn of(wait: &Wait) -> SmallVec<[Self; 3]> {
        let shares = wait.shares();
        let Some(standard) = wait.activity.standard().filter(|_| !shares.is_empty()) else {
            return SmallVec::new();
        };
        let person = Person::of(wait);
        let part = |basis, organisation: &str, patients: Halves, within: Halves| Self {
            month: wait.month(),
            standard,
            basis,
            organisation: organisation.into(),
            patients,
            within,
            person,
        };
        let halves = |halves: u8| Halves::from(u32::from(halves));
        let mut parts: SmallVec<_> = shares
            .iter()
            .map(|share| {
                let within = share.half_within.map_or(Halves::ZERO, halves);
                let organisation = share.organisation.as_str();
                let patients = halves(share.half_patients);
                part(Basis::Provider, organisation, patients, within)
            })
            .collect();
        let whole = Halves::whole(1);
        let within = if wait.within == Some(true) {
            whole
        } else {
            Halves::ZERO
        };
        let icb = wait.icb();
        parts.push(part(Basis::Commissioner, icb.as_str(), whole, within));
        parts
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EquityKey {
    /// The reporting month.
    pub month: Month,
    /// The standard.
    pub standard: Standard,
    /// Whose patients are counted.
    pub basis: Basis,
    /// The organisation; [`ENGLAND`] for England.
    pub organisation: CompactString,
    /// By what they are grouped.
    pub dimension: Dimension,
    /// The group.
    pub group: &'static str,
}

/// The patients of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EquityCounts {
    /// All of them.
    pub patients: Halves,
    /// Those within the standard.
    pub within: Halves,
}

/// The rows that many parts add up to. A group nobody is in has no row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equity {
    rows: BTreeMap<EquityKey, EquityCounts>,
}

impl Equity {
    /// Counts a part, once in every dimension.
    pub fn note(&mut self, part: &EquityPart) {
        if part.patients == Halves::ZERO {
            return;
        }
        match part.basis {
            Basis::Commissioner => self.add(part, Basis::Commissioner, &part.organisation),
            Basis::Provider => {
                self.add(part, Basis::Provider, &part.organisation);
                self.add(part, Basis::England, ENGLAND);
            }
            Basis::Alliance | Basis::England => {}
        }
    }

    /// Adds the rows of other waits.
    pub fn absorb(&mut self, other: &Self) {
        for (key, counts) in &other.rows {
            self.rows.entry(key.clone()).or_default().add(*counts);
        }
    }

    /// The rows in order.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<EquityKey, EquityCounts> {
        &self.rows
    }

    fn add(&mut self, part: &EquityPart, basis: Basis, organisation: &str) {
        let counts = EquityCounts {
            patients: part.patients,
            within: part.within,
        };
        for dimension in Dimension::ALL {
            let key = EquityKey {
                month: part.month,
                standard: part.standard,
                basis,
                organisation: organisation.into(),
                dimension,
                group: part.person.group(dimension),
            };
            self.rows.entry(key).or_default().add(counts);
        }
    }
}

impl EquityCounts {
    fn add(&mut self, other: Self) {
        self.patients += other.patients;
        self.within += other.within;
    }
}

#[cfg(test)]
mod tests {
    use super::{Dimension, Equity, EquityPart, Person};
    use crate::assessment::Standard;
    use crate::day::Month;
    use crate::statistics::{Basis, ENGLAND, Halves};

    #[test]
    fn each_dimension_adds_up_to_the_whole_and_england_to_the_providers() {
        let month = Month {
            year: 2024,
            month: 2,
        };
        let part = |(basis, organisation): (Basis, &str), patients, within, age| EquityPart {
            month,
            standard: Standard::SixtyTwoDay,
            basis,
            organisation: organisation.into(),
            patients: Halves::new(patients),
            within: Halves::new(within),
            person: Person::new(age, Some("1"), Some("A"), Some(5)),
        };
        let provider = |code| (Basis::Provider, code);
        let mut equity = Equity::default();
        equity.note(&part(provider("RXX"), 1, 1, Some(70)));
        let mut other = Equity::default();
        other.note(&part(provider("RYY"), 1, 1, Some(70)));
        other.note(&part(provider("RYY"), 2, 0, None));
        other.note(&part(provider("RZZ"), 0, 0, None));
        other.note(&part((Basis::Commissioner, "QOP"), 2, 2, Some(70)));
        equity.absorb(&other);
        for dimension in Dimension::ALL {
            let sum = |basis| {
                let rows = equity.rows().iter();
                rows.filter(|(key, _)| key.dimension == dimension && key.basis == basis)
                    .fold((0, 0), |(patients, within), (_, counts)| {
                        (
                            patients + counts.patients.halves(),
                            within + counts.within.halves(),
                        )
                    })
            };
            assert_eq!(sum(Basis::Provider), (4, 2));
            assert_eq!(sum(Basis::England), (4, 2));
            assert_eq!(sum(Basis::Commissioner), (2, 2));
        }
        let ages: Vec<_> = equity
            .rows()
            .iter()
            .filter(|(key, _)| key.basis == Basis::England && key.organisation == ENGLAND)
            .filter(|(key, _)| key.dimension == Dimension::AgeBand)
            .map(|(key, counts)| (key.group, counts.patients.halves(), counts.within.halves()))
            .collect();
        assert_eq!(ages, [("70-79", 2, 2), ("unknown", 2, 0)]);
        assert!(equity.rows().keys().all(|key| key.organisation != "RZZ"));
        assert!(Equity::default().rows().is_empty());
    }
}
