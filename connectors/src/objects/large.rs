//! Large objects, moved part by part, so that none is ever whole in memory.

use super::{Created, Error, Objects};
use object_store::path::Path;
use object_store::{Error as ObjectError, MultipartUpload, ObjectMeta, ObjectStoreExt};
use std::io::{self, Read, Write};

/// The bytes of a part: stores want all but the last to be equal, and no less than 5 MiB.
const PART: u64 = 8 << 20;

impl Objects {
    /// Writes an object unless there is one. A reader finds it whole or not at all.
    pub(crate) fn upload(&self, path: &Path, mut content: impl Read) -> Result<Created, Error> {
        let part = next_part(path, &mut content)?;
        if is_last(&part) {
            return self.create(path, part);
        }
        let begun = self.runtime.block_on(self.store.put_multipart(path));
        let mut upload = begun.map_err(|error| Error::failed("write", path, &error))?;
        let sent = self.send(path, upload.as_mut(), part, &mut content);
        if !matches!(sent, Ok(Created::Now)) {
            // A store that is away keeps the parts until a rule of its own removes them.
            drop(self.runtime.block_on(upload.abort()));
        }
        sent
    }

    fn send(
        &self,
        path: &Path,
        upload: &mut dyn MultipartUpload,
        mut part: Vec<u8>,
        content: &mut impl Read,
    ) -> Result<Created, Error> {
        let failed = |error| Error::failed("write", path, &error);
        while !part.is_empty() {
            let is_last = is_last(&part);
            let sent = self.runtime.block_on(upload.put_part(part.into()));
            sent.map_err(failed)?;
            part = if is_last {
                Vec::new()
            } else {
                next_part(path, content)?
            };
        }
        // Parts have no condition to be put on, so somebody may still come between the two.
        if self.has(path)? {
            return Ok(Created::Before);
        }
        let completed = self.runtime.block_on(upload.complete());
        completed.map(|_| Created::Now).map_err(failed)
    }

    /// Whether an object is there.
    pub(crate) fn has(&self, path: &Path) -> Result<bool, Error> {
        match self.runtime.block_on(self.store.head(path)) {
            Ok(_) => Ok(true),
            Err(ObjectError::NotFound { .. }) => Ok(false),
            Err(error) => Err(Error::failed("read", path, &error)),
        }
    }

    /// Writes the bytes of an object that nobody replaces into `content`.
    pub(crate) fn download(
        &self,
        object: &ObjectMeta,
        content: &mut impl Write,
    ) -> Result<(), Error> {
        let path = &object.location;
        let mut from = 0;
        while from < object.size {
            let to = object.size.min(from + PART);
            let got = self
                .runtime
                .block_on(self.store.get_range(path, from..to))
                .map_err(|error| Error::failed("read", path, &error))?;
            let written = content.write_all(&got);
            written.map_err(|error| Error::on_disk("write a copy of", path, &error))?;
            from = to;
        }
        Ok(())
    }
}

fn next_part(path: &Path, content: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut part = Vec::new();
    let read = content.by_ref().take(PART).read_to_end(&mut part);
    let on_disk = |error: io::Error| Error::on_disk("read what is to be", path, &error);
    read.map(|_| part).map_err(on_disk)
}

/// A part that is not full has nothing after it.
fn is_last(part: &[u8]) -> bool {
    u64::try_from(part.len()).is_ok_and(|length| length < PART)
}

#[cfg(test)]
mod tests {
    use super::{Created, Objects, PART, Path};
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;
    use std::sync::Arc;

    #[test]
    fn an_object_of_many_parts_goes_up_and_comes_down_as_it_was_and_stays() {
        let store = Arc::new(InMemory::new());
        let objects = Objects::over(store.clone());
        let part = usize::try_from(PART).expect("a length");
        for length in [0, 10, part - 1, part, part + 1, 2 * part, 2 * part + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let path = Path::from(format!("of-{length}"));
            let upload = |bytes: &[u8]| objects.upload(&path, bytes).expect("uploaded");
            assert_eq!(upload(&bytes), Created::Now);
            assert_eq!(upload(&vec![7; length]), Created::Before);
            let object = objects.runtime.block_on(store.head(&path)).expect("there");
            let mut copy = Vec::new();
            objects.download(&object, &mut copy).expect("downloaded");
            assert!(copy == bytes, "{length}");
        }
    }
}
