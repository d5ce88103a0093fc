//! Which rules decided: the ids of a trace.

/// The rules R1-R21 and decisions Q1-Q33 that decided something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSet(u64);

const R_RULES: u8 = 21;
const Q_RULES: u8 = 33;

impl RuleSet {
    /// Rule `R<number>`.
    ///
    /// # Panics
    /// When there is no such rule.
    #[must_use]
    pub const fn r(number: u8) -> Self {
        assert!(number >= 1 && number <= R_RULES);
        Self(1 << (number - 1))
    }

    /// Decision `Q<number>`.
    ///
    /// # Panics
    /// When there is no such decision.
    #[must_use]
    pub const fn q(number: u8) -> Self {
        assert!(number >= 1 && number <= Q_RULES);
        Self(1 << (R_RULES + number - 1))
    }

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set of these rules; a name that is none of ours is left out, for rules are for people.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let rules = names.into_iter().filter_map(|name| {
            let (kind, number) = name.split_at_checked(1)?;
            match (kind, number.parse().ok()?) {
                ("R", number @ 1..=R_RULES) => Some(Self::r(number)),
                ("Q", number @ 1..=Q_RULES) => Some(Self::q(number)),
                _ => None,
            }
        });
        rules.fold(Self::default(), Self::and)
    }

    /// Whether all rules of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The rules' names, `R1` to `R21`, then `Q1` to `Q33`.
    pub fn names(self) -> impl Iterator<Item = String> {
        let r = (1..=R_RULES)
            .filter(move |&n| self.0 & Self::r(n).0 != 0)
            .map(|n| format!("R{n}"));
        let q = (1..=Q_RULES)
            .filter(move |&n| self.0 & Self::q(n).0 != 0)
            .map(|n| format!("Q{n}"));
        r.chain(q)
    }
}
