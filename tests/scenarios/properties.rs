//! What must hold of learning and deciding whatever the reports, their order and their number.
#![expect(
    clippy::indexing_slicing,
    reason = "a wrong index fails the test, as it should"
)]

mod courses;
mod keeping;
mod reports;
mod statistics;

use clockstop_pipeline::{
    Alert, AlertKey, Day, Engine, Learned, Level, Notice, Reference, Standard, Transition,
};
use proptest::prelude::*;
use reports::{FIRST_DAY, PATHWAY, Recipe, SPAN, recipes};
use std::collections::BTreeMap;

fn engine() -> Engine {
    Engine::new(AlertKey([7; 32]), Reference::default(), "test")
}

fn learn(engine: &mut Engine, recipe: &Recipe) -> Learned {
    let report = recipe.cook(engine.texts_mut());
    engine.learn(PATHWAY, &report)
}

fn learned(recipes: &[Recipe]) -> Engine {
    let mut engine = engine();
    for recipe in recipes {
        learn(&mut engine, recipe);
    }
    engine
}

/// Everything that is said of the pathway on a day, in a form that does not depend on the engine.
fn judged(engine: &mut Engine, today: Day) -> String {
    judged_of(engine, PATHWAY, today)
}

fn judged_of(engine: &mut Engine, pathway: &str, today: Day) -> String {
    let Some(row) = engine.row(pathway, today) else {
        return "not listed".to_owned();
    };
    let texts = row.texts();
    let spell = |text| texts.read(text).as_str().to_owned();
    let assessment = &row.assessment;
    let clocks: Vec<_> = assessment
        .clocks
        .iter()
        .map(|clock| {
            let organisation = clock.responsible.map(spell);
            let state = format!("{:?}", clock.state);
            // The only text inside a state is the organisation, whose store may differ.
            let state = state.split("organisation").next().map(str::to_owned);
            (
                clock.standard,
                clock.item().map(spell),
                state,
                clock.level,
                organisation,
            )
        })
        .collect();
    let findings: Vec<_> = assessment.findings.iter().map(|f| f.to_string()).collect();
    format!(
        "{:?} {clocks:?} {findings:?} {:?}",
        assessment.route,
        row.nhs_number.is_some()
    )
}

fn alerts(notices: &[Notice]) -> Vec<Alert> {
    notices
        .iter()
        .filter_map(|notice| match notice {
            Notice::Alert(alert) => Some((**alert).clone()),
            Notice::Erasure { .. } => None,
        })
        .collect()
}

fn recall(engine: &mut Engine, notices: &[Notice]) {
    for notice in notices {
        match notice {
            Notice::Alert(alert) => engine.recall(alert),
            Notice::Erasure { alert_id, pathway } => engine.recall_erasure(pathway, *alert_id),
        }
    }
}

/// What a reader of the alert topic would find: the last record of each alert.
fn last_said(said: &[Alert]) -> BTreeMap<String, (Transition, clockstop_pipeline::Content)> {
    said.iter()
        .map(|alert| {
            (
                alert.alert_id.to_string(),
                (alert.transition, alert.content.clone()),
            )
        })
        .collect()
}

fn standing(engine: &Engine) -> Vec<u64> {
    Standard::ALL
        .iter()
        .flat_map(|&standard| Level::ALL.map(|level| engine.standing().at(standard, level)))
        .collect()
}

fn last_day() -> Day {
    FIRST_DAY.plus(SPAN + 120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_order_repetition_and_split_gives_the_same_assessment(
        (recipes, shuffled) in recipes(24).prop_flat_map(|recipes| {
            let twice: Vec<_> = recipes.iter().chain(&recipes).cloned().collect();
            (Just(recipes), Just(twice).prop_shuffle())
        }),
        offset in 0..SPAN,
    ) {
        let today = FIRST_DAY.plus(offset);
        let mut once = learned(&recipes);
        let mut again = engine();
        for (at, recipe) in shuffled.iter().enumerate() {
            learn(&mut again, recipe);
            if at % 5 == 0 {
                again.reconcile(today);
            }
        }
        prop_assert_eq!(judged(&mut once, today), judged(&mut again, today));
        // What is said depends on what the reports say, never on which came first.
        let content = |engine: &mut Engine| last_said(&alerts(&engine.reconcile(today)));
        prop_assert_eq!(content(&mut once), content(&mut again));
    }

    #[test]
    fn a_report_learned_twice_is_repeated(recipes in recipes(12)) {
        let mut engine = learned(&recipes);
        for recipe in &recipes {
            prop_assert_ne!(learn(&mut engine, recipe), Learned::Changed);
        }
    }

    #[test]
    fn nothing_is_new_once_it_is_recalled(recipes in recipes(24), offset in 0..SPAN) {
        let today = FIRST_DAY.plus(offset);
        let mut engine = learned(&recipes);
        let first = engine.reconcile(today);
        prop_assert_eq!(&engine.reconcile(today), &first, "without recall the same is said again");
        recall(&mut engine, &first);
        prop_assert_eq!(engine.reconcile(today), vec![]);
        // A restart: the facts again, in another order, then what was said.
        let mut restarted = engine_from_end(&recipes);
        recall(&mut restarted, &first);
        prop_assert_eq!(restarted.reconcile(today), vec![]);
        prop_assert_eq!(standing(&engine), standing(&restarted));
    }

    #[test]
    fn transitions_are_a_valid_walk_with_consecutive_revisions(
        recipes in recipes(24),
        days in proptest::collection::vec(0..6_i32, 24),
    ) {
        let mut engine = engine();
        let mut today = FIRST_DAY;
        let mut said: BTreeMap<String, Alert> = BTreeMap::new();
        for (recipe, step) in recipes.iter().zip(days) {
            today = today.plus(step * 3);
            learn(&mut engine, recipe);
            let notices = engine.reconcile(today);
            for alert in alerts(&notices) {
                let id = alert.alert_id.to_string();
                check_step(said.get(&id), &alert)?;
                said.insert(id, alert);
            }
            recall(&mut engine, &notices);
        }
    }

    #[test]
    fn day_by_day_and_one_leap_end_alike(recipes in recipes(24)) {
        let mut daily = learned(&recipes);
        let mut leaping = learned(&recipes);
        let first = daily.reconcile(FIRST_DAY);
        recall(&mut daily, &first);
        let begun = leaping.reconcile(FIRST_DAY);
        recall(&mut leaping, &begun);
        let mut day = FIRST_DAY;
        while day < last_day() {
            day = day.plus(1);
            let notices = daily.reconcile(day);
            recall(&mut daily, &notices);
            // Settled, so that the next day finds only what its date makes due.
            prop_assert_eq!(daily.reconcile(day), vec![]);
            check_standing(&mut daily, day)?;
        }
        let notices = leaping.reconcile(last_day());
        recall(&mut leaping, &notices);
        prop_assert_eq!(standing(&daily), standing(&leaping));
    }
}

fn engine_from_end(recipes: &[Recipe]) -> Engine {
    let backwards: Vec<_> = recipes.iter().rev().cloned().collect();
    learned(&backwards)
}

/// The cached day of the next change against the whole assessment: what stands is what should stand.
fn check_standing(engine: &mut Engine, today: Day) -> Result<(), TestCaseError> {
    let mut due = vec![0; Standard::ALL.len() * Level::ALL.len()];
    if let Some(row) = engine.row(PATHWAY, today) {
        for clock in &row.assessment.clocks {
            let row = Standard::ALL.iter().position(|&s| s == clock.standard);
            let column = Level::ALL.iter().position(|&l| Some(l) == clock.level);
            if let (Some(row), Some(column)) = (row, column) {
                due[row * Level::ALL.len() + column] += 1;
            }
        }
    }
    prop_assert_eq!(due, standing(engine), "on {}", today);
    Ok(())
}

fn check_step(before: Option<&Alert>, after: &Alert) -> Result<(), TestCaseError> {
    prop_assert_eq!(after.revision, before.map_or(1, |alert| alert.revision + 1));
    let stood = before.and_then(|alert| alert.content.level);
    let stands = after.content.level;
    let valid = match after.transition {
        Transition::Raised => stood.is_none() && stands.is_some(),
        Transition::Escalated => stood.is_some() && stands > stood,
        Transition::Eased => stands.is_some() && stands < stood,
        Transition::Amended => stood.is_some() && stands == stood,
        Transition::Resolved | Transition::Closed | Transition::Withdrawn => {
            before.is_some() && stands.is_none()
        }
    };
    prop_assert!(
        valid,
        "{:?} from {:?} to {:?}",
        after.transition,
        stood,
        stands
    );
    if let Some(before) = before {
        let news = before.transition != after.transition || before.content != after.content;
        prop_assert!(news, "neighbours differ in what they say");
    }
    Ok(())
}
