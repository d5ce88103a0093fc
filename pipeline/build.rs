//! Tells builds of the rules apart, so that what one of them judged is not taken for the word of another.
#![expect(
    clippy::disallowed_methods,
    reason = "it runs when the crate is built, and the crate itself reads no file"
)]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    hash_folder(Path::new("src"), &mut hasher)?;
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-env=CLOCKSTOP_RULES={:016x}", hasher.finish());
    Ok(())
}

/// Names and bytes of all files, tables included, in the order of their names.
fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        path.hash(hasher);
        if path.is_dir() {
            hash_folder(&path, hasher)?;
        } else {
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
