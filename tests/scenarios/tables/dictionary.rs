//! What the dictionary says of null holds over every worked case.

use crate::day;
use arrow::array::{Array, RecordBatch};
use clockstop_pipeline::statistics::{
    AlreadyDecided, Counted, Course, DataQuality, Interval, Movements, PtlWeekly, QualityPart,
    Tables, TrackingEntry,
};
use clockstop_pipeline::{
    Alert, AlertKey, Day, Engine, Findings, Notice, Reference, complete_patient_findings,
};
use clockstop_schemas::tables::{
    ALERT_HISTORY, ALERTS, ALL, ALREADY_DECIDED, CLOCKS, DATA_QUALITY, MOVEMENTS, PATHWAYS,
    PATIENT_TRACKING_LIST, PTL_WEEKLY, Table, TableBuilder, UNCOUNTED, WAIT_SHARES, WAITS,
    write_alert_history, write_alerts, write_already_decided, write_clocks, write_data_quality,
    write_movements, write_pathway, write_ptl_weekly, write_tracking_entry, write_uncounted,
    write_wait, write_wait_shares,
};
use clockstop_schemas::{Plane, decode_line};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values and nulls by table and column.
#[derive(Default)]
struct Cells(BTreeMap<(&'static str, &'static str), (usize, usize)>);

impl Cells {
    fn fill(&mut self, table: &'static Table, fill: impl FnOnce(&mut TableBuilder)) {
        let mut out = TableBuilder::new(table);
        fill(&mut out);
        self.count(table, &out.finish().unwrap());
    }

    fn count(&mut self, table: &'static Table, batch: &RecordBatch) {
        for (column, cells) in table.columns.iter().zip(batch.columns()) {
            let counts = self.0.entry((table.name, column.name)).or_default();
            counts.0 += cells.len() - cells.null_count();
            counts.1 += cells.null_count();
        }
    }

    fn of_pathways(&mut self, engine: &Engine, as_of: Day) {
        let (plane, tables) = (Plane::Identifiable, Tables::default());
        let mut rows: Vec<_> = engine.rows(as_of).collect();
        let parts: Vec<_> = rows.iter().map(|row| row.patient.clone()).collect();
        let mut findings: Vec<Findings> = rows.iter().map(|row| row.assessment.findings).collect();
        complete_patient_findings(&parts, &mut findings);
        for (row, findings) in rows.iter_mut().zip(&findings) {
            row.assessment.findings = *findings;
        }
        let mut decided = AlreadyDecided::new(as_of);
        let mut movements = Movements::new(Interval::last_whole_week(as_of));
        let mut weekly = PtlWeekly::new(as_of);
        let mut quality = DataQuality::default();
        for (row, findings) in rows.iter().zip(&findings) {
            self.fill(&PATHWAYS, |out| write_pathway(row, &plane, out));
            self.fill(&CLOCKS, |out| write_clocks(row, &plane, out));
            self.fill(&ALERTS, |out| write_alerts(row, &plane, out));
            let counted = Counted::of(row, &tables);
            for wait in &counted.waits {
                self.fill(&WAITS, |out| write_wait(wait, as_of, &tables, &plane, out));
                self.fill(&WAIT_SHARES, |out| write_wait_shares(wait, &plane, out));
            }
            for stop in &counted.uncounted {
                self.fill(&UNCOUNTED, |out| write_uncounted(stop, 1, out));
            }
            for entry in &TrackingEntry::of(row, &tables) {
                self.fill(&PATIENT_TRACKING_LIST, |out| {
                    write_tracking_entry(entry, *findings, &plane, &tables, out);
                });
                weekly.note_entry(entry);
            }
            for course in &Course::of(row, &tables) {
                movements.note(course, &Reference::default());
                weekly.note_course(course);
            }
            decided.add(row, &tables);
            quality.note(&QualityPart::of(row, &tables), *findings);
        }
        self.fill(&ALREADY_DECIDED, |out| write_already_decided(&decided, out));
        self.fill(&MOVEMENTS, |out| write_movements(&movements, out));
        self.fill(&PTL_WEEKLY, |out| write_ptl_weekly(&weekly, "closed", out));
        self.fill(&DATA_QUALITY, |out| write_data_quality(&quality, out));
    }

    fn of_alert(&mut self, alert: &Alert) {
        let plane = Plane::Identifiable;
        self.fill(&ALERT_HISTORY, |out| {
            write_alert_history(alert, &plane, out);
        });
    }
}

#[test]
fn what_is_never_null_never_is_and_what_may_be_null_sometimes_is() {
    let mut cells = Cells::default();
    for line in include_str!("../../data/decision_cases.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let as_of = day(case["as_of"].as_str().unwrap());
        let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
        for event in case["events"].as_array().unwrap() {
            let event = event.to_string();
            let decoded = decode_line(event.as_bytes(), engine.texts_mut()).unwrap();
            engine.learn(&decoded.pathway, &decoded.report);
            for notice in engine.reconcile(as_of) {
                if let Notice::Alert(alert) = notice {
                    cells.of_alert(&alert);
                    engine.recall(&alert);
                }
            }
        }
        cells.of_pathways(&engine, as_of);
    }
    let (mut never, mut always) = (Vec::new(), Vec::new());
    for table in ALL {
        for column in table.columns {
            let at = (table.name, column.name);
            match (column.null, cells.0.get(&at)) {
                (None, Some((_, 1..))) => never.push(at),
                (Some(_), Some((_, 0))) => always.push(at),
                (None | Some(_), _) => {}
            }
        }
    }
    assert_eq!(never, [], "null all the same");
    assert_eq!(always, NULL_ELSEWHERE, "never null in any case");
    let tables: BTreeSet<_> = cells.0.keys().map(|(table, _)| table).collect();
    assert_eq!(tables.len(), 12);
}

/// Columns that may be null and are in none of the cases: every patient has a number there, every organisation is
/// known and listed, every finding has a cause that is seen, and something is visible of every pathway.
const NULL_ELSEWHERE: [(&str, &str); 5] = [
    ("pathways", "last_recorded_at"),
    ("waits", "patient"),
    ("uncounted", "organisation"),
    ("patient_tracking_list", "organisation_name"),
    ("data_quality", "source_system"),
];

#[test]
fn a_file_says_of_each_column_what_the_dictionary_says() {
    let schema = PATHWAYS.schema();
    let said = |column: &str| schema.field_with_name(column).unwrap().metadata().clone();
    let days = said("waiting_time_adjustment_first_seen");
    for (key, text) in [
        ("meaning", "days reported for a missed first appointment"),
        ("unit", "days"),
        ("source", "R2"),
        ("null", "none was sent"),
    ] {
        assert_eq!(days.get(key).map(String::as_str), Some(text));
    }
    let route = said("route");
    assert_eq!(route.get("null").map(String::as_str), Some("never"));
    assert_eq!(route.get("unit"), None);
}
