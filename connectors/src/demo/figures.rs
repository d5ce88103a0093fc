//! The figures of a demo, as a line of JSON and for people.

use super::tally::AlertFigures;
use clockstop_pipeline::{Day, Level, Standard, Transition};
use serde_json::{Map, Value, json};

/// Where the demo stands at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The day that ended.
    pub day: Day,
    /// Days lived through since the stock was read.
    pub days: u32,
    /// What became of the records.
    pub events: EventFigures,
    /// Pathways of which something is known.
    pub pathways: u64,
    /// Pathways with a running clock.
    pub open: u64,
    /// What became of the alerts.
    pub alerts: AlertFigures,
}

/// Every record that was read, by what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventFigures {
    /// It changed what is known.
    pub changed: u64,
    /// It was known already.
    pub repeated: u64,
    /// A greater version was known.
    pub superseded: u64,
    /// It was refused.
    pub dead_lettered: u64,
}

impl EventFigures {
    /// All records that were read.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.changed + self.repeated + self.superseded + self.dead_lettered
    }
}

impl Figures {
    /// One JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let events = &self.events;
        json!({
            "until": self.day.to_string(),
            "days": self.days,
            "pathways": { "known": self.pathways, "open": self.open },
            "events": {
                "read": events.read(),
                "changed": events.changed,
                "repeated": events.repeated,
                "superseded": events.superseded,
                "dead_lettered": events.dead_lettered,
            },
            "alerts": by_standard(|standard| {
                let count = |t: Transition| (t.name(), self.alerts.happened(standard, t));
                Transition::ALL.map(count).into_iter().collect()
            }),
            "standing": by_standard(|standard| {
                let count = |l: Level| (l.name(), self.alerts.standing(standard, l));
                Level::ALL.map(count).into_iter().collect()
            }),
        })
    }
}

fn by_standard(counts: impl Fn(Standard) -> Vec<(&'static str, u64)>) -> Value {
    let members = Standard::ALL.map(|standard| {
        let counts = counts(standard).into_iter();
        let counts: Map<String, Value> = counts
            .map(|(name, n)| (name.to_owned(), n.into()))
            .collect();
        (standard.name().to_owned(), Value::Object(counts))
    });
    Value::Object(members.into_iter().collect())
}
