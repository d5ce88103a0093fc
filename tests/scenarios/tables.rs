//! The statistics' tables from one pathway's events to cells.

mod dictionary;
mod dimensions;
mod figures;
mod lists;
mod whole_rows;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::util::display::array_value_to_string;
use clockstop_pipeline::statistics::{Activity, AlreadyDecided, Counted, Tables, Tally};
use clockstop_pipeline::{AlertKey, Day, Engine, Reference};
use clockstop_schemas::tables::{
    ALREADY_DECIDED, PERFORMANCE, Table, TableBuilder, UNCOUNTED, WAIT_SHARES, WAITS,
    write_already_decided, write_performance, write_uncounted, write_wait, write_wait_shares,
};
use clockstop_schemas::{Plane, PseudonymKey, decode_line};

use std::sync::Arc;

/// Shared in halves: investigated at RXX, treated at RYY on day 70, with a told date nobody signs.
const EVENTS: [&str; 6] = [
    r#"{"topic":"referral","event_type":"referral_received","cancer_referral_to_treatment_period_start_date":"2026-01-05","priority_type_code":"3","source_of_referral_for_out_patients":"03","two_week_wait_cancer_or_symptomatic_breast_referral_type":"07","icb":"QYG","nhs_number":"9990000018"}"#,
    r#"{"topic":"referral","event_type":"first_seen","date_first_seen":"2026-01-12","organisation_site_identifier_of_provider_first_seen":"RXX01"}"#,
    r#"{"topic":"diagnosis","event_type":"outcome_communicated","cancer_faster_diagnosis_pathway_end_date":"2026-01-30","cancer_faster_diagnosis_pathway_end_reason":"01"}"#,
    r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","primary_diagnosis_icd":"C18.2"}"#,
    r#"{"topic":"treatment","event_type":"decision_to_treat","treatment_id":"T1","cancer_treatment_period_start_date":"2026-02-20","cancer_treatment_event_type":"01","cancer_treatment_modality":"23"}"#,
    r#"{"topic":"treatment","event_type":"treatment_started","treatment_id":"T1","treatment_start_date_cancer":"2026-03-16","organisation_site_identifier_of_provider_treatment_start_date_cancer":"RYY02"}"#,
];

fn learned() -> Engine {
    learned_from(&EVENTS)
}

/// Events of pathway `RXX:P1` without their heads.
fn learned_from(events: &[&str]) -> Engine {
    let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
    for (at, event) in events.iter().enumerate() {
        learn(&mut engine, at, event);
    }
    engine
}

/// The greater `at`, the greater the version.
fn learn(engine: &mut Engine, at: usize, event: &str) {
    let head = format!(
        r#"{{"event_id":"00000000-0000-4000-8000-00000000000{at}","recorded_at":"2026-04-01T00:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"P1","organisation_identifier_issuer":"RXX","#
    );
    let line = event.replacen('{', &head, 1);
    let decoded = decode_line(line.as_bytes(), engine.texts_mut()).expect("an event");
    engine.learn(&decoded.pathway, &decoded.report);
}

/// The cells of a column, nulls empty.
fn cells(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).expect("a column");
    (0..column.len())
        .map(|row| array_value_to_string(column, row).expect("shown"))
        .collect()
}

/// The rows, cells separated by `|`, nulls as `-`.
fn rows(batch: &RecordBatch) -> Vec<String> {
    let cell = |column: &ArrayRef, row| {
        let shown = || array_value_to_string(column, row).expect("shown");
        if column.is_null(row) {
            "-".to_owned()
        } else {
            shown()
        }
    };
    let utc = DataType::Timestamp(TimeUnit::Microsecond, None);
    let plain = |column: &ArrayRef| {
        if matches!(column.data_type(), DataType::Timestamp(..)) {
            cast(column, &utc).expect("an instant")
        } else {
            Arc::clone(column)
        }
    };
    let columns: Vec<_> = batch.columns().iter().map(plain).collect();
    let row = |row| {
        let columns = columns.iter();
        let cells: Vec<_> = columns.map(|column| cell(column, row)).collect();
        cells.join("|")
    };
    (0..batch.num_rows()).map(row).collect()
}

/// The columns of a row that are not null, as `name cell`.
fn known(batch: &RecordBatch, row: usize) -> Vec<String> {
    let fields = batch.schema();
    let columns = fields.fields().iter().zip(batch.columns());
    let known = columns.filter(|(_, column)| !column.is_null(row));
    let shown = known.map(|(field, column)| {
        let cell = array_value_to_string(column, row).expect("shown");
        format!("{} {cell}", field.name())
    });
    shown.collect()
}

fn day(year: i32, month: i32, day: i32) -> Day {
    Day::from_ymd(year, month, day).expect("a day")
}

fn table(table: &'static Table, fill: impl FnOnce(&mut TableBuilder)) -> RecordBatch {
    let mut out = TableBuilder::new(table);
    fill(&mut out);
    let batch = out.finish().expect("whole rows");
    let columns = table.columns.iter().zip(batch.columns());
    for (column, cells) in columns.filter(|(column, _)| column.null.is_none()) {
        assert_eq!(cells.null_count(), 0, "{} {}", table.name, column.name);
    }
    table.sorted(&batch).expect("sorted")
}

#[test]
fn one_pathway_fills_every_table() {
    let (engine, tables) = (learned(), Tables::default());
    let plane = Plane::Identifiable;
    let today = Day::from_ymd(2026, 3, 20).expect("a day");
    let row = engine.row("RXX:P1", today).expect("known");
    let counted = Counted::of(&row, &tables);
    let waits = table(&WAITS, |out| {
        for wait in &counted.waits {
            write_wait(wait, today, &tables, &plane, out);
        }
    });
    assert_eq!(
        cells(&waits, "wait_id"),
        [
            "RXX:P1/62D/1",
            "RXX:P1/FDS",
            "RXX:P1/FIRST_SEEN",
            "RXX:P1/31D/T1"
        ]
    );
    assert_eq!(cells(&waits, "organisation"), ["", "", "RXX", "RYY"]);
    assert_eq!(cells(&waits, "days"), ["70", "25", "7", "24"]);
    assert_eq!(cells(&waits, "alliance"), ["E56000005"; 4]);
    let shares = table(&WAIT_SHARES, |out| {
        for wait in &counted.waits {
            write_wait_shares(wait, &plane, out);
        }
    });
    assert_eq!(cells(&shares, "organisation"), ["RXX", "RXX", "RYY", "RYY"]);
    assert_eq!(cells(&shares, "patients"), ["0.5", "1.0", "1.0", "0.5"]);
    assert_eq!(cells(&shares, "breaches"), ["0.5", "", "0.0", "0.5"]);
    let uncounted = table(&UNCOUNTED, |out| {
        for stop in &counted.uncounted {
            write_uncounted(stop, 1, out);
        }
    });
    assert_eq!(cells(&uncounted, "reason"), ["organisation_missing"]);

    let mut decided = AlreadyDecided::new(today);
    decided.add(&row, &tables);
    let decided = table(&ALREADY_DECIDED, |out| write_already_decided(&decided, out));
    assert_eq!(
        cells(&decided, "stopped"),
        ["1"; 4],
        "62D and 31D, and for England"
    );
    assert_eq!(cells(&decided, "best"), ["1.0", "0.0", "1.0", "0.0"]);
}

#[test]
fn performance_has_a_column_for_every_band_and_every_row_its_verdicts() {
    let tables = Tables::default();
    for activity in Activity::ALL {
        for band in activity.bands() {
            let column = band.column.to_ascii_lowercase();
            assert!(PERFORMANCE.schema().index_of(&column).is_ok(), "{column}");
        }
    }
    let engine = learned();
    let today = Day::from_ymd(2026, 3, 20).expect("a day");
    let mut tally = Tally::default();
    for row in engine.rows(today) {
        let counted = Counted::of(&row, &tables);
        for wait in &counted.waits {
            tally.add(wait);
        }
    }
    let rows = tally.performance(&tables);
    let england = rows
        .iter()
        .filter(|row| row.basis.name() == "PROVIDER" && row.period.to_string() == "2026-03");
    let batch = table(&PERFORMANCE, |out| {
        for row in england {
            write_performance(row, Some("running"), &tables, out);
        }
    });
    // RXX: 62-day, six cells; RYY: 31-day and 62-day, six cells each.
    assert_eq!(batch.num_rows(), 18);
    assert_eq!(cells(&batch, "in_63_to_76_days")[..1], ["0.5"]);
    assert_eq!(cells(&batch, "standard_short")[..1], ["0.5"]);
    assert_eq!(cells(&batch, "standard_threshold")[..1], ["0.85"]);
    assert_eq!(cells(&batch, "plan_met")[..1], ["false"]);
    assert_eq!(cells(&batch, "release")[..1], ["running"]);
    let seen = table(&PERFORMANCE, |out| {
        let seen = rows
            .iter()
            .filter(|row| row.activity == Activity::FirstSeen);
        for row in seen.filter(|row| row.basis.name() == "PROVIDER") {
            write_performance(row, None, &tables, out);
        }
    });
    let (types, code) = (
        cells(&seen, "cancer_type"),
        "two_week_wait_cancer_or_symptomatic_breast_referral_type",
    );
    for (named, code) in types.iter().zip(cells(&seen, code)) {
        let by_type = named == "Suspected lower gastrointestinal cancer";
        assert_eq!(code, if by_type { "07" } else { "" }, "{named}");
    }
    assert!(
        types.iter().any(|named| named != "ALL CANCERS"),
        "{types:?}"
    );
}

#[test]
fn an_analyst_sees_pseudonyms_only() {
    let (engine, tables) = (learned(), Tables::default());
    let plane = Plane::Analyst(PseudonymKey([1; 32]));
    let today = Day::from_ymd(2026, 3, 20).expect("a day");
    let row = engine.row("RXX:P1", today).expect("known");
    let counted = Counted::of(&row, &tables);
    let waits = table(&WAITS, |out| {
        for wait in &counted.waits {
            write_wait(wait, today, &tables, &plane, out);
        }
    });
    let shares = table(&WAIT_SHARES, |out| {
        for wait in &counted.waits {
            write_wait_shares(wait, &plane, out);
        }
    });
    for (batch, column) in [
        (&waits, "wait_id"),
        (&waits, "pathway"),
        (&waits, "patient"),
        (&waits, "treatment_id"),
        (&shares, "wait_id"),
    ] {
        for cell in cells(batch, column) {
            let shown = cell.contains("P1") || cell.contains("T1") || cell.contains("999000");
            assert!(!shown, "{column}: {cell}");
        }
    }
    let (mut of_waits, mut of_shares) = (cells(&waits, "wait_id"), cells(&shares, "wait_id"));
    of_waits.sort();
    of_shares.sort();
    of_shares.dedup();
    // The FDS wait has no share: nobody reports it.
    of_waits.retain(|id| !id.ends_with("/FDS"));
    assert_eq!(of_waits, of_shares);
}
