//! Closed days: what every partition knew when a day ended, in the form of a checkpoint, from which the tables of that
//! day are made (design 7).
//!
//! A close is a folder `closes/<day>/<partition>/<uuid>/`. It says the same whoever wrote it, so that of several any
//! whole one will do.

use super::reading::Stored;
use super::{Error, Folder, Store, random_id};
use crate::partition::Mark;
use arrow::array::RecordBatch;
use clockstop_pipeline::{Day, Reference};
use clockstop_schemas::parse_day;
use object_store::path::Path;

const CLOSES: &str = "closes";

/// What a partition knew at the close of a day.
#[derive(Debug)]
pub(crate) struct Close {
    pub(crate) day: Day,
    pub(crate) mark: Mark,
    /// As `PathwayRows` made them.
    pub(crate) rows: Vec<RecordBatch>,
    pub(crate) texts: Vec<String>,
}

impl Close {
    /// Nothing of it is copied yet.
    pub(crate) const fn new(day: Day, mark: Mark) -> Self {
        Self {
            day,
            mark,
            rows: Vec::new(),
            texts: Vec::new(),
        }
    }
}

impl Store {
    /// Keeps a closed day.
    pub(crate) fn put_close(
        &self,
        partition: i32,
        close: &Close,
        reference: &Reference,
        software: &str,
    ) -> Result<(), Error> {
        let name = random_id()?;
        let folder = Folder {
            partition,
            path: of_partition(close.day, partition).join(name.as_str()),
            name,
        };
        let mut writer = self.writer_to(folder, close.mark.clone());
        for rows in &close.rows {
            writer.add(rows)?;
        }
        let texts = close.texts.iter().map(String::as_str);
        writer.finish(texts, reference, software)?;
        Ok(())
    }

    /// The close of a day that a partition finished, where there is one.
    pub(crate) fn close_of(&self, day: Day, partition: i32) -> Result<Option<Stored>, Error> {
        self.check_id()?;
        let path = of_partition(day, partition);
        let names = self.0.objects.folders(&path)?.into_iter();
        self.first_stored(names.map(|name| Folder {
            partition,
            path: path.clone().join(name.as_str()),
            name,
        }))
    }

    /// The days of which anything is there, in order.
    pub(crate) fn closed_days(&self) -> Result<Vec<Day>, Error> {
        self.check_id()?;
        let names = self.0.objects.folders(&Path::from(CLOSES))?;
        let mut days: Vec<Day> = names
            .iter()
            .filter_map(|name| parse_day(name.as_bytes()))
            .collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Removes what was closed before a day.
    pub(crate) fn prune_closes(&self, before: Day) -> Result<(), Error> {
        let days = self.closed_days()?;
        for day in days.into_iter().filter(|&day| day < before) {
            let of_day = of_day(day);
            for partition in self.0.objects.folders(&of_day)? {
                let of_partition = of_day.clone().join(partition);
                for name in self.0.objects.folders(&of_partition)? {
                    self.remove_folder(&of_partition.clone().join(name))?;
                }
                self.0.objects.delete_folder(&of_partition)?;
            }
            self.0.objects.delete_folder(&of_day)?;
        }
        Ok(())
    }
}

fn of_day(day: Day) -> Path {
    Path::from(format!("{CLOSES}/{day}"))
}

fn of_partition(day: Day, partition: i32) -> Path {
    of_day(day).join(partition.to_string())
}
