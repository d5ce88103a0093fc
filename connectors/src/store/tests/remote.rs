//! Stores that are reached by an address.

use super::{Checkpoints, Error, Store, try_load};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

pub(super) fn at(url: &str, properties: &[(&str, &str)]) -> Checkpoints {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Checkpoints {
        url: url.to_owned(),
        properties: properties.iter().map(owned).collect::<BTreeMap<_, _>>(),
        ..Checkpoints::in_folder(Path::new("unused"))
    }
}

#[test]
fn a_store_that_does_not_answer_is_an_error() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", nobody.local_addr().expect("its address"));
    drop(nobody);
    let settings = at(
        "s3://bucket/clockstop",
        &[
            ("endpoint", &endpoint),
            ("allow_http", "true"),
            ("access_key_id", "name"),
            ("secret_access_key", "not to be told"),
        ],
    );
    let store = Store::open(&settings).expect("it is not called yet");
    let error = try_load(&store).expect_err("nobody answers");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("not to be told"));
}

#[test]
fn a_property_that_the_store_does_not_have_is_named() {
    for url in ["s3://bucket", "az://container@account", "gs://bucket"] {
        let error = Store::open(&at(url, &[("acces_key", "x")])).expect_err("no such property");
        let told = error.to_string();
        assert!(told.contains("checkpoints.properties.acces_key"), "{told}");
    }
}

#[test]
fn another_scheme_is_refused() {
    let error = Store::open(&at("ftp://host/folder", &[])).expect_err("no such store");
    assert!(matches!(error, Error::Settings(_)), "{error}");
}
