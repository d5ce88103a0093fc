//! `clockstop run`: the service.

use super::Outcome;
use super::settings::Settings;
use anyhow::Context;
use clockstop::calendar::Calendar;
use clockstop::config::Topics;
use clockstop::judge::BrokerTime;
use clockstop::reference;
use clockstop::service::{self, AcceptedFrom, Setup};
use clockstop::telemetry;
use clockstop::worker::Pace;
use clockstop_pipeline::Topic;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Runs the service until SIGTERM or SIGINT
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop run --config /etc/clockstop/clockstop.toml\n  clockstop run --config clockstop.toml --accept-history-from referral/3/1204"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Lets a partition begin at this offset of an input, although what lay before is lost; it is remembered, so
    /// that it need not be said again. TOPIC is referral, diagnosis, treatment or the input's name; may be repeated
    #[arg(long, value_name = "TOPIC/PARTITION/OFFSET")]
    accept_history_from: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let config = arguments.settings.load()?;
    telemetry::start(config.log).context("cannot start logging")?;
    let accepted = accepted(&arguments.accept_history_from, &config.kafka.topics)?;
    let reference = reference::load(config.reference.file.as_deref())?;
    let tables = reference::load_tables("reference.tables", config.reference.tables.as_deref())?;
    let mut signals = signals().context("cannot listen for signals")?;
    let running = service::start(Setup {
        config,
        reference,
        tables,
        calendar: Calendar::london()?,
        broker_time: BrokerTime::Checked,
        pace: Pace::default(),
        accepted,
    })?;
    let signal = signals.forever().next();
    tracing::info!(?signal, "draining; a second signal ends at once");
    running.drain();
    Ok(Outcome::Done)
}

/// Each of the words as an offset of an input's partition.
fn accepted(words: &[String], topics: &Topics) -> anyhow::Result<Vec<AcceptedFrom>> {
    let mut accepted: Vec<AcceptedFrom> = Vec::new();
    for word in words {
        let one @ (topic, partition, _) = accepted_from(word, topics).with_context(|| {
            format!(
                "--accept-history-from {word}: expected TOPIC/PARTITION/OFFSET such as referral/3/1204"
            )
        })?;
        if accepted
            .iter()
            .any(|(known, number, _)| (*known, *number) == (topic, partition))
        {
            anyhow::bail!("--accept-history-from {word}: this partition was named before");
        }
        accepted.push(one);
    }
    Ok(accepted)
}

fn accepted_from(word: &str, topics: &Topics) -> anyhow::Result<AcceptedFrom> {
    let mut parts = word.rsplitn(3, '/');
    let (offset, partition, topic) = (parts.next(), parts.next(), parts.next());
    let topic = topic.context("three parts are needed")?;
    let mut inputs = Topic::ALL.into_iter();
    let input = inputs.find(|&input| input.name() == topic || topics.input(input) == topic);
    let number = |text: Option<&str>| -> anyhow::Result<u32> { Ok(text.unwrap_or("").parse()?) };
    let partition = number(partition).context("the partition is no number")?;
    let offset = offset.unwrap_or("").parse::<u64>();
    Ok((
        input.with_context(|| format!("{topic} is no input"))?,
        i32::try_from(partition)?,
        i64::try_from(offset.context("the offset is no number")?)?,
    ))
}

/// The first signal is handed out, the second ends the process on the spot.
fn signals() -> std::io::Result<Signals> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register_conditional_shutdown(signal, 1, stopping.clone())?;
        flag::register(signal, stopping.clone())?;
    }
    Signals::new([SIGTERM, SIGINT])
}

#[cfg(test)]
mod tests {
    use super::accepted;
    use clockstop::config::Topics;
    use clockstop_pipeline::Topic;

    fn read(words: &[&str]) -> Result<Vec<(Topic, i32, i64)>, String> {
        let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        accepted(&words, &Topics::default()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_input_is_named_by_its_setting_or_its_topic() {
        assert_eq!(
            read(&["referral/3/1204", "cancer.treatment/0/7"]),
            Ok(vec![(Topic::Referral, 3, 1_204), (Topic::Treatment, 0, 7)])
        );
    }

    #[test]
    fn what_is_no_offset_of_an_input_is_refused() {
        for (word, told) in [
            ("1204", "three parts"),
            ("referral/1204", "three parts"),
            ("cancer.alert/0/1", "cancer.alert is no input"),
            ("referral/x/1", "the partition is no number"),
            ("referral/0/-1", "the offset is no number"),
        ] {
            let error = read(&[word]).expect_err(word);
            assert!(error.contains(told), "{error}");
        }
        let twice = read(&["referral/0/1", "cancer.referral/0/2"]);
        assert!(twice.is_err_and(|error| error.contains("named before")));
    }
}
