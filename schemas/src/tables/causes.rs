//! Reports that something rests on, as one text.

use crate::instant::Rfc3339;
use clockstop_pipeline::Cause;

/// Source and instant recorded of each report, `RXX/epic 2026-01-05T09:30:00Z`, separated by `; `. It names no
/// patient: an event's id, which a source may make of anything, is left out.
#[must_use]
pub fn shown_causes(causes: &[Cause]) -> String {
    let shown = causes.iter().map(|cause| {
        let recorded_at = Rfc3339(cause.version.recorded_at);
        format!("{} {recorded_at}", cause.source)
    });
    shown.collect::<Vec<_>>().join("; ")
}
