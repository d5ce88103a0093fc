//! The files that the tables are read from, each compiled in as it is until another one takes its place.

/// A file of the reference tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableFile {
    /// Cancer alliances.
    Alliances,
    /// Integrated care boards and commissioning hubs.
    Boards,
    /// Published providers.
    Organisations,
    /// Which board followed which.
    Successions,
    /// Tumour groups by ICD-10 category.
    TumourGroups,
    /// Published groups by CANCER TREATMENT MODALITY.
    Modalities,
    /// Published names by TWO WEEK WAIT CANCER OR SYMPTOMATIC BREAST REFERRAL TYPE.
    SuspectedTypes,
    /// Standards and plans.
    Thresholds,
    /// Aims of early diagnosis.
    StageAims,
    /// Bank holidays of England.
    BankHolidays,
}

impl TableFile {
    /// All of them, in the order in which they are read: what others refer to comes first.
    pub const ALL: [Self; 10] = [
        Self::Alliances,
        Self::Boards,
        Self::Organisations,
        Self::Successions,
        Self::TumourGroups,
        Self::Modalities,
        Self::SuspectedTypes,
        Self::Thresholds,
        Self::StageAims,
        Self::BankHolidays,
    ];

    /// The name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alliances => "alliances.csv",
            Self::Boards => "icbs.csv",
            Self::Organisations => "organisations.csv",
            Self::Successions => "icb_succession.csv",
            Self::TumourGroups => "tumour_groups.csv",
            Self::Modalities => "modalities.csv",
            Self::SuspectedTypes => "suspected_types.csv",
            Self::Thresholds => "thresholds.csv",
            Self::StageAims => "stage_aims.csv",
            Self::BankHolidays => "bank_holidays.csv",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == name)
    }

    /// The file that is compiled in.
    #[must_use]
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Alliances => include_str!("../../reference/alliances.csv"),
            Self::Boards => include_str!("../../reference/icbs.csv"),
            Self::Organisations => include_str!("../../reference/organisations.csv"),
            Self::Successions => include_str!("../../reference/icb_succession.csv"),
            Self::TumourGroups => include_str!("../../reference/tumour_groups.csv"),
            Self::Modalities => include_str!("../../reference/modalities.csv"),
            Self::SuspectedTypes => include_str!("../../reference/suspected_types.csv"),
            Self::Thresholds => include_str!("../../reference/thresholds.csv"),
            Self::StageAims => include_str!("../../reference/stage_aims.csv"),
            Self::BankHolidays => include_str!("../../reference/bank_holidays.csv"),
        }
    }

    /// The columns, by the headings that the compiled-in file has.
    #[must_use]
    pub fn headings(self) -> Vec<&'static str> {
        let mut lines = self.built_in().lines();
        let heading = lines.find(|line| !super::lines::is_passed_over(line));
        heading.unwrap_or_default().split(',').collect()
    }

    /// The columns of which no two lines have the same.
    pub(super) const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Alliances
            | Self::Boards
            | Self::Organisations
            | Self::Modalities
            | Self::SuspectedTypes => &["code"],
            Self::Successions => &["icb", "from"],
            Self::TumourGroups => &["group"],
            Self::Thresholds => &["standard", "kind", "from_month"],
            Self::StageAims => &["name"],
            Self::BankHolidays => &["date"],
        }
    }

    /// Whether it may have no line below its heading: nothing may have been followed by anything.
    pub(super) const fn may_be_empty(self) -> bool {
        matches!(self, Self::Successions)
    }
}
