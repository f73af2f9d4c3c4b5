//! A mail that may become an article.

use super::incoming::{IncomingMail, Mailbox, Nature};
use super::sender::Authenticated;
use crate::domain::article::Sender;
use crate::domain::queue::{Machines, Queue};
use crate::store::customers::Customer;
use crate::store::mails::StoredMail;

/// A mail on its way through the desk.
pub(super) struct Arrival<'a> {
    pub(super) stored: &'a StoredMail,
    pub(super) mail: &'a IncomingMail,
    pub(super) from: &'a Mailbox,
    pub(super) queue: Queue,
    pub(super) customer: Customer,
    /// The customer; an archive also has answers of agents.
    pub(super) sender: Sender,
    /// Why it goes where it goes, for `!why`.
    pub(super) rule: &'static str,
    /// What the house's mail server found of its sender.
    pub(super) found: Option<Authenticated>,
}

impl Arrival<'_> {
    /// Whether the desk may answer it by itself: nothing forbids it, and its envelope has a sender (RFC 3834 §2).
    pub(super) fn may_be_answered(&self) -> bool {
        may_be_answered(&self.mail.nature, self.stored.envelope_from.as_deref())
    }

    /// Whether it begins a ticket, and opens a closed one again: a person wrote it, or a machine that the queue lets.
    pub(super) fn acts(&self) -> bool {
        acts(&self.mail.nature, self.queue.machines)
    }
}

fn may_be_answered(nature: &Nature, envelope_from: Option<&str>) -> bool {
    *nature == Nature::Human && envelope_from != Some("")
}

fn acts(nature: &Nature, machines: Machines) -> bool {
    nature.is_person() || (matches!(nature, Nature::Machine { .. }) && machines == Machines::Ticket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::intake::incoming::Bounce;
    use crate::domain::response::Response;

    #[test]
    fn persons_act_and_machines_where_they_may_and_only_persons_are_answered() {
        let sign = || "x".to_owned();
        let response = |what| Nature::Response { what, sign: sign() };
        for (nature, acts_in_quarantine, acts_in_ticket, is_answered) in [
            (Nature::Human, true, true, true),
            (Nature::Relayed { sign: sign() }, true, true, false),
            (Nature::Machine { sign: sign() }, false, true, false),
            (response(Response::Absence), false, false, false),
            (response(Response::Receipt), false, false, false),
            (response(Response::Automatic), false, false, false),
            (Nature::Bounce(Bounce::default()), false, false, false),
        ] {
            assert_eq!(acts(&nature, Machines::Quarantine), acts_in_quarantine, "{nature:?}");
            assert_eq!(acts(&nature, Machines::Ticket), acts_in_ticket, "{nature:?}");
            assert_eq!(may_be_answered(&nature, Some("carol@x.test")), is_answered, "{nature:?}");
            assert_eq!(may_be_answered(&nature, None), is_answered, "a mailbox may not tell the envelope: {nature:?}");
            assert!(!may_be_answered(&nature, Some("")), "nobody is there to answer: {nature:?}");
        }
    }
}
