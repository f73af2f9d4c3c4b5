//! What stays of a ticket's history when the words in it are erased.

use super::{Tag, TicketEvent, WithheldReason};
use crate::domain::id::EmailAddress;

/// Stands where a ticket's subject stood.
pub const ERASED: &str = "(erased)";

impl TicketEvent {
    /// The same without somebody's address, in whose place another one stands; and, of a ticket that was theirs, without the words that
    /// were typed. `None`: nothing of that is in it.
    #[must_use]
    pub fn erased(&self, whom: &EmailAddress, stand_in: &EmailAddress, is_theirs: bool) -> Option<Self> {
        let mut left = self.clone();
        for address in left.addresses() {
            if address.key() == whom.key() {
                *address = stand_in.clone();
            }
        }
        if is_theirs {
            match &mut left {
                Self::SubjectChanged { from, to } => (*from, *to) = (ERASED.to_owned(), ERASED.to_owned()),
                Self::TagAdded { tag } | Self::TagRemoved { tag } => *tag = Tag::parse("erased").unwrap_or(tag.clone()),
                Self::AutomaticWithheld { why: WithheldReason::NotComposable { what }, .. } => {
                    ERASED.clone_into(what);
                }
                _ => {}
            }
        }
        // Two spellings of an address are equal, and here it is the spelling that goes.
        (format!("{left:?}") != format!("{self:?}")).then_some(left)
    }

    fn addresses(&mut self) -> Vec<&mut EmailAddress> {
        match self {
            Self::CustomerChanged { from, to } => vec![from, to],
            Self::ParticipantAdded { address } | Self::ParticipantRemoved { address } => vec![address],
            Self::MailReceived { from, .. } | Self::MailHeld { from, .. } | Self::ForwardAnswered { from, .. } => {
                vec![from]
            }
            Self::Forwarded { to, .. }
            | Self::MailSent { to }
            | Self::MailPerhapsSent { to }
            | Self::MailFailed { to } => vec![to],
            Self::MarkedAsSpam { blocked } => vec![blocked],
            _ => vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ArticleId;

    #[test]
    fn an_address_goes_wherever_it_is_and_words_go_with_the_ticket() {
        let address = |text: &str| EmailAddress::parse(text).expect("an address");
        let (carol, nobody) = (address("carol@customer.test"), address("erased-1@erased.invalid"));
        let received = |from| TicketEvent::MailReceived { article: ArticleId(7), from };
        let erased = |event: &TicketEvent, is_theirs| event.erased(&carol, &nobody, is_theirs);
        assert_eq!(erased(&received(address("CAROL@customer.test")), false), Some(received(nobody.clone())));
        assert_eq!(erased(&received(address("dave@customer.test")), true), None);
        let renamed = |from: &str, to: &str| TicketEvent::SubjectChanged { from: from.to_owned(), to: to.to_owned() };
        assert_eq!(erased(&renamed("a", "b"), true), Some(renamed(ERASED, ERASED)));
        assert_eq!(erased(&renamed("a", "b"), false), None);
        assert_eq!(erased(&TicketEvent::Thanked, true), None);
    }
}
