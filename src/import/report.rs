//! What an import did, or would do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::TicketId;
use crate::mail::survey::Survey;
use crate::store::imports::Fate;
use crate::store::mails::MailFate;

/// What became of an archive's mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// All of them.
    pub mails: usize,
    /// Those that became a ticket.
    pub new_tickets: usize,
    /// Those that joined a ticket.
    pub follow_ups: usize,
    /// Answers and automatic mails that the desk's own address once sent.
    pub own: usize,
    /// Those that wait for an agent: of strangers, with a right reference or number.
    pub held: usize,
    /// Those that are there already.
    pub duplicates: usize,
    /// Those that a machine wrote.
    pub automatic: usize,
    /// Reports about mails' delivery.
    pub bounces: usize,
    /// Those in quarantine, by reason.
    pub quarantined: BTreeMap<String, usize>,
    /// Those whose reading did not end.
    pub unread: usize,
    /// Mails by charset.
    pub charsets: BTreeMap<String, usize>,
    /// Mails by what could not be read of them as it should.
    pub troubles: BTreeMap<String, usize>,
    /// Acknowledgements that were not written.
    pub withheld: usize,
    /// Mails that went out because of it.
    pub went_out: i64,
    /// Mails by ticket.
    threads: BTreeMap<i64, usize>,
}

impl Report {
    /// Counts a mail by what it is like.
    pub(super) fn saw(&mut self, survey: Survey, is_known: bool) {
        self.mails += 1;
        self.duplicates += usize::from(is_known);
        self.automatic += usize::from(survey.is_automatic);
        self.bounces += usize::from(survey.is_bounce);
        for charset in survey.charsets {
            *self.charsets.entry(charset).or_default() += 1;
        }
        let troubles: BTreeSet<String> = survey.troubles.into_iter().collect();
        for trouble in troubles {
            *self.troubles.entry(trouble).or_default() += 1;
        }
    }

    /// Counts a mail by what it became.
    pub(super) fn became(&mut self, fate: &Fate) {
        self.withheld += usize::from(fate.is_withheld);
        if let Some(ticket) = fate.ticket {
            *self.threads.entry(ticket.0).or_default() += 1;
        }
        match fate.fate {
            MailFate::Duplicate => self.duplicates += 1,
            MailFate::Quarantined => {
                let reason = fate.reason.clone().unwrap_or_else(|| "unknown".to_owned());
                *self.quarantined.entry(reason).or_default() += 1;
            }
            MailFate::Article if fate.visibility == Some(Visibility::Held) => self.held += 1,
            MailFate::Article if fate.place == Some(1) => self.new_tickets += 1,
            MailFate::Article if fate.sender == Some(Sender::Customer) => self.follow_ups += 1,
            // A report's article is counted where the report was seen.
            MailFate::Article if fate.kind == Some(Kind::Mail) => self.own += 1,
            MailFate::Article => {}
            MailFate::Waiting => self.unread += 1,
        }
    }

    /// The tickets that it touched.
    pub(super) fn tickets(&self) -> Vec<TicketId> {
        self.threads.keys().map(|ticket| TicketId(*ticket)).collect()
    }

    /// How many of the mails the longest thread has.
    #[must_use]
    pub fn longest_thread(&self) -> usize {
        self.threads.values().copied().max().unwrap_or_default()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut line = |count: usize, what: &str| writeln!(f, "{count:>8}  {what}");
        line(self.mails, "mails")?;
        line(self.new_tickets, "new tickets")?;
        line(self.follow_ups, "follow-ups")?;
        line(self.own, "mails of this desk's own address, filed in their tickets")?;
        line(self.held, "held in a thread until an agent decides: of people who take no part in it")?;
        line(self.duplicates, "here already: not taken again")?;
        line(self.quarantined.values().sum(), "in quarantine")?;
        line(self.unread, "not read; `ticketloom jobs` says why")?;
        line(self.automatic, "written by machines: never answered")?;
        line(self.bounces, "delivery reports")?;
        line(self.longest_thread(), "mails in the longest thread")?;
        line(self.withheld, "acknowledgements withheld")?;
        line(usize::try_from(self.went_out).unwrap_or_default(), "mails sent")?;
        for (title, counts) in [
            ("In quarantine", &self.quarantined),
            ("Charsets", &self.charsets),
            ("Not read as it should be", &self.troubles),
        ] {
            if counts.is_empty() {
                continue;
            }
            writeln!(f, "{title}:")?;
            for (what, count) in counts {
                writeln!(f, "{count:>8}  {what}")?;
            }
        }
        Ok(())
    }
}
