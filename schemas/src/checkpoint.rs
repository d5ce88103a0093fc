//! A checkpoint as bytes (design 6.5): what is in its manifest, and that nobody changed it.

mod rows;

pub use rows::{
    PathwayRows, RowsRefusal, TextRows, kept_rows, pathway_schema, text_rows, text_schema,
};

use clockstop_pipeline::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format of the manifest and of the files that it names.
pub const CHECKPOINT_FORMAT: u32 = 1;

/// What a checkpoint holds and how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the fold, `clockstop_pipeline::FOLD_VERSION`.
    pub fold: u32,
    /// The version of the reference tables that were decided by.
    pub reference_version: String,
    /// The version of the software that wrote it.
    pub software_version: String,
    /// By what its pathways were judged, `clockstop_pipeline::judged_by`; empty where software before 0.2 wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub judged_by: String,
    /// The partition.
    pub partition: i32,
    /// How many partitions there were.
    pub partitions: i32,
    /// The Kafka cluster, where it could be read.
    pub cluster: Option<String>,
    /// The topic ids of the referral, diagnosis and treatment input, where they could be read.
    pub topics: [Option<String>; 3],
    /// The next offset of each input; everything below is learned.
    pub offsets: [i64; 3],
    /// What became of the records below the offsets.
    pub counts: RecordCounts,
    /// Alerts below this offset of the alert topic are said.
    pub alert_position: i64,
    /// How far the control topic was read.
    pub control_position: i64,
    /// The greatest date decided.
    #[serde(with = "day_text")]
    pub decided: Option<Day>,
    /// The last day that was closed.
    #[serde(with = "day_text")]
    pub closed_through: Option<Day>,
    /// The append time up to which records were decided on, in milliseconds since 1970.
    pub log_time: Option<i64>,
    /// The offsets at which an operator accepted the inputs to begin; 0 where they are whole.
    pub accepted_from: [i64; 3],
    /// When each source last reported each kind of event; absent where software before 0.2 wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_appends: Vec<LastAppend>,
    /// When it was written, in milliseconds since 1970.
    pub written_at: i64,
    /// How many pathways its files hold.
    pub pathways: u64,
    /// How many texts its files hold.
    pub texts: u64,
    /// Its files, in the order in which they are read.
    pub files: Vec<FileEntry>,
}

/// What became of records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordCounts {
    /// The greatest version of their facts when they came.
    pub changed: u64,
    /// Known before.
    pub repeated: u64,
    /// Older than what was known.
    pub superseded: u64,
    /// Refused, by reason.
    pub dead_lettered: BTreeMap<String, u64>,
}

/// When the broker last appended an event of a kind from a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastAppend {
    /// The `source_system`.
    pub source: String,
    /// The `event_type`.
    pub event_type: String,
    /// In milliseconds since 1970.
    pub appended_at: i64,
}

/// A file of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name, beside the manifest.
    pub name: String,
    /// What its rows are.
    pub kind: FileKind,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their BLAKE3, in hex.
    pub blake3: String,
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A pathway each.
    Pathways,
    /// A kept text each, in the order of their numbers.
    Texts,
}

/// Why a manifest is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestRefusal {
    /// Other software wrote it.
    #[error("its format is {format}, and this software knows {CHECKPOINT_FORMAT}")]
    OtherFormat {
        /// The format it names.
        format: u64,
    },
    /// It is not what this software writes.
    #[error("it is not a manifest: {0}")]
    Malformed(String),
    /// It says something else than when it was written.
    #[error("its checksum does not match")]
    Changed,
    /// Its files do not hold what it says they do.
    #[error("the rows of its files are not as many as it says")]
    Miscounted,
}

#[derive(Deserialize)]
struct Head {
    format: u64,
}

/// The manifest under a checksum of its own, for a flipped digit of an offset is valid JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    format: u32,
    blake3: String,
    checkpoint: Manifest,
}

impl Manifest {
    /// The sum of the offsets: of two checkpoints of a partition the greater knows more.
    #[must_use]
    pub fn offset_sum(&self) -> u64 {
        let sum = |sum: u64, &offset: &i64| sum.saturating_add(u64::try_from(offset).unwrap_or(0));
        self.offsets.iter().fold(0, sum)
    }

    /// The manifest as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let sealed = Sealed {
            format: CHECKPOINT_FORMAT,
            blake3: self.checksum(),
            checkpoint: self.clone(),
        };
        // Texts, numbers and lists of them: there is nothing in it that JSON could refuse.
        serde_json::to_vec_pretty(&sealed).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// Why it is not to be used; the format is looked at first.
    pub fn from_json(json: &[u8]) -> Result<Self, ManifestRefusal> {
        let malformed = |error: serde_json::Error| ManifestRefusal::Malformed(error.to_string());
        let Head { format } = serde_json::from_slice(json).map_err(malformed)?;
        if format != u64::from(CHECKPOINT_FORMAT) {
            return Err(ManifestRefusal::OtherFormat { format });
        }
        let sealed: Sealed = serde_json::from_slice(json).map_err(malformed)?;
        let manifest = sealed.checkpoint;
        if manifest.checksum() != sealed.blake3 {
            return Err(ManifestRefusal::Changed);
        }
        let is_counted = manifest.rows(FileKind::Pathways) == Some(manifest.pathways)
            && manifest.rows(FileKind::Texts) == Some(manifest.texts);
        is_counted
            .then_some(manifest)
            .ok_or(ManifestRefusal::Miscounted)
    }

    fn rows(&self, kind: FileKind) -> Option<u64> {
        let files = self.files.iter().filter(|file| file.kind == kind);
        files
            .map(|file| file.rows)
            .try_fold(0_u64, u64::checked_add)
    }

    fn checksum(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&json).to_hex().to_string()
    }
}

/// Days as `2026-03-02`.
mod day_text {
    use crate::instant::parse_day;
    use clockstop_pipeline::Day;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference to the field"
    )]
    pub(super) fn serialize<S: Serializer>(
        day: &Option<Day>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        day.map(|day| day.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Option<Day>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| parse_day(text.as_bytes()).ok_or_else(|| D::Error::custom("not a day")))
            .transpose()
    }
}

#[cfg(test)]
mod tests;
