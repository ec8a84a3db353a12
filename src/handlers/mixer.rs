//! `mixer/…`: the faders. A chain's first stage claims a move and passes it on, the second makes it real.

use crate::desk::volume;
use crate::routes::Cx;
use crate::routes::mixer::{Channel, Handlers, Level, LevelChanged, Levels, MixerError, NextChange, Turn};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn claim_up(&self, _: &Cx, turn: &Turn) -> Result<Level, MixerError> {
        self.claim(turn.channel, turn.step)
    }

    async fn apply_up(&self, _: &Cx, _: &Turn, claimed: &Level) -> Result<Level, MixerError> {
        Ok(self.desk.apply(claimed))
    }

    async fn tell_up(&self, cx: &Cx, _: &Turn, claimed: &Level) -> Result<LevelChanged, MixerError> {
        Ok(changed(cx, claimed)?)
    }

    async fn claim_down(&self, _: &Cx, turn: &Turn) -> Result<Level, MixerError> {
        self.claim(turn.channel, -turn.step)
    }

    async fn apply_down(&self, _: &Cx, _: &Turn, claimed: &Level) -> Result<Level, MixerError> {
        Ok(self.desk.apply(claimed))
    }

    async fn tell_down(&self, cx: &Cx, _: &Turn, claimed: &Level) -> Result<LevelChanged, MixerError> {
        Ok(changed(cx, claimed)?)
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
    fn claim(&self, channel: Channel, step: f32) -> Result<Level, MixerError> {
        self.desk.claim(channel, step).map_err(|level| MixerError::AtLimit { level })
    }
}

fn changed(cx: &Cx, claimed: &Level) -> Result<LevelChanged, switchboard::Error> {
    Ok(LevelChanged { channel: claimed.channel, level: claimed.level, by: Member::of(cx)?.id })
}
