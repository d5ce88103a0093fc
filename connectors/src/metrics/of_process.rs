//! What is said of the process as a whole.

use super::out::{Out, Value};
use crate::board::{Board, Part};
use clockstop_pipeline::{Level, Standard};
use std::fmt::Result;

pub(super) fn encode(out: &mut Out<'_>, board: &Board) -> Result {
    out.gauge(("ready", "1 while /readyz answers 200"), board.ready())?;
    out.gauge(("healthy", "1 while /healthz answers 200"), board.healthy())?;
    out.gauge(
        (
            "input_partitions",
            "How many partitions each input has, whichever process runs them",
        ),
        i64::from(board.of_inputs()),
    )?;
    troubles(out, board)?;
    let published = board.published_at().into_iter();
    out.gauges(
        (
            "snapshot_published_timestamp_seconds",
            "When this process last published a snapshot",
        ),
        published.map(|at| (Vec::new(), at.into())),
    )?;
    turns(out, board)?;
    standing(out, board)
}

fn troubles(out: &mut Out<'_>, board: &Board) -> Result {
    let troubles = board.troubles();
    let samples = Part::ALL.into_iter().map(|part| {
        let labels = vec![("part", part.name().to_owned())];
        (labels, Value::from(troubles.contains_key(&part)))
    });
    out.gauges(
        (
            "trouble",
            "1 while this part keeps the process from being ready",
        ),
        samples,
    )
}

fn turns(out: &mut Out<'_>, board: &Board) -> Result {
    let turns = board.turns();
    let samples = turns.iter().enumerate().map(|(worker, turns)| {
        let labels = vec![("worker", worker.to_string())];
        (labels, turns)
    });
    out.histograms(
        (
            "turn_duration_seconds",
            "How long a worker's loop took from one reading of its inputs to the next, its waiting apart",
        ),
        samples,
    )
}

fn standing(out: &mut Out<'_>, board: &Board) -> Result {
    let partitions = board.partitions();
    let samples = Standard::ALL.into_iter().flat_map(|standard| {
        Level::ALL.map(|level| {
            let labels = vec![
                ("standard", standard.name().to_owned()),
                ("level", level.name().to_owned()),
            ];
            let counts = partitions.values().map(|p| p.standing.at(standard, level));
            (labels, Value::from(counts.sum::<u64>()))
        })
    });
    out.gauges(("standing_alerts", "Alerts that stand"), samples)
}
