//! Certificates of a test: an authority of its own, and what it signs for 127.0.0.1.

use super::process::{Invocation, require};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A certificate for 127.0.0.1 and the authority that signed it; known to nobody else.
pub(crate) struct Certificate {
    folder: TempDir,
}

impl Certificate {
    pub(crate) fn make() -> Self {
        require("openssl", "version", "openssl");
        let folder = tempfile::tempdir().expect("a folder");
        let own = |words: &str| openssl(folder.path(), words);
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        own(&format!(
            "req -x509 {key} -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem"
        ));
        own(&format!(
            "req {key} -subj /CN=127.0.0.1 -keyout server.key -out server.csr"
        ));
        fs::write(folder.path().join("names"), "subjectAltName=IP:127.0.0.1\n").expect("written");
        own(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
        );
        let part = |name| fs::read_to_string(folder.path().join(name)).expect("made");
        let both = [part("server.key"), part("server.pem"), part("ca.pem")].concat();
        fs::write(folder.path().join("server.both"), both).expect("written");
        Self { folder }
    }

    /// The authority's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The key and the chain that belongs to it, one after the other.
    pub(crate) fn key_and_chain(&self) -> PathBuf {
        self.folder.path().join("server.both")
    }

    /// The chain and its key in PEM form.
    pub(crate) fn identity(&self) -> [Vec<u8>; 2] {
        ["server.pem", "server.key"]
            .map(|name| fs::read(self.folder.path().join(name)).expect("made"))
    }
}

fn openssl(folder: &Path, words: &str) {
    Invocation::of("openssl", words.split(' '))
        .directory(folder)
        .run()
        .expect_code(0);
}
