//! What was done to the desk: one JSON object a line, appended.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use serde_json::{Value, json};
use switchboard::Timestamp;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::sync::Mutex;

use crate::routes::UserId;
use crate::routes::log::Change;

/// A file that only grows. It is opened for each line, so that it may be moved away at any time.
pub struct ChangeLog {
    path: PathBuf,
    /// Held while a line is written: two lines never mix.
    writing: Mutex<()>,
}

impl ChangeLog {
    /// The log at this path; nothing is touched before the first line.
    pub fn new(path: PathBuf) -> Self {
        Self { path, writing: Mutex::new(()) }
    }

    /// Writes one line: when, who, which message.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn append(&self, at: Timestamp, by: Option<UserId>, message: &str) -> io::Result<()> {
        let line =
            format!("{}\n", json!({ "at": at.to_string(), "by": by.map(|id| id.to_string()), "message": message }));
        let _writing = self.writing.lock().await;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).await?;
        file.write_all(line.as_bytes()).await?;
        file.flush().await
    }

    /// The changes so far, one after the other; none when nothing was ever changed.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn read(&self) -> io::Result<Changes> {
        match File::open(&self.path).await {
            Ok(file) => Ok(Changes { lines: Some(BufReader::new(file).lines()) }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Changes { lines: None }),
            Err(error) => Err(error),
        }
    }
}

/// Changes as they are read from the file.
pub struct Changes {
    lines: Option<Lines<BufReader<File>>>,
}

impl Changes {
    /// The next one. Lines that somebody else has put into the file are passed over.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn next(&mut self) -> io::Result<Option<Change>> {
        let Some(lines) = &mut self.lines else { return Ok(None) };
        while let Some(line) = lines.next_line().await? {
            if let Some(change) = parse(&line) {
                return Ok(Some(change));
            }
        }
        Ok(None)
    }
}

fn parse(line: &str) -> Option<Change> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let by = text("by").map(str::parse).transpose().ok()?;
    Some(Change { at: text("at")?.parse().ok()?, by, message: text("message")?.to_owned() })
}
