//! Today in London: the real date, or a simulated one. It never goes back.

use clockstop_pipeline::Day;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// The zone of the bundled data does not load.
#[derive(Debug, thiserror::Error)]
#[error("the time zone Europe/London is not in the bundled data")]
pub struct Error(#[source] jiff::Error);

/// Tells today's date.
#[derive(Clone, Debug)]
pub struct Calendar {
    source: Source,
    /// The greatest date told, in days since 1970.
    greatest: Arc<AtomicI32>,
}

#[derive(Clone, Debug)]
enum Source {
    London(TimeZone),
    Simulated,
    Compressed(Compressed),
}

/// Days of any length, told by the machine's clock.
#[derive(Clone, Copy, Debug)]
struct Compressed {
    first: Day,
    /// When the first day begins, in milliseconds since 1970.
    begins: i64,
    /// How long a day lasts, in milliseconds.
    length: i64,
}

impl Calendar {
    /// The machine's clock, read in London.
    ///
    /// # Errors
    /// When the bundled time-zone data lack London.
    pub fn london() -> Result<Self, Error> {
        Ok(Self {
            source: Source::London(london_zone()?),
            greatest: Arc::new(AtomicI32::new(i32::MIN)),
        })
    }

    /// A calendar that stands at `day` until it is [advanced](Self::advance_to).
    #[must_use]
    pub fn simulated(day: Day) -> Self {
        Self {
            source: Source::Simulated,
            greatest: Arc::new(AtomicI32::new(day.epoch_days())),
        }
    }

    /// A calendar whose days last so many milliseconds; `first` begins at an instant, in milliseconds since
    /// 1970. It shows on a real broker in seconds what midnight does.
    #[must_use]
    pub fn compressed(first: Day, begins: i64, length: i64) -> Self {
        Self {
            source: Source::Compressed(Compressed {
                first,
                begins,
                length: length.max(1),
            }),
            greatest: Arc::new(AtomicI32::new(first.epoch_days())),
        }
    }

    /// The midnight that ends a day, in milliseconds since 1970; `None` where days have none.
    #[must_use]
    pub fn end_of(&self, day: Day) -> Option<i64> {
        match &self.source {
            Source::London(zone) => london_midnight(day.plus(1), zone),
            Source::Simulated => None,
            Source::Compressed(days) => {
                let past = i64::from(day.since(days.first)).saturating_add(1);
                Some(days.begins.saturating_add(past.saturating_mul(days.length)))
            }
        }
    }

    /// Turns a simulated calendar, and all its clones, to a later day; an earlier one changes nothing.
    pub fn advance_to(&self, day: Day) {
        self.greatest.fetch_max(day.epoch_days(), Ordering::AcqRel);
    }

    /// Today; never before a day that was told already.
    #[must_use]
    pub fn today(&self) -> Day {
        let now = match &self.source {
            Source::London(zone) => london_day(Timestamp::now(), zone).epoch_days(),
            Source::Simulated => i32::MIN,
            Source::Compressed(days) => {
                let past = Timestamp::now()
                    .as_millisecond()
                    .saturating_sub(days.begins);
                let past = i32::try_from(past.div_euclid(days.length)).unwrap_or(0);
                days.first.plus(past).epoch_days()
            }
        };
        let before = self.greatest.fetch_max(now, Ordering::AcqRel);
        Day::from_epoch_days(before.max(now))
    }
}

/// The zone of London.
pub(crate) fn london_zone() -> Result<TimeZone, Error> {
    TimeZone::get("Europe/London").map_err(Error)
}

/// When a day begins in London, in milliseconds since 1970.
fn london_midnight(day: Day, zone: &TimeZone) -> Option<i64> {
    let (year, month, day) = day.ymd();
    let year = i16::try_from(year).ok()?;
    let [month, day] = [i8::try_from(month).ok()?, i8::try_from(day).ok()?];
    let midnight = jiff::civil::Date::new(year, month, day)
        .ok()?
        .to_zoned(zone.clone())
        .ok()?;
    Some(midnight.timestamp().as_millisecond())
}

/// The civil date of an instant in London.
pub(crate) fn london_day(instant: Timestamp, zone: &TimeZone) -> Day {
    let date = zone.to_datetime(instant).date();
    let [year, month, day] = [
        i32::from(date.year()),
        date.month().into(),
        date.day().into(),
    ];
    Day::from_ymd(year, month, day).unwrap_or(Day::from_epoch_days(i32::MIN))
}

#[cfg(test)]
mod tests {
    use super::{Calendar, london_day};
    use clockstop_pipeline::Day;
    use jiff::tz::TimeZone;

    #[test]
    fn the_day_turns_at_midnight_in_london() {
        let zone = TimeZone::get("Europe/London").expect("bundled");
        for (instant, day) in [
            ("2026-01-31T23:59:59Z", "2026-01-31"),
            ("2026-02-01T00:00:00Z", "2026-02-01"),
            ("2026-06-30T22:59:59Z", "2026-06-30"),
            ("2026-06-30T23:00:00Z", "2026-07-01"),
            ("2026-03-29T01:30:00Z", "2026-03-29"),
        ] {
            let instant = instant.parse().expect("an instant");
            assert_eq!(london_day(instant, &zone).to_string(), day, "{instant}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_london() {
        let calendar = Calendar::london().expect("bundled");
        for (day, end) in [
            ((2026, 1, 31), "2026-02-01T00:00:00Z"),
            ((2026, 3, 29), "2026-03-29T23:00:00Z"),
            ((2026, 10, 25), "2026-10-26T00:00:00Z"),
        ] {
            let (year, month, day) = day;
            let day = Day::from_ymd(year, month, day).expect("a date");
            let end: jiff::Timestamp = end.parse().expect("an instant");
            assert_eq!(calendar.end_of(day), Some(end.as_millisecond()), "{day}");
        }
        let first = Day::from_ymd(2026, 1, 1).expect("a date");
        let compressed = Calendar::compressed(first, 1_000, 50);
        assert_eq!(compressed.end_of(first.plus(1)), Some(1_100));
    }

    #[test]
    fn today_never_goes_back() {
        let day = Day::from_ymd(2026, 3, 1).expect("a date");
        let calendar = Calendar::simulated(day);
        let worker = calendar.clone();
        calendar.advance_to(day.plus(2));
        calendar.advance_to(day.plus(1));
        assert_eq!(worker.today(), day.plus(2));
        let real = Calendar::london().expect("bundled");
        real.advance_to(Day::from_ymd(2100, 1, 1).expect("a date"));
        assert_eq!(real.today().to_string(), "2100-01-01");
    }
}
