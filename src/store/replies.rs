//! What mail servers said to each attempt at a letter.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Result;
use super::letters::{LetterState, Letters};
use crate::domain::id::{ArticleId, LetterId};

/// A letter that went out for an article, with every answer it got.
#[derive(Clone, Debug)]
pub struct SentFor {
    /// Whether the desk wrote it by itself; else it is an agent's answer.
    pub is_automatic: bool,
    /// Its recipient.
    pub recipient: String,
    /// Its state.
    pub state: LetterState,
    /// What servers said, oldest first.
    pub replies: Vec<Reply>,
}

/// What a server said to an attempt.
#[derive(Clone, Debug)]
pub struct Reply {
    /// When.
    pub at: DateTime<Utc>,
    /// The letter's state after it.
    pub became: LetterState,
    /// The server's words.
    pub text: String,
}

impl Letters<'_> {
    /// Notes what a server said.
    pub(super) async fn note_reply(&mut self, letter: LetterId, became: LetterState, reply: &str) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "insert into letter_reply (letter_id, became, reply, at) values ($1, $2, $3, $4)",
            letter.0,
            became.name(),
            reply.replace('\0', ""),
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The letters that carry an article, or that its mail made the desk write by itself.
    pub async fn sent_for(&mut self, article: ArticleId) -> Result<Vec<SentFor>> {
        let letters = sqlx::query!(
            "select letter_id, automatic, recipient, state from letter where article_id = $1 or cause_id = $1 order by letter_id",
            article.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let ids: Vec<i64> = letters.iter().map(|letter| letter.letter_id).collect();
        let mut replies = self.replies(&ids).await?;
        let sent = letters.into_iter().map(|letter| {
            Ok(SentFor {
                is_automatic: letter.automatic,
                recipient: letter.recipient,
                state: LetterState::read(LetterId(letter.letter_id), &letter.state)?,
                replies: replies.remove(&letter.letter_id).unwrap_or_default(),
            })
        });
        sent.collect()
    }

    async fn replies(&mut self, letters: &[i64]) -> Result<HashMap<i64, Vec<Reply>>> {
        let rows = sqlx::query!(
            "select letter_id, at, became, reply from letter_reply where letter_id = any($1) order by letter_reply_id",
            letters
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut replies: HashMap<i64, Vec<Reply>> = HashMap::new();
        for row in rows {
            let became = LetterState::read(LetterId(row.letter_id), &row.became)?;
            replies.entry(row.letter_id).or_default().push(Reply { at: row.at, became, text: row.reply });
        }
        Ok(replies)
    }
}
