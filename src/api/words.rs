//! Why something is not done, in words for whoever writes a program.

use axum::http::StatusCode;

use crate::desk::conversation::recipients::{MOST_BYTES, MOST_OTHERS};
use crate::desk::conversation::refusal::{
    AnswerRefusal, MergeRefusal, MoveRefusal, NotAllowed, OwnerRefusal, Refusal, SearchRefusal, TicketRefusal,
};
use crate::domain::ticket::Tag;

/// Status, code and sentence of a refusal.
pub(super) fn of(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    let wrong = |code, detail| (StatusCode::UNPROCESSABLE_ENTITY, code, detail);
    match refusal {
        Refusal::NotAllowed(why) => (StatusCode::FORBIDDEN, "not_allowed", not_allowed(*why).to_owned()),
        Refusal::NoneToSee(number) | Refusal::NoneToWrite(number) => {
            (StatusCode::NOT_FOUND, "no_ticket", format!("There is no ticket {number} for this token."))
        }
        Refusal::Ticket(why) => {
            let (status, detail) = ticket(why);
            (status, "ticket", detail)
        }
        Refusal::OwnAddress(address) => wrong(
            "own_address",
            format!("{address} is an address of this desk itself; its mail would come back as a ticket."),
        ),
        Refusal::Answer(why) => wrong("answer", answer(why)),
        Refusal::Owner(OwnerRefusal::NoSuchAgent { name, .. }) => {
            wrong("owner", format!("{name} is no agent of this ticket's queue."))
        }
        Refusal::Owner(OwnerRefusal::WorksElsewhere(user)) => {
            wrong("owner", format!("{user} does not work in this ticket's queue."))
        }
        Refusal::Merge(MergeRefusal::Itself(number)) => {
            wrong("link", format!("{number} is this ticket itself, or was merged into it."))
        }
        Refusal::Move(MoveRefusal::NoSuchQueue { name, queues }) => {
            wrong("queue", format!("There is no queue {name} for this token. There are: {}.", queues.join(", ")))
        }
        Refusal::Search(why) => wrong("search", search(why)),
        // What no route asks for.
        Refusal::NotByMail
        | Refusal::Template(_)
        | Refusal::Forward(_)
        | Refusal::Undo(_)
        | Refusal::Send(_)
        | Refusal::Edit(_)
        | Refusal::Participant(_)
        | Refusal::Notify(_)
        | Refusal::Merge(_)
        | Refusal::Split(_)
        | Refusal::Quarantine(_)
        | Refusal::Block(_)
        | Refusal::Admin(_) => wrong("refused", "The desk's rules refuse it.".to_owned()),
    }
}

fn not_allowed(why: NotAllowed) -> &'static str {
    match why {
        NotAllowed::Stranger => "This token's agent is no agent of this desk any more.",
        NotAllowed::Observer => "This token's agent may only read.",
        NotAllowed::OtherQueues => "This token's agent does not work in this ticket's queue.",
        NotAllowed::AdminsOnly => "Only admins can do that.",
    }
}

/// What would work on another ticket is a conflict with this one; what never would is wrong.
fn ticket(why: &TicketRefusal) -> (StatusCode, String) {
    let conflict = |detail: String| (StatusCode::CONFLICT, detail);
    let wrong = |detail: String| (StatusCode::UNPROCESSABLE_ENTITY, detail);
    match why {
        TicketRefusal::HeldBy(owner) => conflict(format!("{owner} has locked this ticket.")),
        TicketRefusal::NotLocked => conflict("This ticket is not locked.".to_owned()),
        TicketRefusal::Over(state) | TicketRefusal::Already(state) => {
            conflict(format!("This ticket is {}.", state.name()))
        }
        TicketRefusal::NotByHand(state) => wrong(format!("{} can't be set by hand.", state.name())),
        TicketRefusal::Until(state) if state.is_pending() => {
            wrong(format!("{} needs a time: `pending_until`.", state.name()))
        }
        TicketRefusal::Until(state) => wrong(format!("{} does not wait for a time.", state.name())),
        TicketRefusal::Past(moment) => wrong(format!("{} is past.", moment.format("%Y-%m-%d %H:%M"))),
        TicketRefusal::TooFar => wrong("That time is beyond the calendar.".to_owned()),
        TicketRefusal::TooManyTags => wrong(format!("A ticket has at most {} tags.", Tag::MOST)),
        TicketRefusal::AsItIs => conflict("It is so already.".to_owned()),
        TicketRefusal::ChangedSince => conflict("Somebody has changed it since.".to_owned()),
        TicketRefusal::NotClosing(state) => wrong(format!("{} is no closed state.", state.name())),
        TicketRefusal::CustomerWrote => {
            conflict("The customer has written in the meantime, and nobody can have read that yet.".to_owned())
        }
        TicketRefusal::PartOf { number, .. } => conflict(format!("This ticket is part of {number} now.")),
        TicketRefusal::NotMerged => conflict("This ticket is not part of another one.".to_owned()),
    }
}

fn answer(why: &AnswerRefusal) -> String {
    match why {
        AnswerRefusal::NobodyKnown => "This ticket has no customer who could be written to.".to_owned(),
        AnswerRefusal::ToDesk(address) => format!("{address} is an address of this desk itself."),
        AnswerRefusal::Unattended { address, .. } => {
            format!("Nobody reads what comes to {address}. With `\"sure\": true` it is sent nevertheless.")
        }
        AnswerRefusal::StandsInNote(what) => format!(
            "\u{201c}{what}\u{201d} stands in a note of this ticket. With `\"sure\": true` it is sent nevertheless."
        ),
        AnswerRefusal::LeadsIntoMatrix(link) => format!(
            "{link} leads into Matrix, where customers can't follow. With `\"sure\": true` it is sent nevertheless."
        ),
        AnswerRefusal::TooManyRecipients(count) => {
            format!("That would go to {count} people; at most {MOST_OTHERS} others get one answer.")
        }
        AnswerRefusal::TooFewFiles { .. } | AnswerRefusal::FileNotFetched(_) => "The files are not there.".to_owned(),
        AnswerRefusal::FilesTooLarge(bytes) => {
            format!("The files are {} MiB together; at most {} are mailed.", bytes >> 20, MOST_BYTES >> 20)
        }
        AnswerRefusal::NotComposable(why) => why.clone(),
    }
}

fn search(why: &SearchRefusal) -> String {
    match why {
        SearchRefusal::Nothing => "There is no word in `q` to look for.".to_owned(),
        SearchRefusal::NoSuchQueue(name) => format!("There is no queue {name} for this token."),
        SearchRefusal::NotRight { filter, value } => format!("{value} can't be what {filter} is."),
    }
}
