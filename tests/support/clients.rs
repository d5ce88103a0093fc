//! Python clients from outside: one virtual environment with the pinned packages of `tests/clients/requirements.txt`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache;
use super::process::{Finished, Invocation, require};

const REQUIREMENTS: &str = include_str!("../clients/requirements.txt");
const INSTALL_LIMIT: Duration = Duration::from_mins(15);
const SCRIPT_LIMIT: Duration = Duration::from_mins(2);
const PACKAGES: &str = "python3 python3-venv";

/// Runs `tests/clients/<script>` to its end, or kills it after two minutes and panics.
pub(crate) fn python(script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
    python_script(
        &cache::workspace().join("tests/clients").join(script),
        arguments,
        environment,
    )
}

/// Runs any Python file likewise.
pub(crate) fn python_script(
    file: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Finished {
    let words = std::iter::once(file.as_os_str()).chain(arguments.iter().map(AsRef::as_ref));
    let invocation = Invocation::of(interpreter(), words).limit(SCRIPT_LIMIT);
    environment
        .iter()
        .fold(invocation, |invocation, (name, value)| {
            invocation.env(name, value)
        })
        .run()
}

/// The interpreter of the virtual environment, made on first use.
pub(crate) fn interpreter() -> PathBuf {
    let version = python_version();
    let digest = blake3::hash(format!("{version}\n{REQUIREMENTS}").as_bytes()).to_hex();
    let folder = cache::folder_once(&format!("python-{}", &digest[..16]), |folder| {
        let made = Invocation::of("python3", ["-m", "venv"])
            .argument(folder)
            .limit(INSTALL_LIMIT)
            .run();
        assert!(
            made.status.success(),
            "python3 cannot make a virtual environment; on Debian: apt-get install {PACKAGES}\n{}{}",
            made.stdout,
            made.stderr
        );
        let requirements = cache::workspace().join("tests/clients/requirements.txt");
        Invocation::of(
            folder.join("bin/python"),
            ["-m", "pip", "install", "--quiet", "--no-input"],
        )
        .argument("--only-binary=:all:")
        .argument("-r")
        .argument(requirements)
        .limit(INSTALL_LIMIT)
        .run()
        .expect_code(0);
    });
    folder.join("bin/python")
}

fn python_version() -> String {
    require("python3", "--version", PACKAGES);
    Invocation::of("python3", ["--version"])
        .run()
        .expect_code(0)
        .stdout
}
