//! Why somebody is referred: route and suspected type, how often, and what comes of it.

use super::calibration::{ALL, Calibration, Error, Table, Waits};
use super::draw::{Draw, Weighted};
use super::patients::Patient;
use super::tumour::Tumour;
use clockstop_pipeline::Text;

/// How a patient gets onto a cancer pathway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// Urgent suspected cancer.
    Urgent,
    /// Breast symptoms, cancer not suspected.
    BreastSymptoms,
    /// A national screening programme.
    Screening,
    /// Upgraded by a consultant.
    Upgraded,
    /// On no urgent route: only treatments count.
    Elsewhere,
}

/// Treated on no 62-day route in the year: 10.2 % of first treatments
/// (`domain/cwt-rules.md` 4.4).
const TREATED_ELSEWHERE: f64 = 37_658.5;
/// Invented: how many of the upgraded are treated; the others turn out not to have cancer.
const UPGRADED_TREATED: f64 = 0.7;

const BREAST: &str = "01";
const BREAST_SYMPTOMS: &str = "16";

/// One reason to be referred.
#[derive(Clone, Debug)]
pub(crate) struct Suspicion {
    pub(crate) entry: Entry,
    /// The suspected type, where the referral says one.
    pub(crate) code: Option<Text>,
    /// The published name of the suspected type; empty where none is published.
    pub(crate) label: String,
    /// Adjusted days until told.
    pub(crate) told: Waits,
    /// Days until first seen.
    pub(crate) seen: Waits,
    /// What is found, and how likely; whoever is left does not have cancer that is treated.
    cancers: Vec<(Tumour, f64)>,
}

/// Everything one can be referred for, as often as it was in the published year.
pub(crate) fn all(calibration: &Calibration) -> Result<Weighted<Suspicion>, Error> {
    let weighted = Weighted::new(with_volumes(calibration)?);
    weighted.ok_or_else(|| Error::Missing("fds".to_owned()))
}

/// The same, each with its pathways in the published year: first the published kinds, at last the upgraded and
/// those on no urgent route.
pub(super) fn with_volumes(calibration: &Calibration) -> Result<Vec<(Suspicion, f64)>, Error> {
    let mut all = Vec::new();
    for entry in [Entry::Urgent, Entry::BreastSymptoms, Entry::Screening] {
        all.extend(by_type(entry, calibration)?);
    }
    all.push(upgraded(calibration)?);
    all.push(elsewhere(calibration)?);
    Ok(all)
}

/// The suspected types of a route, each with the tumours found on that route shared out among the
/// types that lead to them, so that first treatments per pathway are as published.
fn by_type(entry: Entry, calibration: &Calibration) -> Result<Vec<(Suspicion, f64)>, Error> {
    let told = calibration.told.cells("by_type", entry.told_name())?;
    let treated = calibration
        .since_referral
        .cells("by_cancer", entry.treated_name())?;
    let mut found = Vec::new();
    for (label, cell) in told {
        let code = code_of(label);
        let cancers = Tumour::ALL.iter().filter_map(|&tumour| {
            let leading = told
                .iter()
                .filter(|(label, _)| tumour.is_found_for(entry, code_of(label)));
            let pathways: f64 = leading.map(|(_, cell)| cell.total).sum();
            let here = tumour.is_found_for(entry, code) && pathways > 0.0;
            let treated = treated.get(tumour.name()).filter(|_| here)?;
            Some((tumour, treated.total / pathways))
        });
        let suspicion = Suspicion {
            entry,
            code: code.map(Text::code),
            label: label.clone(),
            told: cell.waits.clone(),
            seen: seen_waits(entry, label, &calibration.seen)?,
            cancers: cancers.collect(),
        };
        found.push((suspicion, cell.total));
    }
    Ok(found)
}

fn seen_waits(entry: Entry, label: &str, seen: &Table) -> Result<Waits, Error> {
    let (cut, route) = match entry {
        Entry::BreastSymptoms => (
            "by_type",
            "Exhibited (non-cancer) breast symptoms - cancer not initially suspected",
        ),
        Entry::Urgent | Entry::Screening | Entry::Upgraded | Entry::Elsewhere => {
            ("by_type", Entry::Urgent.told_name())
        }
    };
    let label = match label {
        "Missing or Invalid" => "Suspected other cancer",
        label => label,
    };
    Ok(seen.cell(cut, route, label)?.waits.clone())
}

fn upgraded(calibration: &Calibration) -> Result<(Suspicion, f64), Error> {
    let treated = calibration
        .since_referral
        .cells("by_cancer", Entry::Upgraded.treated_name())?;
    let total: f64 = treated.values().map(|cell| cell.total).sum();
    let pathways = total / UPGRADED_TREATED;
    let cancers = Tumour::ALL.iter().filter_map(|&tumour| {
        let cell = treated.get(tumour.name())?;
        Some((tumour, cell.total / pathways))
    });
    let suspicion = not_suspected(Entry::Upgraded, cancers.collect(), calibration)?;
    Ok((suspicion, pathways))
}

fn elsewhere(calibration: &Calibration) -> Result<(Suspicion, f64), Error> {
    let treated = calibration
        .since_decision
        .cells("by_cancer", "First Treatment")?;
    let total: f64 = treated.values().map(|cell| cell.total).sum();
    let cancers = Tumour::ALL.iter().filter_map(|&tumour| {
        let cell = treated.get(tumour.name())?;
        Some((tumour, cell.total / total))
    });
    let suspicion = not_suspected(Entry::Elsewhere, cancers.collect(), calibration)?;
    Ok((suspicion, TREATED_ELSEWHERE))
}

fn not_suspected(
    entry: Entry,
    cancers: Vec<(Tumour, f64)>,
    calibration: &Calibration,
) -> Result<Suspicion, Error> {
    let told = calibration.told.cell("all", "ALL ROUTES", ALL)?;
    Ok(Suspicion {
        entry,
        code: None,
        label: String::new(),
        told: told.waits.clone(),
        seen: seen_waits(entry, "Suspected other cancer", &calibration.seen)?,
        cancers,
    })
}

impl Entry {
    /// The route in the published FDS tables.
    pub(crate) const fn told_name(self) -> &'static str {
        match self {
            Self::Urgent => "URGENT SUSPECTED CANCER",
            Self::BreastSymptoms => "BREAST SYMPTOMATIC, CANCER NOT SUSPECTED",
            Self::Screening => "NATIONAL SCREENING PROGRAMME",
            Self::Upgraded | Self::Elsewhere => "ALL ROUTES",
        }
    }

    /// The route in the published 62-day tables.
    pub(crate) const fn treated_name(self) -> &'static str {
        match self {
            Self::Urgent => "Urgent Suspected Cancer",
            Self::BreastSymptoms => "Breast Symptomatic",
            Self::Screening => "Screening",
            Self::Upgraded => "Consultant Upgrade",
            Self::Elsewhere => "ALL ROUTES",
        }
    }
}

impl Suspicion {
    /// What is found, if it is cancer that will be treated.
    pub(crate) fn finding(&self, draw: &mut Draw) -> Option<Tumour> {
        let mut left = draw.unit();
        for &(tumour, probability) in &self.cancers {
            if left < probability {
                return Some(tumour);
            }
            left -= probability;
        }
        None
    }

    /// How likely it is that this is found.
    pub(super) fn likelihood(&self, tumour: Tumour) -> f64 {
        let found = self.cancers.iter().find(|(of, _)| *of == tumour);
        found.map_or(0.0, |(_, probability)| *probability)
    }

    /// Whether it is of children, all of whose cancers are published together.
    pub(super) fn is_childs(&self) -> bool {
        self.code == Some(Text::code("02"))
    }

    /// Whether it is of the skin, where basal cell carcinomas are found.
    pub(super) fn is_skin(&self) -> bool {
        self.code == Some(Text::code("08"))
    }

    /// Whether somebody met before may be referred for this.
    pub(crate) fn may_be(&self, patient: &Patient) -> bool {
        self.is_childs() == (patient.age < 16)
            && self.only_gender().is_none_or(|g| g == patient.gender)
    }

    /// An age in years, invented.
    pub(crate) fn age(&self, draw: &mut Draw) -> u16 {
        let (low, high) = match self.code {
            Some(code) if code == Text::code("02") => (0, 15),
            Some(code) if code == Text::code("12") => (18, 50),
            Some(code) if code == Text::code(BREAST_SYMPTOMS) => (18, 70),
            Some(_) | None => (25, 95),
        };
        let (one, other) = (draw.between(low, high), draw.between(low, high));
        u16::try_from(one.midpoint(other)).unwrap_or(60)
    }

    /// The gender, as the person states it.
    pub(crate) fn gender(&self, draw: &mut Draw) -> Text {
        let other = [(Text::code("1"), 0.48), (Text::code("9"), 0.002)];
        let drawn = draw.usually(Text::code("2"), &other);
        self.only_gender().unwrap_or(drawn)
    }

    fn only_gender(&self) -> Option<Text> {
        let code = self.code?;
        let is = |codes: &[&str]| codes.iter().any(|&c| code == Text::code(c));
        if is(&[BREAST, BREAST_SYMPTOMS, "09"]) {
            Some(Text::code("2"))
        } else if is(&["11", "12"]) {
            Some(Text::code("1"))
        } else {
            None
        }
    }
}

/// TWO WEEK WAIT CANCER OR SYMPTOMATIC BREAST REFERRAL TYPE (`domain/cwt-rules.md` 2.3).
const TYPES: [(&str, &str); 17] = [
    ("Suspected breast cancer", BREAST),
    ("Suspected children's cancer", "02"),
    ("Suspected lung cancer", "03"),
    (
        "Suspected haematological malignancies (excluding acute leukaemia)",
        "04",
    ),
    ("Suspected acute leukaemia", "05"),
    ("Suspected upper gastrointestinal cancer", "06"),
    ("Suspected lower gastrointestinal cancer", "07"),
    ("Suspected skin cancer", "08"),
    ("Suspected gynaecological cancer", "09"),
    ("Suspected brain/central nervous system tumours", "10"),
    (
        "Suspected urological malignancies (excluding testicular)",
        "11",
    ),
    ("Suspected testicular cancer", "12"),
    ("Suspected head & neck cancer", "13"),
    ("Suspected sarcoma", "14"),
    ("Suspected other cancer", "15"),
    (
        "Exhibited (non-cancer) breast symptoms - cancer not initially suspected",
        BREAST_SYMPTOMS,
    ),
    ("Suspected cancer - non-specific symptoms", "17"),
];

/// The code of a published label; screening referrals may have none.
fn code_of(label: &str) -> Option<&'static str> {
    let found = TYPES.iter().find(|(name, _)| *name == label);
    found.map(|&(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::{Entry, with_volumes};
    use crate::generate::calibration::Calibration;

    #[test]
    fn first_treatments_per_pathway_are_as_published() {
        let calibration = Calibration::published().expect("it parses");
        let all = with_volumes(&calibration).expect("everything is there");
        for (entry, published) in [
            (Entry::Urgent, 0.066),
            (Entry::Screening, 0.171),
            (Entry::BreastSymptoms, 0.012),
        ] {
            let of_route = || all.iter().filter(move |(s, _)| s.entry == entry);
            let pathways: f64 = of_route().map(|(_, weight)| weight).sum();
            let treated = of_route().map(|(s, weight)| {
                weight
                    * s.cancers
                        .iter()
                        .map(|(_, probability)| probability)
                        .sum::<f64>()
            });
            let ratio = treated.sum::<f64>() / pathways;
            assert!((ratio - published).abs() < 0.001, "{entry:?} {ratio}");
        }
    }
}
