//! Back from the names in `domain/assessment.md` and the alert schema to what they name.

use crate::alert::{Because, Level, Transition};
use crate::assessment::{Reason, Route, Standard};

macro_rules! from_name {
    ($($named:ident)*) => { $(
        impl $named {
            /// The one with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.name() == name)
            }
        }
    )* };
}

from_name! { Because Level Reason Route Standard Transition }

#[cfg(test)]
mod tests {
    use super::{Because, Level, Reason, Route, Standard, Transition};
    use crate::rule_set::RuleSet;

    #[test]
    fn every_name_leads_back() {
        assert!(
            Because::ALL
                .iter()
                .all(|of| Because::from_name(of.name()) == Some(*of))
        );
        assert!(
            Level::ALL
                .iter()
                .all(|of| Level::from_name(of.name()) == Some(*of))
        );
        assert!(
            Reason::ALL
                .iter()
                .all(|of| Reason::from_name(of.name()) == Some(*of))
        );
        assert!(
            Route::ALL
                .iter()
                .all(|of| Route::from_name(of.name()) == Some(*of))
        );
        assert!(
            Standard::ALL
                .iter()
                .all(|of| Standard::from_name(of.name()) == Some(*of))
        );
        assert!(
            Transition::ALL
                .iter()
                .all(|of| Transition::from_name(of.name()) == Some(*of))
        );
        assert_eq!(Level::from_name("none"), None);
    }

    #[test]
    fn rules_lead_back_and_unknown_ones_are_left_out() {
        let rules = RuleSet::r(1).and(RuleSet::r(21)).and(RuleSet::q(33));
        let mut names: Vec<String> = rules.names().collect();
        names.extend(["R0", "R22", "Q34", "X1", "R", ""].map(String::from));
        let names = names.iter().map(String::as_str);
        assert_eq!(RuleSet::from_names(names), rules);
    }
}
