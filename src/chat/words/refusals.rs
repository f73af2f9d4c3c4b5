//! Why something is not done, and what comes first. A refusal without words does not compile.

use crate::chat::reply::Voice;
use crate::desk::conversation::notify::NotifyRefusal;
use crate::desk::conversation::recipients::{MOST_BYTES, MOST_OTHERS};
use crate::desk::conversation::refusal::{
    AnswerRefusal, BlockRefusal, EditRefusal, ForwardRefusal, MergeRefusal, MoveRefusal, NotAllowed, OwnerRefusal,
    ParticipantRefusal, QuarantineRefusal, Refusal, SearchRefusal, SendRefusal, SplitRefusal, TemplateRefusal,
    TicketRefusal, UndoRefusal,
};
use crate::desk::conversation::schedule::Obstacle;
use crate::desk::words::{Line, Said, Target};
use crate::domain::id::UserId;
use crate::domain::ticket::Tag;
use crate::domain::wall_clock::in_full;

/// Why a command of that form is not done.
pub(in crate::chat) fn refusal(refusal: &Refusal, form: &str, voice: Voice<'_>) -> Said {
    match refusal {
        Refusal::Ticket(why) => ticket_refused("Not done", why, voice),
        Refusal::Undo(UndoRefusal::TooLate) => Said::plain("Too late: the answer is on its way or was sent."),
        Refusal::Answer(_) | Refusal::Forward(_) | Refusal::Template(TemplateRefusal::Unknown { .. }) => {
            with("Not sent", &sentence(refusal, form, voice))
        }
        _ => with("Not done", &sentence(refusal, form, voice)),
    }
}

/// Why an answer is not changed.
pub(in crate::chat) fn edit_refused(refusal: &Refusal, voice: Voice<'_>) -> Said {
    match refusal {
        Refusal::Ticket(why) => ticket_refused("Nothing was changed", why, voice),
        _ => with("Nothing was changed", &sentence(refusal, "", voice)),
    }
}

/// Why an answer is not taken back with its message.
pub(in crate::chat) fn redaction_refused(why: &Refusal, voice: Voice<'_>) -> Said {
    Said::plain(format!("{} It stays in the record.", refusal(why, "", voice).words()))
}

/// Who may not, and why not.
pub(in crate::chat) fn not_allowed(why: NotAllowed) -> Said {
    with("Not done", allowed_sentence(why))
}

fn with(lead: &str, sentence: &str) -> Said {
    Said::plain(format!("{lead}: {sentence}"))
}

/// Why a rule of the ticket refuses, with whom and what it names.
fn ticket_refused(lead: &str, why: &TicketRefusal, voice: Voice<'_>) -> Said {
    let line = Line::from(format!("{lead}: "));
    let line = match why {
        TicketRefusal::HeldBy(owner) => line
            .user(owner)
            .text(" has locked this ticket. ")
            .code(format!("{}owner @me", voice.prefix))
            .text(" takes it over."),
        TicketRefusal::PartOf { number, end } => line
            .text("this ticket is part of ")
            .link(format!("Ticket#{number}"), end.clone().map(|(room, event)| Target::Event(room, event)))
            .text(format!(" now. {}unmerge takes it out again.", voice.prefix)),
        other => line.text(ticket(other, voice)),
    };
    Said::nothing().line(line)
}

/// The reason alone, as a sentence that begins in lower case.
fn sentence(refusal: &Refusal, form: &str, voice: Voice<'_>) -> String {
    let prefix = voice.prefix;
    match refusal {
        Refusal::NotAllowed(why) => allowed_sentence(*why).to_owned(),
        Refusal::Ticket(why) => ticket(why, voice),
        Refusal::NoneToSee(number) => format!("there is no ticket {number} that you may see. This is how: {form}"),
        Refusal::NoneToWrite(number) => {
            format!("there is no ticket {number} that you may write to. This is how: {form}")
        }
        Refusal::OwnAddress(address) => {
            format!("{address} is an address of this desk itself; its mail would come back as a ticket.")
        }
        Refusal::NotByMail => "this did not come by mail, so there is no original.".to_owned(),
        Refusal::Answer(why) => answer(why, prefix),
        Refusal::Template(why) => template(why, prefix),
        Refusal::Forward(why) => forward(why, prefix),
        Refusal::Undo(why) => undo(*why).to_owned(),
        Refusal::Send(why) => send(why),
        Refusal::Edit(why) => edit(*why, prefix),
        Refusal::Owner(why) => owner(why),
        Refusal::Participant(why) => participant(why, prefix),
        Refusal::Notify(why) => notify(why, prefix),
        Refusal::Merge(why) => merge(why, prefix),
        Refusal::Move(MoveRefusal::NoSuchQueue { name, queues }) => {
            format!("there is no queue {name} in which you work. There are {}.", queues.join(", "))
        }
        Refusal::Split(why) => split(*why, form),
        Refusal::Search(why) => search(why, form),
        Refusal::Quarantine(why) => quarantine(why, prefix),
        Refusal::Block(why) => block(why),
        Refusal::Admin(why) => why.clone(),
    }
}

fn allowed_sentence(why: NotAllowed) -> &'static str {
    match why {
        NotAllowed::Stranger => "you are no agent of this desk. An admin can add you: ticketloom agent add YOUR-ID.",
        NotAllowed::Observer => {
            "you are no agent, but may read here. An admin can change that: ticketloom agent add YOUR-ID --role agent."
        }
        NotAllowed::OtherQueues => {
            "you are no agent of this queue. An admin can change that: ticketloom agent add YOUR-ID --queue NAME."
        }
        NotAllowed::AdminsOnly => "only admins can do that.",
    }
}

fn ticket(why: &TicketRefusal, voice: Voice<'_>) -> String {
    let prefix = voice.prefix;
    match why {
        TicketRefusal::HeldBy(owner) => format!("{owner} has locked this ticket. {prefix}owner @me takes it over."),
        TicketRefusal::NotLocked => format!("this ticket is not locked. {prefix}lock takes it."),
        TicketRefusal::Over(state) => {
            format!("this ticket is {}. {prefix}reopen opens and takes a closed one.", state.name())
        }
        TicketRefusal::Already(state) => format!("this ticket is {} already.", state.name()),
        TicketRefusal::NotByHand(state) => {
            format!("{} can't be set by hand. There are new, open, closed and unsuccessful.", state.name())
        }
        TicketRefusal::Until(state) if state.is_pending() => {
            format!("{} needs a time. This is how: {prefix}pending tomorrow 9:00", state.name())
        }
        TicketRefusal::Until(state) => format!("{} does not wait for a time. Leave it away.", state.name()),
        TicketRefusal::Past(moment) => {
            format!("{} is past. It must be a time to come.", in_full(*moment))
        }
        TicketRefusal::TooFar => "that time is beyond the calendar.".to_owned(),
        TicketRefusal::TooManyTags => format!("a ticket has at most {} tags. {prefix}untag takes some off.", Tag::MOST),
        TicketRefusal::AsItIs => "it is so already.".to_owned(),
        TicketRefusal::ChangedSince => "somebody has changed it since; please set it as it should be.".to_owned(),
        TicketRefusal::NotClosing(state) => {
            let name = state.name();
            format!("{name} is no closed state. This is how: {prefix}close --state unsuccessful TEXT")
        }
        TicketRefusal::CustomerWrote => {
            "the customer has written in the meantime. Please read that mail first: it stands here, or is about to."
                .to_owned()
        }
        TicketRefusal::PartOf { number, .. } => {
            format!("this ticket is part of Ticket#{number} now. {prefix}unmerge takes it out again.")
        }
        TicketRefusal::NotMerged => "this ticket is not part of another one.".to_owned(),
    }
}

fn answer(why: &AnswerRefusal, prefix: &str) -> String {
    match why {
        AnswerRefusal::NobodyKnown => {
            format!("this ticket has no customer who could be written to. {prefix}customer ADDRESS says who it is for.")
        }
        AnswerRefusal::ToDesk(address) => format!(
            "{address} is an address of this desk itself; the mail would come back. {prefix}customer ADDRESS says who this is for."
        ),
        AnswerRefusal::Unattended { address, wanted: Some(wanted) } => format!(
            "nobody reads what comes to {address}. Its mail asks for answers to {wanted}: {prefix}customer {wanted} sends them there, or ✅ on that mail; {prefix}answer --yes TEXT writes to {address}."
        ),
        AnswerRefusal::Unattended { address, wanted: None } => {
            format!(
                "nobody reads what comes to {address}. {prefix}customer ADDRESS says who this is for; {prefix}answer --yes TEXT writes there nevertheless."
            )
        }
        AnswerRefusal::StandsInNote(what) => format!(
            "\u{201c}{what}\u{201d} stands in a note of this ticket. Write {prefix}answer --yes TEXT if the customer is to read it."
        ),
        AnswerRefusal::LeadsIntoMatrix(link) => format!(
            "{link} leads into Matrix, where customers can't follow. Write {prefix}answer --yes TEXT to send it nevertheless."
        ),
        AnswerRefusal::TooManyRecipients(count) => {
            format!("that would go to {count} people; at most {MOST_OTHERS} others get one answer.")
        }
        AnswerRefusal::TooFewFiles { there, wanted } => format!(
            "you have put {there} files into this thread, not {wanted}. Put them there first, or leave --attach away."
        ),
        AnswerRefusal::FileNotFetched(Some(why)) => format!("the file could not be fetched: {why}"),
        AnswerRefusal::FileNotFetched(None) => "the file could not be fetched.".to_owned(),
        AnswerRefusal::FilesTooLarge(bytes) => format!(
            "the files are {} MiB together, and mail servers rarely take more than {}. A link in the text does it.",
            bytes >> 20,
            MOST_BYTES >> 20
        ),
        AnswerRefusal::NotComposable(why) => why.clone(),
    }
}

fn template(why: &TemplateRefusal, prefix: &str) -> String {
    match why {
        TemplateRefusal::NoSuchTemplate { name, names } if names.is_empty() => {
            format!(
                "there is no template {name}, nor any other. An admin sets them: ticketloom template set {name} TEXT."
            )
        }
        TemplateRefusal::NoSuchTemplate { name, names } => {
            format!(
                "there is no template {name}. There are {}; {prefix}templates shows how they begin.",
                names.join(", ")
            )
        }
        TemplateRefusal::Unknown { name, unknown } => format!("the template {name} has a mistake: {unknown}."),
    }
}

fn forward(why: &ForwardRefusal, prefix: &str) -> String {
    match why {
        ForwardRefusal::TakesPart(address) => {
            format!("{address} takes part in this ticket. {prefix}answer --cc {address} TEXT writes to them, too.")
        }
        ForwardRefusal::Unattended(address) => {
            format!(
                "nobody reads what comes to {address}. {prefix}forward --yes {address} sends it there nevertheless."
            )
        }
        ForwardRefusal::FilesTooLarge(bytes) => format!(
            "the files are {} MiB together, and mail servers rarely take more than {}. {prefix}forward --no-files leaves them away.",
            bytes >> 20,
            MOST_BYTES >> 20
        ),
    }
}

fn undo(why: UndoRefusal) -> &'static str {
    match why {
        UndoRefusal::NoAnswer => "this ticket has no answer or change of yours that could be taken back.",
        UndoRefusal::NotThis => "that can't be taken back so.",
        UndoRefusal::Undone => "this answer was taken back already.",
        UndoRefusal::TooLate => "it is too late, the answer is on its way or was sent.",
    }
}

fn send(why: &SendRefusal) -> String {
    match why {
        SendRefusal::Nothing => "this ticket has no answer of yours that is held or waits for its moment.".to_owned(),
        SendRefusal::NotYours(writer) => format!("{writer} wrote it, and sends it."),
        SendRefusal::OthersTakePart(others) => format!(
            "{} Edit your message, and it goes to them.",
            super::results::obstacle(&Obstacle::OthersTakePart(others.clone()))
        ),
    }
}

fn edit(why: EditRefusal, prefix: &str) -> String {
    let fixed = match why {
        EditRefusal::TooLate => return "it is too late, the mail is on its way.".to_owned(),
        EditRefusal::NotKnown => return "it can't be changed.".to_owned(),
        EditRefusal::State => "--state",
        EditRefusal::Recipients => "who gets it (--cc, --all)",
        EditRefusal::Files => "--attach",
        EditRefusal::Moment => "--at",
    };
    format!("an edit can't change {fixed}. {prefix}undo takes the answer back.")
}

fn owner(why: &OwnerRefusal) -> String {
    match why {
        OwnerRefusal::NoSuchAgent { name, agents } => {
            let names = agents.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
            format!("{name} is no agent of this queue. There are {names}, and @me.")
        }
        OwnerRefusal::WorksElsewhere(user) => format!("{user} does not work in this queue."),
    }
}

fn participant(why: &ParticipantRefusal, prefix: &str) -> String {
    match why {
        ParticipantRefusal::TakesNoPart(address) => format!("{address} does not take part."),
        ParticipantRefusal::IsCustomer(address) => {
            format!("{address} is whom this ticket is for. {prefix}customer changes that.")
        }
    }
}

fn notify(why: &NotifyRefusal, prefix: &str) -> String {
    match why {
        NotifyRefusal::NoAddress => format!(
            "there is no address to send mail to. An admin sets yours: {prefix}agent add @you:server --mail ADDRESS (with your role and queues)."
        ),
    }
}

fn merge(why: &MergeRefusal, prefix: &str) -> String {
    let anyway = |into| format!("{prefix}merge --yes {into} does it nevertheless.");
    match why {
        MergeRefusal::Itself(number) => format!("{number} is this ticket itself, or was merged into it."),
        MergeRefusal::HeldMail => {
            "a held mail in this thread waits for a decision: ✅, 🆕 or 🗑 on it, please.".to_owned()
        }
        MergeRefusal::OtherCustomer { mine, into, other } => format!(
            "this ticket is for {mine}, and {into} is for {other}, who would get all answers from now on. {}",
            anyway(into)
        ),
        MergeRefusal::Vanishes { into, state } => format!(
            "Ticket#{into} is {}, and this one would be open for nobody any more. Open that one first \
             ({prefix}reopen there); {}",
            state.name(),
            anyway(into)
        ),
    }
}

fn split(why: SplitRefusal, form: &str) -> String {
    match why {
        SplitRefusal::NoArticle => format!("this is said as a reply to a mail of this ticket. This is how: {form}"),
        SplitRefusal::NoMail => "only a customer's mail can be a ticket of its own.".to_owned(),
        SplitRefusal::First => "this mail is what the ticket begins with.".to_owned(),
        SplitRefusal::Again => "this mail is a ticket of its own already.".to_owned(),
    }
}

fn search(why: &SearchRefusal, form: &str) -> String {
    match why {
        SearchRefusal::Nothing => format!("there is no word in it to look for. This is how: {form}"),
        SearchRefusal::NoSuchQueue(name) => format!("there is no queue {name} that you may see."),
        SearchRefusal::NotRight { filter, value } => match filter.as_str() {
            "state" => format!("there is no state {value}; there are new, open, pending, closed, merged."),
            "owner" => format!("there is no agent {value}; owner:me is you."),
            "from" => format!("nobody has written from {value}."),
            "tag" => format!("{value} is no tag."),
            _ => format!("{value} is no day, such as 2026-12-01."),
        },
    }
}

fn quarantine(why: &QuarantineRefusal, prefix: &str) -> String {
    match why {
        QuarantineRefusal::NoEntry => "this is said as a reply to a quarantined mail.".to_owned(),
        QuarantineRefusal::Decided(outcome) => format!("this mail was decided about before ({outcome})."),
        QuarantineRefusal::TooManyTickets(count) => {
            format!("these would be {count} tickets at once. {prefix}attach NUMBER files them all in one ticket.")
        }
        QuarantineRefusal::NoSender => "this mail has no sender who could be blocked.".to_owned(),
        QuarantineRefusal::NoQueue => "this is said in a queue's room.".to_owned(),
    }
}

fn block(why: &BlockRefusal) -> String {
    match why {
        BlockRefusal::OwnAddress => "that is an address of this desk itself, which can't be blocked.".to_owned(),
        BlockRefusal::NotBlocked(address) => format!("{address} is not blocked."),
        BlockRefusal::AdminsName => {
            "only admins block an address by naming it. As a reply to a quarantined mail you can, too.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::State;

    const VOICE: Voice<'static> = Voice { prefix: "!" };

    #[test]
    fn a_refusal_names_who_and_the_way() {
        let alice = UserId::parse("@alice:desk.test").expect("an id");
        let said = refusal(&TicketRefusal::HeldBy(alice.clone()).into(), "!close", VOICE);
        let line = Line::from("Not done: ").user(&alice).text(" has locked this ticket. ").code("!owner @me");
        assert_eq!(said, Said::nothing().line(line.text(" takes it over.")));
    }

    #[test]
    fn a_refusal_says_what_was_not_done() {
        let over = TicketRefusal::Over(State::Merged).into();
        assert!(refusal(&over, "!lock", VOICE).words().starts_with("Not done: this ticket is merged"));
        assert!(edit_refused(&over, VOICE).words().starts_with("Nothing was changed: this ticket"));
        let few = AnswerRefusal::TooFewFiles { there: 0, wanted: 2 }.into();
        assert!(refusal(&few, "!answer", VOICE).words().starts_with("Not sent: you have put 0 files"));
        let late = UndoRefusal::TooLate.into();
        assert_eq!(refusal(&late, "!undo", VOICE).words(), "Too late: the answer is on its way or was sent.");
    }
}
