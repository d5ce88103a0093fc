//! `assess` from end to end: JSON lines in, folded, judged, assessments as JSON out; one core.
//!
//! `cargo bench -p clockstop --bench assess`
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures and stops at its first surprise"
)]

use clockstop::generate::{Feed, Plan, Rates, write_line};
use clockstop::lines::fold_lines;
use clockstop_pipeline::{AlertKey, Day, Engine, Reference};
use clockstop_schemas::assessment_json;
use std::io::{Cursor, Write, sink};
use std::time::Instant;

const ROUNDS: usize = 5;

fn main() {
    let to = Day::from_ymd(2026, 3, 1).unwrap();
    let plan = Plan {
        pathways: 50_000,
        seed: 1,
        from: to.plus(-424),
        to,
        rates: Rates::default(),
    };
    let mut feed = Feed::new(plan).unwrap();
    let (mut lines, mut events) = (Vec::new(), 0_u32);
    while let Some((_, day)) = feed.next() {
        for event in &day {
            write_line(event, feed.texts(), &mut lines).unwrap();
            events += 1;
        }
    }
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "bench");
        let counts = fold_lines(Cursor::new(&lines), &mut engine, |_, _| Ok(())).unwrap();
        let folded = started.elapsed().as_secs_f64();
        assert_eq!(counts.lines(), u64::from(events));
        let mut out = sink();
        for row in engine.rows(to) {
            let shown = assessment_json(row.pathway, &row.assessment, row.texts(), None);
            writeln!(out, "{shown}").unwrap();
        }
        let took = started.elapsed().as_secs_f64();
        println!(
            "assess: {events} events of {} pathways: {:.0} k events/s ({:.0} ms reading and folding, {:.0} ms judging and writing)",
            engine.pathways(),
            f64::from(events) / took / 1e3,
            folded * 1e3,
            (took - folded) * 1e3,
        );
    }
}
