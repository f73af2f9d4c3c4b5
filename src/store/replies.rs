//! What mail servers said to each attempt at a letter.

use chrono::{DateTime, Utc};

use super::Result;
use super::letters::{LetterState, Letters};
use crate::domain::id::{ArticleId, LetterId};

/// A letter that went out for an article, with every answer it got.
#[derive(Clone, Debug)]
pub struct SentFor {
    /// Answer, or automatic mail.
    pub what: &'static str,
    /// Its recipient.
    pub recipient: String,
    /// Its state.
    pub state: String,
    /// When, the state after it, and the server's words.
    pub replies: Vec<(DateTime<Utc>, String, String)>,
}

impl Letters<'_> {
    /// Notes what a server said.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub(super) async fn note_reply(&mut self, letter: LetterId, became: LetterState, reply: &str) -> Result<()> {
        sqlx::query!(
            "insert into letter_reply (letter_id, became, reply) values ($1, $2, $3)",
            letter.0,
            became.name(),
            reply.replace('\0', ""),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The letters that carry an article, or that its mail made the desk write by itself: those were written
    /// in the transaction that wrote the article.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn sent_for(&mut self, article: ArticleId) -> Result<Vec<SentFor>> {
        let letters = sqlx::query!(
            "select letter_id, automatic, recipient, letter.state
             from letter join article as shown on shown.article_id = $1
             where letter.article_id = $1
                or (letter.automatic and letter.ticket_id = shown.ticket_id and letter.created_at = shown.created_at)
             order by letter_id",
            article.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let ids: Vec<i64> = letters.iter().map(|letter| letter.letter_id).collect();
        let replies = sqlx::query!(
            "select letter_id, at, became, reply from letter_reply where letter_id = any($1) order by letter_reply_id",
            &ids
        )
        .fetch_all(self.0.connection())
        .await?;
        let sent = letters.into_iter().map(|letter| SentFor {
            what: if letter.automatic { "automatic mail" } else { "answer" },
            recipient: letter.recipient,
            state: letter.state,
            replies: replies
                .iter()
                .filter(|reply| reply.letter_id == letter.letter_id)
                .map(|reply| (reply.at, reply.became.clone(), reply.reply.clone()))
                .collect(),
        });
        Ok(sent.collect())
    }
}
