//! What a partition finds on the broker before it replays, and whether it may be run from that.

use super::mark::Mark;
use super::state::Refused;
use crate::config::GuardLimits;
use clockstop_pipeline::{Alert, AlertId, FOLD_VERSION, History, Topic};
use clockstop_schemas::{Approval, Control};
use std::collections::BTreeSet;

/// Where an input's log begins and where replaying ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) begin: i64,
    /// The end, or where reading begins when no record lies between the two.
    pub(crate) end: i64,
    /// The end as the broker tells it.
    pub(crate) high: i64,
}

/// What the topics are, apart from their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) cluster: Option<String>,
    pub(crate) topics: [Option<String>; 3],
}

/// Whether days are closed: only the broker's time on the records tells where one ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    Closed,
    NotClosed,
}

/// What is the same for all partitions of a process.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    pub(crate) partitions: i32,
    pub(crate) reference: String,
    pub(crate) software: String,
    /// Tells keys of alert ids apart.
    pub(crate) alert_key: String,
    pub(crate) store: Option<String>,
    pub(crate) days: Days,
    pub(crate) guard: GuardLimits,
    /// Where an operator accepts the inputs of a partition to begin.
    pub(crate) accepted: Vec<(Topic, i32, i64)>,
}

impl Basis {
    /// Where an operator accepts the inputs of a partition to begin.
    pub(crate) fn accepted(&self, partition: i32) -> [Option<i64>; 3] {
        Topic::ALL.map(|topic| {
            let mut of_input = self.accepted.iter();
            of_input
                .find(|(of, number, _)| *of == topic && *number == partition)
                .map(|&(_, _, offset)| offset)
        })
    }
}

/// What was found of one partition.
#[derive(Debug)]
pub(crate) struct Found {
    /// The last word on every alert since the checkpoint.
    pub(crate) said: Vec<Alert>,
    /// Alerts that were taken back for good since then.
    pub(crate) tombstones: BTreeSet<AlertId>,
    /// The end of the alert topic.
    pub(crate) alert_end: i64,
    /// The last control record, or why it cannot be read.
    pub(crate) control: Result<Option<Control>, String>,
    pub(crate) approval: Option<Approval>,
    /// How many partitions there were when anything of this deployment was last written.
    pub(crate) counted: Option<i32>,
    /// Where the last control record lies.
    pub(crate) control_at: i64,
    /// The inputs, in the order of `Topic::ALL`.
    pub(crate) inputs: [Span; 3],
    pub(crate) identity: Identity,
}

/// Where a partition that may be run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) from: [i64; 3],
    pub(crate) ends: [i64; 3],
    pub(crate) accepted_from: [i64; 3],
    /// Inputs whose former offsets mean nothing any more, because another log took the place of theirs.
    pub(crate) anew: [bool; 3],
    pub(crate) history: History,
}

/// Why it is not known whether a batch was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The broker says that a later producer has taken the transactional id over.
    FencedOff,
    /// Anything else.
    Interrupted(String),
}

/// From where the inputs are read: the checkpoint's offsets, or where they are accepted to begin.
pub(crate) fn reading_from(
    restored: Option<[i64; 3]>,
    control: Option<&Control>,
    accepted: [Option<i64>; 3],
) -> [i64; 3] {
    let recorded = control.map_or([0; 3], |control| control.accepted_from);
    let mut from = restored.unwrap_or_default();
    for ((from, recorded), accepted) in from.iter_mut().zip(recorded).zip(accepted) {
        *from = accepted.unwrap_or_else(|| (*from).max(recorded));
    }
    from
}

/// Whether the partition may be run from what was found and, where there is one, a checkpoint.
///
/// # Errors
/// Why not.
pub(crate) fn start(
    found: &Found,
    mark: Option<&Mark>,
    basis: &Basis,
    partition: i32,
) -> Result<Start, Refused> {
    let later = |what: &str| Refused::LaterVersion {
        what: what.to_owned(),
    };
    let control = found.control.as_ref().map_err(|reason| later(reason))?;
    if let Some(control) = control {
        if control.fold > FOLD_VERSION {
            return Err(later("a later fold has decided here"));
        }
        if control.alert_key != basis.alert_key {
            return Err(Refused::OtherAlertKey);
        }
    }
    let counted = [found.counted, mark.map(|mark| mark.partitions)];
    let is = basis.partitions;
    if let Some(was) = counted.into_iter().flatten().find(|&was| was != is) {
        return Err(Refused::PartitionsChanged { was, is });
    }
    if let Some(said) = mark.map(|mark| mark.alert_position)
        && said > found.alert_end
    {
        let end = found.alert_end;
        return Err(Refused::AlertsCut { end, said });
    }
    let accepted = basis.accepted(partition);
    let replaced = replaced(found, control.as_ref(), mark);
    let inputs = Topic::ALL.into_iter().zip(replaced).zip(accepted);
    for ((topic, replaced), accepted) in inputs {
        if replaced && accepted.is_none() {
            return Err(Refused::TopicReplaced { topic });
        }
    }
    let restored = mark.map(|mark| mark.progress.offsets);
    let from = reading_from(restored, control.as_ref(), accepted);
    whole(found, control.as_ref(), from, accepted)?;
    let decided = control.as_ref().map_or([0; 3], |control| control.cursors);
    let mut anew = replaced;
    let inputs = found.inputs.into_iter().zip(decided).zip(accepted);
    for (anew, ((span, decided), accepted)) in anew.iter_mut().zip(inputs) {
        *anew = accepted.is_some() && (*anew || span.high < decided);
    }
    let recorded = control
        .as_ref()
        .map_or([0; 3], |control| control.accepted_from);
    let mut accepted_from = mark.map_or(recorded, |mark| mark.accepted_from);
    for ((known, recorded), accepted) in accepted_from.iter_mut().zip(recorded).zip(accepted) {
        *known = accepted.unwrap_or_else(|| (*known).max(recorded));
    }
    let short = accepted_from.iter().any(|&from| from > 0) || accepted.iter().any(Option::is_some);
    let history = if short {
        History::Short
    } else {
        History::Whole
    };
    Ok(Start {
        from,
        ends: found.inputs.map(|span| span.end),
        accepted_from,
        anew,
        history,
    })
}

/// Which inputs are other topics than those that were read before, where that can be told.
fn replaced(found: &Found, control: Option<&Control>, mark: Option<&Mark>) -> [bool; 3] {
    let recorded = [
        control.map(|control| (&control.cluster, &control.topics)),
        mark.map(|mark| (&mark.identity.cluster, &mark.identity.topics)),
    ];
    let differs = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    let mut replaced = [false; 3];
    for (cluster, topics) in recorded.into_iter().flatten() {
        let other_cluster = differs(cluster, &found.identity.cluster);
        let ids = topics.iter().zip(&found.identity.topics);
        for (replaced, (was, is)) in replaced.iter_mut().zip(ids) {
            *replaced |= other_cluster || differs(was, is);
        }
    }
    replaced
}

/// Whether every input can be read from where it is needed to beyond what was decided on.
fn whole(
    found: &Found,
    control: Option<&Control>,
    from: [i64; 3],
    accepted: [Option<i64>; 3],
) -> Result<(), Refused> {
    let decided = control.map_or([0; 3], |control| control.cursors);
    let inputs = Topic::ALL.into_iter().zip(found.inputs).zip(from);
    for (((topic, span), needed), (decided, accepted)) in
        inputs.zip(decided.into_iter().zip(accepted))
    {
        if span.begin > needed {
            let begin = span.begin;
            return Err(Refused::HistoryMissing {
                topic,
                begin,
                needed,
            });
        }
        let decided = decided.max(needed);
        if span.high < decided && accepted.is_none() {
            let end = span.high;
            return Err(Refused::HistoryCut {
                topic,
                end,
                decided,
            });
        }
    }
    Ok(())
}
