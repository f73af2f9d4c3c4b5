//! Queues and their rooms.

use chrono_tz::Tz;
use serde::Serialize;

use super::{Result, Store, StoreError, Tx};
use crate::domain::id::{EmailAddress, QueueId, RoomId, UserId};
use crate::domain::language::Language;
use crate::domain::queue::{ClosedFollowUp, Intake, Machines, NotifyNew, Posting, Queue};

/// A queue to be added.
#[derive(Clone, Debug)]
pub struct NewQueue {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Its address.
    pub address: EmailAddress,
    /// How its mail comes in.
    pub intake: Intake,
    /// Who may write in its room.
    pub posting: Posting,
    /// In what language the desk itself writes to its customers.
    pub language: Language,
    /// What becomes of a machine's mail.
    pub machines: Machines,
    /// Whether its room is end-to-end encrypted. For good: a room can't be made plain again.
    pub encrypted: bool,
}

/// What of a queue is to be changed; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct QueueChange {
    /// What people read.
    pub title: Option<String>,
    /// Its address.
    pub address: Option<EmailAddress>,
    /// How its mail comes in.
    pub intake: Option<Intake>,
    /// What stands below every answer.
    pub signature: Option<String>,
    /// What stands above every answer.
    pub salutation: Option<String>,
    /// Whether answers quote.
    pub quotes: Option<bool>,
    /// What a customer's mail does to a closed ticket.
    pub closed_follow_up: Option<ClosedFollowUp>,
    /// How long after a closing a mere thank-you opens nothing.
    pub grace: Option<std::time::Duration>,
    /// In what language the desk itself writes to its customers.
    pub language: Option<Language>,
    /// What becomes of a machine's mail.
    pub machines: Option<Machines>,
    /// The acknowledgement in its own words.
    pub acknowledgement: Option<String>,
    /// The rejection in its own words.
    pub rejection: Option<String>,
    /// Whether a new ticket is acknowledged.
    pub acknowledge: Option<bool>,
    /// Whom a new ticket calls.
    pub notify_new: Option<NotifyNew>,
    /// Who may write in its room.
    pub posting: Option<Posting>,
    /// Whether it takes no more mail.
    pub archived: Option<bool>,
    /// In which time zone its agents name moments.
    pub time_zone: Option<Tz>,
    /// Whether its mails have a link to the ticket's page.
    pub page: Option<bool>,
    /// Whether customers can close a ticket there.
    pub page_closes: Option<bool>,
    /// Whether a ticket of alerts is closed when none of them fires any more.
    pub alerts_close: Option<bool>,
}

impl Store {
    /// Whether any queue's room is end-to-end encrypted.
    ///
    /// # Errors
    /// If PostgreSQL is away.
    pub async fn has_encrypted_queues(&self) -> Result<bool> {
        let queues = self.begin().await?.queues().all().await?;
        Ok(queues.iter().any(|queue| queue.encrypted && !queue.archived))
    }
}

/// A queue as `queue list --json` shows it.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "settings that have nothing to do with each other")]
pub struct QueueLine {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Address.
    pub address: String,
    /// Room, once made.
    pub room_id: Option<String>,
    /// Intake.
    pub intake: &'static str,
    /// Posting.
    pub posting: &'static str,
    /// Language.
    pub language: &'static str,
    /// What becomes of a machine's mail.
    pub machines: &'static str,
    /// Above every answer.
    pub salutation: String,
    /// Below every answer.
    pub signature: String,
    /// Whether answers quote.
    pub quotes: bool,
    /// What a mail does to a closed ticket.
    pub closed_follow_up: &'static str,
    /// Whether new tickets are acknowledged.
    pub acknowledge: bool,
    /// The acknowledgement in the queue's own words.
    pub acknowledgement: String,
    /// The rejection in the queue's own words.
    pub rejection: String,
    /// `none`, `room`, or the Matrix ids that a new ticket mentions.
    pub notify_new: String,
    /// Encryption.
    pub encrypted: bool,
    /// Archived.
    pub archived: bool,
    /// In which time zone its agents name moments.
    pub time_zone: &'static str,
    /// Whether its mails have a link to the ticket's page.
    pub page: bool,
    /// Whether customers can close a ticket there.
    pub page_closes: bool,
    /// Whether a ticket of alerts is closed when none of them fires any more.
    pub alerts_close: bool,
}

impl From<&Queue> for QueueLine {
    fn from(queue: &Queue) -> Self {
        Self {
            name: queue.name.clone(),
            title: queue.title.clone(),
            address: queue.address.to_string(),
            room_id: queue.room.as_ref().map(ToString::to_string),
            intake: queue.intake.name(),
            posting: queue.posting.name(),
            language: queue.language.code(),
            machines: queue.machines.name(),
            salutation: queue.salutation.clone(),
            signature: queue.signature.clone(),
            quotes: queue.quotes,
            closed_follow_up: queue.closed_follow_up.name(),
            acknowledge: queue.acknowledge,
            acknowledgement: queue.acknowledgement.clone(),
            rejection: queue.rejection.clone(),
            notify_new: queue.notify_new.to_string(),
            encrypted: queue.encrypted,
            archived: queue.archived,
            time_zone: queue.time_zone.name(),
            page: queue.page,
            page_closes: queue.page_closes,
            alerts_close: queue.alerts_close,
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "a row, column by column")]
struct QueueRow {
    queue_id: i64,
    name: String,
    title: String,
    address: String,
    intake: String,
    signature: String,
    salutation: String,
    quotes: bool,
    closed_follow_up: String,
    language: String,
    machines: String,
    acknowledgement: String,
    rejection: String,
    acknowledge: bool,
    notify_new: String,
    notify_list: Vec<String>,
    posting: String,
    encrypted: bool,
    archived: bool,
    time_zone: String,
    page: bool,
    page_closes: bool,
    alerts_close: bool,
    room_id: Option<String>,
}

impl TryFrom<QueueRow> for Queue {
    type Error = StoreError;

    fn try_from(row: QueueRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "queue", row: row.queue_id.to_string(), what: what.to_owned() };
        Ok(Self {
            id: QueueId(row.queue_id),
            address: EmailAddress::parse(&row.address).ok_or_else(|| unsound("address"))?,
            intake: Intake::named(&row.intake).ok_or_else(|| unsound("intake"))?,
            notify_new: match row.notify_new.as_str() {
                "none" => NotifyNew::None,
                "room" => NotifyNew::Room,
                _ => NotifyNew::List(row.notify_list.iter().filter_map(|user| UserId::parse(user)).collect()),
            },
            posting: if row.posting == "members" { Posting::Members } else { Posting::Agents },
            room: row.room_id.as_deref().and_then(RoomId::parse),
            name: row.name,
            title: row.title,
            signature: row.signature,
            salutation: row.salutation,
            quotes: row.quotes,
            closed_follow_up: match row.closed_follow_up.as_str() {
                "reject" => ClosedFollowUp::Reject,
                "new" => ClosedFollowUp::New,
                _ => ClosedFollowUp::Reopen,
            },
            language: Language::coded(&row.language).ok_or_else(|| unsound("language"))?,
            machines: Machines::named(&row.machines).ok_or_else(|| unsound("machines"))?,
            acknowledgement: row.acknowledgement,
            rejection: row.rejection,
            acknowledge: row.acknowledge,
            encrypted: row.encrypted,
            archived: row.archived,
            time_zone: row.time_zone.parse().map_err(|_| unsound("time_zone"))?,
            page: row.page,
            page_closes: row.page_closes,
            alerts_close: row.alerts_close,
        })
    }
}

/// Queues and their settings.
pub struct Queues<'t>(pub(super) &'t mut Tx);

impl Queues<'_> {
    /// All queues, in the order of their names.
    pub async fn all(&mut self) -> Result<Vec<Queue>> {
        sqlx::query_as!(
            QueueRow,
            "select queue_id, name, title, address, intake, signature, salutation, quotes, closed_follow_up, language,
                    acknowledgement, rejection, acknowledge, notify_new, notify_list, posting, encrypted, archived, machines, time_zone, page, page_closes,
                    alerts_close,
                    (select room_id from room where room.queue_id = queue.queue_id) as room_id from queue order by name",
        )
        .fetch_all(self.0.connection())
        .await?
        .into_iter()
        .map(Queue::try_from)
        .collect()
    }

    /// One queue.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none (queues are never deleted).
    pub async fn get(&mut self, queue: QueueId) -> Result<Queue> {
        sqlx::query_as!(
            QueueRow,
            "select queue_id, name, title, address, intake, signature, salutation, quotes, closed_follow_up, language,
                    acknowledgement, rejection, acknowledge, notify_new, notify_list, posting, encrypted, archived, machines, time_zone, page, page_closes,
                    alerts_close,
                    (select room_id from room where room.queue_id = queue.queue_id) as room_id from queue where queue_id = $1",
            queue.0,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()
    }

    /// Adds a queue. One that is there already with the same address is left as it is: `false`.
    ///
    /// # Errors
    /// A constraint if the name or the address belongs to another queue.
    pub async fn add(&mut self, queue: &NewQueue) -> Result<bool> {
        let same = sqlx::query_scalar!(
            r#"select exists (select from queue where name = $1 and address_key = lower($2)) as "same!""#,
            queue.name,
            queue.address.as_str(),
        )
        .fetch_one(self.0.connection())
        .await?;
        if same {
            return Ok(false);
        }
        sqlx::query!(
            "insert into queue (name, title, address, intake, posting, language, machines, encrypted) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            queue.name,
            queue.title,
            queue.address.as_str(),
            queue.intake.name(),
            queue.posting.name(),
            queue.language.code(),
            queue.machines.name(),
            queue.encrypted,
        )
        .execute(self.0.connection())
        .await?;
        Ok(true)
    }

    /// Changes a queue's settings; `false` if there is none of that name.
    ///
    /// # Errors
    /// A constraint if the address belongs to another queue.
    pub async fn change(&mut self, name: &str, change: &QueueChange) -> Result<bool> {
        let (word, list) = match &change.notify_new {
            None => (None, None),
            Some(NotifyNew::None) => (Some("none"), Some(vec![])),
            Some(NotifyNew::Room) => (Some("room"), Some(vec![])),
            Some(NotifyNew::List(users)) => {
                (Some("list"), Some(users.iter().map(ToString::to_string).collect::<Vec<_>>()))
            }
        };
        let done = sqlx::query!(
            "update queue set title = coalesce($2, title), address = coalesce($3, address), intake = coalesce($4, intake),
                    signature = coalesce($5, signature), acknowledge = coalesce($6, acknowledge),
                    notify_new = coalesce($7, notify_new), notify_list = coalesce($8, notify_list),
                    posting = coalesce($9, posting), archived = coalesce($10, archived),
                    salutation = coalesce($11, salutation), quotes = coalesce($12, quotes),
                    closed_follow_up = coalesce($13, closed_follow_up), grace = coalesce(make_interval(secs => $14), grace),
                    acknowledgement = coalesce($15, acknowledgement), rejection = coalesce($16, rejection),
                    language = coalesce($17, language), machines = coalesce($18, machines),
                    time_zone = coalesce($19, time_zone), page = coalesce($20, page),
                    page_closes = coalesce($21, page_closes), alerts_close = coalesce($22, alerts_close)
             where name = $1",
            name,
            change.title,
            change.address.as_ref().map(EmailAddress::as_str),
            change.intake.map(Intake::name),
            change.signature,
            change.acknowledge,
            word,
            list.as_deref(),
            change.posting.map(Posting::name),
            change.archived,
            change.salutation,
            change.quotes,
            change.closed_follow_up.map(ClosedFollowUp::name),
            change.grace.map(|grace| grace.as_secs_f64()),
            change.acknowledgement,
            change.rejection,
            change.language.map(Language::code),
            change.machines.map(Machines::name),
            change.time_zone.map(Tz::name),
            change.page,
            change.page_closes,
            change.alerts_close,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
