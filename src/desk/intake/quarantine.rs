//! Mails that become no article by themselves: why, and where agents see them.

use std::fmt;
use std::time::Duration;

use super::incoming::{IncomingMail, MOST_HOPS};
use crate::desk::agent_mail::NoNote;
use crate::domain::id::EmailAddress;
use crate::domain::number::{Number, shorten};
use crate::domain::quarantined::QuarantineKind;
use crate::domain::size;
use crate::store::mails::StoredMail;
use crate::store::quarantine::Glance;
use crate::store::{Result, Tx};

/// How long an entry takes in more of its kind: a mail that stands there by itself.
const ALONE: Duration = Duration::ZERO;
/// Reports, and machines.
const A_MINUTE: Duration = Duration::from_mins(1);
/// A burst.
const AN_HOUR: Duration = Duration::from_hours(1);

/// How many characters of a mail's words are shown.
const BEGINNING: usize = 160;

/// Why a mail waits for an agent. Its words are what agents read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The reader could not read it, and why.
    Unreadable(String),
    /// It has so many bytes, more than is taken.
    LeftBehind(i64),
    /// It came over too many servers.
    Circles,
    /// A delivery report that came to no address that would prove what it is about, which may be a mail of that ticket.
    StrayReport(Option<Number>),
    /// It names nobody as its sender.
    NoSender,
    /// That sender is blocked.
    Blocked(EmailAddress),
    /// It says that the desk itself wrote it.
    SaysItIsUs,
    /// An archive's mail of the desk's own that answers none here.
    AnswersNothing,
    /// A filter before us calls it spam, by that header.
    Spam(String),
    /// A machine's, by that sign, without a ticket.
    Automatic(String),
    /// It came to the address of a mail to an agent, and is no note of theirs.
    ToAgent(NoNote),
    /// So many tickets within an hour are enough from that sender.
    Burst(u16, EmailAddress),
    /// So many mails to tickets that are there within an hour are enough.
    Excess(Excess),
    /// So many reports within an hour about that ticket's mails are enough.
    ExcessReport(i64, Number),
}

/// How many mails to tickets are enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    /// How many within an hour.
    pub(super) most: i64,
    /// Whose. `None`: of all together who take no part.
    pub(super) writer: Option<EmailAddress>,
    /// To which ticket. `None`: to all together.
    pub(super) ticket: Option<Number>,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} mails within an hour ", self.most)?;
        match &self.writer {
            Some(writer) => write!(f, "from {writer} "),
            None => f.write_str("from people who take no part "),
        }?;
        match &self.ticket {
            Some(number) => write!(f, "to Ticket#{number}"),
            None => f.write_str("to tickets"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => f.write_str(why),
            Self::LeftBehind(size) => write!(
                f,
                "it has {}, more than is taken (imap.max_size): it stays in its mailbox, and here is its header",
                size::shown(size.unsigned_abs())
            ),
            Self::Circles => write!(f, "it came over more than {MOST_HOPS} mail servers: it goes round in circles"),
            Self::StrayReport(None) => f.write_str("a delivery report about no mail of this desk"),
            Self::StrayReport(Some(number)) => write!(
                f,
                "a delivery report about a mail of Ticket#{number}; it came to no address that would prove it"
            ),
            Self::NoSender => f.write_str("it has no readable sender"),
            Self::Blocked(sender) => write!(f, "{sender} is blocked"),
            Self::SaysItIsUs => f.write_str("it says that it is from this desk itself"),
            Self::AnswersNothing => f.write_str("a mail of this desk's own that answers no mail here"),
            Self::Spam(mark) => write!(f, "marked as spam ({mark})"),
            Self::Automatic(sign) => write!(f, "automatic mail that belongs to no ticket ({sign})"),
            Self::ToAgent(NoNote::Machine) => {
                f.write_str("a machine's answer to a mail that told an agent of a ticket")
            }
            Self::ToAgent(NoNote::NotTheirs) => {
                f.write_str("an answer to a mail that told an agent of a ticket, not from that agent's address")
            }
            Self::ToAgent(NoNote::NoMore) => {
                f.write_str("an answer to a mail that told somebody of a ticket who works there no more")
            }
            Self::Burst(most, sender) => write!(f, "more than {most} new tickets within an hour from {sender}"),
            Self::Excess(excess) => excess.fmt(f),
            Self::ExcessReport(most, number) => {
                write!(f, "more than {most} delivery reports within an hour about Ticket#{number}")
            }
        }
    }
}

impl Reason {
    /// What lists group it by.
    fn kind(&self) -> QuarantineKind {
        match self {
            Self::Unreadable(_)
            | Self::LeftBehind(_)
            | Self::Circles
            | Self::NoSender
            | Self::SaysItIsUs
            | Self::AnswersNothing
            | Self::ToAgent(NoNote::NotTheirs | NoNote::NoMore) => QuarantineKind::Other,
            Self::StrayReport(_) | Self::ExcessReport(..) => QuarantineKind::Report,
            Self::Blocked(_) => QuarantineKind::Blocked,
            Self::Spam(_) => QuarantineKind::Spam,
            Self::Automatic(_) | Self::ToAgent(NoNote::Machine) => QuarantineKind::Automatic,
            Self::Burst(..) | Self::Excess(_) => QuarantineKind::Excess,
        }
    }

    /// How long an entry takes in more of the same sender and reason.
    fn window(&self) -> Duration {
        match self {
            Self::Unreadable(_) | Self::LeftBehind(_) | Self::NoSender | Self::Spam(_) => ALONE,
            Self::Circles
            | Self::StrayReport(_)
            | Self::Blocked(_)
            | Self::SaysItIsUs
            | Self::AnswersNothing
            | Self::Automatic(_)
            | Self::ToAgent(_) => A_MINUTE,
            Self::Burst(..) | Self::Excess(_) | Self::ExcessReport(..) => AN_HOUR,
        }
    }
}

/// What is told of a mail that is kept.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    from: Option<&'a EmailAddress>,
    subject: &'a str,
    words: &'a str,
}

impl<'a> About<'a> {
    /// Of one that was read.
    pub(super) fn mail(from: Option<&'a EmailAddress>, mail: &'a IncomingMail) -> Self {
        Self { from, subject: &mail.subject, words: &mail.fresh.text }
    }

    /// Of one that could not be.
    pub(super) fn nothing() -> Self {
        Self { from: None, subject: "", words: "" }
    }
}

/// Keeps a mail where agents see it. Those of the same sender and reason are one entry for a while.
pub(super) async fn keep(tx: &mut Tx, stored: &StoredMail, about: About<'_>, reason: &Reason) -> Result<()> {
    keep_or_count(tx, stored, about, reason).await.map(drop)
}

/// The same; whether the mail begins an entry, and is not one more in another's.
pub(super) async fn keep_or_count(
    tx: &mut Tx,
    stored: &StoredMail,
    About { from, subject, words }: About<'_>,
    reason: &Reason,
) -> Result<bool> {
    let sender = from.map(EmailAddress::as_str).or(stored.envelope_from.as_deref()).filter(|sender| !sender.is_empty());
    let why = reason.to_string();
    let key = format!("{why} {}", from.map(EmailAddress::key).unwrap_or_default());
    let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let (subject, beginning) = (shorten(subject, 200), shorten(&one_line, BEGINNING));
    let glance = Glance { sender, subject: &subject, beginning: &beginning };
    tx.quarantine().add(stored.queue, stored.id, glance, (reason.kind(), &why), (&key, reason.window())).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample::{address, number};

    #[test]
    fn what_comes_in_numbers_is_one_entry_for_a_while_and_what_one_must_read_is_its_own() {
        let word = || "x".to_owned();
        for (reason, window) in [
            (Reason::Unreadable(word()), ALONE),
            (Reason::LeftBehind(1), ALONE),
            (Reason::NoSender, ALONE),
            (Reason::Spam(word()), ALONE),
            (Reason::Circles, A_MINUTE),
            (Reason::StrayReport(None), A_MINUTE),
            (Reason::Blocked(address("a@x.test")), A_MINUTE),
            (Reason::SaysItIsUs, A_MINUTE),
            (Reason::AnswersNothing, A_MINUTE),
            (Reason::Automatic(word()), A_MINUTE),
            (Reason::Burst(20, address("a@x.test")), AN_HOUR),
            (Reason::Excess(Excess { most: 20, writer: None, ticket: None }), AN_HOUR),
            (Reason::ExcessReport(20, number()), AN_HOUR),
        ] {
            assert_eq!(reason.window(), window, "{reason}");
        }
    }

    #[test]
    fn a_reason_names_what_it_goes_by() {
        let number = number();
        for (reason, named) in [
            (Reason::Unreadable("it is empty".to_owned()), "it is empty"),
            (Reason::LeftBehind(40 << 20), "40 MiB"),
            (Reason::Circles, "50 mail servers"),
            (Reason::StrayReport(Some(number.clone())), number.as_str()),
            (Reason::Blocked(address("Eve@x.test")), "Eve@x.test is blocked"),
            (Reason::Spam("X-Spam-Flag: YES".to_owned()), "(X-Spam-Flag: YES)"),
            (Reason::Automatic("List-Unsubscribe".to_owned()), "(List-Unsubscribe)"),
            (Reason::Burst(20, address("a@x.test")), "more than 20 new tickets within an hour from a@x.test"),
            (Reason::ExcessReport(20, number.clone()), "more than 20 delivery reports within an hour about Ticket#"),
        ] {
            assert!(reason.to_string().contains(named), "{reason}: {named}");
        }
    }

    #[test]
    fn what_is_too_much_says_whose_and_where() {
        let (writer, ticket) = (|| Some(address("a@x.test")), || Some(number()));
        for (excess, wanted) in [
            (
                Excess { most: 20, writer: writer(), ticket: ticket() },
                format!("20 mails within an hour from a@x.test to Ticket#{}", number()),
            ),
            (
                Excess { most: 200, writer: writer(), ticket: None },
                "200 mails within an hour from a@x.test to tickets".to_owned(),
            ),
            (
                Excess { most: 20, writer: None, ticket: ticket() },
                format!("20 mails within an hour from people who take no part to Ticket#{}", number()),
            ),
            (
                Excess { most: 200, writer: None, ticket: None },
                "200 mails within an hour from people who take no part to tickets".to_owned(),
            ),
        ] {
            assert_eq!(Reason::Excess(excess).to_string(), format!("more than {wanted}"));
        }
    }
}
