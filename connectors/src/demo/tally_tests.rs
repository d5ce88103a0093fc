//! Figures do not depend on batches.

use super::Tally;
use crate::generate::{Feed, Plan, Rates, Share, write_line};
use clockstop_pipeline::{AlertKey, Day, Engine, Notice, Reference, Transition};
use clockstop_schemas::decode_line;

fn plan() -> Plan {
    let often = Share::new(0.1).expect("a share");
    Plan {
        pathways: 1_500,
        seed: 3,
        from: Day::from_ymd(2026, 1, 1).expect("a day"),
        to: Day::from_ymd(2026, 5, 31).expect("a day"),
        rates: Rates {
            duplicates: often,
            late: often,
            reordered: often,
            corrections: often,
            retractions: often,
            bad_records: Share::default(),
        },
    }
}

/// Folds the feed and decides after every so many events, and at the end of each day.
fn fold(batch: usize) -> (Tally, Vec<Transition>) {
    let mut engine = Engine::new(AlertKey([1; 32]), Reference::default(), "test");
    let mut tally = Tally::default();
    let mut said = Vec::new();
    let mut feed = Feed::new(plan()).expect("a feed");
    while let Some((day, events)) = feed.next() {
        for (index, event) in events.iter().enumerate() {
            let mut line = Vec::new();
            write_line(event, feed.texts(), &mut line).expect("memory can be written");
            let read = decode_line(&line, engine.texts_mut()).expect("a good event");
            engine.learn(&read.pathway, &read.report);
            if (index + 1) % batch == 0 {
                decide(&mut engine, day, &mut tally, &mut said);
            }
        }
        decide(&mut engine, day, &mut tally, &mut said);
        tally.close_day();
    }
    (tally, said)
}

fn decide(engine: &mut Engine, day: Day, tally: &mut Tally, said: &mut Vec<Transition>) {
    for notice in engine.reconcile(day) {
        let Notice::Alert(alert) = notice else {
            panic!("nothing is erased here");
        };
        engine.recall(&alert);
        tally.hear(&alert);
        said.push(alert.transition);
    }
}

#[test]
fn batches_change_what_is_said_but_not_the_figures() {
    let (daily, said_daily) = fold(usize::MAX);
    let (hasty, said_hasty) = fold(1);
    assert!(said_hasty.len() > said_daily.len());
    assert_eq!(daily.figures(), hasty.figures());
    assert_eq!(daily.figures(), fold(7).0.figures());
}

#[test]
fn with_one_decision_a_day_everything_said_is_counted() {
    let (tally, said) = fold(usize::MAX);
    for transition in Transition::ALL {
        let times = said.iter().filter(|&&of| of == transition).count();
        let counted = tally.figures().happened_in_all(transition);
        assert_eq!(u64::try_from(times), Ok(counted), "{}", transition.name());
    }
    for transition in [
        Transition::Raised,
        Transition::Escalated,
        Transition::Resolved,
    ] {
        assert!(tally.figures().happened_in_all(transition) > 100);
    }
}
