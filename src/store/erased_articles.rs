//! The content of articles and mails that goes: words, files, bytes, and what they were found by. Rows stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Result, Tx};
use crate::domain::id::{ArticleId, EmailAddress, MailId};
use crate::domain::search::tokens;

/// The content of articles and mails that goes.
pub struct ErasedArticles<'t>(pub(super) &'t mut Tx);

impl ErasedArticles<'_> {
    /// Erases articles with their files, mails and letters. `whom` is replaced as a recipient.
    pub async fn erase(&mut self, articles: &[ArticleId], whom: &EmailAddress, stand_in: &EmailAddress) -> Result<()> {
        let ids: Vec<i64> = articles.iter().map(|article| article.0).collect();
        let now = self.0.now();
        let mails = sqlx::query_scalar!(
            "update article set text = '', html = null, whole_text = null, folded = 0, subject = null, reply_to = null,
                      copies = null, erased_at = $2
               where article_id = any($1) returning mail_id",
            &ids,
            now,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut digests = self.erase_files(&ids).await?;
        self.erase_words(&ids).await?;
        let letters = sqlx::query_scalar!("select letter_id from letter where article_id = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        digests.extend(self.erase_letters(&letters, whom, stand_in).await?);
        sqlx::query!(
            "update agent_mail set bytes = null, outcome = 'failed' where article_id = any($1) and outcome is null",
            &ids
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!("delete from message_ref where article_id = any($1)", &ids).execute(self.0.connection()).await?;
        let events = sqlx::query_scalar!("select event_id from event_ref where article_id = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        digests.extend(self.erase_events(&events).await?);
        self.drop_blobs(&digests).await?;
        let mails: Vec<MailId> = mails.into_iter().flatten().map(MailId).collect();
        self.erase_mails(&mails).await
    }

    async fn erase_files(&mut self, articles: &[i64]) -> Result<Vec<Vec<u8>>> {
        let digests = sqlx::query_scalar!("delete from attachment where article_id = any($1) returning blob", articles)
            .fetch_all(self.0.connection())
            .await?;
        Ok(digests.into_iter().flatten().collect())
    }

    /// What articles were found by goes, with the words that nobody else wrote.
    async fn erase_words(&mut self, articles: &[i64]) -> Result<()> {
        let words = sqlx::query_scalar!(
            r#"with gone as (delete from search_text where article_id = any($1) returning words)
               select distinct word as "word!" from gone, unnest(tsvector_to_array(words)) as one (word)
               where length(word) between 4 and 32"#,
            articles,
        )
        .fetch_all(self.0.connection())
        .await?;
        self.forget_words(&words).await
    }

    /// Words that nobody's text has any more are forgotten.
    pub(super) async fn forget_words(&mut self, words: &[String]) -> Result<()> {
        for word in words {
            let quoted = format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"));
            sqlx::query!(
                "delete from search_word where word = $1
                 and (select search_text_id from search_text where words @@ $2::text::tsquery limit 1) is null",
                word.as_str(),
                quoted,
            )
            .execute(self.0.connection())
            .await?;
        }
        Ok(())
    }

    /// Letters are empty, and none of them goes out any more.
    pub async fn erase_letters(
        &mut self,
        letters: &[i64],
        whom: &EmailAddress,
        stand_in: &EmailAddress,
    ) -> Result<Vec<Vec<u8>>> {
        let now = self.0.now();
        sqlx::query!(
            "update letter set bytes = '', reply = null,
                    recipient = case when lower(recipient) = $2 then $3 else recipient end,
                    state = case when state in ('sent', 'failed', 'cancelled') then state else 'cancelled' end,
                    finished_at = coalesce(finished_at, $4)
             where letter_id = any($1)",
            letters,
            whom.key(),
            stand_in.as_str(),
            now,
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!("update letter_reply set reply = '' where letter_id = any($1)", letters)
            .execute(self.0.connection())
            .await?;
        Ok(sqlx::query_scalar!("delete from letter_file where letter_id = any($1) returning digest", letters)
            .fetch_all(self.0.connection())
            .await?)
    }

    /// What people wrote in rooms goes, with the files that nothing else refers to.
    pub async fn drop_events(&mut self, events: &[String]) -> Result<()> {
        let digests = self.erase_events(events).await?;
        self.drop_blobs(&digests).await
    }

    /// What people wrote in rooms, and the files that were fetched of it.
    pub(super) async fn erase_events(&mut self, events: &[String]) -> Result<Vec<Vec<u8>>> {
        let bodies = sqlx::query_scalar!("select body from event_in where event_id = any($1)", events)
            .fetch_all(self.0.connection())
            .await?;
        self.0.erasures().empty_events(events).await?;
        // What was edited since stands nowhere else any more, but its words are known.
        self.forget_words(&words_of(&bodies)).await?;
        let digests = sqlx::query_scalar!("delete from file_in where event_id = any($1) returning digest", events)
            .fetch_all(self.0.connection())
            .await?;
        Ok(digests.into_iter().flatten().collect())
    }

    /// Mails are empty, and so are the copies that came of them, and the quarantine entries that they stand behind.
    pub async fn erase_mails(&mut self, mails: &[MailId]) -> Result<()> {
        let mut ids: Vec<i64> = mails.iter().map(|mail| mail.0).collect();
        let copies = sqlx::query_scalar!("select mail_id from mail_in where copy_of = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        ids.extend(copies);
        let digests = sqlx::query_scalar!("select digest from mail_in where mail_id = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        let now = self.0.now();
        let entries = sqlx::query_scalar!(
            "update mail_in set raw = '', digest = null, envelope_from = null, rule = null, erased_at = $2
             where mail_id = any($1) returning quarantine_id",
            &ids,
            now,
        )
        .fetch_all(self.0.connection())
        .await?;
        let entries: Vec<i64> = entries.into_iter().flatten().collect();
        sqlx::query!(
            "update quarantine set subject = '', sender = null, reason = 'erased', beginning = '', media = null, collapse_key = '',
                    outcome = 'erased'
             where quarantine_id = any($1) and mail_id = any($2)",
            &entries,
            &ids,
        )
        .execute(self.0.connection())
        .await?;
        let digests: Vec<Vec<u8>> = digests.into_iter().flatten().collect();
        self.drop_blobs(&digests).await
    }

    /// Bytes go that nothing refers to any more.
    pub async fn drop_blobs(&mut self, digests: &[Vec<u8>]) -> Result<()> {
        for digest in digests {
            let now = self.0.now();
            sqlx::query!(
                "with gone as (delete from blob where digest = $1
                 and (select count(*) from (select from attachment where blob = $1 limit 1) as one) = 0
                 and (select count(*) from (select from letter_file where blob = $1 limit 1) as one) = 0
                 and (select count(*) from (select from scheduled_file where digest = $1 limit 1) as one) = 0
                 and (select count(*) from (select from file_in where digest = $1 limit 1) as one) = 0
                 and (select count(*) from (select from mail_in where digest = $1 limit 1) as one) = 0
                 returning digest, is_away)
                 insert into blob_gone (digest, gone_at) select digest, $2 from gone where is_away
                 on conflict (digest) do update set gone_at = excluded.gone_at",
                digest.as_slice(),
                now,
            )
            .execute(self.0.connection())
            .await?;
        }
        Ok(())
    }
}

/// The words that somebody may be found by in what was stored of events.
fn words_of(bodies: &[String]) -> Vec<String> {
    fn texts(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
            Value::Object(fields) => fields.values().for_each(|value| texts(value, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for body in bodies {
        let event: Value = serde_json::from_str(body).unwrap_or_default();
        texts(&event["content"]["body"], &mut found);
        texts(&event["content"]["m.new_content"]["body"], &mut found);
    }
    let words: BTreeSet<String> = found.iter().flat_map(|text| tokens(text)).map(|token| token.word).collect();
    words.into_iter().filter(|word| (4..=32).contains(&word.chars().count())).collect()
}
