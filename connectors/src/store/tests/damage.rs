//! Every file of a checkpoint cut and flipped in turn: the one before it is loaded, and the reason is told.

use super::{PARTITION, Unusable, assert_loads, files_of, folder, folder_of, load, write};
use clockstop_pipeline::FOLD_VERSION;
use clockstop_schemas::checkpoint::{Manifest, ManifestRefusal};
use std::fs;
use std::path::Path;

/// Changes every file of the newest of two checkpoints with `damages`; then removes the older one.
fn each_damage(damages: impl Fn(&[u8]) -> Vec<Vec<u8>>) {
    let (root, store) = folder();
    let older = write(&store, 3);
    let newer = write(&store, 20);
    let newest = folder_of(root.path(), &newer);
    let files = files_of(&newest);
    assert_eq!(files.len(), 3, "pathways, texts and a manifest");
    for file in &files {
        let whole = fs::read(file).expect("read");
        for damaged in damages(&whole) {
            fs::write(file, &damaged).expect("damaged");
            let passed_over = assert_loads(&store, 3);
            assert_eq!(passed_over.len(), 1, "{}", file.display());
            assert_eq!(passed_over[0].0, newer.name);
            assert_reason(file, &passed_over[0].1);
        }
        fs::write(file, &whole).expect("mended");
        assert_eq!(assert_loads(&store, 20), []);
    }
    fs::remove_dir_all(folder_of(root.path(), &older)).expect("removed");
    for file in &files {
        let whole = fs::read(file).expect("read");
        fs::write(file, &damages(&whole)[0]).expect("damaged");
        let loaded = load(&store);
        assert!(loaded.newest.is_none());
        assert_eq!(loaded.passed_over.len(), 1);
        fs::write(file, &whole).expect("mended");
    }
}

#[track_caller]
fn assert_reason(file: &Path, reason: &Unusable) {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    match reason {
        Unusable::Manifest(_) => assert_eq!(name, "manifest.json"),
        Unusable::OtherLength(of) | Unusable::Changed(of) => assert_eq!(name, of),
        other => panic!("{other} of {name}"),
    }
}

#[test]
fn a_file_that_was_cut_is_passed_over() {
    each_damage(|whole| {
        let cuts = [0, 1, whole.len() / 2, whole.len() - 1];
        cuts.iter().map(|&end| whole[..end].to_vec()).collect()
    });
}

#[test]
fn a_file_that_goes_on_is_passed_over() {
    each_damage(|whole| vec![[whole, b"x"].concat()]);
}

#[test]
fn a_file_with_a_flipped_bit_is_passed_over() {
    each_damage(|whole| {
        let places = (0..whole.len() - 1).step_by(whole.len() / 24);
        let flip = |at: usize| {
            let mut flipped = whole.to_vec();
            // Never a space for a line break: that says the same in JSON.
            flipped[at] ^= 0x40;
            flipped
        };
        places.map(flip).collect()
    });
}

#[test]
fn a_file_that_is_missing_is_told() {
    let (root, store) = folder();
    write(&store, 3);
    let newer = write(&store, 20);
    for file in files_of(&folder_of(root.path(), &newer)) {
        let name = file
            .file_name()
            .expect("a name")
            .to_owned()
            .into_string()
            .expect("a text");
        let whole = fs::read(&file).expect("read");
        fs::remove_file(&file).expect("removed");
        let reason = if name == "manifest.json" {
            Unusable::NoManifest
        } else {
            Unusable::Missing(name)
        };
        assert_eq!(assert_loads(&store, 3), [(newer.name.clone(), reason)]);
        fs::write(&file, whole).expect("mended");
    }
}

/// Seals another manifest over the newer of two checkpoints; gives back why it is passed over.
fn reason_of(change: impl Fn(&mut Manifest)) -> Unusable {
    let (root, store) = folder();
    write(&store, 3);
    let newer = write(&store, 20);
    let file = folder_of(root.path(), &newer).join("manifest.json");
    let json = fs::read(&file).expect("read");
    let mut manifest = Manifest::from_json(&json).expect("whole");
    assert_eq!(manifest.partition, PARTITION);
    change(&mut manifest);
    fs::write(&file, manifest.to_json()).expect("sealed anew");
    let mut passed_over = assert_loads(&store, 3);
    assert_eq!(passed_over.len(), 1);
    passed_over.remove(0).1
}

#[test]
fn what_this_software_cannot_mean_is_passed_over() {
    let newer_fold = reason_of(|manifest| manifest.fold = FOLD_VERSION + 1);
    assert_eq!(newer_fold, Unusable::OtherFold(FOLD_VERSION + 1));
    let elsewhere = reason_of(|manifest| manifest.partition += 1);
    assert_eq!(elsewhere, Unusable::OtherPartition(PARTITION + 1));
    let unknown = reason_of(|manifest| {
        manifest
            .counts
            .dead_lettered
            .insert("another".to_owned(), 1);
    });
    assert_eq!(unknown, Unusable::UnknownReason("another".to_owned()));
    let miscounted = reason_of(|manifest| manifest.pathways += 1);
    assert_eq!(miscounted, Unusable::Manifest(ManifestRefusal::Miscounted));
    // Sums that agree do not make up for rows that are not there.
    let other_rows = reason_of(|manifest| {
        manifest.pathways += 1;
        manifest.files[0].rows += 1;
    });
    assert_eq!(
        other_rows,
        Unusable::NotItsRows("pathways-00000.parquet".to_owned())
    );
    let without_texts = reason_of(|manifest| {
        manifest.texts = 0;
        manifest.files.truncate(1);
    });
    assert_eq!(
        without_texts,
        Unusable::NotItsRows("pathways-00000.parquet".to_owned())
    );
}

#[test]
fn another_format_is_passed_over() {
    let (root, store) = folder();
    write(&store, 3);
    let newer = write(&store, 20);
    let file = folder_of(root.path(), &newer).join("manifest.json");
    fs::write(&file, br#"{"format":2,"checkpoint":{}}"#).expect("written");
    let refusal = ManifestRefusal::OtherFormat { format: 2 };
    assert_eq!(
        assert_loads(&store, 3),
        [(newer.name, Unusable::Manifest(refusal))]
    );
}
