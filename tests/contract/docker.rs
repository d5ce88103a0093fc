//! No container engine runs in the tests, so the set-up is read: everything it names must exist and agree.

pub(crate) mod compose;
mod dockerfile;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use compose::{Compose, Service};
use dockerfile::Dockerfile;

use crate::repository::{self, assert_exists};
use crate::support::process::clockstop;

const COMPOSE: &str = "docker/compose.yaml";
const DOCKERFILE: &str = "docker/Dockerfile";
const SETTINGS: &str = "docker/clockstop.toml";

#[test]
fn every_image_is_pinned() {
    let dockerfile = Dockerfile::read(DOCKERFILE);
    let compose = Compose::read(COMPOSE);
    let images = dockerfile.images().into_iter().chain(
        compose
            .services
            .values()
            .map(|service| service.image.clone()),
    );
    for image in images {
        let (_, tag) = image
            .rsplit_once(':')
            .unwrap_or_else(|| panic!("{image} has no tag"));
        assert!(
            tag.trim_start_matches('v')
                .starts_with(|first: char| first.is_ascii_digit()),
            "{image} is not pinned to a version"
        );
    }
}

#[test]
fn the_builder_is_the_pinned_toolchain() {
    let toolchain: toml::Table = repository::text("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert_eq!(
        Dockerfile::read(DOCKERFILE).images()[0],
        format!("rust:{channel}-slim-bookworm")
    );
}

#[test]
fn the_image_built_here_carries_the_version_of_the_workspace() {
    let workspace: toml::Table = repository::text("Cargo.toml").parse().unwrap();
    let version = workspace["workspace"]["package"]["version"]
        .as_str()
        .unwrap();
    for (name, service) in Compose::read(COMPOSE)
        .services
        .iter()
        .filter(|(_, service)| service.build.is_some())
    {
        assert_eq!(
            service.image,
            format!("clockstop:{version}"),
            "service {name}"
        );
    }
}

#[test]
fn every_file_that_is_copied_mounted_or_built_from_exists() {
    let dockerfile = Dockerfile::read(DOCKERFILE);
    for source in dockerfile.copied_from_the_repository() {
        assert_exists(&source, DOCKERFILE);
    }
    for stage in dockerfile.copied_from_stages() {
        assert!(
            dockerfile.stages().contains(&stage),
            "{DOCKERFILE} copies from {stage}, which it does not build"
        );
    }
    let compose = Compose::read(COMPOSE);
    for service in compose.services.values() {
        for file in service
            .mounts()
            .filter_map(|mount| mount.source.strip_prefix("./").map(str::to_owned))
        {
            assert_exists(&format!("docker/{file}"), COMPOSE);
        }
        if let Some(build) = &service.build {
            assert_eq!(build.context, "..");
            assert_exists(&build.dockerfile, COMPOSE);
        }
    }
}

#[test]
fn the_build_context_holds_every_file_that_is_copied() {
    let ignore = repository::text("docker/Dockerfile.dockerignore");
    let kept: Vec<&str> = ignore
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for source in Dockerfile::read(DOCKERFILE).copied_from_the_repository() {
        assert!(
            kept.contains(&source.as_str()),
            "Dockerfile.dockerignore leaves out {source}"
        );
    }
    for file in kept {
        assert_exists(file, "docker/Dockerfile.dockerignore");
    }
}

#[test]
fn volumes_and_dependencies_are_declared() {
    let compose = Compose::read(COMPOSE);
    for (name, service) in &compose.services {
        for mount in service
            .mounts()
            .filter(|mount| !mount.source.starts_with('.'))
        {
            assert!(
                compose.volumes.contains_key(&mount.source),
                "{name} mounts undeclared volume {}",
                mount.source
            );
        }
        for (other, dependency) in &service.depends_on {
            let awaited = compose
                .services
                .get(other)
                .unwrap_or_else(|| panic!("{name} waits for unknown {other}"));
            let can_be_healthy = awaited
                .healthcheck
                .as_ref()
                .is_some_and(|check| !check.test.is_empty());
            let fits = dependency.condition != "service_healthy" || can_be_healthy;
            assert!(
                fits,
                "{name} waits for {other} to be healthy, which has no health check"
            );
        }
    }
}

#[test]
fn every_published_port_is_listened_on_and_stays_on_this_machine() {
    let http = setting("service", "http");
    for (name, service) in &Compose::read(COMPOSE).services {
        for published in &service.ports {
            let inside = published
                .strip_prefix("127.0.0.1:")
                .and_then(|ports| ports.split_once(':'))
                .unwrap_or_else(|| panic!("{name} publishes {published} beyond this machine"))
                .1;
            let listens = if service.build.is_some() {
                port(&http) == inside
            } else {
                service.listens_on(inside)
            };
            assert!(
                listens,
                "{name} publishes {inside}, on which nothing listens"
            );
        }
    }
}

#[test]
fn the_image_exposes_and_checks_the_port_of_the_service() {
    let dockerfile = Dockerfile::read(DOCKERFILE);
    let http = setting("service", "http");
    assert!(
        http.starts_with("0.0.0.0:"),
        "{SETTINGS}: service.http must be reachable from outside the container"
    );
    assert_eq!(dockerfile.exposed(), [port(&http)]);
    assert!(
        dockerfile
            .health_check()
            .contains(&format!("\"{}\"", port(&http)))
    );
    assert!(dockerfile.runs_as_a_user_of_its_own());
}

#[test]
fn the_service_finds_the_broker_and_the_registry_by_their_names() {
    let compose = Compose::read(COMPOSE);
    let bootstrap = setting("kafka", "bootstrap");
    let registry = setting("registry", "url");
    for address in [
        bootstrap.as_str(),
        registry.strip_prefix("http://").unwrap(),
    ] {
        let (host, port) = address.split_once(':').unwrap();
        let service = compose
            .services
            .get(host)
            .unwrap_or_else(|| panic!("{SETTINGS} names unknown host {host}"));
        assert!(
            service.listens_on(port),
            "{SETTINGS} names {address}, on which nothing listens"
        );
    }
}

#[test]
fn every_path_of_the_settings_is_mounted_into_the_service() {
    let compose = Compose::read(COMPOSE);
    let service = &compose.services["clockstop"];
    for (section, key) in [
        ("keys", "alert"),
        ("keys", "pseudonym"),
        ("snapshots", "analyst"),
        ("snapshots", "identifiable"),
        ("checkpoints", "url"),
    ] {
        let path = setting(section, key);
        assert!(
            service
                .mounts()
                .any(|mount| format!("{path}/").starts_with(&format!("{}/", mount.target))),
            "{section}.{key} = {path} lies in no volume and is lost with the container"
        );
    }
    for service in compose
        .services
        .values()
        .filter(|service| reads_settings(service))
    {
        assert!(
            service
                .mounts()
                .any(|mount| mount.target == "/etc/clockstop/clockstop.toml")
        );
    }
}

#[test]
fn the_health_check_tells_a_good_answer_from_a_bad_one_and_from_none() {
    assert!(health_check("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert!(!health_check(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    ));
    assert!(!health_check(""));
}

/// Runs the image's health check against a server that reads one request and gives this answer.
fn health_check(answer: &'static str) -> bool {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let (connection, _) = server.accept().unwrap();
        let mut lines = BufReader::new(&connection).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "GET /healthz HTTP/1.0");
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        (&connection).write_all(answer.as_bytes()).unwrap();
    });
    let script = crate::support::cache::workspace().join("docker/health-check.sh");
    let checked = Command::new("bash")
        .arg(script)
        .arg("127.0.0.1")
        .arg(port.to_string())
        .output()
        .unwrap();
    serving.join().unwrap();
    checked.status.success()
}

fn reads_settings(service: &Service) -> bool {
    service
        .command
        .iter()
        .any(|word| word.ends_with("/etc/clockstop/clockstop.toml"))
}

fn setting(section: &str, key: &str) -> String {
    let settings: toml::Table = repository::text(SETTINGS).parse().unwrap();
    settings[section][key].as_str().unwrap().to_owned()
}

fn port(address: &str) -> &str {
    address.rsplit_once(':').unwrap().1
}

/// The binary itself judges the container's settings file and every variable the compose file sets; the
/// keys exist only in the container, so others stand in for them here.
#[test]
fn every_setting_is_one_that_the_binary_knows() {
    let key = tempfile::NamedTempFile::new().unwrap();
    key.as_file().write_all(&[7; 32]).unwrap();
    let key = key.path().as_os_str();
    let compose = Compose::read(COMPOSE);
    let variables = compose
        .services
        .values()
        .flat_map(|service| service.environment.iter())
        .filter(|(name, _)| name.starts_with("CLOCKSTOP_"));
    let check = clockstop(["check-config", "--offline", "--config"])
        .argument(crate::support::cache::workspace().join(SETTINGS))
        .env("CLOCKSTOP_KEYS__ALERT", key)
        .env("CLOCKSTOP_KEYS__PSEUDONYM", key);
    let check = variables.fold(check, |check, (name, value)| check.env(name, value));
    check.run().expect_code(0);
}

#[test]
fn every_command_of_the_compose_file_is_one_that_the_binary_has() {
    let compose = Compose::read(COMPOSE);
    let commands = compose
        .services
        .values()
        .filter(|service| service.image.starts_with("clockstop"))
        .map(|service| &service.command)
        // The service that makes the keys runs a shell instead.
        .filter(|command| !command.iter().any(|word| word.contains(' ')));
    let mut seen = 0;
    for command in commands {
        let words = command.iter().take_while(|word| !word.starts_with('-'));
        let help = clockstop(words)
            .argument("--help")
            .run()
            .expect_code(0)
            .stdout;
        for flag in command.iter().filter(|word| word.starts_with("--")) {
            let name = flag.split('=').next().unwrap_or(flag);
            assert!(help.contains(name), "{name} of {command:?} in\n{help}");
            seen += 1;
        }
    }
    assert!(seen > 0, "the compose file passes flags");
}
