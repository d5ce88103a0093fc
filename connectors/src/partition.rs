//! The life of one partition in the hands of one worker: which step follows from what happened.
//!
//! `Fencing`, `ReadingBack`, `Replaying`, `Live`; or `Refused`, with its reason; or `Lost` to another worker.

use crate::kafka::recovery::Span;
use crate::kafka::sink::Loss;
use clockstop_pipeline::Topic;
use std::fmt;
use std::time::{Duration, Instant};

const FENCE_WINDOW: Duration = Duration::from_mins(1);
const FENCES_ALLOWED: usize = 3;
const FIRST_BACK_OFF: Duration = Duration::from_millis(200);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);

/// Where a partition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Every earlier writer is being shut out.
    Fencing,
    /// What was said is being read back, and the ends of the inputs taken.
    ReadingBack,
    /// The inputs are read from their beginning to those ends; nothing is said.
    Replaying,
    /// It decides and speaks.
    Live,
    /// It cannot be run, and nothing is said for it.
    Refused(Refused),
    /// It belongs to another worker.
    Lost,
}

impl State {
    /// The name in metrics and `/readyz`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fencing => "fencing",
            Self::ReadingBack => "reading_back",
            Self::Replaying => "replaying",
            Self::Live => "live",
            Self::Refused(_) => "refused",
            Self::Lost => "lost",
        }
    }

    /// The names of all states that a partition can be shown in.
    pub const SHOWN: [&str; 5] = ["fencing", "reading_back", "replaying", "live", "refused"];
}

/// Why a partition is not run, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// An input's log does not reach back to its first record.
    HistoryMissing {
        /// Which input.
        topic: Topic,
        /// The first offset that is still there.
        begin: i64,
    },
    /// Alerts were said of pathways that the inputs do not know.
    UnknownAlerts {
        /// How many.
        alerts: usize,
    },
    /// Something else writes with the same transactional id again and again.
    AnotherDeployment,
    /// The input's records do not carry the broker's time.
    NotStampedByBroker {
        /// Which input.
        topic: Topic,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HistoryMissing { topic, begin } => write!(
                f,
                "the {} input begins at offset {begin} and not at 0: its history is incomplete; set retention.ms=-1 and restore the log",
                topic.name()
            ),
            Self::UnknownAlerts { alerts } => write!(
                f,
                "{alerts} alerts were said of pathways that the inputs do not know: check kafka.topics, for an input may be the wrong or an emptied topic"
            ),
            Self::AnotherDeployment => f.write_str(
                "another deployment writes here: stop it, or give this one its own kafka.topics.alert and kafka.group_id",
            ),
            Self::NotStampedByBroker { topic } => write!(
                f,
                "the {} input does not carry the broker's time: set message.timestamp.type=LogAppendTime (clockstop topics check)",
                topic.name()
            ),
        }
    }
}

/// What can happen to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Earlier writers are shut out.
    Fenced,
    /// The last order did not come to an end.
    Failed,
    /// Its alerts are read back; the inputs lie so.
    Found([Span; 3]),
    /// The next offsets of the inputs.
    Reached([i64; 3]),
    /// All is replayed, and so many alerts are of unknown pathways.
    Replayed { unknown: usize },
    /// It is not known whether the last batch was committed.
    Unsettled(Loss),
    /// An input may have fallen silent.
    OutsideLog,
    /// An input's record does not carry the broker's time.
    NotStamped(Topic),
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
    /// Forget everything, go back to offset 0 and fence.
    StartOver,
    /// Stop reading and say why.
    Refuse,
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
        if matches!(self.state, State::Refused(_)) && event != Event::Taken {
            return Action::Wait;
        }
        match (&self.state, event) {
            (State::Lost, _) => Action::Wait,
            (_, Event::Taken) => self.go(State::Lost, Action::Leave),
            (_, Event::NotStamped(topic)) => self.refuse(Refused::NotStampedByBroker { topic }),
            (_, Event::Unsettled(loss)) => self.start_over(&loss, now),
            (State::Fencing, Event::Fenced) => self.go(State::ReadingBack, Action::Find),
            (State::ReadingBack, Event::Found(inputs)) => self.found(inputs),
            (State::Fencing | State::ReadingBack, Event::Failed) => {
                self.failures += 1;
                Action::Again(back_off(self.failures))
            }
            (State::Replaying, Event::Reached(reached)) => {
                let done = reached.iter().zip(self.ends).all(|(&at, end)| at >= end);
                if done { Action::Examine } else { Action::Wait }
            }
            (State::Replaying, Event::Replayed { unknown: 0 }) => {
                self.go(State::Live, Action::Speak)
            }
            (State::Replaying, Event::Replayed { unknown }) => {
                self.refuse(Refused::UnknownAlerts { alerts: unknown })
            }
            (State::Replaying | State::Live, Event::OutsideLog) => {
                self.go(State::Fencing, Action::StartOver)
            }
            (
                State::Fencing
                | State::ReadingBack
                | State::Replaying
                | State::Live
                | State::Refused(_),
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
        self.go(State::Refused(reason), Action::Refuse)
    }

    fn found(&mut self, inputs: [Span; 3]) -> Action {
        let mut named = inputs.iter().zip(Topic::ALL);
        if let Some((span, topic)) = named.find(|(span, _)| span.begin != 0) {
            let begin = span.begin;
            return self.refuse(Refused::HistoryMissing { topic, begin });
        }
        self.ends = inputs.map(|span| span.end);
        self.go(State::Replaying, Action::Replay)
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
    use super::{Action, Event, Life, Refused, State, back_off};
    use crate::kafka::recovery::Span;
    use crate::kafka::sink::Loss;
    use clockstop_pipeline::Topic;
    use std::time::{Duration, Instant};

    fn span(begin: i64, end: i64) -> Span {
        Span { begin, end }
    }

    fn walk(life: &mut Life, steps: impl IntoIterator<Item = (Event, Action)>) {
        let now = Instant::now();
        for (event, action) in steps {
            let told = format!("{event:?} in {:?}", life.state());
            assert_eq!(life.step(event, now), action, "{told}");
        }
    }

    fn up_to_live() -> [(Event, Action); 5] {
        let inputs = [span(0, 10), span(0, 0), span(0, 4)];
        [
            (Event::Fenced, Action::Find),
            (Event::Found(inputs), Action::Replay),
            (Event::Reached([10, 0, 3]), Action::Wait),
            (Event::Reached([11, 0, 4]), Action::Examine),
            (Event::Replayed { unknown: 0 }, Action::Speak),
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
    fn an_input_without_its_beginning_is_never_replayed() {
        let mut life = Life::begin();
        let inputs = [span(0, 10), span(7, 9), span(0, 4)];
        walk(
            &mut life,
            [
                (Event::Fenced, Action::Find),
                (Event::Found(inputs), Action::Refuse),
                (Event::Reached([99, 99, 99]), Action::Wait),
                (Event::OutsideLog, Action::Wait),
            ],
        );
        let reason = Refused::HistoryMissing {
            topic: Topic::Diagnosis,
            begin: 7,
        };
        assert_eq!(*life.state(), State::Refused(reason));
    }

    #[test]
    fn alerts_of_unknown_pathways_refuse_the_partition() {
        let mut life = Life::begin();
        walk(&mut life, up_to_live().into_iter().take(4));
        walk(
            &mut life,
            [(Event::Replayed { unknown: 2 }, Action::Refuse)],
        );
        let reason = Refused::UnknownAlerts { alerts: 2 };
        assert_eq!(*life.state(), State::Refused(reason));
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
        walk(&mut life, [(Event::Fenced, Action::Find)]);
        let again = Action::Again(Duration::from_millis(200));
        walk(&mut life, [(Event::Failed, again)]);
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
            ([0, 20, 40], Action::Refuse),
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
            [(Event::NotStamped(Topic::Referral), Action::Refuse)],
        );
    }
}
