//! Patients counted in halves: a shared 62-day wait is half a patient in each of two organisations (R14).

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Sub};

/// A number of patients, exact in halves; negative in differences. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Halves(i64);

impl Halves {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many halves.
    #[must_use]
    pub const fn new(halves: i64) -> Self {
        Self(halves)
    }

    /// So many whole patients.
    #[must_use]
    pub const fn whole(patients: i64) -> Self {
        Self(patients.saturating_mul(2))
    }

    /// How many halves these are.
    #[must_use]
    pub const fn halves(self) -> i64 {
        self.0
    }

    /// The same in tenths: the unscaled value of a DECIMAL(9,1).
    #[must_use]
    pub const fn tenths(self) -> i64 {
        self.0.saturating_mul(5)
    }

    /// Their share of a total, unrounded: 0 to 1 of parts. `None` of nobody, and of more patients than there are.
    #[must_use]
    pub fn share_of(self, total: Self) -> Option<f64> {
        let float = |halves: Self| i32::try_from(halves.0).ok().map(f64::from);
        let total = float(total).filter(|total| *total > 0.0)?;
        float(self).map(|part| part / total)
    }

    /// Are they whole patients?
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0 % 2 == 0
    }

    /// Without their sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl From<u32> for Halves {
    fn from(halves: u32) -> Self {
        Self(halves.into())
    }
}

impl Add for Halves {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Halves {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Halves {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Halves {
    fn sum<I: Iterator<Item = Self>>(halves: I) -> Self {
        halves.fold(Self::ZERO, Self::add)
    }
}

/// `59` and `13.5`, as the published files write them.
impl fmt::Display for Halves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let halves = self.0.unsigned_abs();
        let fraction = if self.is_whole() { "" } else { ".5" };
        write!(f, "{sign}{}{fraction}", halves / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::Halves;

    #[test]
    fn halves_are_written_as_published() {
        for (halves, text) in [
            (0, "0"),
            (1, "0.5"),
            (2, "1"),
            (27, "13.5"),
            (-1, "-0.5"),
            (-4, "-2"),
        ] {
            assert_eq!(Halves::new(halves).to_string(), text);
        }
    }

    #[test]
    fn a_share_of_nobody_is_none() {
        assert_eq!(Halves::new(1).share_of(Halves::whole(2)), Some(0.25));
        assert_eq!(Halves::ZERO.share_of(Halves::ZERO), None);
        assert_eq!(Halves::new(27).tenths(), 135);
    }
}
