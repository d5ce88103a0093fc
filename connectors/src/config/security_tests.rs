//! Passwords from files, and what is told before anything is asked.

use crate::config::{Config, Sources};

const LEAST: &str = "[keys]\nalert = \"a\"\npseudonym = \"p\"\n[kafka]\nbootstrap = \"b:9092\"\n";
const REGISTRY: &str = "[registry]\nurl = \"https://r:8081\"\n";

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let mut sources = Sources::default();
    sources.add_toml(&format!("{LEAST}{toml}"), "clockstop.toml");
    let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
    sources.add_environment(variables.iter().map(owned));
    Config::load(&sources).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

#[test]
fn a_password_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "pa ss:wörd\n").expect("written");
    let file = file.display().to_string();
    let toml = format!(
        "properties.sasl.password_file = {file:?}\n{REGISTRY}username = \"u\"\npassword_file = {file:?}"
    );
    let by_variable = [
        ("CLOCKSTOP_KAFKA__PROPERTIES__SASL_PASSWORD_FILE", &*file),
        ("CLOCKSTOP_REGISTRY__USERNAME", "u"),
        ("CLOCKSTOP_REGISTRY__PASSWORD_FILE", &*file),
    ];
    for config in [load(&toml, &[]), load(REGISTRY, &by_variable)] {
        let config = config.expect("complete");
        let password = config.kafka.properties.get("sasl.password");
        assert_eq!(password.map(String::as_str), Some("pa ss:wörd"));
        assert!(!config.kafka.properties.contains_key("sasl.password_file"));
        let shown = format!("{config:?}");
        assert!(!shown.contains("wörd"), "{shown}");
        let header = config.registry.login.and_then(|login| login.header());
        let header = header.expect("a login");
        // printf 'u:pa ss:wörd' | base64
        assert_eq!(header.to_str().expect("text"), "Basic dTpwYSBzczp3w7ZyZA==");
        assert!(header.is_sensitive());
    }
}

#[test]
fn what_is_missing_is_named_and_no_secret_is_told() {
    let empty = tempfile::NamedTempFile::new().expect("a file");
    let empty = empty.path().display().to_string();
    for (properties, registry, told) in [
        (
            "sasl.password_file = \"/nowhere/p\"".to_owned(),
            "",
            "kafka.properties.sasl.password_file: cannot read /nowhere/p: No such file",
        ),
        (
            format!("sasl.password_file = {empty:?}"),
            "",
            "kafka.properties.sasl.password_file: ",
        ),
        (
            "sasl.password_file = \"/nowhere/p\"\nproperties.sasl.password = \"hush\"".to_owned(),
            "",
            "kafka.properties.sasl.password_file: is set beside kafka.properties.sasl.password",
        ),
        (
            "ssl.ca.location = \"/nowhere/ca.pem\"".to_owned(),
            "",
            "kafka.properties.ssl.ca.location: cannot read /nowhere/ca.pem: No such file",
        ),
        (
            "security.protocol = \"SASL_SSL\"".to_owned(),
            "",
            "kafka.properties.sasl.mechanism: is not set; expected SCRAM-SHA-512",
        ),
        (
            "security.protocol = \"sasl_ssl\"\nproperties.sasl.mechanisms = \"GSSAPI\"".to_owned(),
            "",
            "kafka.properties.sasl.mechanism: expected SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or OAUTHBEARER, found GSSAPI",
        ),
        (
            "security.protocol = \"sasl_ssl\"\nproperties.sasl.mechanism = \"PLAIN\"\nproperties.sasl.username = \"u\"".to_owned(),
            "",
            "kafka.properties.sasl.password: is not set, which PLAIN needs; name its file in",
        ),
        (
            "security.protocol = \"sasl_ssl\"\nproperties.sasl.mechanism = \"PLAIN\"\nproperties.sasl.password = \"hush\"".to_owned(),
            "",
            "kafka.properties.sasl.username: is not set",
        ),
        (
            "security.protocol = \"sasl_ssl\"\nproperties.sasl.mechanism = \"OAUTHBEARER\"\nproperties.sasl.oauthbearer.method = \"OIDC\"".to_owned(),
            "",
            "kafka.properties.sasl.oauthbearer.method: oidc is not built in",
        ),
        (
            "client.rack = \"r\"".to_owned(),
            "username = \"u\"",
            "registry.password: is not set where registry.username is",
        ),
        (
            "client.rack = \"r\"".to_owned(),
            "password = \"hush\"",
            "registry.username: is not set where its password is",
        ),
        (
            "client.rack = \"r\"".to_owned(),
            "username = \"u:v\"\npassword = \"hush\"",
            "registry.username: must not hold a colon",
        ),
        (
            "client.rack = \"r\"".to_owned(),
            "ca_file = \"/nowhere/ca.pem\"",
            "registry.ca_file: cannot read /nowhere/ca.pem: No such file",
        ),
        (
            "client.rack = \"r\"".to_owned(),
            "ca_file = \"/dev/null\"",
            "registry.ca_file: /dev/null holds no certificate in PEM form",
        ),
    ] {
        let toml = format!("properties.{properties}\n{REGISTRY}{registry}");
        let problem = load(&toml, &[]).expect_err(told);
        assert!(problem.starts_with(told), "{problem} does not begin with {told}");
        assert_eq!(problem.lines().count(), 1, "{problem}");
        assert!(!problem.contains("hush"), "{problem}");
    }
}

#[test]
fn an_address_holds_no_password() {
    let told = load("[registry]\nurl = \"http://user:hush@r:8081\"", &[]).expect_err("refused");
    assert!(
        told.starts_with("registry.url: holds a user or a password"),
        "{told}"
    );
    assert!(!told.contains("hush"), "{told}");
}

#[test]
fn oauthbearer_without_oidc_is_passed_through() {
    let toml = format!(
        "properties.security.protocol = \"sasl_plaintext\"\nproperties.sasl.mechanism = \"OAUTHBEARER\"\n{REGISTRY}"
    );
    let config = load(&toml, &[]).expect("complete");
    let mechanism = config.kafka.properties.get("sasl.mechanism");
    assert_eq!(mechanism.map(String::as_str), Some("OAUTHBEARER"));
}
