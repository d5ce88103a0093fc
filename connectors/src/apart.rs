//! Whether two folders lie apart, links and `..` followed, be they there yet or not.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Where a folder lies or will lie, without links.
///
/// # Errors
/// When the part of it that is there cannot be looked at.
pub fn resolved(folder: &Path) -> io::Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    let mut there = folder.as_path();
    while let (false, Some(above)) = (there.exists(), there.parent()) {
        there = above;
    }
    let mut resolved = fs::canonicalize(there)?;
    // What is not there has no links: a step up undoes the step before it.
    let rest = folder.strip_prefix(there).unwrap_or(Path::new(""));
    for step in rest.components() {
        match step {
            Component::ParentDir => drop(resolved.pop()),
            Component::Normal(name) => resolved.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Ok(resolved)
}

/// Whether neither folder is the other or lies in it.
///
/// # Errors
/// When the part of one that is there cannot be looked at.
pub fn are_apart(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (resolved(one)?, resolved(other)?);
    Ok(!one.starts_with(&other) && !other.starts_with(&one))
}

#[cfg(test)]
mod tests {
    use super::are_apart;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_folder_is_known_by_every_name() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        fs::create_dir(root.join("a")).expect("made");
        symlink("a", root.join("link")).expect("made");
        for (one, other, apart) in [
            ("a", "b", true),
            ("a", "ab", true),
            ("a", "a", false),
            ("a", "a/b", false),
            ("a/b", "a", false),
            ("a", "link", false),
            ("a/new", "link/new", false),
            ("a", "new/../a", false),
            ("new", "new/../new", false),
            ("new", "./new/", false),
            ("new", "a/../other", true),
        ] {
            let told = are_apart(&root.join(one), &root.join(other));
            assert_eq!(
                told.expect("it can be looked at"),
                apart,
                "{one} and {other}"
            );
        }
    }
}
