//! `clockstop diff`: what is held until somebody approves it.

use super::Outcome;
use super::assess::Format;
use super::settings::Settings;
use anyhow::Context;
use clockstop::held::{HeldAnswer, HeldLine, HeldPartition};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Shows what the running service would say and holds back until somebody approves it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop diff --config clockstop.toml\n  clockstop diff --config clockstop.toml --url http://one:8080 --url http://two:8080 --format json\n\nEvery process tells of its own partitions only. Exit code 0: nothing is held; 3: something is."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Where a process of the service is reached; may be repeated [default: service.http of the settings]
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// For people, or as one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const LIMIT: Duration = Duration::from_secs(10);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let urls = match arguments.url.as_slice() {
        [] => vec![format!(
            "http://{}",
            reachable(arguments.settings.load()?.service.http)
        )],
        urls => urls.to_vec(),
    };
    let answers = urls.iter().map(|url| ask(url));
    let partitions = merged(answers.collect::<anyhow::Result<_>>()?);
    let mut out = io::stdout().lock();
    match arguments.format {
        Format::Json => {
            let held: u64 = partitions.iter().map(|shown| shown.notices).sum();
            let commands = commands(&partitions);
            let told = json!({"held": held, "partitions": partitions, "approve": commands});
            writeln!(out, "{told}")?;
        }
        Format::Text => tell(&mut out, &partitions)?,
    }
    let waits = |shown: &HeldPartition| shown.notices > 0 || shown.too_many_refused;
    Ok(if partitions.iter().any(waits) {
        Outcome::Partial
    } else {
        Outcome::Done
    })
}

/// An address to connect to, of one to listen at.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn ask(url: &str) -> anyhow::Result<HeldAnswer> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(LIMIT))
        .build()
        .new_agent();
    let told = || {
        format!("no answer from {url}/held: is the service running there? name others with --url")
    };
    let mut answer = agent
        .get(format!("{}/held", url.trim_end_matches('/')))
        .call()
        .with_context(told)?;
    let body = answer.body_mut().read_to_string().with_context(told)?;
    serde_json::from_str(&body).with_context(|| format!("{url}/held is not that of a clockstop"))
}

/// One line per partition; while it moves from one process to another, the one that decides counts.
fn merged(answers: Vec<HeldAnswer>) -> Vec<HeldPartition> {
    let mut by_number: BTreeMap<i32, HeldPartition> = BTreeMap::new();
    for shown in answers.into_iter().flat_map(|answer| answer.partitions) {
        let known = by_number.get(&shown.partition);
        if known.is_none_or(|known| known.state != LIVE) {
            by_number.insert(shown.partition, shown);
        }
    }
    by_number.into_values().collect()
}

const LIVE: &str = "live";

/// The commands that let everything pass that is held.
fn commands(partitions: &[HeldPartition]) -> Vec<String> {
    let mut commands = Vec::new();
    for shown in partitions {
        let mut approve = |what: String| {
            let partition = shown.partition;
            commands.push(format!(
                "clockstop approve --partition {partition} {what} --who NAME --why REASON"
            ));
        };
        match &shown.by_rules {
            Some(version) => approve(format!("--reference {}", quoted(version))),
            None if shown.notices > 0 => approve(format!("--changes {}", shown.notices)),
            None => {}
        }
        if shown.too_many_refused {
            approve("--bad-records".to_owned());
        }
    }
    commands
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn tell(out: &mut impl Write, partitions: &[HeldPartition]) -> io::Result<()> {
    let sum = |of: fn(&HeldPartition) -> u64| partitions.iter().map(of).sum::<u64>();
    writeln!(
        out,
        "{} changes are held, of {} alerts that stand; {} pathways are set aside, on {} of {} partitions",
        sum(|shown| shown.notices),
        sum(|shown| shown.standing),
        sum(|shown| shown.parked),
        partitions.iter().filter(|shown| shown.notices > 0).count(),
        partitions.len()
    )?;
    for shown in partitions {
        let partition = shown.partition;
        if let Some(version) = &shown.by_rules {
            writeln!(
                out,
                "partition {partition}: because of reference tables {version}"
            )?;
        }
        if shown.too_many_refused {
            writeln!(
                out,
                "partition {partition}: reading pauses, too many records were refused"
            )?;
        }
        if shown.state != LIVE {
            let state = &shown.state;
            writeln!(
                out,
                "partition {partition}: {state}; what it will hold is not known yet"
            )?;
        }
    }
    table(out, partitions)?;
    for command in commands(partitions) {
        writeln!(out, "{command}")?;
    }
    Ok(())
}

/// What is held of all partitions together, the largest group first.
fn table(out: &mut impl Write, partitions: &[HeldPartition]) -> io::Result<()> {
    let mut sums: BTreeMap<[&str; 4], u64> = BTreeMap::new();
    for line in partitions.iter().flat_map(|shown| &shown.groups) {
        *sums.entry(cells(line)).or_default() += line.count;
    }
    if sums.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<_> = sums.into_iter().collect();
    rows.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let heads = ["standard", "transition", "level", "organisation"];
    writeln!(out)?;
    let rows = rows
        .into_iter()
        .map(|(cells, count)| (cells, count.to_string()));
    let head = (heads, "count".to_owned());
    for ([standard, transition, level, organisation], count) in std::iter::once(head).chain(rows) {
        writeln!(
            out,
            "{count:>8}  {standard:<8}  {transition:<10}  {level:<10}  {organisation}"
        )?;
    }
    writeln!(out)
}

fn cells(line: &HeldLine) -> [&str; 4] {
    [
        &line.standard,
        &line.transition,
        line.level.as_deref().unwrap_or("-"),
        line.organisation.as_deref().unwrap_or("-"),
    ]
}

#[cfg(test)]
mod tests {
    use super::{HeldAnswer, HeldLine, HeldPartition, commands, merged, reachable, tell};

    fn line(transition: &str, organisation: Option<&str>, count: u64) -> HeldLine {
        HeldLine {
            standard: "fds".to_owned(),
            transition: transition.to_owned(),
            level: None,
            organisation: organisation.map(str::to_owned),
            count,
        }
    }

    fn partition(partition: i32, groups: Vec<HeldLine>) -> HeldPartition {
        HeldPartition {
            partition,
            state: "live".to_owned(),
            tenure: 1,
            notices: groups.iter().map(|line| line.count).sum(),
            by_rules: None,
            parked: 3,
            standing: 100,
            too_many_refused: false,
            groups,
        }
    }

    #[test]
    fn totals_come_first_then_the_largest_groups_then_the_commands() {
        let held = [
            partition(0, vec![line("amended", Some("RXX"), 5)]),
            partition(
                2,
                vec![line("amended", Some("RXX"), 7), line("withdrawn", None, 9)],
            ),
        ];
        let mut told = Vec::new();
        tell(&mut told, &held).expect("written");
        let told = String::from_utf8(told).expect("text");
        let lines: Vec<_> = told.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(
            lines,
            [
                "21 changes are held, of 200 alerts that stand; 6 pathways are set aside, on 2 of 2 partitions",
                "   count  standard  transition  level       organisation",
                "      12  fds       amended     -           RXX",
                "       9  fds       withdrawn   -           -",
                "clockstop approve --partition 0 --changes 5 --who NAME --why REASON",
                "clockstop approve --partition 2 --changes 16 --who NAME --why REASON",
            ]
        );
    }

    #[test]
    fn what_rules_and_bad_records_need_is_told() {
        let mut shown = partition(1, vec![line("raised", None, 1)]);
        shown.by_rules = Some("it's new".to_owned());
        shown.too_many_refused = true;
        assert_eq!(
            commands(&[shown]),
            [
                r"clockstop approve --partition 1 --reference 'it'\''s new' --who NAME --why REASON",
                "clockstop approve --partition 1 --bad-records --who NAME --why REASON",
            ]
        );
    }

    #[test]
    fn of_a_partition_that_moves_the_live_one_counts() {
        let mut leaving = partition(0, vec![]);
        leaving.state = "fencing".to_owned();
        let live = partition(0, vec![line("raised", None, 1)]);
        for order in [[&leaving, &live], [&live, &leaving]] {
            let answers = order.map(|shown| HeldAnswer {
                partitions: vec![shown.clone()],
            });
            assert_eq!(merged(answers.to_vec()), std::slice::from_ref(&live));
        }
    }

    #[test]
    fn a_service_that_listens_everywhere_is_asked_here() {
        for (listens, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:1", "[::1]:1"),
            ("10.0.0.7:8080", "10.0.0.7:8080"),
        ] {
            let address = listens.parse().expect("an address");
            assert_eq!(reachable(address).to_string(), asked);
        }
    }
}
