//! Kills at random moments under load, again and again; then every word is compared with a batch fold.
//!
//! `CLOCKSTOP_TEST_SOAK_ROUNDS` and `CLOCKSTOP_TEST_SOAK_SEED` make it longer and choose its chances (`just soak`);
//! `CLOCKSTOP_TEST_SOAK_OUTAGES` is the number of rounds from one kill of the broker to the next, 0 for none. The seed
//! decides what is sent and what is done; when exactly it happens is the machine's.

use crate::feed::{Chance, Feeder};
use crate::fleet::{Eye, Fleet, is_torn, samples, shown};
use crate::oracle::Verdict;
use crate::service::Place;
use crate::support::kafka::Broker;
use crate::support::process::Signal;
use crate::support::{topics, wait};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ROUNDS_IN_SUITE: u64 = 20;
/// Rounds on one set of topics: a replay from the beginning gets longer with each of them.
const ROUNDS_OF_STAGE: u64 = 50;
const ROUNDS_TO_COMPARISON: u64 = 25;
/// A killed broker needs 11 to 20 seconds to come back.
const ROUNDS_TO_OUTAGE: u64 = 60;
const ROUNDS_TO_LINE: u64 = 10;
const PARTITIONS: i32 = 3;
const SESSION: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_millis(200);
/// A process that is not where it was awaited by then stands still.
const MOMENT_LIMIT: Duration = Duration::from_mins(1);
const REMEMBERED_DEEDS: usize = 15;

/// What a process is to have reached when something is done to it.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Started,
    State(&'static str),
    /// So many records later.
    Records(u64),
    InTransaction,
}

/// What is done then.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Kill,
    KillAll,
    Leave,
    /// Stopped until the others run everything, then continued.
    Freeze,
}

/// Whether the topics can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    GoesOn,
    /// The broker itself has broken a transaction; the next round has a new set of topics.
    Torn,
}

/// What was done in all rounds.
#[derive(Default)]
struct Tally {
    kills: BTreeMap<String, u32>,
    open_transactions: u32,
    leaves: u32,
    freezes: u32,
    outages: u32,
    torn: u32,
    unexpired: u32,
    records: usize,
    alerts: usize,
    revisions: usize,
    compared: u32,
}

impl Tally {
    fn line(&self) -> String {
        let kills: Vec<_> = self
            .kills
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        format!(
            "killed: {}; {} transactions left open, {} left, {} frozen, {} outages, {} of them tore a transaction, {} frozen ones were not expired after one; compared {} times: {} records, {} alerts, {} revisions",
            kills.join(", "),
            self.open_transactions,
            self.leaves,
            self.freezes,
            self.outages,
            self.torn,
            self.unexpired,
            self.compared,
            self.records,
            self.alerts,
            self.revisions
        )
    }
}

struct Soak {
    seed: u64,
    rounds: u64,
    rounds_to_outage: u64,
    round: u64,
    began: Instant,
    chance: Chance,
    tally: Tally,
    journal: VecDeque<String>,
}

fn left_open(eye: &Eye) -> u32 {
    u32::from(!eye.open_transactions().is_empty())
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}: {text} is no number")),
    )
}

#[test]
fn kills_at_any_moment_lose_nothing_and_repeat_nothing() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("CLOCKSTOP_TEST_SOAK_SEED").unwrap_or(now.as_secs());
    let mut soak = Soak {
        seed,
        rounds: number("CLOCKSTOP_TEST_SOAK_ROUNDS").unwrap_or(ROUNDS_IN_SUITE),
        rounds_to_outage: number("CLOCKSTOP_TEST_SOAK_OUTAGES").unwrap_or(ROUNDS_TO_OUTAGE),
        round: 0,
        began: Instant::now(),
        chance: Chance::new(seed),
        tally: Tally::default(),
        journal: VecDeque::new(),
    };
    let mut broker = Broker::start();
    while soak.round < soak.rounds {
        soak.stage(&mut broker);
    }
    soak.tell();
}

impl Soak {
    /// Rounds on one set of topics, ended by a comparison.
    fn stage(&mut self, broker: &mut Broker) {
        let mut place = Place::new(broker.bootstrap(), "soak");
        place.partitions = PARTITIONS;
        place.create_topics();
        topics::set_session(&place.bootstrap, &place.prefix, SESSION, HEARTBEAT);
        let eye = Eye::open(&place);
        let feeder = Feeder::start(&place, self.seed.wrapping_add(self.round * 1_000));
        let mut fleet = Fleet::new(&place);
        fleet.start();
        fleet.await_whole("the first process");
        let last = (self.round + ROUNDS_OF_STAGE).min(self.rounds);
        let mut of_stage = Verdict::default();
        while self.round < last {
            self.round += 1;
            if self.round(&mut fleet, &eye, broker) == Stage::Torn {
                break;
            }
            if self.round.is_multiple_of(ROUNDS_TO_LINE) {
                self.tell();
            }
            if self.round.is_multiple_of(ROUNDS_TO_COMPARISON) || self.round == last {
                of_stage = self.compare(&mut fleet, &feeder);
            }
        }
        self.tally.records += of_stage.records;
        self.tally.alerts += of_stage.alerts;
        self.tally.revisions += of_stage.revisions;
        drop((feeder, fleet));
        topics::delete_all_of(&place.bootstrap, &place.prefix);
    }

    fn round(&mut self, fleet: &mut Fleet<'_>, eye: &Eye, broker: &mut Broker) -> Stage {
        let wanted = match self.chance.below(10) {
            0..=5 => 1,
            6..=7 => 2,
            _ => 3,
        };
        while fleet.services.len() < wanted {
            fleet.start();
        }
        if self.round.is_multiple_of(self.rounds_to_outage) {
            return self.outage(fleet, eye, broker);
        }
        let target = usize::try_from(self.chance.below(fleet.services.len().try_into().unwrap()));
        let target = target.unwrap();
        let (moment, deed) = (self.moment(), self.deed());
        let reached = self.reach(fleet, eye, target, moment);
        self.note(&format!(
            "{} processes, {moment:?}, found {reached}, {deed:?} {target}",
            fleet.services.len()
        ));
        self.act(fleet, eye, target, deed, reached);
        Stage::GoesOn
    }

    fn moment(&mut self) -> Moment {
        let states = ["fencing", "reading_back", "replaying", "live"];
        match self.chance.below(10) {
            0 => Moment::Started,
            1..=4 => Moment::State(self.chance.one_of::<&str>(&states)),
            5..=6 => Moment::Records(1 + self.chance.below(400)),
            _ => Moment::InTransaction,
        }
    }

    fn deed(&mut self) -> Deed {
        match self.chance.below(20) {
            0..=13 => Deed::Kill,
            14..=15 => Deed::KillAll,
            16..=18 => Deed::Leave,
            _ => Deed::Freeze,
        }
    }

    /// Waits for the moment, or for what has overtaken it; returns what was found.
    fn reach(&self, fleet: &Fleet<'_>, eye: &Eye, target: usize, moment: Moment) -> String {
        let service = &fleet.services[target];
        let count = || samples(service, "clockstop_records_total").unwrap_or(0.0);
        let before = count();
        let reached = wait::within(MOMENT_LIMIT, || {
            let states = shown(service)?;
            let whole = fleet.is_whole().is_ok();
            let has = |state: &str| states.values().any(|shown| shown == state);
            match moment {
                Moment::Started => Ok("started".to_owned()),
                Moment::State(state) if has(state) => Ok(state.to_owned()),
                Moment::InTransaction if eye.sees_open(service) => Ok("in transaction".to_owned()),
                _ if whole && states.is_empty() => Ok("idle".to_owned()),
                Moment::State(_) if whole => Ok("live".to_owned()),
                Moment::Records(more)
                    if (count() - before).abs() >= f64::from(u32::try_from(more).unwrap()) =>
                {
                    Ok("after records".to_owned())
                }
                Moment::State(_) | Moment::Records(_) | Moment::InTransaction => {
                    Err(format!("{states:?}, {} records", count()))
                }
            }
        });
        reached.unwrap_or_else(|refusal| {
            let told = format!("{moment:?} of process {target} is not reached: {refusal}");
            self.fail(fleet, &told)
        })
    }

    fn act(&mut self, fleet: &mut Fleet<'_>, eye: &Eye, target: usize, deed: Deed, state: String) {
        match deed {
            Deed::Kill => {
                fleet.kill(target);
                self.tally.open_transactions += left_open(eye);
                *self.tally.kills.entry(state).or_default() += 1;
            }
            Deed::KillAll => {
                while !fleet.services.is_empty() {
                    fleet.kill(0);
                    *self.tally.kills.entry(state.clone()).or_default() += 1;
                }
                self.tally.open_transactions += left_open(eye);
            }
            Deed::Leave => {
                fleet.leave(target);
                self.tally.leaves += 1;
            }
            Deed::Freeze => self.freeze(fleet, target),
        }
    }

    fn freeze(&mut self, fleet: &mut Fleet<'_>, target: usize) {
        let frozen = fleet.services.remove(target);
        frozen.process.signal(Signal::Stop);
        if fleet.services.is_empty() {
            fleet.start();
        }
        let taken = wait::within(MOMENT_LIMIT, || fleet.is_whole());
        frozen.process.signal(Signal::Continue);
        fleet.services.push(frozen);
        self.tally.freezes += 1;
        if let Err(refusal) = taken {
            // A broker that was killed was seen to come back and expire nobody any more (docs/kafka.md): whoever is
            // silent keeps its partitions until it is heard again.
            let heard_again = wait::within(MOMENT_LIMIT, || fleet.is_whole());
            if self.tally.outages == 0 || heard_again.is_err() {
                let told = format!("nobody takes over from a frozen process: {refusal}");
                self.fail(fleet, &told);
            }
            self.tally.unexpired += 1;
        }
    }

    /// The broker dies, in the middle of a transaction if one comes soon, and comes back.
    fn outage(&mut self, fleet: &mut Fleet<'_>, eye: &Eye, broker: &mut Broker) -> Stage {
        let found = self.reach(fleet, eye, 0, Moment::InTransaction);
        broker.kill();
        self.note(&format!("the broker is killed, found {found}"));
        broker.restart();
        self.tally.outages += 1;
        let whole = wait::within(MOMENT_LIMIT, || fleet.is_whole());
        if is_torn(fleet.place) {
            self.tally.torn += 1;
            return Stage::Torn;
        }
        if let Err(refusal) = whole {
            self.fail(
                fleet,
                &format!("not whole after the broker's return: {refusal}"),
            );
        }
        Stage::GoesOn
    }

    fn compare(&mut self, fleet: &mut Fleet<'_>, feeder: &Feeder) -> Verdict {
        feeder.rest();
        if fleet.services.is_empty() {
            fleet.start();
        }
        let verdict = fleet.settle_and_compare();
        println!("round {}: {verdict}", self.round);
        if !verdict.is_clean() {
            self.fail(fleet, &verdict.to_string());
        }
        self.tally.compared += 1;
        feeder.resume();
        verdict
    }

    fn note(&mut self, deed: &str) {
        if self.journal.len() == REMEMBERED_DEEDS {
            self.journal.pop_front();
        }
        let at = self.began.elapsed().as_secs_f32();
        self.journal
            .push_back(format!("{at:.1} s, round {}: {deed}", self.round));
    }

    fn tell(&self) {
        println!(
            "seed {}, round {} of {}, {:.0} s; {}",
            self.seed,
            self.round,
            self.rounds,
            self.began.elapsed().as_secs_f32(),
            self.tally.line()
        );
    }

    fn fail(&self, fleet: &Fleet<'_>, told: &str) -> ! {
        let journal: Vec<_> = self.journal.iter().map(String::as_str).collect();
        panic!(
            "seed {}, round {}: {told}\n{}\n{}",
            self.seed,
            self.round,
            journal.join("\n"),
            fleet.logs()
        );
    }
}
