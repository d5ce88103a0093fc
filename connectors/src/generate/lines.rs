//! Events as JSON lines (`domain/events.md`).

use super::event::{Damage, Event};
use clockstop_pipeline::Texts;
use clockstop_schemas::event_json;
use std::io::{self, Write};

/// Writes an event as one line. A file has no frames and no keys, so whatever is broken there is a
/// line that was cut off.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_line(event: &Event, texts: &Texts, out: &mut impl Write) -> io::Result<()> {
    let line = event_json(&event.pathway, &event.report, texts);
    match event.damage {
        None | Some(Damage::Content) => writeln!(out, "{line}"),
        Some(Damage::Truncated | Damage::Unframed | Damage::OtherKey) => {
            let line = line.to_string();
            let end = line.floor_char_boundary(line.len() / 2);
            writeln!(out, "{}", line.get(..end).unwrap_or_default())
        }
    }
}
