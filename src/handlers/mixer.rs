//! `mixer/…`: the faders. A chain's first stage claims a move, the second makes it real.

use crate::desk::{Claim, volume};
use crate::routes::Cx;
use crate::routes::mixer::{Channel, Handlers, Level, LevelChanged, Levels, MixerError, NextChange, Turn};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn check_up(&self, cx: &Cx, turn: &Turn) -> Result<(), MixerError> {
        self.claim(cx, turn.channel, turn.step)
    }

    async fn apply_up(&self, cx: &Cx, _: &Turn) -> Result<Level, MixerError> {
        Ok(self.desk.apply(claimed(cx)?))
    }

    async fn tell_up(&self, cx: &Cx, _: &Turn) -> Result<LevelChanged, MixerError> {
        Ok(changed(cx)?)
    }

    async fn check_down(&self, cx: &Cx, turn: &Turn) -> Result<(), MixerError> {
        self.claim(cx, turn.channel, -turn.step)
    }

    async fn apply_down(&self, cx: &Cx, _: &Turn) -> Result<Level, MixerError> {
        Ok(self.desk.apply(claimed(cx)?))
    }

    async fn tell_down(&self, cx: &Cx, _: &Turn) -> Result<LevelChanged, MixerError> {
        Ok(changed(cx)?)
    }

    async fn levels(&self, _: &Cx, _: &Levels) -> Result<Vec<Level>, switchboard::Error> {
        let levels = self.desk.levels();
        let channels = (0..).map(Channel::new);
        channels.zip(levels).map(|(channel, level)| Ok(Level { channel: channel?, level: volume(level) })).collect()
    }

    async fn next_change(&self, _: &Cx, wanted: &NextChange) -> Result<Level, switchboard::Error> {
        Ok(self.desk.next_change(wanted.channel).await)
    }
}

impl Studio {
    /// Keeps the claim with the connection, where the next stage finds it: its messages run one at a time.
    fn claim(&self, cx: &Cx, channel: Channel, step: f32) -> Result<(), MixerError> {
        let claim = self.desk.claim(channel, step).map_err(|level| MixerError::AtLimit { level })?;
        cx.insert(claim);
        Ok(())
    }
}

fn claimed(cx: &Cx) -> Result<Claim, switchboard::Error> {
    cx.get::<Claim>().ok_or_else(|| switchboard::Error::msg("a fader moves without a claim"))
}

fn changed(cx: &Cx) -> Result<LevelChanged, switchboard::Error> {
    let Level { channel, level } = claimed(cx)?.level();
    Ok(LevelChanged { channel, level, by: Member::of(cx)?.id })
}
