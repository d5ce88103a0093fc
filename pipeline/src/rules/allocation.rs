//! Who answers for a 62-day wait when providers changed? (R14, section 3, Q26, V20, V21)

use super::adjustment::first_seen_days_for_sixty_two;
use super::{Case, responsible};
use crate::allocation::{Method, Share};
use crate::assessment::Stopped;
use crate::day::Day;
use crate::fact::Transfer;
use crate::text::{Text, Texts};
use crate::view::{Item, Treatment, View};
use smallvec::SmallVec;

/// The last day of the first leg that is in time, and the length of the second (section 3).
const INVESTIGATING_LEG: i32 = 38;
const TREATING_LEG: i32 = 24;

/// Which transfer a 62-day wait rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transferred {
    /// Nothing was recorded, or no date was.
    Undated { provider: Option<Text> },
    /// Dated before the clock's start or after treatment (V21).
    Impossible { provider: Option<Text> },
    /// Dated within the wait.
    On { day: Day, provider: Option<Text> },
}

/// How a stopped 62-day wait is shared.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// The method and the shares; `None` where the treating organisation is not known.
    pub(crate) parts: Option<(Method, SmallVec<[Share; 2]>)>,
    /// The wait fell to a default for want of data (V20).
    pub(crate) lacks_data: bool,
}

/// The transfer of a wait: the latest dated up to the treatment's start, else what was recorded (Q26).
pub(crate) fn transferred(view: &View, texts: &Texts, start: Day, stop: Day) -> Transferred {
    let dated = |item: &Item<Transfer>| item.known.fact.date_of_transfer_to_treatment;
    let latest = |usable: &dyn Fn(Option<Day>) -> bool| {
        view.transfers
            .iter()
            .filter(|item| usable(dated(item)))
            .max_by(|a, b| {
                let by_day = dated(a).cmp(&dated(b));
                by_day.then_with(|| texts.compare(b.id, a.id))
            })
    };
    let used = latest(&|day| day.is_some_and(|day| day <= stop));
    let recorded = used.or_else(|| latest(&|_| true));
    let provider = recorded.and_then(|item| item.known.fact.accountable_investigating_provider);
    match recorded.and_then(dated) {
        None => Transferred::Undated { provider },
        Some(day) if day < start || day > stop => Transferred::Impossible { provider },
        Some(day) => Transferred::On { day, provider },
    }
}

impl Transferred {
    /// The investigating provider that the transfer names.
    const fn provider(self) -> Option<Text> {
        let (Self::Undated { provider }
        | Self::Impossible { provider }
        | Self::On { provider, .. }) = self;
        provider
    }

    /// Its day, when it lies within the wait.
    pub(crate) const fn day(self) -> Option<Day> {
        match self {
            Self::On { day, .. } => Some(day),
            Self::Undated { .. } | Self::Impossible { .. } => None,
        }
    }

    /// The site that investigated: as the transfer says, else the upgrading, else the first-seen one
    /// (section 3, step 2).
    pub(crate) fn investigating_site(self, view: &View) -> Option<Text> {
        self.provider().or_else(|| investigating(view))
    }
}

/// Shares a stopped wait between the investigating and the treating trust (section 3).
pub(crate) fn share(case: &Case<'_>, stopped: &Stopped, fdt: &Treatment) -> Shared {
    let transfer = transferred(case.view, case.texts, stopped.wait.start, stopped.stop);
    let Some(treating) = responsible::treating(case, fdt) else {
        return Shared {
            parts: None,
            lacks_data: true,
        };
    };
    let Some(investigating) = transfer.investigating_site(case.view) else {
        return solo(treating, stopped, Known::No);
    };
    let investigating = case.texts.trust(investigating);
    if investigating == treating {
        return solo(treating, stopped, Known::Yes);
    }
    let trusts = [investigating, treating];
    match transfer {
        Transferred::On {
            day,
            provider: Some(_),
        } => by_legs(case, stopped, day, trusts),
        Transferred::Impossible { provider: Some(_) } => half(trusts, stopped, Known::Yes),
        Transferred::Undated { .. }
        | Transferred::Impossible { provider: None }
        | Transferred::On { provider: None, .. } => half(trusts, stopped, Known::No),
    }
}

/// Whether everything that decides the method is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

fn investigating(view: &View) -> Option<Text> {
    let upgrading = || {
        view.upgrade?
            .fact
            .organisation_site_identifier_of_provider_consultant_upgrade
    };
    let first_seen = || {
        view.first_seen?
            .fact
            .organisation_site_identifier_of_provider_first_seen
    };
    upgrading().or_else(first_seen)
}

fn solo(treating: Text, stopped: &Stopped, known: Known) -> Shared {
    let shares = SmallVec::from_slice(&[Share {
        organisation: treating,
        half_patients: 2,
        half_breaches: if stopped.within { 0 } else { 2 },
    }]);
    Shared {
        parts: Some((Method::Solo, shares)),
        lacks_data: known == Known::No,
    }
}

fn half(trusts: [Text; 2], stopped: &Stopped, known: Known) -> Shared {
    Shared {
        parts: Some((Method::Half, shares(trusts, Method::Half, stopped))),
        lacks_data: known == Known::No,
    }
}

/// The six scenarios of section 3: who was late takes the breach.
fn by_legs(case: &Case<'_>, stopped: &Stopped, transfer: Day, trusts: [Text; 2]) -> Shared {
    let first_seen = first_seen_days_for_sixty_two(case.view, case.route);
    let first_leg = transfer.since(stopped.wait.start) - first_seen;
    let second_leg = stopped.wait.days() - first_leg;
    let in_time = (
        stopped.within,
        first_leg <= INVESTIGATING_LEG,
        second_leg <= TREATING_LEG,
    );
    let method = Method::Scenario(match in_time {
        (true, true, true) => 1,
        (true, true, false) => 2,
        (true, false, _) => 3,
        (false, true, _) => 4,
        (false, false, true) => 5,
        (false, false, false) => 6,
    });
    Shared {
        parts: Some((method, shares(trusts, method, stopped))),
        lacks_data: false,
    }
}

fn shares(trusts: [Text; 2], method: Method, stopped: &Stopped) -> SmallVec<[Share; 2]> {
    trusts
        .into_iter()
        .zip(method.half_patients())
        .map(|(organisation, half_patients)| Share {
            organisation,
            half_patients,
            half_breaches: if stopped.within { 0 } else { half_patients },
        })
        .collect()
}
