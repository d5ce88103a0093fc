//! The reference tables of the statistics: organisations, boards, alliances, groups, thresholds, aims, bank holidays
//! (statistics 1-3 and 5). They stand beside `Reference`, which each engine keeps its own copy of.

mod cells;
mod file;
mod lines;
mod rows;
#[cfg(test)]
mod tests;

pub use file::TableFile;
pub use lines::Misfit;
pub use rows::TablesRead;

use super::categories::{ModalityGroup, SuspectedType, TumourGroup};
use super::cuts::Basis;
use super::stage::StageAim;
use super::working_days::BankHolidays;
use crate::assessment::{Route, Standard};
use crate::day::{Day, Month};
use crate::reference::IcdRange;
use crate::rules::icd_category;
use crate::text::first_three;
use foldhash::fast::FixedState;
use indexmap::IndexMap;

/// The ICB of whoever names none, or none that is listed (statistics 1).
pub const UNKNOWN_ICB: &str = "UNKNOWN";

/// The alliance of whoever has no integrated care board: hubs and `UNKNOWN` (statistics 1).
pub const UNMAPPED_ALLIANCE: &str = "UNMAPPED";

/// Rows by their code, in the order of the file.
pub(super) type ByCode<T> = IndexMap<Box<str>, T, FixedState>;

/// The tables, under one version that goes into every output. One copy serves all partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// The version of all of them.
    pub version: String,
    /// Published providers by ODS code.
    pub organisations: ByCode<Organisation>,
    /// Integrated care boards and commissioning hubs by ODS code.
    pub boards: ByCode<Board>,
    /// Cancer alliances by ONS code.
    pub alliances: ByCode<Alliance>,
    /// Which board followed which.
    pub successions: Vec<Succession>,
    /// Tumour groups by ICD-10 category; the first that fits.
    pub tumours: Vec<TumourRange>,
    /// Published groups by CANCER TREATMENT MODALITY.
    pub modalities: ByCode<ModalityGroup>,
    /// Published names by TWO WEEK WAIT CANCER OR SYMPTOMATIC BREAST REFERRAL TYPE.
    pub suspected_types: ByCode<SuspectedType>,
    /// Suspected types that screening has; any other is `Missing or Invalid` there (4.1, V03).
    pub screened_types: Vec<SuspectedType>,
    /// Standards and plans.
    pub thresholds: Vec<ThresholdRow>,
    /// What the early share should come to (statistics 5).
    pub stage_aims: Vec<StageAim>,
    /// Days that are no working days, by which months are released (statistics 3).
    pub holidays: BankHolidays,
    /// Whether first-seen activity subtracts the first-seen adjustment (statistics 2, K).
    pub adjusts_first_seen: bool,
    /// Years of age below which every cancer is `Other (a)` (statistics 2, K).
    pub adult_from: u16,
}

/// A published provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its name in the workbooks.
    pub name: Box<str>,
    /// Its integrated care board; `None`: not mapped.
    pub icb: Option<Box<str>>,
    /// Its alliance's ONS code; `None`: not mapped. A column of a provider, never a basis.
    pub alliance: Option<Box<str>>,
}

/// A commissioner: an integrated care board, or a commissioning hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its name in the workbooks.
    pub name: Box<str>,
    /// Its alliance's ONS code; `None` for a hub.
    pub alliance: Option<Box<str>>,
    /// Its NHS England region; `None` for a hub.
    pub region: Option<Box<str>>,
}

/// A cancer alliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alliance {
    /// Its name.
    pub name: Box<str>,
}

/// A board that another one followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The board that ended.
    pub icb: Box<str>,
    /// The board that took its place.
    pub successor: Box<str>,
    /// The first day of the successor.
    pub from: Day,
}

/// ICD-10 categories of a tumour group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TumourRange {
    /// The categories.
    pub range: IcdRange,
    /// Their group.
    pub group: TumourGroup,
}

/// A rate to be reached, in 1/10,000: exact, for ties and rounding decide verdicts (statistics 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(pub u32);

impl Threshold {
    /// The whole: 100 %.
    pub const WHOLE: u32 = 10_000;
}

/// What a threshold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThresholdKind {
    /// What applies in the month.
    Standard,
    /// The aim for the last month of the plan's period.
    Plan,
}

impl ThresholdKind {
    /// `standard` or `plan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Plan => "plan",
        }
    }
}

/// A threshold and the months it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdRow {
    /// Of which standard.
    pub standard: Standard,
    /// Of which kind.
    pub kind: ThresholdKind,
    /// The first month.
    pub from: Month,
    /// The last month; `None`: until further notice.
    pub to: Option<Month>,
    /// The rate.
    pub value: Threshold,
    /// Where it is said.
    pub source: Box<str>,
    /// How sure that is (grades of the rules).
    pub grade: Box<str>,
}

impl Tables {
    /// The provider of a site: the full code when it stands in the organisations table, else its
    /// first three characters (statistics 1, R17).
    #[must_use]
    pub fn provider<'a>(&self, site: &'a str) -> &'a str {
        if self.organisations.contains_key(site) {
            site
        } else {
            first_three(site)
        }
    }

    /// The commissioner of a referral's `icb`: the code as it was where it is listed, else `UNKNOWN`.
    #[must_use]
    pub fn commissioner<'a>(&self, icb: Option<&'a str>) -> &'a str {
        icb.filter(|icb| self.boards.contains_key(*icb))
            .unwrap_or(UNKNOWN_ICB)
    }

    /// The board that stands in a board's place on a day, through any number of mergers
    /// (`icb_current`); the board itself where none followed.
    #[must_use]
    pub fn commissioner_on<'a>(&'a self, icb: &'a str, today: Day) -> &'a str {
        let mut current = icb;
        // As many steps as there are mergers: a table that leads in a circle ends the search.
        for _ in &self.successions {
            let next = self
                .successions
                .iter()
                .filter(|merger| *merger.icb == *current && merger.from <= today)
                .max_by_key(|merger| merger.from);
            let Some(merger) = next else { break };
            current = &merger.successor;
        }
        current
    }

    /// The ONS code of a commissioner's alliance; `UNMAPPED` where it is no integrated care board.
    #[must_use]
    pub fn alliance(&self, commissioner: &str) -> &str {
        self.boards
            .get(commissioner)
            .and_then(|board| board.alliance.as_deref())
            .unwrap_or(UNMAPPED_ALLIANCE)
    }

    /// The region of a commissioner; `None` where it is no integrated care board (statistics 1, K).
    #[must_use]
    pub fn region(&self, commissioner: &str) -> Option<&str> {
        self.boards.get(commissioner)?.region.as_deref()
    }

    /// The region of a provider: that of its integrated care board.
    #[must_use]
    pub fn region_of_provider(&self, provider: &str) -> Option<&str> {
        self.region(self.organisations.get(provider)?.icb.as_deref()?)
    }

    /// The name of an organisation of a basis; `None` where it is not listed.
    #[must_use]
    pub fn name(&self, basis: Basis, code: &str) -> Option<&str> {
        match basis {
            Basis::Provider => self.organisations.get(code).map(|of| &*of.name),
            Basis::Commissioner => self.boards.get(code).map(|of| &*of.name),
            Basis::Alliance => self.alliances.get(code).map(|of| &*of.name),
            Basis::England => None,
        }
    }

    /// The region of a provider or commissioner; `None` where it is not mapped.
    #[must_use]
    pub fn region_on(&self, basis: Basis, code: &str) -> Option<&str> {
        match basis {
            Basis::Provider => self.region_of_provider(code),
            Basis::Commissioner => self.region(code),
            Basis::Alliance | Basis::England => None,
        }
    }

    /// The suspected type of a referral of this route: null or unlisted is `Missing or Invalid`, and
    /// for screening so is any type without a programme (statistics 2, 4.1).
    #[must_use]
    pub fn suspected_type(&self, route: Route, code: Option<&str>) -> SuspectedType {
        let listed = code.and_then(|code| self.suspected_types.get(code).copied());
        listed
            .filter(|listed| route != Route::Screening || self.screened_types.contains(listed))
            .unwrap_or(SuspectedType::MissingOrInvalid)
    }

    /// The published group of a modality; null or unlisted is `Other` (statistics 2).
    #[must_use]
    pub fn modality_group(&self, code: Option<&str>) -> ModalityGroup {
        code.and_then(|code| self.modalities.get(code).copied())
            .unwrap_or(ModalityGroup::Other)
    }

    /// The tumour group of a diagnosis: a child's is `Other (a)` whatever it is, an unknown age is
    /// not a child's; a category that no range names is `Other (a)`, as not separately classified
    /// (statistics 2, K).
    #[must_use]
    pub fn tumour_group(&self, icd: &str, age_at_referral: Option<u16>) -> TumourGroup {
        if age_at_referral.is_some_and(|age| age < self.adult_from) {
            return TumourGroup::Other;
        }
        let category = icd_category(icd);
        let fits = |range: &IcdRange| {
            category.is_some_and(|(letter, number)| {
                range.letter == letter && (range.from..=range.to).contains(&number)
            })
        };
        self.tumours
            .iter()
            .find(|row| fits(&row.range))
            .map_or(TumourGroup::Other, |row| row.group)
    }

    /// The threshold of a standard in a month; of several rows that cover it the one that began last.
    #[must_use]
    pub fn threshold(
        &self,
        standard: Standard,
        kind: ThresholdKind,
        month: Month,
    ) -> Option<Threshold> {
        self.thresholds
            .iter()
            .filter(|row| row.standard == standard && row.kind == kind && row.from <= month)
            .filter(|row| row.to.is_none_or(|to| month <= to))
            .max_by_key(|row| row.from)
            .map(|row| row.value)
    }
}
