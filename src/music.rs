//! The music: a few voices that play for ever, mixed by the desk, sent in real time.
//!
//! Every sample is a function of its time alone, so all qualities play the same piece and a
//! listener may come in at any moment. Nothing is computed for a quality nobody listens to.

use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use switchboard::{Bytes, Switchboard};
use tokio::time::{MissedTickBehavior, interval};

use crate::desk::{CHANNELS, Desk};
use crate::routes::Routes;
use crate::routes::stream::{self, Frame, Quality};

/// Length of a frame in milliseconds.
pub const FRAME_MS: u32 = 40;

/// Samples a second of a quality.
pub fn samples_per_second(quality: Quality) -> u32 {
    match quality {
        Quality::Low => 8_000,
        Quality::Normal => 16_000,
        Quality::High => 32_000,
    }
}

/// Sends a frame of each quality that has listeners, every 40 ms, for ever.
pub async fn play(switchboard: Switchboard<Routes>, desk: Arc<Desk>) {
    let mut clock = interval(Duration::from_millis(FRAME_MS.into()));
    // After a pause the music goes on at its own pace: a burst of late frames helps nobody.
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for seq in 0_u32.. {
        clock.tick().await;
        for quality in [Quality::Low, Quality::Normal, Quality::High] {
            let audience = stream::audio(&quality);
            if switchboard.members(&audience) > 0 {
                switchboard.push(frame(quality, seq, &desk.levels())).to_topic(&audience);
            }
        }
    }
}

/// The frame with this number.
fn frame(quality: Quality, seq: u32, faders: &[f32; CHANNELS]) -> Frame {
    let rate = samples_per_second(quality);
    let count = rate * FRAME_MS / 1_000;
    let first = u64::from(seq) * u64::from(count);
    let samples = (first..first + u64::from(count)).map(|n| sample(n, rate, faders));
    let data: Vec<u8> = samples.flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect();
    Frame { quality, seq, pts_ms: seq.wrapping_mul(FRAME_MS), data: Bytes::from(data) }
}

/// One voice: what it plays at a beat, and how a note of it sounds.
struct Voice {
    /// Semitones above A2, one a step; `None` is a rest.
    notes: &'static [Option<i8>],
    /// Steps a second.
    steps: f32,
    /// How fast a note dies away; 0 holds it.
    decay: f32,
    /// Overtones mixed in, 0 to 1.
    brightness: f32,
}

const REST: Option<i8> = None;
/// Channel 0 is the bass, 1 the pad, 2 the arpeggio, 3 the bells; the other faders are free.
const VOICES: [Voice; 4] = [
    Voice {
        notes: &[Some(0), REST, Some(0), Some(7), Some(-4), REST, Some(-4), Some(3)],
        steps: 2.0,
        decay: 3.0,
        brightness: 0.3,
    },
    Voice { notes: &[Some(24), Some(20), Some(15), Some(19)], steps: 0.5, decay: 0.0, brightness: 0.1 },
    Voice {
        notes: &[Some(12), Some(15), Some(19), Some(24), Some(27), Some(24), Some(19), Some(15)],
        steps: 4.0,
        decay: 6.0,
        brightness: 0.5,
    },
    Voice {
        notes: &[Some(36), REST, REST, Some(39), REST, Some(43), REST, REST],
        steps: 1.0,
        decay: 2.0,
        brightness: 0.8,
    },
];

/// The mix at sample `n`, between -1 and 1.
fn sample(n: u64, rate: u32, faders: &[f32; CHANNELS]) -> f32 {
    // Whole seconds and the rest apart: an f32 of a long time would lose the pitch.
    let (second, rest) = (n / u64::from(rate), (n % u64::from(rate)) as f32 / rate as f32);
    let mix: f32 = VOICES.iter().zip(faders).map(|(voice, fader)| voice.at(second, rest) * fader / 100.0).sum();
    (mix / VOICES.len() as f32).clamp(-1.0, 1.0)
}

impl Voice {
    fn at(&self, second: u64, rest: f32) -> f32 {
        // The piece repeats after as many seconds as the slowest voice needs for its notes.
        let time = (second % 16) as f32 + rest;
        let step = time * self.steps;
        let Some(note) = self.notes[step as usize % self.notes.len()] else { return 0.0 };
        let pitch = 110.0 * (f32::from(note) / 12.0).exp2();
        let since = step.fract() / self.steps;
        let wave = (TAU * pitch * since).sin() + self.brightness * (TAU * 2.0 * pitch * since).sin();
        let attack = (since * 200.0).min(1.0);
        let release = ((1.0 / self.steps - since) * 200.0).min(1.0);
        wave * attack * release * (-self.decay * since).exp() / (1.0 + self.brightness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_forty_milliseconds_and_fits_its_limit() {
        for (quality, bytes) in [(Quality::Low, 640), (Quality::Normal, 1_280), (Quality::High, 2_560)] {
            assert_eq!(frame(quality, 9, &[50.0; CHANNELS]).data.len(), bytes);
        }
    }

    #[test]
    fn faders_at_zero_are_silence_and_open_ones_are_not() {
        let silent = frame(Quality::Low, 3, &[0.0; CHANNELS]);
        let loud = frame(Quality::Low, 3, &[100.0; CHANNELS]);
        assert!(silent.data.iter().all(|&byte| byte == 0));
        assert!(loud.data.iter().any(|&byte| byte != 0));
    }
}
