//! `log::record`: a handler that takes every message.

use switchboard::Timestamp;

use crate::routes::log::Handlers;
use crate::routes::{AnyMessage, Cx};
use crate::studio::Studio;

impl Handlers for Studio {
    async fn record(&self, cx: &Cx, message: AnyMessage<'_>) -> Result<(), switchboard::Error> {
        Ok(self.log.append(Timestamp::now(), cx.identity(), message.name()).await?)
    }
}
