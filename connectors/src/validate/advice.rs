//! What a provider has to do about each refusal, finding and remark: the one place for these words.

use crate::lines::BadLine;
use clockstop_pipeline::{Finding, FindingEffect};
use clockstop_schemas::Refusal;

/// About a code that is on no list.
pub(super) const UNLISTED_CODE: &str = "a remark, not a refusal: the code is kept as sent and no rule knows it; send the code of the NHS Data Dictionary, with its leading zeros";

/// About two records of one version.
pub(super) const SAME_VERSION: &str = "records of one event_id and recorded_at say different things, and only one is used (Q19); give every correction a later recorded_at and an event_id of its own";

/// What is wrong with a record, without anything that was sent.
pub(super) fn meaning(bad: BadLine) -> String {
    match bad {
        // The ids of garbage are many.
        BadLine::Refused(Refusal::UnknownSchema { .. }) => {
            "the schema registry does not know the schema's id".to_owned()
        }
        BadLine::Refused(Refusal::DoesNotDecode { field: Some(field) }) => {
            format!("field {field} is not of its kind")
        }
        BadLine::Refused(_) | BadLine::TooLong => bad.to_string(),
    }
}

/// What to do about a record that is refused.
pub(super) const fn about_refusal(bad: BadLine) -> &'static str {
    match bad {
        BadLine::TooLong => "send one event a line; no event is nearly as long as that",
        BadLine::Refused(refusal) => about_reason(refusal),
    }
}

const fn about_reason(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotFramed => {
            "send Avro with the Confluent serialiser: a zero byte, the schema's id in four bytes, then the datum"
        }
        Refusal::UnknownSchema { .. } => {
            "register the schema with the registry the pipeline uses before sending, or point the producer at that registry"
        }
        Refusal::DoesNotDecode { field: Some(_) } => {
            "send the field in the kind of docs/domain/events.md: a date as YYYY-MM-DD, a code as text, a number and true or false bare"
        }
        Refusal::DoesNotDecode { field: None } => {
            "write the value with the very schema its id names, and with the schema of its topic"
        }
        Refusal::NotJson => {
            "write one JSON object a line in UTF-8, without a byte order mark and without commas or brackets between the lines"
        }
        Refusal::TopicMissing => {
            "add \"topic\" with referral, diagnosis or treatment: the name in events.md, not that of the Kafka topic"
        }
        Refusal::KeyMissing => {
            "send <issuer>:<identifier> as the record's key, the same words as in the value"
        }
        Refusal::KeyMismatch => {
            "make the key from organisation_identifier_issuer and patient_pathway_identifier of the same event, as UTF-8 text that no serialiser changes"
        }
        Refusal::WrongPartition => {
            "set the producer's partitioner to murmur2 (librdkafka: partitioner=murmur2_random) and send the record again"
        }
        Refusal::HeadMissing { .. } => {
            "fill the field; every event needs it, and an empty text is the same as none"
        }
        Refusal::HeadMalformed { .. } => {
            "send event_id as a UUID, recorded_at with its time and zone (2026-03-01T09:00:00Z), entered_in_error as true or false, and an issuer without a colon"
        }
        Refusal::UnknownEventType => {
            "use a type of docs/domain/events.md, in its spelling; if it is newer than the pipeline, wait for its upgrade and redrive"
        }
        Refusal::EventTypeNotOfTopic => {
            "send the event on the topic of its type: docs/domain/events.md lists them"
        }
        Refusal::RecordedInFuture => {
            "set the source's clock right, and its zone: recorded_at may be 24 hours ahead of the arrival at most"
        }
        Refusal::ItemMissing { .. } => {
            "name the treatment: the same treatment_id in its decision, start and adjustment"
        }
        Refusal::DateOutOfRange { .. } => {
            "send the date, or leave the field out where it is not known; placeholders such as 1066-01-01 or 9999-12-31 are no dates"
        }
        Refusal::AdjustmentOutOfRange { .. } => {
            "send the days to be subtracted as a whole number from 0 to 999, or leave the field out"
        }
        Refusal::TextTooLong { .. } => {
            "look whether the right column is sent: no identifier or code is as long as that"
        }
    }
}

/// By number: a new finding does not compile before it has its words here.
const FINDINGS: [&str; Finding::COUNT] = [
    "trace the patient and send the verified number; until then leave nhs_number out",
    "send priority 2 with a screening referral (source 17), or the source it really came from",
    "send the suspected type of the screening programme: 01, 03, 07 or 09",
    "check which of the dates is wrong and send the event again with a later recorded_at",
    "check both dates: the decision lies on or before the first day of the treatment",
    "send the date once the day has come; a plan is a milestone with planned true, an ECAD has its own flag",
    "check start, stop and the days that are subtracted: they may not exceed the wait",
    "send days with reason 3 (did not attend) or no days with reason 9",
    "days count for admitted care (settings 01 and 02) only: correct the setting or take the days back",
    "send an exclusion reason with end reason 03 and with no other",
    "send the end reason (01 to 04) with the end date",
    "take one of the two back: all treatment was declined, or one was given",
    "send 23 for surgery or 24 for an enabling treatment in place of 01",
    "keep 01, 07 or 12 for the first definitive treatment; a further one is 02, another cancer has its own primary_id",
    "send the first treatment of this primary too, or correct the event type",
    "send diagnosis_recorded with the ICD-10 code for this primary_id",
    "send the morphology or basal_cell_carcinoma with a diagnosis of C44, and let them agree",
    "check the three dates: an upgrade lies on or after the referral and on or before the decision to treat",
    "check that the upgrade is meant: it takes the referral out of FDS",
    "send transfer with the accountable investigating provider and the date, and the site that treats",
    "check the date of the transfer: it lies within the wait",
    "send the reason for the delay on the event that ends the wait (31 days: on the decision to treat)",
    "agree on the date; the source that is wrong corrects its event or retracts it (entered_in_error)",
    "if it is one referral, retract one of the two, or close it as merged into the other",
    "send outcome_communicated with the day the patient was told",
    "check whether treatment was given and not reported, or record why there is none",
    "send decision_to_treat with the same treatment_id",
    "correct the end reason, or take the diagnosis or the decision back",
    "send referral_received; if it was sent, check that issuer and identifier are the same",
    "check the item ids: the same item keeps its id when it is sent again",
    "check which patient it is; whoever sent the wrong number sends the event again with the right one",
];

/// What to do about a finding.
pub(super) fn about_finding(finding: Finding) -> &'static str {
    let place = usize::from(finding.number()) - 1;
    FINDINGS.get(place).copied().unwrap_or_default()
}

/// What a finding does to the statistic.
pub(super) const fn about_effect(effect: FindingEffect) -> &'static str {
    match effect {
        FindingEffect::None => "no effect on the count",
        FindingEffect::NotCounted => "the wait does not count",
        FindingEffect::ThirtyOneDayNotCounted => "the 31-day wait does not count",
        FindingEffect::AdjustmentIgnored => "the days are not subtracted",
        FindingEffect::EndIgnored => "FDS goes on running",
        FindingEffect::ThirtyOneDayOnly => "the further treatment has a 31-day wait only",
    }
}
