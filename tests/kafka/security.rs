//! TLS and passwords: the service runs with them, and each mistake is told in one line.

use crate::LIMIT;
use crate::service::Place;
use crate::support::certificate::Certificate;
use crate::support::gate;
use crate::support::kafka::{Broker, USER, shared_broker};
use crate::support::process::Signal;
use std::fs;
use tempfile::TempDir;

const WRONG: &str = "Wr0ng-word";

/// Secrets in files, as an operator keeps them.
struct Secrets {
    folder: TempDir,
}

impl Secrets {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, secret: &str) -> String {
        let file = self.folder.path().join(name);
        fs::write(&file, format!("{secret}\n")).unwrap();
        file.display().to_string()
    }
}

fn property(place: &mut Place, name: &str, value: &str) {
    place.set(&format!("kafka.properties.{name}"), value);
}

/// A place whose service goes in by the secured listener, while the test looks on by the other.
fn secured(broker: &Broker, certificate: &Certificate, secrets: &Secrets, test: &str) -> Place {
    let mut place = Place::new(broker.bootstrap(), test);
    place.set("kafka.bootstrap", broker.secured());
    property(&mut place, "security.protocol", "sasl_ssl");
    property(&mut place, "sasl.mechanism", "SCRAM-SHA-512");
    property(&mut place, "sasl.username", USER[0]);
    let file = secrets.file("kafka", USER[1]);
    property(&mut place, "sasl.password_file", &file);
    let authority = certificate.authority().display().to_string();
    property(&mut place, "ssl.ca.location", &authority);
    place
}

/// The same for the registry.
fn gated(place: &mut Place, certificate: &Certificate, secrets: &Secrets) {
    let url = gate::open(certificate, place.registry.url());
    place.set("registry.url", &url);
    place.set("registry.username", gate::USER[0]);
    let file = secrets.file("registry", gate::USER[1]);
    place.set("registry.password_file", &file);
    let authority = certificate.authority().display().to_string();
    place.set("registry.ca_file", &authority);
}

#[test]
fn the_service_runs_over_tls_with_passwords_and_outlives_a_refused_one() {
    let certificate = Certificate::make();
    let mut broker = Broker::start_secured(&certificate);
    let secrets = Secrets::new();
    let mut place = secured(&broker, &certificate, &secrets, "secured");
    gated(&mut place, &certificate, &secrets);
    place.create_topics();
    place.command(&["check-config"]).run().expect_code(0);
    place.refer((0..10).map(|n| format!("P{n}")));
    let service = place.run();
    service.await_ready();
    service.await_committed(10);
    assert_eq!(place.alerts("alert").len(), 20);

    broker.change_password(WRONG);
    broker.kill();
    broker.restart();
    service.process.stderr().wait_for_line(LIMIT, |line| {
        line.contains("refuses the user or the password") && line.contains("\"sasl.password\"")
    });
    let readiness = service.await_readiness("the reason", |readiness| {
        readiness.to_string().contains("refuses the user")
    });
    assert_eq!(readiness["ready"], false);

    broker.change_password(USER[1]);
    place.refer((10..20).map(|n| format!("P{n}")));
    service.await_ready();
    service.await_committed(20);
    assert_eq!(place.alerts("alert").len(), 40);
    service.process.signal(Signal::Term);
    let told = service.process.wait(LIMIT).expect_code(0).stderr;
    for secret in [USER[1], gate::USER[1], WRONG] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn each_mistake_with_the_broker_is_told_in_one_line() {
    let certificate = Certificate::make();
    let broker = Broker::start_secured(&certificate);
    let secrets = Secrets::new();
    let other = Certificate::make().authority().display().to_string();
    let foreign = Certificate::make();
    let foreign = foreign.authority().display().to_string();
    let wrong = secrets.file("wrong", WRONG);
    let login =
        "the broker refuses the user or the password; check kafka.properties.\"sasl.username\"";
    let untrusted = "the broker's certificate is not trusted or not made out for this host; name the file of its CA in";
    // The certificate is made out for 127.0.0.1.
    let by_name = broker.secured().replace("127.0.0.1", "localhost");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("kafka.properties.sasl.password_file", &wrong)], login),
        (&[("kafka.properties.sasl.username", "nobody")], login),
        (
            &[("kafka.properties.sasl.mechanism", "PLAIN")],
            "set kafka.properties.\"sasl.mechanism\" to one it supports",
        ),
        (&[("kafka.properties.ssl.ca.location", &foreign)], untrusted),
        (&[("kafka.bootstrap", &by_name)], untrusted),
        (
            &[("kafka.properties.ssl.ca.location", &other)],
            "kafka.properties.ssl.ca.location (from --set): cannot read",
        ),
        (
            &[("kafka.bootstrap", broker.bootstrap())],
            "the broker expects no TLS there; set kafka.properties.\"security.protocol\"",
        ),
        (
            &[("kafka.properties.security.protocol", "plaintext")],
            "it may expect TLS or a password; set kafka.properties.\"security.protocol\"",
        ),
        (&[("kafka.bootstrap", "127.0.0.1:1")], "Connection refused"),
    ];
    let places = cases.iter().map(|&(settings, told)| {
        let mut place = secured(&broker, &certificate, &secrets, "mistaken");
        for (setting, value) in settings {
            place.set(setting, value);
        }
        (place, told)
    });
    // No process reads a file while it is written for the next.
    let places: Vec<_> = places.collect();
    let begun = places.iter().map(|(place, told)| {
        let commands: [&[&str]; 3] = [&["run"], &["topics", "check"], &["topics", "create"]];
        let processes = commands.map(|words| place.command(words).spawn());
        (processes, *told)
    });
    for (processes, told) in begun.collect::<Vec<_>>() {
        for process in processes {
            let said = process.wait(LIMIT).expect_code(1).stderr;
            let last = said.lines().last().unwrap();
            assert!(
                last.starts_with("clockstop: ") && last.contains(told),
                "{said}"
            );
            assert!(!said.contains(WRONG) && !said.contains(USER[1]), "{said}");
        }
    }
}

#[test]
fn each_mistake_with_the_registry_is_told_in_one_line() {
    let certificate = Certificate::make();
    let secrets = Secrets::new();
    let foreign = Certificate::make();
    let foreign = foreign.authority().display().to_string();
    let wrong = secrets.file("wrong", WRONG);
    let plain = |url: &str| url.replace("https://", "http://");
    let encrypted = |url: &str| url.replace("http://", "https://");
    let told = |settings: &[(&str, &str)], address: &dyn Fn(&Place, &str) -> String| {
        let mut place = Place::new(shared_broker(), "registry");
        gated(&mut place, &certificate, &secrets);
        place.create_topics();
        let gate = gate::open(&certificate, place.registry.url());
        let url = address(&place, &gate);
        place.set("registry.url", &url);
        for (setting, value) in settings {
            place.set(setting, value);
        }
        let said = place.command(&["run"]).run().expect_code(1).stderr;
        assert!(
            !said.contains(WRONG) && !said.contains(gate::USER[1]),
            "{said}"
        );
        said.lines().last().unwrap().to_owned()
    };
    let as_it_is = |_: &Place, gate: &str| gate.to_owned();
    let line = told(&[("registry.password_file", &wrong)], &as_it_is);
    assert!(
        line.contains("refuses the user or the password: check registry.username"),
        "{line}"
    );
    let line = told(&[("registry.ca_file", &foreign)], &as_it_is);
    assert!(
        line.contains("is not trusted (") && line.contains("registry.ca_file"),
        "{line}"
    );
    let line = told(&[("registry.ca_file", "/nowhere/ca.pem")], &as_it_is);
    assert!(line.contains("cannot read /nowhere/ca.pem"), "{line}");
    let line = told(&[], &|_, gate| plain(gate));
    assert!(line.contains("begin registry.url with https://"), "{line}");
    let line = told(&[], &|place, _| encrypted(place.registry.url()));
    assert!(line.contains("begin registry.url with http://"), "{line}");
    let line = told(&[], &|_, gate| gate.replace("https://", "https://u:p@"));
    assert!(line.contains("holds a user or a password"), "{line}");
}
