//! Between a mark and what a manifest says of it.

use super::Unusable;
use crate::board::Counts;
use crate::partition::{Identity, Mark};
use clockstop_pipeline::{FOLD_VERSION, Reference, judged_by};
use clockstop_schemas::Refusal;
use clockstop_schemas::checkpoint::{FileEntry, FileKind, Manifest, RecordCounts};

/// What a checkpoint says of itself beside its mark.
#[derive(Debug)]
pub(super) struct Label<'l> {
    pub(super) partition: i32,
    pub(super) reference: &'l Reference,
    pub(super) software: &'l str,
    pub(super) written_at: i64,
}

/// The manifest of a checkpoint.
pub(super) fn manifest(mark: Mark, label: &Label<'_>, files: Vec<FileEntry>) -> Manifest {
    let rows = |kind| {
        let of_kind = files.iter().filter(|file| file.kind == kind);
        of_kind.map(|file| file.rows).sum()
    };
    let Mark {
        progress,
        partitions,
        identity: Identity { cluster, topics },
        accepted_from,
        alert_position,
        control_position,
        decided,
        closed_through,
        last_appends,
    } = mark;
    Manifest {
        fold: FOLD_VERSION,
        reference_version: label.reference.version.clone(),
        software_version: label.software.to_owned(),
        judged_by: judged_by(label.reference),
        partition: label.partition,
        partitions,
        cluster,
        topics,
        offsets: progress.offsets,
        counts: told(progress.counts),
        alert_position,
        control_position,
        decided,
        closed_through,
        log_time: progress.log_time,
        accepted_from,
        last_appends,
        written_at: label.written_at,
        pathways: rows(FileKind::Pathways),
        texts: rows(FileKind::Texts),
        files,
    }
}

/// The mark of a checkpoint.
pub(super) fn mark(manifest: &Manifest) -> Result<Mark, Unusable> {
    let mut mark = Mark {
        partitions: manifest.partitions,
        identity: Identity {
            cluster: manifest.cluster.clone(),
            topics: manifest.topics.clone(),
        },
        accepted_from: manifest.accepted_from,
        alert_position: manifest.alert_position,
        control_position: manifest.control_position,
        decided: manifest.decided,
        closed_through: manifest.closed_through,
        last_appends: manifest.last_appends.clone(),
        ..Mark::default()
    };
    mark.progress.offsets = manifest.offsets;
    mark.progress.counts = heard(&manifest.counts)?;
    mark.progress.log_time = manifest.log_time;
    Ok(mark)
}

fn told(counts: Counts) -> RecordCounts {
    let dead_lettered = counts.dead_lettered.into_iter();
    RecordCounts {
        changed: counts.changed,
        repeated: counts.repeated,
        superseded: counts.superseded,
        dead_lettered: dead_lettered
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect(),
    }
}

fn heard(counts: &RecordCounts) -> Result<Counts, Unusable> {
    let reasons = counts.dead_lettered.iter().map(|(name, &count)| {
        let mut known = Refusal::REASONS.into_iter();
        let reason = known.find(|reason| reason == name);
        let reason = reason.ok_or_else(|| Unusable::UnknownReason(name.clone()))?;
        Ok((reason, count))
    });
    Ok(Counts {
        changed: counts.changed,
        repeated: counts.repeated,
        superseded: counts.superseded,
        dead_lettered: reasons.collect::<Result<_, _>>()?,
    })
}
