//! Alerts: what should be said of a running clock, what has been said, and the step between the two.

use crate::assessment::{Reason, Route, Standard};
use crate::day::Day;
use crate::report::Version;
use crate::rule_set::RuleSet;

/// How urgent a running clock is (design 5); greater is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The first lead time of its standard is reached.
    AtRisk1,
    /// The second.
    AtRisk2,
    /// The third.
    AtRisk3,
    /// The last compliant day has passed.
    Breached,
    /// 62-day only: beyond 104 adjusted days (Q24).
    LongWait,
}

impl Level {
    /// All levels, the least first.
    pub const ALL: [Self; 5] = [
        Self::AtRisk1,
        Self::AtRisk2,
        Self::AtRisk3,
        Self::Breached,
        Self::LongWait,
    ];

    /// The name in `domain/assessment.md`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtRisk1 => "at_risk_1",
            Self::AtRisk2 => "at_risk_2",
            Self::AtRisk3 => "at_risk_3",
            Self::Breached => "breached",
            Self::LongWait => "long_wait",
        }
    }
}

/// What happened to an alert (design 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transition {
    /// It stands for the first time, or again.
    Raised,
    /// It stands at a higher level.
    Escalated,
    /// It stands at a lower level.
    Eased,
    /// It stands at the same level with other dates or another responsible organisation.
    Amended,
    /// The clock stopped.
    Resolved,
    /// The clock ended.
    Closed,
    /// The facts now say there is nothing to warn of.
    Withdrawn,
}

impl Transition {
    /// All transitions.
    pub const ALL: [Self; 7] = [
        Self::Raised,
        Self::Escalated,
        Self::Eased,
        Self::Amended,
        Self::Resolved,
        Self::Closed,
        Self::Withdrawn,
    ];

    /// The symbol in the alert schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Escalated => "escalated",
            Self::Eased => "eased",
            Self::Amended => "amended",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What moved the alert: new facts, a new date or new rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// Facts were learned.
    Facts,
    /// Only the date moved.
    Date,
    /// The reference tables changed.
    Rules,
    /// The service went live here for the first time.
    Baseline,
}

impl Because {
    /// All causes.
    pub const ALL: [Self; 4] = [Self::Facts, Self::Date, Self::Rules, Self::Baseline];

    /// The symbol in the alert schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Date => "date",
            Self::Rules => "rules",
            Self::Baseline => "baseline",
        }
    }
}

/// The key from which alert ids are made; another key makes other ids.
#[derive(Clone, Copy)]
pub struct AlertKey(pub [u8; 32]);

impl AlertKey {
    /// Sixteen hexadecimal digits that tell two keys apart and do not tell the key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = blake3::keyed_hash(&self.0, b"clockstop alert key 1");
        let digits = hash.to_hex();
        digits.get(..16).unwrap_or_default().to_owned()
    }
}

impl core::fmt::Debug for AlertKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("AlertKey(..)")
    }
}

/// The lasting name of an alert: it does not change when the facts are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub [u8; 16]);

const ID_CONTEXT: &[u8] = b"clockstop alert 1";

impl AlertId {
    /// Keyed BLAKE3-128 over a version tag, the pathway, the standard and the primary or treatment;
    /// each part carries its length, so that no two alerts share the hashed bytes.
    #[must_use]
    pub fn new(key: &AlertKey, pathway: &str, standard: Standard, item: Option<&str>) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(&key.0);
        for part in [ID_CONTEXT, pathway.as_bytes(), standard.name().as_bytes()] {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part);
        }
        hasher.update(item.unwrap_or_default().as_bytes());
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        Self(id)
    }

    /// The id of 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }
}

/// 32 lower-case hexadecimal digits.
impl core::fmt::Display for AlertId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The part of an alert that decides whether anything new is to be said (design 5, *compared content*).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its level; `None` once it no longer stands.
    pub level: Option<Level>,
    /// Day 0 of the clock.
    pub start: Option<Day>,
    /// The clock's last compliant day.
    pub last_compliant: Option<Day>,
    /// The clock's stop, once resolved.
    pub stop: Option<Day>,
    /// Whether the final wait is within the standard, once resolved.
    pub within: Option<bool>,
    /// Why the clock ended, or does not count.
    pub reason: Option<Reason>,
    /// The responsible trust.
    pub organisation: Option<String>,
}

impl Content {
    /// The first day of the breach.
    #[must_use]
    pub fn breach_from(&self) -> Option<Day> {
        self.last_compliant.map(|day| day.plus(1))
    }
}

/// A report that an alert rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The source system.
    pub source: String,
    /// Which of its words.
    pub version: Version,
}

/// One record of the alert topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The Kafka key.
    pub alert_id: AlertId,
    /// `<issuer>:<identifier>`.
    pub pathway: String,
    /// The standard of the clock.
    pub standard: Standard,
    /// The primary of a 62-day clock.
    pub primary_id: Option<String>,
    /// The treatment of a 31-day clock.
    pub treatment_id: Option<String>,
    /// What happened.
    pub transition: Transition,
    /// Consecutive from 1.
    pub revision: u32,
    /// What is said.
    pub content: Content,
    /// Adjusted days on `decided_on`, or of the final wait.
    pub days: Option<i32>,
    /// The route of the pathway.
    pub route: Route,
    /// The suspected cancer type of the referral.
    pub suspected_type: Option<String>,
    /// The rules that decided.
    pub rules: RuleSet,
    /// The reports behind it, in order.
    pub causes: Vec<Cause>,
    /// What moved it.
    pub because: Because,
    /// The version of the reference tables.
    pub reference_version: String,
    /// The version of this software.
    pub software_version: String,
    /// The London date it was decided on.
    pub decided_on: Day,
}

impl Alert {
    /// The primary or treatment that tells this clock from others of its standard.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        self.primary_id.as_deref().or(self.treatment_id.as_deref())
    }
}

/// What `reconcile` wants said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A transition of an alert.
    Alert(Box<Alert>),
    /// The pathway was erased: a tombstone for its alert.
    Erasure {
        /// Which alert.
        alert_id: AlertId,
        /// Of which pathway.
        pathway: String,
    },
}
