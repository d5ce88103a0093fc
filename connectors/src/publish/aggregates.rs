//! The tables that count over all pathways. A new one is a line in [`AGGREGATE_TABLES`] and a counter in [`Counters`].

use super::PublishError;
use super::making::Making;
use super::row_tables::{Filled, Told, sorted};
use super::state::PartitionState;
use clockstop_pipeline::statistics::release::release;
use clockstop_pipeline::statistics::{
    AlreadyDecided, Arrival, Course, DataQuality, DiagnosedPrimary, EarlyDiagnosis, Equity,
    EquityPart, Feeds, Interval, Movements, Performance, PtlWeekly, QualityPart, SpcSeries, Tally,
    TrackingEntry, UncountedCounts, spc_series,
};
use clockstop_pipeline::{Day, EventType, Instant, Row};
use clockstop_schemas::tables::{
    ALREADY_DECIDED, DATA_QUALITY, EARLY_DIAGNOSIS, EQUITY, FEEDS, MOVEMENTS, ORGANISATIONS,
    PERFORMANCE, PTL_WEEKLY, SPC, THRESHOLDS, Table, TableBuilder, UNCOUNTED,
    write_already_decided, write_data_quality, write_early_diagnosis, write_equity, write_feeds,
    write_movements, write_organisations, write_performance, write_ptl_weekly, write_spc,
    write_thresholds, write_uncounted,
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What is counted while pathways pass by.
#[derive(Debug)]
pub(super) struct Counters {
    tally: Tally,
    uncounted: UncountedCounts,
    decided: AlreadyDecided,
    /// The last whole week, and the week that runs.
    movements: [Movements; 2],
    /// The list of the last Sunday, where it is not closed.
    weekly: Option<PtlWeekly>,
    equity: Equity,
    stages: EarlyDiagnosis,
    quality: DataQuality,
    feeds: Feeds,
    london: TimeZone,
}

impl Counters {
    /// Nothing is counted yet.
    pub(super) fn new(making: &Making<'_>) -> Self {
        let today = making.today;
        let whole = Interval::last_whole_week(making.last_closed);
        let running = Interval {
            first: whole.last.plus(1),
            last: today,
        };
        let is_wanted = making.weeks.lacks(whole.last, today);
        Self {
            tally: Tally::default(),
            uncounted: UncountedCounts::default(),
            decided: AlreadyDecided::new(today),
            movements: [Movements::new(whole), Movements::new(running)],
            weekly: is_wanted.then(|| PtlWeekly::new(whole.last)),
            equity: Equity::default(),
            stages: EarlyDiagnosis::default(),
            quality: DataQuality::default(),
            feeds: Feeds::default(),
            london: making.references.london.clone(),
        }
    }

    /// Counts a pathway.
    pub(super) fn note(&mut self, told: &Told<'_>, making: &Making<'_>) {
        let Told {
            row,
            counted,
            tables,
            ..
        } = *told;
        for wait in &counted.waits {
            self.tally.add(wait);
            for part in EquityPart::of(wait) {
                self.equity.note(&part);
            }
        }
        for stop in &counted.uncounted {
            self.uncounted.note(stop);
        }
        self.decided.add(row, tables);
        let courses = Course::of(row, tables);
        for movements in &mut self.movements {
            for course in &courses {
                movements.note(course, &making.references.reference);
            }
        }
        for primary in DiagnosedPrimary::of(row, tables) {
            self.stages.note(&primary);
        }
        let part = QualityPart::of(row, tables);
        self.quality.note(&part, row.assessment.findings);
        let london = &self.london;
        self.feeds
            .note_row(row, |instant| london_date(instant, london));
    }

    /// The Sunday whose list is to be counted.
    pub(super) fn sunday(&self) -> Option<Day> {
        Some(self.weekly.as_ref()?.week().last)
    }

    /// Counts a pathway as it was on that Sunday.
    pub(super) fn note_week(&mut self, row: &Row<'_>, making: &Making<'_>) {
        let Some(weekly) = &mut self.weekly else {
            return;
        };
        let tables = &making.references.tables;
        for entry in TrackingEntry::of(row, tables) {
            weekly.note_entry(&entry);
        }
        for course in Course::of(row, tables) {
            weekly.note_course(&course);
        }
        if let Some(arrival) = Arrival::of(row, tables) {
            weekly.note_arrival(&arrival);
        }
    }

    /// Notes when a partition last heard of its sources.
    pub(super) fn note_feeds(&mut self, state: &PartitionState<'_>) {
        for last in &state.last_appends {
            if let Some(kind) = EventType::from_name(&last.event_type) {
                let appended_at = Instant(last.appended_at.saturating_mul(1_000));
                self.feeds.note_append(&last.source, kind, appended_at);
            }
        }
    }

    /// What was counted, as the tables need it.
    pub(super) fn finish<'m>(mut self, making: &'m Making<'m>) -> Aggregates<'m> {
        let tables = &making.references.tables;
        let performance = core::mem::take(&mut self.tally).performance(tables);
        let is_over = |row: &&Performance| {
            let last = row.period.last_month().last_day();
            last.is_some_and(|last| last < making.today)
        };
        // A month that runs says little of a trend.
        let over: Vec<_> = performance.iter().filter(is_over).cloned().collect();
        let mut series = spc_series(&over, tables);
        series.extend(making.weeks.series());
        Aggregates {
            performance,
            series,
            counted: self,
            making,
        }
    }
}

/// Everything that was counted.
#[derive(Debug)]
pub(super) struct Aggregates<'m> {
    performance: Vec<Performance>,
    series: Vec<SpcSeries>,
    /// All but the tally, which the performance was made of.
    counted: Counters,
    making: &'m Making<'m>,
}

/// A table and how its rows are appended.
#[derive(Debug)]
pub(super) struct AggregateTable {
    pub(super) table: &'static Table,
    append: fn(&Aggregates<'_>, &mut TableBuilder),
}

/// Every table of this kind.
pub(super) static AGGREGATE_TABLES: [AggregateTable; 12] = [
    AggregateTable {
        table: &UNCOUNTED,
        append: |of, out| {
            for (uncounted, &stops) in of.counted.uncounted.rows() {
                write_uncounted(uncounted, stops, out);
            }
        },
    },
    AggregateTable {
        table: &PERFORMANCE,
        append: |of, out| {
            let tables = &of.making.references.tables;
            // There are far more cells than months.
            let mut releases = BTreeMap::new();
            for row in &of.performance {
                let month = row.period.last_month();
                let released = || release(month, of.making.today, &tables.holidays);
                let release = *releases.entry(month).or_insert_with(released);
                write_performance(row, Some(release.name()), tables, out);
            }
        },
    },
    AggregateTable {
        table: &ALREADY_DECIDED,
        append: |of, out| write_already_decided(&of.counted.decided, out),
    },
    AggregateTable {
        table: &PTL_WEEKLY,
        append: |of, out| {
            if let Some(weekly) = &of.counted.weekly {
                write_ptl_weekly(weekly, of.making.weeks.source(), out);
            }
        },
    },
    AggregateTable {
        table: &MOVEMENTS,
        append: |of, out| {
            for movements in &of.counted.movements {
                write_movements(movements, out);
            }
        },
    },
    AggregateTable {
        table: &EQUITY,
        append: |of, out| write_equity(&of.counted.equity, &of.making.references.tables, out),
    },
    AggregateTable {
        table: &EARLY_DIAGNOSIS,
        append: |of, out| {
            let tables = &of.making.references.tables;
            write_early_diagnosis(&of.counted.stages, tables, out);
        },
    },
    AggregateTable {
        table: &DATA_QUALITY,
        append: |of, out| write_data_quality(&of.counted.quality, out),
    },
    AggregateTable {
        table: &FEEDS,
        append: |of, out| write_feeds(&of.counted.feeds, of.making.as_of, out),
    },
    AggregateTable {
        table: &SPC,
        append: |of, out| {
            for series in &of.series {
                write_spc(series, out);
            }
        },
    },
    AggregateTable {
        table: &ORGANISATIONS,
        append: |of, out| write_organisations(&of.making.references.tables, out),
    },
    AggregateTable {
        table: &THRESHOLDS,
        append: |of, out| write_thresholds(&of.making.references.tables, out),
    },
];

impl Aggregates<'_> {
    /// The rows of a table, sorted.
    pub(super) fn fill(&self, of: &AggregateTable) -> Result<Filled, PublishError> {
        let mut rows = TableBuilder::new(of.table);
        (of.append)(self, &mut rows);
        let rows = sorted(of.table, rows)?;
        let rows = if of.table.name == PTL_WEEKLY.name {
            self.making.weeks.with(&rows)?
        } else {
            rows
        };
        Ok((of.table, rows))
    }
}

/// The civil date of an instant in London.
fn london_date(instant: Instant, london: &TimeZone) -> Day {
    let Ok(instant) = jiff::Timestamp::from_microsecond(instant.0) else {
        return Day::from_epoch_days(i32::MIN);
    };
    crate::calendar::london_day(instant, london)
}
