//! Reading back what was frozen.

use super::PublishError;
use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Decimal128Type;
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::{Activity, Part, Reported};
use clockstop_schemas::parse_month;
use clockstop_schemas::tables::{Table, WAIT_SHARES, WAITS};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// Tenths of a patient in half a one.
const TENTHS: i128 = 5;

/// The waits of a released month, with the ids of its plane.
pub(super) fn released(folder: &Path) -> Result<Vec<Reported>, PublishError> {
    let mut parts = shares(folder)?;
    let mut waits = Vec::new();
    let columns = [
        "wait_id",
        "pathway",
        "standard",
        "primary_id",
        "treatment_id",
        "report_month",
    ];
    for batch in batches(folder, &WAITS, &columns)? {
        let texts = columns.map(|name| texts(&batch, name));
        let [
            Some(ids),
            Some(pathways),
            Some(standards),
            Some(primaries),
            Some(treatments),
            Some(months),
        ] = texts
        else {
            return Err(other(folder, &WAITS));
        };
        for row in 0..batch.num_rows() {
            let activity = activity(standards.value(row));
            let month = parse_month(months.value(row));
            let (Some(activity), Some(month)) = (activity, month) else {
                return Err(other(folder, &WAITS));
            };
            let item = match activity.standard() {
                Some(Standard::SixtyTwoDay) => text(primaries, row),
                Some(Standard::ThirtyOneDay) => text(treatments, row),
                Some(Standard::Fds) | None => None,
            };
            waits.push(Reported {
                pathway: pathways.value(row).into(),
                activity,
                item: item.map(Into::into),
                month,
                parts: parts.remove(ids.value(row)).into_iter().flatten().collect(),
            });
        }
    }
    Ok(waits)
}

/// The parts of each wait, the investigating provider first.
fn shares(folder: &Path) -> Result<HashMap<String, Vec<Part>>, PublishError> {
    let columns = ["wait_id", "organisation", "role", "patients", "within"];
    let mut found: HashMap<String, Vec<(String, Part)>> = HashMap::new();
    for batch in batches(folder, &WAIT_SHARES, &columns)? {
        let halves = |name| {
            let column = batch.column_by_name(name)?;
            column.as_primitive_opt::<Decimal128Type>()
        };
        let texts = ["wait_id", "organisation", "role"].map(|name| texts(&batch, name));
        let [Some(ids), Some(organisations), Some(roles)] = texts else {
            return Err(other(folder, &WAIT_SHARES));
        };
        let (Some(patients), Some(within)) = (halves("patients"), halves("within")) else {
            return Err(other(folder, &WAIT_SHARES));
        };
        for row in 0..batch.num_rows() {
            let within = within.is_valid(row).then(|| halves_of(within.value(row)));
            let patients = halves_of(patients.value(row));
            let (Some(half_patients), false) = (patients, within == Some(None)) else {
                return Err(other(folder, &WAIT_SHARES));
            };
            let part = Part {
                organisation: organisations.value(row).into(),
                half_patients,
                half_within: within.flatten(),
            };
            let of_wait = found.entry(ids.value(row).to_owned()).or_default();
            of_wait.push((roles.value(row).to_owned(), part));
        }
    }
    let sorted = found.into_iter().map(|(id, mut parts)| {
        // `investigating` before `treating`.
        parts.sort_by(|(a, _), (b, _)| a.cmp(b));
        (id, parts.into_iter().map(|(_, part)| part).collect())
    });
    Ok(sorted.collect())
}

/// Halves of a patient; `None` where it is no number of them.
fn halves_of(tenths: i128) -> Option<u8> {
    (tenths % TENTHS == 0).then(|| u8::try_from(tenths / TENTHS).ok())?
}

/// These columns of a table in a folder.
fn batches(
    folder: &Path,
    table: &Table,
    columns: &[&str],
) -> Result<Vec<RecordBatch>, PublishError> {
    let path = folder.join(table.name).join("part-0000.parquet");
    let unreadable = |source| PublishError::Parquet {
        path: path.clone(),
        source,
    };
    let file = File::open(&path).map_err(|source| PublishError::Read {
        path: path.clone(),
        source,
    })?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(unreadable)?;
    reader
        .collect::<Result<_, _>>()
        .map_err(|source| PublishError::Arrow {
            table: "released month",
            source,
        })
}

fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}

fn text(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

fn activity(name: &str) -> Option<Activity> {
    Activity::ALL
        .into_iter()
        .find(|activity| activity.name() == name)
}

fn other(folder: &Path, table: &Table) -> PublishError {
    PublishError::OtherColumns {
        path: folder.join(table.name),
    }
}
