//! What follows from a pathway's facts on a date: its route, clocks, allocation and findings, and why.

use crate::alert::Level;
use crate::allocation::Allocation;
use crate::day::Day;
use crate::findings::Findings;
use crate::rule_set::RuleSet;
use crate::text::Text;
use smallvec::SmallVec;

/// The three standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standard {
    /// The Faster Diagnosis Standard: told within 28 days.
    Fds,
    /// First definitive treatment within 62 days, a clock per primary.
    SixtyTwoDay,
    /// Treated within 31 days of the decision, a clock per treatment.
    ThirtyOneDay,
}

impl Standard {
    /// In the order in which clocks are listed.
    pub const ALL: [Self; 3] = [Self::Fds, Self::SixtyTwoDay, Self::ThirtyOneDay];

    /// `FDS`, `62D` or `31D`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fds => "FDS",
            Self::SixtyTwoDay => "62D",
            Self::ThirtyOneDay => "31D",
        }
    }
}

/// How the patient came onto the pathway (R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Urgent suspected cancer.
    Usc,
    /// Breast symptoms where cancer is not suspected.
    BreastSymptomatic,
    /// A national screening programme.
    Screening,
    /// Upgraded by a consultant.
    Upgrade,
    /// None of these: 31-day clocks only.
    Unknown,
    /// No referral yet (Q20).
    Pending,
}

impl Route {
    /// All routes.
    pub const ALL: [Self; 6] = [
        Self::Usc,
        Self::BreastSymptomatic,
        Self::Screening,
        Self::Upgrade,
        Self::Unknown,
        Self::Pending,
    ];

    /// The name in `domain/assessment.md`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usc => "USC",
            Self::BreastSymptomatic => "BREAST_SYMPTOMATIC",
            Self::Screening => "SCREENING",
            Self::Upgrade => "UPGRADE",
            Self::Unknown => "UNKNOWN",
            Self::Pending => "PENDING",
        }
    }

    /// Whether the route is measured by the Faster Diagnosis Standard (section 1.0).
    #[must_use]
    pub const fn has_fds(self) -> bool {
        matches!(self, Self::Usc | Self::BreastSymptomatic | Self::Screening)
    }

    /// Whether the route is measured by the 62-day standard (section 1.0).
    #[must_use]
    pub const fn has_sixty_two(self) -> bool {
        self.has_fds() || matches!(self, Self::Upgrade)
    }
}

/// Why a clock ended, or why its stop does not count; in the order that decides between several (Q33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Cancer was ruled out.
    RuledOut,
    /// Excluded from the Faster Diagnosis pathway.
    Excluded,
    /// The patient died.
    Died,
    /// All treatment was declined (modality 98).
    Declined,
    /// Investigation was declined.
    DeclinedInvestigation,
    /// Treatment was declined.
    DeclinedTreatment,
    /// The patient went private.
    Private,
    /// The referral was withdrawn.
    Withdrawn,
    /// The pathway was merged into another.
    Merged,
    /// The treatment is of a recurrence or the like.
    NotANewPrimary,
    /// The diagnosis is not measured.
    OutOfScope,
    /// Treated without a diagnosis code.
    DiagnosisMissing,
    /// Treated without a decision to treat.
    DecisionToTreatMissing,
    /// An upgrade on an urgent referral took the pathway out of FDS.
    UpgradeOnUrgentReferral,
    /// The kind of treatment is not known.
    EventTypeMissing,
    /// Excluded, but only after the limit: counted as a breach (R6).
    EndAfterLimitExcluded,
    /// The adjusted wait is negative (V07).
    NegativeWait,
}

impl Reason {
    /// All reasons, in their order.
    pub const ALL: [Self; 17] = [
        Self::RuledOut,
        Self::Excluded,
        Self::Died,
        Self::Declined,
        Self::DeclinedInvestigation,
        Self::DeclinedTreatment,
        Self::Private,
        Self::Withdrawn,
        Self::Merged,
        Self::NotANewPrimary,
        Self::OutOfScope,
        Self::DiagnosisMissing,
        Self::DecisionToTreatMissing,
        Self::UpgradeOnUrgentReferral,
        Self::EventTypeMissing,
        Self::EndAfterLimitExcluded,
        Self::NegativeWait,
    ];

    /// The name in `domain/assessment.md`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RuledOut => "ruled_out",
            Self::Excluded => "excluded",
            Self::Died => "died",
            Self::Declined => "declined",
            Self::DeclinedInvestigation => "declined_investigation",
            Self::DeclinedTreatment => "declined_treatment",
            Self::Private => "private",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
            Self::NotANewPrimary => "not_a_new_primary",
            Self::OutOfScope => "out_of_scope",
            Self::DiagnosisMissing => "diagnosis_missing",
            Self::DecisionToTreatMissing => "decision_to_treat_missing",
            Self::UpgradeOnUrgentReferral => "upgrade_on_urgent_referral",
            Self::EventTypeMissing => "event_type_missing",
            Self::EndAfterLimitExcluded => "end_after_limit_excluded",
            Self::NegativeWait => "negative_wait",
        }
    }
}

/// A wait between two dates, in days (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Day 0.
    pub start: Day,
    /// Days subtracted, summed.
    pub adjustment: i32,
    /// Days before adjustment.
    pub raw_days: i32,
}

impl Wait {
    /// The wait from `start` to `end`, less `adjustment` days.
    #[must_use]
    pub const fn between(start: Day, end: Day, adjustment: i32) -> Self {
        Self {
            start,
            adjustment,
            raw_days: end.since(start),
        }
    }

    /// Days after adjustment; negative when the adjustment is longer than the wait.
    #[must_use]
    pub const fn days(&self) -> i32 {
        self.raw_days - self.adjustment
    }

    /// The last day that is within a limit of so many days (R1).
    #[must_use]
    pub const fn last_compliant(&self, limit: i32) -> Day {
        self.start.plus(limit + self.adjustment)
    }
}

/// Whether a clock counts in the published statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It counts.
    Counted,
    /// It counts as a breach although it was excluded (R6).
    CountedAfterLimit,
    /// It does not, for this reason.
    Uncounted(Reason),
}

impl Counting {
    /// Whether it counts.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Uncounted(_))
    }

    /// The reason that is reported with it.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Counted => None,
            Self::CountedAfterLimit => Some(Reason::EndAfterLimitExcluded),
            Self::Uncounted(reason) => Some(reason),
        }
    }
}

/// A clock that has started and not stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// The wait so far, up to `frozen_at` where that is set.
    pub wait: Wait,
    /// Its last compliant day; it is breached from the next day on.
    pub last_compliant: Day,
    /// `last_compliant` minus the day it is judged on, or minus `frozen_at`.
    pub days_left: i32,
    /// Whether it would count.
    pub counting: Counting,
    /// The decision to treat at which its days are frozen (Q1).
    pub frozen_at: Option<Day>,
}

/// A clock that reached its stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The whole wait.
    pub wait: Wait,
    /// Its last day.
    pub stop: Day,
    /// Its last compliant day.
    pub last_compliant: Day,
    /// Whether it is within the standard.
    pub within: bool,
    /// Whether it counts.
    pub counting: Counting,
    /// The day whose month reports it (R17).
    pub reported_on: Day,
    /// The trust that reports it (R17); `None` for 62-day waits, which are shared out.
    pub organisation: Option<Text>,
}

/// A clock that was left without reaching its stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Day 0.
    pub start: Day,
    /// Why.
    pub reason: Reason,
    /// The clock's own stop, where that is known.
    pub stop: Option<(Day, Wait)>,
}

/// The state of a clock (`domain/cwt-rules.md` 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has no start yet.
    NotStarted,
    /// Somebody waits.
    Running(Running),
    /// It reached its stop.
    Stopped(Stopped),
    /// It was left before.
    Ended(Ended),
}

impl State {
    /// The name in `domain/assessment.md`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Running(_) => "running",
            Self::Stopped(_) => "stopped",
            Self::Ended(_) => "ended",
        }
    }
}

/// One waiting-time clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The standard it is measured by.
    pub standard: Standard,
    /// The primary of a 62-day clock.
    pub primary_id: Option<Text>,
    /// The treatment of a 31-day clock, or the one that stopped a 62-day clock.
    pub treatment_id: Option<Text>,
    /// Where it stands.
    pub state: State,
    /// The trust that has to act while it runs, and that answers for it afterwards (design 5).
    pub responsible: Option<Text>,
    /// The site, as reported, that makes the trust responsible.
    pub responsible_site: Option<Text>,
    /// Its level as an alert on the day it was judged.
    pub level: Option<Level>,
    /// The rules whose condition decided.
    pub rules: RuleSet,
}

impl Clock {
    /// The primary or treatment that tells it from other clocks of its standard.
    #[must_use]
    pub fn item(&self) -> Option<Text> {
        match self.standard {
            Standard::Fds => None,
            Standard::SixtyTwoDay => self.primary_id,
            Standard::ThirtyOneDay => self.treatment_id,
        }
    }
}

/// Everything that follows from a pathway's facts on a date.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The day it was judged on.
    pub as_of: Day,
    /// The route.
    pub route: Route,
    /// The clocks by standard, then by primary or treatment.
    pub clocks: SmallVec<[Clock; 4]>,
    /// A part per counted 62-day wait.
    pub allocation: Vec<Allocation>,
    /// V01 to V31, but for those that need the patient's other pathways (V15 here looks at this one only).
    pub findings: Findings,
}
