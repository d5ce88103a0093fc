//! `early_diagnosis`: how many cancers are found early, and is stage known? (statistics 5)
//!
//! It is not the registry's definition: here a primary counts in the month it was diagnosed, as the
//! pathway's sources report it.

use super::cuts::Basis;
use super::performance::ENGLAND;
use super::tables::Tables;
use crate::day::Month;
use crate::row::Row;
use crate::rules::{Scope, investigating_site};
use compact_str::CompactString;
use std::collections::BTreeMap;

/// STAGE AT DIAGNOSIS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CancerStage {
    /// 0: in situ; left out of both shares.
    Zero,
    /// 1.
    One,
    /// 2.
    Two,
    /// 3.
    Three,
    /// 4.
    Four,
    /// U: it cannot be staged.
    Unstageable,
    /// Not sent, or a code that is on no list.
    Missing,
}

impl CancerStage {
    fn of(code: Option<&str>) -> Self {
        match code {
            Some("0") => Self::Zero,
            Some("1") => Self::One,
            Some("2") => Self::Two,
            Some("3") => Self::Three,
            Some("4") => Self::Four,
            Some("U") => Self::Unstageable,
            Some(_) | None => Self::Missing,
        }
    }
}

/// A primary with an in-scope diagnosis (R15).
///
/// Silent in statistics 5, so ours: the provider is that of the first appointment, else of the
/// referral, else the issuer, for no field names who diagnosed; a diagnosis without a date belongs to no
/// month and is left out; one on a pathway that was closed or merged stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosedPrimary {
    /// The month of the date of diagnosis.
    pub month: Month,
    /// The provider it stands under.
    pub provider: CompactString,
    /// The commissioner of the referral, or `UNKNOWN` (statistics 1).
    pub icb: CompactString,
    /// Its stage.
    pub stage: CancerStage,
}

impl DiagnosedPrimary {
    /// The diagnosed primaries of a pathway on its day.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Vec<Self> {
        let case = row.case();
        let icb = row.commissioner(tables);
        let in_scope = row.view.diagnoses.iter();
        in_scope
            .filter(|item| case.scope(item.id) == Scope::In)
            .filter_map(|item| {
                let diagnosis = item.known.fact;
                let stage = diagnosis.stage_at_diagnosis.map(|code| row.spell(code));
                Some(Self {
                    month: diagnosis.date_of_diagnosis?.month(),
                    provider: row.provider(investigating_site(&case), tables),
                    icb: icb.clone(),
                    stage: CancerStage::of(stage.as_deref()),
                })
            })
            .collect()
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageKey {
    /// The month of diagnosis.
    pub month: Month,
    /// Whose primaries are counted; whole ones on every basis.
    pub basis: Basis,
    /// The organisation; [`ENGLAND`] for England.
    pub organisation: CompactString,
}

/// Primaries by stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageCounts(BTreeMap<CancerStage, u64>);

impl StageCounts {
    /// Primaries of a stage.
    #[must_use]
    pub fn of(&self, stage: CancerStage) -> u64 {
        self.0.get(&stage).copied().unwrap_or_default()
    }

    /// Numerator of the early share: stages 1 and 2.
    #[must_use]
    pub fn early(&self) -> u64 {
        self.of(CancerStage::One) + self.of(CancerStage::Two)
    }

    /// Denominator of the early share and numerator of completeness: stages 1 to 4.
    #[must_use]
    pub fn staged(&self) -> u64 {
        self.early() + self.of(CancerStage::Three) + self.of(CancerStage::Four)
    }

    /// Denominator of completeness: stages 1 to 4, U and missing; 0 is left out.
    #[must_use]
    pub fn to_be_staged(&self) -> u64 {
        self.staged() + self.of(CancerStage::Unstageable) + self.of(CancerStage::Missing)
    }

    fn add(&mut self, stage: CancerStage, count: u64) {
        *self.0.entry(stage).or_default() += count;
    }
}

/// The rows that many primaries add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarlyDiagnosis {
    rows: BTreeMap<StageKey, StageCounts>,
}

impl EarlyDiagnosis {
    /// Counts a primary for England, its commissioner and its provider.
    pub fn note(&mut self, primary: &DiagnosedPrimary) {
        for (basis, organisation) in [
            (Basis::England, ENGLAND),
            (Basis::Commissioner, &primary.icb),
            (Basis::Provider, &primary.provider),
        ] {
            let key = StageKey {
                month: primary.month,
                basis,
                organisation: organisation.into(),
            };
            self.rows.entry(key).or_default().add(primary.stage, 1);
        }
    }

    /// Adds the rows of other primaries.
    pub fn absorb(&mut self, other: &Self) {
        for (key, counts) in &other.rows {
            let row = self.rows.entry(key.clone()).or_default();
            for (stage, count) in &counts.0 {
                row.add(*stage, *count);
            }
        }
    }

    /// The rows in order; one may hold nothing but stage 0.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<StageKey, StageCounts> {
        &self.rows
    }
}

/// What the early share should come to (statistics 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageAim {
    /// Whose aim it is.
    pub name: String,
    /// The early share, in 1/10,000.
    pub share: u32,
    /// The month by which it should be reached; `None` where no date is known.
    pub by: Option<Month>,
}

impl StageAim {
    /// Whether the counts reach it; compared as integers, so that ties are met. Nothing reaches it where
    /// nothing is staged.
    #[must_use]
    pub fn is_reached(&self, counts: &StageCounts) -> bool {
        const PER_WHOLE: u128 = 10_000;
        let staged = u128::from(counts.staged());
        let aim = u128::from(self.share) * staged;
        staged > 0 && aim <= u128::from(counts.early()) * PER_WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::{CancerStage, DiagnosedPrimary, EarlyDiagnosis, StageAim, StageCounts, StageKey};
    use crate::DiagnosisRecorded;
    use crate::day::Month;
    use crate::statistics::feed_fixture::{Feed, Ymd, day};
    use crate::statistics::{Basis, ENGLAND, Tables};

    const P: &str = "RXX:P";

    fn diagnosed(feed: &mut Feed, primary: &str, icd: &str, on: Option<Ymd>, stage: &str) {
        let diagnosis = DiagnosisRecorded {
            primary_diagnosis_icd: feed.text(icd),
            stage_at_diagnosis: feed.text(stage),
            date_of_diagnosis: on.map(day),
            ..Default::default()
        };
        feed.learn(P, primary, diagnosis.into());
    }

    fn primaries(feed: &Feed, on: Ymd) -> Vec<DiagnosedPrimary> {
        DiagnosedPrimary::of(&feed.row(P, on), &Tables::default())
    }

    #[test]
    fn a_unit_is_a_dated_primary_in_scope() {
        let mut feed = Feed::with_referral(P, (2024, 1, 5));
        diagnosed(&mut feed, "1", "C34", Some((2024, 2, 29)), "2");
        diagnosed(&mut feed, "2", "D05", Some((2024, 3, 1)), "0");
        diagnosed(&mut feed, "3", "D06", Some((2024, 2, 29)), "1");
        diagnosed(&mut feed, "4", "C50", None, "1");
        diagnosed(&mut feed, "5", "", Some((2024, 2, 29)), "1");
        let of = |on| {
            let found = primaries(&feed, on).into_iter();
            found
                .map(|primary| (primary.month.to_string(), primary.stage))
                .collect::<Vec<_>>()
        };
        let february = ("2024-02".to_owned(), CancerStage::Two);
        let march = ("2024-03".to_owned(), CancerStage::Zero);
        assert_eq!(of((2024, 3, 1)), [february.clone(), march]);
        assert_eq!(of((2024, 2, 29)), [february]);
        assert!(of((2024, 2, 28)).is_empty());
    }

    #[test]
    fn codes_on_no_list_are_missing() {
        for (code, stage) in [
            ("0", CancerStage::Zero),
            ("1", CancerStage::One),
            ("2", CancerStage::Two),
            ("3", CancerStage::Three),
            ("4", CancerStage::Four),
            ("U", CancerStage::Unstageable),
            ("5", CancerStage::Missing),
            ("1A", CancerStage::Missing),
            ("u", CancerStage::Missing),
        ] {
            assert_eq!(CancerStage::of(Some(code)), stage, "{code}");
        }
        assert_eq!(CancerStage::of(None), CancerStage::Missing);
    }

    fn counts(stages: &[(CancerStage, u64)]) -> StageCounts {
        StageCounts(stages.iter().copied().collect())
    }

    #[test]
    fn stage_0_is_in_no_share() {
        let counts = counts(&[
            (CancerStage::Zero, 1_000),
            (CancerStage::One, 1),
            (CancerStage::Two, 10),
            (CancerStage::Three, 20),
            (CancerStage::Four, 40),
            (CancerStage::Unstageable, 100),
            (CancerStage::Missing, 200),
        ]);
        assert_eq!(
            (counts.early(), counts.staged(), counts.to_be_staged()),
            (11, 71, 371)
        );
        assert_eq!(counts.of(CancerStage::Zero), 1_000);
    }

    #[test]
    fn an_aim_is_reached_on_the_tie_and_never_by_nothing() {
        let [alliances, national] = &Tables::default().stage_aims[..] else {
            panic!("two aims");
        };
        let reached = |aim: &StageAim, early, late| {
            aim.is_reached(&counts(&[
                (CancerStage::One, early),
                (CancerStage::Four, late),
            ]))
        };
        assert!(reached(alliances, 62, 38) && !reached(alliances, 6_199, 3_801));
        assert!(reached(national, 75, 25) && !reached(national, 74, 25));
        assert_eq!(
            national.by,
            Some(Month {
                year: 2028,
                month: 12
            })
        );
        assert!(!national.is_reached(&StageCounts::default()));
    }

    #[test]
    fn england_commissioners_and_providers_count_the_same_primaries() {
        let primary = |icb: &str, stage| DiagnosedPrimary {
            month: Month {
                year: 2024,
                month: 2,
            },
            provider: "RXX".into(),
            icb: icb.into(),
            stage,
        };
        let mut table = EarlyDiagnosis::default();
        table.note(&primary("UNKNOWN", CancerStage::One));
        let mut other = EarlyDiagnosis::default();
        other.note(&primary("QOP", CancerStage::Four));
        table.absorb(&other);
        let rows: Vec<_> = table
            .rows()
            .iter()
            .map(
                |(
                    StageKey {
                        basis,
                        organisation,
                        ..
                    },
                    counts,
                )| {
                    (
                        *basis,
                        organisation.as_str(),
                        counts.early(),
                        counts.staged(),
                    )
                },
            )
            .collect();
        assert_eq!(
            rows,
            [
                (Basis::Provider, "RXX", 1, 2),
                (Basis::Commissioner, "QOP", 0, 1),
                (Basis::Commissioner, "UNKNOWN", 1, 1),
                (Basis::England, ENGLAND, 1, 2),
            ]
        );
        assert!(EarlyDiagnosis::default().rows().is_empty());
    }
}
