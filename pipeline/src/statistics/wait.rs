//! A counted wait, and the providers it is shared between (statistics 2).
//!
//! A wait owns its texts, so that waits of all partitions lie in one list. Codes of up to four bytes
//! stand in place; whatever is longer is kept with the wait. What follows from other members (days,
//! legs, band, shares, month) is computed, not stored.

use super::bands::Band;
use super::categories::{ModalityGroup, SuspectedType, TumourGroup};
use super::cuts::{Activity, TreatmentStage};
use super::tables::UNKNOWN_ICB;
use crate::allocation::Method;
use crate::assessment::{Route, Standard};
use crate::day::{Day, Month};
use crate::report::NhsNumber;
use crate::text::{Spelling, Text, Texts};
use compact_str::CompactString;

/// What tells a wait from all others: pathway, standard, and the primary (62-day) or treatment
/// (31-day); FDS and first-seen activity have one a pathway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitId<'a> {
    /// `<issuer>:<identifier>`.
    pub pathway: &'a str,
    /// The standard, or first-seen activity.
    pub activity: Activity,
    /// The primary of a 62-day wait, the treatment of a 31-day wait.
    pub item: Option<&'a str>,
}

/// A counted wait. Texts are read by the methods of their names; `None` is not known, or not of
/// this standard.
#[derive(Clone, Debug)]
pub struct Wait {
    pub(super) pathway: CompactString,
    pub(super) primary_id: Option<CompactString>,
    pub(super) treatment_id: Option<CompactString>,
    /// The patient, for pseudonyms and direct care only.
    pub patient: Option<NhsNumber>,
    long: Option<Box<Texts>>,
    pub(super) suspected_type_code: Option<Text>,
    pub(super) modality_code: Option<Text>,
    pub(super) event_type: Option<Text>,
    pub(super) organisation: Option<Text>,
    pub(super) first_seen_by: Option<Text>,
    pub(super) investigated_by: Option<Text>,
    pub(super) decided_by: Option<Text>,
    pub(super) treated_by: Option<Text>,
    pub(super) listed_icb: Option<Text>,
    pub(super) delay_reason: Option<Text>,
    pub(super) end_reason: Option<Text>,
    pub(super) gender: Option<Text>,
    pub(super) ethnic_category: Option<Text>,
    /// Day 0.
    pub start: Day,
    /// The last day of the wait.
    pub stop: Day,
    pub(super) last_compliant: MaybeDay,
    pub(super) first_seen_on: MaybeDay,
    pub(super) told_on: MaybeDay,
    pub(super) decided_on: MaybeDay,
    pub(super) transferred_on: MaybeDay,
    /// Days subtracted for a missed first appointment.
    pub first_seen_adjustment: i16,
    /// Days subtracted because the patient was not available for treatment.
    pub treatment_adjustment: i16,
    /// Years, as sent.
    pub age_at_referral: Option<u16>,
    /// INDEX OF MULTIPLE DEPRIVATION DECILE as sent; 1 is the most deprived.
    pub deprivation_decile: Option<u16>,
    /// What is counted.
    pub activity: Activity,
    /// The pathway's route.
    pub route: Route,
    /// The stage of the treatment.
    pub stage: Option<TreatmentStage>,
    /// The suspected type under its published name.
    pub suspected_type: SuspectedType,
    /// The diagnosed tumour, of treatments.
    pub tumour_group: Option<TumourGroup>,
    /// The kind of treatment, of treatments.
    pub modality_group: Option<ModalityGroup>,
    /// How a 62-day wait is shared; `None` also where no treating provider is known (Q26).
    pub method: Option<Method>,
    /// Within the standard; `None` for first-seen activity, which has none.
    pub within: Option<bool>,
    /// Excluded after the limit, and counted as a breach (R6).
    pub after_limit: bool,
}

/// A day in four bytes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaybeDay(i32);

impl MaybeDay {
    pub(super) const NONE: Self = Self(i32::MIN);

    pub(super) const fn get(self) -> Option<Day> {
        if self.0 == Self::NONE.0 {
            None
        } else {
            Some(Day::from_epoch_days(self.0))
        }
    }
}

impl From<Option<Day>> for MaybeDay {
    fn from(day: Option<Day>) -> Self {
        day.map_or(Self::NONE, |day| Self(day.epoch_days()))
    }
}

macro_rules! texts {
    ($( $(#[$doc:meta])* $name:ident $field:ident, )*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Option<Spelling<'_>> {
                self.$field.map(|text| self.read(text))
            }
        )*
    };
}

impl Wait {
    /// A wait of which only the clock is known.
    pub(super) fn new(pathway: &str, activity: Activity, start: Day, stop: Day) -> Self {
        Self {
            pathway: pathway.into(),
            primary_id: None,
            treatment_id: None,
            patient: None,
            long: None,
            suspected_type_code: None,
            modality_code: None,
            event_type: None,
            organisation: None,
            first_seen_by: None,
            investigated_by: None,
            decided_by: None,
            treated_by: None,
            listed_icb: None,
            delay_reason: None,
            end_reason: None,
            gender: None,
            ethnic_category: None,
            start,
            stop,
            last_compliant: MaybeDay::NONE,
            first_seen_on: MaybeDay::NONE,
            told_on: MaybeDay::NONE,
            decided_on: MaybeDay::NONE,
            transferred_on: MaybeDay::NONE,
            first_seen_adjustment: 0,
            treatment_adjustment: 0,
            age_at_referral: None,
            deprivation_decile: None,
            activity,
            route: Route::Pending,
            stage: None,
            suspected_type: SuspectedType::MissingOrInvalid,
            tumour_group: None,
            modality_group: None,
            method: None,
            within: None,
            after_limit: false,
        }
    }

    /// The text as this wait keeps it.
    pub(super) fn keep(&mut self, text: &str) -> Option<Text> {
        match Text::inline(text.as_bytes()) {
            Some(inline) => Some(inline),
            None if text.is_empty() => None,
            None => self.long.get_or_insert_default().keep(text),
        }
    }

    pub(super) fn read(&self, text: Text) -> Spelling<'_> {
        match &self.long {
            Some(long) => long.read(text),
            None => Spelling::Inline(text.to_bits()),
        }
    }

    texts! {
        /// TWO WEEK WAIT CANCER OR SYMPTOMATIC BREAST REFERRAL TYPE as sent.
        suspected_type_code suspected_type_code,
        /// CANCER TREATMENT MODALITY as sent.
        modality_code modality_code,
        /// CANCER TREATMENT EVENT TYPE as sent.
        event_type event_type,
        /// The provider that reports it (R17); `None` for 62-day waits, which are shared.
        organisation organisation,
        /// The provider of the first appointment.
        first_seen_by first_seen_by,
        /// The accountable investigating provider of a 62-day wait (section 3, step 2).
        investigated_by investigated_by,
        /// The provider of the decision to treat.
        decided_by decided_by,
        /// The treating provider.
        treated_by treated_by,
        /// The delay reason of the standard, as sent.
        delay_reason delay_reason,
        /// CANCER FASTER DIAGNOSIS PATHWAY END REASON as sent.
        end_reason end_reason,
        /// PERSON STATED GENDER CODE as sent.
        gender gender,
        /// ETHNIC CATEGORY as sent.
        ethnic_category ethnic_category,
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> WaitId<'_> {
        WaitId {
            pathway: &self.pathway,
            activity: self.activity,
            item: match self.activity.standard() {
                Some(Standard::SixtyTwoDay) => self.primary_id(),
                Some(Standard::ThirtyOneDay) => self.treatment_id(),
                Some(Standard::Fds) | None => None,
            },
        }
    }

    /// The primary treated.
    #[must_use]
    pub fn primary_id(&self) -> Option<&str> {
        self.primary_id.as_deref()
    }

    /// The treatment that stopped it.
    #[must_use]
    pub fn treatment_id(&self) -> Option<&str> {
        self.treatment_id.as_deref()
    }

    /// The commissioner: the ICB or hub of the referral as it was, else `UNKNOWN` (statistics 1).
    #[must_use]
    pub fn icb(&self) -> Spelling<'_> {
        self.listed_icb
            .map_or(Spelling::Kept(UNKNOWN_ICB), |icb| self.read(icb))
    }

    /// The last day within the standard; `None` for first-seen activity.
    #[must_use]
    pub const fn last_compliant(&self) -> Option<Day> {
        self.last_compliant.get()
    }

    /// DATE FIRST SEEN.
    #[must_use]
    pub const fn first_seen_on(&self) -> Option<Day> {
        self.first_seen_on.get()
    }

    /// The day the patient was told.
    #[must_use]
    pub const fn told_on(&self) -> Option<Day> {
        self.told_on.get()
    }

    /// The decision to treat (or ECAD) of the treatment; for FDS the one that can stop it (Q15).
    #[must_use]
    pub const fn decided_on(&self) -> Option<Day> {
        self.decided_on.get()
    }

    /// The day of the transfer a 62-day wait rests on, where it lies within the wait (Q26).
    #[must_use]
    pub const fn transferred_on(&self) -> Option<Day> {
        self.transferred_on.get()
    }

    /// The day whose month reports it (R17): of an FDS wait the day the patient was told, which may
    /// lie after the stop.
    #[must_use]
    pub fn reported_on(&self) -> Day {
        let told = self
            .told_on()
            .filter(|_| self.activity == Activity::Standard(Standard::Fds));
        told.unwrap_or(self.stop)
    }

    /// The month that reports it.
    #[must_use]
    pub fn month(&self) -> Month {
        self.reported_on().month()
    }

    /// Days subtracted, summed.
    #[must_use]
    pub fn adjustment(&self) -> i32 {
        i32::from(self.first_seen_adjustment) + i32::from(self.treatment_adjustment)
    }

    /// Days before adjustment.
    #[must_use]
    pub const fn raw_days(&self) -> i32 {
        self.stop.since(self.start)
    }

    /// Days after adjustment (R1).
    #[must_use]
    pub fn days(&self) -> i32 {
        self.raw_days() - self.adjustment()
    }

    /// Its published band.
    #[must_use]
    pub fn band(&self) -> &'static Band {
        self.activity.band(self.days())
    }

    /// Days up to the transfer, less the first-seen adjustment; of S1 to S6 only (section 3).
    #[must_use]
    pub fn leg38(&self) -> Option<i32> {
        let transfer = self
            .transferred_on()
            .filter(|_| matches!(self.method, Some(Method::Scenario(_))))?;
        Some(transfer.since(self.start) - i32::from(self.first_seen_adjustment))
    }

    /// Days from the transfer on, less the treatment adjustment; the legs sum to the days.
    #[must_use]
    pub fn leg24(&self) -> Option<i32> {
        self.leg38().map(|leg38| self.days() - leg38)
    }
}

#[cfg(test)]
mod tests {
    use super::Wait;
    use crate::day::Day;
    use crate::statistics::Activity;

    #[test]
    fn a_wait_is_compact_and_keeps_long_texts_itself() {
        assert!(size_of::<Wait>() <= 200, "{}", size_of::<Wait>());
        let day = Day::from_epoch_days(20_000);
        let mut wait = Wait::new("RXX:1", Activity::FirstSeen, day, day);
        wait.treated_by = wait.keep("S3H9L");
        wait.modality_code = wait.keep("23");
        wait.event_type = wait.keep("a long code that is on no list");
        wait.delay_reason = wait.keep("");
        let text = |text: Option<super::Spelling<'_>>| text.map(|text| text.as_str().to_owned());
        assert_eq!(text(wait.treated_by()).as_deref(), Some("S3H9L"));
        assert_eq!(text(wait.modality_code()).as_deref(), Some("23"));
        assert_eq!(
            text(wait.clone().event_type()).as_deref(),
            Some("a long code that is on no list")
        );
        assert_eq!(text(wait.delay_reason()), None);
    }
}
