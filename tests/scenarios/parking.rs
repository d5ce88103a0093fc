//! Pathways that are set aside: they are learned of, and nothing is decided on them until they are released or the
//! day turns.

use crate::day;
use clockstop_pipeline::{Alert, AlertKey, Because, Day, Engine, Notice, Reference, Transition};
use clockstop_schemas::decode_line;
use serde_json::json;

/// All clocks of the referrals here have breached by then.
const TODAY: &str = "2026-06-01";

struct Ward(Engine);

impl Ward {
    /// Two pathways of which everything is said.
    fn new() -> Self {
        let engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
        let mut ward = Self(engine);
        ward.refer("P1", "2026-01-05", 1);
        ward.refer("P2", "2026-01-05", 1);
        assert!(!ward.say(day(TODAY)).is_empty());
        assert_eq!(ward.say(day(TODAY)), []);
        ward
    }

    fn refer(&mut self, pathway: &str, received: &str, version: u32) {
        self.learn(
            pathway,
            version,
            "referral_received",
            &json!({
                "cancer_referral_to_treatment_period_start_date": received,
                "priority_type_code": "3",
                "two_week_wait_cancer_or_symptomatic_breast_referral_type": "01",
                "source_of_referral_for_out_patients": "03",
            }),
        );
    }

    fn learn(&mut self, pathway: &str, version: u32, event_type: &str, fields: &serde_json::Value) {
        let mut event = json!({
            "topic": "referral",
            "event_type": event_type,
            "event_id": format!("00000000-0000-4000-8000-{version:012}"),
            "recorded_at": format!("2026-05-01T09:00:{version:02}Z"),
            "source_system": "RXX/epic",
            "patient_pathway_identifier": pathway,
            "organisation_identifier_issuer": "RXX",
        });
        for (name, value) in fields.as_object().unwrap() {
            event[name] = value.clone();
        }
        let decoded = decode_line(event.to_string().as_bytes(), self.0.texts_mut()).unwrap();
        self.0.learn(&decoded.pathway, &decoded.report);
    }

    fn park(&mut self, pathway: &str) {
        self.0.park([pathway]);
    }

    /// Says what is due, and takes it as said.
    fn say(&mut self, today: Day) -> Vec<(String, Transition, Because)> {
        let notices = self.0.reconcile(today);
        let alerts = notices.iter().map(|notice| match notice {
            Notice::Alert(alert) => {
                let Alert {
                    pathway,
                    transition,
                    because,
                    ..
                } = &**alert;
                self.0.recall(alert);
                (pathway.clone(), *transition, *because)
            }
            Notice::Erasure { alert_id, pathway } => {
                self.0.recall_erasure(pathway, *alert_id);
                (pathway.clone(), Transition::Withdrawn, Because::Facts)
            }
        });
        alerts.collect()
    }
}

fn all_of(said: &[(String, Transition, Because)], pathway: &str) -> bool {
    !said.is_empty() && said.iter().all(|(of, ..)| of == pathway)
}

#[test]
fn what_is_set_aside_learns_on_and_says_all_of_it_when_it_is_released() {
    let mut ward = Ward::new();
    ward.refer("P1", "2026-01-06", 2);
    ward.park("RXX:P1");
    ward.refer("P1", "2026-01-07", 3);
    ward.refer("P2", "2026-01-07", 3);
    let said = ward.say(day(TODAY));
    assert!(all_of(&said, "RXX:P2"), "{said:?}");
    assert_eq!(ward.say(day(TODAY)), []);
    assert_eq!(ward.0.parked(), 1);
    assert!(ward.0.is_settled(), "nothing else waits");
    ward.0.release();
    let said = ward.say(day(TODAY));
    assert!(all_of(&said, "RXX:P1"), "{said:?}");
    let amended = |(_, transition, because): &(String, Transition, Because)| {
        (*transition, *because) == (Transition::Amended, Because::Facts)
    };
    assert!(said.iter().all(amended), "{said:?}");
    assert_eq!(ward.0.parked(), 0);
    assert_eq!(ward.say(day(TODAY)), []);
}

#[test]
fn a_new_day_looks_again_at_what_is_set_aside() {
    let mut ward = Ward::new();
    ward.refer("P1", "2026-01-06", 2);
    ward.park("RXX:P1");
    assert_eq!(ward.say(day(TODAY)), []);
    let said = ward.say(day(TODAY).plus(1));
    assert!(all_of(&said, "RXX:P1"), "{said:?}");
    assert_eq!(ward.0.parked(), 0);
}

#[test]
fn what_is_taken_back_while_it_is_set_aside_is_never_said() {
    let mut ward = Ward::new();
    ward.refer("P1", "2026-01-06", 2);
    ward.park("RXX:P1");
    ward.refer("P1", "2026-01-05", 3);
    ward.0.release();
    assert_eq!(ward.say(day(TODAY)), []);
}

#[test]
fn a_pathway_that_is_set_aside_twice_is_released_once() {
    let mut ward = Ward::new();
    ward.refer("P1", "2026-01-06", 2);
    ward.park("RXX:P1");
    ward.park("RXX:P1");
    assert_eq!(ward.0.parked(), 1);
    ward.0.release();
    let said = ward.say(day(TODAY));
    assert!(all_of(&said, "RXX:P1"), "{said:?}");
    let standards = said.len();
    assert_eq!(standards, 2, "one word for each of its clocks");
}
