//! A real server that speaks S3: what holds on a disk holds there, and while it is away.

use super::closes::{close, closed};
use super::{
    Error, Store, Unusable, assert_loads, day, files_of, id_of, load, remote, try_load, try_write,
    write,
};
use crate::objects::s3_server::S3Server;
use std::fs;

fn settings(server: &S3Server, folder: &str) -> crate::config::Checkpoints {
    crate::config::Checkpoints {
        properties: server.properties(),
        ..remote::at(&S3Server::url(folder), &[])
    }
}

#[test]
fn a_server_that_speaks_s3_keeps_checkpoints() {
    let mut server = S3Server::start();
    let settings = settings(&server, "one/folder");
    let open = || Store::open(&settings).expect("a store");
    let ids = std::thread::scope(|scope| {
        let opening = [(); 4].map(|()| scope.spawn(|| id_of(&open())));
        opening.map(|thread| thread.join().expect("no panic"))
    });
    let store = open();
    assert!(load(&store).newest.is_none());
    assert!(ids.iter().all(|id| *id == id_of(&store)), "{ids:?}");

    let written: Vec<_> = (1..=6).map(|offset| write(&store, offset).name).collect();
    assert_eq!(assert_loads(&store, 6), []);
    let on_disk = server.bucket().join("one/folder/3");
    let newest = on_disk.join(&written[5]);
    for file in files_of(&newest) {
        let whole = fs::read(&file).expect("read");
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 0x40;
        for damaged in [&whole[..whole.len() / 2], &flipped] {
            fs::write(&file, damaged).expect("damaged");
            let passed_over = assert_loads(&store, 5);
            assert_eq!(passed_over.len(), 1, "{}", file.display());
        }
        fs::write(&file, whole).expect("mended");
    }
    assert_eq!(assert_loads(&store, 6), []);

    server.kill();
    assert!(matches!(try_load(&store), Err(Error::Failed { .. })));
    assert!(matches!(try_write(&store, 7), Err(Error::Failed { .. })));
    assert!(matches!(store.prune(3, 3), Err(Error::Failed { .. })));
    // One that is away when the process starts is waited for, too.
    let early = open();
    assert!(matches!(try_load(&early), Err(Error::Failed { .. })));
    assert_eq!(early.id(), None);
    server.restart();
    assert_eq!(assert_loads(&store, 6), []);
    assert_eq!(assert_loads(&early, 6), []);
    assert_eq!(early.id(), store.id());

    let removed: Vec<_> = written[..3].iter().rev().cloned().collect();
    assert_eq!(store.prune(3, 3).expect("pruned"), removed);
    assert_eq!(assert_loads(&store, 6), []);
    fs::remove_file(newest.join("manifest.json")).expect("removed");
    let passed_over = assert_loads(&store, 5);
    assert_eq!(passed_over, [(written[5].clone(), Unusable::NoManifest)]);

    close(&store, 1, 2, 3);
    assert_eq!(store.closed_days().expect("answered"), [day(1)]);
    assert_eq!(closed(&store, 1, 2), Some(3));
    store.prune_closes(day(2)).expect("pruned");
    assert_eq!(store.closed_days().expect("answered"), []);
}

#[test]
fn a_wrong_secret_is_an_error_that_does_not_tell_it() {
    let server = S3Server::start();
    let mut settings = settings(&server, "");
    let wrong = ("secret_access_key".to_owned(), "not to be told".to_owned());
    settings.properties.extend([wrong]);
    let store = Store::open(&settings).expect("it is not called yet");
    let error = try_load(&store).expect_err("refused");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
    assert!(!error.to_string().contains("not to be told"));
}
