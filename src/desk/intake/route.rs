//! Where a mail belongs.

use super::quarantine::Reason;
use super::sender::Authenticated;
use crate::domain::id::TicketId;

/// Where a mail goes, and why, for `!why`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Into that ticket: who wrote it takes part in it.
    Join(TicketId, &'static str),
    /// Into that ticket: who wrote it has a mail of it, as whoever got one passed on has, and takes part no more by that.
    Newcomer(TicketId, &'static str),
    /// Into that ticket, and never before its customer's eyes: it answers what was forwarded.
    Internal(TicketId, &'static str),
    /// It claims to belong to that ticket, and nothing proves it: it is held there for an agent.
    Hold(TicketId, &'static str),
    /// Nowhere: it is a new ticket.
    Open(&'static str),
    /// Nowhere, and it must not open a ticket by itself.
    Quarantine(Reason),
}

/// The strongest of what ties a mail to a ticket. Of a ticket that was merged it names the canonical one; `None`: that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clue {
    /// The same mail came before with other things in it, to that ticket; and whether it is held there.
    Repeated { ticket: Option<TicketId>, is_held: bool },
    /// It came to the signed reply address of one of its mails.
    SignedAddress(TicketId),
    /// It came to the signed address of what was forwarded, or answers that, or an answer to it.
    Forwarded(TicketId),
    /// It is the whole of a mail whose header alone is there.
    HeaderOf(TicketId),
    /// It answers one of its mails (In-Reply-To, References).
    Reference(Option<TicketId>),
    /// Its subject has the ticket's tag.
    Tag(Option<TicketId>),
    /// It answers the same mail as that ticket's, which the desk does not have, under the same subject; its author takes part.
    Continued(TicketId),
    /// Nothing does.
    Nothing,
}

/// What a route is decided by.
pub(super) struct Facts<'a> {
    pub(super) clue: Clue,
    /// Whether the mail's author takes part in that ticket, or was written to by the letter whose address it came to.
    pub(super) takes_part: bool,
    /// What the house's mail server found of its author.
    pub(super) found: Option<Authenticated>,
    /// Whether that server is asked at all (`authserv_id`).
    pub(super) is_asked: bool,
    /// The header by which a filter before us calls it spam.
    pub(super) spam: Option<&'a str>,
    /// Why it may not begin a ticket, if it may not.
    pub(super) automatic: Option<&'a str>,
}

/// Says where a mail goes: what is proved into its ticket, what is only claimed is held there, and what belongs nowhere opens
/// one. Spam, and a machine's mail that belongs nowhere, wait in quarantine.
pub(super) fn route(facts: &Facts<'_>) -> Route {
    let route = by_clue(facts);
    match (&route, facts.spam, facts.automatic) {
        (Route::Hold(..) | Route::Open(_), Some(mark), _) => Route::Quarantine(Reason::Spam(mark.to_owned())),
        (Route::Open(_), None, Some(sign)) => Route::Quarantine(Reason::Automatic(sign.to_owned())),
        _ => route,
    }
}

fn by_clue(facts: &Facts<'_>) -> Route {
    match facts.clue {
        Clue::Repeated { ticket: None, .. } => {
            Route::Open("the same mail came before with other files or HTML, to a ticket that was merged away")
        }
        Clue::Repeated { ticket: Some(ticket), is_held } => as_before(facts, ticket, is_held),
        Clue::SignedAddress(ticket) if facts.takes_part => {
            Route::Join(ticket, "it came to the signed reply address of a mail of this ticket")
        }
        Clue::SignedAddress(ticket) => Route::Newcomer(
            ticket,
            "it came to the signed reply address of a mail of this ticket, in which its sender takes no part",
        ),
        Clue::Forwarded(ticket) => Route::Internal(ticket, "it answers what was forwarded of this ticket"),
        Clue::HeaderOf(ticket) => {
            Route::Join(ticket, "it is the whole of a mail that was too large, of which this ticket had the header")
        }
        Clue::Continued(ticket) => Route::Join(
            ticket,
            "it answers the same mail as this ticket's, which the desk does not have, and its sender takes part",
        ),
        Clue::Nothing => Route::Open("it refers to no ticket"),
        Clue::Reference(None) | Clue::Tag(None) => {
            Route::Open("the ticket that it refers to was merged away, or erased")
        }
        Clue::Reference(Some(ticket)) => claimed(facts, ticket, true),
        Clue::Tag(Some(ticket)) => claimed(facts, ticket, false),
    }
}

/// What came before with something else goes where the first one is, and is believed no more than that.
fn as_before(facts: &Facts<'_>, ticket: TicketId, is_held: bool) -> Route {
    let rule = "the same mail came before with other files or HTML";
    if is_held || facts.found == Some(Authenticated::Fail) {
        Route::Hold(ticket, rule)
    } else if facts.takes_part {
        Route::Join(ticket, rule)
    } else {
        Route::Newcomer(ticket, rule)
    }
}

/// References and tags count only of somebody who takes part. Where the house's mail server says who is who, a sender who
/// failed takes part in nothing, and a tag alone, which everybody can guess, counts only with a pass (R46).
fn claimed(facts: &Facts<'_>, ticket: TicketId, is_reference: bool) -> Route {
    if !facts.takes_part {
        return Route::Hold(ticket, "it refers to this ticket, but its sender does not take part in it");
    }
    match (is_reference, facts.found) {
        (_, Some(Authenticated::Fail)) => {
            Route::Hold(ticket, "it names a sender who takes part, but the mail server found that to be forged")
        }
        (true, _) => {
            Route::Join(ticket, "it answers a mail of this ticket (In-Reply-To, References), and its sender takes part")
        }
        (false, None) if facts.is_asked => {
            Route::Hold(ticket, "its subject names this ticket, but nothing shows that it is from who it says")
        }
        (false, _) => Route::Join(ticket, "its subject names this ticket, and its sender takes part"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: TicketId = TicketId(7);
    const PASS: Option<Authenticated> = Some(Authenticated::Pass);
    const FAIL: Option<Authenticated> = Some(Authenticated::Fail);

    fn facts(clue: Clue, takes_part: bool, found: Option<Authenticated>, is_asked: bool) -> Facts<'static> {
        Facts { clue, takes_part, found, is_asked, spam: None, automatic: None }
    }

    /// A route without its words.
    fn way(facts: &Facts<'_>) -> &'static str {
        match route(facts) {
            Route::Join(TICKET, _) => "join",
            Route::Newcomer(TICKET, _) => "newcomer",
            Route::Internal(TICKET, _) => "internal",
            Route::Hold(TICKET, _) => "hold",
            Route::Open(_) => "open",
            Route::Quarantine(_) => "quarantine",
            Route::Join(..) | Route::Newcomer(..) | Route::Internal(..) | Route::Hold(..) => "another ticket",
        }
    }

    #[test]
    fn what_is_proved_joins_and_what_is_claimed_is_held() {
        let (signed, header) = (Clue::SignedAddress(TICKET), Clue::HeaderOf(TICKET));
        let (reference, tag) = (Clue::Reference(Some(TICKET)), Clue::Tag(Some(TICKET)));
        let first = |is_held| Clue::Repeated { ticket: Some(TICKET), is_held };
        for (clue, takes_part, found, is_asked, wanted) in [
            // The signed address proves the ticket, not the person; the mail server is not asked for it.
            (signed, true, None, false, "join"),
            (signed, true, FAIL, true, "join"),
            (signed, false, None, false, "newcomer"),
            (signed, false, PASS, true, "newcomer"),
            (Clue::Forwarded(TICKET), true, PASS, true, "internal"),
            (Clue::Forwarded(TICKET), false, FAIL, true, "internal"),
            (header, true, None, false, "join"),
            (Clue::Continued(TICKET), true, None, true, "join"),
            // A reference is known to whoever got the mail: who says they take part is believed unless shown to lie.
            (reference, true, None, false, "join"),
            (reference, true, None, true, "join"),
            (reference, true, PASS, true, "join"),
            (reference, true, FAIL, true, "hold"),
            (reference, false, None, false, "hold"),
            (reference, false, PASS, true, "hold"),
            // A tag can be guessed: where it can be asked, somebody must say that it is from who it says.
            (tag, true, None, false, "join"),
            (tag, true, None, true, "hold"),
            (tag, true, PASS, true, "join"),
            (tag, true, FAIL, true, "hold"),
            (tag, false, None, false, "hold"),
            (tag, false, PASS, true, "hold"),
            (first(false), true, None, true, "join"),
            (first(false), true, FAIL, true, "hold"),
            (first(false), false, PASS, true, "newcomer"),
            (first(false), false, FAIL, true, "hold"),
            (first(true), true, PASS, true, "hold"),
            (first(true), false, None, false, "hold"),
            (Clue::Reference(None), false, None, false, "open"),
            (Clue::Tag(None), true, FAIL, true, "open"),
            (Clue::Repeated { ticket: None, is_held: true }, false, FAIL, true, "open"),
            (Clue::Nothing, false, FAIL, true, "open"),
        ] {
            let way = way(&facts(clue, takes_part, found, is_asked));
            assert_eq!(way, wanted, "{clue:?}, takes part: {takes_part}, {found:?}, asked: {is_asked}");
        }
    }

    #[test]
    fn spam_and_machines_get_no_further_than_what_is_proved() {
        let (joins, holds) = (Clue::SignedAddress(TICKET), Clue::Tag(Some(TICKET)));
        for (clue, takes_part, spam, automatic, wanted) in [
            (joins, true, true, true, "join"),
            (joins, false, true, true, "newcomer"),
            (holds, false, true, false, "quarantine"),
            (holds, false, false, true, "hold"),
            (Clue::Nothing, false, true, false, "quarantine"),
            (Clue::Nothing, false, false, true, "quarantine"),
            (Clue::Nothing, false, false, false, "open"),
        ] {
            let (spam, automatic) = (spam.then_some("X-Spam-Flag"), automatic.then_some("List-Id"));
            let facts = Facts { spam, automatic, ..facts(clue, takes_part, None, false) };
            assert_eq!(way(&facts), wanted, "{clue:?}, spam: {spam:?}, a machine's: {automatic:?}");
        }
        let both = Facts { spam: Some("s"), automatic: Some("a"), ..facts(Clue::Nothing, false, None, false) };
        assert_eq!(route(&both), Route::Quarantine(Reason::Spam("s".to_owned())), "spam is the graver reason");
    }

    #[test]
    fn each_way_says_why_in_words_of_its_own() {
        let clues = [
            Clue::Repeated { ticket: None, is_held: false },
            Clue::Repeated { ticket: Some(TICKET), is_held: false },
            Clue::SignedAddress(TICKET),
            Clue::Forwarded(TICKET),
            Clue::HeaderOf(TICKET),
            Clue::Continued(TICKET),
            Clue::Reference(Some(TICKET)),
            Clue::Tag(Some(TICKET)),
            Clue::Tag(None),
            Clue::Nothing,
        ];
        let mut rules: Vec<String> =
            clues.iter().map(|clue| format!("{:?}", route(&facts(*clue, true, None, false)))).collect();
        rules.sort();
        rules.dedup();
        assert_eq!(rules.len(), clues.len());
    }
}
