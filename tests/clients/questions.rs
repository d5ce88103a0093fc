//! The ten questions of analysts: every command and query of `docs/questions.md` word for word, every answer against a
//! count from the events.

use crate::support::cache::workspace;
use crate::support::clients::interpreter;
use crate::support::process::{Invocation, clockstop};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const DOCUMENT: &str = include_str!("../../docs/questions.md");
const LIMIT: Duration = Duration::from_mins(5);

/// Runs lines of a shell where `clockstop` is the binary under test.
fn shell(lines: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_clockstop"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", binary.parent().unwrap().display());
    let finished = Invocation::of("sh", ["-ec", lines])
        .directory(folder)
        .env("PATH", &path)
        .limit(LIMIT)
        .run();
    finished.expect_code(0).stdout
}

fn assess(events: &str, as_of: &str, folder: &Path, to: &str) {
    let words = ["assess", events, "--as-of", as_of, "--format", "json"];
    let told = clockstop(words).directory(folder).limit(LIMIT).run();
    std::fs::write(folder.join(to), told.expect_code(0).stdout).unwrap();
}

/// The events that were recorded before a day; in winter, when London's midnight is that of UTC.
fn known_by(day: &str, folder: &Path, to: &str) {
    let events = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let known = events.lines().filter(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["recorded_at"].as_str().unwrap() < day
    });
    let known: Vec<_> = known.collect();
    std::fs::write(folder.join(to), known.join("\n")).unwrap();
}

/// The first block of commands in the document.
fn commands() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn every_answer_is_what_the_events_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    shell(commands(), folder);
    let published = commands()
        .lines()
        .find(|line| line.contains(" --to first "));
    let care = published
        .unwrap()
        .replace(" first ", " pseudonyms --identifiable care ");
    shell(&care, folder);
    assess("events.jsonl", "2026-03-13", folder, "today.jsonl");
    // Sunday as it was known at its close, and January as it was known when it was released.
    known_by("2026-03-09", folder, "sunday-events.jsonl");
    assess("sunday-events.jsonl", "2026-03-08", folder, "sunday.jsonl");
    known_by("2026-03-05", folder, "early-events.jsonl");
    assess("early-events.jsonl", "2026-03-04", folder, "early.jsonl");
    let document = workspace().join("docs/questions.md");
    let paths = [document.to_str().unwrap(), folder.to_str().unwrap()];
    let told = Invocation::of(interpreter(), ["tests/clients/check_questions.py"])
        .argument(paths[0])
        .argument(paths[1])
        .directory(&workspace())
        .limit(LIMIT)
        .run()
        .expect_code(0);
    let found: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(found["wrong"], serde_json::json!([]), "{found:#}");
    assert_eq!(found["questions"], 10);
    assert_eq!(found["blocks"], DOCUMENT.matches("```sql\n").count());
}

/// The README shows the head of every answer; it is that of the document.
#[test]
fn the_readme_shows_the_head_of_each_answer() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme
        .split_once("## For analysts: the first ten minutes")
        .unwrap();
    let section = section.split("\n### ").next().unwrap();
    let (_, commands_there) = section.split_once("--pathways 60000").unwrap();
    let same = commands().lines().next().unwrap();
    let options = same.split_once("--pathways 60000").unwrap().1;
    assert!(commands_there.starts_with(options), "{same}");
    let shown: Vec<&str> = section.split("```text\n").skip(1).collect();
    let titles: Vec<_> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert_eq!((titles.len(), shown.len()), (10, 10));
    let answers = DOCUMENT.split("\n## ").skip(1);
    for ((title, shown), answer) in titles.iter().zip(shown).zip(answers) {
        assert!(
            section.contains(title.split_once(". ").unwrap().1),
            "{title}"
        );
        let head = shown.split("```").next().unwrap();
        assert!(head.lines().count() > 1, "{title}");
        let in_one_answer = answer
            .split("```text\n")
            .skip(1)
            .any(|printed| printed.starts_with(head));
        assert!(in_one_answer, "{title}\n{head}");
    }
}
