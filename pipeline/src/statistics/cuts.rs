//! What the published figures are of, and how they are cut (statistics 2, 3, 7).

use super::categories::{ModalityGroup, SuspectedType, TumourGroup};
use crate::assessment::{Route, Standard};

/// What is counted: a standard, or first-seen activity, which has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// Waits measured by a standard.
    Standard(Standard),
    /// Patients seen for the first time on an urgent route.
    FirstSeen,
}

impl Activity {
    /// All of them, in the order in which rows are sorted.
    pub const ALL: [Self; 4] = [
        Self::Standard(Standard::Fds),
        Self::Standard(Standard::SixtyTwoDay),
        Self::Standard(Standard::ThirtyOneDay),
        Self::FirstSeen,
    ];

    /// `FDS`, `62D`, `31D` or `FIRST_SEEN`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard(standard) => standard.name(),
            Self::FirstSeen => "FIRST_SEEN",
        }
    }

    /// The standard, where there is one.
    #[must_use]
    pub const fn standard(self) -> Option<Standard> {
        match self {
            Self::Standard(standard) => Some(standard),
            Self::FirstSeen => None,
        }
    }
}

/// The stage of a treatment (statistics 2, R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TreatmentStage {
    /// Event types 01, 07 and 12.
    First,
    /// All others.
    Subsequent,
}

impl TreatmentStage {
    /// `First` or `Subsequent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "First",
            Self::Subsequent => "Subsequent",
        }
    }
}

/// Referral route, or stage of treatment: the published column that has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteOrStage {
    /// All routes, or all stages.
    All,
    /// One route.
    Route(Route),
    /// One stage.
    Stage(TreatmentStage),
}

impl RouteOrStage {
    /// The name in the national combined CSV: capitals for FDS, title case for 62-day (4.1).
    #[must_use]
    pub const fn name(self, activity: Activity) -> &'static str {
        let treated = matches!(activity, Activity::Standard(Standard::SixtyTwoDay));
        match self {
            Self::All => match activity {
                Activity::Standard(Standard::ThirtyOneDay) => "ALL STAGES",
                Activity::Standard(Standard::Fds | Standard::SixtyTwoDay) | Activity::FirstSeen => {
                    "ALL ROUTES"
                }
            },
            Self::Stage(TreatmentStage::First) => "First Treatment",
            // Not as in the workbooks, which say `Subsequent Treatment`.
            Self::Stage(TreatmentStage::Subsequent) => "Subsequent",
            Self::Route(Route::Usc) if treated => "Urgent Suspected Cancer",
            Self::Route(Route::Usc) => "URGENT SUSPECTED CANCER",
            Self::Route(Route::BreastSymptomatic) if treated => "Breast Symptomatic",
            Self::Route(Route::BreastSymptomatic) if matches!(activity, Activity::FirstSeen) => {
                SuspectedType::BreastSymptoms.name()
            }
            Self::Route(Route::BreastSymptomatic) => "BREAST SYMPTOMATIC, CANCER NOT SUSPECTED",
            Self::Route(Route::Screening) if treated => "Screening",
            Self::Route(Route::Screening) => "NATIONAL SCREENING PROGRAMME",
            Self::Route(Route::Upgrade) => "Consultant Upgrade",
            // No published figure has these.
            Self::Route(route @ (Route::Unknown | Route::Pending)) => route.name(),
        }
    }
}

/// One part of a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Everything.
    All,
    /// A suspected type.
    Suspected(SuspectedType),
    /// A diagnosed tumour.
    Tumour(TumourGroup),
    /// A kind of treatment.
    Modality(ModalityGroup),
}

impl Category {
    /// The cut it belongs to: `all`, `by_type`, `by_cancer`, `by_modality`.
    #[must_use]
    pub const fn cut(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Suspected(_) => "by_type",
            Self::Tumour(_) => "by_cancer",
            Self::Modality(_) => "by_modality",
        }
    }

    /// The published cancer type: suspected or diagnosed; `ALL CANCERS` where it is not cut by one.
    #[must_use]
    pub const fn cancer_type(self) -> &'static str {
        match self {
            Self::All | Self::Modality(_) => "ALL CANCERS",
            Self::Suspected(suspected) => suspected.name(),
            Self::Tumour(tumour) => tumour.name(),
        }
    }

    /// The published treatment modality; `ALL MODALITIES` where it is not cut by one, and `None` for
    /// what is no treatment (7).
    #[must_use]
    pub const fn modality(self, activity: Activity) -> Option<&'static str> {
        match (self, activity) {
            (Self::Modality(modality), _) => Some(modality.name()),
            (
                Self::All | Self::Tumour(_),
                Activity::Standard(Standard::SixtyTwoDay | Standard::ThirtyOneDay),
            ) => Some("ALL MODALITIES"),
            (Self::All | Self::Suspected(_) | Self::Tumour(_), _) => None,
        }
    }
}

/// Whose figures they are (statistics 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The provider; 62-day waits in halves.
    Provider,
    /// The commissioner: integrated care board, hub or `UNKNOWN`; whole patients.
    Commissioner,
    /// The alliance of the integrated care board, or `UNMAPPED`; whole patients.
    Alliance,
    /// England, as the sum of its providers.
    England,
}

impl Basis {
    /// All of them, in the order in which rows are sorted.
    pub const ALL: [Self; 4] = [
        Self::Provider,
        Self::Commissioner,
        Self::Alliance,
        Self::England,
    ];

    /// `PROVIDER`, `COMMISSIONER`, `ALLIANCE` or `ENGLAND`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "PROVIDER",
            Self::Commissioner => "COMMISSIONER",
            Self::Alliance => "ALLIANCE",
            Self::England => "ENGLAND",
        }
    }
}
