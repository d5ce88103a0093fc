//! `clocks`: one row per clock, the members of `domain/assessment.md`.

use super::common::{ALERT_LEVEL, PATHWAY, PATIENT, ROUTE, STANDARD, SUSPECTED_TYPE_CODE};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::{Clock, Counting, Day, Level, Reason, Row, State, Text, Wait};

/// One row per clock of every pathway.
pub static CLOCKS: Table = Table {
    name: "clocks",
    rows: "One row per clock of every pathway",
    columns: COLUMNS,
    sorted_by: &[
        "responsible_organisation",
        "standard",
        "start",
        "pathway",
        "primary_id",
        "treatment_id",
    ],
};

const COLUMNS: &[Column] = &[
PATHWAY, PATIENT, ROUTE, SUSPECTED_TYPE_CODE, STANDARD,
column("primary_id", Kind::Text, "the primary of a 62D clock").by("R21").null("another standard"),
column("treatment_id", Kind::Text, "the treatment of a 31D clock, or the one that stopped a 62D clock").by("R8, R10").null("FDS, or a 62D clock that no treatment has stopped"),
column("state", Kind::Text, "not_started, running, stopped, ended").by("rules 10.1"),
column("start", Kind::Day, "day 0").by("R1").null("not started"),
column("stop", Kind::Day, "the clock's own stop").by("R1").null("not started, running, or ended without a stop of its own"),
column("adjustment", Kind::Whole, "days subtracted, summed").by("R2, R3").in_unit("days").null("not started, or ended without a stop of its own"),
column("raw_days", Kind::Whole, "days before adjustment, to the stop or to as_of (frozen_at where set)").by("R1").in_unit("days").null("as adjustment"),
column("days", Kind::Whole, "days after adjustment").by("R1").in_unit("days").null("as adjustment"),
column("frozen_at", Kind::Day, "the decision to treat at which a running FDS clock's days are frozen").by("Q1").null("they are not frozen"),
column("days_left", Kind::Whole, "last_compliant minus as_of, or minus frozen_at; negative: late").by("R1").in_unit("days").null("not running"),
column("last_compliant", Kind::Day, "the last day within the standard").by("R1").null("neither running nor stopped"),
column("breach_from", Kind::Day, "the first day of the breach").by("R1").null("neither running nor stopped"),
column("within", Kind::Flag, "within the standard").by("R1").null("not stopped"),
column("counted", Kind::Flag, "counts, or would count, in the published statistic").by("rules 10.1").null("not started"),
column("reason", Kind::Text, "why it ended, or why it does not count: ruled_out, excluded, died, declined, declined_investigation, declined_treatment, private, withdrawn, merged, not_a_new_primary, out_of_scope, diagnosis_missing, decision_to_treat_missing, upgrade_on_urgent_referral, event_type_missing, end_after_limit_excluded (counted as a breach), negative_wait").by("Q33").null("it counts, or is not started"),
column("report_month", Kind::Text, "YYYY-MM, the month that reports it").by("R17").null("not stopped, or not counted"),
column("organisation", Kind::Text, "the trust that reports it, three characters").by("R17").null("62D, which is shared; not stopped and counted; or not known"),
column("responsible_organisation", Kind::Text, "the trust that has to act, or that answers for it, three characters").by("design 5"),
column("alert_level", Kind::Text, ALERT_LEVEL).by("design 5").null("no alert should stand"),
column("rules", Kind::Text, "the rules that decided, separated by blanks").by("rules 1, 10.2"),
];

/// Appends a row per clock of a pathway.
pub fn write_clocks(row: &Row<'_>, plane: &Plane, out: &mut TableBuilder) {
    let pathway = plane.pathway(row.pathway);
    let patient = row.nhs_number.map(|number| plane.patient(number));
    let suspected = row.view.referral.and_then(|known| {
        known
            .fact
            .two_week_wait_cancer_or_symptomatic_breast_referral_type
    });
    for clock in &row.assessment.clocks {
        let spell = |text: Text| row.texts().read(text).as_str().to_owned();
        let item = |text: Text| plane.item(row.pathway, &spell(text));
        out.text(Some(&pathway));
        out.text(patient.as_ref());
        out.text(Some(row.assessment.route.name()));
        out.text(suspected.map(spell));
        out.text(Some(clock.standard.name()));
        out.text(clock.primary_id.map(item));
        out.text(clock.treatment_id.map(item));
        out.text(Some(clock.state.name()));
        write_state(&Members::of(clock), out);
        out.text(Members::of(clock).organisation.map(spell));
        out.text(clock.responsible.map(spell));
        out.text(clock.level.map(Level::name));
        out.text(Some(clock.rules.names().collect::<Vec<_>>().join(" ")));
    }
}

/// The members of a clock that its state has.
#[derive(Clone, Copy, Default)]
struct Members {
    start: Option<Day>,
    stop: Option<Day>,
    wait: Option<Wait>,
    frozen_at: Option<Day>,
    days_left: Option<i32>,
    last_compliant: Option<Day>,
    within: Option<bool>,
    counted: Option<bool>,
    reason: Option<Reason>,
    reported_on: Option<Day>,
    organisation: Option<Text>,
}

impl Members {
    fn of(clock: &Clock) -> Self {
        match clock.state {
            State::NotStarted => Self::default(),
            State::Running(running) => Self {
                start: Some(running.wait.start),
                wait: Some(running.wait),
                frozen_at: running.frozen_at,
                days_left: Some(running.days_left),
                last_compliant: Some(running.last_compliant),
                ..Self::counting(running.counting)
            },
            State::Stopped(stopped) => {
                let counts = stopped.counting.counts();
                Self {
                    start: Some(stopped.wait.start),
                    stop: Some(stopped.stop),
                    wait: Some(stopped.wait),
                    last_compliant: Some(stopped.last_compliant),
                    within: Some(stopped.within),
                    reported_on: counts.then_some(stopped.reported_on),
                    organisation: stopped.organisation.filter(|_| counts),
                    ..Self::counting(stopped.counting)
                }
            }
            State::Ended(ended) => Self {
                start: Some(ended.start),
                stop: ended.stop.map(|(stop, _)| stop),
                wait: ended.stop.map(|(_, wait)| wait),
                ..Self::counting(Counting::Uncounted(ended.reason))
            },
        }
    }

    fn counting(counting: Counting) -> Self {
        Self {
            counted: Some(counting.counts()),
            reason: counting.reason(),
            ..Self::default()
        }
    }
}

fn write_state(members: &Members, out: &mut TableBuilder) {
    out.day(members.start);
    out.day(members.stop);
    out.whole(members.wait.map(|wait| wait.adjustment));
    out.whole(members.wait.map(|wait| wait.raw_days));
    out.whole(members.wait.map(|wait| wait.days()));
    out.day(members.frozen_at);
    out.whole(members.days_left);
    out.day(members.last_compliant);
    out.day(members.last_compliant.map(|day| day.plus(1)));
    out.flag(members.within);
    out.flag(members.counted);
    out.text(members.reason.map(Reason::name));
    out.text(members.reported_on.map(|day| day.month().to_string()));
}
