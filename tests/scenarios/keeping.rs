//! What must hold of an engine that is swept into a checkpoint and restored from it.

use super::reports::{FIRST_DAY, PATHWAY, Recipe, SPAN, recipes};
use super::{alerts, engine, judged_of, last_day, last_said, learned, recall, standing};
use clockstop_pipeline::{
    AlertKey, Day, Engine, EventId, Fact, Instant, Kept, Notice, ONLY_ITEM, PathwayErased,
    Reference, ReferralReceived, Report, Restoring, Settled, Texts, Version,
};
use proptest::prelude::*;
use std::borrow::Cow;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn an_engine_swept_while_it_learns_is_restored_by_what_came_since(
        (recipes, told) in (recipes(24), Just(PATHWAYS)),
        noted in 0..24_usize,
        slice in 1..4_usize,
        offset in 0..SPAN,
        judges_alike in any::<bool>(),
    ) {
        let today = FIRST_DAY.plus(offset);
        let mut original = engine();
        let mut log = Vec::new();
        let noted = noted.min(recipes.len());
        for (at, recipe) in recipes[..noted].iter().enumerate() {
            learn_of(&mut original, told[at % told.len()], recipe);
            say(&mut original, today.plus(-30), &mut log);
        }
        let (noted_log, mut swept, mut from) = (log.len(), Vec::new(), 0);
        for (at, recipe) in recipes.iter().enumerate().skip(noted) {
            from = sweep(&original, from, slice, &mut swept);
            learn_of(&mut original, told[at % told.len()], recipe);
            say(&mut original, today, &mut log);
        }
        say(&mut original, today, &mut log);
        while from < original.slots() {
            from = sweep(&original, from, slice, &mut swept);
        }
        let restoring = restoring_of(&original);
        // The day of the mark, where those who restore judge as those who swept did.
        let restoring = if judges_alike {
            restoring.settled_on(today.plus(-30))
        } else {
            restoring
        };
        let mut restored = restore(restoring, &swept);
        for (at, recipe) in recipes.iter().enumerate().skip(noted) {
            learn_of(&mut restored, told[at % told.len()], recipe);
        }
        // What was said before comes again too: an older revision never replaces a newer one.
        for notices in log[noted_log..].iter().chain(&log[noted_log..]) {
            recall(&mut restored, notices);
        }
        prop_assert_eq!(original.pathways(), restored.pathways());
        prop_assert_eq!(standing(&original), standing(&restored));
        prop_assert_eq!(original.reconcile(today), vec![]);
        prop_assert_eq!(restored.reconcile(today), vec![], "all was said");
        prop_assert_eq!(original.open_pathways(), restored.open_pathways());
        let later = last_day();
        let due = |engine: &mut Engine| last_said(&alerts(&engine.reconcile(later)));
        prop_assert_eq!(due(&mut original), due(&mut restored));
        for pathway in told {
            let of = |engine: &mut Engine| judged_of(engine, pathway, today);
            prop_assert_eq!(of(&mut original), of(&mut restored));
        }
    }

    #[test]
    fn a_moment_is_copied_as_it_was_whatever_comes_meanwhile(
        recipes in recipes(24),
        before in 0..24_usize,
        slice in 1..3_usize,
        offset in 0..SPAN,
        erases in any::<bool>(),
    ) {
        let today = FIRST_DAY.plus(offset);
        let (mut engine, mut log) = (engine(), Vec::new());
        let before = before.min(recipes.len());
        for (at, recipe) in recipes[..before].iter().enumerate() {
            // What the last of them changes is said only while the copy is taken.
            say(&mut engine, today.plus(-30), &mut log);
            learn_of(&mut engine, PATHWAYS[at % PATHWAYS.len()], recipe);
        }
        if let Some(recipe) = recipes.first().filter(|_| erases) {
            say(&mut engine, today.plus(-30), &mut log);
            let mut report = recipe.cook(engine.texts_mut());
            report.fact = Fact::PathwayErased(PathwayErased::default());
            engine.learn(PATHWAYS[0], &report);
        }
        let mut wanted = Vec::new();
        sweep(&engine, 0, engine.slots(), &mut wanted);
        // Nobody goes on from a moment.
        for kept in &mut wanted {
            kept.settled = None;
        }
        engine.hold_still();
        let mut copied = Vec::new();
        for (at, recipe) in recipes.iter().enumerate().skip(before) {
            learn_of(&mut engine, PATHWAYS[at % PATHWAYS.len()], recipe);
            say(&mut engine, today, &mut log);
            if at % 2 == 0 {
                copied.extend(engine.still(slice).map(Swept::of));
                engine.copied(slice);
            }
        }
        loop {
            copied.extend(engine.still(slice).map(Swept::of));
            if !engine.copied(slice) {
                break;
            }
        }
        prop_assert_eq!(copied, wanted);
        prop_assert_eq!(engine.still(slice).count(), 0, "it is let go");
    }

    #[test]
    fn bytes_that_are_not_whole_are_not_put(recipes in recipes(12), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut engine = learned(&recipes);
        let mut log = Vec::new();
        say(&mut engine, last_day(), &mut log);
        let mut swept = Vec::new();
        sweep(&engine, 0, 1, &mut swept);
        let kept = swept.remove(0);
        let texts = || Texts::from_kept(engine.texts().kept()).expect("texts as they were");
        let put = |kept: &Swept| restoring(texts()).put(&kept.lent());
        prop_assert!(put(&kept));
        for end in 1..kept.facts.len() {
            let cut = Swept { facts: kept.facts[..end].to_vec(), ..kept.clone() };
            // An end that lies between two entries cannot be told; the file's checksum does.
            if put(&cut) {
                prop_assert!(entries_end_at(&kept.facts, end));
            }
        }
        if !kept.facts.is_empty() {
            let mut flipped = kept.clone();
            flipped.facts[at.index(kept.facts.len())] ^= 1_u8 << bit;
            let mut restoring = restoring(texts());
            if restoring.put(&flipped.lent()) {
                // Taken or not, it never panics, now or when it is judged.
                restoring.finish().reconcile(last_day());
            }
        }
        if !engine.texts().kept().eq(core::iter::empty::<&str>()) && !kept.facts.is_empty() {
            prop_assert!(!restoring(Texts::default()).put(&kept.lent()) || kept.names_no_kept_text());
        }
    }
}

#[test]
fn what_was_settled_is_judged_again_when_its_day_comes_or_others_judge() {
    let mut original = engine();
    let today = FIRST_DAY.plus(30);
    let referral = referral(original.texts_mut());
    original.learn(PATHWAY, &referral);
    let unsaid = |engine: &Engine| {
        let mut swept = Vec::new();
        sweep(engine, 0, 1, &mut swept);
        // Nobody remembers what was said, so that it is said again whenever the pathway is judged.
        for kept in &mut swept {
            kept.said.clear();
        }
        swept
    };
    let before = unsaid(&original);
    let mut log = Vec::new();
    say(&mut original, today, &mut log);
    let between = unsaid(&original);
    say(&mut original, today, &mut log);
    assert_eq!(
        log.iter().map(Vec::is_empty).collect::<Vec<_>>(),
        [false, true]
    );
    let settled = unsaid(&original);
    for swept in [&before, &between] {
        assert_eq!(swept[0].settled, None, "something was left to say");
        let mut restored = restore(restoring_of(&original).settled_on(today), swept);
        assert!(!restored.reconcile(today).is_empty());
    }
    let next = settled[0].settled.and_then(|settled| settled.next);
    let next = next.expect("a day on which its 62-day clock warns");
    let mut others = restore(restoring_of(&original), &settled);
    assert!(!others.reconcile(today).is_empty());
    let mut restored = restore(restoring_of(&original).settled_on(today), &settled);
    assert_eq!(restored.open_pathways(), 1);
    assert_eq!(restored.reconcile(today), vec![]);
    assert_eq!(restored.reconcile(next.plus(-1)), vec![]);
    assert!(!restored.reconcile(next).is_empty());
    let mut corrupt = settled[0].clone();
    corrupt.settled = Some(Settled {
        is_open: true,
        next: Some(Day::from_epoch_days(i32::MAX)),
    });
    assert!(!restoring_of(&original).put(&corrupt.lent()));
}

/// An urgent referral, received on the first day.
fn referral(texts: &mut Texts) -> Report {
    let fact = ReferralReceived {
        cancer_referral_to_treatment_period_start_date: Some(FIRST_DAY),
        priority_type_code: texts.keep("3"),
        two_week_wait_cancer_or_symptomatic_breast_referral_type: texts.keep("01"),
        source_of_referral_for_out_patients: texts.keep("03"),
        ..ReferralReceived::default()
    };
    Report {
        version: Version {
            recorded_at: Instant(1),
            entered_in_error: false,
            event_id: EventId([1; 16]),
        },
        source: texts.keep("RXX/epic").expect("not empty"),
        item: ONLY_ITEM,
        nhs_number: None,
        local_patient_identifier: None,
        fact: Fact::ReferralReceived(fact),
    }
}

const PATHWAYS: [&str; 3] = [PATHWAY, "RXX:P2", "a long issuer:P3"];

fn learn_of(engine: &mut Engine, pathway: &str, recipe: &Recipe) {
    let report = recipe.cook(engine.texts_mut());
    engine.learn(pathway, &report);
}

/// Says what is due, and keeps it as a topic would.
fn say(engine: &mut Engine, today: Day, log: &mut Vec<Vec<Notice>>) {
    let notices = engine.reconcile(today);
    recall(engine, &notices);
    log.push(notices);
}

/// A pathway as a file keeps it.
#[derive(Clone, Debug, PartialEq)]
struct Swept {
    pathway: String,
    erased: bool,
    facts: Vec<u8>,
    said: Vec<u8>,
    settled: Option<Settled>,
}

impl Swept {
    fn of(kept: Kept<'_>) -> Self {
        Self {
            pathway: kept.pathway.to_owned(),
            erased: kept.erased,
            facts: kept.facts.to_vec(),
            said: kept.said.into_owned(),
            settled: kept.settled,
        }
    }

    fn lent(&self) -> Kept<'_> {
        Kept {
            pathway: &self.pathway,
            erased: self.erased,
            facts: &self.facts,
            said: Cow::Borrowed(&self.said),
            settled: self.settled,
        }
    }

    fn names_no_kept_text(&self) -> bool {
        !self
            .facts
            .iter()
            .chain(&self.said)
            .any(|&byte| byte >= 0xF8)
    }
}

fn sweep(engine: &Engine, from: usize, count: usize, into: &mut Vec<Swept>) -> usize {
    into.extend(engine.sweep(from, count).map(Swept::of));
    engine.slots().min(from + count)
}

fn restoring(texts: Texts) -> Restoring {
    Restoring::new(AlertKey([7; 32]), Reference::default(), "test", texts, 1)
}

/// With the texts of after the sweep.
fn restoring_of(original: &Engine) -> Restoring {
    restoring(Texts::from_kept(original.texts().kept()).expect("texts as they were"))
}

/// The engine of what was swept.
fn restore(mut restoring: Restoring, swept: &[Swept]) -> Engine {
    for kept in swept {
        assert!(restoring.put(&kept.lent()));
        assert!(!restoring.put(&kept.lent()), "a pathway is put once");
    }
    restoring.finish()
}

fn entries_end_at(facts: &[u8], end: usize) -> bool {
    let mut at = 0;
    while at < end {
        at += 1 + usize::from(facts[at]);
    }
    at == end
}
