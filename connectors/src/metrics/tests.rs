//! That the text is what it should be for an empty board and for a full one, and holds every name the rules use.

use super::text;
use crate::board::tests::partition;
use crate::board::{Board, Checkpoint, Counts, Measured, Part, Partition};
use crate::partition::{Refused, State};
use clockstop_pipeline::{Day, Learned};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const RULES: &str = include_str!("../../../docker/prometheus/rules.yml");

/// Of whatever can be known of a partition, something.
fn filled(state: State) -> Partition {
    let seconds = Duration::from_secs;
    let mut counts = Counts::default();
    counts.learned(Learned::Changed);
    counts.refused("not_framed");
    let mut measured = Measured {
        committed_at: Some(UNIX_EPOCH + Duration::from_millis(1_500)),
        clock_ahead: Some(-250),
        ..Measured::default()
    };
    measured.commits.record(Duration::from_millis(30));
    measured.commits.record(Duration::from_mins(3));
    measured.left(State::Replaying.name(), seconds(2));
    Partition {
        behind: true,
        unread_for: seconds(61),
        lag: [4, 5, 6],
        counts,
        learned: [10, 11, 12],
        committed: [7, 8, 9],
        decided: Some(Day::from_epoch_days(20_000)),
        closed_through: Some(Day::from_epoch_days(19_999)),
        closing_due: Some(1_728_086_400_000),
        waiting_letters: 3,
        waits_for_schema: Some(7),
        too_many_refused: true,
        parked: 2,
        pathways: 20,
        open_pathways: 13,
        transitions: [1, 2, 3, 4, 5, 6, 7],
        checkpoint: Checkpoint {
            written_at: Some(UNIX_EPOCH + seconds(40)),
            bytes: 1_000,
            duration: Duration::from_millis(1_250),
            pathways: 19,
            failed: Some("no space is left".to_owned()),
            passed_over: 1,
        },
        measured,
        ..partition(1, state)
    }
}

fn scraped(partitions: impl IntoIterator<Item = Partition>) -> String {
    let board = Arc::new(Board::new(1, 3));
    for (number, partition) in (0..).zip(partitions) {
        board.show(number, partition);
    }
    board.published();
    board.report(Part::Snapshots, Some("the disk is full".to_owned()));
    text(&board).expect("written")
}

fn assert_lines(text: &str, lines: &[&str]) {
    for wanted in lines {
        assert!(
            text.lines().any(|line| line == *wanted),
            "{wanted} in\n{text}"
        );
    }
}

#[test]
fn an_empty_board_is_open_metrics() {
    let text = text(&Arc::new(Board::new(1, 3))).expect("written");
    assert_lines(
        &text,
        &[
            "clockstop_ready 0",
            "clockstop_healthy 1",
            "clockstop_trouble{part=\"broker\"} 0",
            "clockstop_trouble{part=\"group\"} 1",
            "clockstop_standing_alerts{standard=\"62D\",level=\"long_wait\"} 0",
        ],
    );
    assert!(!text.contains("\nclockstop_snapshot_published_timestamp_seconds "));
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn a_partition_shows_everything_that_is_known_of_it() {
    assert_lines(
        &scraped([filled(State::Live)]),
        &[
            "clockstop_ready 0",
            "clockstop_trouble{part=\"snapshots\"} 1",
            "clockstop_partition_state{partition=\"0\",state=\"live\"} 1",
            "clockstop_partition_state{partition=\"0\",state=\"replaying\"} 0",
            "clockstop_behind{partition=\"0\"} 1",
            "clockstop_unread_seconds{partition=\"0\"} 61.0",
            "clockstop_lag_records{partition=\"0\",input=\"diagnosis\"} 5",
            "clockstop_learned_offset{partition=\"0\",input=\"referral\"} 10",
            "clockstop_committed_offset{partition=\"0\",input=\"treatment\"} 9",
            "clockstop_records_total{partition=\"0\",outcome=\"dead_lettered\"} 1",
            "clockstop_refused_records_total{partition=\"0\",reason=\"not_framed\"} 1",
            "clockstop_transitions_total{partition=\"0\",transition=\"withdrawn\"} 7",
            "clockstop_paused_for_bad_records{partition=\"0\"} 1",
            "clockstop_waits_for_schema{partition=\"0\"} 1",
            "clockstop_waiting_dead_letters{partition=\"0\"} 3",
            "clockstop_held_notices{partition=\"0\"} 0",
            "clockstop_parked_pathways{partition=\"0\"} 2",
            "clockstop_decided_day{partition=\"0\"} 20000",
            "clockstop_closed_day{partition=\"0\"} 19999",
            "clockstop_closing_due_timestamp_seconds{partition=\"0\"} 1728086400.0",
            "clockstop_last_commit_timestamp_seconds{partition=\"0\"} 1.5",
            "clockstop_clock_ahead_seconds{partition=\"0\"} -0.25",
            "clockstop_checkpoint_written_timestamp_seconds{partition=\"0\"} 40.0",
            "clockstop_checkpoint_size_bytes{partition=\"0\"} 1000",
            "clockstop_checkpoint_duration_seconds{partition=\"0\"} 1.25",
            "clockstop_checkpoint_pathways{partition=\"0\"} 19",
            "clockstop_checkpoint_failed{partition=\"0\"} 1",
            "clockstop_checkpoints_passed_over{partition=\"0\"} 1",
            "clockstop_recovery_seconds{partition=\"0\",phase=\"replaying\"} 2.0",
        ],
    );
}

#[test]
fn the_turns_of_every_worker_are_counted() {
    let board = Arc::new(Board::new(2, 3));
    board.turned(1, Duration::from_millis(30));
    assert_lines(
        &text(&board).expect("written"),
        &[
            "clockstop_turn_duration_seconds_count{worker=\"0\"} 0",
            "clockstop_turn_duration_seconds_bucket{le=\"0.025\",worker=\"1\"} 0",
            "clockstop_turn_duration_seconds_bucket{le=\"0.05\",worker=\"1\"} 1",
        ],
    );
}

#[test]
fn a_latency_is_a_histogram_whose_buckets_add_up() {
    assert_lines(
        &scraped([filled(State::Live)]),
        &[
            "# TYPE clockstop_commit_duration_seconds histogram",
            "clockstop_commit_duration_seconds_bucket{le=\"0.025\",partition=\"0\"} 0",
            "clockstop_commit_duration_seconds_bucket{le=\"0.05\",partition=\"0\"} 1",
            "clockstop_commit_duration_seconds_bucket{le=\"60.0\",partition=\"0\"} 1",
            "clockstop_commit_duration_seconds_bucket{le=\"+Inf\",partition=\"0\"} 2",
            "clockstop_commit_duration_seconds_count{partition=\"0\"} 2",
            "clockstop_commit_duration_seconds_sum{partition=\"0\"} 180.03",
            "clockstop_alert_latency_seconds_count{partition=\"0\"} 0",
        ],
    );
}

#[test]
fn what_is_not_known_has_no_sample() {
    let mut unknown = filled(State::Loading);
    unknown.checkpoint = Checkpoint::default();
    unknown.measured = Measured::default();
    unknown.closing_due = None;
    let text = scraped([unknown]);
    for name in [
        "checkpoint_written_timestamp_seconds",
        "checkpoint_size_bytes",
        "last_commit_timestamp_seconds",
        "clock_ahead_seconds",
        "closing_due_timestamp_seconds",
        "partition_refused",
    ] {
        assert!(!text.contains(&format!("clockstop_{name}{{")), "{text}");
    }
}

#[test]
fn a_refused_partition_shows_its_reason_by_name() {
    let refused = State::Refused(Refused::ClockOff { seconds: 400 });
    let text = scraped([filled(State::Live), filled(refused)]);
    let reasons = text
        .lines()
        .filter(|line| line.starts_with("clockstop_partition_refused{"));
    let wanted = "clockstop_partition_refused{partition=\"1\",reason=\"clock_off\"} 1";
    assert_eq!(reasons.collect::<Vec<_>>(), [wanted]);
}

/// The names of metrics in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|at: char| !at.is_ascii_alphanumeric() && at != '_');
    words
        .filter(|word| word.starts_with("clockstop_"))
        .collect()
}

#[test]
fn every_metric_of_the_alert_rules_is_served() {
    let refused = State::Refused(Refused::OtherAlertKey);
    let text = scraped([filled(State::Live), filled(refused)]);
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let served: BTreeSet<_> = samples.flat_map(names).collect();
    let used = names(RULES);
    assert!(used.len() > 15, "the rules were read: {used:?}");
    let missing: Vec<_> = used.difference(&served).collect();
    assert!(
        missing.is_empty(),
        "{missing:?} of the rules are not in\n{text}"
    );
}
