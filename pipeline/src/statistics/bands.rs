//! The published bands of adjusted days, every edge inside its band (statistics 7, 4.1).

use super::cuts::Activity;
use crate::assessment::Standard;

/// A published band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Its greatest number of days; `None`: without end.
    pub to: Option<i32>,
    /// `0-14`, `15-28`, `>62`.
    pub label: &'static str,
    /// Its column in the national combined CSV.
    pub column: &'static str,
}

/// The most bands any activity has.
pub const MOST_BANDS: usize = 8;

const fn to(last: i32, label: &'static str, column: &'static str) -> Band {
    Band {
        to: Some(last),
        label,
        column,
    }
}

const fn after(label: &'static str, column: &'static str) -> Band {
    Band {
        to: None,
        label,
        column,
    }
}

const FDS: &[Band] = &[
    to(14, "0-14", "Within_14_days"),
    to(28, "15-28", "In_15_to_28_days"),
    to(42, "29-42", "In_29_to_42_days"),
    to(62, "43-62", "In_43_to_62_days"),
    after(">62", "After_62_days"),
];

const THIRTY_ONE_DAY: &[Band] = &[
    to(31, "0-31", "Within_31_days"),
    to(38, "32-38", "In_32_to_38_days"),
    to(48, "39-48", "In_39_to_48_days"),
    to(62, "49-62", "In_49_to_62_days"),
    after(">62", "After_62_days"),
];

const SIXTY_TWO_DAY: &[Band] = &[
    to(31, "0-31", "Within_31_days"),
    to(38, "32-38", "In_32_to_38_days"),
    to(48, "39-48", "In_39_to_48_days"),
    to(62, "49-62", "In_49_to_62_days"),
    to(76, "63-76", "In_63_to_76_days"),
    to(90, "77-90", "In_77_to_90_days"),
    to(104, "91-104", "In_91_to_104_days"),
    after(">104", "After_104_days"),
];

const FIRST_SEEN: &[Band] = &[
    to(14, "0-14", "Within_14_days"),
    to(16, "15-16", "In_15_to_16_days"),
    to(21, "17-21", "In_17_to_21_days"),
    to(28, "22-28", "In_22_to_28_days"),
    after(">28", "After_28_days"),
];

impl Activity {
    /// Its bands, in rising order; at most [`MOST_BANDS`].
    #[must_use]
    pub const fn bands(self) -> &'static [Band] {
        match self {
            Self::Standard(Standard::Fds) => FDS,
            Self::Standard(Standard::ThirtyOneDay) => THIRTY_ONE_DAY,
            Self::Standard(Standard::SixtyTwoDay) => SIXTY_TWO_DAY,
            Self::FirstSeen => FIRST_SEEN,
        }
    }

    /// How many of the first bands lie within the standard; `None` where there is none. Their last day is the limit.
    #[must_use]
    pub const fn bands_within(self) -> Option<usize> {
        match self {
            Self::Standard(Standard::Fds) => Some(2),
            Self::Standard(Standard::ThirtyOneDay) => Some(1),
            Self::Standard(Standard::SixtyTwoDay) => Some(4),
            Self::FirstSeen => None,
        }
    }

    /// The place of a wait of so many adjusted days among its bands.
    pub(super) fn band_of(self, days: i32) -> usize {
        self.bands()
            .iter()
            .position(|band| band.to.is_none_or(|to| days <= to))
            .unwrap_or_default()
    }

    /// The band of a wait of so many adjusted days.
    #[must_use]
    pub fn band(self, days: i32) -> &'static Band {
        static NONE: Band = after("", "");
        self.bands().get(self.band_of(days)).unwrap_or(&NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::MOST_BANDS;
    use crate::assessment::Standard;
    use crate::reference::Reference;
    use crate::statistics::Activity;

    #[test]
    fn every_day_lies_in_the_band_its_label_names() {
        for activity in Activity::ALL {
            assert!(activity.bands().len() <= MOST_BANDS);
            for days in 0..200 {
                let label = activity.band(days).label;
                let (from, to) = if let Some(above) = label.strip_prefix('>') {
                    (above.parse::<i32>().expect("a number") + 1, i32::MAX)
                } else {
                    let (from, to) = label.split_once('-').expect("a range");
                    (from.parse().expect("a day"), to.parse().expect("a day"))
                };
                assert!((from..=to).contains(&days), "{activity:?} {days} {label}");
            }
        }
    }

    #[test]
    fn every_limit_is_an_edge_so_that_bands_sum_to_within() {
        let reference = Reference::default();
        for standard in Standard::ALL {
            let limit = Some(reference.limits(standard).within);
            let activity = Activity::Standard(standard);
            let within = activity.bands_within().expect("a standard");
            let last = activity.bands().iter().take(within).next_back();
            assert_eq!(last.and_then(|band| band.to), limit, "{standard:?}");
        }
    }
}
