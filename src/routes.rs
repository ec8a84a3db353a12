//! What `routes.wsr` generates: payload types, one `Handlers` trait a namespace, `serve`.

switchboard::routes!("routes.wsr");
