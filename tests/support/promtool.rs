//! Prometheus' own checker of configuration and rules.

use std::path::PathBuf;
use std::time::Duration;

use super::cache;
use super::process::Invocation;

/// `promtool` with these arguments, run in the root of the workspace.
pub(crate) fn promtool<const N: usize>(arguments: [&str; N]) -> Invocation {
    Invocation::of(program(), arguments).directory(&cache::workspace())
}

/// The one that is installed. Otherwise it is taken out of Debian's package `prometheus`, which is downloaded and not
/// installed: installed on a machine with systemd, it would start a server.
fn program() -> PathBuf {
    let installed = Invocation::of("sh", ["-c", "command -v promtool"]).run();
    if installed.code() == Some(0) {
        return PathBuf::from(installed.stdout.trim());
    }
    let folder = cache::folder_once("promtool", |folder| {
        let script = r"
            apt-get download prometheus
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract --strip-components=3 ./usr/bin/promtool
            test -x promtool
            rm prometheus_*.deb";
        let taken = Invocation::of("sh", ["-euc", script])
            .directory(folder)
            .limit(Duration::from_mins(5))
            .run();
        assert_eq!(
            taken.code(),
            Some(0),
            "these tests need `promtool`; on Debian: apt-get update (then it is fetched), or apt-get install prometheus\n{}",
            taken.stderr
        );
    });
    folder.join("promtool")
}
