//! What a connection speaks over: a TCP socket or, in tests, a pipe in memory.
//!
//! Both are the same to everything above. Without the feature `testkit` there is only TCP and nothing to choose.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

#[cfg(feature = "testkit")]
use super::memory;

/// An accepted socket, both ways.
#[derive(Debug)]
pub(crate) enum Socket {
    /// From a listener.
    Tcp(TcpStream),
    /// From a test.
    #[cfg(feature = "testkit")]
    Memory(memory::Stream),
}

/// Its reading half.
#[derive(Debug)]
pub(crate) enum ReadHalf {
    /// Of a socket from a listener.
    Tcp(OwnedReadHalf),
    /// Of one from a test.
    #[cfg(feature = "testkit")]
    Memory(memory::Receiver),
}

/// Its writing half. Dropping it says that nothing comes any more.
#[derive(Debug)]
pub(crate) enum WriteHalf {
    /// Of a socket from a listener.
    Tcp(OwnedWriteHalf),
    /// Of one from a test.
    #[cfg(feature = "testkit")]
    Memory(memory::Sender),
}

impl Socket {
    /// Sends small writes at once.
    pub fn set_nodelay(&self) -> io::Result<()> {
        match self {
            Self::Tcp(socket) => socket.set_nodelay(true),
            #[cfg(feature = "testkit")]
            Self::Memory(_) => Ok(()),
        }
    }

    /// Takes it apart.
    pub fn into_split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(socket) => {
                let (read, write) = socket.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            #[cfg(feature = "testkit")]
            Self::Memory(memory::Stream { receiver, sender }) => {
                (ReadHalf::Memory(receiver), WriteHalf::Memory(sender))
            }
        }
    }
}

impl ReadHalf {
    /// Reads what there is; nothing at all is the end.
    pub fn poll_read(&mut self, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_read(task, buffer),
            #[cfg(feature = "testkit")]
            Self::Memory(receiver) => receiver.poll_read(task, buffer),
        }
    }
}

impl WriteHalf {
    /// Writes as much as there is room for, or says `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.try_write(bytes),
            #[cfg(feature = "testkit")]
            Self::Memory(sender) => sender.try_write(bytes),
        }
    }

    /// Ready when there may be room.
    pub fn poll_write_ready(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => socket.as_ref().poll_write_ready(task),
            #[cfg(feature = "testkit")]
            Self::Memory(sender) => sender.poll_write_ready(task).map(Ok),
        }
    }

    /// Says that nothing comes any more.
    pub fn poll_shutdown(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_shutdown(task),
            #[cfg(feature = "testkit")]
            Self::Memory(sender) => {
                sender.shutdown();
                Poll::Ready(Ok(()))
            }
        }
    }
}

/// For HTTP, before the upgrade.
impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_read(task, buffer),
            #[cfg(feature = "testkit")]
            Self::Memory(socket) => socket.receiver.poll_read(task, buffer),
        }
    }
}

/// For HTTP, before the upgrade.
impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_write(task, bytes),
            #[cfg(feature = "testkit")]
            Self::Memory(socket) => socket.sender.poll_write(task, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_write_vectored(task, slices),
            #[cfg(feature = "testkit")]
            Self::Memory(socket) => {
                let first = slices.iter().find(|slice| !slice.is_empty());
                socket.sender.poll_write(task, first.map_or(&[], |slice| slice))
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(socket) => socket.is_write_vectored(),
            #[cfg(feature = "testkit")]
            Self::Memory(_) => false,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_flush(task),
            #[cfg(feature = "testkit")]
            Self::Memory(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_shutdown(task),
            #[cfg(feature = "testkit")]
            Self::Memory(socket) => {
                socket.sender.shutdown();
                Poll::Ready(Ok(()))
            }
        }
    }
}
