//! Texts that agents answer with.

use super::{Result, StoreError, Tx};
use crate::domain::id::QueueId;
use crate::domain::language::Language;

/// A text that agents answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The queue that it is for; `None`: all.
    pub queue: Option<QueueId>,
    /// What agents call it.
    pub name: String,
    /// The language that it is in; `None`: any queue's.
    pub language: Option<Language>,
    /// The text, in Markdown, with placeholders.
    pub text: String,
}

/// Texts that agents answer with.
pub struct Templates<'t>(pub(super) &'t mut Tx);

impl Templates<'_> {
    /// All of them, in the order of their names; a queue's own before the general ones.
    pub async fn all(&mut self) -> Result<Vec<Template>> {
        let rows = sqlx::query!(
            "select queue_id, name, language, text from template order by name, queue_id nulls last, language nulls last"
        )
        .fetch_all(self.0.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let unsound =
                    || StoreError::Unsound { table: "template", row: row.name.clone(), what: "language".to_owned() };
                let language = match &row.language {
                    Some(code) => Some(Language::coded(code).ok_or_else(unsound)?),
                    None => None,
                };
                Ok(Template { queue: row.queue_id.map(QueueId), language, name: row.name, text: row.text })
            })
            .collect()
    }

    /// Sets one, in place of that of the same name, queue and language.
    pub async fn put(&mut self, template: &Template) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "insert into template (queue_id, name, language, text, changed_at) values ($1, $2, $3, $4, $5)
             on conflict (name, coalesce(queue_id, 0), coalesce(language, ''))
             do update set text = excluded.text, changed_at = excluded.changed_at",
            template.queue.map(|queue| queue.0),
            template.name,
            template.language.map(Language::code),
            template.text,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Removes one; `false` if there is none.
    pub async fn remove(&mut self, name: &str, queue: Option<QueueId>, language: Option<Language>) -> Result<bool> {
        let done = sqlx::query!(
            "delete from template where name = $1 and queue_id is not distinct from $2 and language is not distinct from $3",
            name,
            queue.map(|queue| queue.0),
            language.map(Language::code),
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
