//! What tickets are found by.

use chrono::{DateTime, Utc};

use super::ticket_lists::TicketLine;
use super::{Result, Tx};
use crate::domain::id::{AgentId, ArticleId, CustomerId, QueueId, TicketId};
use crate::domain::search::{Question, vector};
use crate::domain::ticket::{State, Tag};

/// How many of the youngest hits are ranked, and counted.
pub const MOST_HITS: i64 = 2_000;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, phrases, and what must not be there; may be empty.
    pub question: Question,
    /// The queues that are looked into.
    pub queues: Vec<QueueId>,
    /// In one of these states; empty: in any.
    pub states: Vec<State>,
    /// Whose it is.
    pub owner: Option<AgentId>,
    /// Who it is for.
    pub from: Option<CustomerId>,
    /// What it is tagged with.
    pub tag: Option<Tag>,
    /// Made before this moment.
    pub before: Option<DateTime<Utc>>,
    /// Made since this moment.
    pub after: Option<DateTime<Utc>>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The tickets, the best first, each with the text in which the best hit is.
    pub lines: Vec<(TicketLine, Option<String>)>,
    /// How many tickets there are.
    pub total: i64,
    /// Whether there were more hits than are looked at.
    pub is_more: bool,
}

struct Hit {
    ticket: i64,
    article: Option<i64>,
}

/// What tickets are found by.
pub struct Searches<'t>(pub(super) &'t mut Tx);

impl Searches<'_> {
    /// Records what an article is found by.
    pub(super) async fn put_article(&mut self, ticket: TicketId, article: ArticleId, texts: &[&str]) -> Result<()> {
        sqlx::query!(
            "insert into search_text (ticket_id, article_id, words) values ($1, $2, $3::text::tsvector)
             on conflict (article_id) do update set words = excluded.words",
            ticket.0,
            article.0,
            vector(texts),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records what an article is found by, from what the record has of it.
    pub(super) async fn put_again(&mut self, article: ArticleId) -> Result<()> {
        let row = sqlx::query!(
            r#"select ticket_id, text, subject, customer.name as "name?", address as "address?",
                      array(select attachment.name from attachment where attachment.article_id = article.article_id
                            order by position) as "files!"
               from article left join customer using (customer_id) where article_id = $1"#,
            article.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        let files = row.files.join(" ");
        let [subject, name, address] = [row.subject, row.name, row.address].map(Option::unwrap_or_default);
        self.put_article(TicketId(row.ticket_id), article, &[&row.text, &subject, &name, &address, &files]).await
    }

    /// Records what a ticket is found by besides its articles.
    pub(super) async fn put_ticket(&mut self, ticket: TicketId) -> Result<()> {
        let row = sqlx::query!(
            "select number, subject, name, address from ticket join customer using (customer_id) where ticket_id = $1",
            ticket.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        sqlx::query!(
            "insert into search_text (ticket_id, words) values ($1, $2::text::tsvector)
             on conflict (ticket_id) where article_id is null do update set words = excluded.words",
            ticket.0,
            vector(&[&row.number, &row.subject, &row.name, &row.address]),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The tickets that are looked for, `most` lines from line `skip` on: with words the best first, then the youngest.
    pub async fn find(&mut self, wanted: &Wanted, skip: i64, most: i64) -> Result<Found> {
        let (hits, is_more) =
            if wanted.question.is_empty() { self.by_filters(wanted).await? } else { self.by_words(wanted).await? };
        let total = i64::try_from(hits.len()).unwrap_or(i64::MAX);
        let page: Vec<Hit> = hits
            .into_iter()
            .skip(usize::try_from(skip).unwrap_or_default())
            .take(usize::try_from(most).unwrap_or_default())
            .collect();
        let ids: Vec<i64> = page.iter().map(|hit| hit.ticket).collect();
        let articles: Vec<i64> = page.iter().filter_map(|hit| hit.article).collect();
        let texts = sqlx::query!("select ticket_id, text from article where article_id = any($1)", &articles)
            .fetch_all(self.0.connection())
            .await?;
        let numbers = sqlx::query!("select ticket_id, number from ticket where ticket_id = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        let mut known = self.0.ticket_lists().lines(&ids).await?;
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            let number = numbers.iter().find(|row| row.ticket_id == id).map(|row| row.number.as_str());
            let Some(at) = known.iter().position(|line| Some(line.number.as_str()) == number) else { continue };
            let text = texts.iter().find(|row| row.ticket_id == id).map(|row| row.text.clone());
            lines.push((known.swap_remove(at), text));
        }
        Ok(Found { lines, total, is_more })
    }

    /// The planner takes a common word for a rare one, and the other way round; both are cured by never letting it choose
    /// the walk over the whole table: at most so many hits by the index, and only if there are more, the youngest by key.
    async fn by_words(&mut self, wanted: &Wanted) -> Result<(Vec<Hit>, bool)> {
        let query = wanted.question.query();
        sqlx::query!("set local enable_seqscan = off").execute(self.0.connection()).await?;
        let mut ids = sqlx::query_scalar!(
            r#"with hit as materialized (
                   select search_text_id from search_text where words @@ $1::text::tsquery limit $2)
               select search_text_id from hit"#,
            query,
            MOST_HITS + 1,
        )
        .fetch_all(self.0.connection())
        .await?;
        let is_more = i64::try_from(ids.len()).unwrap_or(i64::MAX) > MOST_HITS;
        if is_more {
            ids = sqlx::query_scalar!(
                "select search_text_id from search_text where words @@ $1::text::tsquery
                 order by search_text_id desc limit $2",
                query,
                MOST_HITS,
            )
            .fetch_all(self.0.connection())
            .await?;
        }
        let hits = self.ranked(wanted, &query, &ids).await?;
        sqlx::query!("set local enable_seqscan = on").execute(self.0.connection()).await?;
        Ok((hits, is_more))
    }

    async fn ranked(&mut self, wanted: &Wanted, query: &str, ids: &[i64]) -> Result<Vec<Hit>> {
        let filter = Filter::of(wanted);
        let rows = sqlx::query!(
            r#"select ticket_id as "ticket!", article_id from (
                   select distinct on (search_text.ticket_id) search_text.ticket_id, search_text.article_id, search_text_id,
                          ts_rank(words, $2::text::tsquery) as rank
                   from unnest($1::bigint[]) as hit (search_text_id) join search_text using (search_text_id)
                        join ticket on ticket.ticket_id = search_text.ticket_id
                        left join article on article.article_id = search_text.article_id
                   where article.cancelled_at is null and queue_id = any($3) and ($4::text[] is null or state = any($4))
                     and ($5::bigint is null or owner_id = $5) and ($6::bigint is null or ticket.customer_id = $6)
                     and ($7::text is null or tags @> array[$7]) and ($8::timestamptz is null or ticket.created_at < $8)
                     and ($9::timestamptz is null or ticket.created_at >= $9)
                   order by search_text.ticket_id, rank desc, search_text_id desc) as best
               order by rank desc, ticket_id desc"#,
            ids,
            query,
            &filter.queues,
            filter.states.as_deref() as _,
            filter.owner,
            filter.from,
            filter.tag,
            wanted.before,
            wanted.after,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| Hit { ticket: row.ticket, article: row.article_id }).collect())
    }

    /// Without words: the youngest tickets, by the index that the narrowest filter has.
    async fn by_filters(&mut self, wanted: &Wanted) -> Result<(Vec<Hit>, bool)> {
        let filter = Filter::of(wanted);
        let rows = sqlx::query_scalar!(
            "select ticket_id from ticket
             where queue_id = any($1) and ($2::text[] is null or state = any($2))
               and ($3::bigint is null or owner_id = $3) and ($4::bigint is null or customer_id = $4)
               and ($5::text is null or tags @> array[$5]) and ($6::timestamptz is null or created_at < $6)
               and ($7::timestamptz is null or created_at >= $7)
             order by ticket_id desc limit $8",
            &filter.queues,
            filter.states.as_deref() as _,
            filter.owner,
            filter.from,
            filter.tag,
            wanted.before,
            wanted.after,
            MOST_HITS,
        )
        .fetch_all(self.0.connection())
        .await?;
        let is_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= MOST_HITS;
        Ok((rows.into_iter().map(|ticket| Hit { ticket, article: None }).collect(), is_more))
    }
}

/// The filters as the record has them.
struct Filter<'w> {
    queues: Vec<i64>,
    states: Option<Vec<&'static str>>,
    owner: Option<i64>,
    from: Option<i64>,
    tag: Option<&'w str>,
}

impl<'w> Filter<'w> {
    fn of(wanted: &'w Wanted) -> Self {
        let states: Vec<&str> = wanted.states.iter().map(|state| state.name()).collect();
        Self {
            queues: wanted.queues.iter().map(|queue| queue.0).collect(),
            states: (!states.is_empty()).then_some(states),
            owner: wanted.owner.map(|owner| owner.0),
            from: wanted.from.map(|from| from.0),
            tag: wanted.tag.as_ref().map(Tag::as_str),
        }
    }
}
