//! The year as a whole: exact where it is to be, the same in either order, and repeatable.

use super::plan::Plan;
use super::{Scale, Year, YearPlan};
use crate::generate::figures::Figures;
use crate::generate::providers::Providers;
use crate::generate::{Event, Fit, Fold, Rates, Record, SchemaIds, Share, Targets};
use clockstop_pipeline::statistics::{Basis, Tables, published_cells};
use clockstop_pipeline::{AlertKey, Day, Engine, Reference, Texts, Topic};
use clockstop_schemas::{EventDecoder, assessment_json, event_schema_json};
use std::collections::BTreeMap;

const HUNDREDTH: Scale = Scale(10_000);
const IDS: SchemaIds = SchemaIds([1, 2, 3]);

fn messy() -> Rates {
    let often = Share::new(0.05).expect("a share");
    Rates {
        duplicates: often,
        late: often,
        reordered: often,
        corrections: often,
        retractions: often,
        bad_records: often,
    }
}

fn plan(scale: Scale, seed: u64, rates: Rates) -> YearPlan {
    YearPlan { seed, scale, rates }
}

fn fit(plan: YearPlan) -> Fit {
    let mut year = Year::new(plan).expect("a year");
    let targets = Targets::of(&year, plan.scale).expect("targets");
    let mut fold = Fold::new(year.last_day()).expect("our own schemas");
    while let Some(events) = year.next() {
        for event in &events {
            fold.learn(event, year.texts());
        }
        fold.whole();
    }
    targets.fit(&fold.finish().1)
}

fn assert_fits(fit: &Fit) {
    let off = fit
        .cells
        .iter()
        .filter(|cell| !cell.is_exact() || cell.sigmas > 4.0);
    let off: Vec<_> = off.map(|cell| format!("{cell:?}")).collect();
    let some = off.get(..off.len().min(9));
    assert!(
        off.is_empty(),
        "{} of {}: {some:#?}",
        off.len(),
        fit.cells.len()
    );
    let off: Vec<_> = fit
        .providers
        .iter()
        .filter(|of| of.target != of.generated)
        .collect();
    assert!(fit.is_exact(), "{off:?}");
}

#[test]
fn a_hundredth_of_the_year_comes_to_every_cell_whatever_the_mess() {
    let fit = fit(plan(HUNDREDTH, 1, messy()));
    assert!(fit.cells.len() > 1_500, "{}", fit.cells.len());
    assert_fits(&fit);
}

#[test]
fn other_parts_and_seeds_come_to_every_cell_too() {
    for (millionths, seed) in [(1_000, 2), (2_500, 6), (3_333, 3), (20_000, 4)] {
        let scale = Scale::new(millionths).expect("a part");
        assert_fits(&fit(plan(scale, seed, Rates::default())));
    }
}

/// Every published figure of England is a target as it stands, with its halves floored: none contradicts another.
#[test]
fn the_whole_year_is_to_come_to_the_published_figures() {
    let year = Year::new(plan(Scale::WHOLE, 1, Rates::default())).expect("a year");
    let targets = year.targets();
    let figures = Figures::published().expect("it parses");
    let mut counted = 0;
    for cell in &figures.england {
        if cell.key.basis != Basis::Provider || cell.counts.total.halves() < 2 {
            continue;
        }
        counted += 1;
        let target = targets
            .get(&cell.key)
            .unwrap_or_else(|| panic!("{:?}", cell.key));
        let floored =
            |of: Option<clockstop_pipeline::statistics::Halves>| of.map_or(0, |of| of.halves() / 2);
        assert_eq!(
            i64::from(target.total),
            floored(Some(cell.counts.total)),
            "{:?}",
            cell.key
        );
        assert_eq!(
            i64::from(target.within),
            floored(cell.counts.within),
            "{:?}",
            cell.key
        );
    }
    assert!(counted > 2_000, "{counted}");
}

/// What is to be drawn without replacement is drawn to the last, and few patients lack what they might have.
#[test]
fn nothing_is_left_over_and_hardly_anybody_goes_without() {
    let figures = Figures::published().expect("it parses");
    let mut texts = Texts::default();
    let providers = Providers::of(&figures, &mut texts);
    let mut plan = Plan::new(&figures, providers, 1, Scale(20_000)).expect("a plan");
    let (mut all, mut untold, mut unseen) = (0, 0, 0);
    for pathway in plan.by_ref() {
        all += 1;
        untold += u32::from(!pathway.course.informed);
        unseen += u32::from(pathway.course.seen.is_none());
    }
    assert_eq!(plan.left(), (0, 0));
    assert_eq!(untold, 0);
    assert!(
        unseen * 200 < all,
        "{unseen} of {all} have no first appointment"
    );
}

fn decoder() -> EventDecoder {
    let mut decoder = EventDecoder::default();
    for (id, topic) in (1..).zip(Topic::ALL) {
        decoder
            .add_schema(id, event_schema_json(topic))
            .expect("our own schema");
    }
    decoder
}

/// What is known of every pathway, in words.
#[derive(Default)]
struct Known(Option<Engine>);

impl Known {
    fn learn(&mut self, event: &Event, texts: &Texts, decoder: &EventDecoder) {
        let new = || Engine::new(AlertKey([0; 32]), Reference::default(), "");
        let engine = self.0.get_or_insert_with(new);
        let record = Record::of(event, texts, IDS);
        let key = Some(record.key.as_bytes());
        let value = Some(&*record.value);
        if let Ok(decoded) = decoder.decode(event.topic(), key, value, engine.texts_mut()) {
            engine.learn(&record.key, &decoded.report);
        }
    }

    fn said(&self, today: Day) -> BTreeMap<String, String> {
        let rows = self.0.iter().flat_map(|engine| engine.rows(today));
        rows.map(|row| {
            let said = assessment_json(row.pathway, &row.assessment, row.texts(), None);
            (row.pathway.to_owned(), said.to_string())
        })
        .collect()
    }
}

#[test]
fn either_order_folds_to_the_same() {
    let plan = plan(Scale(2_000), 5, messy());
    let decoder = decoder();
    let (mut by_pathway, mut by_arrival) = (Known::default(), Known::default());
    let mut year = Year::new(plan).expect("a year");
    let today = year.last_day();
    while let Some(events) = year.next() {
        for event in &events {
            by_pathway.learn(event, year.texts(), &decoder);
        }
    }
    let mut arrivals = Year::new(plan).expect("a year").in_order_of_arrival();
    let mut before = None;
    while let Some((day, events)) = arrivals.next() {
        assert!(before < Some(day), "days come in order");
        before = Some(day);
        for event in &events {
            by_arrival.learn(event, arrivals.year().texts(), &decoder);
        }
    }
    assert_eq!(arrivals.year().begun(), year.begun());
    let (one, other) = (by_pathway.said(today), by_arrival.said(today));
    assert!(one.len() > 10_000, "{}", one.len());
    assert!(one == other, "the orders differ");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| {
        let mut year = Year::new(plan(Scale(500), seed, messy())).expect("a year");
        let mut all = Vec::new();
        while let Some(events) = year.next() {
            let records = events
                .iter()
                .map(|event| Record::of(event, year.texts(), IDS));
            all.extend(records.map(|record| (record.key, record.value)));
        }
        all
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

/// A cell that is missed by one patient is seen.
#[test]
fn a_lost_pathway_is_a_difference() {
    let plan = plan(Scale(1_000), 1, Rates::default());
    let mut year = Year::new(plan).expect("a year");
    let targets = Targets::of(&year, plan.scale).expect("targets");
    let mut fold = Fold::new(year.last_day()).expect("our own schemas");
    let mut lost = false;
    while let Some(events) = year.next() {
        let first = clockstop_pipeline::Month {
            year: 2024,
            month: 9,
        };
        let told = |event: &Event| {
            let fact = event.report.fact;
            matches!(fact, clockstop_pipeline::Fact::OutcomeCommunicated(_))
                && fact.own_date().is_some_and(|day| day.month() == first)
        };
        if !lost && events.iter().any(told) {
            lost = true;
            continue;
        }
        for event in &events {
            fold.learn(event, year.texts());
        }
    }
    let (_, rows) = fold.finish();
    assert!(lost && !published_cells(&rows, &Tables::default()).is_empty());
    let fit = targets.fit(&rows);
    assert!(!fit.is_exact());
    assert!(fit.cells.iter().any(|cell| !cell.is_exact()));
}
