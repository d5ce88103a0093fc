//! Every reason for a refusal, through the real decoder, to the dead-letter topic; and the good go on.

use crate::service::{Embedded, PARTITIONS};
use crate::support::events::{Draft, Provider, date};
use crate::support::topics;
use apache_avro::types::Value;
use clockstop_pipeline::{Day, EventType, Topic};
use clockstop_schemas::partition_of;
use rdkafka::message::{Headers, Message, OwnedMessage};
use std::collections::BTreeMap;
use std::time::Duration;

const RECORDED: i64 = 1_767_225_600;
const PATIENCE: Duration = Duration::from_millis(500);

struct Bad {
    reason: &'static str,
    topic: Topic,
    partition: Option<i32>,
    key: Option<String>,
    value: Option<Vec<u8>>,
}

fn draft() -> Draft {
    Draft::referral("P1", date(2026, 1, 5), RECORDED)
}

fn bad(reason: &'static str, draft: &Draft, [referral, diagnosis, treatment]: [u32; 3]) -> Bad {
    let id = match draft.topic {
        Topic::Referral => referral,
        Topic::Diagnosis => diagnosis,
        Topic::Treatment => treatment,
    };
    Bad {
        reason,
        topic: draft.topic,
        partition: None,
        key: Some(draft.key()),
        value: Some(draft.framed(id)),
    }
}

fn every_kind(ids: [u32; 3]) -> Vec<Bad> {
    let [referral, ..] = ids;
    let plain = || bad("", &draft(), ids);
    let unknown = Value::Enum(
        u32::try_from(EventType::ALL.len()).unwrap(),
        "unknown".into(),
    );
    let own = partition_of(b"RXX:P1", PARTITIONS);
    let treatment = Draft::new(EventType::TreatmentStarted, "P1", RECORDED);
    let mut truncated = draft().framed(referral);
    truncated.truncate(20);
    let mut misplaced = draft();
    misplaced
        .fields
        .insert("event_type", Value::Enum(6, "outcome_communicated".into()));
    vec![
        Bad {
            reason: "not_framed",
            value: Some(b"{}".to_vec()),
            ..plain()
        },
        Bad {
            reason: "not_framed",
            value: None,
            ..plain()
        },
        Bad {
            reason: "unknown_schema_id",
            value: Some(draft().framed(9_999)),
            ..plain()
        },
        Bad {
            reason: "does_not_decode",
            value: Some(truncated),
            ..plain()
        },
        Bad {
            reason: "key_missing",
            key: None,
            partition: Some(own),
            ..plain()
        },
        Bad {
            reason: "key_mismatch",
            key: Some("RXX:P2".into()),
            ..plain()
        },
        Bad {
            reason: "wrong_partition",
            partition: Some(1 - own),
            ..plain()
        },
        bad("head_missing", &draft().with_text("source_system", ""), ids),
        bad(
            "head_malformed",
            &draft().with_text("event_id", "seven"),
            ids,
        ),
        bad(
            "unknown_event_type",
            &draft().with("event_type", unknown),
            ids,
        ),
        bad("event_type_not_of_topic", &misplaced, ids),
        bad("item_missing", &treatment, ids),
        bad(
            "date_out_of_range",
            &draft().with(
                "cancer_referral_to_treatment_period_start_date",
                date(1800, 1, 1),
            ),
            ids,
        ),
        bad(
            "adjustment_out_of_range",
            &Draft::new(EventType::FirstSeen, "P1", RECORDED)
                .with("waiting_time_adjustment_first_seen", Value::Int(1_000)),
            ids,
        ),
        bad(
            "text_too_long",
            &draft().with_text("organisation_site_identifier", &"x".repeat(65)),
            ids,
        ),
    ]
}

#[test]
fn every_bad_record_is_a_dead_letter_and_every_good_one_counts() {
    let today = Day::from_ymd(2026, 2, 1).unwrap();
    let service = Embedded::start(today, PATIENCE);
    let ids = service.schemas();
    let provider = Provider::connect(&service.bootstrap);
    let names = clockstop::config::Topics::default();
    let name = |topic: Topic| {
        let mut inputs = names.inputs().into_iter().zip(Topic::ALL);
        inputs.find(|(_, of)| *of == topic).unwrap().0.to_owned()
    };
    let kinds = every_kind(ids);
    for kind in &kinds {
        provider.send(
            &name(kind.topic),
            kind.partition,
            kind.key.as_deref(),
            kind.value.as_deref(),
        );
    }
    let [referral, ..] = ids;
    for n in 0..20 {
        let draft = Draft::referral(&format!("G{n}"), date(2026, 1, 5), RECORDED);
        for _ in 0..2 {
            provider.send(
                &name(Topic::Referral),
                None,
                Some(&draft.key()),
                Some(&draft.framed(referral)),
            );
        }
    }
    provider.settle();
    let sent = u64::try_from(kinds.len()).unwrap() + 40;
    service.settle(sent);

    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in &kinds {
        *expected.entry(kind.reason).or_default() += 1;
    }
    let letters = topics::read_committed(&service.bootstrap, &names.dead_letter);
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in &letters {
        *found.entry(header(letter, "reason").unwrap()).or_default() += 1;
    }
    assert_eq!(found, expected);
    for letter in &letters {
        let key = std::str::from_utf8(letter.key().unwrap()).unwrap();
        let place = ["topic", "partition", "offset"].map(|name| header(letter, name).unwrap());
        assert_eq!(key, place.join("/"));
        let all: Vec<_> = letter
            .headers()
            .unwrap()
            .iter()
            .map(|h| h.key.to_owned())
            .collect();
        let allowed = [
            "reason",
            "topic",
            "partition",
            "offset",
            "append_time",
            "source",
        ];
        assert!(
            all.iter().all(|name| allowed.contains(&name.as_str())),
            "{all:?}"
        );
    }
    let values = |reason: &str| -> Vec<Option<Vec<u8>>> {
        let mut of: Vec<_> = kinds
            .iter()
            .filter(|k| k.reason == reason)
            .map(|k| k.value.clone())
            .collect();
        of.sort();
        of
    };
    for reason in expected.keys() {
        let of = letters
            .iter()
            .filter(|l| header(l, "reason") == Some(reason));
        let mut bytes: Vec<_> = of.map(|l| l.payload().map(<[u8]>::to_vec)).collect();
        bytes.sort();
        assert_eq!(bytes, values(reason), "{reason}");
    }
    let partitions = service.running.board().partitions();
    let changed: u64 = partitions.values().map(|p| p.counts.changed).sum();
    let repeated: u64 = partitions.values().map(|p| p.counts.repeated).sum();
    assert_eq!((changed, repeated), (20, 20));
    service.running.drain();
}

fn header<'m>(message: &'m OwnedMessage, name: &str) -> Option<&'m str> {
    let mut headers = message.headers()?.iter();
    let header = headers.find(|header| header.key == name)?;
    std::str::from_utf8(header.value?).ok()
}
