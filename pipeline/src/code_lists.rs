//! The code lists that are known (`domain/cwt-rules.md` 2.3, `domain/events.md`).
//!
//! No rule refuses a code that is not on its list: it is kept as sent and equals no listed one.

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use std::sync::LazyLock;

const OF_ONE_FIELD: [(&str, &str); 2] = [
    (
        "cancer_treatment_modality",
        include_str!("reference/modalities.csv"),
    ),
    (
        "two_week_wait_cancer_or_symptomatic_breast_referral_type",
        include_str!("reference/suspected_types.csv"),
    ),
];
const OF_MANY: &str = include_str!("reference/code_lists.csv");

static LISTS: LazyLock<CodeLists> = LazyLock::new(CodeLists::read);

struct CodeLists(IndexMap<&'static str, Vec<&'static str>, FixedState>);

impl CodeLists {
    fn read() -> Self {
        let mut lists = IndexMap::default();
        let mut add = |field, row: &'static str| {
            let list: &mut Vec<_> = lists.entry(field).or_default();
            // Neither a field nor a code is ever quoted.
            list.extend(row.split(',').next());
        };
        for (field, file) in OF_ONE_FIELD {
            file.lines().skip(1).for_each(|row| add(field, row));
        }
        for row in OF_MANY.lines().skip(1) {
            if let Some((field, row)) = row.split_once(',') {
                add(field, row);
            }
        }
        Self(lists)
    }
}

/// Whether the list of this field holds the code, compared as sent; `None` where the field has no list, or
/// none of which all codes are known.
#[must_use]
pub fn is_listed(field: &str, code: &str) -> Option<bool> {
    let list = LISTS.0.get(field)?;
    Some(list.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::{LISTS, is_listed};
    use crate::fact::{EventType, FieldVisitor};
    use crate::text::Text;
    use crate::{Day, Reason};

    #[derive(Default)]
    struct Texts(Vec<&'static str>);

    impl FieldVisitor for Texts {
        fn day(&mut self, _: &'static str, _: &mut Option<Day>) {}
        fn text(&mut self, name: &'static str, _: &mut Option<Text>) {
            self.0.push(name);
        }
        fn number(&mut self, _: &'static str, _: &mut Option<u16>) {}
        fn flag(&mut self, _: &'static str, _: &mut Option<bool>) {}
    }

    #[test]
    fn every_list_is_of_a_text_that_events_have() {
        let mut texts = Texts::default();
        for event_type in EventType::ALL {
            event_type.blank().visit(&mut texts);
        }
        let lists: Vec<_> = LISTS.0.iter().collect();
        assert_eq!(lists.len(), 12);
        for (field, codes) in lists {
            assert!(texts.0.contains(field), "{field}");
            let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
            assert_eq!(distinct.len(), codes.len(), "{field}");
            assert!(codes.iter().all(|code| !code.is_empty()), "{field}");
        }
    }

    #[test]
    fn a_code_is_compared_as_sent_and_a_field_without_a_list_is_left_alone() {
        for (field, code, listed) in [
            ("priority_type_code", "3", Some(true)),
            ("priority_type_code", "03", Some(false)),
            ("source_of_referral_for_out_patients", "97", Some(true)),
            ("source_of_referral_for_out_patients", "98", Some(false)),
            ("cancer_treatment_modality", "24", Some(true)),
            ("cancer_treatment_modality", "18", Some(false)),
            ("stage_at_diagnosis", "U", Some(true)),
            (
                "two_week_wait_cancer_or_symptomatic_breast_referral_type",
                "17",
                Some(true),
            ),
            ("ethnic_category", "?", None),
            (
                "cancer_faster_diagnosis_pathway_exclusion_reason",
                "99",
                None,
            ),
            ("waiting_time_adjustment_reason_treatment", "x", None),
        ] {
            assert_eq!(is_listed(field, code), listed, "{field} {code}");
        }
    }

    #[test]
    fn every_closure_that_a_rule_knows_is_listed() {
        let closures = [
            Reason::Died,
            Reason::DeclinedInvestigation,
            Reason::DeclinedTreatment,
            Reason::Private,
            Reason::Withdrawn,
            Reason::Merged,
        ];
        for reason in closures {
            let listed = is_listed("pathway_closed_reason", reason.name());
            assert_eq!(listed, Some(true), "{}", reason.name());
        }
    }
}
