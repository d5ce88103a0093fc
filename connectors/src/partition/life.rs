//! The life of one partition in the hands of one worker: which step follows from what happened.

use super::found::Loss;
use super::state::{Refused, State};
use clockstop_pipeline::{AlertId, Topic};
use std::time::{Duration, Instant};

const FENCE_WINDOW: Duration = Duration::from_mins(1);
const FENCES_ALLOWED: usize = 3;
const FIRST_BACK_OFF: Duration = Duration::from_millis(200);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);
/// A refusal whose way out can be taken while the service runs is tried again after this time.
const REFUSED_AGAIN: Duration = Duration::from_secs(30);

/// What can happen to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Earlier writers are shut out.
    Fenced,
    /// A checkpoint is loaded, or there is none.
    Loaded,
    /// The last order did not come to an end.
    Failed,
    /// Its alerts are read back; the inputs end so.
    Found([i64; 3]),
    /// It must not be run.
    Barred(Refused),
    /// The next offsets of the inputs.
    Reached([i64; 3]),
    /// All is replayed, and these alerts are of unknown pathways.
    Replayed { unknown: Vec<AlertId> },
    /// It is not known whether the last batch was committed.
    Unsettled(Loss),
    /// An input may have fallen silent.
    OutsideLog,
    /// An input's record does not carry the broker's time.
    NotStamped(Topic),
    /// A refusal may have lost its reason.
    TriedAgain,
    /// The group took at least one of its inputs.
    Taken,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing.
    Wait,
    /// Give the order to fence.
    Fence,
    /// Give the order to load.
    Load,
    /// Give the order to find.
    Find,
    /// Give the last order again after this time.
    Again(Duration),
    /// Read the inputs.
    Replay,
    /// Count the alerts of unknown pathways and say so.
    Examine,
    /// Reconcile and speak.
    Speak,
    /// Forget everything and fence, once the group has been polled.
    StartOver,
    /// Stop reading and say why; try again after this time, if at all.
    Refuse(Option<Duration>),
    /// Forget everything.
    Leave,
}

/// One partition's life.
#[derive(Debug)]
pub(crate) struct Life {
    state: State,
    ends: [i64; 3],
    failures: u32,
    fenced_off: Vec<Instant>,
}

impl Life {
    /// Begins; the first action is to fence.
    pub(crate) fn begin() -> Self {
        Self {
            state: State::Fencing,
            ends: [0; 3],
            failures: 0,
            fenced_off: Vec::new(),
        }
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Takes what happened in; what does not fit the state changes nothing.
    pub(crate) fn step(&mut self, event: Event, now: Instant) -> Action {
        match (&self.state, event) {
            (State::Lost, _) => Action::Wait,
            (_, Event::Taken) => self.go(State::Lost, Action::Leave),
            (State::Refused(reason), Event::TriedAgain) if reason.may_pass() => {
                self.go(State::Fencing, Action::StartOver)
            }
            (State::Refused(_), _) => Action::Wait,
            (_, Event::NotStamped(topic)) => self.refuse(Refused::NotStampedByBroker { topic }),
            (_, Event::Barred(reason)) => self.refuse(reason),
            (_, Event::Unsettled(loss)) => self.start_over(&loss, now),
            (State::Fencing, Event::Fenced) => self.go(State::Loading, Action::Load),
            (State::Loading, Event::Loaded) => self.go(State::ReadingBack, Action::Find),
            (State::ReadingBack, Event::Found(ends)) => {
                self.ends = ends;
                self.go(State::Replaying, Action::Replay)
            }
            (State::Fencing | State::Loading | State::ReadingBack, Event::Failed) => {
                self.failures += 1;
                Action::Again(back_off(self.failures))
            }
            (State::Replaying, Event::Reached(reached)) => {
                let done = reached.iter().zip(self.ends).all(|(&at, end)| at >= end);
                if done { Action::Examine } else { Action::Wait }
            }
            (State::Replaying, Event::Replayed { unknown }) if unknown.is_empty() => {
                self.go(State::Live, Action::Speak)
            }
            (State::Replaying, Event::Replayed { unknown }) => {
                self.refuse(Refused::unknown_alerts(&unknown))
            }
            (State::Replaying | State::Live, Event::OutsideLog) => {
                self.go(State::Fencing, Action::StartOver)
            }
            (
                State::Fencing
                | State::Loading
                | State::ReadingBack
                | State::Replaying
                | State::Live,
                _,
            ) => Action::Wait,
        }
    }

    fn go(&mut self, state: State, action: Action) -> Action {
        self.state = state;
        self.failures = 0;
        action
    }

    fn refuse(&mut self, reason: Refused) -> Action {
        let again = reason.may_pass().then_some(REFUSED_AGAIN);
        self.go(State::Refused(reason), Action::Refuse(again))
    }

    fn start_over(&mut self, loss: &Loss, now: Instant) -> Action {
        if *loss == Loss::FencedOff {
            self.fenced_off
                .retain(|&at| now.saturating_duration_since(at) < FENCE_WINDOW);
            self.fenced_off.push(now);
            if self.fenced_off.len() >= FENCES_ALLOWED {
                return self.refuse(Refused::AnotherDeployment);
            }
        }
        self.go(State::Fencing, Action::StartOver)
    }
}

fn back_off(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST_BACK_OFF
        .saturating_mul(1 << doublings)
        .min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::{Action, Event, Life, REFUSED_AGAIN, back_off};
    use crate::partition::found::Loss;
    use crate::partition::state::{Refused, State};
    use clockstop_pipeline::{AlertId, Topic};
    use std::time::{Duration, Instant};

    fn walk(life: &mut Life, steps: impl IntoIterator<Item = (Event, Action)>) {
        let now = Instant::now();
        for (event, action) in steps {
            let told = format!("{event:?} in {:?}", life.state());
            assert_eq!(life.step(event, now), action, "{told}");
        }
    }

    fn up_to_live() -> [(Event, Action); 6] {
        [
            (Event::Fenced, Action::Load),
            (Event::Loaded, Action::Find),
            (Event::Found([10, 0, 4]), Action::Replay),
            (Event::Reached([10, 0, 3]), Action::Wait),
            (Event::Reached([11, 0, 4]), Action::Examine),
            (Event::Replayed { unknown: vec![] }, Action::Speak),
        ]
    }

    #[test]
    fn an_ordinary_life() {
        let mut life = Life::begin();
        walk(&mut life, up_to_live());
        assert_eq!(*life.state(), State::Live);
        walk(
            &mut life,
            [(Event::Taken, Action::Leave), (Event::Fenced, Action::Wait)],
        );
        assert_eq!(*life.state(), State::Lost);
    }

    #[test]
    fn what_must_not_be_run_is_not_and_is_tried_again_where_that_can_help() {
        let missing = Refused::HistoryMissing {
            topic: Topic::Diagnosis,
            begin: 7,
            needed: 0,
        };
        let changed = Refused::PartitionsChanged { was: 4, is: 5 };
        for (reason, again) in [(missing, Some(REFUSED_AGAIN)), (changed, None)] {
            let mut life = Life::begin();
            walk(&mut life, up_to_live().into_iter().take(2));
            let barred = Event::Barred(reason.clone());
            let after = again.map_or(Action::Wait, |_| Action::StartOver);
            walk(
                &mut life,
                [
                    (barred, Action::Refuse(again)),
                    (Event::Reached([99, 99, 99]), Action::Wait),
                    (Event::OutsideLog, Action::Wait),
                ],
            );
            assert_eq!(*life.state(), State::Refused(reason));
            walk(&mut life, [(Event::TriedAgain, after)]);
        }
    }

    #[test]
    fn alerts_of_unknown_pathways_refuse_the_partition() {
        let mut life = Life::begin();
        walk(&mut life, up_to_live().into_iter().take(5));
        let refuse = Action::Refuse(Some(REFUSED_AGAIN));
        let unknown: Vec<_> = (0..21).map(|n| AlertId([n; 16])).collect();
        let ids = unknown.clone();
        walk(&mut life, [(Event::Replayed { unknown }, refuse)]);
        let State::Refused(reason) = life.state() else {
            panic!("not refused");
        };
        let told = reason.to_string();
        assert!(told.starts_with("21 alerts were said"), "{told}");
        assert!(
            ids.iter().take(20).all(|id| told.contains(&id.to_string())),
            "{told}"
        );
        assert!(
            !ids.iter().skip(20).any(|id| told.contains(&id.to_string())),
            "{told}"
        );
        walk(&mut life, [(Event::Taken, Action::Leave)]);
    }

    #[test]
    fn what_fails_is_tried_again_later_and_later() {
        let mut life = Life::begin();
        for millis in [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000] {
            let again = Action::Again(Duration::from_millis(millis));
            walk(&mut life, [(Event::Failed, again)]);
        }
        assert_eq!(back_off(u32::MAX), Duration::from_secs(10));
        let again = Action::Again(Duration::from_millis(200));
        walk(
            &mut life,
            [
                (Event::Fenced, Action::Load),
                (Event::Failed, again),
                (Event::Loaded, Action::Find),
                (Event::Failed, again),
            ],
        );
        assert_eq!(*life.state(), State::ReadingBack);
    }

    #[test]
    fn an_unknown_outcome_starts_over_however_often() {
        let mut life = Life::begin();
        for _ in 0..10 {
            walk(&mut life, up_to_live());
            let lost = Event::Unsettled(Loss::Interrupted("timed out".to_owned()));
            walk(&mut life, [(lost, Action::StartOver)]);
            assert_eq!(*life.state(), State::Fencing);
        }
    }

    #[test]
    fn three_fences_in_a_minute_mean_another_deployment() {
        let start = Instant::now();
        for (seconds, last) in [
            ([0, 20, 40], Action::Refuse(None)),
            ([0, 20, 61], Action::StartOver),
        ] {
            let mut life = Life::begin();
            let actions = seconds.map(|second| {
                let at = start + Duration::from_secs(second);
                life.step(Event::Unsettled(Loss::FencedOff), at)
            });
            assert_eq!(actions, [Action::StartOver, Action::StartOver, last]);
        }
    }

    #[test]
    fn a_silent_input_starts_over() {
        let mut life = Life::begin();
        walk(&mut life, up_to_live());
        walk(&mut life, [(Event::OutsideLog, Action::StartOver)]);
        walk(
            &mut life,
            [(Event::NotStamped(Topic::Referral), Action::Refuse(None))],
        );
    }
}
