//! The codes that rules ask for, from the NHS Data Dictionary (`domain/cwt-rules.md` 2.3).

use crate::text::Text;

pub(crate) const SOURCE_SCREENING: Text = Text::code("17");

pub(crate) const PRIORITY_URGENT: Text = Text::code("2");
pub(crate) const PRIORITY_TWO_WEEK_WAIT: Text = Text::code("3");

pub(crate) const TYPE_BREAST: Text = Text::code("01");
pub(crate) const TYPE_LUNG: Text = Text::code("03");
pub(crate) const TYPE_LOWER_GASTROINTESTINAL: Text = Text::code("07");
pub(crate) const TYPE_GYNAECOLOGICAL: Text = Text::code("09");
pub(crate) const TYPE_BREAST_SYMPTOMS: Text = Text::code("16");

pub(crate) const FIRST_SEEN_DID_NOT_ATTEND: Text = Text::code("3");

pub(crate) const MODALITY_SURGERY_RETIRED: Text = Text::code("01");
pub(crate) const MODALITY_DECLINED: Text = Text::code("98");

pub(crate) const SETTING_ORDINARY_ADMISSION: Text = Text::code("01");
pub(crate) const SETTING_DAY_CASE: Text = Text::code("02");
pub(crate) const SETTING_OUTPATIENT: Text = Text::code("03");
pub(crate) const SETTING_OTHER: Text = Text::code("04");

/// What a treatment is in the life of its cancer, by CANCER TREATMENT EVENT TYPE (R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// 01, 07, 12: the first treatment of a new primary.
    First,
    /// 02, 08: a later treatment of the same cancer.
    Subsequent,
    /// 03-06, 09-11: of a recurrence, progression, relapse or transformation.
    Recurrent,
}

impl Stage {
    const CODES: [(Text, Self); 12] = [
        (Text::code("01"), Self::First),
        (Text::code("02"), Self::Subsequent),
        (Text::code("03"), Self::Recurrent),
        (Text::code("04"), Self::Recurrent),
        (Text::code("05"), Self::Recurrent),
        (Text::code("06"), Self::Recurrent),
        (Text::code("07"), Self::First),
        (Text::code("08"), Self::Subsequent),
        (Text::code("09"), Self::Recurrent),
        (Text::code("10"), Self::Recurrent),
        (Text::code("11"), Self::Recurrent),
        (Text::code("12"), Self::First),
    ];

    pub(crate) fn of(event_type: Option<Text>) -> Option<Self> {
        let event_type = event_type?;
        Self::CODES
            .iter()
            .find_map(|&(code, stage)| (code == event_type).then_some(stage))
    }
}

/// CANCER FASTER DIAGNOSIS PATHWAY END REASON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// 01.
    Diagnosis,
    /// 02.
    RuledOut,
    /// 03.
    Excluded,
    /// 04.
    IntervalScanning,
}

impl EndReason {
    const CODES: [(Text, Self); 4] = [
        (Text::code("01"), Self::Diagnosis),
        (Text::code("02"), Self::RuledOut),
        (Text::code("03"), Self::Excluded),
        (Text::code("04"), Self::IntervalScanning),
    ];

    pub(crate) fn of(code: Option<Text>) -> Option<Self> {
        let code = code?;
        Self::CODES
            .iter()
            .find_map(|&(listed, reason)| (listed == code).then_some(reason))
    }
}
