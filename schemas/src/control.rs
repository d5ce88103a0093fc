//! The control topic: how far a partition has come, and what an operator has approved (design 6.4).
//!
//! JSON, because an operator reads it with any console consumer; the format number comes first in importance:
//! a record of a later format is known as such before anything else in it is looked at.

use crate::instant::parse_day;
use clockstop_pipeline::Day;
use serde::{Deserialize, Serialize};

/// The format of both records.
const FORMAT: u32 = 1;

/// How far a partition has come; one record per partition, in every transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// The version of the fold that wrote it.
    pub fold: u32,
    /// The version of the reference tables by which everything was decided.
    pub reference: String,
    /// How many notices are held until somebody approves them.
    pub held: u64,
    /// The version of the software that wrote it.
    pub software: String,
    /// How many partitions there are.
    pub partitions: i32,
    /// The Kafka cluster, where it can be read.
    pub cluster: Option<String>,
    /// The topic ids of the referral, diagnosis and treatment input, where they can be read.
    pub topics: [Option<String>; 3],
    /// The next offset of each input for which everything has been said; bad records below are buried.
    pub cursors: [i64; 3],
    /// The offsets at which an operator accepted the inputs to begin; 0 where they are whole.
    pub accepted_from: [i64; 3],
    /// The greatest date decided.
    pub decided: Option<Day>,
    /// The last day that was closed.
    pub closed_through: Option<Day>,
    /// The append time up to which records were decided on, in milliseconds since 1970.
    pub log_time: Option<i64>,
    /// Tells the keys of alert ids apart without telling the key.
    pub alert_key: String,
    /// The store of the checkpoints.
    pub store: Option<String>,
}

/// What an operator lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// What follows from reference tables of this version.
    Reference(String),
    /// So many changes to standing alerts.
    Changes(u64),
    /// The bad records that a partition pauses on.
    BadRecords,
}

/// An operator's word on one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// What is let pass.
    pub grant: Grant,
    /// Who says so.
    pub who: String,
    /// Why.
    pub why: String,
    /// Until when, in milliseconds since 1970.
    pub until: i64,
}

impl Approval {
    /// Whether it lets pass one thing once, and nothing after that.
    #[must_use]
    pub const fn is_used_once(&self) -> bool {
        matches!(self.grant, Grant::Changes(_))
    }
}

/// Why a record of the control topic is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlRefusal {
    /// A later version of the software wrote it.
    #[error("its format is {format}, and this software knows {FORMAT}")]
    LaterFormat {
        /// The format it names.
        format: u32,
    },
    /// It is not what this software writes.
    #[error("it is not a control record: {0}")]
    Malformed(String),
}

/// What a record of the control topic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlKey {
    /// How far the partition has come.
    State(i32),
    /// What is approved for it.
    Approve(i32),
}

impl ControlKey {
    /// The key as it is read; `None` for a key that is none of ours.
    #[must_use]
    pub fn parse(key: &[u8]) -> Option<Self> {
        let (word, partition) = core::str::from_utf8(key).ok()?.split_once('/')?;
        let partition = partition.parse().ok()?;
        match word {
            "state" => Some(Self::State(partition)),
            "approve" => Some(Self::Approve(partition)),
            _ => None,
        }
    }
}

/// `state/<partition>` or `approve/<partition>`.
impl core::fmt::Display for ControlKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::State(partition) => write!(f, "state/{partition}"),
            Self::Approve(partition) => write!(f, "approve/{partition}"),
        }
    }
}

#[derive(Deserialize)]
struct Head {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct State {
    format: u32,
    fold: u32,
    reference: String,
    #[serde(default)]
    held: u64,
    software: String,
    partitions: i32,
    cluster: Option<String>,
    topics: [Option<String>; 3],
    cursors: [i64; 3],
    accepted_from: [i64; 3],
    decided: Option<String>,
    closed_through: Option<String>,
    log_time: Option<i64>,
    alert_key: String,
    store: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Word {
    format: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    changes: Option<u64>,
    #[serde(default)]
    bad_records: bool,
    who: String,
    why: String,
    until: i64,
}

/// The value of a `state/<partition>` record.
#[must_use]
pub fn encode_control(control: &Control) -> Vec<u8> {
    let control = control.clone();
    written(&State {
        format: FORMAT,
        fold: control.fold,
        reference: control.reference,
        held: control.held,
        software: control.software,
        partitions: control.partitions,
        cluster: control.cluster,
        topics: control.topics,
        cursors: control.cursors,
        accepted_from: control.accepted_from,
        decided: control.decided.map(|day| day.to_string()),
        closed_through: control.closed_through.map(|day| day.to_string()),
        log_time: control.log_time,
        alert_key: control.alert_key,
        store: control.store,
    })
}

/// Reads a `state/<partition>` record.
///
/// # Errors
/// When a later version wrote it, or it is not such a record.
pub fn decode_control(value: &[u8]) -> Result<Control, ControlRefusal> {
    let state: State = read(value)?;
    Ok(Control {
        fold: state.fold,
        reference: state.reference,
        held: state.held,
        software: state.software,
        partitions: state.partitions,
        cluster: state.cluster,
        topics: state.topics,
        cursors: state.cursors,
        accepted_from: state.accepted_from,
        decided: day(state.decided.as_deref())?,
        closed_through: day(state.closed_through.as_deref())?,
        log_time: state.log_time,
        alert_key: state.alert_key,
        store: state.store,
    })
}

/// The value of an `approve/<partition>` record.
#[must_use]
pub fn encode_approval(approval: &Approval) -> Vec<u8> {
    let Approval {
        grant,
        who,
        why,
        until,
    } = approval.clone();
    let (reference, changes, bad_records) = match grant {
        Grant::Reference(version) => (Some(version), None, false),
        Grant::Changes(changes) => (None, Some(changes), false),
        Grant::BadRecords => (None, None, true),
    };
    written(&Word {
        format: FORMAT,
        reference,
        changes,
        bad_records,
        who,
        why,
        until,
    })
}

/// Reads an `approve/<partition>` record.
///
/// # Errors
/// When a later version wrote it, or it is not such a record.
pub fn decode_approval(value: &[u8]) -> Result<Approval, ControlRefusal> {
    let word: Word = read(value)?;
    let grant = match (word.reference, word.changes, word.bad_records) {
        (Some(version), None, false) => Grant::Reference(version),
        (None, Some(changes), false) => Grant::Changes(changes),
        (None, None, true) => Grant::BadRecords,
        _ => return Err(malformed("it approves not exactly one thing")),
    };
    Ok(Approval {
        grant,
        who: word.who,
        why: word.why,
        until: word.until,
    })
}

fn written(value: &impl Serialize) -> Vec<u8> {
    // Texts, numbers and lists of them: there is nothing in it that JSON could refuse.
    serde_json::to_vec(value).unwrap_or_default()
}

fn read<'v, T: Deserialize<'v>>(value: &'v [u8]) -> Result<T, ControlRefusal> {
    let head: Head = serde_json::from_slice(value).map_err(|error| malformed(&error))?;
    if head.format != FORMAT {
        let format = head.format;
        return Err(ControlRefusal::LaterFormat { format });
    }
    serde_json::from_slice(value).map_err(|error| malformed(&error))
}

fn malformed(error: &(impl ToString + ?Sized)) -> ControlRefusal {
    ControlRefusal::Malformed(error.to_string())
}

fn day(text: Option<&str>) -> Result<Option<Day>, ControlRefusal> {
    let read = |text: &str| parse_day(text.as_bytes()).ok_or_else(|| malformed("not a date"));
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::{
        Approval, Control, ControlKey, ControlRefusal, Grant, decode_approval, decode_control,
        encode_approval, encode_control,
    };
    use clockstop_pipeline::Day;

    fn control() -> Control {
        Control {
            fold: 1,
            reference: "2026-04".to_owned(),
            held: 3,
            software: "0.1.0".to_owned(),
            partitions: 4,
            cluster: Some("cluster".to_owned()),
            topics: [Some("a".to_owned()), None, Some("c".to_owned())],
            cursors: [1, 2, i64::MAX],
            accepted_from: [0, 7, 0],
            decided: Day::from_ymd(2026, 11, 21),
            closed_through: None,
            log_time: Some(1_700_000_000_000),
            alert_key: "0123".to_owned(),
            store: None,
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let written = encode_control(&control());
        assert_eq!(decode_control(&written), Ok(control()));
        for grant in [
            Grant::Reference("2026-05".to_owned()),
            Grant::Changes(0),
            Grant::BadRecords,
        ] {
            let approval = Approval {
                grant,
                who: "a \"b\"".to_owned(),
                why: String::new(),
                until: 5,
            };
            let written = encode_approval(&approval);
            assert_eq!(decode_approval(&written), Ok(approval));
        }
    }

    #[test]
    fn a_later_format_is_known_as_such() {
        let later = br#"{"format":2,"cursors":"elsewhere"}"#;
        let refusal = Err(ControlRefusal::LaterFormat { format: 2 });
        assert_eq!(decode_control(later), refusal);
        let malformed = [
            &b""[..],
            b"{}",
            b"null",
            br#"{"format":1}"#,
            br#"{"format":1,"fold":1}"#,
        ];
        for value in malformed {
            let refused = decode_control(value);
            assert!(
                matches!(refused, Err(ControlRefusal::Malformed(_))),
                "{refused:?}"
            );
        }
        let two = br#"{"format":1,"changes":1,"bad_records":true,"who":"","why":"","until":0}"#;
        assert!(decode_approval(two).is_err());
    }

    #[test]
    fn keys_name_a_partition() {
        for key in [ControlKey::State(0), ControlKey::Approve(12)] {
            assert_eq!(ControlKey::parse(key.to_string().as_bytes()), Some(key));
        }
        for other in ["", "state", "state/", "state/x", "other/1"] {
            assert_eq!(ControlKey::parse(other.as_bytes()), None, "{other}");
        }
    }
}
