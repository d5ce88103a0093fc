//! Who is referred: invented people with numbers from the range that no real patient has.

use super::draw::Draw;
use super::suspicion::Suspicion;
use clockstop_pipeline::{NhsNumber, Text};

/// From here on the numbers run out, so that patients have none.
const NUMBERED_PATIENTS: u64 = 900_000;
/// Stems of nine digits that begin with 999, the range kept for tests.
const STEMS: u64 = 1_000_000;
const FIRST_STEM: u64 = 999_000_000;
/// Has no divisor in common with `STEMS`, so that steps meet every stem once.
const STEP: u64 = 387_421;
/// How often a referral is of somebody who was referred before.
const KNOWN_BEFORE: f64 = 0.03;
/// How many earlier patients may come back.
const REMEMBERED: usize = 4_096;

/// A person, as the feed describes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patient {
    /// From the 999 range.
    pub(crate) nhs_number: Option<NhsNumber>,
    /// The hospital's own number: four characters, so that millions need no store.
    pub(crate) local_number: Option<Text>,
    /// In years.
    pub(crate) age: u16,
    /// 1 male, 2 female, 9 indeterminate.
    pub(crate) gender: Text,
    /// One letter.
    pub(crate) ethnicity: Text,
    /// 1 is the most deprived.
    pub(crate) deprivation: u16,
}

impl Patient {
    /// Somebody of whom nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        nhs_number: None,
        local_number: None,
        age: 60,
        gender: Text::code("9"),
        ethnicity: Text::code("Z"),
        deprivation: 5,
    };
}

/// Hands out patients: new ones in order, now and then an earlier one again.
pub(crate) struct Patients {
    offset: u64,
    tried: u64,
    met: u64,
    remembered: Vec<Patient>,
}

impl Patients {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            offset: seed.wrapping_mul(7_919) % STEMS,
            tried: 0,
            met: 0,
            remembered: Vec::new(),
        }
    }

    /// The patient of the next referral.
    pub(crate) fn referred(&mut self, suspicion: &Suspicion, draw: &mut Draw) -> Patient {
        if draw.chance(KNOWN_BEFORE) {
            let last = i32::try_from(self.remembered.len()).unwrap_or(i32::MAX) - 1;
            let index = usize::try_from(draw.between(0, last)).unwrap_or(0);
            let earlier = self.remembered.get(index);
            if let Some(&patient) = earlier.filter(|earlier| suspicion.may_be(earlier)) {
                return patient;
            }
        }
        let patient = self.new_patient(suspicion, draw);
        self.remember(patient, draw);
        patient
    }

    fn new_patient(&mut self, suspicion: &Suspicion, draw: &mut Draw) -> Patient {
        let nhs_number = if self.met < NUMBERED_PATIENTS {
            self.next_number()
        } else {
            None
        };
        let local_number = local_number(self.met);
        self.met += 1;
        Patient {
            nhs_number,
            local_number,
            age: suspicion.age(draw),
            gender: suspicion.gender(draw),
            ethnicity: draw.usually(Text::code("A"), &ETHNICITIES),
            deprivation: u16::try_from(draw.between(1, 10)).unwrap_or(1),
        }
    }

    /// The next stem that has a check digit; one in eleven has none.
    fn next_number(&mut self) -> Option<NhsNumber> {
        while self.tried < STEMS {
            let stem = FIRST_STEM + (self.offset + self.tried * STEP) % STEMS;
            self.tried += 1;
            let found = (0..=9).find_map(|check| NhsNumber::parse(&format!("{stem}{check}")));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn remember(&mut self, patient: Patient, draw: &mut Draw) {
        if self.remembered.len() < REMEMBERED {
            self.remembered.push(patient);
            return;
        }
        let last = i32::try_from(REMEMBERED).unwrap_or(i32::MAX) - 1;
        let index = usize::try_from(draw.between(0, last)).unwrap_or(0);
        if let Some(place) = self.remembered.get_mut(index) {
            *place = patient;
        }
    }
}

/// Invented shares; the published figures have none.
const ETHNICITIES: [(Text, f64); 7] = [
    (Text::code("B"), 0.01),
    (Text::code("C"), 0.04),
    (Text::code("H"), 0.03),
    (Text::code("J"), 0.02),
    (Text::code("M"), 0.02),
    (Text::code("N"), 0.02),
    (Text::code("Z"), 0.08),
];

const LOCAL_DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Four characters for the number of a patient; they repeat after 1.6 million patients, which one
/// hospital does not reach.
fn local_number(patient: u64) -> Option<Text> {
    let mut left = patient;
    let digits = [(); 4].map(|()| {
        let digit = usize::try_from(left % 36).unwrap_or(0);
        left /= 36;
        LOCAL_DIGITS.get(digit).copied().unwrap_or(b'0')
    });
    core::str::from_utf8(&digits).ok().map(Text::code)
}

#[cfg(test)]
mod tests {
    use super::{LOCAL_DIGITS, NUMBERED_PATIENTS, Patients, local_number};
    use crate::generate::calibration::Calibration;
    use crate::generate::draw::Draw;
    use crate::generate::suspicion;
    use std::collections::BTreeSet;

    #[test]
    fn nine_hundred_thousand_patients_have_a_number_each_of_the_test_range() {
        let mut patients = Patients::new(11);
        let mut seen = BTreeSet::new();
        for _ in 0..super::NUMBERED_PATIENTS {
            let number = patients.next_number().expect("enough of them").to_bits();
            assert_eq!(number / 10_000_000, 999);
            assert!(seen.insert(number), "given twice");
        }
    }

    #[test]
    fn beyond_them_nobody_has_a_number() {
        let calibration = Calibration::published().expect("it parses");
        let all = suspicion::with_volumes(&calibration).expect("everything is there");
        let (suspicion, _) = all.first().expect("a reason to be referred");
        let mut draw = Draw::stream(1, 0);
        let mut patients = Patients::new(11);
        patients.met = NUMBERED_PATIENTS - 1;
        let last = patients.new_patient(suspicion, &mut draw);
        assert!(last.nhs_number.is_some());
        for _ in 0..100 {
            let next = patients.referred(suspicion, &mut draw);
            assert!(next.nhs_number.is_none() && next.local_number.is_some());
        }
    }

    #[test]
    fn local_numbers_differ() {
        let many = u64::try_from(LOCAL_DIGITS.len()).expect("small").pow(2) * 3;
        let given: Vec<_> = (0..many).filter_map(local_number).collect();
        assert_eq!(given.len(), usize::try_from(many).expect("small"));
        assert!(given.windows(2).all(|pair| pair.first() != pair.last()));
    }
}
