//! An object store, local or remote, for plain threads.

mod error;
mod large;
#[cfg(test)]
pub(crate) mod s3_server;

pub(crate) use error::Error;

use crate::config::SCHEMES;
use bytes::Bytes;
use jiff::Timestamp;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Error as ObjectError, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, RetryConfig,
    UpdateVersion,
};
use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// An object store, local or remote. Its calls block, and are not for threads of an asynchronous runtime.
#[derive(Debug)]
pub(crate) struct Objects {
    runtime: Runtime,
    store: Arc<dyn ObjectStore>,
    /// Where it is a folder on disk, in which folders can be empty.
    root: Option<PathBuf>,
}

/// Whether an object was written, or somebody wrote it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    Now,
    Before,
}

/// An object that may not be there, or not be as long as it should.
#[derive(Debug)]
pub(crate) enum Fetched {
    Whole(Bytes),
    Missing,
    OtherLength,
}

/// Calls are repeated by whoever needs them; here only a hiccup is passed over.
const RETRIES: usize = 3;
const RETRY_LIMIT: Duration = Duration::from_secs(10);

/// What lies in it names patients.
const OWN_FOLDER: u32 = 0o700;

impl Objects {
    /// Prepares access. A remote store is not called yet.
    pub(crate) fn open(url: &str, properties: &Properties) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build()
            .map_err(|error| Error::Address(error.to_string()))?;
        let (store, root) = match url.split_once("://") {
            None => (folder(url)?, Some(url.into())),
            Some(("file", path)) => (folder(path)?, Some(path.into())),
            Some(("s3", path)) => (s3(url, path, properties)?, None),
            Some(("az", path)) => (azure(url, path, properties)?, None),
            Some(("gs", path)) => (google(url, path, properties)?, None),
            Some(_) => {
                let expected = SCHEMES.join(", ");
                return Err(Error::Address(format!("expected a folder or {expected}")));
            }
        };
        Ok(Self {
            runtime,
            store,
            root,
        })
    }

    /// Over a store that is there already.
    #[cfg(test)]
    pub(crate) fn over(store: Arc<dyn ObjectStore>) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime"),
            store,
            root: None,
        }
    }

    /// The object's bytes, where it is there.
    pub(crate) fn get(&self, path: &Path) -> Result<Option<Bytes>, Error> {
        let got = self.runtime.block_on(async {
            let found = self.store.get(path).await?;
            found.bytes().await
        });
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::failed("read", path, &error)),
        }
    }

    /// The object's bytes, where there are as many as expected.
    pub(crate) fn get_exactly(&self, path: &Path, length: u64) -> Result<Fetched, Error> {
        let got = self.runtime.block_on(async {
            let found = self.store.get(path).await?;
            if found.meta.size != length {
                return Ok(Fetched::OtherLength);
            }
            found.bytes().await.map(Fetched::Whole)
        });
        match got {
            Ok(fetched) => Ok(fetched),
            Err(ObjectError::NotFound { .. }) => Ok(Fetched::Missing),
            Err(error) => Err(Error::failed("read", path, &error)),
        }
    }

    /// Writes an object whole or not at all.
    pub(crate) fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), Error> {
        let put = self.runtime.block_on(self.store.put(path, bytes.into()));
        put.map(drop)
            .map_err(|error| Error::failed("write", path, &error))
    }

    /// Writes an object unless there is one.
    pub(crate) fn create(&self, path: &Path, bytes: Vec<u8>) -> Result<Created, Error> {
        self.put_where(path, bytes, PutMode::Create)
    }

    /// Writes an object over the one that was read, unless somebody did so meanwhile.
    pub(crate) fn replace(
        &self,
        path: &Path,
        bytes: Vec<u8>,
        read: UpdateVersion,
    ) -> Result<Created, Error> {
        self.put_where(path, bytes, PutMode::Update(read))
    }

    fn put_where(&self, path: &Path, bytes: Vec<u8>, mode: PutMode) -> Result<Created, Error> {
        let put = self.store.put_opts(path, bytes.into(), mode.into());
        match self.runtime.block_on(put) {
            Ok(_) => Ok(Created::Now),
            Err(ObjectError::AlreadyExists { .. } | ObjectError::Precondition { .. }) => {
                Ok(Created::Before)
            }
            Err(error) => Err(Error::failed("write", path, &error)),
        }
    }

    /// The object's bytes, where it is there, and what tells them from those of a later write.
    pub(crate) fn get_with_version(
        &self,
        path: &Path,
    ) -> Result<Option<(Bytes, UpdateVersion)>, Error> {
        let got = self.runtime.block_on(async {
            let found = self.store.get(path).await?;
            let version = UpdateVersion {
                e_tag: found.meta.e_tag.clone(),
                version: found.meta.version.clone(),
            };
            Ok((found.bytes().await?, version))
        });
        match got {
            Ok(found) => Ok(Some(found)),
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::failed("read", path, &error)),
        }
    }

    /// The names of the folders in a folder.
    pub(crate) fn folders(&self, path: &Path) -> Result<Vec<String>, Error> {
        let listed = self
            .runtime
            .block_on(self.store.list_with_delimiter(Some(path)));
        let listed = listed.map_err(|error| Error::failed("list", path, &error))?;
        let names = listed.common_prefixes.iter().filter_map(Path::filename);
        Ok(names.map(str::to_owned).collect())
    }

    /// The objects in a folder.
    pub(crate) fn files(&self, path: &Path) -> Result<Vec<ObjectMeta>, Error> {
        let listed = self
            .runtime
            .block_on(self.store.list_with_delimiter(Some(path)));
        let listed = listed.map_err(|error| Error::failed("list", path, &error))?;
        Ok(listed.objects)
    }

    /// The objects in a folder and in those below it.
    pub(crate) fn files_below(&self, path: &Path) -> Result<Vec<ObjectMeta>, Error> {
        let mut files = self.files(path)?;
        for name in self.folders(path)? {
            files.extend(self.files_below(&path.clone().join(name))?);
        }
        Ok(files)
    }

    /// Removes an object, where it is there.
    pub(crate) fn delete(&self, path: &Path) -> Result<(), Error> {
        match self.runtime.block_on(self.store.delete(path)) {
            Ok(()) | Err(ObjectError::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::failed("delete", path, &error)),
        }
    }

    /// When anything in a folder last changed, in seconds since 1970. A write that was killed leaves on a disk
    /// what is no object.
    pub(crate) fn changed_at(&self, path: &Path) -> Result<i64, Error> {
        let files = self.files(path)?;
        let files = files.iter().map(|file| file.last_modified.timestamp());
        let folder = match &self.root {
            Some(root) => std::fs::metadata(root.join(path.as_ref()))
                .and_then(|folder| folder.modified())
                .map_err(|error| Error::on_disk("read", path, &error))
                .map(|time| Timestamp::try_from(time).ok())?,
            None => None,
        };
        let newest = files.chain(folder.map(Timestamp::as_second)).max();
        Ok(newest.unwrap_or_default())
    }

    /// Removes what is left of a folder whose objects are gone.
    pub(crate) fn delete_folder(&self, path: &Path) -> Result<(), Error> {
        let Some(root) = &self.root else {
            return Ok(());
        };
        match std::fs::remove_dir_all(root.join(path.as_ref())) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::on_disk("delete", path, &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn folder(path: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let unusable = |reason: String| Error::Address(format!("cannot use folder {path}: {reason}"));
    DirBuilder::new()
        .recursive(true)
        .mode(OWN_FOLDER)
        .create(path)
        .map_err(|error| unusable(error.to_string()))?;
    let store = LocalFileSystem::new_with_prefix(path)
        .map_err(|error| unusable(error.to_string()))?
        .with_fsync(true)
        .with_automatic_cleanup(true);
    Ok(Arc::new(store))
}

fn s3(url: &str, path: &str, properties: &Properties) -> Result<Arc<dyn ObjectStore>, Error> {
    let mut builder = AmazonS3Builder::from_env().with_url(url);
    for (name, value) in properties {
        let key = name.parse().map_err(|_| unknown(name))?;
        builder = builder.with_config(key, value);
    }
    beneath(path, builder.with_retry(retry()).build())
}

fn azure(url: &str, path: &str, properties: &Properties) -> Result<Arc<dyn ObjectStore>, Error> {
    let mut builder = MicrosoftAzureBuilder::from_env().with_url(url);
    for (name, value) in properties {
        let key = name.parse().map_err(|_| unknown(name))?;
        builder = builder.with_config(key, value);
    }
    beneath(path, builder.with_retry(retry()).build())
}

fn google(url: &str, path: &str, properties: &Properties) -> Result<Arc<dyn ObjectStore>, Error> {
    let mut builder = GoogleCloudStorageBuilder::from_env().with_url(url);
    for (name, value) in properties {
        let key = name.parse().map_err(|_| unknown(name))?;
        builder = builder.with_config(key, value);
    }
    beneath(path, builder.with_retry(retry()).build())
}

type Properties = BTreeMap<String, String>;

/// The store from the folder on that follows the bucket's name.
fn beneath<S: ObjectStore>(
    path: &str,
    built: object_store::Result<S>,
) -> Result<Arc<dyn ObjectStore>, Error> {
    let store = built.map_err(|error| Error::Address(error.to_string()))?;
    let folder = path.split_once('/').map_or("", |(_, folder)| folder);
    let folder = Path::parse(folder).map_err(|error| Error::Address(error.to_string()))?;
    Ok(Arc::new(PrefixStore::new(store, folder)))
}

fn unknown(name: &str) -> Error {
    Error::Property(name.to_owned())
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: RETRIES,
        retry_timeout: RETRY_LIMIT,
        ..RetryConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Created, Objects, Path};
    use object_store::memory::InMemory;
    use std::sync::Arc;

    #[test]
    fn an_object_is_replaced_only_by_whoever_read_the_last_one() {
        let objects = Objects::over(Arc::new(InMemory::new()));
        let path = Path::from("object");
        assert_eq!(
            objects.create(&path, b"1".into()).expect("written"),
            Created::Now
        );
        let read = || {
            objects
                .get_with_version(&path)
                .expect("read")
                .expect("there")
        };
        let (_, first) = read();
        let replace = |bytes: &[u8]| {
            let replaced = objects.replace(&path, bytes.into(), first.clone());
            replaced.expect("answered")
        };
        assert_eq!(replace(b"2"), Created::Now);
        assert_eq!(replace(b"3"), Created::Before);
        assert_eq!(*read().0, *b"2");
    }
}
