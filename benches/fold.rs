//! The engine on one core: folding a mixed feed, the midnight pass, and memory.
//!
//! `cargo bench -p clockstop-pipeline --bench fold`
//!
//! Prints events per second for `learn` and `reconcile` in batches of 1,000 decoded reports, the time
//! of the midnight pass over a million open pathways, the resident bytes of each, and the time to sweep
//! one, to restore it and to judge it again.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, prints its figures and stops at its first surprise"
)]

#[path = "machine.rs"]
#[expect(dead_code, reason = "its peak is not told here")]
mod machine;

use clockstop_pipeline::{
    AlertKey, Day, DecisionToTreat, DiagnosisRecorded, Engine, EventId, Fact, FirstSeen,
    Instant as At, NhsNumber, Notice, ONLY_ITEM, OutcomeCommunicated, Reference, ReferralReceived,
    Report, Restoring, SentNumber, Texts, TreatmentStarted, Version,
};
use machine::{machine, resident};
use std::time::{Duration, Instant};

const BATCH: usize = 1_000;
const FACTS_A_PATHWAY: usize = 5;
const FOLDED_PATHWAYS: usize = 200_000;
const STOCK: usize = 1_000_000;
const TODAY: Day = match Day::from_ymd(2026, 3, 2) {
    Some(day) => day,
    None => panic!("in the calendar"),
};

fn main() {
    println!("{}", machine());
    let wanted = |name| !std::env::args().any(|arg| arg == format!("--skip-{name}"));
    if wanted("fold") {
        fold();
    }
    if wanted("midnight") {
        midnight_and_memory();
    }
}

/// Days over which the feed's referrals arrive; its other events follow them.
const FEED_DAYS: usize = 100;

/// A mixed feed in the order of its days: every event of a day, a tenth repeated, a tenth corrected.
fn fold() {
    let mut engine = engine();
    let feed: Vec<Vec<(String, Report)>> = (0..FEED_DAYS + 60)
        .map(|day| events_of(engine.texts_mut(), day))
        .collect();
    let events: usize = feed.iter().map(Vec::len).sum();
    let first_day = TODAY.plus(-i32::try_from(FEED_DAYS).unwrap());
    let (mut said, mut took) = (0, Duration::ZERO);
    for (day, events) in feed.iter().enumerate() {
        let today = first_day.plus(i32::try_from(day).unwrap());
        // The midnight pass is measured by itself.
        settle(&mut engine, today);
        for batch in events.chunks(BATCH) {
            let started = Instant::now();
            for (pathway, report) in batch {
                engine.learn(pathway, report);
            }
            let notices = engine.reconcile(today);
            took += started.elapsed();
            said += notices.len();
            recall(&mut engine, &notices);
        }
    }
    println!(
        "fold: {events} events of {FOLDED_PATHWAYS} pathways over {} days, {said} transitions said: \
         {:.2} M events/s ({:.0} ns an event)",
        feed.len(),
        events as f64 / took.as_secs_f64() / 1e6,
        took.as_nanos() as f64 / events as f64,
    );
}

/// Says everything that a date makes due.
fn settle(engine: &mut Engine, today: Day) {
    let notices = engine.reconcile(today);
    recall(engine, &notices);
}

fn is_cancer(pathway: usize) -> bool {
    pathway.is_multiple_of(10)
}

/// What is reported on one day of the feed.
fn events_of(texts: &mut Texts, day: usize) -> Vec<(String, Report)> {
    let mut events = Vec::new();
    for pathway in 0..FOLDED_PATHWAYS {
        let referred = pathway % FEED_DAYS;
        // One pathway in ten is cancer; the others are told that it is not, some of them late.
        let told = 12 + pathway % 23;
        let due: &[usize] = if is_cancer(pathway) {
            &[0, 9, told, told + 2, told + 6, told + 25]
        } else {
            &[0, 9, told]
        };
        let receipt =
            TODAY.plus(i32::try_from(referred).unwrap() - i32::try_from(FEED_DAYS).unwrap());
        for (step, &offset) in due.iter().enumerate() {
            if referred + offset != day {
                continue;
            }
            let fact_day = receipt.plus(i32::try_from(offset).unwrap());
            let mut report = report(texts, pathway, step, receipt, fact_day);
            events.push((key(pathway), report));
            if pathway % 10 == step {
                events.push((key(pathway), report));
                report.version.recorded_at.0 += 1;
                events.push((key(pathway), report));
            }
        }
    }
    events
}

fn midnight_and_memory() {
    let before = resident("self");
    let mut engine = engine();
    for first in (0..STOCK).step_by(BATCH) {
        for pathway in first..first + BATCH {
            let receipt = TODAY.plus(-i32::try_from(pathway % 60).unwrap());
            for step in 0..FACTS_A_PATHWAY {
                let fact_day = receipt.plus([0, 9, 20, 18, 27][step]);
                let report = report(engine.texts_mut(), pathway, step, receipt, fact_day);
                engine.learn(&key(pathway), &report);
            }
        }
        settle(&mut engine, TODAY);
    }
    settle(&mut engine, TODAY);
    assert!(engine.reconcile(TODAY).is_empty());
    println!(
        "memory: {} pathways ({} open) of {FACTS_A_PATHWAY} facts, alerts included: {:.0} bytes each \
         (resident)",
        engine.pathways(),
        engine.open_pathways(),
        (resident("self") - before) as f64 / STOCK as f64,
    );
    // After the memory is told: what is freed again is not given back to the system at once.
    sweep_and_restore(&engine);
    for day in 1..=3 {
        let started = Instant::now();
        let notices = engine.reconcile(TODAY.plus(day));
        println!(
            "midnight: {STOCK} pathways, {} transitions: {:.0} ms",
            notices.len(),
            started.elapsed().as_secs_f64() * 1e3,
        );
        recall(&mut engine, &notices);
        settle(&mut engine, TODAY.plus(day));
    }
}

/// A checkpoint of the stock without its files: out of memory, and back into it.
fn sweep_and_restore(engine: &Engine) {
    let started = Instant::now();
    let bytes: usize = engine
        .sweep(0, engine.slots())
        .map(|kept| kept.pathway.len() + kept.facts.len() + kept.said.len())
        .sum();
    println!(
        "sweep: {STOCK} pathways, {} bytes each: {:.0} ns each",
        bytes / STOCK,
        started.elapsed().as_nanos() as f64 / STOCK as f64,
    );
    let kept: Vec<_> = engine.sweep(0, engine.slots()).collect();
    let started = Instant::now();
    let texts = Texts::from_kept(engine.texts().kept()).unwrap();
    let key = AlertKey([1; 32]);
    let mut restoring = Restoring::new(key, Reference::default(), "bench", texts, kept.len());
    assert!(kept.iter().all(|kept| restoring.put(kept)));
    let mut restored = restoring.finish();
    println!(
        "restore: {} pathways: {:.0} ns each",
        restored.pathways(),
        started.elapsed().as_nanos() as f64 / STOCK as f64,
    );
    let started = Instant::now();
    assert!(restored.reconcile(TODAY).is_empty());
    println!(
        "judge: what was restored, for the first time: {:.0} ns each",
        started.elapsed().as_nanos() as f64 / STOCK as f64,
    );
}

fn engine() -> Engine {
    Engine::new(AlertKey([1; 32]), Reference::default(), "bench")
}

fn recall(engine: &mut Engine, notices: &[Notice]) {
    for notice in notices {
        if let Notice::Alert(alert) = notice {
            engine.recall(alert);
        }
    }
}

fn key(pathway: usize) -> String {
    format!("RXX:{pathway:020}")
}

/// Fact number `step` of a pathway that was referred on `receipt`.
fn report(texts: &mut Texts, pathway: usize, step: usize, receipt: Day, fact_day: Day) -> Report {
    let number = u64::try_from(pathway).unwrap();
    let site = texts.keep(["RXX01", "RYY02", "RZZ03", "RWW04"][pathway % 4]);
    let fact = match step {
        0 => Fact::ReferralReceived(ReferralReceived {
            cancer_referral_to_treatment_period_start_date: Some(receipt),
            source_of_referral_for_out_patients: texts.keep("03"),
            priority_type_code: texts.keep("3"),
            two_week_wait_cancer_or_symptomatic_breast_referral_type: texts.keep("07"),
            organisation_site_identifier: site,
            icb: texts.keep("QMJ"),
            age_at_referral: Some(61),
            ..ReferralReceived::default()
        }),
        1 => Fact::FirstSeen(FirstSeen {
            date_first_seen: Some(fact_day),
            organisation_site_identifier_of_provider_first_seen: site,
            ..FirstSeen::default()
        }),
        2 => Fact::OutcomeCommunicated(OutcomeCommunicated {
            cancer_faster_diagnosis_pathway_end_date: Some(fact_day),
            cancer_faster_diagnosis_pathway_end_reason: texts.keep(if is_cancer(pathway) {
                "01"
            } else {
                "02"
            }),
            organisation_site_identifier_faster_diagnosis_pathway_end: site,
            ..OutcomeCommunicated::default()
        }),
        3 => Fact::DiagnosisRecorded(DiagnosisRecorded {
            primary_diagnosis_icd: texts.keep("C18.2"),
            date_of_diagnosis: Some(fact_day),
            ..DiagnosisRecorded::default()
        }),
        5 => Fact::TreatmentStarted(TreatmentStarted {
            treatment_start_date_cancer: Some(fact_day),
            cancer_treatment_event_type: texts.keep("01"),
            cancer_treatment_modality: texts.keep("23"),
            cancer_care_setting_treatment: texts.keep("01"),
            organisation_site_identifier_of_provider_treatment_start_date_cancer: site,
            ..TreatmentStarted::default()
        }),
        _ => Fact::DecisionToTreat(DecisionToTreat {
            cancer_treatment_period_start_date: Some(fact_day),
            cancer_treatment_modality: texts.keep("23"),
            cancer_care_setting_treatment: texts.keep("01"),
            organisation_site_identifier_of_provider_cancer_decision_to_treat: site,
            ..DecisionToTreat::default()
        }),
    };
    let mut event_id = [0; 16];
    event_id[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    Report {
        version: Version {
            recorded_at: At(i64::try_from(pathway * 8 + step).unwrap() * 1_000_000),
            entered_in_error: false,
            event_id: EventId(event_id),
        },
        source: texts.keep("RXX/epic").unwrap(),
        item: ONLY_ITEM,
        nhs_number: NhsNumber::parse("9990000018").map(SentNumber::Valid),
        local_patient_identifier: None,
        fact,
    }
}
