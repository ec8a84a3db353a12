//! Headers of the frames that a server sends (RFC 6455, section 5.2): unmasked, whole, in the shortest form.

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// A whole message of UTF-8 text.
    Text = 0x1,
    /// A whole binary message.
    Binary = 0x2,
    /// The last frame of a connection.
    Close = 0x8,
    /// Asks for a pong.
    Ping = 0x9,
    /// Answers a ping.
    Pong = 0xa,
}

/// Appends one frame whose payload `write` appends; there is no second buffer.
///
/// The header is taken to be the short one, for up to 125 bytes. Longer payloads are moved to make room
/// for theirs, which costs less than measuring them first. A control frame has at most 125 bytes.
pub fn append_frame(out: &mut Vec<u8>, opcode: Opcode, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[FIN | opcode as u8, 0]);
    let payload = out.len();
    write(out);
    let length = out.len() - payload;
    debug_assert!(length <= SHORT || (opcode as u8) < 8, "a control frame has at most 125 bytes");
    if length <= SHORT {
        out[start + 1] = length as u8;
    } else if let Ok(length) = u16::try_from(length) {
        out[start + 1] = TWO_BYTES;
        insert(out, payload, &length.to_be_bytes());
    } else {
        out[start + 1] = EIGHT_BYTES;
        insert(out, payload, &(length as u64).to_be_bytes());
    }
}

/// Appends a close frame; a reason that does not fit is cut between characters.
pub fn append_close(out: &mut Vec<u8>, code: u16, reason: &str) {
    let reason = &reason[..reason.floor_char_boundary(SHORT - 2)];
    append_frame(out, Opcode::Close, |out| {
        out.extend_from_slice(&code.to_be_bytes());
        out.extend_from_slice(reason.as_bytes());
    });
}

/// The frames in these bytes, which [`append_frame`] has made. Bytes that are no whole frame end it.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (frame, behind) = Frame::split(rest)?;
        rest = behind;
        Some(frame)
    })
}

/// A frame that a server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The number of its [`Opcode`].
    pub opcode: u8,
    /// What is in it.
    pub payload: &'a [u8],
    /// The same with its header.
    pub whole: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Whether it is a message of text.
    pub fn is_text(&self) -> bool {
        self.opcode == Opcode::Text as u8
    }

    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, length) = match *bytes {
            [_, TWO_BYTES, a, b, ..] => (4, u64::from(u16::from_be_bytes([a, b]))),
            [_, EIGHT_BYTES, a, b, c, d, e, f, g, h, ..] => (10, u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            [_, length, ..] if usize::from(length) <= SHORT => (2, length.into()),
            _ => return None,
        };
        let end = usize::try_from(length).ok()?.checked_add(header)?;
        let (whole, behind) = bytes.split_at_checked(end)?;
        Some((Self { opcode: whole[0] & 0x0f, payload: &whole[header..], whole }, behind))
    }
}

fn insert(out: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = out.len();
    out.extend_from_slice(bytes);
    out.copy_within(at..end, at + bytes.len());
    out[at..at + bytes.len()].copy_from_slice(bytes);
}

const FIN: u8 = 0x80;
/// The longest payload whose length is in the header's second byte.
const SHORT: usize = 125;
const TWO_BYTES: u8 = 126;
const EIGHT_BYTES: u8 = 127;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut out = b"before".to_vec();
        append_frame(&mut out, Opcode::Text, |out| out.extend((0..length).map(|index| index as u8)));
        assert!(out.starts_with(b"before"));
        out.split_off(6)
    }

    #[test]
    fn frames_are_found_again() {
        let lengths = [0, 1, 125, 126, 65535, 65536];
        let bytes: Vec<u8> = lengths.iter().flat_map(|&length| frame(length)).collect();
        let found: Vec<_> = frames(&bytes).collect();
        assert_eq!(found.iter().map(|frame| frame.payload.len()).collect::<Vec<_>>(), lengths);
        assert!(found.iter().all(|frame| frame.opcode == Opcode::Text as u8));
        assert_eq!(found.iter().map(|frame| frame.whole.len()).sum::<usize>(), bytes.len());
        assert_eq!(frames(&bytes[..bytes.len() - 1]).count(), lengths.len() - 1);
    }

    #[track_caller]
    fn header_is(length: usize, header: &[u8]) {
        let frame = frame(length);
        assert_eq!(&frame[..header.len()], header);
        assert_eq!(frame.len(), header.len() + length);
        assert!(frame[header.len()..].iter().enumerate().all(|(index, byte)| *byte == index as u8));
    }

    #[test]
    fn each_length_has_its_shortest_form() {
        header_is(0, &[0x81, 0]);
        header_is(1, &[0x81, 1]);
        header_is(125, &[0x81, 125]);
        header_is(126, &[0x81, 126, 0, 126]);
        header_is(65_535, &[0x81, 126, 0xff, 0xff]);
        header_is(65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn opcodes_are_those_of_the_rfc() {
        for (opcode, first) in [(Opcode::Binary, 0x82), (Opcode::Ping, 0x89), (Opcode::Pong, 0x8a)] {
            let mut out = Vec::new();
            append_frame(&mut out, opcode, |out| out.push(7));
            assert_eq!(out, [first, 1, 7]);
        }
    }

    #[test]
    fn frames_follow_one_another() {
        let mut out = Vec::new();
        append_frame(&mut out, Opcode::Text, |out| out.extend_from_slice(&[b'x'; 200]));
        append_frame(&mut out, Opcode::Text, |out| out.extend_from_slice(b"yy"));
        assert_eq!(out.len(), 4 + 200 + 2 + 2);
        assert_eq!(&out[204..], [0x81, 2, b'y', b'y']);
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut out = Vec::new();
        append_close(&mut out, 1008, &"é".repeat(100));
        assert_eq!(&out[..4], [0x88, 124, 0x03, 0xf0]);
        assert_eq!(std::str::from_utf8(&out[4..]).unwrap(), "é".repeat(61));
    }
}
