//! What was found, for programs: the JSON form, which only ever gains members within a format version.

use serde::Serialize;

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// Whether the records may be sent as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was found.
    Fit,
    /// Nothing is refused, and nothing was found that an upload refuses.
    FitWithRemarks,
    /// Records are refused, or findings have the severity `reject`.
    NotFit,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// The answer.
    pub verdict: Verdict,
    /// The date on which the pathways were judged.
    pub as_of: String,
    /// The month to which findings are restricted, `YYYY-MM`.
    pub month: Option<String>,
    /// What was read.
    pub read: Reading,
    /// What became of the records.
    pub records: Records,
    /// The pathways they tell of.
    pub pathways: Pathways,
    /// Records that the pipeline refuses.
    pub refusals: Vec<Refused>,
    /// Codes that are not on their list.
    pub unlisted_codes: Vec<Unlisted>,
    /// Records of one version that say different things.
    pub same_version: Vec<SameVersion>,
    /// What does not fit.
    pub findings: Vec<Found>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// From where on, as it was asked for; `None`: from the beginning.
    pub since: Option<String>,
    /// Which of the inputs.
    pub topics: Vec<&'static str>,
}

/// What became of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Records {
    /// All of them; empty lines are none.
    pub read: u64,
    /// Changed what is known.
    pub changed: u64,
    /// Were known already.
    pub repeated: u64,
    /// Came after a later version.
    pub superseded: u64,
    /// Are refused.
    pub refused: u64,
}

/// How many pathways there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pathways {
    /// Known and not erased.
    pub known: u64,
    /// Of these, looked at: all, or those of the month.
    pub judged: u64,
    /// Of these, with a finding.
    pub with_findings: u64,
    /// Of these, with a finding that an upload refuses.
    pub rejected: u64,
}

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// In a file.
    Line {
        /// Its number, from 1.
        line: u64,
    },
    /// In a log.
    Record {
        /// The Kafka topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The offset.
        offset: i64,
    },
}

/// Refused records of one source, field and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The `source_system`, where it can be read.
    pub source: Option<String>,
    /// The field to look at, where the fault is in one.
    pub field: Option<&'static str>,
    /// The reason as dead letters carry it; `line_too_long` for a line that is no event.
    pub reason: &'static str,
    /// What is wrong.
    pub meaning: String,
    /// What to do.
    pub what_to_do: &'static str,
    /// Records.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Shown>,
}

/// Records of one source with one code that is on no list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlisted {
    /// The `source_system`.
    pub source: String,
    /// The field.
    pub field: &'static str,
    /// The code as sent; `None` for one that is longer than codes are and may be something else.
    pub code: Option<String>,
    /// What to do.
    pub what_to_do: &'static str,
    /// Records.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Shown>,
}

/// Records of one source and event type that contradict others of the same version (Q19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SameVersion {
    /// The `source_system`.
    pub source: String,
    /// The type of event.
    pub event_type: &'static str,
    /// What to do.
    pub what_to_do: &'static str,
    /// Records, without the one they contradict.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Shown>,
}

/// Pathways with one finding that rests on reports of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Who reports the pathways; of a month only.
    pub organisation: Option<String>,
    /// The `source_system` that has to look; `None` where no report is the cause.
    pub source: Option<String>,
    /// `V01` to `V31`.
    pub rule: String,
    /// The fields to look at in its reports.
    pub fields: Vec<&'static str>,
    /// `reject`: to be mended before the upload, which refuses it; `warn`: to be looked at.
    pub severity: &'static str,
    /// What it does to a clock: `none`, `not_counted`, `31_day_not_counted`, `adjustment_ignored`,
    /// `end_ignored` or `31_day_only`.
    pub effect: &'static str,
    /// The effect in words.
    pub effect_meaning: &'static str,
    /// What is wrong.
    pub meaning: &'static str,
    /// What to do.
    pub what_to_do: &'static str,
    /// Pathways.
    pub count: u64,
    /// Of the first pathways all records the finding rests on, of whichever source.
    pub examples: Vec<Vec<Shown>>,
}
