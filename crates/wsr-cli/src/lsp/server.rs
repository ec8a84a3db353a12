//! The conversation: handshake, queue, cancellation, shutdown.

use std::collections::VecDeque;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidChangeWorkspaceFolders, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics,
};
use lsp_types::request::{RegisterCapability, Request as _};
use lsp_types::{
    CancelParams, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, InitializeParams,
    InitializeResult, NumberOrString, Registration, RegistrationParams, ServerInfo,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Client;
use super::paths::path_of;
use super::requests::{self, Refusal};
use super::session::Session;
use super::{convert, reports};

/// What ends a conversation that went wrong.
pub type Broken = Box<dyn Error + Send + Sync>;

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The editor asked for the shutdown, then for the exit.
    Asked,
    /// It went away without asking.
    Unasked,
}

/// Serves an editor over standard input and output.
pub fn serve() -> Result<End, Broken> {
    let (connection, threads) = Connection::stdio();
    let end = match greet(&connection) {
        Ok(params) => Server::new(connection, &params).run(),
        // Nobody there, or somebody who says goodbye first.
        Err(_) => return Ok(End::Unasked),
    };
    threads.join()?;
    end
}

/// The handshake.
fn greet(connection: &Connection) -> Result<InitializeParams, Broken> {
    let (id, params) = connection.initialize_start()?;
    // A client with one odd field is still served.
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let result = InitializeResult {
        capabilities: convert::capabilities(Client::of(&params)),
        server_info: Some(ServerInfo { name: "wsr".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
    };
    connection.initialize_finish(id, serde_json::to_value(result)?)?;
    Ok(params)
}

struct Server {
    connection: Connection,
    session: Session,
    queue: VecDeque<Message>,
    shut_down: bool,
}

impl Server {
    #[expect(deprecated, reason = "older editors send the root alone")]
    fn new(connection: Connection, params: &InitializeParams) -> Self {
        let folders = params.workspace_folders.iter().flatten().map(|folder| path_of(&folder.uri));
        let mut folders: Vec<_> = folders.collect();
        if folders.is_empty() {
            folders.extend(params.root_uri.as_ref().map(path_of));
        }
        let session = Session::new(Client::of(params), folders);
        Self { connection, session, queue: VecDeque::new(), shut_down: false }
    }

    fn run(mut self) -> Result<End, Broken> {
        let incoming = self.listen();
        self.watch_files()?;
        self.tell()?;
        loop {
            if self.queue.is_empty() {
                let Ok(message) = incoming.recv() else { return Ok(End::Unasked) };
                self.queue.push_back(message);
            }
            self.queue.extend(incoming.try_iter());
            self.drop_cancelled()?;
            let Some(message) = self.queue.pop_front() else { continue };
            match message {
                Message::Notification(notification) if notification.method == "exit" => {
                    return Ok(if self.shut_down { End::Asked } else { End::Unasked });
                }
                Message::Notification(notification) => self.notified(notification),
                Message::Request(request) => self.answer(request)?,
                Message::Response(_) => {}
            }
            if self.queue.is_empty() {
                self.tell()?;
            }
        }
    }

    /// Messages without a bound on how many wait: only so it is seen what makes others needless.
    fn listen(&self) -> Receiver<Message> {
        let (sender, receiver) = mpsc::channel();
        let incoming = self.connection.receiver.clone();
        thread::spawn(move || incoming.into_iter().try_for_each(|message| sender.send(message)));
        receiver
    }

    fn send(&self, message: impl Into<Message>) -> Result<(), Broken> {
        self.connection.sender.send(message.into())?;
        Ok(())
    }

    /// Answers requests that were taken back before their turn.
    fn drop_cancelled(&mut self) -> Result<(), Broken> {
        let cancelled: Vec<RequestId> = self.queue.iter().filter_map(cancels).collect();
        if cancelled.is_empty() {
            return Ok(());
        }
        let (dropped, kept) = std::mem::take(&mut self.queue).into_iter().partition(|message| match message {
            Message::Request(request) => cancelled.contains(&request.id),
            message => cancels(message).is_some(),
        });
        self.queue = kept;
        let dropped: VecDeque<Message> = dropped;
        for message in dropped {
            if let Message::Request(request) = message {
                self.refuse(request.id, ErrorCode::RequestCanceled, "cancelled".to_owned())?;
            }
        }
        Ok(())
    }

    fn refuse(&self, id: RequestId, code: ErrorCode, message: String) -> Result<(), Broken> {
        self.send(Response::new_err(id, code as i32, message))
    }

    /// Tells the editor what has changed, once nothing waits that could change it again.
    fn tell(&mut self) -> Result<(), Broken> {
        if !self.session.is_stale() {
            return Ok(());
        }
        let news = catch_unwind(AssertUnwindSafe(|| {
            self.session.refresh();
            reports::news(&mut self.session)
        }));
        for params in news.unwrap_or_default() {
            self.send(Notification::new(PublishDiagnostics::METHOD.to_owned(), params))?;
        }
        Ok(())
    }

    /// Asks the editor to say when `.wsr` files change on the disk.
    fn watch_files(&self) -> Result<(), Broken> {
        if !self.session.client.watches {
            return Ok(());
        }
        let watcher = FileSystemWatcher { glob_pattern: GlobPattern::String("**/*.wsr".to_owned()), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
        let registration = Registration {
            id: "wsr-files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: Some(serde_json::to_value(options)?),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        self.send(Request::new("wsr-files".to_owned().into(), RegisterCapability::METHOD.to_owned(), params))
    }

    fn answer(&mut self, request: Request) -> Result<(), Broken> {
        if self.shut_down {
            return self.refuse(request.id, ErrorCode::InvalidRequest, "the server is shutting down".to_owned());
        }
        if request.method == "shutdown" {
            self.shut_down = true;
            return self.send(Response::new_ok(request.id, Value::Null));
        }
        self.tell()?;
        let id = request.id.clone();
        // What goes wrong with one request must not take the editor's session with it.
        let answer = catch_unwind(AssertUnwindSafe(|| requests::answer(&self.session, request)));
        let refusal = match answer {
            Ok(Ok(value)) => return self.send(Response::new_ok(id, value)),
            Ok(Err(refusal)) => refusal,
            Err(_) => {
                Refusal { code: ErrorCode::InternalError, message: "the request could not be handled".to_owned() }
            }
        };
        self.refuse(id, refusal.code, refusal.message)
    }

    fn notified(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(params) = params::<DidOpenTextDocument>(notification) {
                    let document = params.text_document;
                    self.session.open(document.uri, document.version, document.text);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Some(params) = params::<DidChangeTextDocument>(notification) {
                    let document = params.text_document;
                    self.session.edit(&document.uri, document.version, params.content_changes);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Some(params) = params::<DidCloseTextDocument>(notification) {
                    self.session.close(&params.text_document.uri);
                }
            }
            DidSaveTextDocument::METHOD => {
                if let Some(params) = params::<DidSaveTextDocument>(notification) {
                    self.session.touch(&path_of(&params.text_document.uri));
                }
            }
            DidChangeWatchedFiles::METHOD => {
                let changes = params::<DidChangeWatchedFiles>(notification).map(|params| params.changes);
                for change in changes.unwrap_or_default() {
                    self.session.touch(&path_of(&change.uri));
                }
            }
            DidChangeWorkspaceFolders::METHOD => {
                if let Some(params) = params::<DidChangeWorkspaceFolders>(notification) {
                    let paths = |folders: Vec<lsp_types::WorkspaceFolder>| {
                        folders.iter().map(|folder| path_of(&folder.uri)).collect::<Vec<_>>()
                    };
                    self.session.refold(paths(params.event.added), &paths(params.event.removed));
                }
            }
            // `initialized`, and what this server has no use for.
            _ => {}
        }
    }
}

/// The request that a message takes back.
fn cancels(message: &Message) -> Option<RequestId> {
    let Message::Notification(notification) = message else { return None };
    if notification.method != "$/cancelRequest" {
        return None;
    }
    let params: CancelParams = serde_json::from_value(notification.params.clone()).ok()?;
    Some(match params.id {
        NumberOrString::Number(id) => id.into(),
        NumberOrString::String(id) => id.into(),
    })
}

/// What a notification carries; `None` when it is not what the protocol says.
fn params<N>(notification: Notification) -> Option<N::Params>
where
    N: lsp_types::notification::Notification,
    N::Params: DeserializeOwned + Serialize,
{
    serde_json::from_value(notification.params).ok()
}
