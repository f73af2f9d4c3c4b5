//! What tickets are found by.

use chrono::{DateTime, Utc};

use super::ticket_lists::TicketLine;
use super::{Result, Tx};
use crate::domain::id::{AgentId, ArticleId, CustomerId, QueueId, TicketId};
use crate::domain::search::{Question, among, generations, vector};
use crate::domain::ticket::{State, Tag};

/// How many of the youngest hits are ranked, and counted.
const MOST_HITS: usize = 2_000;
/// How many of a customer's or a tag's tickets are looked at.
const MOST_TICKETS: i64 = 20_000;
/// Among so many of the youngest tickets a search looks first.
const FIRST_LOOK: i64 = 512;
/// For how many words a part of them stands.
const MOST_WHOLE: i64 = 200;

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

impl Wanted {
    /// Whether nothing is asked for, but where to look.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_filtered = self.owner.is_some() || self.from.is_some() || self.tag.is_some() || !self.states.is_empty();
        let is_dated = self.before.is_some() || self.after.is_some();
        self.question.is_empty() && !is_filtered && !is_dated
    }
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
    /// What was asked for in the end: words may stand for those of which they are part.
    pub question: Question,
}

/// Where to look for what is wanted: in texts that have the words, or at tickets.
#[derive(Default)]
struct Hits {
    texts: Vec<i64>,
    tickets: Vec<i64>,
    is_more: bool,
}

/// What tickets are found by.
pub struct Searches<'t>(pub(super) &'t mut Tx);

impl Searches<'_> {
    /// Records what an article is found by.
    pub(super) async fn put_article(&mut self, ticket: TicketId, article: ArticleId, texts: &[&str]) -> Result<()> {
        sqlx::query!(
            "with written as (
                 insert into search_text (ticket_id, article_id, words) values ($1, $2, $3::text::tsvector)
                 on conflict (article_id) do update set words = excluded.words returning words)
             insert into search_word (word)
             select word from written, unnest(tsvector_to_array(words)) as one (word)
             where length(word) between 4 and 32 and not exists (
                 select from search_word as known where known.word = one.word)",
            ticket.0,
            article.0,
            format!("{}{}", vector(texts), generations(ticket)),
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
            "with written as (
                 insert into search_text (ticket_id, words) values ($1, $2::text::tsvector)
                 on conflict (ticket_id) where article_id is null do update set words = excluded.words returning words)
             insert into search_word (word)
             select word from written, unnest(tsvector_to_array(words)) as one (word)
             where length(word) between 4 and 32 and not exists (
                 select from search_word as known where known.word = one.word)",
            ticket.0,
            format!("{}{}", vector(&[&row.number, &row.subject, &row.name, &row.address]), generations(ticket)),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The tickets that are looked for, `most` lines from line `skip` on: with words the best first, then the youngest. If nothing
    /// has the words, they stand for all of which they are part.
    pub async fn find(&mut self, wanted: &Wanted, skip: i64, most: i64) -> Result<Found> {
        let (page, has_words) = ((skip, most), !wanted.question.is_empty());
        self.read_tables("off").await?;
        let hits = if has_words { self.by_words(&wanted.question).await? } else { self.by_filters(wanted).await? };
        let mut found = self.narrowed(wanted, wanted.question.clone(), hits, page).await?;
        if has_words
            && found.total == 0
            && let Some(wider) = self.with_parts(&wanted.question).await?
        {
            let hits = self.by_words(&wider).await?;
            found = self.narrowed(wanted, wider, hits, page).await?;
        }
        self.read_tables("on").await?;
        Ok(found)
    }

    /// Looks for the words themselves among the youngest tickets, then for all that they stand for among as many as seem to be
    /// enough: so a word that is everywhere costs no more than one that is rare, whatever the planner takes it for.
    async fn by_words(&mut self, question: &Question) -> Result<Hits> {
        let youngest = sqlx::query_scalar!(r#"select coalesce(max(ticket_id), 0) as "youngest!" from ticket"#)
            .fetch_one(self.0.connection())
            .await?;
        let (mut query, mut most) = (question.exactly(), FIRST_LOOK);
        loop {
            let young = among(&query, TicketId(youngest), most);
            let mut texts = self.texts(young.as_ref().unwrap_or(&query)).await?;
            let is_more = texts.len() > MOST_HITS;
            let wanted = question.wanted();
            if is_more || (young.is_none() && query == wanted) {
                texts.truncate(MOST_HITS);
                return Ok(Hits { texts, is_more, ..Hits::default() });
            }
            // Twice as many as there would be enough, were the words as common before.
            let rate = one_more(MOST_HITS) * 2 / i64::try_from(texts.len()).unwrap_or(1).max(1);
            (query, most) = (wanted, most.saturating_mul(rate.max(4)));
        }
    }

    /// The youngest tickets' texts that a query fits, one more than are looked at.
    async fn texts(&mut self, query: &str) -> Result<Vec<i64>> {
        // Materialized, so that nobody walks along all texts for the sake of their order.
        let rows = sqlx::query_scalar!(
            r#"with hit as materialized (
                   select search_text_id, ticket_id from search_text where words @@ $1::text::tsquery)
               select search_text_id as "hit!" from hit order by ticket_id desc, search_text_id desc limit $2"#,
            query,
            one_more(MOST_HITS),
        );
        Ok(rows.fetch_all(self.0.connection()).await?)
    }

    /// A question whose words stand for those of which they are part; `None` if nobody wrote such words.
    async fn with_parts(&mut self, question: &Question) -> Result<Option<Question>> {
        let (mut wider, mut is_wider) = (question.clone(), false);
        for part in question.parts() {
            // Words that everybody uses were written early, so they are among the first ones.
            let whole = sqlx::query_scalar!(
                "select word from search_word where parts_of(word) @> parts_of($1) and position($1 in word) > 0 limit $2",
                part,
                MOST_WHOLE,
            )
            .fetch_all(self.0.connection())
            .await?;
            is_wider |= !whole.is_empty();
            wider = wider.with_whole(part, whole);
        }
        Ok(is_wider.then_some(wider))
    }

    /// Whether the planner may read whole tables in this transaction, to find something in them or to join them.
    async fn read_tables(&mut self, may: &str) -> Result<()> {
        sqlx::query_scalar!(
            "select set_config(name, $1, true) from unnest('{enable_seqscan, enable_hashjoin, enable_mergejoin}'::text[]) as name",
            may
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(())
    }

    /// Without words: what the index of the narrowest filter has.
    async fn by_filters(&mut self, wanted: &Wanted) -> Result<Hits> {
        let filter = Filter::of(wanted);
        let (tickets, most) = if let Some(owner) = filter.owner {
            (self.of_owner(owner).await?, MOST_TICKETS)
        } else if let Some(customer) = filter.from {
            (self.of_customer(customer).await?, MOST_TICKETS)
        } else if let Some(tag) = filter.tag {
            (self.tagged(tag).await?, MOST_TICKETS)
        } else {
            (self.in_states(wanted, &filter).await?, one_more(MOST_HITS))
        };
        let is_more = i64::try_from(tickets.len()).unwrap_or(i64::MAX) >= most;
        Ok(Hits { tickets, is_more, ..Hits::default() })
    }

    async fn of_owner(&mut self, owner: i64) -> Result<Vec<i64>> {
        // Nobody holds many.
        let rows = sqlx::query_scalar!("select ticket_id from ticket where owner_id = $1", owner);
        Ok(rows.fetch_all(self.0.connection()).await?)
    }

    async fn of_customer(&mut self, customer: i64) -> Result<Vec<i64>> {
        let rows = sqlx::query_scalar!(
            "select ticket_id from ticket where customer_id = $1 order by created_at desc limit $2",
            customer,
            MOST_TICKETS,
        );
        Ok(rows.fetch_all(self.0.connection()).await?)
    }

    async fn tagged(&mut self, tag: &str) -> Result<Vec<i64>> {
        let rows = sqlx::query_scalar!(
            "with tagged as materialized (select ticket_id from ticket where tags @> array[$1::text] and tags <> '{}')
             select ticket_id from tagged order by ticket_id desc limit $2",
            tag,
            MOST_TICKETS,
        );
        Ok(rows.fetch_all(self.0.connection()).await?)
    }

    /// The youngest tickets of each queue and each state, of which the youngest are taken.
    async fn in_states(&mut self, wanted: &Wanted, filter: &Filter<'_>) -> Result<Vec<i64>> {
        let all = State::ALL.map(State::name);
        let rows = sqlx::query_scalar!(
            r#"select ticket_id as "ticket!" from unnest($1::bigint[]) as one (queue_id) cross join unnest($2::text[]) as other (state)
                      cross join lateral (
                          select ticket_id, created_at from ticket
                          where ticket.queue_id = one.queue_id and ticket.state = other.state
                            and created_at < coalesce($3::timestamptz, 'infinity') and created_at >= coalesce($4::timestamptz, '-infinity')
                          order by created_at desc, ticket_id desc limit $5) as youngest
               order by created_at desc, ticket_id desc limit $5"#,
            &filter.queues,
            filter.states.as_deref().unwrap_or(&all) as _,
            wanted.before,
            wanted.after,
            one_more(MOST_HITS),
        );
        Ok(rows.fetch_all(self.0.connection()).await?)
    }

    /// A page of those hits that have all that is wanted: of each ticket the best.
    async fn narrowed(
        &mut self,
        wanted: &Wanted,
        question: Question,
        hits: Hits,
        (skip, most): (i64, i64),
    ) -> Result<Found> {
        let filter = Filter::of(wanted);
        let rows = sqlx::query!(
            r#"with hit as materialized (
                   select ticket_id, article_id, search_text_id, ts_rank(words, $3::text::tsquery) as rank
                   from unnest($1::bigint[]) as text (search_text_id) join search_text using (search_text_id)
                   union all
                   select ticket_id, null, 0, 0 from unnest($2::bigint[]) as other (ticket_id)),
               best as materialized (
                   select distinct on (ticket.ticket_id) ticket.ticket_id, hit.article_id, rank, ticket.created_at
                   from hit join ticket using (ticket_id) left join article using (article_id)
                   where article.cancelled_at is null and queue_id = any($4) and ($5::text[] is null or state = any($5))
                     and ($6::bigint is null or owner_id = $6) and ($7::bigint is null or ticket.customer_id = $7)
                     and ($8::text is null or tags @> array[$8]) and ($9::timestamptz is null or ticket.created_at < $9)
                     and ($10::timestamptz is null or ticket.created_at >= $10)
                     and ($11::text is null or not exists (
                         select from search_text as other
                         where other.ticket_id = ticket.ticket_id and other.words @@ $11::text::tsquery))
                   order by ticket.ticket_id, rank desc, search_text_id desc)
               select (select count(*) from best) as "total!", page.ticket_id as "ticket?", text as "text?"
               from (select) as always
                    left join (select * from best order by rank desc, created_at desc, ticket_id desc offset $12 limit $13) as page
                    on true
                    left join article using (article_id)
               order by rank desc, page.created_at desc, page.ticket_id desc"#,
            &hits.texts,
            &hits.tickets,
            question.ranked(),
            &filter.queues,
            filter.states.as_deref() as _,
            filter.owner,
            filter.from,
            filter.tag,
            wanted.before,
            wanted.after,
            question.unwanted(),
            skip,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let total = rows.first().map_or(0, |row| row.total).min(one_more(MOST_HITS) - 1);
        let page: Vec<(i64, Option<String>)> =
            rows.into_iter().filter_map(|row| Some((row.ticket?, row.text))).collect();
        let lines = self.with_text(page).await?;
        Ok(Found { lines, total, is_more: hits.is_more, question })
    }

    /// The lines of some tickets, in their order.
    async fn with_text(&mut self, page: Vec<(i64, Option<String>)>) -> Result<Vec<(TicketLine, Option<String>)>> {
        let ids: Vec<i64> = page.iter().map(|(ticket, _)| *ticket).collect();
        let mut known = self.0.ticket_lists().lines(&ids).await?;
        let line = |(ticket, text): (i64, Option<String>)| {
            let at = known.iter().position(|line| line.place.ticket.0 == ticket)?;
            Some((known.swap_remove(at), text))
        };
        Ok(page.into_iter().filter_map(line).collect())
    }
}

/// So many and one: then there are more.
fn one_more(most: usize) -> i64 {
    i64::try_from(most + 1).unwrap_or(i64::MAX)
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
