//! Frames of a client, for tests that send what no client would.

/// A client's frame: its first byte (`0x81` for a whole text, `0x82` for a whole binary message, `0x89` for a ping)
/// and its payload, masked as RFC 6455 demands.
///
/// Cut it, change it, or send it as it is with [`Client::send_raw`](super::Client::send_raw).
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    // The casts keep the values: the arms are their ranges.
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Any would do; the same one each time keeps runs alike.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
