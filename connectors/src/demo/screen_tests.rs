//! The screen, looked at as a terminal of 80 columns shows it.

use super::{EventFigures, Figures, LATEST, Screen, Tally, transition_line};
use clockstop_pipeline::{
    Alert, AlertId, Because, Content, Day, Level, Reason, Route, RuleSet, Standard, Transition,
};

const COLUMNS: usize = 80;

fn alert(number: u8, transition: Transition, level: Option<Level>) -> Alert {
    Alert {
        alert_id: AlertId([number; 16]),
        pathway: "X09:00000000123400004711".to_owned(),
        standard: Standard::ThirtyOneDay,
        primary_id: None,
        treatment_id: Some("T1".to_owned()),
        transition,
        revision: 1,
        content: Content {
            level,
            organisation: Some("RRV".to_owned()),
            within: level.is_none().then_some(true),
            ..Content::default()
        },
        days: Some(104),
        route: Route::Usc,
        suspected_type: None,
        rules: RuleSet::default(),
        causes: Vec::new(),
        because: Because::Date,
        reference_version: String::new(),
        software_version: String::new(),
        decided_on: Day::from_ymd(2026, 6, 30).expect("a day"),
    }
}

fn figures(tally: &Tally) -> Figures {
    Figures {
        day: Day::from_ymd(2026, 6, 30).expect("a day"),
        days: 60,
        events: EventFigures {
            changed: 1_234_567,
            ..EventFigures::default()
        },
        pathways: 123_456,
        open: 12_345,
        alerts: tally.figures().clone(),
    }
}

#[test]
fn fits_eighty_columns_and_does_not_jump() {
    let mut tally = Tally::default();
    for (number, level) in (1..).zip(Level::ALL) {
        tally.hear(&alert(number, Transition::Raised, Some(level)));
    }
    tally.close_day();
    let figures = figures(&tally);
    let screen = |latest| Screen {
        figures: &figures,
        days: 120,
        today: 4_321,
        latest,
        broker: "127.0.0.1:65535",
        registry: "http://127.0.0.1:65535",
    };
    let line = transition_line(&alert(9, Transition::Escalated, Some(Level::LongWait)));
    let full = vec![line; LATEST];
    let frame = screen(&full).frame();
    for line in frame.lines().chain([screen(&[]).line().as_str()]) {
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
    assert_eq!(frame.lines().count(), screen(&[]).frame().lines().count());
    assert!(frame.lines().count() < 24, "{frame}");
    assert!(frame.contains("raised 5,"), "{frame}");
}

#[test]
fn a_transition_says_how_it_ended() {
    let mut closed = alert(1, Transition::Closed, None);
    closed.content.within = None;
    closed.content.reason = Some(Reason::RuledOut);
    let line = transition_line(&closed);
    assert!(line.starts_with("closed    31D  ruled out  "), "{line}");
    assert!(line.chars().count() <= COLUMNS, "{line}");
}
