//! Frame headers, looked at before tungstenite sees them.
//!
//! tungstenite reads a frame whole before it refuses its reserved bits or its control frame's length, and never counts
//! fragments, so that a message of endless empty ones costs time for ever. The meter stops both at the header.

/// Follows the frames of one connection.
#[derive(Debug)]
pub(crate) struct Meter {
    /// The header being read, without mask.
    header: [u8; LONGEST],
    have: usize,
    /// Mask and payload still to come.
    skip: u64,
    /// Fragments of the message being read.
    fragments: u32,
    max_fragments: u32,
}

/// What must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breach {
    /// RFC 6455 forbids such a frame.
    Protocol,
    /// A message of too many fragments.
    Fragments,
}

impl Meter {
    /// `max_fragments` a message.
    pub fn new(max_fragments: u32) -> Self {
        Self { header: [0; LONGEST], have: 0, skip: 0, fragments: 0, max_fragments }
    }

    /// Follows `bytes`. A breach comes with the number of bytes in front of the frame that is one.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, Breach)> {
        let mut at = 0;
        while at < bytes.len() {
            if self.skip > 0 {
                let step = self.skip.min((bytes.len() - at) as u64);
                self.skip -= step;
                at += step as usize;
                continue;
            }
            let start = at - self.have.min(at);
            while at < bytes.len() && self.have < self.wanted() {
                self.header[self.have] = bytes[at];
                self.have += 1;
                at += 1;
            }
            if self.have == self.wanted() {
                self.frame().map_err(|breach| (start, breach))?;
            }
        }
        Ok(())
    }

    /// How long the header is, as far as that is known.
    fn wanted(&self) -> usize {
        match (self.have, self.header[1] & 0x7f) {
            (0 | 1, _) => 2,
            (_, 126) => 4,
            (_, 127) => LONGEST,
            _ => 2,
        }
    }

    fn frame(&mut self) -> Result<(), Breach> {
        let [first, second, ..] = self.header;
        let length = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => self.header[2..].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
            short => u64::from(short),
        };
        self.check(first, length)?;
        let mask = if second & 0x80 != 0 { 4 } else { 0 };
        self.skip = length.saturating_add(mask);
        self.have = 0;
        Ok(())
    }

    fn check(&mut self, first: u8, length: u64) -> Result<(), Breach> {
        let (last, reserved, opcode) = (first & 0x80 != 0, first & 0x70 != 0, first & 0x0f);
        match opcode {
            _ if reserved => Err(Breach::Protocol),
            0..=2 => {
                self.fragments = if opcode == 0 { self.fragments.saturating_add(1) } else { 1 };
                if self.fragments > self.max_fragments {
                    return Err(Breach::Fragments);
                }
                if last {
                    self.fragments = 0;
                }
                Ok(())
            }
            8..=10 if last && length <= 125 => Ok(()),
            _ => Err(Breach::Protocol),
        }
    }
}

/// Two bytes and a length of eight.
const LONGEST: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match length {
            0..=125 => bytes.push(0x80 | length as u8),
            126..=65_535 => {
                bytes.push(0x80 | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend([9; 4]);
        bytes.extend(std::iter::repeat_n(0xff, length));
        bytes
    }

    #[test]
    fn frames_are_followed_however_they_are_cut() {
        let good = [frame(0x81, 5), frame(0x82, 300), frame(0x81, 70_000), frame(0x89, 125), frame(0x81, 0)].concat();
        let bytes = [good.clone(), frame(0x83, 1)].concat();
        for step in [1, 2, 3, 7, 4_096, bytes.len()] {
            let (mut meter, mut passed) = (Meter::new(8), 0);
            let breach = bytes.chunks(step).find_map(|chunk| match meter.feed(chunk) {
                Ok(()) => {
                    passed += chunk.len();
                    None
                }
                Err((in_front, breach)) => Some((passed + in_front, breach)),
            });
            let (at, breach) = breach.unwrap_or((0, Breach::Fragments));
            assert_eq!(breach, Breach::Protocol);
            assert!((good.len()..good.len() + 2).contains(&at), "step {step}: {at} of {}", good.len());
        }
    }

    #[test]
    fn a_control_frame_that_is_too_long_is_stopped_at_its_header() {
        assert_eq!(Meter::new(8).feed(&[0x89, 0x80 | 126, 0, 126]), Err((0, Breach::Protocol)));
        assert_eq!(Meter::new(8).feed(&[0x09, 0x80]), Err((0, Breach::Protocol)));
    }

    #[test]
    fn endless_fragments_are_stopped() {
        let mut meter = Meter::new(3);
        assert_eq!(meter.feed(&frame(0x01, 1)), Ok(()));
        assert_eq!(meter.feed(&frame(0x00, 0)), Ok(()));
        assert_eq!(meter.feed(&frame(0x89, 0)), Ok(()), "a ping between fragments is none");
        assert_eq!(meter.feed(&frame(0x00, 0)), Ok(()));
        assert_eq!(meter.feed(&frame(0x00, 0)), Err((0, Breach::Fragments)));
    }

    #[test]
    fn each_message_has_its_own_fragments() {
        let mut meter = Meter::new(2);
        for _ in 0..5 {
            assert_eq!(meter.feed(&frame(0x01, 1)), Ok(()));
            assert_eq!(meter.feed(&frame(0x80, 1)), Ok(()));
        }
    }
}
