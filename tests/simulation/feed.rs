//! What providers send: events that collide, repeat and come out of order, and records that are none.

use super::draw::Draw;
use super::reports::Recipe;
use clockstop_pipeline::{EventType, Texts, Topic};
use clockstop_schemas::{encode_event, frame};

/// The id under which the schema of a topic is registered.
pub(super) const SCHEMA_IDS: [u32; 3] = [1, 2, 3];
const PATHWAYS: [&str; 5] = ["RXX:P1", "RXX:P2", "RXX:P3", "RYY:P1", "RYY:P4"];

/// A record as a provider sends it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) input: usize,
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
}

/// Draws a record.
pub(super) fn draw(draw: &mut Draw) -> Sent {
    let pathway = PATHWAYS[draw.below(PATHWAYS.len())];
    let kind = kind(draw);
    let event_type = EventType::ALL[kind];
    let input = Topic::ALL
        .iter()
        .position(|&topic| topic == event_type.topic())
        .unwrap();
    let mut texts = Texts::default();
    let report = Recipe::of(kind, draw.bytes()).cook(&mut texts);
    let mut value = Vec::new();
    frame(SCHEMA_IDS[input], &mut value);
    encode_event(pathway, &report, &texts, &mut value);
    if draw.happens(60) {
        match draw.below(3) {
            0 => value.truncate(3),
            1 => value[0] = 7,
            _ => {
                let cut = value.len() / 2;
                value.truncate(cut);
            }
        }
    }
    Sent {
        input,
        key: pathway.as_bytes().to_vec(),
        value,
    }
}

/// Mostly referrals and decisions, so that clocks run; erasures are rare.
fn kind(draw: &mut Draw) -> usize {
    match draw.below(100) {
        0..=29 => 0,
        30..=49 => 9,
        50 => 5,
        _ => {
            let kind = draw.below(EventType::ALL.len());
            if kind == 5 { 0 } else { kind }
        }
    }
}
