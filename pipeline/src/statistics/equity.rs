//! `equity`: which groups wait longer, one dimension at a time (statistics 5).

mod person;

use crate::assessment::Standard;
use crate::day::Month;
use compact_str::CompactString;
use std::collections::BTreeMap;

pub use person::{Dimension, Person};

/// Whose patients a row counts (statistics 1). Rows of different bases are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EquityBasis {
    /// England: the sum of the providers.
    England,
    /// An ICB or hub; whole patients.
    Commissioner,
    /// A provider; halves of patients on the 62-day standard.
    Provider,
}

impl EquityBasis {
    /// `ENGLAND`, `COMMISSIONER` or `PROVIDER`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::England => "ENGLAND",
            Self::Commissioner => "COMMISSIONER",
            Self::Provider => "PROVIDER",
        }
    }
}

/// Whom a counted wait, or a share of it, is reported by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// The commissioner, for the whole wait.
    Commissioner(CompactString),
    /// A provider, for its share; England takes the shares of all providers.
    Provider(CompactString),
}

/// A counted wait as one organisation reports it, on cut `all`: whatever its route, stage, tumour and
/// modality. A 62-day wait gives one for each share and one for its commissioner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquityPart {
    /// The month that reports the wait (R17).
    pub month: Month,
    /// Its standard.
    pub standard: Standard,
    /// Who reports it.
    pub reporter: Reporter,
    /// Patients, in halves.
    pub half_patients: u32,
    /// Of these within the standard, in halves.
    pub half_within: u32,
    /// Who the patient is.
    pub person: Person,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EquityKey {
    /// The reporting month.
    pub month: Month,
    /// The standard.
    pub standard: Standard,
    /// Whose patients are counted.
    pub basis: EquityBasis,
    /// The organisation; `None` for England.
    pub organisation: Option<CompactString>,
    /// By what they are grouped.
    pub dimension: Dimension,
    /// The group.
    pub group: &'static str,
}

/// Patients in halves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EquityCounts {
    /// All of them.
    pub half_patients: u64,
    /// Those within the standard.
    pub half_within: u64,
}

/// The rows that many parts add up to. A group nobody is in has no row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equity {
    rows: BTreeMap<EquityKey, EquityCounts>,
}

impl Equity {
    /// Counts a part, once in every dimension.
    pub fn note(&mut self, part: &EquityPart) {
        if part.half_patients == 0 {
            return;
        }
        match &part.reporter {
            Reporter::Commissioner(code) => self.add(part, EquityBasis::Commissioner, Some(code)),
            Reporter::Provider(code) => {
                self.add(part, EquityBasis::Provider, Some(code));
                self.add(part, EquityBasis::England, None);
            }
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

    fn add(&mut self, part: &EquityPart, basis: EquityBasis, organisation: Option<&CompactString>) {
        let counts = EquityCounts {
            half_patients: u64::from(part.half_patients),
            half_within: u64::from(part.half_within),
        };
        for dimension in Dimension::ALL {
            let key = EquityKey {
                month: part.month,
                standard: part.standard,
                basis,
                organisation: organisation.cloned(),
                dimension,
                group: part.person.group(dimension),
            };
            self.rows.entry(key).or_default().add(counts);
        }
    }
}

impl EquityCounts {
    const fn add(&mut self, other: Self) {
        self.half_patients += other.half_patients;
        self.half_within += other.half_within;
    }
}

#[cfg(test)]
mod tests {
    use super::{Dimension, Equity, EquityBasis, EquityPart, Person, Reporter};
    use crate::assessment::Standard;
    use crate::day::Month;

    #[test]
    fn each_dimension_adds_up_to_the_whole_and_england_to_the_providers() {
        let month = Month {
            year: 2024,
            month: 2,
        };
        let part = |reporter, half_patients, half_within, age| EquityPart {
            month,
            standard: Standard::SixtyTwoDay,
            reporter,
            half_patients,
            half_within,
            person: Person::new(age, Some("1"), Some("A"), Some(5)),
        };
        let provider = |code: &str| Reporter::Provider(code.into());
        let mut equity = Equity::default();
        equity.note(&part(provider("RXX"), 1, 1, Some(70)));
        let mut other = Equity::default();
        other.note(&part(provider("RYY"), 1, 1, Some(70)));
        other.note(&part(provider("RYY"), 2, 0, None));
        other.note(&part(provider("RZZ"), 0, 0, None));
        other.note(&part(Reporter::Commissioner("QOP".into()), 2, 2, Some(70)));
        equity.absorb(&other);
        for dimension in Dimension::ALL {
            let sum = |basis| {
                let rows = equity.rows().iter();
                rows.filter(|(key, _)| key.dimension == dimension && key.basis == basis)
                    .fold((0, 0), |(patients, within), (_, counts)| {
                        (patients + counts.half_patients, within + counts.half_within)
                    })
            };
            assert_eq!(sum(EquityBasis::Provider), (4, 2));
            assert_eq!(sum(EquityBasis::England), (4, 2));
            assert_eq!(sum(EquityBasis::Commissioner), (2, 2));
        }
        let ages: Vec<_> = equity
            .rows()
            .iter()
            .filter(|(key, _)| key.basis == EquityBasis::England)
            .filter(|(key, _)| key.dimension == Dimension::AgeBand)
            .map(|(key, counts)| (key.group, counts.half_patients, counts.half_within))
            .collect();
        assert_eq!(ages, [("70-79", 2, 2), ("unknown", 2, 0)]);
        assert!(
            equity
                .rows()
                .keys()
                .all(|key| key.organisation.as_deref() != Some("RZZ"))
        );
        assert!(Equity::default().rows().is_empty());
    }
}
