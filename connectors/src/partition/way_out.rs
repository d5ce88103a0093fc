//! What an operator can do when a partition is not run.

use super::state::Refused;

const ACCEPT: &str =
    "or accept the loss: clockstop run --accept-history-from TOPIC/PARTITION/OFFSET";

impl Refused {
    /// What is to be done.
    #[must_use]
    pub fn way_out(&self) -> String {
        match self {
            Self::HistoryMissing { .. } => {
                format!("restore the log and set retention.ms=-1, {ACCEPT}")
            }
            Self::HistoryCut { .. } => format!("restore the log, {ACCEPT}"),
            Self::TopicReplaced { .. } => format!("restore the topic, {ACCEPT}"),
            Self::AlertsCut { .. } => "restore the topic, or take the partition's checkpoints away to have everything said anew".to_owned(),
            Self::PartitionsChanged { was, .. } => format!(
                "create the topics anew with {was} partitions, or stream everything into new topics"
            ),
            Self::UnknownAlerts { .. } => format!(
                "check kafka.topics, for an input may be the wrong or an emptied topic; where the pathways are gone for good: clockstop topics forget ALERT_ID, {ACCEPT}"
            ),
            Self::LaterVersion { .. } => "upgrade this process, too".to_owned(),
            Self::OtherAlertKey => "put the former key back".to_owned(),
            Self::AnotherDeployment => "stop it, or give this one its own kafka.topics.alert and kafka.group_id; then restart this service".to_owned(),
            Self::NotStampedByBroker { .. } => {
                "set message.timestamp.type=LogAppendTime (clockstop topics check)".to_owned()
            }
            Self::ClockOff { .. } => "set both by NTP".to_owned(),
        }
    }
}
