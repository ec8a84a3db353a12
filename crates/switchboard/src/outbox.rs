//! The outbox: encoded frames that a connection has not sent yet.
//!
//! Fed by replies, pushes and control frames, drained by the writer. One buffer, since a copy behind the bytes that
//! already wait is cheaper than a queue of shared ones. Deliberately absent: sockets, tasks, time, locks.

use crate::config::KEEP_BYTES;

/// Bytes in the order they are to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// How many of `bytes` have been sent already; less than its length unless both are 0.
    sent: usize,
}

impl Outbox {
    /// How many bytes wait.
    pub fn unsent(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// What waits.
    pub fn pending(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Appends whole frames.
    pub fn push(&mut self, frames: &[u8]) {
        self.bytes.extend_from_slice(frames);
    }

    /// Lets `write` append whole frames; when it panics, what it has written is taken back.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let len = self.bytes.len();
        let undo = Undo { bytes: &mut self.bytes, len };
        write(&mut *undo.bytes);
        std::mem::forget(undo);
    }

    /// The first `count` of the pending bytes have been sent.
    pub fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.bytes.len() {
            self.clear();
        } else if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Forgets everything, and the memory too when it had grown large.
    pub fn clear(&mut self) {
        self.sent = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEEP_BYTES {
            self.bytes = Vec::new();
        }
    }
}

/// Half a frame must never stay: everything behind it would be read as its rest.
struct Undo<'a> {
    bytes: &'a mut Vec<u8>,
    len: usize,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let mut outbox = Outbox::default();
        outbox.push(b"abc");
        outbox.advance(2);
        outbox.push(b"def");
        assert_eq!(outbox.pending(), b"cdef");
        outbox.advance(3);
        assert_eq!(outbox.pending(), b"f");
        outbox.advance(1);
        assert_eq!(outbox.unsent(), 0);
    }

    #[test]
    fn a_large_buffer_is_given_back_when_it_is_empty() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![0; KEEP_BYTES + 1]);
        outbox.advance(KEEP_BYTES + 1);
        assert_eq!(outbox.bytes.capacity(), 0);
    }

    #[test]
    fn a_panic_leaves_no_half_frame() {
        let mut outbox = Outbox::default();
        outbox.push(b"whole");
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            outbox.write(|out| {
                out.extend_from_slice(b"half");
                panic!("in the middle");
            });
        }));
        assert!(outcome.is_err());
        assert_eq!(outbox.pending(), b"whole");
    }
}
