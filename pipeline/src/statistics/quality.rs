//! `data_quality`: what must be mended before the upload, by organisation and source (statistics 4,
//! question 9 of the analysts).

mod month;
mod sources;

use super::tables::Tables;
use crate::fact::EventType;
use crate::findings::{Finding, Findings};
use crate::row::Row;
use crate::rules::investigating_site;
use crate::text::Text;
use compact_str::CompactString;
use std::collections::BTreeMap;

/// One report that a finding rests on, by the register in which it stands (Q18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The finding.
    pub finding: Finding,
    /// Who reported.
    pub source: Text,
    /// What was reported.
    pub register: Register,
}

/// What a source reported of a pathway: a register is one of these, of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// A fact, with its item id.
    Fact(EventType, Text),
    /// The patient's NHS number, on an event of any type.
    NhsNumber,
}

impl Row<'_> {
    /// The reports behind each finding, in no order and possibly repeated. V24 is among them for every
    /// open pathway, for whether it holds is known only over all pathways of the patient.
    #[must_use]
    pub fn grounds(&self) -> Vec<Ground> {
        sources::grounds(self)
    }
}

/// The findings of one pathway and the sources of the reports they rest on; it stands without its engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityPart {
    /// The provider of the first appointment, else of the referral, else the issuer.
    pub organisation: CompactString,
    /// Its findings; V15 and V24 are complete only together with the patient's other pathways.
    pub findings: Findings,
    sources: Vec<(Finding, CompactString)>,
}

impl QualityPart {
    /// The part of a pathway on its day.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Self {
        let grounds = row.grounds().into_iter();
        let mut sources: Vec<_> = grounds
            .map(|ground| (ground.finding, row.spell(ground.source)))
            .collect();
        sources.sort_unstable();
        sources.dedup();
        Self {
            organisation: row.provider(investigating_site(&row.case()), tables),
            findings: row.assessment.findings,
            sources,
        }
    }

    /// The sources whose reports a finding rests on, each once, in order.
    pub fn sources(&self, finding: Finding) -> impl Iterator<Item = &str> {
        self.sources
            .iter()
            .filter(move |(other, _)| *other == finding)
            .map(|(_, source)| source.as_str())
    }
}

/// One row of the table. Level, severity, effect and title are the finding's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualityKey {
    /// Whose pathways.
    pub organisation: CompactString,
    /// The `source_system` that has to look; `None` where no visible report is the cause.
    pub source: Option<CompactString>,
    /// What does not fit.
    pub finding: Finding,
}

/// Pathways by organisation, source and finding.
///
/// A pathway counts once in each row. Where a finding rests on the reports of two sources it stands under
/// both, for either can mend it, and a pathway can have several findings: the rows do not add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataQuality {
    rows: BTreeMap<QualityKey, u64>,
}

impl DataQuality {
    /// Counts a pathway with its findings as completed over all pathways of its patient.
    pub fn note(&mut self, part: &QualityPart, findings: Findings) {
        for finding in findings.iter() {
            let mut any = false;
            for source in part.sources(finding) {
                any = true;
                self.count(part, Some(source.into()), finding);
            }
            if !any {
                self.count(part, None, finding);
            }
        }
    }

    /// Adds the rows of other pathways.
    pub fn absorb(&mut self, other: &Self) {
        for (key, pathways) in &other.rows {
            *self.rows.entry(key.clone()).or_default() += pathways;
        }
    }

    /// The rows in order, none of them zero.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<QualityKey, u64> {
        &self.rows
    }

    fn count(&mut self, part: &QualityPart, source: Option<CompactString>, finding: Finding) {
        let key = QualityKey {
            organisation: part.organisation.clone(),
            source,
            finding,
        };
        *self.rows.entry(key).or_default() += 1;
    }
}

#[cfg(test)]
mod tests;
