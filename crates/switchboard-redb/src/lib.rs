//! Histories and mailboxes on disk: a [`Store`] in one file.
//!
//! ```ignore
//! serve(app).store(RedbStore::open("data/history.redb")?)
//! ```
//!
//! Every commit is on the disk when it returns. A file whose process was killed is repaired when it is opened, which
//! takes time in proportion to its size. When a commit fails, the file is opened anew before the next one, so that a
//! disk that was full for a while is no reason to restart. Deliberately absent: what is kept and for how long, which
//! the server decides; threads; caches, but for redb's own.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{Builder, Database, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};
use switchboard_core::log::{Epoch, Kept};
use switchboard_core::store::{Change, Era, Listed, Store, StoreError, StoredLog};

/// A log's key to its row.
const LOGS: TableDefinition<&str, Numbers> = TableDefinition::new("logs");
/// Number of a log and offset to the time and the event.
const EVENTS: TableDefinition<(u64, u64), (u64, &[u8])> = TableDefinition::new("events");
/// Single numbers by name.
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");

const ERA: &str = "era";
const LOSSY: &str = "lossy";
const LAST_NUMBER: &str = "last log";
const FORM: &str = "form";

/// How this version lays out the file.
const THIS_FORM: u64 = 1;
/// What redb may hold of the file in memory; the server has the logs in use in memory anyway.
const CACHE_BYTES: usize = 16 * 1_024 * 1_024;

type Numbers = (u64, u64, u64, u64, u64, u64, u64);

/// What is known of a log beside its events.
#[derive(Clone, Copy)]
struct Row {
    /// In the keys of its events.
    number: u64,
    epoch: u64,
    head: u64,
    seen: u64,
    bytes: u64,
    time: u64,
    until: u64,
}

impl From<Numbers> for Row {
    fn from((number, epoch, head, seen, bytes, time, until): Numbers) -> Self {
        Self { number, epoch, head, seen, bytes, time, until }
    }
}

impl From<Row> for Numbers {
    fn from(row: Row) -> Self {
        (row.number, row.epoch, row.head, row.seen, row.bytes, row.time, row.until)
    }
}

/// Logs in a file.
#[derive(Debug)]
pub struct RedbStore {
    path: PathBuf,
    /// `None` when it is to be opened anew.
    database: Option<Database>,
}

impl RedbStore {
    /// Opens a file, or makes it; its folder must be there.
    ///
    /// # Errors
    /// It cannot be read or written, is no such file, or another process has it open.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let database = Some(open(&path)?);
        Ok(Self { path, database })
    }

    fn database(&mut self) -> Result<&Database, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => open(&self.path)?,
        };
        Ok(self.database.insert(database))
    }

    /// After a failure nothing can be known of what redb holds in memory.
    fn checked<R>(&mut self, result: Result<R, StoreError>) -> Result<R, StoreError> {
        if result.is_err() {
            self.database = None;
        }
        result
    }
}

impl Store for RedbStore {
    fn era(&mut self) -> Result<Option<Era>, StoreError> {
        let read = self.database()?.begin_read()?;
        let numbers = read.open_table(NUMBERS)?;
        let Some(epoch) = numbers.get(ERA)? else { return Ok(None) };
        let lossy = numbers.get(LOSSY)?.is_some_and(|lossy| lossy.value() != 0);
        Ok(Some(Era { epoch: Epoch(epoch.value()), lossy }))
    }

    fn load(&mut self, key: &str) -> Result<Option<StoredLog>, StoreError> {
        let read = self.database()?.begin_read()?;
        let Some(row) = read.open_table(LOGS)?.get(key)? else { return Ok(None) };
        let Row { number, epoch, head, seen, .. } = row.value().into();
        let mut kept = Vec::new();
        for event in read.open_table(EVENTS)?.range((number, 0)..=(number, head))? {
            let (_, event) = event?;
            let (time, bytes) = event.value();
            kept.push(Kept { time, bytes: Bytes::copy_from_slice(bytes) });
        }
        Ok(Some(StoredLog { epoch: Epoch(epoch), head, seen, kept }))
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        let write = self.database()?.begin_write()?;
        let result = Batch::make(&write, changes).and_then(|()| Ok(write.commit()?));
        self.checked(result)
    }

    fn list(&mut self, after: Option<&str>, count: usize) -> Result<Vec<Listed>, StoreError> {
        let read = self.database()?.begin_read()?;
        let logs = read.open_table(LOGS)?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut listed = Vec::new();
        for row in logs.range::<&str>((from, Bound::Unbounded))?.take(count) {
            let (key, row) = row?;
            let Row { head, seen, bytes, time, until, .. } = row.value().into();
            listed.push(Listed { key: key.value().to_owned(), bytes, time, until, unseen: seen < head });
        }
        Ok(listed)
    }
}

fn open(path: &Path) -> Result<Database, StoreError> {
    let database = Builder::new().set_cache_size(CACHE_BYTES).create(path)?;
    let write = database.begin_write()?;
    write.open_table(LOGS)?;
    write.open_table(EVENTS)?;
    {
        let mut numbers = write.open_table(NUMBERS)?;
        let form = numbers.get(FORM)?.map(|form| form.value());
        match form {
            None => drop(numbers.insert(FORM, THIS_FORM)?),
            Some(THIS_FORM) => {}
            Some(form) => return Err(format!("{} has the unknown form {form}", path.display()).into()),
        }
    }
    write.commit()?;
    Ok(database)
}

/// The tables of one commit. Rows are written once, when all changes have been made.
struct Batch<'w, 'k> {
    logs: Table<'w, &'static str, Numbers>,
    events: Table<'w, (u64, u64), (u64, &'static [u8])>,
    numbers: Table<'w, &'static str, u64>,
    /// Rows that are new; `None` where there is none.
    rows: HashMap<&'k str, Option<Row>>,
}

impl<'w, 'k> Batch<'w, 'k> {
    fn make(write: &'w WriteTransaction, changes: &[Change<'k>]) -> Result<(), StoreError> {
        let (logs, events) = (write.open_table(LOGS)?, write.open_table(EVENTS)?);
        let mut batch = Self { logs, events, numbers: write.open_table(NUMBERS)?, rows: HashMap::new() };
        for change in changes {
            batch.change(change)?;
        }
        batch.finish()
    }

    fn change(&mut self, change: &Change<'k>) -> Result<(), StoreError> {
        match *change {
            Change::Append { key, epoch, offset, kept, until } => self.append(key, epoch, offset, kept, until),
            Change::Trim { key, floor } => {
                let row = self.row(key)?.copied();
                row.map_or(Ok(()), |row| self.remove(key, row.number, 0, floor.min(row.head)))
            }
            Change::Seen { key, offset } => {
                if let Some(row) = self.row(key)? {
                    row.seen = row.seen.max(offset.min(row.head));
                }
                Ok(())
            }
            Change::Forget { key } => self.forget(key),
            Change::Era(era) => {
                self.numbers.insert(ERA, era.epoch.0)?;
                self.numbers.insert(LOSSY, u64::from(era.lossy))?;
                Ok(())
            }
        }
    }

    fn append(&mut self, key: &'k str, epoch: Epoch, offset: u64, kept: &Kept, until: u64) -> Result<(), StoreError> {
        match self.row(key)?.copied() {
            Some(row) if row.epoch != epoch.0 => self.forget(key)?,
            // Left by a commit that failed, and yet was done.
            Some(row) if row.head >= offset => self.remove(key, row.number, offset, row.head)?,
            _ => {}
        }
        let row = match self.row(key)?.copied() {
            Some(row) => row,
            None => Row { number: self.next_number()?, epoch: epoch.0, head: 0, seen: 0, bytes: 0, time: 0, until: 0 },
        };
        self.events.insert((row.number, offset), (kept.time, &*kept.bytes))?;
        let bytes = row.bytes + kept.bytes.len() as u64;
        self.rows.insert(key, Some(Row { head: offset, bytes, time: kept.time, until, ..row }));
        Ok(())
    }

    fn forget(&mut self, key: &'k str) -> Result<(), StoreError> {
        if let Some(row) = self.row(key)?.copied() {
            self.remove(key, row.number, 0, u64::MAX)?;
            self.rows.insert(key, None);
        }
        Ok(())
    }

    /// Removes events, from the first to the last of these offsets.
    fn remove(&mut self, key: &'k str, number: u64, first: u64, last: u64) -> Result<(), StoreError> {
        let mut freed = 0;
        for event in self.events.extract_from_if((number, first)..=(number, last), |_, _| true)? {
            freed += event?.1.value().1.len() as u64;
        }
        if let Some(row) = self.row(key)? {
            row.bytes = row.bytes.saturating_sub(freed);
        }
        Ok(())
    }

    fn row(&mut self, key: &'k str) -> Result<Option<&mut Row>, StoreError> {
        if !self.rows.contains_key(key) {
            let row = self.logs.get(key)?.map(|row| row.value().into());
            self.rows.insert(key, row);
        }
        Ok(self.rows.get_mut(key).and_then(Option::as_mut))
    }

    fn next_number(&mut self) -> Result<u64, StoreError> {
        let number = self.numbers.get(LAST_NUMBER)?.map_or(0, |last| last.value()) + 1;
        self.numbers.insert(LAST_NUMBER, number)?;
        Ok(number)
    }

    fn finish(mut self) -> Result<(), StoreError> {
        for (key, row) in self.rows {
            match row {
                Some(row) => drop(self.logs.insert(key, Numbers::from(row))?),
                None => drop(self.logs.remove(key)?),
            }
        }
        Ok(())
    }
}
