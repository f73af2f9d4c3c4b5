//! Tokens with which programs act for an agent: `tl_17_SECRET`.
//!
//! The number names the row, the rest is 256 bits that nobody keeps: the record has their SHA-256, which is compared in
//! constant time.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::id::{ApiTokenId, QueueId};
use super::queue::Agent;

/// What a token begins with.
const PREFIX: &str = "tl_";

/// What a token may be used for. None of them includes another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scope {
    /// See tickets, articles and files
    Read,
    /// Write internal notes
    Note,
    /// Make and change tickets; mails nobody
    Write,
    /// Mail customers
    Mail,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Note, Self::Write, Self::Mail];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Note => "note",
            Self::Write => "write",
            Self::Mail => "mail",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The part of a token that nobody keeps.
pub struct Secret(String);

impl Secret {
    /// The secret of these random bytes.
    #[must_use]
    pub fn of(random: [u8; 32]) -> Self {
        Self(BASE32_NOPAD.encode(&random).to_ascii_lowercase())
    }

    /// What the record has of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The whole token, as its user writes it.
    #[must_use]
    pub fn token(&self, id: ApiTokenId) -> String {
        format!("{PREFIX}{id}_{}", self.0)
    }
}

/// A token as a program shows it.
#[derive(PartialEq, Eq, Hash)]
pub struct ShownToken {
    /// The row that it names.
    pub id: ApiTokenId,
    digest: [u8; 32],
}

impl ShownToken {
    /// Reads a token; `None` if it is none, whatever is wrong with it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_sound = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let id = id.parse().ok().filter(|_| id.bytes().all(|byte| byte.is_ascii_digit()))?;
        is_sound.then(|| Self { id: ApiTokenId(id), digest: Sha256::digest(secret.as_bytes()).into() })
    }

    /// Whether it is the one of which the record has that digest.
    #[must_use]
    pub fn is(&self, digest: &[u8]) -> bool {
        self.digest.ct_eq(digest).into()
    }
}

/// An agent as far as a token of theirs goes that is confined to these queues (none: to all of theirs). `None`: nothing is
/// left, which an agent without queues would take for everything.
#[must_use]
pub fn confined(agent: Agent, queues: &[QueueId]) -> Option<Agent> {
    if queues.is_empty() {
        return Some(agent);
    }
    let both: Vec<QueueId> = queues.iter().copied().filter(|queue| agent.sees(*queue)).collect();
    (!both.is_empty()).then_some(Agent { queues: both, ..agent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{AgentId, UserId};
    use crate::domain::queue::Role;

    #[test]
    fn a_token_is_known_by_its_secret_alone() {
        let secret = Secret::of([7; 32]);
        let token = secret.token(ApiTokenId(17));
        let shown = ShownToken::parse(&token).expect("a token");
        assert_eq!(shown.id, ApiTokenId(17));
        assert!(shown.is(&secret.digest()));
        assert!(!shown.is(&Secret::of([8; 32]).digest()));
        assert!(!shown.is(&[]), "a digest of another length is none");
        for at in "tl_17_".len()..token.len() {
            let mut other = token.clone();
            let with = if &token[at..=at] == "a" { "b" } else { "a" };
            other.replace_range(at..=at, with);
            assert!(!ShownToken::parse(&other).expect("a token").is(&secret.digest()), "{at}");
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in
            ["", "tl_", "tl_17", "tl_17_", "tl_+17_abc", "tl_-1_abc", "tl_x_abc", "tl_1_a b", "tl_1_ä", "xx_1_abc"]
        {
            assert!(ShownToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_never_goes_further_than_its_agent() {
        let agent = |queues: &[i64]| Agent {
            id: AgentId(1),
            user: UserId::parse("@alice:desk.test").expect("an id"),
            role: Role::Agent,
            active: true,
            queues: queues.iter().copied().map(QueueId).collect(),
            direct: None,
            away_until: None,
        };
        let left = |agent, queues: &[i64]| {
            let queues: Vec<QueueId> = queues.iter().copied().map(QueueId).collect();
            confined(agent, &queues).map(|agent| agent.queues.iter().map(|queue| queue.0).collect::<Vec<_>>())
        };
        assert_eq!(left(agent(&[]), &[]), Some(vec![]), "all of all");
        assert_eq!(left(agent(&[]), &[1, 2]), Some(vec![1, 2]));
        assert_eq!(left(agent(&[1]), &[]), Some(vec![1]));
        assert_eq!(left(agent(&[1, 3]), &[1, 2]), Some(vec![1]));
        assert_eq!(left(agent(&[3]), &[1, 2]), None, "nothing, not all");
    }
}
