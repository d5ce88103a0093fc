//! Why an event is refused: the closed list at the end of `domain/events.md`.
//!
//! A refusal names fields and never a value, so it may be logged and sent on.

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The value is not in the Confluent wire format, or there is none.
    #[error("not in the Confluent wire format (a zero byte, then a four-byte schema id)")]
    NotFramed,
    /// No schema of this id is held; the registry may know it.
    #[error("schema id {id} is not known")]
    UnknownSchema {
        /// The id in the frame.
        id: u32,
    },
    /// The bytes are not what their schema says, or the schema cannot be read as this topic's.
    #[error("does not decode{}", in_field(*.field))]
    DoesNotDecode {
        /// The field, where one is to blame.
        field: Option<&'static str>,
    },
    /// A line of a file is not one JSON object.
    #[error("not a JSON object")]
    NotJson,
    /// A line of a file does not name one of the three topics.
    #[error("member topic is missing or not referral, diagnosis or treatment")]
    TopicMissing,
    /// The record has no key.
    #[error("the record has no key")]
    KeyMissing,
    /// The key is not the value's pathway.
    #[error("the record's key is not <issuer>:<identifier> of its value")]
    KeyMismatch,
    /// The record lies on another partition than its key belongs to.
    #[error(
        "wrong partition: the producer's partitioner must be murmur2 (librdkafka: partitioner=murmur2_random)"
    )]
    WrongPartition,
    /// A required field of the head is missing or empty.
    #[error("field {field} is missing")]
    HeadMissing {
        /// Which.
        field: &'static str,
    },
    /// A required field of the head cannot be read.
    #[error("field {field} is malformed")]
    HeadMalformed {
        /// Which.
        field: &'static str,
    },
    /// The type of event is not one of ours; a later version may know it.
    #[error("the event type is unknown")]
    UnknownEventType,
    /// The type of event belongs on another topic.
    #[error("the event type is not of this topic")]
    EventTypeNotOfTopic,
    /// It was recorded more than a day after the broker received it.
    #[error("recorded_at is more than 24 hours after the record arrived")]
    RecordedInFuture,
    /// An event of this type needs the id of its item.
    #[error("field {field} is missing")]
    ItemMissing {
        /// Which.
        field: &'static str,
    },
    /// A date before 1900 or after 2100.
    #[error("field {field} is not a date from 1900 to 2100")]
    DateOutOfRange {
        /// Which.
        field: &'static str,
    },
    /// An adjustment below 0 or above 999.
    #[error("field {field} is not from 0 to 999")]
    AdjustmentOutOfRange {
        /// Which.
        field: &'static str,
    },
    /// A text longer than its limit.
    #[error("field {field} is longer than {limit} characters")]
    TextTooLong {
        /// Which.
        field: &'static str,
        /// How many characters it may have.
        limit: usize,
    },
}

fn in_field(field: Option<&'static str>) -> String {
    field
        .map(|name| format!(": field {name}"))
        .unwrap_or_default()
}

impl Refusal {
    /// Every reason by its name.
    pub const REASONS: [&str; 17] = [
        "not_framed",
        "unknown_schema_id",
        "does_not_decode",
        "not_json",
        "topic_missing",
        "key_missing",
        "key_mismatch",
        "wrong_partition",
        "head_missing",
        "head_malformed",
        "unknown_event_type",
        "event_type_not_of_topic",
        "recorded_in_future",
        "item_missing",
        "date_out_of_range",
        "adjustment_out_of_range",
        "text_too_long",
    ];

    /// The name of the reason, one of [`Refusal::REASONS`], as dead letters and metrics carry it.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotFramed => "not_framed",
            Self::UnknownSchema { .. } => "unknown_schema_id",
            Self::DoesNotDecode { .. } => "does_not_decode",
            Self::NotJson => "not_json",
            Self::TopicMissing => "topic_missing",
            Self::KeyMissing => "key_missing",
            Self::KeyMismatch => "key_mismatch",
            Self::WrongPartition => "wrong_partition",
            Self::HeadMissing { .. } => "head_missing",
            Self::HeadMalformed { .. } => "head_malformed",
            Self::UnknownEventType => "unknown_event_type",
            Self::EventTypeNotOfTopic => "event_type_not_of_topic",
            Self::RecordedInFuture => "recorded_in_future",
            Self::ItemMissing { .. } => "item_missing",
            Self::DateOutOfRange { .. } => "date_out_of_range",
            Self::AdjustmentOutOfRange { .. } => "adjustment_out_of_range",
            Self::TextTooLong { .. } => "text_too_long",
        }
    }

    /// The field to look at, by its name in an event; `None` where the fault is in no single one.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match *self {
            Self::NotFramed
            | Self::UnknownSchema { .. }
            | Self::NotJson
            | Self::KeyMissing
            | Self::KeyMismatch
            | Self::WrongPartition => None,
            Self::TopicMissing => Some("topic"),
            Self::UnknownEventType | Self::EventTypeNotOfTopic => Some("event_type"),
            Self::RecordedInFuture => Some("recorded_at"),
            Self::DoesNotDecode { field } => field,
            Self::HeadMissing { field }
            | Self::HeadMalformed { field }
            | Self::ItemMissing { field }
            | Self::DateOutOfRange { field }
            | Self::AdjustmentOutOfRange { field }
            | Self::TextTooLong { field, .. } => Some(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    /// Fails to compile when a reason is added, and then wants it in the list as well.
    fn place(refusal: Refusal) -> usize {
        match refusal {
            Refusal::NotFramed => 0,
            Refusal::UnknownSchema { .. } => 1,
            Refusal::DoesNotDecode { .. } => 2,
            Refusal::NotJson => 3,
            Refusal::TopicMissing => 4,
            Refusal::KeyMissing => 5,
            Refusal::KeyMismatch => 6,
            Refusal::WrongPartition => 7,
            Refusal::HeadMissing { .. } => 8,
            Refusal::HeadMalformed { .. } => 9,
            Refusal::UnknownEventType => 10,
            Refusal::EventTypeNotOfTopic => 11,
            Refusal::RecordedInFuture => 12,
            Refusal::ItemMissing { .. } => 13,
            Refusal::DateOutOfRange { .. } => 14,
            Refusal::AdjustmentOutOfRange { .. } => 15,
            Refusal::TextTooLong { .. } => 16,
        }
    }

    #[test]
    fn the_list_of_reasons_is_complete() {
        let field = "f";
        let all = [
            Refusal::NotFramed,
            Refusal::UnknownSchema { id: 1 },
            Refusal::DoesNotDecode { field: None },
            Refusal::NotJson,
            Refusal::TopicMissing,
            Refusal::KeyMissing,
            Refusal::KeyMismatch,
            Refusal::WrongPartition,
            Refusal::HeadMissing { field },
            Refusal::HeadMalformed { field },
            Refusal::UnknownEventType,
            Refusal::EventTypeNotOfTopic,
            Refusal::RecordedInFuture,
            Refusal::ItemMissing { field },
            Refusal::DateOutOfRange { field },
            Refusal::AdjustmentOutOfRange { field },
            Refusal::TextTooLong { field, limit: 1 },
        ];
        assert_eq!(all.len(), Refusal::REASONS.len());
        for refusal in all {
            assert_eq!(
                Refusal::REASONS.get(place(refusal)),
                Some(&refusal.reason())
            );
            // What a refusal says of a field is what it names.
            let named = refusal.to_string().contains("field f");
            assert_eq!(refusal.field() == Some(field), named, "{refusal}");
        }
    }
}
