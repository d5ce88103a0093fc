//! How a 62-day wait is shared between providers: methods and parts (section 3, R14).

use crate::text::Text;
use smallvec::SmallVec;

/// How a 62-day wait is shared between providers (section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// One trust.
    Solo,
    /// Half each, for want of a usable transfer.
    Half,
    /// By the legs before and after the transfer: scenario 1 to 6.
    Scenario(u8),
}

impl Method {
    /// `SOLO`, `HALF`, `S1` to `S6`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Solo => "SOLO",
            Self::Half => "HALF",
            Self::Scenario(1) => "S1",
            Self::Scenario(2) => "S2",
            Self::Scenario(3) => "S3",
            Self::Scenario(4) => "S4",
            Self::Scenario(5) => "S5",
            Self::Scenario(_) => "S6",
        }
    }

    /// The investigating and the treating trust's part of the patient, in halves (section 3). Every
    /// part is a breach where the wait is one, so a trust's breaches are its patients or none.
    #[must_use]
    pub const fn half_patients(self) -> [u8; 2] {
        match self {
            Self::Solo | Self::Scenario(3 | 4) => [0, 2],
            Self::Scenario(5) => [2, 0],
            Self::Half | Self::Scenario(_) => [1, 1],
        }
    }
}

/// One provider's part of a 62-day wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The trust.
    pub organisation: Text,
    /// Patients, in halves.
    pub half_patients: u8,
    /// Breaches, in halves.
    pub half_breaches: u8,
}

/// Who answers for a counted 62-day wait (R14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The primary of the wait.
    pub primary_id: Text,
    /// How it was shared.
    pub method: Method,
    /// One or two parts; the investigating trust's first.
    pub shares: SmallVec<[Share; 2]>,
}
