//! What the logs tell of a partition that is to begin.

use super::log::Log;
use super::world::{Topics, World};
use crate::partition::{Found, Identity, Span, reading_from};
use clockstop_pipeline::{Alert, AlertId};
use clockstop_schemas::{Approval, Control, ControlKey, decode_approval, decode_control};
use std::collections::{BTreeMap, BTreeSet};

/// What the logs tell of the partition; `None` where an open transaction hides some of it.
pub(super) fn found(
    topics: &Topics,
    said: &[Alert],
    alerts_from: i64,
    control_from: i64,
    restored: Option<[i64; 3]>,
    accepted: [Option<i64>; 3],
) -> Option<Found> {
    let settled = |log: &Log| log.end_of_committed() == log.end_of_all();
    let logs = [&topics.alert, &topics.control];
    if !logs.into_iter().chain(&topics.inputs).all(settled) {
        return None;
    }
    let (mut control, mut approval, mut control_at) = (Ok(None), None, control_from);
    for (at, record) in topics.control.committed(control_from) {
        let value = record.value.as_deref().unwrap();
        match ControlKey::parse(record.key.as_deref().unwrap()) {
            Some(ControlKey::State(_)) => {
                control = decode_control(value)
                    .map(Some)
                    .map_err(|refusal| refusal.to_string());
                control_at = at;
                approval = approval.filter(|approval: &Approval| !approval.is_used_once());
            }
            Some(ControlKey::Approve(_)) => approval = decode_approval(value).ok(),
            None => {}
        }
    }
    let mut last: BTreeMap<AlertId, Alert> = BTreeMap::new();
    let mut tombstones = BTreeSet::new();
    for (_, record) in topics.alert.committed(alerts_from) {
        let key = core::str::from_utf8(record.key.as_deref().unwrap()).unwrap();
        let alert_id = AlertId::parse(key).unwrap();
        if let Some(value) = &record.value {
            last.insert(alert_id, World::alert_of(said, value).clone());
        } else {
            last.remove(&alert_id);
            tombstones.insert(alert_id);
        }
    }
    let known: Option<&Control> = control.as_ref().ok().and_then(Option::as_ref);
    let from = reading_from(restored, known, accepted);
    let mut inputs = [Span::default(); 3];
    for ((span, log), from) in inputs.iter_mut().zip(&topics.inputs).zip(from) {
        let high = log.end_of_all();
        let any = log.next(from.max(log.begin())).is_some();
        *span = Span {
            begin: log.begin(),
            end: if any { high } else { from },
            high,
        };
    }
    let counted = known.map(|control| control.partitions);
    Some(Found {
        said: last.into_values().collect(),
        tombstones,
        alert_end: topics.alert.end_of_all(),
        control,
        approval,
        counted,
        control_at,
        inputs,
        identity: Identity::default(),
    })
}
