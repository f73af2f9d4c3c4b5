//! How an account shows a mail server that it is ours: by its password, or by an access token (SASL XOAUTH2).

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::oauth2::{self, Grant};
use crate::config::{MailLogin, MailProof, OAuth2Config, Secret};

/// All accounts of a desk. Those that show an endpoint the same thing share what it gives them.
#[derive(Debug)]
pub struct Accounts {
    state_dir: PathBuf,
    grants: Mutex<HashMap<String, Arc<Grant>>>,
}

impl Accounts {
    /// None yet; a new refresh token is kept below `state_dir`.
    #[must_use]
    pub fn new(state_dir: &Path) -> Self {
        Self { state_dir: state_dir.to_owned(), grants: Mutex::default() }
    }

    /// An account, by its configuration. Nothing is asked for yet.
    ///
    /// # Errors
    /// If the system's certificates can't be read.
    pub(super) fn login(&self, config: &MailLogin) -> Result<Login, String> {
        let way = match &config.proof {
            MailProof::Password(password) => Way::Password(password.clone()),
            MailProof::TokenFile(file) => Way::File(file.clone()),
            MailProof::Grant(oauth2) => Way::Grant { grant: self.grant(oauth2)?, scope: oauth2.scope.clone() },
        };
        Ok(Login { user: config.user.clone(), way })
    }

    fn grant(&self, config: &OAuth2Config) -> Result<Arc<Grant>, String> {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        let name = oauth2::name(config);
        if let Some(grant) = grants.get(&name) {
            return Ok(Arc::clone(grant));
        }
        let grant = Arc::new(Grant::new(config, &self.state_dir)?);
        grants.insert(name, Arc::clone(&grant));
        Ok(grant)
    }
}

/// One account.
pub(super) struct Login {
    user: String,
    way: Way,
}

enum Way {
    Password(Secret),
    Grant { grant: Arc<Grant>, scope: Option<String> },
    File(PathBuf),
}

/// What is shown to the server.
pub(super) struct Proof {
    /// Password or token.
    pub(super) shown: Shown,
    /// Whether another one was refused before it.
    is_second: bool,
}

/// Password or token.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Shown {
    Password(Secret),
    Token(Secret),
}

/// Why a server did not let us in. Either is for later, since no mail is to be lost by a login.
pub(super) enum Denial {
    /// It refuses what it was shown.
    Refused(String),
    /// It did not come to that.
    Fault(String),
}

impl From<Denial> for String {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Refused(why) | Denial::Fault(why) => why,
        }
    }
}

impl Login {
    /// The account's name.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// What is to be shown first.
    ///
    /// # Errors
    /// Why there is no token, and how to mend that.
    pub(super) async fn proof(&self, now: Instant) -> Result<Proof, String> {
        Ok(Proof { shown: self.shown(None, now).await?, is_second: false })
    }

    /// What is to be shown after a refusal: another token, once.
    ///
    /// # Errors
    /// `why` if there is nothing else to show, or why there is no other token.
    pub(super) async fn after(&self, refused: &Proof, why: String, now: Instant) -> Result<Proof, String> {
        let Shown::Token(token) = &refused.shown else { return Err(why) };
        let another = if refused.is_second { None } else { Some(self.shown(Some(token), now).await?) };
        match another {
            Some(shown) if shown != refused.shown => Ok(Proof { shown, is_second: true }),
            _ => Err(format!("{why} ({})", self.mend())),
        }
    }

    async fn shown(&self, refused: Option<&Secret>, now: Instant) -> Result<Shown, String> {
        match &self.way {
            Way::Password(password) => Ok(Shown::Password(password.clone())),
            Way::Grant { grant, scope } => grant.token(scope.as_deref(), refused, now).await.map(Shown::Token),
            Way::File(file) => token_in(file).await.map(Shown::Token),
        }
    }

    fn mend(&self) -> &'static str {
        match &self.way {
            Way::Password(_) => "see user and password",
            Way::Grant { .. } => {
                "that was a fresh access token: the account must be allowed to log in this way, and the token be meant \
                 for it; see user, oauth2.scope and the provider's own settings"
            }
            Way::File(_) => "nobody has put a new token into oauth2.token_file",
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

async fn token_in(file: &Path) -> Result<Secret, String> {
    let text = tokio::fs::read_to_string(file)
        .await
        .map_err(|error| format!("oauth2.token_file {} can't be read: {error}", file.display()))?;
    oauth2::token(text.trim()).ok_or_else(|| format!("oauth2.token_file {} holds no token in one line", file.display()))
}

/// The one thing that a client says in SASL XOAUTH2, before base64.
pub(super) fn xoauth2(user: &str, token: &Secret) -> String {
    format!("user={user}\x01auth=Bearer {}\x01\x01", token.reveal())
}
