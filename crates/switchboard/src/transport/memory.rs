//! Pipes in memory that behave as sockets do: a bounded buffer each way, an end that can be half closed, reset, or
//! simply never read.
//!
//! What one end writes the other reads, byte for byte, as much at once as there is and no more than there is room for.
//! Nothing here has tasks, time or chance, so what happens depends on the order of calls alone.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::io::ReadBuf;
use tokio::task::coop::poll_proceed;

/// One end, both ways.
#[derive(Debug)]
pub(crate) struct Stream {
    /// What the other end sends.
    pub receiver: Receiver,
    /// What the other end receives.
    pub sender: Sender,
}

/// Two ends. Each way holds at most so many bytes that have not been read.
pub(crate) fn pair(there: usize, back: usize) -> (Stream, Stream) {
    let (here_sends, there_receives) = pipe(there);
    let (there_sends, here_receives) = pipe(back);
    (Stream { receiver: here_receives, sender: here_sends }, Stream { receiver: there_receives, sender: there_sends })
}

fn pipe(capacity: usize) -> (Sender, Receiver) {
    let pipe = Arc::new(Mutex::new(Pipe { capacity: capacity.max(1), ..Pipe::default() }));
    (Sender(Arc::clone(&pipe)), Receiver(pipe))
}

/// The reading end of one way.
#[derive(Debug)]
pub(crate) struct Receiver(Arc<Mutex<Pipe>>);

/// The writing end of one way.
#[derive(Debug)]
pub(crate) struct Sender(Arc<Mutex<Pipe>>);

#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    capacity: usize,
    /// Nothing comes any more.
    ended: bool,
    /// Nobody reads any more.
    deserted: bool,
    /// What was on its way is lost.
    reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Receiver {
    /// Reads what there is; nothing at all is the end.
    pub fn poll_read(&self, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // As sockets do: a task that always finds something must give way to others now and then.
        let turn = std::task::ready!(poll_proceed(task));
        let mut pipe = self.0.lock();
        if pipe.reset {
            turn.made_progress();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if pipe.bytes.is_empty() && !pipe.ended {
            pipe.reader = Some(task.waker().clone());
            return Poll::Pending;
        }
        turn.made_progress();
        let count = buffer.remaining().min(pipe.bytes.len());
        let (front, back) = pipe.bytes.as_slices();
        let first = count.min(front.len());
        buffer.put_slice(&front[..first]);
        buffer.put_slice(&back[..count - first]);
        pipe.bytes.drain(..count);
        wake(&mut pipe.writer);
        Poll::Ready(Ok(()))
    }

    /// How many bytes wait.
    pub fn waiting(&self) -> usize {
        self.0.lock().bytes.len()
    }
}

impl Sender {
    /// Writes as much as there is room for, or says `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.0.lock();
        if pipe.deserted || pipe.ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(pipe.capacity.saturating_sub(pipe.bytes.len()));
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.bytes.extend(&bytes[..count]);
        wake(&mut pipe.reader);
        Ok(count)
    }

    /// Ready when a write would say something else than `WouldBlock`.
    pub fn poll_write_ready(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut pipe = self.0.lock();
        if pipe.deserted || pipe.ended || pipe.bytes.len() < pipe.capacity {
            return Poll::Ready(());
        }
        pipe.writer = Some(task.waker().clone());
        Poll::Pending
    }

    /// Writes as much as there is room for, once there is some.
    pub fn poll_write(&self, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::task::ready!(self.poll_write_ready(task));
                }
                done => return Poll::Ready(done),
            }
        }
    }

    /// Says that nothing comes any more.
    pub fn shutdown(&self) {
        let mut pipe = self.0.lock();
        pipe.ended = true;
        wake(&mut pipe.reader);
    }

    /// Takes back what has not been read, and is an error to who reads.
    pub fn reset(&self) {
        let mut pipe = self.0.lock();
        pipe.reset = true;
        pipe.bytes.clear();
        wake(&mut pipe.reader);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut pipe = self.0.lock();
        pipe.deserted = true;
        pipe.bytes = VecDeque::new();
        wake(&mut pipe.writer);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn context<T>(run: impl FnOnce(&mut Context<'_>) -> T) -> T {
        run(&mut Context::from_waker(Waker::noop()))
    }

    fn read(receiver: &Receiver, most: usize) -> Poll<io::Result<Vec<u8>>> {
        let mut bytes = vec![0; most];
        let mut buffer = ReadBuf::new(&mut bytes);
        context(|task| receiver.poll_read(task, &mut buffer)).map_ok(|()| buffer.filled().to_vec())
    }

    fn kind<T: std::fmt::Debug>(outcome: io::Result<T>) -> io::ErrorKind {
        outcome.unwrap_err().kind()
    }

    #[test]
    fn bytes_arrive_in_order_and_no_more_than_there_is_room_for() {
        let (here, there) = pair(4, 1);
        assert_eq!(here.sender.try_write(b"abcdef").unwrap(), 4);
        assert_eq!(kind(here.sender.try_write(b"ef")), io::ErrorKind::WouldBlock);
        assert!(context(|task| here.sender.poll_write_ready(task)).is_pending());
        assert!(matches!(read(&there.receiver, 3), Poll::Ready(Ok(bytes)) if bytes == b"abc"));
        assert!(context(|task| here.sender.poll_write_ready(task)).is_ready());
        assert_eq!(here.sender.try_write(b"efgh").unwrap(), 3);
        assert!(matches!(read(&there.receiver, 9), Poll::Ready(Ok(bytes)) if bytes == b"defg"));
        assert!(read(&there.receiver, 9).is_pending());
        assert_eq!(there.sender.try_write(b"xy").unwrap(), 1);
    }

    #[test]
    fn what_was_sent_before_the_end_is_still_read() {
        let (here, there) = pair(9, 9);
        here.sender.try_write(b"last").unwrap();
        here.sender.shutdown();
        assert_eq!(kind(here.sender.try_write(b"more")), io::ErrorKind::BrokenPipe);
        assert!(matches!(read(&there.receiver, 9), Poll::Ready(Ok(bytes)) if bytes == b"last"));
        assert!(matches!(read(&there.receiver, 9), Poll::Ready(Ok(bytes)) if bytes.is_empty()));
        there.sender.try_write(b"the other way").unwrap();
    }

    #[test]
    fn a_reset_takes_back_what_was_on_its_way() {
        let (here, there) = pair(9, 9);
        here.sender.try_write(b"lost").unwrap();
        here.sender.reset();
        assert!(
            matches!(read(&there.receiver, 9), Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset)
        );
    }

    #[test]
    fn nobody_writes_to_an_end_that_is_gone() {
        let (here, there) = pair(1, 1);
        here.sender.try_write(b"a").unwrap();
        assert!(context(|task| here.sender.poll_write_ready(task)).is_pending());
        drop(there);
        assert!(context(|task| here.sender.poll_write_ready(task)).is_ready());
        assert_eq!(kind(here.sender.try_write(b"b")), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn two_threads_pass_everything_through_a_small_buffer() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let (here, there) = pair(7, 7);
        let sent = (0..20_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        let expected = sent.clone();
        let writing = runtime.spawn(async move {
            let mut rest = &sent[..];
            while !rest.is_empty() {
                let count = poll_fn(|task| here.sender.poll_write(task, rest)).await.unwrap();
                rest = &rest[count..];
            }
        });
        let reading = runtime.spawn(async move {
            let (mut received, mut bytes) = (Vec::new(), [0; 11]);
            loop {
                let mut buffer = ReadBuf::new(&mut bytes);
                poll_fn(|task| there.receiver.poll_read(task, &mut buffer)).await.unwrap();
                if buffer.filled().is_empty() {
                    return received;
                }
                received.extend_from_slice(buffer.filled());
            }
        });
        runtime.block_on(writing).unwrap();
        assert!(runtime.block_on(reading).unwrap() == expected);
    }
}
