//! Who a patient is, as far as the equity cuts ask: one group in each dimension (statistics 5).

use crate::statistics::Wait;
use crate::text::Spelling;

/// By what patients are grouped. Rows of different dimensions are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Age at referral.
    AgeBand,
    /// PERSON STATED GENDER CODE.
    Gender,
    /// ETHNIC CATEGORY, its 16 + 1 codes and 99.
    EthnicCategory,
    /// The groups of ethnic categories.
    EthnicGroup,
    /// Decile of the index of multiple deprivation, 1 the most deprived.
    DeprivationDecile,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 5] = [
        Self::AgeBand,
        Self::Gender,
        Self::EthnicCategory,
        Self::EthnicGroup,
        Self::DeprivationDecile,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgeBand => "age_band",
            Self::Gender => "gender",
            Self::EthnicCategory => "ethnic_category",
            Self::EthnicGroup => "ethnic_group",
            Self::DeprivationDecile => "deprivation_decile",
        }
    }
}

const UNKNOWN: &str = "unknown";
/// The last age of each band but the open one.
const AGE_BANDS: [(u16, &str); 5] = [
    (15, "0-15"),
    (49, "16-49"),
    (59, "50-59"),
    (69, "60-69"),
    (79, "70-79"),
];
const OLDEST: &str = "80+";
const GENDERS: [&str; 4] = ["1", "2", "9", "X"];
const GENDER_NOT_KNOWN: &str = "X";
/// The codes of each group; there is no I and no O.
const ETHNIC_CATEGORIES: [(&str, &str); 18] = [
    ("A", "A-C"),
    ("B", "A-C"),
    ("C", "A-C"),
    ("D", "D-G"),
    ("E", "D-G"),
    ("F", "D-G"),
    ("G", "D-G"),
    ("H", "H-L"),
    ("J", "H-L"),
    ("K", "H-L"),
    ("L", "H-L"),
    ("M", "M-P"),
    ("N", "M-P"),
    ("P", "M-P"),
    ("R", "R-S"),
    ("S", "R-S"),
    ("Z", ETHNICITY_NOT_SAID),
    ETHNICITY_NOT_KNOWN,
];
const ETHNICITY_NOT_SAID: &str = "Z/99";
const ETHNICITY_NOT_KNOWN: (&str, &str) = ("99", ETHNICITY_NOT_SAID);
const DECILES: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// The groups a patient belongs to, one per dimension, so that the groups of a dimension add up to the
/// cut `all`.
///
/// Silent in statistics 5, so ours: a code that is missing or on no list stands under the code that means
/// not known (gender X, ethnic category 99), a decile outside 1 to 10 under `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    age_band: &'static str,
    gender: &'static str,
    ethnicity: (&'static str, &'static str),
    decile: &'static str,
}

impl Person {
    /// The groups of these values, as the referral gives them.
    #[must_use]
    pub fn new(
        age_at_referral: Option<u16>,
        person_stated_gender_code: Option<&str>,
        ethnic_category: Option<&str>,
        index_of_multiple_deprivation_decile: Option<u16>,
    ) -> Self {
        let listed = |code: Option<&str>, codes: &[&'static str]| {
            codes.iter().copied().find(|&listed| Some(listed) == code)
        };
        let mut ethnicities = ETHNIC_CATEGORIES.into_iter();
        let decile = index_of_multiple_deprivation_decile
            .and_then(|decile| DECILES.get(usize::from(decile.checked_sub(1)?)));
        Self {
            age_band: age_at_referral.map_or(UNKNOWN, age_band),
            gender: listed(person_stated_gender_code, &GENDERS).unwrap_or(GENDER_NOT_KNOWN),
            ethnicity: ethnicities
                .find(|&(code, _)| Some(code) == ethnic_category)
                .unwrap_or(ETHNICITY_NOT_KNOWN),
            decile: decile.copied().unwrap_or(UNKNOWN),
        }
    }

    /// The groups of a wait's patient.
    #[must_use]
    pub fn of(wait: &Wait) -> Self {
        let (gender, ethnicity) = (wait.gender(), wait.ethnic_category());
        Self::new(
            wait.age_at_referral,
            gender.as_ref().map(Spelling::as_str),
            ethnicity.as_ref().map(Spelling::as_str),
            wait.deprivation_decile,
        )
    }

    /// The group in a dimension.
    #[must_use]
    pub const fn group(&self, dimension: Dimension) -> &'static str {
        match dimension {
            Dimension::AgeBand => self.age_band,
            Dimension::Gender => self.gender,
            Dimension::EthnicCategory => self.ethnicity.0,
            Dimension::EthnicGroup => self.ethnicity.1,
            Dimension::DeprivationDecile => self.decile,
        }
    }
}

fn age_band(age: u16) -> &'static str {
    AGE_BANDS
        .into_iter()
        .find_map(|(last, band)| (age <= last).then_some(band))
        .unwrap_or(OLDEST)
}

#[cfg(test)]
mod tests {
    use super::{Dimension, Person};
    use crate::statistics::feed_fixture::Feed;
    use crate::statistics::{Counted, Tables};

    fn groups(person: &Person) -> [&'static str; 5] {
        Dimension::ALL.map(|dimension| person.group(dimension))
    }

    #[test]
    fn ages_fall_into_their_bands() {
        for (age, band) in [
            (0, "0-15"),
            (15, "0-15"),
            (16, "16-49"),
            (49, "16-49"),
            (50, "50-59"),
            (59, "50-59"),
            (60, "60-69"),
            (69, "60-69"),
            (70, "70-79"),
            (79, "70-79"),
            (80, "80+"),
            (104, "80+"),
        ] {
            let person = Person::new(Some(age), None, None, None);
            assert_eq!(person.group(Dimension::AgeBand), band, "{age}");
        }
    }

    #[test]
    fn ethnic_categories_are_sixteen_codes_in_five_groups_and_what_is_not_said() {
        let codes = ["ABC", "DEFG", "HJKL", "MNP", "RS"];
        let of = |code: &str| {
            let person = Person::new(None, None, Some(code), None);
            (
                person.group(Dimension::EthnicCategory),
                person.group(Dimension::EthnicGroup),
            )
        };
        for (letters, group) in codes.into_iter().zip(["A-C", "D-G", "H-L", "M-P", "R-S"]) {
            for letter in letters.chars() {
                let code = letter.to_string();
                assert_eq!(of(&code), (code.as_str(), group));
            }
        }
        assert_eq!(of("Z"), ("Z", "Z/99"));
        for other in ["99", "I", "O", "A1", "a", "", "T"] {
            assert_eq!(of(other), ("99", "Z/99"), "{other}");
        }
    }

    #[test]
    fn what_is_missing_or_on_no_list_is_not_known() {
        let nobody = ["unknown", "X", "99", "Z/99", "unknown"];
        assert_eq!(groups(&Person::new(None, None, None, None)), nobody);
        assert_eq!(
            groups(&Person::new(None, Some("0"), Some("?"), Some(0))),
            nobody
        );
        assert_eq!(groups(&Person::new(None, None, None, Some(11))), nobody);
        let known = Person::new(Some(70), Some("9"), Some("S"), Some(10));
        assert_eq!(groups(&known), ["70-79", "9", "S", "R-S", "10"]);
        let poorest = Person::new(None, Some("2"), None, Some(1));
        assert_eq!(groups(&poorest), ["unknown", "2", "99", "Z/99", "1"]);
    }

    #[test]
    fn a_wait_says_who_its_patient_is() {
        let mut feed = Feed::default();
        let referral = crate::ReferralReceived {
            age_at_referral: Some(64),
            person_stated_gender_code: feed.text("1"),
            ethnic_category: feed.text("J"),
            index_of_multiple_deprivation_decile: Some(3),
            ..feed.referral((2026, 1, 5))
        };
        feed.learn("RXX:P", "1", referral.into());
        feed.told("RXX:P", (2026, 1, 20), "01");
        let counted = Counted::of(&feed.row("RXX:P", (2026, 1, 20)), &Tables::default());
        let person = Person::of(counted.waits.first().expect("told"));
        assert_eq!(groups(&person), ["60-69", "1", "J", "H-L", "3"]);
    }
}
