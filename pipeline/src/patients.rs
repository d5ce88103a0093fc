//! Findings that need all pathways of one patient: V15 and V24 (Q28). Pure functions over the parts
//! that pathways hand over; never part of an alert.

use crate::assessment::{Assessment, Standard, State};
use crate::codes::Stage;
use crate::day::Day;
use crate::findings::Findings;
use crate::report::NhsNumber;
use crate::rules::Case;
use crate::text::Texts;
use std::collections::BTreeSet;

/// Days between two referrals within which they may be one (V24).
const POSSIBLE_DUPLICATE_DAYS: i32 = 31;

/// What one pathway contributes to the picture of its patient; it stands without its engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatientPart {
    /// The patient, where known.
    pub nhs_number: Option<NhsNumber>,
    /// Primaries with a begun first treatment.
    firsts: Vec<String>,
    /// Primaries with a begun later treatment and no first one on this pathway.
    lacking_first: Vec<String>,
    /// Suspected type and receipt of an open urgent referral.
    open_urgent: Option<(String, Day)>,
}

impl PatientPart {
    pub(crate) fn new(
        nhs_number: Option<NhsNumber>,
        case: &Case<'_>,
        assessment: &Assessment,
    ) -> Self {
        let texts = case.texts;
        let firsts = begun(case, Stage::First);
        let mut lacking_first = begun(case, Stage::Subsequent);
        lacking_first.retain(|primary| !firsts.contains(primary));
        Self {
            nhs_number,
            firsts,
            lacking_first,
            open_urgent: open_urgent(case, assessment, texts),
        }
    }
}

fn begun(case: &Case<'_>, stage: Stage) -> Vec<String> {
    case.view
        .treatments
        .iter()
        .filter(|treatment| treatment.stage() == Some(stage) && treatment.started_on().is_some())
        .map(|treatment| case.texts.read(treatment.primary_id()).as_str().to_owned())
        .collect()
}

fn open_urgent(case: &Case<'_>, assessment: &Assessment, texts: &Texts) -> Option<(String, Day)> {
    let referral = case.view.referral?.fact;
    let suspected = referral.two_week_wait_cancer_or_symptomatic_breast_referral_type?;
    let receipt = referral.cancer_referral_to_treatment_period_start_date?;
    let running = assessment.clocks.iter().any(|clock| {
        clock.standard != Standard::ThirtyOneDay && matches!(clock.state, State::Running(_))
    });
    (assessment.route.has_fds() && running)
        .then(|| (texts.read(suspected).as_str().to_owned(), receipt))
}

/// Completes the findings of many pathways, one part per pathway in the order of `findings`: V15 is
/// withdrawn where another pathway of the patient has the first treatment, V24 is added where two open
/// urgent referrals of one patient may be one. Pathways without a valid NHS number stand alone.
pub fn complete_patient_findings(parts: &[PatientPart], findings: &mut [Findings]) {
    let mut numbered: Vec<(NhsNumber, usize)> = parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| Some((part.nhs_number?, at)))
        .collect();
    numbered.sort_unstable();
    for patient in numbered
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() > 1)
    {
        let places: Vec<usize> = patient.iter().map(|&(_, at)| at).collect();
        complete(&places, parts, findings);
    }
}

fn complete(places: &[usize], parts: &[PatientPart], findings: &mut [Findings]) {
    let own = || places.iter().filter_map(|&at| Some((at, parts.get(at)?)));
    // A pathway's `lacking_first` leaves out its own first treatments, so whatever is found here is
    // another pathway's.
    let firsts: BTreeSet<&str> = own()
        .flat_map(|(_, part)| part.firsts.iter().map(String::as_str))
        .collect();
    let twins = possible_duplicates(own());
    for (at, part) in own() {
        let Some(findings) = findings.get_mut(at) else {
            continue;
        };
        let found = |primary: &String| firsts.contains(primary.as_str());
        if part.lacking_first.iter().all(found) {
            findings.clear(15);
        }
        findings.note(24, twins.contains(&at));
    }
}

/// The places of the open urgent referrals of one type that lie close together.
fn possible_duplicates<'a>(
    parts: impl Iterator<Item = (usize, &'a PatientPart)>,
) -> BTreeSet<usize> {
    let mut open: Vec<(&str, Day, usize)> = parts
        .filter_map(|(at, part)| {
            let (suspected, receipt) = part.open_urgent.as_ref()?;
            Some((suspected.as_str(), *receipt, at))
        })
        .collect();
    open.sort_unstable();
    let mut twins = BTreeSet::new();
    for ((a_type, a_receipt, a), (b_type, b_receipt, b)) in open.iter().zip(open.iter().skip(1)) {
        if a_type == b_type && b_receipt.since(*a_receipt) <= POSSIBLE_DUPLICATE_DAYS {
            twins.extend([*a, *b]);
        }
    }
    twins
}
