//! What a ticket's history reads like.

use std::collections::HashMap;

use super::{Line, Said, shorten};
use crate::domain::id::{AgentId, UserId};
use crate::domain::number::Number;
use crate::domain::ticket::{AutomaticKind, TicketEvent, WithheldReason};
use crate::domain::wall_clock::WallClock;
use crate::store::audit::{History, HistoryLine};

/// How many lines stand open; all before them are folded away.
const OPEN: usize = 8;

/// A ticket's history, a line an event, the newest first.
#[must_use]
pub fn history(number: &Number, history: &History, clock: WallClock) -> Said {
    let line = |line: &HistoryLine| {
        let what = shorten(&happened(line, number, (&history.agents, clock)), 200);
        Line::from(format!("{} {}: {what}", clock.told(line.at), who(line, &history.agents)))
    };
    let mut lines: Vec<Line> = history.lines.iter().rev().map(line).collect();
    let earlier = lines.split_off(lines.len().min(OPEN));
    let said = Said::plain(format!("History of #{number} · newest first, times in {}", clock.zone())).list(lines);
    if earlier.is_empty() {
        return said;
    }
    said.folded(format!("… and {} earlier", earlier.len()), Said::nothing().list(earlier))
}

fn who(line: &HistoryLine, agents: &HashMap<AgentId, UserId>) -> String {
    match line.agent {
        Some(agent) => name(agent, agents),
        None => line.by.name().to_owned(),
    }
}

fn name(agent: AgentId, agents: &HashMap<AgentId, UserId>) -> String {
    agents.get(&agent).map_or("somebody", UserId::localpart).to_owned()
}

/// What happened, in a few words. Every event has some: without, this does not compile.
fn happened(line: &HistoryLine, number: &Number, (agents, clock): (&HashMap<AgentId, UserId>, WallClock)) -> String {
    use TicketEvent as E;
    match &line.event {
        E::Created { split_from: None } => format!("created {number}"),
        E::Created { split_from: Some(from) } => format!("created {from} → {number}"),
        E::OwnerChanged { from, to } => owner_changed(line.agent, (*from, *to), agents),
        E::StateChanged { to, until: Some(until), .. } => {
            format!("state {} until {}", to.name(), clock.told(*until))
        }
        E::StateChanged { from, to, was_informed, informed, .. } if from == to => {
            format!("customer informed {} → {}", yes_or_no(*was_informed), yes_or_no(*informed))
        }
        E::StateChanged { from, to, .. } => format!("state {} → {}", from.name(), to.name()),
        E::CustomerChanged { from, to } => format!("customer {from} → {to}"),
        E::ParticipantAdded { address } => format!("takes part {address}"),
        E::ParticipantRemoved { address } => format!("takes part no more {address}"),
        E::MailReceived { from, .. } => format!("mail {from}"),
        E::MailHeld { from, .. } => format!("held mail {from}"),
        E::HeldMailJoined { .. } => "held mail joined".to_owned(),
        E::HeldMailDiscarded { .. } => "held mail discarded".to_owned(),
        E::HeldMailSplit { into, .. } => format!("held mail became {into}"),
        E::Thanked => "said thank you; it stays closed".to_owned(),
        E::Reacted => "reacted to a mail".to_owned(),
        E::NoteWritten { .. } => "note".to_owned(),
        E::NoteDeleted { .. } => "note deleted".to_owned(),
        E::AnswerWritten { .. } => "answer".to_owned(),
        E::AnswerScheduled { at } => {
            format!("answer goes out {}", clock.told(*at))
        }
        E::ScheduleEnded { is_cancelled: true } => "scheduled answer taken back".to_owned(),
        E::ScheduleEnded { is_cancelled: false } => "scheduled answer stopped".to_owned(),
        E::Forwarded { to, .. } => format!("forwarded {to}"),
        E::ForwardAnswered { from, .. } => format!("answer to what was forwarded {from}"),
        E::AnswerUndone { .. } => "answer taken back".to_owned(),
        E::MailSent { to } => format!("sent {to}"),
        E::MailPerhapsSent { to } => format!("perhaps sent {to}"),
        E::MailFailed { to } => format!("not delivered {to}"),
        E::AutomaticWritten { what: AutomaticKind::Acknowledgement } => "acknowledged".to_owned(),
        E::AutomaticWritten { what: AutomaticKind::Rejection } => "rejected".to_owned(),
        E::AutomaticWithheld { what, why } => withheld(*what, why),
        E::Follows { older } => format!("follows {older}"),
        E::ContinuedAs { newer } => format!("continued as {newer}"),
        E::MergedInto { target } => format!("merged into {target}"),
        E::Absorbed { part } => format!("merged with {part}"),
        E::Unmerged { target } => format!("taken out of {target}"),
        E::PartTakenOut { part } => format!("part taken out {part}"),
        E::MarkedAsSpam { blocked } => format!("spam; blocked {blocked}"),
        E::AlertsChanged { firing, ended, .. } => format!("alerts: {firing} firing, {ended} resolved"),
        E::TimeTold { target, is_overdue, moment } => {
            let (what, is) =
                if *is_overdue { ("overdue", "was due") } else { ("warned", "most of the time is over at") };
            let moment = clock.told(*moment);
            format!("{what}: {} {is} {moment}", super::late::target(*target))
        }
        E::LockTakenBack => "lock taken back: its owner did nothing".to_owned(),
        E::Reminded => "reminded".to_owned(),
        E::PriorityChanged { from, to } => format!("priority {from} → {to}"),
        E::SubjectChanged { from, to } => format!("subject {from} → {to}"),
        E::TagAdded { tag } => format!("tag +{}", tag.as_str()),
        E::TagRemoved { tag } => format!("tag -{}", tag.as_str()),
        E::QueueChanged { from_name, to_name, .. } => format!("queue {from_name} → {to_name}"),
        E::PageRevoked => "links to its page taken back".to_owned(),
        E::Watched => "watches".to_owned(),
        E::Unwatched => "watches no more".to_owned(),
        E::Linked { other } => format!("linked {other}"),
        E::Unlinked { other } => format!("link removed {other}"),
        E::SplitOff { into, .. } => format!("split off {into}"),
        E::Undone { .. } => "undid".to_owned(),
    }
}

/// What became of the lock. Of whoever did it no name is said once more.
fn owner_changed(
    by: Option<AgentId>,
    (from, to): (Option<AgentId>, Option<AgentId>),
    agents: &HashMap<AgentId, UserId>,
) -> String {
    match (from, to) {
        (None, Some(to)) if by == Some(to) => "locked it".to_owned(),
        (Some(from), None) if by == Some(from) => "unlocked it".to_owned(),
        (Some(from), Some(to)) => format!("owner {} → {}", name(from, agents), name(to, agents)),
        (None, Some(to)) => format!("locked {}", name(to, agents)),
        (Some(from), None) => format!("unlocked {}", name(from, agents)),
        (None, None) => "unlocked it".to_owned(),
    }
}

fn withheld(what: AutomaticKind, why: &WithheldReason) -> String {
    let what = match what {
        AutomaticKind::Acknowledgement => "acknowledgement",
        AutomaticKind::Rejection => "rejection",
    };
    let why = match why {
        WithheldReason::NoAddress => "no address",
        WithheldReason::OwnAddress => "it is from this desk itself",
        WithheldReason::HourSpent => "enough for this hour, from the whole desk",
        WithheldReason::DaySpent => "enough for today",
        WithheldReason::Imported => "imported",
        WithheldReason::NotComposable { what } => what,
    };
    format!("no {what} {why}")
}

fn yes_or_no(informed: Option<bool>) -> &'static str {
    if informed == Some(true) { "yes" } else { "no" }
}
