//! What is said of every partition: one table for each kind of family.

use super::out::{Labels, Named, Out, Value};
use crate::board::{Latency, Partition};
use crate::partition::State;
use clockstop_pipeline::{Day, Topic, Transition};
use std::collections::BTreeMap;
use std::fmt::Result;

type Partitions = BTreeMap<i32, Partition>;
/// A sample of each partition; none where it is not known.
type One = fn(&Partition) -> Option<Value>;
/// A sample of each partition for every value of a label.
type Gauges = fn(&Partition) -> Vec<(&'static str, Value)>;
type Histograms = fn(&Partition) -> &Latency;
type Counters = fn(&Partition) -> Vec<(&'static str, u64)>;

pub(super) fn encode(out: &mut Out<'_>, partitions: &Partitions) -> Result {
    for (named, value) in ONE {
        let samples = partitions
            .iter()
            .filter_map(|(&partition, shown)| value(shown).map(|value| (of(partition), value)));
        out.gauges(named, samples)?;
    }
    for (named, label, values) in GAUGES {
        let samples = partitions.iter().flat_map(|(&partition, shown)| {
            let values = values(shown).into_iter();
            values.map(move |(which, value)| (by(partition, label, which), value))
        });
        out.gauges(named, samples)?;
    }
    for (named, label, counts) in COUNTERS {
        let samples = partitions.iter().flat_map(|(&partition, shown)| {
            let counts = counts(shown).into_iter();
            counts.map(move |(which, count)| (by(partition, label, which), count))
        });
        out.counters(named, samples)?;
    }
    for (named, latency) in HISTOGRAMS {
        let samples = partitions
            .iter()
            .map(|(&partition, shown)| (of(partition), latency(shown)));
        out.histograms(named, samples)?;
    }
    Ok(())
}

fn of(partition: i32) -> Labels {
    vec![("partition", partition.to_string())]
}

fn by(partition: i32, label: &'static str, which: &str) -> Labels {
    let mut labels = of(partition);
    labels.push((label, which.to_owned()));
    labels
}

fn day(day: Option<Day>) -> Option<Value> {
    day.map(|day| i64::from(day.epoch_days()).into())
}

const ONE: [(Named, One); 20] = [
    (
        (
            "behind",
            "1 while a live partition falls behind its inputs and does not decide",
        ),
        |p| Some(Value::from(p.behind)),
    ),
    (
        (
            "unread_seconds",
            "How long the oldest record that is known to be unread has been so",
        ),
        |p| Some(Value::from(p.unread_for)),
    ),
    (
        (
            "paused_for_bad_records",
            "1 while too many records were refused and an approval is waited for",
        ),
        |p| Some(Value::from(p.too_many_refused)),
    ),
    (
        ("waits_for_schema", "1 while a partition waits for a schema"),
        |p| Some(Value::from(p.waits_for_schema.is_some())),
    ),
    (
        (
            "waiting_dead_letters",
            "Dead letters whose commit is not known",
        ),
        |p| Some(Value::from(p.waiting_letters)),
    ),
    (
        (
            "held_notices",
            "Notices that are held until somebody approves them",
        ),
        |p| Some(Value::from(p.held.notices())),
    ),
    (
        (
            "parked_pathways",
            "Pathways that are set aside until somebody approves",
        ),
        |p| Some(Value::from(p.parked)),
    ),
    (("pathways", "Pathways of which a fact is known"), |p| {
        Some(Value::from(p.pathways))
    }),
    (("open_pathways", "Pathways with a running clock"), |p| {
        Some(Value::from(p.open_pathways))
    }),
    (
        (
            "decided_day",
            "The last day for which everything is said, in days since 1970",
        ),
        |p| day(p.decided),
    ),
    (
        (
            "closed_day",
            "The last day that was closed, in days since 1970",
        ),
        |p| day(p.closed_through),
    ),
    (
        (
            "closing_due_timestamp_seconds",
            "When the day ends that is to be closed next",
        ),
        |p| p.closing_due.map(Value::of_millis),
    ),
    (
        (
            "last_commit_timestamp_seconds",
            "When a transaction was last known to be committed",
        ),
        |p| p.measured.committed_at.map(Value::from),
    ),
    (
        (
            "clock_ahead_seconds",
            "How far this machine's clock is ahead of the broker's",
        ),
        |p| p.measured.clock_ahead.map(Value::of_millis),
    ),
    (
        (
            "checkpoint_written_timestamp_seconds",
            "When the newest checkpoint was written",
        ),
        |p| p.checkpoint.written_at.map(Value::from),
    ),
    (
        ("checkpoint_size_bytes", "The size of the newest checkpoint"),
        |p| {
            p.checkpoint
                .written_at
                .and(Some(Value::from(p.checkpoint.bytes)))
        },
    ),
    (
        (
            "checkpoint_duration_seconds",
            "How long the newest checkpoint took",
        ),
        |p| {
            p.checkpoint
                .written_at
                .and(Some(Value::from(p.checkpoint.duration)))
        },
    ),
    (
        ("checkpoint_pathways", "Pathways in the newest checkpoint"),
        |p| {
            p.checkpoint
                .written_at
                .and(Some(Value::from(p.checkpoint.pathways)))
        },
    ),
    (
        (
            "checkpoint_failed",
            "1 while the last checkpoint could not be written",
        ),
        |p| Some(Value::from(p.checkpoint.failed.is_some())),
    ),
    (
        (
            "checkpoints_passed_over",
            "Checkpoints that were damaged when the partition was last loaded",
        ),
        |p| Some(Value::from(p.checkpoint.passed_over)),
    ),
];

const GAUGES: [(Named, &str, Gauges); 6] = [
    (
        ("partition_state", "1 for the state a partition is in"),
        "state",
        |p| {
            State::SHOWN
                .map(|state| (state, Value::from(p.state.name() == state)))
                .to_vec()
        },
    ),
    (
        (
            "partition_refused",
            "1 for the reason why a partition is not run",
        ),
        "reason",
        |p| match &p.state {
            State::Refused(reason) => vec![(reason.name(), Value::from(true))],
            State::Fencing
            | State::Loading
            | State::ReadingBack
            | State::Replaying
            | State::Live
            | State::Lost => Vec::new(),
        },
    ),
    (
        (
            "recovery_seconds",
            "How long each phase of the last recovery took",
        ),
        "phase",
        |p| {
            State::RECOVERY
                .into_iter()
                .zip(p.measured.recovery.map(Value::from))
                .collect()
        },
    ),
    (
        ("lag_records", "Records of an input that are not read"),
        "input",
        |p| by_input(p.lag),
    ),
    (
        ("learned_offset", "The next offset to be learned"),
        "input",
        |p| by_input(p.learned),
    ),
    (
        ("committed_offset", "The next offset not yet spoken for"),
        "input",
        |p| by_input(p.committed),
    ),
];

const COUNTERS: [(Named, &str, Counters); 3] = [
    (
        (
            "records",
            "Records by what became of them, since the log began",
        ),
        "outcome",
        |p| {
            let counts = &p.counts;
            vec![
                ("changed", counts.changed),
                ("repeated", counts.repeated),
                ("superseded", counts.superseded),
                ("dead_lettered", counts.dead_lettered.values().sum()),
            ]
        },
    ),
    (
        (
            "refused_records",
            "Refused records by reason, since the log began",
        ),
        "reason",
        |p| {
            p.counts
                .dead_lettered
                .iter()
                .map(|(&reason, &count)| (reason, count))
                .collect()
        },
    ),
    (
        (
            "transitions",
            "Transitions that were committed since the partition went live",
        ),
        "transition",
        |p| {
            Transition::ALL
                .map(Transition::name)
                .into_iter()
                .zip(p.transitions)
                .collect()
        },
    ),
];

const HISTOGRAMS: [(Named, Histograms); 2] = [
    (
        (
            "commit_duration_seconds",
            "From ordering a transaction to its known commit",
        ),
        |p| &p.measured.commits,
    ),
    (
        (
            "alert_latency_seconds",
            "From the append of a record to the known commit of its alert",
        ),
        |p| &p.measured.alerts,
    ),
];

fn by_input(offsets: [i64; 3]) -> Vec<(&'static str, Value)> {
    let names = Topic::ALL.map(Topic::name).into_iter();
    names
        .zip(offsets.map(|at| Value::from(at.max(0))))
        .collect()
}
