//! What has been said of a clock, and what is to be said next (design 5).

use crate::alert::{Alert, AlertId, AlertKey, Content, Level, Transition};
use crate::assessment::{Clock, Reason, Standard, State};
use crate::day::Day;
use crate::text::{Text, Texts};

/// The last thing said of one alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) standard: Standard,
    pub(crate) item: Option<Text>,
    pub(crate) revision: u32,
    pub(crate) transition: Transition,
    pub(crate) content: SaidContent,
    pub(crate) decided_on: Day,
}

/// The compared content of an alert, as the engine keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SaidContent {
    pub(crate) level: Option<Level>,
    pub(crate) start: Option<Day>,
    pub(crate) last_compliant: Option<Day>,
    pub(crate) stop: Option<Day>,
    pub(crate) within: Option<bool>,
    pub(crate) reason: Option<Reason>,
    pub(crate) organisation: Option<Text>,
}

/// What should be said of a clock: that it stands, or how it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// `None` while it stands.
    end: Option<Transition>,
    content: SaidContent,
}

impl Due {
    /// What should be said of a clock; `None` for a clock that is not listed any more.
    pub(crate) fn of(clock: Option<&Clock>) -> Self {
        let nothing = Self {
            end: Some(Transition::Withdrawn),
            content: SaidContent::default(),
        };
        let Some(clock) = clock else {
            return nothing;
        };
        let organisation = clock.responsible;
        match clock.state {
            State::Running(running) if clock.level.is_some() => Self {
                end: None,
                content: SaidContent {
                    level: clock.level,
                    start: Some(running.wait.start),
                    last_compliant: Some(running.last_compliant),
                    reason: running.counting.reason(),
                    organisation,
                    ..SaidContent::default()
                },
            },
            State::Stopped(stopped) => Self {
                end: Some(Transition::Resolved),
                content: SaidContent {
                    level: None,
                    start: Some(stopped.wait.start),
                    last_compliant: Some(stopped.last_compliant),
                    stop: Some(stopped.stop),
                    within: Some(stopped.within),
                    reason: stopped.counting.reason(),
                    organisation,
                },
            },
            State::Ended(ended) => Self {
                end: Some(Transition::Closed),
                content: SaidContent {
                    start: Some(ended.start),
                    stop: ended.stop.map(|(stop, _)| stop),
                    reason: Some(ended.reason),
                    organisation,
                    ..SaidContent::default()
                },
            },
            State::Running(_) | State::NotStarted => nothing,
        }
    }

    pub(crate) const fn content(&self) -> &SaidContent {
        &self.content
    }

    /// The transition from what was said to this, if there is anything new to say.
    pub(crate) fn after(&self, said: Option<&Said>) -> Option<Transition> {
        let standing = said.filter(|said| said.content.level.is_some());
        match (self.end, standing, said) {
            (None, None, _) => Some(Transition::Raised),
            (None, Some(said), _) => self.moved(&said.content),
            (Some(end), Some(_), _) => Some(end),
            (Some(_), None, None) => None,
            (Some(end), None, Some(said)) => {
                (said.transition != end || said.content != self.content).then_some(end)
            }
        }
    }

    fn moved(&self, said: &SaidContent) -> Option<Transition> {
        match self.content.level.cmp(&said.level) {
            core::cmp::Ordering::Greater => Some(Transition::Escalated),
            core::cmp::Ordering::Less => Some(Transition::Eased),
            core::cmp::Ordering::Equal => (self.content != *said).then_some(Transition::Amended),
        }
    }
}

impl SaidContent {
    pub(crate) fn spell(&self, texts: &Texts) -> Content {
        Content {
            level: self.level,
            start: self.start,
            last_compliant: self.last_compliant,
            stop: self.stop,
            within: self.within,
            reason: self.reason,
            organisation: self
                .organisation
                .map(|text| texts.read(text).as_str().to_owned()),
        }
    }
}

impl Said {
    /// An alert that is known to be said.
    pub(crate) fn of(alert: &Alert, texts: &mut Texts) -> Self {
        let content = &alert.content;
        let organisation = content
            .organisation
            .as_deref()
            .and_then(|organisation| texts.keep(organisation));
        Self {
            standard: alert.standard,
            item: alert.item().and_then(|item| texts.keep(item)),
            revision: alert.revision,
            transition: alert.transition,
            content: SaidContent {
                level: content.level,
                start: content.start,
                last_compliant: content.last_compliant,
                stop: content.stop,
                within: content.within,
                reason: content.reason,
                organisation,
            },
            decided_on: alert.decided_on,
        }
    }

    /// Whether it is about this clock.
    pub(crate) fn is_of(&self, standard: Standard, item: Option<Text>) -> bool {
        self.standard == standard && self.item == item
    }
}

/// The id of a clock's alert.
pub(crate) fn clock_id(
    key: &AlertKey,
    pathway: &str,
    standard: Standard,
    item: Option<Text>,
    texts: &Texts,
) -> AlertId {
    let item = item.map(|item| texts.read(item));
    let item = item.as_ref().map(crate::text::Spelling::as_str);
    AlertId::new(key, pathway, standard, item)
}

/// The id of the alert that something was said of.
pub(crate) fn said_id(key: &AlertKey, pathway: &str, said: &Said, texts: &Texts) -> AlertId {
    clock_id(key, pathway, said.standard, said.item, texts)
}
