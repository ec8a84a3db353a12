//! `stream/…`: who hears the music, and how good.

use crate::music::{FRAME_MS, samples_per_second};
use crate::routes::Cx;
use crate::routes::stream::{self, Close, Format, Handlers, Open, Quality};
use crate::studio::Studio;

impl Handlers for Studio {
    async fn open(&self, _: &Cx, open: &Open) -> Result<Format, switchboard::Error> {
        let quality = open.quality;
        Ok(Format { quality, samples_per_second: samples_per_second(quality), frame_ms: FRAME_MS })
    }

    async fn close(&self, cx: &Cx, close: &Close) -> Result<(), switchboard::Error> {
        for quality in [Quality::Low, Quality::Normal, Quality::High] {
            if close.quality.is_none_or(|one| one == quality) {
                cx.unsubscribe(&stream::audio(&quality));
            }
        }
        Ok(())
    }
}
