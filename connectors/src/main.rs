//! The `clockstop` command: one subcommand, one exit code.

mod cli;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Arguments::parse().command.run() {
        Ok(cli::Outcome::Done) => ExitCode::SUCCESS,
        Ok(cli::Outcome::Failed) => ExitCode::FAILURE,
        Ok(cli::Outcome::Partial) => ExitCode::from(3),
        Err(error) => {
            // Nothing is left to tell it to when standard error is closed.
            drop(writeln!(std::io::stderr(), "clockstop: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
