//! The findings of all pathways, by who has to mend them.

use super::places::Place;
use super::report::{Found, Pathways};
use super::tally::Tally;
use super::{Question, Validation, advice};
use clockstop_pipeline::statistics::Ground;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{Finding, Findings, Row, Severity, complete_patient_findings};
use std::collections::{BTreeMap, BTreeSet};

/// Organisation, source, finding and fields. What an upload refuses comes first within a source.
type FoundKey = (
    Option<String>,
    Option<String>,
    Severity,
    Finding,
    Vec<&'static str>,
);

/// The findings as they are put together.
struct Finds<'a> {
    validation: &'a Validation,
    question: &'a Question,
    tables: Tables,
    pathways: Pathways,
    rows: BTreeMap<FoundKey, Tally<Vec<Place>>>,
}

impl Validation {
    /// Judges every pathway; `step` is called once each.
    pub(super) fn judge(
        &self,
        question: &Question,
        mut step: impl FnMut(),
    ) -> (Pathways, Vec<Found>) {
        let rows = || self.engine.rows(question.as_of);
        let (parts, mut findings): (Vec<_>, Vec<_>) = rows()
            .map(|row| (row.patient, row.assessment.findings))
            .unzip();
        complete_patient_findings(&parts, &mut findings);
        let mut finds = Finds {
            validation: self,
            question,
            tables: Tables::default(),
            pathways: Pathways::default(),
            rows: BTreeMap::new(),
        };
        for (row, findings) in rows().zip(findings) {
            finds.add(&row, findings);
            step();
        }
        finds.finish()
    }
}

impl Finds<'_> {
    fn add(&mut self, row: &Row<'_>, findings: Findings) {
        self.pathways.known += 1;
        let organisations: Vec<Option<String>> = match self.question.month {
            None => vec![None],
            Some(month) => {
                let by = row.reported_by(month, &self.tables).into_iter();
                by.map(|provider| Some(provider.into())).collect()
            }
        };
        if organisations.is_empty() {
            return;
        }
        self.pathways.judged += 1;
        let mut found = findings.iter().peekable();
        if found.peek().is_none() {
            return;
        }
        self.pathways.with_findings += 1;
        let rejects = |finding: Finding| finding.severity() == Severity::Reject;
        self.pathways.rejected += u64::from(findings.iter().any(rejects));
        let grounds = row.grounds();
        for finding in found {
            let own = grounds.iter().filter(|ground| ground.finding == finding);
            self.add_finding(row, finding, &own.collect::<Vec<_>>(), &organisations);
        }
    }

    fn add_finding(
        &mut self,
        row: &Row<'_>,
        finding: Finding,
        grounds: &[&Ground],
        organisations: &[Option<String>],
    ) {
        let places = &self.validation.places;
        let places = grounds.iter().filter_map(|own| places.of(row.pathway, own));
        let places: BTreeSet<Place> = places.collect();
        let places: Vec<Place> = places.into_iter().collect();
        for (source, fields) in by_source(row, finding, grounds) {
            for organisation in organisations {
                let key = (
                    organisation.clone(),
                    source.clone(),
                    finding.severity(),
                    finding,
                    fields.clone(),
                );
                let tally = self.rows.entry(key).or_default();
                tally.note(places.clone(), self.validation.examples);
            }
        }
    }

    fn finish(self) -> (Pathways, Vec<Found>) {
        let rows = self.rows.into_iter();
        let found = rows.map(|(key, tally)| {
            let (organisation, source, severity, finding, fields) = key;
            let examples = tally.examples().filter(|places| !places.is_empty());
            Found {
                organisation,
                source,
                rule: finding.to_string(),
                fields,
                severity: severity.name(),
                effect: finding.effect().name(),
                effect_meaning: advice::about_effect(finding.effect()),
                meaning: finding.title(),
                what_to_do: advice::about_finding(finding),
                count: tally.count(),
                examples: examples
                    .map(|places| self.validation.shown(places.iter()))
                    .collect(),
            }
        });
        (self.pathways, found.collect())
    }
}

/// The sources a finding rests on, each with the finding's fields that its reports have; all of them where
/// what is missing would have stood in another report. Without any report, nobody and all fields.
fn by_source(
    row: &Row<'_>,
    finding: Finding,
    grounds: &[&Ground],
) -> BTreeMap<Option<String>, Vec<&'static str>> {
    let mut fields: BTreeMap<Option<String>, BTreeSet<&'static str>> = BTreeMap::new();
    for ground in grounds {
        let source = row.texts().read(ground.source).as_str().to_owned();
        let theirs = fields.entry(Some(source)).or_default();
        theirs.extend(ground.fields());
    }
    if fields.is_empty() {
        fields.insert(None, BTreeSet::new());
    }
    let in_order = |theirs: BTreeSet<&'static str>| {
        let all = finding.fields().iter().copied();
        all.filter(|field| theirs.is_empty() || theirs.contains(field))
            .collect()
    };
    fields
        .into_iter()
        .map(|(source, theirs)| (source, in_order(theirs)))
        .collect()
}
