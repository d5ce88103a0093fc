//! The lists of earlier Sundays, as the tables of those days have them.

use super::PublishError;
use super::daily;
use super::snapshot::Root;
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int32Type;
use clockstop_pipeline::Day;
use clockstop_pipeline::statistics::{
    ENGLAND, Interval, SeriesItem, SpcSeries, TrackingBand, WeeklyItem, weekly_spc_series,
};
use clockstop_schemas::tables::PTL_WEEKLY;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;

/// A year and a day of Sundays.
const WEEKS: i32 = 53;
const DAYS: i32 = 7;

/// Lists of Sundays that are closed.
#[derive(Debug, Default)]
pub(super) struct Weeks {
    lists: BTreeMap<Day, RecordBatch>,
    /// Whether the list that is counted now is that of a close.
    is_closing: bool,
}

impl Weeks {
    /// None: a closed day's own tables must not depend on which others are there.
    pub(super) fn of_closing() -> Self {
        Self {
            is_closing: true,
            ..Self::default()
        }
    }

    /// Those that are there on a day. They say the same on every plane.
    pub(super) fn read(root: &Root, today: Day) -> Result<Self, PublishError> {
        let mut weeks = Self::default();
        for day in sundays(today) {
            let path = daily::path(&root.path, &PTL_WEEKLY, day);
            let file = match File::open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                file => file.map_err(|source| PublishError::Read {
                    path: path.clone(),
                    source,
                })?,
            };
            let unreadable = |source| PublishError::Parquet {
                path: path.clone(),
                source,
            };
            let reader = ParquetRecordBatchReaderBuilder::try_new(file)
                .and_then(ParquetRecordBatchReaderBuilder::build)
                .map_err(unreadable)?;
            let batches = reader.collect::<Result<Vec<_>, _>>();
            let schema = PTL_WEEKLY.schema();
            let list = batches.and_then(|batches| concat_batches(&schema, &batches));
            match list {
                Ok(list) => drop(weeks.lists.insert(day, list)),
                // Software with other columns made it.
                Err(error) => tracing::warn!(%day, %error, "a Sunday's list is passed over"),
            }
        }
        Ok(weeks)
    }

    /// Whether the list of a Sunday is to be made: at its close, and later where it was not.
    pub(super) fn lacks(&self, sunday: Day, today: Day) -> bool {
        if self.is_closing {
            sunday == today
        } else {
            !self.lists.contains_key(&sunday)
        }
    }

    /// What the list that is counted now is made from.
    pub(super) const fn source(&self) -> &'static str {
        if self.is_closing {
            "closed"
        } else {
            "recomputed"
        }
    }

    /// The rows of all Sundays with these.
    pub(super) fn with(&self, rows: &RecordBatch) -> Result<RecordBatch, PublishError> {
        let arrow = |source| PublishError::Arrow {
            table: PTL_WEEKLY.name,
            source,
        };
        let all = self.lists.values().chain([rows]);
        let all = concat_batches(&PTL_WEEKLY.schema(), all).map_err(arrow)?;
        PTL_WEEKLY.sorted(&all).map_err(arrow)
    }

    /// The long waits, charted week by week.
    pub(super) fn series(&self) -> Vec<SpcSeries> {
        let mut series = Vec::new();
        for (item, bands) in [
            (
                SeriesItem::Over62,
                &[TrackingBand::UpTo104, TrackingBand::Over104][..],
            ),
            (SeriesItem::Over104, &[TrackingBand::Over104]),
        ] {
            let lists = self.lists.iter();
            let counts = lists.flat_map(|(&day, list)| {
                let counts = long_waits(list, bands);
                counts
                    .into_iter()
                    .map(move |(organisation, count)| (day, organisation.into(), count))
            });
            series.extend(weekly_spc_series(item, counts));
        }
        series
    }
}

/// The Sundays that are closed on a day and are listed with it, the last one first.
pub(super) fn sundays(today: Day) -> impl Iterator<Item = Day> {
    let last = Interval::last_whole_week(today.plus(-1)).last;
    (0..WEEKS).map(move |past| last.plus(-past * DAYS))
}

/// Running clocks in these bands, by organisation; 0 where an organisation has a running clock and none in these.
fn long_waits(list: &RecordBatch, bands: &[TrackingBand]) -> BTreeMap<String, u64> {
    let texts = |name| list.column_by_name(name)?.as_string_opt::<i32>();
    let counts = list
        .column_by_name("count")
        .and_then(|counts| counts.as_primitive_opt::<Int32Type>());
    let columns = [texts("organisation"), texts("item"), texts("band")];
    let ([Some(organisations), Some(items), Some(names)], Some(counts)) = (columns, counts) else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::from([(ENGLAND.to_owned(), 0)]);
    let rows = organisations.iter().zip(items).zip(names).zip(counts);
    for (((organisation, item), name), count) in rows {
        if item != Some(WeeklyItem::Running.name()) {
            continue;
        }
        let is_long = bands.iter().any(|band| Some(band.name()) == name);
        let long = count.filter(|_| is_long).unwrap_or_default();
        for organisation in organisation.into_iter().chain([ENGLAND]) {
            *found.entry(organisation.to_owned()).or_default() += u64::try_from(long).unwrap_or(0);
        }
    }
    found
}
