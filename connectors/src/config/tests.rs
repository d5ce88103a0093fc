//! Settings from files, variables and options: what wins, and what is told when something is wrong.

use super::{Config, GroupProtocol, LogFormat, Sources};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

const LEAST: &str = r#"
[kafka]
bootstrap = "b:9092"
[registry]
url = "http://r:8081"
[keys]
alert = "a"
pseudonym = "p"
"#;

fn load(toml: &str, variables: &[(&str, &str)], options: &[&str]) -> Result<Config, Vec<String>> {
    let mut sources = Sources::default();
    sources.add_toml(toml, "clockstop.toml");
    let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
    sources.add_environment(variables.iter().map(owned));
    sources.add_options(options.iter().copied());
    let told = |problems: Vec<super::Problem>| problems.iter().map(ToString::to_string).collect();
    Config::load(&sources).map_err(told)
}

fn problems(toml: &str) -> Vec<String> {
    load(&format!("{LEAST}{toml}"), &[], &[]).expect_err("a problem")
}

#[test]
fn what_is_not_set_has_its_default() {
    let config = load(LEAST, &[], &[]).expect("complete");
    assert_eq!(config.kafka.group_id, "clockstop");
    assert_eq!(config.kafka.group_protocol, GroupProtocol::Consumer);
    assert_eq!(config.kafka.topics.alert_history, "cancer.alert-history");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    assert_eq!(config.service.workers, cores);
    assert_eq!(config.service.http.to_string(), "127.0.0.1:8080");
    assert_eq!(config.snapshots.interval, Duration::from_mins(1));
    assert_eq!(config.checkpoints.url, "checkpoints");
    assert_eq!(config.checkpoints.interval, Duration::from_mins(1));
    assert_eq!(config.checkpoints.keep, 3);
    assert_eq!((config.guard.changes, config.guard.per_cent), (200, 5));
    assert_eq!(config.log, LogFormat::Text);
}

#[test]
fn the_environment_beats_the_file_and_options_beat_both() {
    let variables = [
        ("CLOCKSTOP_KAFKA__BOOTSTRAP", "env:1"),
        ("CLOCKSTOP_KAFKA__TOPICS__REFERRAL", "r"),
        ("CLOCKSTOP_KAFKA__PROPERTIES__SASL_PASSWORD", "secret"),
        (
            "CLOCKSTOP_CHECKPOINTS__PROPERTIES__SECRET_ACCESS_KEY",
            "hidden",
        ),
        (
            "CLOCKSTOP_SNAPSHOTS__PROPERTIES__SECRET_ACCESS_KEY",
            "concealed",
        ),
        ("CLOCKSTOP_SERVICE__WORKERS", "2"),
        ("CLOCKSTOP_TEST_KAFKA", "ignored"),
        ("PATH", "ignored"),
    ];
    let config = load(LEAST, &variables, &["kafka.bootstrap=flag:1"]).expect("complete");
    assert_eq!(config.kafka.bootstrap, "flag:1");
    assert_eq!(config.kafka.topics.referral, "r");
    assert_eq!(config.service.workers, 2);
    let password = config.kafka.properties.get("sasl.password");
    assert_eq!(password.map(String::as_str), Some("secret"));
    let key = config.checkpoints.properties.get("secret_access_key");
    assert_eq!(key.map(String::as_str), Some("hidden"));
    let key = config.snapshots.properties.get("secret_access_key");
    assert_eq!(key.map(String::as_str), Some("concealed"));
    for value in ["\"secret\"", "hidden", "concealed"] {
        assert!(!format!("{config:?}").contains(value), "{value}");
    }
}

#[test]
fn every_problem_is_told_at_once_and_names_its_setting() {
    let told = load(
        "[kafka]\nbootstrap = 3\ngroup = \"x\"\n[log]\nformat = \"xml\"",
        &[],
        &[],
    );
    let told = told.expect_err("problems").join("\n");
    for part in [
        "kafka.bootstrap: expected host:port of a broker, found a whole number",
        "registry.url: is not set",
        "keys.alert: is not set",
        "keys.pseudonym: is not set",
        "log.format: expected text or json, found xml",
        "kafka.group: is not a setting; did you mean kafka.group_id?",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn an_option_without_a_value_is_refused_and_not_repeated() {
    let told = load(LEAST, &[], &["kafka.password:hunter2"]).expect_err("a problem");
    assert_eq!(
        told,
        ["--set: expected SECTION.KEY=VALUE, found one without `=`"]
    );
}

#[test]
fn an_unknown_variable_is_named_with_its_neighbour() {
    let told = load(LEAST, &[("CLOCKSTOP_KAFKA__BOOTSTAP", "x")], &[]).expect_err("unknown");
    assert_eq!(
        told,
        [
            "kafka.bootstap (from CLOCKSTOP_KAFKA__BOOTSTAP): is not a setting; did you mean kafka.bootstrap?"
        ]
    );
}

#[test]
fn a_variable_that_is_no_text_is_named_and_not_passed_over() {
    let broken = OsString::from_vec(vec![0xff]);
    let mut sources = Sources::default();
    sources.add_toml(LEAST, "clockstop.toml");
    let variables = [
        ("CLOCKSTOP_SERVICE__WORKERS".into(), broken.clone()),
        ("PATH".into(), broken.clone()),
        (broken.clone(), broken),
    ];
    sources.add_environment(variables.into_iter());
    let told = Config::load(&sources).expect_err("a problem");
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["CLOCKSTOP_SERVICE__WORKERS: is no text in UTF-8; set it again, or unset it"]
    );
}

#[test]
fn a_setting_out_of_its_range_is_refused() {
    for (toml, part) in [
        (
            "[service]\nworkers = 0",
            "service.workers: expected a whole number from 1",
        ),
        (
            "[service]\nworkers = \"two\"",
            "service.workers: expected a whole number",
        ),
        (
            "[service]\nhttp = \"8080\"",
            "service.http: expected an address and a port",
        ),
        (
            "[guard]\nchanges = 0",
            "guard.changes: expected a whole number from 1",
        ),
        (
            "[guard]\nper_cent = 101",
            "guard.per_cent: expected a whole number from 0 to 100",
        ),
        (
            "[snapshots]\nkeep = -1",
            "snapshots.keep: expected a whole number",
        ),
        (
            "[snapshots]\nidentifiable = \"snapshots/new/../analyst\"",
            "snapshots.identifiable: is not apart from snapshots.analyst",
        ),
        (
            "[snapshots]\nanalyst = \"all\"\nidentifiable = \"all/identifiable\"",
            "snapshots.identifiable: is not apart from snapshots.analyst",
        ),
        (
            "[checkpoints]\nkeep = 1",
            "checkpoints.keep: expected a whole number from 2",
        ),
        (
            "[checkpoints]\nurl = \"ftp://host/folder\"",
            "checkpoints.url: expected a folder or file://, s3://",
        ),
        (
            "[snapshots]\nanalyst = \"http://host/folder\"",
            "snapshots.analyst: expected a folder or file://, s3://",
        ),
        (
            "[snapshots]\nanalyst = \"s3://b/a\"\nidentifiable = \"s3://b/a/\"",
            "snapshots.identifiable: is not apart from snapshots.analyst",
        ),
        (
            "[kafka.properties]\n\"isolation.level\" = \"x\"",
            "kafka.properties.isolation.level: is set by",
        ),
        (
            "[kafka.properties]\ntransactional.id = \"x\"",
            "kafka.properties.transactional.id: is set by",
        ),
        (
            "[kafka.topics]\nalert = \"cancer.referral\"",
            "kafka.topics: two topics",
        ),
        (
            "[kafka.topics]\nalert = \"\"",
            "kafka.topics.alert: is empty",
        ),
        ("[oops", "clockstop.toml: line"),
    ] {
        let told = problems(toml).join("\n");
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn a_key_that_is_missing_says_how_to_make_one() {
    let config = load(LEAST, &[], &["keys.alert=/nowhere/alert"]).expect("complete");
    let told = config.file_problems();
    let told = told.first().expect("a problem").to_string();
    assert!(
        told.contains("head -c 32 /dev/urandom > /nowhere/alert"),
        "{told}"
    );
}

#[test]
fn a_plane_goes_to_a_folder_or_by_way_of_one_to_a_store() {
    let places = |toml: &str| {
        let config = load(&format!("{LEAST}[snapshots]\n{toml}"), &[], &[]).expect("complete");
        let places = config.snapshots.places();
        let told = places.map(|(plane, place)| {
            let folder = place.folder.display().to_string();
            (plane, folder, place.url.clone())
        });
        told.collect::<Vec<_>>()
    };
    let folder = |path: &str| (path.to_owned(), None);
    let store = |path: &str, url: &str| (path.to_owned(), Some(url.to_owned()));
    for (toml, expected) in [
        ("", vec![folder("snapshots/analyst")]),
        (
            "analyst = \"file:///srv/a\"\nidentifiable = \"i\"",
            vec![folder("/srv/a"), folder("i")],
        ),
        (
            "analyst = \"s3://b/a\"\nidentifiable = \"az://c/i\"",
            vec![
                store("staging/analyst", "s3://b/a"),
                store("staging/identifiable", "az://c/i"),
            ],
        ),
        (
            "analyst = \"gs://b/a\"\nstaging = \"/tmp/s\"",
            vec![store("/tmp/s/analyst", "gs://b/a")],
        ),
    ] {
        let both = ["analyst", "identifiable"].into_iter();
        let expected = both
            .zip(expected)
            .map(|(plane, (folder, url))| (plane, folder, url));
        assert_eq!(places(toml), expected.collect::<Vec<_>>());
    }
}

#[test]
fn a_property_that_a_store_does_not_have_is_told_without_calling_it() {
    for (section, address) in [("snapshots", "analyst"), ("checkpoints", "url")] {
        let toml = format!(
            "{LEAST}[{section}]\n{address} = \"s3://b/a\"\nproperties.acces_key = \"not to be told\""
        );
        let config = load(&toml, &[], &[]).expect("complete");
        let told = config
            .file_problems()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let expected = format!(
            "{section}.properties.acces_key: is not a property of this kind of store; remove it"
        );
        assert!(told.contains(&expected), "{told:?}");
        assert!(!told.concat().contains("not to be told"));
    }
}
