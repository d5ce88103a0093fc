//! The assessment of a pathway as one JSON line (`domain/assessment.md`).

use crate::object::Object;
use clockstop_pipeline::{
    AlertId, AlertKey, Allocation, Assessment, Clock, Counting, Ended, Running, Share, Spelling,
    Standard, State, Stopped, Texts, Wait,
};
use core::fmt;

/// The assessment as one line, without the line's end; alerts carry their id where there is a key.
#[must_use]
pub fn assessment_json<'a>(
    pathway: &'a str,
    assessment: &'a Assessment,
    texts: &'a Texts,
    key: Option<&'a AlertKey>,
) -> impl fmt::Display + 'a {
    AssessmentJson {
        pathway,
        assessment,
        texts,
        key,
    }
}

struct AssessmentJson<'a> {
    pathway: &'a str,
    assessment: &'a Assessment,
    texts: &'a Texts,
    key: Option<&'a AlertKey>,
}

impl fmt::Display for AssessmentJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let assessment = self.assessment;
        Object::write(f, |object| {
            object.text("pathway", self.pathway)?;
            object.plain("as_of", assessment.as_of)?;
            object.plain("route", assessment.route.name())?;
            object.objects("clocks", &assessment.clocks, |object, clock| {
                self.clock(object, clock)
            })?;
            object.objects(
                "allocation",
                &assessment.allocation,
                |object, allocation| self.allocation(object, allocation),
            )?;
            object.plains("findings", assessment.findings.iter())?;
            let alerting = assessment
                .clocks
                .iter()
                .filter(|clock| clock.level.is_some());
            object.objects("alerts", alerting, |object, clock| {
                self.alert(object, clock)
            })
        })
    }
}

impl AssessmentJson<'_> {
    fn clock(&self, object: &mut Object<'_, '_>, clock: &Clock) -> fmt::Result {
        object.plain("standard", clock.standard.name())?;
        if let Some(primary) = clock.primary_id {
            object.text("primary_id", self.texts.read(primary).as_str())?;
        }
        if let Some(treatment) = clock.treatment_id {
            object.text("treatment_id", self.texts.read(treatment).as_str())?;
        }
        object.plain("state", clock.state.name())?;
        match &clock.state {
            State::NotStarted => {}
            State::Running(state) => running(object, state)?,
            State::Stopped(state) => self.stopped(object, state)?,
            State::Ended(state) => ended(object, state)?,
        }
        object.plains("rules", clock.rules.names())
    }

    fn stopped(&self, object: &mut Object<'_, '_>, state: &Stopped) -> fmt::Result {
        object.plain("start", state.wait.start)?;
        object.plain("stop", state.stop)?;
        wait(object, &state.wait)?;
        object.plain("last_compliant", state.last_compliant)?;
        object.plain("breach_from", state.last_compliant.plus(1))?;
        object.bare("within", state.within)?;
        counting(object, state.counting)?;
        if state.counting.counts() {
            object.plain("report_month", state.reported_on.month())?;
            if let Some(organisation) = state.organisation {
                object.text("organisation", self.texts.read(organisation).as_str())?;
            }
        }
        Ok(())
    }

    fn allocation(&self, object: &mut Object<'_, '_>, allocation: &Allocation) -> fmt::Result {
        object.text(
            "primary_id",
            self.texts.read(allocation.primary_id).as_str(),
        )?;
        object.plain("method", allocation.method.name())?;
        object.objects("shares", &allocation.shares, |object, share: &Share| {
            let organisation = self.texts.read(share.organisation);
            object.text("organisation", organisation.as_str())?;
            object.bare("patients", Halves(share.half_patients))?;
            object.bare("breaches", Halves(share.half_breaches))
        })
    }

    fn alert(&self, object: &mut Object<'_, '_>, clock: &Clock) -> fmt::Result {
        let item = clock.item().map(|item| self.texts.read(item));
        let item = item.as_ref().map(Spelling::as_str);
        object.plain("standard", clock.standard.name())?;
        match (clock.standard, item) {
            (Standard::SixtyTwoDay, Some(item)) => object.text("primary_id", item)?,
            (Standard::ThirtyOneDay, Some(item)) => object.text("treatment_id", item)?,
            (Standard::Fds, _) | (_, None) => {}
        }
        if let Some(level) = clock.level {
            object.plain("level", level.name())?;
        }
        if let Some(key) = self.key {
            let id = AlertId::new(key, self.pathway, clock.standard, item);
            object.plain("alert_id", id)?;
        }
        Ok(())
    }
}

fn running(object: &mut Object<'_, '_>, state: &Running) -> fmt::Result {
    object.plain("start", state.wait.start)?;
    wait(object, &state.wait)?;
    if let Some(frozen) = state.frozen_at {
        object.plain("frozen_at", frozen)?;
    }
    object.bare("days_left", state.days_left)?;
    object.plain("last_compliant", state.last_compliant)?;
    object.plain("breach_from", state.last_compliant.plus(1))?;
    counting(object, state.counting)
}

fn ended(object: &mut Object<'_, '_>, state: &Ended) -> fmt::Result {
    object.plain("start", state.start)?;
    if let Some((stop, waited)) = &state.stop {
        object.plain("stop", stop)?;
        wait(object, waited)?;
    }
    counting(object, Counting::Uncounted(state.reason))
}

fn wait(object: &mut Object<'_, '_>, wait: &Wait) -> fmt::Result {
    object.bare("adjustment", wait.adjustment)?;
    object.bare("raw_days", wait.raw_days)?;
    object.bare("days", wait.days())
}

fn counting(object: &mut Object<'_, '_>, counting: Counting) -> fmt::Result {
    object.bare("counted", counting.counts())?;
    match counting.reason() {
        Some(reason) => object.plain("reason", reason.name()),
        None => Ok(()),
    }
}

/// A count of halves as a number.
struct Halves(u8);

impl fmt::Display for Halves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.0 % 2 == 1 { ".5" } else { "" };
        write!(f, "{}{half}", self.0 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::{Halves, assessment_json};
    use clockstop_pipeline::{
        AlertId, AlertKey, Allocation, Assessment, Clock, Counting, Day, Ended, Findings, Level,
        Method, Reason, Route, RuleSet, Running, Share, Standard, State, Stopped, Text, Texts,
        Wait,
    };

    const KEY: AlertKey = AlertKey([7; 32]);

    fn day(month: i32, day: i32) -> Day {
        Day::from_ymd(2026, month, day).expect("a date")
    }

    fn clock(standard: Standard, state: State) -> Clock {
        let item = Some(Text::code("2"));
        Clock {
            standard,
            primary_id: item.filter(|_| standard == Standard::SixtyTwoDay),
            treatment_id: item.filter(|_| standard == Standard::ThirtyOneDay),
            state,
            responsible: None,
            responsible_site: None,
            level: None,
            rules: RuleSet::r(1).and(RuleSet::q(33)),
        }
    }

    fn stopped(counting: Counting) -> State {
        State::Stopped(Stopped {
            wait: Wait::between(day(1, 5), day(2, 9), 3),
            stop: day(2, 9),
            last_compliant: day(2, 8),
            within: false,
            counting,
            reported_on: day(2, 9),
            organisation: Some(Text::code("RXX")),
        })
    }

    fn clocks(clocks: impl IntoIterator<Item = Clock>) -> String {
        let mut findings = Findings::default();
        findings.note(23, true);
        findings.note(1, true);
        let share = |organisation, half_patients, half_breaches| Share {
            organisation,
            half_patients,
            half_breaches,
        };
        let assessment = Assessment {
            as_of: day(3, 1),
            route: Route::Usc,
            clocks: clocks.into_iter().collect(),
            allocation: vec![Allocation {
                primary_id: Text::code("2"),
                method: Method::Scenario(2),
                shares: [
                    share(Text::code("RXX"), 1, 0),
                    share(Text::code("RYY"), 2, 1),
                ]
                .into_iter()
                .collect(),
            }],
            findings,
        };
        assessment_json("R\":1", &assessment, &Texts::default(), Some(&KEY)).to_string()
    }

    fn check(clock: Clock, expected: &str) {
        let line = clocks([clock]);
        let (_, after) = line.split_once(r#""clocks":[{"#).expect("clocks");
        let (found, _) = after
            .split_once(r#","rules":["R1","Q33"]}]"#)
            .expect("rules");
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pathway_is_one_line_of_fixed_members() {
        assert_eq!(
            clocks([]),
            r#"{"pathway":"R\":1","as_of":"2026-03-01","route":"USC","clocks":[],"allocation":[{"primary_id":"2","method":"S2","shares":[{"organisation":"RXX","patients":0.5,"breaches":0},{"organisation":"RYY","patients":1,"breaches":0.5}]}],"findings":["V01","V23"],"alerts":[]}"#
        );
    }

    #[test]
    fn a_clock_has_the_members_of_its_state() {
        let not_started = clock(Standard::SixtyTwoDay, State::NotStarted);
        check(
            not_started,
            r#""standard":"62D","primary_id":"2","state":"not_started""#,
        );
        let running = |frozen_at, counting| {
            State::Running(Running {
                wait: Wait::between(day(1, 5), day(3, 1), 0),
                last_compliant: day(3, 8),
                days_left: 7,
                counting,
                frozen_at,
            })
        };
        check(
            clock(Standard::Fds, running(None, Counting::Counted)),
            r#""standard":"FDS","state":"running","start":"2026-01-05","adjustment":0,"raw_days":55,"days":55,"days_left":7,"last_compliant":"2026-03-08","breach_from":"2026-03-09","counted":true"#,
        );
        let uncounted = Counting::Uncounted(Reason::EventTypeMissing);
        check(
            clock(Standard::Fds, running(Some(day(2, 1)), uncounted)),
            r#""standard":"FDS","state":"running","start":"2026-01-05","adjustment":0,"raw_days":55,"days":55,"frozen_at":"2026-02-01","days_left":7,"last_compliant":"2026-03-08","breach_from":"2026-03-09","counted":false,"reason":"event_type_missing""#,
        );
    }

    #[test]
    fn only_a_stop_that_counts_is_reported() {
        let wait = r#""standard":"31D","treatment_id":"2","state":"stopped","start":"2026-01-05","stop":"2026-02-09","adjustment":3,"raw_days":35,"days":32,"last_compliant":"2026-02-08","breach_from":"2026-02-09","within":false"#;
        let report = r#""report_month":"2026-02","organisation":"RXX""#;
        for (counting, rest) in [
            (Counting::Counted, format!(r#""counted":true,{report}"#)),
            (
                Counting::CountedAfterLimit,
                format!(r#""counted":true,"reason":"end_after_limit_excluded",{report}"#),
            ),
            (
                Counting::Uncounted(Reason::NegativeWait),
                r#""counted":false,"reason":"negative_wait""#.into(),
            ),
        ] {
            let clock = clock(Standard::ThirtyOneDay, stopped(counting));
            check(clock, &format!("{wait},{rest}"));
        }
    }

    #[test]
    fn an_end_tells_its_wait_only_where_its_stop_is_known() {
        let ended = |stop| {
            State::Ended(Ended {
                start: day(1, 5),
                reason: Reason::Excluded,
                stop,
            })
        };
        let stop = (day(2, 9), Wait::between(day(1, 5), day(2, 9), 0));
        check(
            clock(Standard::Fds, ended(None)),
            r#""standard":"FDS","state":"ended","start":"2026-01-05","counted":false,"reason":"excluded""#,
        );
        check(
            clock(Standard::Fds, ended(Some(stop))),
            r#""standard":"FDS","state":"ended","start":"2026-01-05","stop":"2026-02-09","adjustment":0,"raw_days":35,"days":35,"counted":false,"reason":"excluded""#,
        );
    }

    #[test]
    fn alerts_are_those_of_the_clocks_that_have_a_level() {
        let standing = |standard, level| Clock {
            level,
            ..clock(standard, State::NotStarted)
        };
        let line = clocks([
            standing(Standard::Fds, None),
            standing(Standard::SixtyTwoDay, Some(Level::AtRisk2)),
            standing(Standard::ThirtyOneDay, Some(Level::Breached)),
        ]);
        let id = |standard| AlertId::new(&KEY, "R\":1", standard, Some("2"));
        let (sixty_two, thirty_one) = (id(Standard::SixtyTwoDay), id(Standard::ThirtyOneDay));
        let expected = format!(
            r#""alerts":[{{"standard":"62D","primary_id":"2","level":"at_risk_2","alert_id":"{sixty_two}"}},{{"standard":"31D","treatment_id":"2","level":"breached","alert_id":"{thirty_one}"}}]}}"#
        );
        assert!(line.ends_with(&expected), "{line}");
    }

    #[test]
    fn halves_are_numbers() {
        let numbers: Vec<String> = (0..4).map(|halves| Halves(halves).to_string()).collect();
        assert_eq!(numbers, ["0", "0.5", "1", "1.5"]);
    }
}
