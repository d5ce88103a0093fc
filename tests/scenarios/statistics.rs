//! What must hold of the published figures (`domain/statistics.md`, `cwt-rules.md` 3, 4.2, 6.1).

mod examples;

use super::courses::{Course, Treated, courses, day, engine};
use super::reports::{FIRST_DAY, SPAN, recipes};
use clockstop_pipeline::statistics::identities::exceptions;
use clockstop_pipeline::statistics::{
    Activity, AlreadyDecided, Basis, Category, Counted, ENGLAND, Halves, Performance, PeriodKind,
    Role, RouteOrStage, Tables, Tally, TreatmentStage, Wait, published_cells,
};
use clockstop_pipeline::{Day, Engine, Reference, Standard};
use proptest::prelude::*;
use std::collections::BTreeMap;

const FDS: Activity = Activity::Standard(Standard::Fds);
const SIXTY_TWO_DAY: Activity = Activity::Standard(Standard::SixtyTwoDay);
const THIRTY_ONE_DAY: Activity = Activity::Standard(Standard::ThirtyOneDay);

fn counted(engine: &Engine, today: Day) -> Vec<Counted> {
    let tables = Tables::default();
    engine
        .rows(today)
        .map(|row| Counted::of(&row, &tables))
        .collect()
}

fn waits(courses: &[Course], today: Day) -> Vec<Wait> {
    let mut engine = engine();
    for course in courses {
        course.learn(&mut engine);
    }
    let counted = counted(&engine, today).into_iter();
    counted.flat_map(|counted| counted.waits).collect()
}

fn performance(waits: &[Wait]) -> Vec<Performance> {
    let mut tally = Tally::default();
    for wait in waits {
        tally.add(wait);
    }
    tally.performance(&Tables::default())
}

/// Totals, within and bands of the rows that are alike, by what `key` says of them.
fn sums<K: Ord>(
    rows: &[Performance],
    key: impl Fn(&Performance) -> Option<K>,
) -> BTreeMap<K, Vec<i64>> {
    let mut sums: BTreeMap<K, Vec<i64>> = BTreeMap::new();
    for row in rows {
        if let Some(key) = key(row) {
            let within = row.within().map_or(0, Halves::halves);
            let figures = [row.total().halves(), within]
                .into_iter()
                .chain(row.bands().map(|(_, patients)| patients.halves()));
            let sum = sums.entry(key).or_default();
            sum.resize(10, 0);
            for (sum, figure) in sum.iter_mut().zip(figures) {
                *sum += figure;
            }
        }
    }
    sums
}

/// What two rows of different bases have in common.
fn cell(row: &Performance) -> (Activity, String, RouteOrStage, Category) {
    let period = row.period.to_string();
    (row.activity, period, row.part, row.category)
}

fn of_basis(rows: &[Performance], basis: Basis) -> BTreeMap<impl Ord, Vec<i64>> {
    sums(rows, |row| (row.basis == basis).then(|| cell(row)))
}

fn whose(row: &Performance) -> (Activity, String, Basis, String) {
    let organisation = row.organisation.to_string();
    (
        row.activity,
        row.period.to_string(),
        row.basis,
        organisation,
    )
}

fn identities_of_rows(rows: &[Performance]) {
    let reference = Reference::default();
    for row in rows {
        let bands: i64 = row.bands().map(|(_, patients)| patients.halves()).sum();
        assert!(row.total() > Halves::ZERO, "no empty rows");
        assert_eq!(
            bands,
            row.total().halves(),
            "2: bands sum to the total, {row:?}"
        );
        if let Some(standard) = row.activity.standard() {
            let limit = reference.limits(standard).within;
            let within = row
                .bands()
                .filter(|(band, _)| band.to.is_some_and(|to| to <= limit));
            let within: i64 = within.map(|(_, patients)| patients.halves()).sum();
            assert_eq!(row.within(), Some(Halves::new(within)), "7: {row:?}");
            let after = row.after().expect("a standard");
            assert_eq!(within + after.halves(), row.total().halves(), "1: {row:?}");
        }
        let shared =
            row.activity == SIXTY_TWO_DAY && matches!(row.basis, Basis::Provider | Basis::England);
        assert!(shared || row.total().is_whole(), "5, 6: {row:?}");
    }
}

fn identities_of_bases(rows: &[Performance]) {
    let england = of_basis(rows, Basis::England);
    for basis in [Basis::Provider, Basis::Commissioner, Basis::Alliance] {
        assert!(england == of_basis(rows, basis), "3, 4: {basis:?}");
    }
    // A commissioner has no more first 62-day treatments than 31-day ones (statistics 3).
    let first = |activity, part| {
        sums(rows, |row| {
            let tumour = matches!(row.category, Category::Tumour(_));
            let here = row.basis == Basis::Commissioner && row.activity == activity;
            let key = (row.period, row.organisation.clone(), row.category);
            (here && tumour && row.part == part).then_some(key)
        })
    };
    let stage = RouteOrStage::Stage(TreatmentStage::First);
    let decided = first(THIRTY_ONE_DAY, stage);
    for (key, sum) in first(SIXTY_TWO_DAY, RouteOrStage::All) {
        assert!(
            decided.get(&key).is_some_and(|most| sum[0] <= most[0]),
            "{key:?}"
        );
    }
}

fn identities_of_parts(rows: &[Performance]) {
    // 8: stages and routes sum to all of them, category by category.
    let parts = |all: bool| {
        sums(rows, |row| {
            let published = row.activity != Activity::FirstSeen
                && !(row.activity == FDS && row.category == Category::All);
            let here = (row.part == RouteOrStage::All) == all;
            (published && here).then(|| (whose(row), row.category))
        })
    };
    assert!(parts(true) == parts(false), "8: routes and stages");
    // 8: types, tumours and modalities sum to the whole, route by route.
    let cut = |cut: &'static str, activities: &[Activity]| {
        sums(rows, |row| {
            let here = activities.contains(&row.activity) && row.category.cut() == cut;
            let fds_route = row.activity == FDS && row.part != RouteOrStage::All;
            (here && !fds_route).then(|| (whose(row), row.part))
        })
    };
    let treated = [SIXTY_TWO_DAY, THIRTY_ONE_DAY];
    assert!(
        cut("all", &treated) == cut("by_cancer", &treated),
        "8: tumours"
    );
    assert!(
        cut("all", &treated) == cut("by_modality", &treated),
        "8: modalities"
    );
    assert!(cut("all", &[FDS]) == cut("by_type", &[FDS]), "8: types");
    // Months sum to quarters and to years.
    let by_year = |kind: PeriodKind| {
        sums(rows, |row| {
            let year = clockstop_pipeline::statistics::Period::of(
                PeriodKind::Year,
                row.period.last_month(),
            );
            let whose = (row.activity, row.basis, row.organisation.clone());
            (row.period.kind() == kind).then_some((year, whose, row.part, row.category))
        })
    };
    assert!(
        by_year(PeriodKind::Month) == by_year(PeriodKind::Quarter),
        "quarters"
    );
    assert!(
        by_year(PeriodKind::Month) == by_year(PeriodKind::Year),
        "years"
    );
}

fn shares_sum_to_one(wait: &Wait) {
    let shares = wait.shares();
    if shares.is_empty() {
        return;
    }
    let patients: u8 = shares.iter().map(|share| share.half_patients).sum();
    assert_eq!(patients, 2, "{wait:?}");
    assert!(shares.iter().all(|share| share.half_patients > 0));
    if let Some(within) = wait.within {
        let breaches: u8 = shares
            .iter()
            .filter_map(clockstop_pipeline::statistics::WaitShare::half_breaches)
            .sum();
        assert_eq!(breaches, if within { 0 } else { 2 }, "{wait:?}");
    }
    let roles: Vec<_> = shares.iter().map(|share| share.role).collect();
    let sole_only = roles == [Role::Sole] || !roles.contains(&Role::Sole);
    assert!(sole_only && (shares.len() == 1 || wait.activity == SIXTY_TWO_DAY));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_identities_of_the_published_figures_hold(courses in courses(60)) {
        let waits = waits(&courses, day(2026, 6, 1));
        waits.iter().for_each(shares_sum_to_one);
        let rows = performance(&waits);
        identities_of_rows(&rows);
        identities_of_bases(&rows);
        identities_of_parts(&rows);
    }

    #[test]
    fn what_is_counted_becomes_published_cells_that_pass_the_identities(courses in courses(60)) {
        let tables = Tables::default();
        let rows = performance(&waits(&courses, day(2026, 6, 1)));
        let cells = published_cells(&rows, &tables);
        prop_assert_eq!(exceptions(&cells), vec![]);
        let of_months = |basis| {
            let rows = rows.iter().filter(move |row| row.period.kind() == PeriodKind::Month);
            rows.filter(move |row| row.basis == basis).count()
        };
        let published = of_months(Basis::Provider) + of_months(Basis::Commissioner);
        prop_assert_eq!(cells.len(), published + 2 * of_months(Basis::England));
        // One patient less in a cell is noticed.
        let mut fewer = cells;
        if let Some(last) = fewer.last_mut() {
            last.counts.total = last.counts.total - Halves::whole(1);
            prop_assert!(!exceptions(&fewer).is_empty());
        }
    }

    #[test]
    fn whatever_is_reported_shares_sum_to_one_and_adjustments_to_the_clocks(
        recipes in recipes(24),
        offset in 0..SPAN,
    ) {
        let engine = super::learned(&recipes);
        let tables = Tables::default();
        for row in engine.rows(FIRST_DAY.plus(offset)) {
            let counted = Counted::of(&row, &tables);
            counted.waits.iter().for_each(shares_sum_to_one);
            let json = |wait: &Wait| (wait.activity, wait.start, wait.stop, wait.days());
            let of_clocks: Vec<_> = row.assessment.clocks.iter().filter_map(|clock| {
                let clockstop_pipeline::State::Stopped(stopped) = &clock.state else {
                    return None;
                };
                let standard = Activity::Standard(clock.standard);
                let wait = (standard, stopped.wait.start, stopped.stop, stopped.wait.days());
                stopped.counting.counts().then_some(wait)
            }).collect();
            let of_standards = counted.waits.iter().filter(|wait| wait.within.is_some());
            prop_assert_eq!(of_standards.map(json).collect::<Vec<_>>(), of_clocks);
        }
    }

    #[test]
    fn nothing_that_is_late_today_can_still_be_the_best(
        courses in courses(40),
        offset in 0..900,
    ) {
        let mut engine = engine();
        for course in &courses {
            course.learn(&mut engine);
        }
        let today = day(2023, 10, 1).plus(offset);
        let mut decided = AlreadyDecided::new(today);
        let tables = Tables::default();
        for row in engine.rows(today) {
            decided.add(&row, &tables);
        }
        for standard in Standard::ALL {
            let rows = || decided.rows().filter(move |row| row.0 == standard);
            let england = rows().find(|row| row.1 == ENGLAND).map(|row| row.2.stopped);
            let others: u32 = rows().filter(|row| row.1 != ENGLAND).map(|row| row.2.stopped).sum();
            prop_assert_eq!(england.unwrap_or_default(), others);
            for (_, organisation, decided) in rows() {
                prop_assert!(decided.due <= decided.compliant);
                if let (Some(best), Some(worst)) = (decided.best(), decided.worst()) {
                    let crossed = u64::from(worst.0) * u64::from(best.1);
                    prop_assert!(crossed <= u64::from(best.0) * u64::from(worst.1), "{}", organisation);
                }
            }
        }
    }
}
