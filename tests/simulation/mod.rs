//! The life of a partition under every misfortune: the same state machine and engine as the service, on logs in
//! memory, with several owners, a faulty store and crashes at every step; compared with a batch fold.
//!
//! A seed tells everything that happens. `CLOCKSTOP_SIM_SEED=n` runs one, `CLOCKSTOP_SIM_SEEDS=n` so many.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::print_stdout,
    reason = "a simulation that cannot go on fails there, and prints what it did"
)]

mod draw;
mod feed;
mod found;
mod group;
mod log;
mod oracle;
mod process;
#[path = "../scenarios/reports.rs"]
#[expect(dead_code, reason = "the properties draw from strategies instead")]
mod reports;
mod store;
mod tally;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use tally::Tally;
use world::World;

/// How many seeds the suite runs.
const SEEDS: u64 = 20_000;
const SEED_PROGRESS: u64 = 10_000;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number of seeds"))
}

/// Runs one seed; what went wrong, if anything did.
fn run(seed: u64, traces: bool, tally: &mut Tally) -> Result<(), String> {
    let judged = std::panic::catch_unwind(|| {
        let mut world = World::new(seed, traces);
        let judged = world.live();
        (judged, world.tally)
    });
    match judged {
        Ok((judged, told)) => {
            tally.add(told);
            judged.map_err(|wrong| format!("seed {seed}: {wrong}"))
        }
        Err(_) => Err(format!("seed {seed}: panicked")),
    }
}

#[test]
fn nothing_is_lost_repeated_or_guessed() {
    if let Some(seed) = number("CLOCKSTOP_SIM_SEED") {
        let mut tally = Tally::default();
        let judged = run(seed, true, &mut tally);
        println!("{tally:#?}");
        judged.unwrap();
        return;
    }
    let seeds = number("CLOCKSTOP_SIM_SEEDS").unwrap_or(SEEDS);
    let first = number("CLOCKSTOP_SIM_FIRST").unwrap_or(0);
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let results: Vec<(Tally, Vec<String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let (mut tally, mut wrongs) = (Tally::default(), Vec::new());
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= first + seeds || wrongs.len() >= 5 {
                            return (tally, wrongs);
                        }
                        if let Err(wrong) = run(seed, false, &mut tally) {
                            next.fetch_max(first + seeds, Ordering::Relaxed);
                            wrongs
                                .push(format!("{wrong} (found after {} seeds)", seed - first + 1));
                        }
                        if (seed - first) % SEED_PROGRESS == SEED_PROGRESS - 1 {
                            println!("{} seeds", seed - first + 1);
                        }
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    let (mut tally, mut wrongs) = (Tally::default(), Vec::new());
    for (told, wrong) in results {
        tally.add(told);
        wrongs.extend(wrong);
    }
    println!("{seeds} seeds from {first}: {tally:#?}");
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    tally.must_have_met_everything();
}
