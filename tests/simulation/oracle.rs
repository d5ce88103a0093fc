//! What a batch fold of the log says, and whether what was said and counted agrees with it.

use super::log::Log;
use super::world::{Topics, World};
use crate::judge::{Judge, View};
use crate::kafka::source::Stamp;
use crate::letter::Position;
use clockstop_pipeline::{
    Alert, AlertId, AlertKey, Content, Day, Engine, History, Notice, Reference, Topic, Transition,
};
use clockstop_schemas::assessment_json;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known of every pathway on a day, as text.
pub(super) fn digest(engine: &Engine, day: Day) -> String {
    let mut keys: Vec<&str> = engine.keys().collect();
    keys.sort_unstable();
    let rows = keys.into_iter().map(|key| {
        let row = engine.row(key, day).unwrap();
        assessment_json(key, &row.assessment, engine.texts(), None).to_string()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A fold of the records that a filter lets pass, and the positions of those that are refused.
fn fold(
    world: &World,
    reference: &Reference,
    passes: impl Fn(i64) -> bool,
) -> (Engine, BTreeSet<String>, u64) {
    let mut engine = Engine::new(world.key, reference.clone(), "oracle");
    let mut refused = BTreeSet::new();
    let mut count = 0;
    let names = crate::config::Topics::default();
    for ((log, topic), name) in world
        .topics
        .inputs
        .iter()
        .zip(Topic::ALL)
        .zip(names.inputs())
    {
        for (offset, record) in log.ever_committed() {
            if !passes(record.stamp) {
                continue;
            }
            count += 1;
            let view = View {
                position: Position {
                    topic,
                    partition: 0,
                    offset,
                },
                stamp: Stamp::Appended(record.stamp),
                key: record.key.as_deref(),
                value: record.value.as_deref(),
            };
            if !learn(&world.judge, &view, &mut engine) {
                refused.insert(format!("{name}/0/{offset}"));
            }
        }
    }
    (engine, refused, count)
}

fn learn(judge: &Judge, view: &View<'_>, engine: &mut Engine) -> bool {
    match judge.judge(view, engine.texts_mut()) {
        Ok(decoded) => {
            engine.learn(&decoded.pathway, &decoded.report);
            true
        }
        Err(_) => false,
    }
}

type Walk = BTreeMap<AlertId, Alert>;

/// The last record of every alert on its history; revisions are consecutive and neighbours differ.
pub(super) fn walk(topics: &Topics, said: &[Alert], history: History) -> Result<Walk, String> {
    let mut last = Walk::new();
    for (_, record) in topics.history.committed(0) {
        let alert = World::alert_of(said, record.value.as_deref().unwrap());
        let before = last.insert(alert.alert_id, alert.clone());
        let expected = before.as_ref().map_or(1, |before| before.revision + 1);
        // Where an erasure is among what is lost, its pathway comes back and its alerts begin anew.
        let anew = history == History::Short && alert.revision == 1;
        if alert.revision != expected && !anew {
            return Err(format!(
                "P2: revision {} where {expected} was due",
                alert.revision
            ));
        }
        let same = |before: &Alert| {
            before.content == alert.content && before.transition == alert.transition
        };
        if before.as_ref().is_some_and(same) && !anew {
            return Err(format!("P2: said twice: {:?}", alert.transition));
        }
    }
    Ok(last)
}

/// The last record of every alert on its own topic; `None` for a tombstone.
fn last_words(alert: &Log, said: &[Alert]) -> BTreeMap<AlertId, Option<Alert>> {
    let words = alert.committed(0).map(|(_, record)| {
        let key = core::str::from_utf8(record.key.as_deref().unwrap()).unwrap();
        let word = record.value.as_deref();
        let word = word.map(|value| World::alert_of(said, value).clone());
        (AlertId::parse(key).unwrap(), word)
    });
    words.collect()
}

fn alerts(notices: Vec<Notice>) -> Vec<Alert> {
    let alerts = notices.into_iter().filter_map(|notice| match notice {
        Notice::Alert(alert) => Some(*alert),
        Notice::Erasure { .. } => None,
    });
    alerts.collect()
}

/// Holds the promises P1 to P3 and the closes of days against the log.
pub(super) fn check(
    world: &World,
    engine: &Engine,
    counts: &crate::board::Counts,
    reference: &Reference,
    today: Day,
) -> Result<(), String> {
    let (mut oracle, refused, records) = fold(world, reference, |_| true);
    if digest(engine, today) != digest(&oracle, today) {
        return Err(format!(
            "P1: the state differs:\n{}\nbatch:\n{}",
            digest(engine, today),
            digest(&oracle, today)
        ));
    }
    counted(world, counts, &refused, records)?;
    said(world, &mut oracle, today)?;
    closed(world, today)
}

fn counted(
    world: &World,
    counts: &crate::board::Counts,
    refused: &BTreeSet<String>,
    records: u64,
) -> Result<(), String> {
    let dead: u64 = counts.dead_lettered.values().sum();
    if counts.read() != records || dead != refused.len() as u64 {
        return Err(format!(
            "P3: {} of {records} records are counted, {dead} of {} as refused",
            counts.read(),
            refused.len()
        ));
    }
    let mut buried = BTreeSet::new();
    for (_, record) in world.topics.dead.committed(0) {
        let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
        if !buried.insert(key.clone()) {
            return Err(format!("P3: dead-lettered twice: {key}"));
        }
    }
    if buried != *refused {
        return Err(format!(
            "P3: dead letters {buried:?}, bad records {refused:?}"
        ));
    }
    Ok(())
}

fn said(world: &World, oracle: &mut Engine, today: Day) -> Result<(), String> {
    let history = walk(&world.topics, &world.said, History::Whole)?;
    let words = last_words(&world.topics.alert, &world.said);
    for (alert_id, word) in &words {
        let agrees = word
            .as_ref()
            .is_none_or(|word| history.get(alert_id) == Some(word));
        if !agrees {
            return Err("P2: the alert topic and its history end differently".to_owned());
        }
    }
    if history.keys().any(|alert_id| !words.contains_key(alert_id)) {
        return Err("P2: an alert of the history is not on the alert topic".to_owned());
    }
    let due: BTreeMap<AlertId, Content> = alerts(oracle.reconcile(today))
        .into_iter()
        .map(|alert| (alert.alert_id, alert.content))
        .collect();
    let standing: BTreeMap<AlertId, Content> = words
        .into_iter()
        .filter_map(|(alert_id, word)| Some((alert_id, word?)))
        .inspect(|(_, word)| oracle.recall(word))
        .filter(|(_, word)| word.content.level.is_some())
        .map(|(alert_id, word)| (alert_id, word.content))
        .collect();
    if due != standing {
        return Err(format!("P2: due {due:?}\nstanding {standing:?}"));
    }
    let left = oracle.reconcile(today);
    if !left.is_empty() {
        return Err(format!("P2: still to be said: {left:?}"));
    }
    Ok(())
}

/// Every day that was closed shows its prefix of the log, and none is missing.
fn closed(world: &World, today: Day) -> Result<(), String> {
    let Some(mut day) = world.closed_before.map(|before| before.plus(1)) else {
        return Ok(());
    };
    while day < today {
        let Some((reference, rows)) = world.closes.get(&day) else {
            return Err(format!("the close of {day} is missing"));
        };
        let midnight = world.calendar.end_of(day).unwrap();
        let (oracle, _, _) = fold(world, reference, |stamp| stamp < midnight);
        if *rows != digest(&oracle, day) {
            return Err(format!(
                "the close of {day} is not its prefix of the log:\n{rows}\nprefix:\n{}",
                digest(&oracle, day)
            ));
        }
        day = day.plus(1);
    }
    Ok(())
}

/// How many alerts were withdrawn.
pub(super) fn withdrawn(topics: &Topics, said: &[Alert]) -> usize {
    let all = topics.history.committed(0);
    let all = all.map(|(_, record)| World::alert_of(said, record.value.as_deref().unwrap()));
    all.filter(|alert| alert.transition == Transition::Withdrawn)
        .count()
}

/// The key of the alerts.
pub(super) const KEY: AlertKey = AlertKey([7; 32]);
