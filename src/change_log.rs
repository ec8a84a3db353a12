//! What was done to the desk: one JSON object a line, appended.

use std::path::PathBuf;

use serde_json::json;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;

use crate::routes::UserId;

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
    pub async fn append(&self, at: switchboard::Timestamp, by: Option<UserId>, message: &str) -> std::io::Result<()> {
        let line =
            format!("{}\n", json!({ "at": at.to_string(), "by": by.map(|id| id.to_string()), "message": message }));
        let _writing = self.writing.lock().await;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).await?;
        file.write_all(line.as_bytes()).await?;
        file.flush().await
    }
}
