//! The feed as a whole: repeatable, accepted by the real decoder, and close to the published figures.

use super::calibration::{ALL, Calibration};
use super::{Feed, Plan, Rates, Record, SchemaIds, Share, write_line};
use clockstop_pipeline::{
    AlertKey, Clock, Day, Engine, EventType, Fact, Instant, Reference, Route, SentNumber, Standard,
    State, Texts, Topic,
};
use clockstop_schemas::{EventDecoder, decode_line, event_schema_json};
use std::collections::{BTreeMap, BTreeSet};

const IDS: SchemaIds = SchemaIds([1, 2, 3]);

fn day(year: i32, month: i32, day: i32) -> Day {
    Day::from_ymd(year, month, day).expect("a day")
}

fn plan(pathways: u64, rates: Rates) -> Plan {
    Plan {
        pathways,
        seed: 7,
        from: day(2025, 1, 1),
        to: day(2025, 6, 30),
        rates,
    }
}

fn messy() -> Rates {
    let often = Share::new(0.1).expect("a share");
    Rates {
        duplicates: often,
        late: often,
        reordered: often,
        corrections: often,
        retractions: often,
        bad_records: often,
    }
}

fn decoder() -> EventDecoder {
    let mut decoder = EventDecoder::default();
    for (id, topic) in (1..).zip(Topic::ALL) {
        let schema = event_schema_json(topic);
        decoder.add_schema(id, schema).expect("our own schema");
    }
    decoder
}

fn records(plan: Plan) -> Vec<(Day, Record)> {
    let mut feed = Feed::new(plan).expect("a feed");
    let mut records = Vec::new();
    while let Some((day, events)) = feed.next() {
        let of_day = events
            .iter()
            .map(|event| Record::of(event, feed.texts(), IDS));
        records.extend(of_day.map(|record| (day, record)));
    }
    records
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| {
        let plan = Plan {
            seed,
            ..plan(300, messy())
        };
        let records = records(plan).into_iter();
        records.map(|(_, r)| (r.key, r.value)).collect::<Vec<_>>()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn only_what_was_to_be_bad_is_refused() {
    let schemas = decoder();
    let mut feed = Feed::new(plan(2_000, messy())).expect("a feed");
    let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
    let (mut accepted, mut refused) = (0, BTreeMap::new());
    while let Some((_, events)) = feed.next() {
        for event in events {
            let record = Record::of(&event, feed.texts(), IDS);
            let key = Some(record.key.as_bytes());
            let texts = engine.texts_mut();
            match schemas.decode(event.topic(), key, Some(&record.value), texts) {
                Ok(decoded) => {
                    assert_eq!(event.damage, None, "{:?}", event.report.fact);
                    assert_eq!(decoded.pathway, &*event.pathway);
                    accepted += 1;
                }
                Err(refusal) => {
                    assert!(event.damage.is_some(), "{refusal} {event:?}");
                    *refused.entry(refusal.to_string()).or_insert(0) += 1;
                }
            }
        }
    }
    let bad: i32 = refused.values().sum();
    assert!(
        (800..1_300).contains(&(bad * 10_000 / accepted)),
        "{refused:?}"
    );
    assert!(refused.len() >= 4, "{refused:?}");
}

#[test]
fn every_line_of_a_file_is_accepted_but_for_the_bad_ones() {
    let mut texts = Texts::default();
    let mut feed = Feed::new(plan(500, messy())).expect("a feed");
    let mut refused = 0;
    while let Some((_, events)) = feed.next() {
        for event in events {
            let mut line = Vec::new();
            write_line(&event, feed.texts(), &mut line).expect("memory can be written");
            match decode_line(&line, &mut texts) {
                Ok(read) => {
                    assert_eq!(event.damage, None);
                    assert_eq!(read.pathway, &*event.pathway);
                    assert_eq!(read.report.version, event.report.version);
                }
                Err(refusal) => {
                    assert!(event.damage.is_some(), "{refusal} {event:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn nothing_is_reported_before_it_happened_or_after_the_end() {
    let plan = plan(3_000, messy());
    let first = Instant(i64::from(plan.from.epoch_days()) * 86_400_000_000);
    let mut types = BTreeSet::new();
    let mut begun = BTreeSet::new();
    for (day, events) in Feed::new(plan).expect("a feed") {
        assert!((plan.from..=plan.to).contains(&day));
        for event in events.iter().filter(|event| event.damage.is_none()) {
            let report = &event.report;
            types.insert(report.fact.event_type());
            begun.insert(event.pathway.clone());
            let recorded = report.version.recorded_at;
            assert!(recorded >= first);
            let recorded = super::mess::day_of(recorded);
            assert!(recorded <= day, "sent before it was recorded");
            let planned =
                matches!(report.fact, Fact::MilestoneRecorded(m) if m.planned == Some(true));
            if let Some(own) = report.fact.own_date().filter(|_| !planned) {
                assert!(own <= recorded, "{:?} recorded on {recorded}", report.fact);
            }
        }
    }
    let all = EventType::ALL.iter().copied();
    let expected: BTreeSet<_> = all.filter(|&t| t != EventType::PathwayErased).collect();
    assert_eq!(types, expected);
    assert!(begun.len() >= 2_900, "{}", begun.len());
}

#[test]
fn numbers_are_valid_of_the_test_range_and_belong_to_one_patient() {
    let mut of_pathway = BTreeMap::new();
    for (_, events) in Feed::new(plan(3_000, Rates::default())).expect("a feed") {
        for event in events {
            let Some(SentNumber::Valid(number)) = event.report.nhs_number else {
                panic!("no valid number");
            };
            assert_eq!(number.to_bits() / 10_000_000, 999);
            let earlier = of_pathway.insert(event.pathway.clone(), number);
            assert!(earlier.is_none_or(|earlier| earlier == number));
        }
    }
    let patients: BTreeSet<_> = of_pathway.values().collect();
    let again = of_pathway.len() - patients.len();
    assert!(
        (30..150).contains(&again),
        "{again} pathways of patients known before"
    );
}

/// The clocks of the pathways referred early enough to have come to their end.
fn settled(pathways: u64) -> Vec<(Route, Option<String>, Clock, Option<String>)> {
    let plan = Plan {
        from: day(2024, 1, 1),
        to: day(2025, 6, 30),
        ..plan(pathways, Rates::default())
    };
    let schemas = decoder();
    let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
    for (day, record) in records(plan) {
        let topic = topic_of(&record);
        let key = Some(record.key.as_bytes());
        let decoded = schemas.decode(topic, key, Some(&record.value), engine.texts_mut());
        let decoded = decoded.unwrap_or_else(|refusal| panic!("{refusal} on {day}"));
        engine.learn(&record.key, &decoded.report);
    }
    let mut clocks = Vec::new();
    let mut types = Vec::new();
    for row in engine.rows(plan.to) {
        let Some(referral) = row.view.referral else {
            continue;
        };
        let received = referral.fact.cancer_referral_to_treatment_period_start_date;
        if received.is_some_and(|received| received > day(2024, 9, 15)) {
            continue;
        }
        let code = referral
            .fact
            .two_week_wait_cancer_or_symptomatic_breast_referral_type;
        for clock in &row.assessment.clocks {
            let treatment = row
                .view
                .treatments
                .iter()
                .find(|t| Some(t.id) == clock.treatment_id);
            let start = treatment.and_then(|t| t.start);
            let event = start.and_then(|s| s.fact.cancer_treatment_event_type);
            types.push((code, event));
            clocks.push((row.assessment.route, *clock));
        }
    }
    let texts = engine.texts();
    let spell = |text| texts.read(text).as_str().to_owned();
    let spelled = types
        .into_iter()
        .map(|(code, event)| (code.map(spell), event.map(spell)));
    let both = clocks.into_iter().zip(spelled);
    both.map(|((route, clock), (code, event))| (route, code, clock, event))
        .collect()
}

fn topic_of(record: &Record) -> Topic {
    let id = record.value.get(4).copied().unwrap_or_default();
    let all = Topic::ALL.into_iter().zip(1..);
    all.into_iter()
        .find(|&(_, of)| of == id)
        .map(|(t, _)| t)
        .expect("one of ours")
}

fn counted_days(clock: &Clock) -> Option<i32> {
    match &clock.state {
        State::Stopped(stopped) => stopped.counting.counts().then(|| stopped.wait.days()),
        State::NotStarted | State::Running(_) | State::Ended(_) => None,
    }
}

/// Five sigma of the binomial, and one in a hundred for what the feed shifts on purpose.
fn close(what: &str, days: &[i32], limit: i32, published: f64) {
    let n = f64::from(u32::try_from(days.len()).expect("few"));
    let within = days.iter().filter(|&&d| d <= limit).count();
    let within = f64::from(u32::try_from(within).expect("few")) / n;
    let bound = 5.0 * (published * (1.0 - published) / n).sqrt() + 0.01;
    let difference = (within - published).abs();
    assert!(n >= 300.0, "{what}: only {n}");
    assert!(
        difference < bound,
        "{what}: {within} of {n} within {limit}, published {published}"
    );
}

#[test]
fn waits_fall_into_the_published_bands() {
    let calibration = Calibration::published().expect("it parses");
    let clocks = settled(60_000);
    let fds = |route: Route, code: &str| -> Vec<i32> {
        let of = clocks.iter().filter(|(r, c, clock, _)| {
            *r == route && c.as_deref() == Some(code) && clock.standard == Standard::Fds
        });
        of.filter_map(|(_, _, clock, _)| counted_days(clock))
            .collect()
    };
    for (route, code, published, label) in [
        (
            Route::Usc,
            "08",
            "URGENT SUSPECTED CANCER",
            "Suspected skin cancer",
        ),
        (
            Route::Usc,
            "07",
            "URGENT SUSPECTED CANCER",
            "Suspected lower gastrointestinal cancer",
        ),
        (
            Route::Usc,
            "11",
            "URGENT SUSPECTED CANCER",
            "Suspected urological malignancies (excluding testicular)",
        ),
        (
            Route::Screening,
            "01",
            "NATIONAL SCREENING PROGRAMME",
            "Suspected breast cancer",
        ),
    ] {
        let cut = "by_type";
        let cell = calibration
            .told
            .cell(cut, published, label)
            .expect("it is there");
        let days = fds(route, code);
        for limit in [14, 28, 42, 62] {
            close(label, &days, limit, cell.waits.share_to(limit));
        }
    }
    for (route, label) in [
        (Route::Usc, "Urgent Suspected Cancer"),
        (Route::Upgrade, "Consultant Upgrade"),
    ] {
        let of = clocks
            .iter()
            .filter(|(r, _, clock, _)| *r == route && clock.standard == Standard::SixtyTwoDay);
        let days: Vec<_> = of
            .filter_map(|(_, _, clock, _)| counted_days(clock))
            .collect();
        let all = calibration.since_referral.cell("all", label, ALL);
        let waits = &all.expect("it is there").waits;
        for limit in [31, 48, 62, 104] {
            close(label, &days, limit, waits.share_to(limit));
        }
    }
    for (stage, first) in [("First Treatment", true), ("Subsequent", false)] {
        let of = clocks.iter().filter(|(_, _, clock, event)| {
            let is_first = event.as_deref().map(|e| ["01", "07", "12"].contains(&e));
            clock.standard == Standard::ThirtyOneDay && is_first == Some(first)
        });
        let days: Vec<_> = of
            .filter_map(|(_, _, clock, _)| counted_days(clock))
            .collect();
        let all = calibration.since_decision.cell("all", stage, ALL);
        close(
            stage,
            &days,
            31,
            all.expect("it is there").waits.share_to(31),
        );
    }
}
