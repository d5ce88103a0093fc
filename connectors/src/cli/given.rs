//! Topics, dates, months and times as options give them.

use clockstop_pipeline::{Day, Month, Topic};
use clockstop_schemas::parse_month;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub(super) fn topic(text: &str) -> Result<Topic, String> {
    let mut all = Topic::ALL.into_iter();
    all.find(|topic| topic.name() == text)
        .ok_or_else(|| "expected referral, diagnosis or treatment".to_owned())
}

pub(super) fn day(text: &str) -> Result<Day, String> {
    let date: Option<Date> = text.parse().ok();
    let day = date
        .and_then(|date| Day::from_ymd(date.year().into(), date.month().into(), date.day().into()));
    day.ok_or_else(|| "expected a date such as 2026-06-30".to_owned())
}

pub(super) fn month(text: &str) -> Result<Month, String> {
    parse_month(text).ok_or_else(|| "expected a month such as 2026-06".to_owned())
}

/// Milliseconds since 1970 of an instant, or of the midnight with which a London date begins.
pub(super) fn since(text: &str) -> Result<i64, String> {
    instant(text, Ok)
}

/// Milliseconds since 1970 of an instant, or of the midnight with which a London date ends.
pub(super) fn until(text: &str) -> Result<i64, String> {
    instant(text, |date| date.checked_add(1.day()))
}

fn instant(
    text: &str,
    midnight_of: impl Fn(Date) -> Result<Date, jiff::Error>,
) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let date = text.parse::<Date>();
    let midnight = date.and_then(|date| {
        let zone = TimeZone::get("Europe/London")?;
        midnight_of(date)?.to_zoned(zone)
    });
    midnight
        .map(|midnight| midnight.timestamp().as_millisecond())
        .map_err(|_| {
            "expected a date such as 2026-06-30 or an instant such as 2026-06-30T12:00:00Z"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::{month, since, until};
    use clockstop_pipeline::Month;

    #[test]
    fn a_date_is_its_whole_day_in_london() {
        let hour = 3_600_000;
        let noon = since("2026-06-30T12:00:00Z").expect("an instant");
        // Summer time: midnight in London is 23:00 UTC.
        assert_eq!(since("2026-06-30"), Ok(noon - 13 * hour));
        assert_eq!(until("2026-06-30"), Ok(noon + 11 * hour));
        assert_eq!(until("2026-06-30T12:00:00Z"), Ok(noon));
        assert!(since("30/06/2026").is_err());
    }

    #[test]
    fn a_month_is_one_of_the_calendar() {
        let march = Month {
            year: 2025,
            month: 3,
        };
        assert_eq!(month("2025-03"), Ok(march));
        for wrong in ["2025-13", "2025", "March 2025", "2025-03-01"] {
            assert!(month(wrong).is_err(), "{wrong}");
        }
    }
}
