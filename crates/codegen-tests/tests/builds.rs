//! Builds of small packages: what a user sees when something is wrong.
