//! Writing a checkpoint: part files as the rows come, the manifest last.

use super::marking::{self, Label};
use super::{Error, Folder, Store, random_id};
use crate::partition::Mark;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use clockstop_pipeline::Reference;
use clockstop_schemas::checkpoint::{FileEntry, FileKind, TextRows, pathway_schema, text_schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

/// A checkpoint while it is written. What it wrote is nothing until [`Writer::finish`].
#[derive(Debug)]
pub(crate) struct Writer {
    store: Store,
    folder: Folder,
    mark: Mark,
    pathways: Part,
    files: Vec<FileEntry>,
}

/// A checkpoint that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its folder beneath the partition's.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// How many pathways are in it.
    pub(crate) rows: u64,
}

/// The name of a manifest in its folder.
pub(super) const MANIFEST: &str = "manifest.json";

/// How many rows a file has at most: one file at a time is held in memory on both ways.
pub(super) const PART_ROWS: usize = 131_072;

/// Texts are few and short.
const TEXT_BATCH: usize = 8_192;

impl Store {
    /// Begins the checkpoint of a mark. The pathways may know more than the mark, never less.
    pub(crate) fn writer(&self, partition: i32, mark: Mark) -> Result<Writer, Error> {
        let offsets = mark.progress.offsets.into_iter();
        let sum = offsets.fold(0, i64::saturating_add);
        let name = format!("{sum:020}-{}", random_id()?);
        Ok(self.writer_to(Folder::of(partition, &name), mark))
    }

    /// Begins to write into a folder that nobody else writes into.
    pub(super) fn writer_to(&self, folder: Folder, mark: Mark) -> Writer {
        Writer {
            store: self.clone(),
            folder,
            mark,
            pathways: Part::new(FileKind::Pathways),
            files: Vec::new(),
        }
    }
}

impl Writer {
    /// Adds rows that `PathwayRows` made; writes a file whenever there are enough of them.
    pub(crate) fn add(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        for part in self.pathways.add(rows)? {
            self.put(&part)?;
        }
        Ok(())
    }

    /// Writes the rest and, last, the manifest. The texts are those of the engine after the last sweep.
    pub(crate) fn finish<'t>(
        mut self,
        texts: impl Iterator<Item = &'t str>,
        reference: &Reference,
        software: &str,
    ) -> Result<Written, Error> {
        if let Some(part) = self.pathways.finish()? {
            self.put(&part)?;
        }
        self.put_texts(texts)?;
        let label = Label {
            partition: self.folder.partition,
            reference,
            software,
            written_at: jiff::Timestamp::now().as_millisecond(),
        };
        let manifest = marking::manifest(self.mark, &label, self.files);
        let json = manifest.to_json();
        let files = manifest.files.iter().map(|file| file.bytes);
        let bytes = files.sum::<u64>() + length(&json);
        let path = self.folder.path.join(MANIFEST);
        self.store.0.objects.put(&path, json)?;
        Ok(Written {
            name: self.folder.name,
            bytes,
            rows: manifest.pathways,
        })
    }

    fn put_texts<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> Result<(), Error> {
        let mut part = Part::new(FileKind::Texts);
        let mut rows = TextRows::default();
        let mut pending = 0;
        for text in texts {
            rows.add(text);
            pending += 1;
            if pending == TEXT_BATCH {
                pending = 0;
                self.put_batch(&mut part, &mut rows)?;
            }
        }
        if pending > 0 {
            self.put_batch(&mut part, &mut rows)?;
        }
        match part.finish()? {
            Some(encoded) => self.put(&encoded),
            None => Ok(()),
        }
    }

    fn put_batch(&mut self, part: &mut Part, rows: &mut TextRows) -> Result<(), Error> {
        let batch = rows.finish().map_err(|error| Error::encoding(&error))?;
        for encoded in part.add(&batch)? {
            self.put(&encoded)?;
        }
        Ok(())
    }

    fn put(&mut self, encoded: &Encoded) -> Result<(), Error> {
        let number = self.files.len();
        let name = match encoded.kind {
            FileKind::Pathways => format!("pathways-{number:05}.parquet"),
            FileKind::Texts => format!("texts-{number:05}.parquet"),
        };
        self.files.push(FileEntry {
            name: name.clone(),
            kind: encoded.kind,
            rows: u64::try_from(encoded.rows).unwrap_or(u64::MAX),
            bytes: length(&encoded.bytes),
            blake3: blake3::hash(&encoded.bytes).to_hex().to_string(),
        });
        let path = self.folder.path.clone().join(name);
        Ok(self.store.0.objects.put(&path, encoded.bytes.clone())?)
    }
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A whole file.
#[derive(Debug)]
struct Encoded {
    kind: FileKind,
    bytes: Vec<u8>,
    rows: usize,
}

/// The file that rows are being added to.
#[derive(Debug)]
struct Part {
    kind: FileKind,
    open: Option<ArrowWriter<Vec<u8>>>,
    rows: usize,
}

impl Part {
    fn new(kind: FileKind) -> Self {
        Self {
            kind,
            open: None,
            rows: 0,
        }
    }

    /// Adds rows; gives back the files that are full.
    fn add(&mut self, rows: &RecordBatch) -> Result<Vec<Encoded>, Error> {
        let mut full = Vec::new();
        let mut from = 0;
        while from < rows.num_rows() {
            let count = (rows.num_rows() - from).min(PART_ROWS - self.rows);
            self.write(&rows.slice(from, count))?;
            from += count;
            if self.rows == PART_ROWS {
                full.extend(self.finish()?);
            }
        }
        Ok(full)
    }

    fn write(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        let writer = match &mut self.open {
            Some(writer) => writer,
            none => none.insert(open(schema(self.kind))?),
        };
        writer
            .write(rows)
            .map_err(|error| Error::encoding(&error))?;
        self.rows += rows.num_rows();
        Ok(())
    }

    /// The file, where rows were added since the last one.
    fn finish(&mut self) -> Result<Option<Encoded>, Error> {
        let Some(writer) = self.open.take() else {
            return Ok(None);
        };
        let bytes = writer
            .into_inner()
            .map_err(|error| Error::encoding(&error))?;
        let rows = std::mem::take(&mut self.rows);
        let kind = self.kind;
        Ok(Some(Encoded { kind, bytes, rows }))
    }
}

fn schema(kind: FileKind) -> SchemaRef {
    match kind {
        FileKind::Pathways => pathway_schema(),
        FileKind::Texts => text_schema(),
    }
}

/// Every row differs and is read whole: dictionaries and statistics would cost time and help nobody. Reading back is what
/// a restart waits for, and LZ4 is quicker at it than Snappy.
fn open(schema: SchemaRef) -> Result<ArrowWriter<Vec<u8>>, Error> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    ArrowWriter::try_new(Vec::new(), schema, Some(properties))
        .map_err(|error| Error::encoding(&error))
}
