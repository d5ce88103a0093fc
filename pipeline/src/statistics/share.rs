//! The providers a wait is shared between (statistics 2, R14, R17).

use super::cuts::Activity;
use super::wait::Wait;
use crate::allocation::Method;
use crate::assessment::Standard;
use crate::text::{Spelling, Text};
use smallvec::SmallVec;

/// A provider's part in a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It investigated; another provider treated.
    Investigating,
    /// It treated; another provider investigated.
    Treating,
    /// The wait is its own.
    Sole,
}

impl Role {
    /// `investigating`, `treating` or `sole`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Treating => "treating",
            Self::Sole => "sole",
        }
    }
}

/// One provider's part of a wait, in halves; sums over these are the provider basis.
#[derive(Clone, Copy, Debug)]
pub struct WaitShare<'a> {
    /// The provider.
    pub organisation: Spelling<'a>,
    /// Its part.
    pub role: Role,
    /// Patients, in halves: 1 or 2.
    pub half_patients: u8,
    /// Patients within the standard, in halves; `None` for first-seen activity.
    pub half_within: Option<u8>,
}

impl WaitShare<'_> {
    /// Breaches, in halves; `None` for first-seen activity.
    #[must_use]
    pub fn half_breaches(&self) -> Option<u8> {
        self.half_within
            .map(|within| self.half_patients.saturating_sub(within))
    }
}

const WHOLE: u8 = 2;

impl Wait {
    /// Its providers: one or two for a 62-day wait, else one; without a part of zero. None where the
    /// provider that reports it is not known: such a wait is in no published cell (R17, Q26).
    #[must_use]
    pub fn shares(&self) -> SmallVec<[WaitShare<'_>; 2]> {
        let share = |organisation: Option<Text>, role, half_patients: u8| {
            Some(WaitShare {
                organisation: self.read(organisation.filter(|_| half_patients > 0)?),
                role,
                half_patients,
                half_within: self
                    .within
                    .map(|within| if within { half_patients } else { 0 }),
            })
        };
        if self.activity != Activity::Standard(Standard::SixtyTwoDay) {
            return share(self.organisation, Role::Sole, WHOLE)
                .into_iter()
                .collect();
        }
        let Some(method) = self.method else {
            return SmallVec::new();
        };
        if method == Method::Solo {
            return share(self.treated_by, Role::Sole, WHOLE)
                .into_iter()
                .collect();
        }
        let [investigating, treating] = method.half_patients();
        let parts = [
            share(self.investigated_by, Role::Investigating, investigating),
            share(self.treated_by, Role::Treating, treating),
        ];
        parts.into_iter().flatten().collect()
    }
}
