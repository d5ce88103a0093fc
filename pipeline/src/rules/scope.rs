//! Is the diagnosis measured by the 31- and 62-day standards? (R15, Q25)

use crate::fact::DiagnosisRecorded;
use crate::reference::Reference;
use crate::text::{Text, Texts};
use crate::view::View;

/// Whether a primary's diagnosis is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    In,
    Out,
    /// No diagnosis code is known (Q7).
    NotKnown,
}

/// The scope of a primary.
pub(crate) fn scope(view: &View, primary: Text, reference: &Reference, texts: &Texts) -> Scope {
    view.diagnosis(primary).map_or(Scope::NotKnown, |known| {
        scope_of(&known.fact, reference, texts)
    })
}

fn scope_of(diagnosis: &DiagnosisRecorded, reference: &Reference, texts: &Texts) -> Scope {
    let Some(icd) = diagnosis.primary_diagnosis_icd else {
        return Scope::NotKnown;
    };
    let spelling = texts.read(icd);
    let measured = icd_category(spelling.as_str()).is_some_and(|(letter, number)| {
        reference
            .scope
            .iter()
            .any(|range| range.letter == letter && (range.from..=range.to).contains(&number))
    });
    if measured && !is_basal_cell(diagnosis, reference, texts) {
        Scope::In
    } else {
        Scope::Out
    }
}

/// The ICD-10 category of a code: `C44.3` and `C443` are in category C 44.
pub(crate) fn icd_category(icd: &str) -> Option<(char, u8)> {
    let letter = icd.chars().next()?.to_ascii_uppercase();
    let digits = icd.get(letter.len_utf8()..3)?;
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok().map(|number| (letter, number)))?
}

/// Basal cell carcinoma: by its flag, else by its morphology in the skin (Q25).
fn is_basal_cell(diagnosis: &DiagnosisRecorded, reference: &Reference, texts: &Texts) -> bool {
    diagnosis.basal_cell_carcinoma == Some(true)
        || is_skin(diagnosis, texts)
            && morphology_says_basal_cell(diagnosis, reference, texts) == Some(true)
}

fn is_skin(diagnosis: &DiagnosisRecorded, texts: &Texts) -> bool {
    diagnosis
        .primary_diagnosis_icd
        .is_some_and(|icd| icd_category(texts.read(icd).as_str()) == Some(('C', 44)))
}

fn morphology_says_basal_cell(
    diagnosis: &DiagnosisRecorded,
    reference: &Reference,
    texts: &Texts,
) -> Option<bool> {
    let spelling = texts.read(diagnosis.morphology?);
    let morphology = spelling.as_str();
    let digits = morphology.strip_prefix(['M', 'm']).unwrap_or(morphology);
    let histology = digits.get(..4).and_then(|four| four.parse().ok());
    Some(histology.is_some_and(|code| reference.basal_cell_morphologies.contains(&code)))
}

/// Flag and morphology disagree, or a skin cancer has neither (V17).
pub(crate) fn is_basal_cell_unsure(
    diagnosis: &DiagnosisRecorded,
    reference: &Reference,
    texts: &Texts,
) -> bool {
    let by_morphology = morphology_says_basal_cell(diagnosis, reference, texts);
    match (diagnosis.basal_cell_carcinoma, by_morphology) {
        (Some(flag), Some(morphology)) => flag != morphology,
        (None, None) => is_skin(diagnosis, texts),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::icd_category;

    #[test]
    fn a_category_is_a_letter_and_two_digits() {
        assert_eq!(icd_category("C44.3"), Some(('C', 44)));
        assert_eq!(icd_category("C443"), Some(('C', 44)));
        assert_eq!(icd_category("D05"), Some(('D', 5)));
        for not_a_code in ["", "C", "C4", "C4.", "4444", "Cé4"] {
            assert!(
                icd_category(not_a_code).is_none_or(|(letter, _)| !letter.is_alphabetic()),
                "{not_a_code}"
            );
        }
    }
}
