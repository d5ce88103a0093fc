//! What is found and how it is treated: tumour groups with their diagnosis codes, treatments with
//! their codes.

use super::draw::Draw;
use super::suspicion::Entry;
use clockstop_pipeline::Text;

/// The thirteen groups of the published 31- and 62-day figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tumour {
    Breast,
    Gynaecological,
    Lymphoma,
    OtherBlood,
    HeadAndNeck,
    LowerGastrointestinal,
    Lung,
    Other,
    Skin,
    Hepatobiliary,
    OesophagusAndStomach,
    OtherUrological,
    Prostate,
}

impl Tumour {
    pub(crate) const ALL: [Self; 13] = [
        Self::Breast,
        Self::Gynaecological,
        Self::Lymphoma,
        Self::OtherBlood,
        Self::HeadAndNeck,
        Self::LowerGastrointestinal,
        Self::Lung,
        Self::Other,
        Self::Skin,
        Self::Hepatobiliary,
        Self::OesophagusAndStomach,
        Self::OtherUrological,
        Self::Prostate,
    ];

    /// Its name in the published tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Breast => "Breast",
            Self::Gynaecological => "Gynaecological",
            Self::Lymphoma => "Haematological - Lymphoma",
            Self::OtherBlood => "Haematological - Other (a)",
            Self::HeadAndNeck => "Head & Neck",
            Self::LowerGastrointestinal => "Lower Gastrointestinal",
            Self::Lung => "Lung",
            Self::Other => "Other (a)",
            Self::Skin => "Skin",
            Self::Hepatobiliary => "Upper Gastrointestinal - Hepatobiliary",
            Self::OesophagusAndStomach => "Upper Gastrointestinal - Oesophagus & Stomach",
            Self::OtherUrological => "Urological - Other (a)",
            Self::Prostate => "Urological - Prostate",
        }
    }

    /// The suspected types it is found after; published figures do not join the two.
    const fn suspected_as(self) -> &'static [&'static str] {
        match self {
            Self::Breast => &["01"],
            Self::Gynaecological => &["09"],
            Self::Lymphoma => &["04"],
            Self::OtherBlood => &["04", "05"],
            Self::HeadAndNeck => &["13"],
            Self::LowerGastrointestinal => &["07"],
            Self::Lung => &["03"],
            Self::Other => &["02", "10", "14", "15", "17"],
            Self::Skin => &["08"],
            Self::Hepatobiliary | Self::OesophagusAndStomach => &["06"],
            Self::OtherUrological => &["11", "12"],
            Self::Prostate => &["11"],
        }
    }

    /// Whether a referral of this type may lead to it. Whatever is not screened for is found, on
    /// the screening route, where the type is missing.
    pub(crate) fn is_found_for(self, entry: Entry, code: Option<&str>) -> bool {
        let screened = || {
            ["01", "03", "07", "09"]
                .iter()
                .any(|c| self.suspected_as().contains(c))
        };
        match entry {
            Entry::BreastSymptoms => true,
            Entry::Screening => match code {
                Some(code) => self.suspected_as().contains(&code),
                None => !screened(),
            },
            Entry::Urgent | Entry::Upgraded | Entry::Elsewhere => {
                code.is_some_and(|code| self.suspected_as().contains(&code))
            }
        }
    }

    /// Its diagnosis codes: the usual one, and others with their probabilities (invented).
    pub(crate) const fn codes(self) -> (&'static str, &'static [(&'static str, f64)]) {
        match self {
            Self::Breast => ("C50.9", &[("C50.4", 0.25), ("D05.1", 0.12)]),
            Self::Gynaecological => ("C54.1", &[("C56", 0.3), ("C53.9", 0.15), ("C51.9", 0.08)]),
            Self::Lymphoma => ("C83.3", &[("C82.9", 0.25), ("C81.9", 0.15)]),
            Self::OtherBlood => ("C90.0", &[("C91.1", 0.3), ("C92.0", 0.2)]),
            Self::HeadAndNeck => ("C32.9", &[("C09.9", 0.25), ("C73", 0.2), ("C02.9", 0.2)]),
            Self::LowerGastrointestinal => ("C18.9", &[("C20", 0.3), ("C18.2", 0.2)]),
            Self::Lung => ("C34.1", &[("C34.3", 0.3), ("C45.0", 0.06)]),
            Self::Other => ("C71.9", &[("C49.2", 0.25), ("C80", 0.25)]),
            Self::Skin => ("C44.3", &[("C43.5", 0.35), ("C44.6", 0.2)]),
            Self::Hepatobiliary => ("C25.0", &[("C22.0", 0.3), ("C23", 0.08)]),
            Self::OesophagusAndStomach => ("C15.5", &[("C16.9", 0.4)]),
            Self::OtherUrological => ("C67.9", &[("C64", 0.35), ("C62.9", 0.12)]),
            Self::Prostate => ("C61", &[]),
        }
    }
}

/// The four groups of the published figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Modality {
    Drugs,
    Other,
    Radiotherapy,
    Surgery,
}

impl Modality {
    pub(crate) const ALL: [Self; 4] = [Self::Drugs, Self::Other, Self::Radiotherapy, Self::Surgery];

    /// Its name in the published tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Drugs => "Anti-cancer drug regimen",
            Self::Other => "Other",
            Self::Radiotherapy => "Radiotherapy",
            Self::Surgery => "Surgery",
        }
    }

    /// Cancers of the blood are not cut out.
    pub(crate) const fn suits(self, tumour: Tumour) -> bool {
        let blood = matches!(tumour, Tumour::Lymphoma | Tumour::OtherBlood);
        !(blood && matches!(self, Self::Surgery))
    }

    /// CANCER TREATMENT MODALITY; the shares inside a group are invented.
    pub(crate) fn code(self, draw: &mut Draw) -> Text {
        match self {
            Self::Drugs => draw.usually(
                Text::code("02"),
                &[
                    (Text::code("03"), 0.3),
                    (Text::code("14"), 0.08),
                    (Text::code("15"), 0.12),
                ],
            ),
            Self::Other => draw.usually(
                Text::code("08"),
                &[
                    (Text::code("07"), 0.25),
                    (Text::code("09"), 0.15),
                    (Text::code("10"), 0.04),
                    (Text::code("97"), 0.03),
                ],
            ),
            Self::Radiotherapy => draw.usually(
                Text::code("05"),
                &[
                    (Text::code("04"), 0.15),
                    (Text::code("06"), 0.06),
                    (Text::code("13"), 0.02),
                ],
            ),
            Self::Surgery => draw.usually(Text::code("23"), &[(Text::code("24"), 0.05)]),
        }
    }

    /// Where it is given; only surgery is admitted care here, so only it can be adjusted (R3).
    pub(crate) fn setting(self, draw: &mut Draw) -> Setting {
        match self {
            Self::Surgery => draw.usually(Setting::Admitted, &[(Setting::DayCase, 0.45)]),
            Self::Drugs => draw.usually(Setting::Outpatient, &[(Setting::DayCase, 0.3)]),
            Self::Radiotherapy | Self::Other => Setting::Outpatient,
        }
    }
}

/// CANCER CARE SETTING (TREATMENT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Admitted,
    DayCase,
    Outpatient,
}

impl Setting {
    pub(crate) const fn code(self) -> Text {
        match self {
            Self::Admitted => Text::code("01"),
            Self::DayCase => Text::code("02"),
            Self::Outpatient => Text::code("03"),
        }
    }
}
