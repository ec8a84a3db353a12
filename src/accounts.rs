//! Who has an account: an embedded database of names, password hashes and tokens.
//!
//! Hashing and disk are slow, so every public function runs them on the blocking pool, at most
//! as many at once as there are cores: a flood of logins waits here and not on the event loop.

use std::path::Path;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use sha2::{Digest, Sha256};
use switchboard::{Error, Timestamp, Uuid};
use tokio::sync::Semaphore;

use crate::routes::{Password, Token, UserId, Username};
use crate::studio::Member;

/// Username to id and password hash (a PHC string).
const USERS: TableDefinition<&str, (u128, &str)> = TableDefinition::new("users");
/// Id to username.
const NAMES: TableDefinition<u128, &str> = TableDefinition::new("names");
/// SHA-256 of a token to its user and when it ends, in seconds since 1970. Never the token itself.
const TOKENS: TableDefinition<&[u8; 32], (u128, i64)> = TableDefinition::new("tokens");

/// How long a token signs in.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// The accounts of one data folder.
pub struct Accounts {
    database: Arc<Database>,
    /// Checked against when there is no such user, so that both answers take the same time.
    nobodys_hash: Arc<str>,
    hashing: Semaphore,
}

impl Accounts {
    /// Opens the database, or makes it.
    pub fn open(path: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let database = Database::create(path)?;
        let write = database.begin_write()?;
        write.open_table(USERS)?;
        write.open_table(NAMES)?;
        write.open_table(TOKENS)?;
        write.commit()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let nobodys_hash = hash("a password that opens nothing")?.into();
        Ok(Self { database: Arc::new(database), nobodys_hash, hashing: Semaphore::new(cores) })
    }

    /// Makes an account; `None` when the name is taken.
    pub async fn register(&self, username: Username, password: Password) -> Result<Option<Member>, Error> {
        let database = Arc::clone(&self.database);
        self.blocking(move || {
            let hash = hash(&password)?;
            let id = UserId::from(Uuid::new_v4());
            let added = insert_user(&database, &username, id, &hash)?;
            Ok(added.then_some(Member { id, username }))
        })
        .await
    }

    /// The user of this name; `None` when the password is not theirs or there is no such user.
    pub async fn login(&self, username: Username, password: Password) -> Result<Option<Member>, Error> {
        let database = Arc::clone(&self.database);
        let nobodys_hash = Arc::clone(&self.nobodys_hash);
        self.blocking(move || {
            let user = find_user(&database, &username)?;
            let stored = user.as_ref().map_or(&*nobodys_hash, |(_, hash)| hash);
            let right = verify(&password, stored)?;
            Ok(user.filter(|_| right).map(|(id, _)| Member { id, username }))
        })
        .await
    }

    /// A new token of this user, good for a day.
    pub async fn issue_token(&self, user: UserId) -> Result<Token, Error> {
        let database = Arc::clone(&self.database);
        self.blocking(move || {
            let token = URL_SAFE_NO_PAD.encode([*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat());
            let ends = Timestamp::now().as_second() + TOKEN_SECONDS;
            insert_token(&database, &digest(&token), user, ends)?;
            Ok(Token::new(token)?)
        })
        .await
    }

    /// The user of a token, which signs in for another day then: who loses the connection before the answer has come may
    /// try it again. `None` when it was never given out, is void or too old.
    pub async fn resume(&self, token: Token) -> Result<Option<Member>, Error> {
        let database = Arc::clone(&self.database);
        self.blocking(move || Ok(prolong_token(&database, &digest(&token), Timestamp::now().as_second())?)).await
    }

    /// Makes a token void.
    pub async fn revoke(&self, token: Token) -> Result<(), Error> {
        let database = Arc::clone(&self.database);
        self.blocking(move || Ok(remove_token(&database, &digest(&token))?)).await
    }

    /// Whether somebody has this id.
    pub async fn exists(&self, user: UserId) -> Result<bool, Error> {
        let database = Arc::clone(&self.database);
        self.blocking(move || Ok(find_name(&database, user)?.is_some())).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.hashing.acquire().await?;
        tokio::task::spawn_blocking(work).await?
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, Error> {
    let stored = PasswordHash::new(stored)?;
    match Argon2::default().verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whether the name was free. One write transaction at a time, so two cannot take the same name.
fn insert_user(database: &Database, username: &str, id: UserId, hash: &str) -> Result<bool, redb::Error> {
    let write = database.begin_write()?;
    {
        let mut users = write.open_table(USERS)?;
        if users.get(username)?.is_some() {
            return Ok(false);
        }
        users.insert(username, (id.as_u128(), hash))?;
        write.open_table(NAMES)?.insert(id.as_u128(), username)?;
    }
    write.commit()?;
    Ok(true)
}

fn find_user(database: &Database, username: &str) -> Result<Option<(UserId, String)>, redb::Error> {
    let users = database.begin_read()?.open_table(USERS)?;
    let user = users.get(username)?;
    Ok(user.map(|row| {
        let (id, hash) = row.value();
        (Uuid::from_u128(id), hash.to_owned())
    }))
}

fn find_name(database: &Database, user: UserId) -> Result<Option<String>, redb::Error> {
    let names = database.begin_read()?.open_table(NAMES)?;
    Ok(names.get(user.as_u128())?.map(|row| row.value().to_owned()))
}

/// Also removes the tokens that have ended, so that the table holds a day's worth at most.
fn insert_token(database: &Database, digest: &[u8; 32], user: UserId, ends: i64) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    {
        let mut tokens = write.open_table(TOKENS)?;
        tokens.retain(|_, (_, other_ends)| other_ends + TOKEN_SECONDS > ends)?;
        tokens.insert(digest, (user.as_u128(), ends))?;
    }
    write.commit()?;
    Ok(())
}

fn find_by_token(database: &Database, digest: &[u8; 32], now: i64) -> Result<Option<Member>, redb::Error> {
    let tokens = database.begin_read()?.open_table(TOKENS)?;
    let Some((id, ends)) = tokens.get(digest)?.map(|row| row.value()) else { return Ok(None) };
    let id = Uuid::from_u128(id);
    let name = if ends > now { find_name(database, id)? } else { None };
    Ok(name.and_then(|name| Username::new(name).ok()).map(|username| Member { id, username }))
}

fn prolong_token(database: &Database, digest: &[u8; 32], now: i64) -> Result<Option<Member>, redb::Error> {
    let Some(member) = find_by_token(database, digest, now)? else { return Ok(None) };
    let write = database.begin_write()?;
    {
        let mut tokens = write.open_table(TOKENS)?;
        // It may have been made void since.
        if tokens.get(digest)?.is_none() {
            return Ok(None);
        }
        tokens.insert(digest, (member.id.as_u128(), now + TOKEN_SECONDS))?;
    }
    write.commit()?;
    Ok(Some(member))
}

fn remove_token(database: &Database, digest: &[u8; 32]) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    write.open_table(TOKENS)?.remove(digest)?;
    write.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> (tempfile::TempDir, Accounts) {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(&folder.path().join("accounts.redb")).unwrap();
        (folder, accounts)
    }

    fn name(text: &str) -> Username {
        text.parse().unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    #[tokio::test]
    async fn a_name_is_given_once() {
        let (_folder, accounts) = accounts();
        assert!(accounts.register(name("ann"), password("correct horse")).await.unwrap().is_some());
        assert!(accounts.register(name("ann"), password("battery staple")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_right_password_alone_signs_in() {
        let (_folder, accounts) = accounts();
        let ann = accounts.register(name("ann"), password("correct horse")).await.unwrap().unwrap();
        let again = accounts.login(name("ann"), password("correct horse")).await.unwrap().unwrap();
        assert_eq!(again.id, ann.id);
        assert!(accounts.login(name("ann"), password("battery staple")).await.unwrap().is_none());
        assert!(accounts.login(name("bob"), password("correct horse")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_token_signs_in_until_it_is_revoked() {
        let (_folder, accounts) = accounts();
        let ann = accounts.register(name("ann"), password("correct horse")).await.unwrap().unwrap();
        let token = accounts.issue_token(ann.id).await.unwrap();
        for _ in 0..2 {
            assert_eq!(accounts.resume(token.clone()).await.unwrap().unwrap().id, ann.id);
        }
        accounts.revoke(token.clone()).await.unwrap();
        assert!(accounts.resume(token).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_token_that_is_used_is_good_for_another_day() {
        let (_folder, accounts) = accounts();
        let ann = accounts.register(name("ann"), password("correct horse")).await.unwrap().unwrap();
        let token = digest("a token");
        insert_token(&accounts.database, &token, ann.id, 1_000).unwrap();
        assert!(prolong_token(&accounts.database, &token, 1_000).unwrap().is_none(), "it has just ended");
        assert!(prolong_token(&accounts.database, &token, 999).unwrap().is_some());
        assert!(prolong_token(&accounts.database, &token, 998 + TOKEN_SECONDS).unwrap().is_some());
    }

    #[tokio::test]
    async fn accounts_outlive_the_process() {
        let (folder, accounts) = accounts();
        accounts.register(name("ann"), password("correct horse")).await.unwrap();
        drop(accounts);
        let reopened = Accounts::open(&folder.path().join("accounts.redb")).unwrap();
        assert!(reopened.login(name("ann"), password("correct horse")).await.unwrap().is_some());
    }
}
