//! From what partitions know to tables, in two passes: one over all partitions completes the findings that span the
//! pathways of a patient, one makes the rows.

use super::aggregates::Counters;
use super::row_tables::Told;
use super::state::PartitionState;
use super::weeks::Weeks;
use super::{PublishError, References};
use clockstop_pipeline::statistics::{Counted, TrackingEntry};
use clockstop_pipeline::{Day, Findings, Instant, complete_patient_findings};
use std::collections::HashSet;

/// The partitions whose tables are made, judged on one day.
#[derive(Debug)]
pub(super) struct Making<'m> {
    pub(super) states: &'m [PartitionState<'m>],
    pub(super) today: Day,
    /// The instant they stand for.
    pub(super) as_of: Instant,
    /// The last day of which all is known.
    pub(super) last_closed: Day,
    pub(super) weeks: &'m Weeks,
    pub(super) references: &'m References,
}

/// What is known of all partitions after the first pass.
#[derive(Debug)]
pub(super) struct Overview {
    /// By partition and pathway, complete for every patient over all partitions (V15, V24).
    pub(super) findings: Vec<Vec<Findings>>,
    /// The pathways whose patients' records were erased.
    pub(super) erased: HashSet<String>,
}

impl Making<'_> {
    pub(super) fn overview(&self) -> Result<Overview, PublishError> {
        let (mut parts, mut findings, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let mut erased = HashSet::new();
        for state in self.states {
            let before = parts.len();
            state.look(|engine| {
                erased.extend(engine.erased().map(str::to_owned));
                for row in engine.rows(self.today) {
                    findings.push(row.assessment.findings);
                    parts.push(row.patient);
                }
                Ok(())
            })?;
            counts.push(parts.len() - before);
        }
        complete_patient_findings(&parts, &mut findings);
        let mut rest = findings.into_iter();
        let by_partition = counts
            .into_iter()
            .map(|count| rest.by_ref().take(count).collect());
        Ok(Overview {
            findings: by_partition.collect(),
            erased,
        })
    }

    /// Passes every pathway of a partition by, its findings complete.
    pub(super) fn tell(
        &self,
        state: &PartitionState<'_>,
        findings: &[Findings],
        counters: &mut Counters,
        mut tell: impl FnMut(&Told<'_>),
    ) -> Result<(), PublishError> {
        let References { tables, .. } = self.references;
        counters.note_feeds(state);
        state.look(|engine| {
            if let Some(sunday) = counters.sunday() {
                for row in engine.rows(sunday) {
                    counters.note_week(&row, self);
                }
            }
            for (mut row, findings) in engine.rows(self.today).zip(findings) {
                row.assessment.findings = *findings;
                let told = Told {
                    counted: &Counted::of(&row, tables),
                    entries: &TrackingEntry::of(&row, tables),
                    row: &row,
                    today: self.today,
                    tables,
                };
                counters.note(&told, self);
                tell(&told);
            }
            Ok(())
        })
    }
}
