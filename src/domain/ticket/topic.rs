//! What events are called to programs: names that stay, whatever becomes of the variants.

use super::TicketEvent;
use crate::domain::id::ArticleId;
use crate::domain::number::Number;

/// Every name, in alphabetical order.
pub const TOPICS: &[&str] = &[
    "ticket.alerts_changed",
    "ticket.answer_scheduled",
    "ticket.answer_undone",
    "ticket.answered",
    "ticket.automatic_withheld",
    "ticket.automatic_written",
    "ticket.closed",
    "ticket.continued",
    "ticket.created",
    "ticket.customer_changed",
    "ticket.due_soon",
    "ticket.follows",
    "ticket.forward_answered",
    "ticket.forwarded",
    "ticket.held_mail_discarded",
    "ticket.held_mail_joined",
    "ticket.held_mail_split",
    "ticket.linked",
    "ticket.lock_taken_back",
    "ticket.locked",
    "ticket.mail_failed",
    "ticket.mail_held",
    "ticket.mail_perhaps_sent",
    "ticket.mail_received",
    "ticket.mail_sent",
    "ticket.marked_as_spam",
    "ticket.merged",
    "ticket.moved",
    "ticket.note_deleted",
    "ticket.note_written",
    "ticket.overdue",
    "ticket.page_revoked",
    "ticket.part_taken_out",
    "ticket.participant_added",
    "ticket.participant_removed",
    "ticket.pending",
    "ticket.priority_changed",
    "ticket.reacted",
    "ticket.reminded",
    "ticket.reopened",
    "ticket.schedule_ended",
    "ticket.split_off",
    "ticket.state_changed",
    "ticket.subject_changed",
    "ticket.tagged",
    "ticket.thanked",
    "ticket.took_in",
    "ticket.undone",
    "ticket.unlinked",
    "ticket.unlocked",
    "ticket.unmerged",
    "ticket.untagged",
    "ticket.unwatched",
    "ticket.watched",
];

impl TicketEvent {
    /// What it is called to programs.
    #[must_use]
    pub fn topic(&self) -> &'static str {
        match self {
            Self::Created { .. } => "ticket.created",
            Self::OwnerChanged { to: Some(_), .. } => "ticket.locked",
            Self::OwnerChanged { to: None, .. } => "ticket.unlocked",
            Self::StateChanged { to, .. } if to.is_closed() => "ticket.closed",
            Self::StateChanged { to, .. } if to.is_pending() => "ticket.pending",
            Self::StateChanged { from, to, .. } if from.is_over() && !to.is_over() => "ticket.reopened",
            Self::StateChanged { .. } => "ticket.state_changed",
            Self::Reminded => "ticket.reminded",
            Self::TimeTold { is_overdue: true, .. } => "ticket.overdue",
            Self::TimeTold { is_overdue: false, .. } => "ticket.due_soon",
            Self::LockTakenBack => "ticket.lock_taken_back",
            Self::PriorityChanged { .. } => "ticket.priority_changed",
            Self::SubjectChanged { .. } => "ticket.subject_changed",
            Self::TagAdded { .. } => "ticket.tagged",
            Self::TagRemoved { .. } => "ticket.untagged",
            Self::QueueChanged { .. } => "ticket.moved",
            Self::Watched => "ticket.watched",
            Self::Unwatched => "ticket.unwatched",
            Self::Linked { .. } => "ticket.linked",
            Self::Unlinked { .. } => "ticket.unlinked",
            Self::SplitOff { .. } => "ticket.split_off",
            Self::Undone { .. } => "ticket.undone",
            Self::CustomerChanged { .. } => "ticket.customer_changed",
            Self::ParticipantAdded { .. } => "ticket.participant_added",
            Self::ParticipantRemoved { .. } => "ticket.participant_removed",
            Self::NoteWritten { .. } => "ticket.note_written",
            Self::NoteDeleted { .. } => "ticket.note_deleted",
            Self::AnswerWritten { .. } => "ticket.answered",
            Self::AnswerScheduled { .. } => "ticket.answer_scheduled",
            Self::ScheduleEnded { .. } => "ticket.schedule_ended",
            Self::Forwarded { .. } => "ticket.forwarded",
            Self::AnswerUndone { .. } => "ticket.answer_undone",
            Self::Follows { .. } => "ticket.follows",
            Self::ContinuedAs { .. } => "ticket.continued",
            Self::MergedInto { .. } => "ticket.merged",
            Self::Absorbed { .. } => "ticket.took_in",
            Self::Unmerged { .. } => "ticket.unmerged",
            Self::PartTakenOut { .. } => "ticket.part_taken_out",
            Self::AlertsChanged { .. } => "ticket.alerts_changed",
            Self::MarkedAsSpam { .. } => "ticket.marked_as_spam",
            Self::MailHeld { .. } => "ticket.mail_held",
            Self::HeldMailJoined { .. } => "ticket.held_mail_joined",
            Self::HeldMailDiscarded { .. } => "ticket.held_mail_discarded",
            Self::HeldMailSplit { .. } => "ticket.held_mail_split",
            Self::Thanked => "ticket.thanked",
            Self::Reacted => "ticket.reacted",
            Self::ForwardAnswered { .. } => "ticket.forward_answered",
            Self::MailSent { .. } => "ticket.mail_sent",
            Self::MailPerhapsSent { .. } => "ticket.mail_perhaps_sent",
            Self::MailFailed { .. } => "ticket.mail_failed",
            Self::AutomaticWritten { .. } => "ticket.automatic_written",
            Self::AutomaticWithheld { .. } => "ticket.automatic_withheld",
            Self::PageRevoked => "ticket.page_revoked",
            Self::MailReceived { .. } => "ticket.mail_received",
        }
    }

    /// The article that it is about.
    #[must_use]
    pub fn article(&self) -> Option<ArticleId> {
        match self {
            Self::SplitOff { article, .. }
            | Self::MailReceived { article, .. }
            | Self::AlertsChanged { article, .. }
            | Self::MailHeld { article, .. }
            | Self::HeldMailJoined { article }
            | Self::HeldMailDiscarded { article }
            | Self::HeldMailSplit { article, .. }
            | Self::NoteWritten { article }
            | Self::NoteDeleted { article }
            | Self::AnswerWritten { article, .. }
            | Self::Forwarded { article, .. }
            | Self::ForwardAnswered { article, .. }
            | Self::AnswerUndone { article } => Some(*article),
            _ => None,
        }
    }

    /// The other ticket that it is about.
    #[must_use]
    pub fn other_ticket(&self) -> Option<&Number> {
        match self {
            Self::Created { split_from } => split_from.as_ref(),
            Self::Linked { other: number }
            | Self::Unlinked { other: number }
            | Self::SplitOff { into: number, .. }
            | Self::HeldMailSplit { into: number, .. }
            | Self::Follows { older: number }
            | Self::ContinuedAs { newer: number }
            | Self::MergedInto { target: number }
            | Self::Absorbed { part: number }
            | Self::Unmerged { target: number }
            | Self::PartTakenOut { part: number } => Some(number),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::State;

    fn turned(from: State, to: State) -> TicketEvent {
        TicketEvent::StateChanged { from, to, was_informed: None, informed: None, was_until: None, until: None }
    }

    #[test]
    fn every_name_is_in_the_list_and_the_list_is_in_order() {
        let text = include_str!("topic.rs");
        let (code, _) = text.split_once("#[cfg(test)]").expect("tests");
        let (list, function) = code.split_once("impl TicketEvent").expect("both");
        let named: Vec<&str> = function.split('"').filter(|word| word.starts_with("ticket.")).collect();
        assert!(named.iter().all(|name| TOPICS.contains(name)), "{named:?}");
        assert!(TOPICS.iter().all(|topic| named.contains(topic)), "each is some event's");
        assert!(TOPICS.is_sorted() && list.matches("\"ticket.").count() == TOPICS.len());
    }

    #[test]
    fn a_turn_of_state_is_named_by_what_it_means() {
        for (from, to, name) in [
            (State::Open, State::ClosedSuccessful, "ticket.closed"),
            (State::ClosedSuccessful, State::Open, "ticket.reopened"),
            (State::Removed, State::New, "ticket.reopened"),
            (State::Open, State::PendingReminder, "ticket.pending"),
            (State::New, State::Open, "ticket.state_changed"),
            (State::Open, State::Merged, "ticket.state_changed"),
        ] {
            assert_eq!(turned(from, to).topic(), name);
        }
    }
}
