//! Clients against servers.
