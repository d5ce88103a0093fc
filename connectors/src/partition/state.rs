//! Where a partition stands, and why one is not run.

use clockstop_pipeline::{AlertId, Topic};
use std::fmt;

/// Where a partition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Every earlier writer is being shut out.
    Fencing,
    /// The newest checkpoint is being loaded.
    Loading,
    /// What was said is being read back, and the ends of the inputs taken.
    ReadingBack,
    /// The inputs are read from the checkpoint to those ends; nothing is said.
    Replaying,
    /// It decides and speaks.
    Live,
    /// It cannot be run, and nothing is said for it.
    Refused(Refused),
    /// It belongs to another worker.
    Lost,
}

impl State {
    /// The name in metrics and `/readyz`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fencing => "fencing",
            Self::Loading => "loading",
            Self::ReadingBack => "reading_back",
            Self::Replaying => "replaying",
            Self::Live => "live",
            Self::Refused(_) => "refused",
            Self::Lost => "lost",
        }
    }

    /// The names of the states that a recovery goes through, in their order.
    pub const RECOVERY: [&str; 4] = ["fencing", "loading", "reading_back", "replaying"];

    /// The names of all states that a partition can be shown in.
    pub const SHOWN: [&str; 6] = [
        "fencing",
        "loading",
        "reading_back",
        "replaying",
        "live",
        "refused",
    ];
}

/// Why a partition is not run, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// An input's log no longer reaches back to where this partition must begin to read.
    HistoryMissing {
        /// Which input.
        topic: Topic,
        /// The first offset that is still there.
        begin: i64,
        /// The offset from which it is needed.
        needed: i64,
    },
    /// An input's log ends before what was decided on.
    HistoryCut {
        /// Which input.
        topic: Topic,
        /// The end of its log.
        end: i64,
        /// The offset up to which it was decided on.
        decided: i64,
    },
    /// An input is another topic of the same name, or of another cluster.
    TopicReplaced {
        /// Which input.
        topic: Topic,
    },
    /// The alert topic ends before what was said.
    AlertsCut {
        /// The end of its log.
        end: i64,
        /// The offset up to which it was written.
        said: i64,
    },
    /// The topics have another number of partitions than when the partition was last run.
    PartitionsChanged {
        /// How many there were.
        was: i32,
        /// How many there are.
        is: i32,
    },
    /// Alerts were said of pathways that the inputs do not know.
    UnknownAlerts {
        /// How many.
        alerts: usize,
        /// The first of them.
        first: Vec<AlertId>,
    },
    /// A later version of the software wrote here.
    LaterVersion {
        /// What of it is later.
        what: String,
    },
    /// The alerts were said with another key.
    OtherAlertKey,
    /// Something else writes with the same transactional id again and again.
    AnotherDeployment,
    /// The input's records do not carry the broker's time.
    NotStampedByBroker {
        /// Which input.
        topic: Topic,
    },
    /// This machine's clock and the broker's are too far apart.
    ClockOff {
        /// How far this machine is ahead.
        seconds: i64,
    },
}

/// So many alerts are named.
const NAMED: usize = 20;

impl Refused {
    /// These alerts were said of pathways that the inputs do not know.
    pub(crate) fn unknown_alerts(alerts: &[AlertId]) -> Self {
        Self::UnknownAlerts {
            alerts: alerts.len(),
            first: alerts.iter().take(NAMED).copied().collect(),
        }
    }

    /// The name in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HistoryMissing { .. } => "history_missing",
            Self::HistoryCut { .. } => "history_cut",
            Self::TopicReplaced { .. } => "topic_replaced",
            Self::AlertsCut { .. } => "alerts_cut",
            Self::PartitionsChanged { .. } => "partitions_changed",
            Self::UnknownAlerts { .. } => "unknown_alerts",
            Self::LaterVersion { .. } => "later_version",
            Self::OtherAlertKey => "other_alert_key",
            Self::AnotherDeployment => "another_deployment",
            Self::NotStampedByBroker { .. } => "not_stamped_by_broker",
            Self::ClockOff { .. } => "clock_off",
        }
    }

    /// Whether the way out can be taken while the service runs, so that it is tried again.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::HistoryMissing { .. }
            | Self::HistoryCut { .. }
            | Self::UnknownAlerts { .. }
            | Self::LaterVersion { .. }
            | Self::ClockOff { .. } => true,
            Self::TopicReplaced { .. }
            | Self::AlertsCut { .. }
            | Self::PartitionsChanged { .. }
            | Self::OtherAlertKey
            | Self::AnotherDeployment
            | Self::NotStampedByBroker { .. } => false,
        }
    }
}

impl Refused {
    /// What is wrong, without what to do about it.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::HistoryMissing {
                topic,
                begin,
                needed,
            } => format!(
                "the {} input begins at offset {begin} and is needed from {needed}: its history is incomplete",
                topic.name()
            ),
            Self::HistoryCut {
                topic,
                end,
                decided,
            } => format!(
                "the {} input ends at offset {end} and was decided on up to {decided}: records are lost",
                topic.name()
            ),
            Self::TopicReplaced { topic } => format!(
                "the {} input was created again: it is not the topic that was read before, only its name is",
                topic.name()
            ),
            Self::AlertsCut { end, said } => format!(
                "the alert topic ends at offset {end} and was written up to {said}: what was said is lost"
            ),
            Self::PartitionsChanged { was, is } => format!(
                "the topics have {is} partitions and had {was}: pathways may lie on other partitions than before"
            ),
            Self::UnknownAlerts { alerts, first } => {
                let listed: Vec<_> = first.iter().map(ToString::to_string).collect();
                let more = if first.len() < *alerts { " ..." } else { "" };
                format!(
                    "{alerts} alerts were said of pathways that the inputs do not know: {}{more}",
                    listed.join(" ")
                )
            }
            Self::LaterVersion { what } => format!("upgrade in progress: {what}"),
            Self::OtherAlertKey => {
                "the alerts here were said with another keys.alert: every alert id would change"
                    .to_owned()
            }
            Self::AnotherDeployment => "another deployment writes here".to_owned(),
            Self::NotStampedByBroker { topic } => {
                format!(
                    "the {} input does not carry the broker's time",
                    topic.name()
                )
            }
            Self::ClockOff { seconds } => format!(
                "this machine's clock is {} s {} the broker's",
                seconds.abs(),
                if *seconds > 0 { "ahead of" } else { "behind" }
            ),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.way_out())
    }
}

#[cfg(test)]
mod tests {
    /// The names that `Refused::name` gives, from its own text.
    fn names() -> impl Iterator<Item = &'static str> {
        let (_, refused) = include_str!("state.rs")
            .split_once("impl Refused {")
            .expect("this file");
        let arms = refused.lines().filter(|line| line.contains("=> \""));
        let quoted = arms.filter_map(|line| line.split('"').nth(1));
        quoted.take_while(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    }

    #[test]
    fn the_runbook_has_a_line_for_every_refusal() {
        let runbook = include_str!("../../../docs/runbook.md");
        assert!(names().count() >= 11);
        for name in names() {
            let line = format!("| `{name}` |");
            assert!(runbook.contains(&line), "docs/runbook.md has no {line}");
        }
    }
}
