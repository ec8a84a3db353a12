//! `log/…`: what was done to the desk, written down by a handler that takes every message.

use switchboard::{Items, Timestamp};

use crate::routes::log::{Change, Handlers, Read};
use crate::routes::{AnyMessage, Cx};
use crate::studio::Studio;

impl Handlers for Studio {
    async fn read(&self, _: &Cx, _: &Read, items: &Items<Change>) -> Result<(), switchboard::Error> {
        let mut changes = self.log.read().await?;
        while let Some(change) = changes.next().await? {
            items.send(change).await?;
        }
        Ok(())
    }

    async fn record(&self, cx: &Cx, message: AnyMessage<'_>) -> Result<(), switchboard::Error> {
        Ok(self.log.append(Timestamp::now(), cx.identity(), message.name()).await?)
    }
}
