//! What is written is read back, and what another version wrote is refused by name.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Float64Array, RecordBatch, StringArray};
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{
    Activity, Basis, Category, CellCounts, Halves, ModalityGroup, Performance, Period, PeriodKind,
    RouteOrStage, SuspectedType, Tables, TreatmentStage, TumourGroup,
};
use clockstop_pipeline::{Month, Route};
use proptest::prelude::*;
use proptest::sample::select;

use super::{PERFORMANCE, TableError, read_performance, read_releases, write_performance};
use crate::tables::TableBuilder;

const MOST_HALVES: i64 = 1_000_000;

fn category(activity: Activity) -> BoxedStrategy<Category> {
    let referred = select(SuspectedType::ALL).prop_map(Category::Suspected);
    match activity.name() {
        "FIRST_SEEN" => referred.boxed(),
        "FDS" => prop_oneof![Just(Category::All), referred].boxed(),
        _ => prop_oneof![
            Just(Category::All),
            select(TumourGroup::ALL).prop_map(Category::Tumour),
            select(ModalityGroup::ALL).prop_map(Category::Modality),
        ]
        .boxed(),
    }
}

fn part(activity: Activity) -> impl Strategy<Value = RouteOrStage> {
    let (usc, symptomatic) = (Route::Usc, Route::BreastSymptomatic);
    let routes = |routes: &[Route]| routes.iter().copied().map(RouteOrStage::Route).collect();
    let mut parts: Vec<RouteOrStage> = match activity.name() {
        "FIRST_SEEN" => return select(routes(&[usc, symptomatic])),
        "FDS" => routes(&[usc, symptomatic, Route::Screening]),
        "62D" => routes(&[usc, symptomatic, Route::Screening, Route::Upgrade]),
        _ => vec![
            RouteOrStage::Stage(TreatmentStage::First),
            RouteOrStage::Stage(TreatmentStage::Subsequent),
        ],
    };
    parts.push(RouteOrStage::All);
    select(parts)
}

fn cell() -> impl Strategy<Value = Performance> {
    let period = (select(&PeriodKind::ALL[..]), 2024..2030_i32, 1..=12_i32)
        .prop_map(|(kind, year, month)| Period::of(kind, Month { year, month }));
    select(&Activity::ALL[..])
        .prop_flat_map(move |activity| {
            let bands = prop::collection::vec(0..MOST_HALVES, activity.bands().len());
            let organisation = select(vec!["RXX", "QYY", "UNKNOWN", "E56000001", "ENGLAND"]);
            let place = (period.clone(), select(&Basis::ALL[..]), organisation);
            (
                Just(activity),
                place,
                part(activity),
                category(activity),
                bands,
            )
        })
        .prop_filter_map("somebody", |(activity, place, part, category, bands)| {
            let (period, basis, organisation) = place;
            let bands: Vec<Halves> = bands.into_iter().map(Halves::new).collect();
            let sum = |bands: &[Halves]| bands.iter().copied().sum::<Halves>();
            let sides = activity.bands_within().map(|within| bands.split_at(within));
            let counts = CellCounts {
                total: sum(&bands),
                within: sides.map(|(within, _)| sum(within)),
                after: sides.map(|(_, after)| sum(after)),
                bands: bands.iter().copied().collect(),
            };
            let organisation = organisation.into();
            Performance::with_counts(
                period,
                activity,
                basis,
                organisation,
                part,
                category,
                &counts,
            )
        })
}

fn batch(cells: &[Performance], release: impl Fn(Month) -> Option<&'static str>) -> RecordBatch {
    let tables = Tables::default();
    let mut rows = TableBuilder::new(&PERFORMANCE);
    for cell in cells {
        write_performance(cell, release(cell.period.last_month()), &tables, &mut rows);
    }
    rows.finish().unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(cells in prop::collection::vec(cell(), 0..20)) {
        let batch = batch(&cells, |_| None);
        prop_assert_eq!(read_performance(&batch), Ok(cells));
    }
}

fn sample() -> Performance {
    let march = Month {
        year: 2025,
        month: 3,
    };
    let [two, three] = [2, 3].map(Halves::new);
    let none = Halves::ZERO;
    let counts = CellCounts {
        total: two + three,
        within: Some(two),
        after: Some(three),
        bands: [two, none, none, none, three].into_iter().collect(),
    };
    let fds = Activity::Standard(clockstop_pipeline::Standard::Fds);
    let period = Period::of(PeriodKind::Month, march);
    let all = (RouteOrStage::All, Category::All);
    Performance::with_counts(
        period,
        fds,
        Basis::Provider,
        "RXX".into(),
        all.0,
        all.1,
        &counts,
    )
    .unwrap()
}

fn with(name: &str, values: ArrayRef) -> RecordBatch {
    let batch = batch(&[sample()], |_| Some("final"));
    let mut values = Some(values);
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let columns = columns.map(|(field, own)| {
        let other = values.take_if(|_| field.name() == name);
        (field.name(), other.unwrap_or_else(|| Arc::clone(own)))
    });
    RecordBatch::try_from_iter(columns.collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_column_that_is_missing_or_of_another_type_is_another_version() {
    let whole = batch(&[sample()], |_| None);
    for column in PERFORMANCE.columns {
        let refused = Err(TableError::Column {
            table: "performance",
            column: column.name,
        });
        let mut less = whole.clone();
        less.remove_column(whole.schema().index_of(column.name).unwrap());
        assert_eq!(read_performance(&less), refused);
        let other = with(
            column.name,
            Arc::new(arrow::array::Int32Array::from(vec![1])),
        );
        assert_eq!(read_performance(&other), refused);
        assert_eq!(read_releases(&other).err(), refused.err());
    }
}

#[test]
fn a_field_that_this_version_does_not_know_is_named_by_row_and_column() {
    for (column, value) in [
        ("period_kind", "week"),
        ("last_month", "2025-13"),
        ("last_month", "March"),
        ("standard", "14D"),
        ("basis", "GP"),
        ("organisation", ""),
        ("cut", "by_age"),
        ("route_or_stage", "Screening"),
    ] {
        let batch = with(column, Arc::new(StringArray::from(vec![value])));
        let refused = TableError::Field {
            table: "performance",
            row: 1,
            column,
        };
        assert_eq!(read_performance(&batch), Err(refused), "{value}");
    }
}

#[test]
fn a_quarter_or_year_ends_in_its_last_month() {
    let of = |kind: &str, last_month: &str| {
        let kind = with("period_kind", Arc::new(StringArray::from(vec![kind])));
        let place = kind.schema().index_of("last_month").unwrap();
        let mut columns = kind.columns().to_vec();
        *columns.get_mut(place).unwrap() = Arc::new(StringArray::from(vec![last_month]));
        let batch = RecordBatch::try_new(kind.schema(), columns).unwrap();
        read_performance(&batch).map(|cells| cells.len())
    };
    for (kind, last_month, ends) in [
        ("month", "2025-02", true),
        ("quarter", "2025-03", true),
        ("quarter", "2025-02", false),
        ("year", "2025-03", true),
        ("year", "2025-12", false),
    ] {
        assert_eq!(of(kind, last_month).is_ok(), ends, "{kind} {last_month}");
    }
}

#[test]
fn figures_that_do_not_add_up_or_are_not_in_halves_are_refused() {
    let refused = TableError::Figures {
        table: "performance",
        row: 1,
    };
    for (column, tenths) in [("total", 30), ("within", 13), ("in_15_to_28_days", 5)] {
        let values = Decimal128Array::from(vec![tenths]);
        let values = values.with_precision_and_scale(9, 1).unwrap();
        let batch = with(column, Arc::new(values));
        assert_eq!(read_performance(&batch), Err(refused.clone()), "{column}");
    }
    let rate = with("performance", Arc::new(Float64Array::from(vec![0.5])));
    assert!(read_performance(&rate).is_ok(), "follows from the counts");
}

#[test]
fn releases_are_those_of_months() {
    let march = sample();
    let mut year = march.clone();
    year.period = Period::of(PeriodKind::Year, march.period.last_month());
    let month = march.period.last_month();
    let of = |cells: &[Performance], name| read_releases(&batch(cells, |_| name)).unwrap();
    let found = of(std::slice::from_ref(&march), Some("provisional"));
    assert_eq!(found.get(&month), Some(&Release::Provisional));
    assert!(of(&[year], Some("final")).is_empty());
    assert!(of(&[march], None).is_empty());
    let other = with("release", Arc::new(StringArray::from(vec!["draft"])));
    assert!(matches!(
        read_releases(&other),
        Err(TableError::Field {
            column: "release",
            ..
        })
    ));
}
