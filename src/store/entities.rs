//! The parts of the record, as a transaction reaches them: one short-lived borrow a part.

use super::Tx;
use super::agent_mails::AgentMails;
use super::agents::Agents;
use super::alert_groups::AlertGroups;
use super::alert_tokens::AlertTokens;
use super::api_answers::ApiAnswers;
use super::api_tokens::ApiTokens;
use super::article_readouts::ArticleReadouts;
use super::articles::Articles;
use super::audit::Audit;
use super::automatic_mails::AutomaticMails;
use super::blocks::Blocks;
use super::boards::Boards;
use super::customer_pages::CustomerPages;
use super::customers::Customers;
use super::deadlines::Deadlines;
use super::desk::DeskRecord;
use super::erased_articles::ErasedArticles;
use super::erased_tickets::ErasedTickets;
use super::erasures::Erasures;
use super::events::Events;
use super::feed::Feed;
use super::fetched_files::FetchedFiles;
use super::files::Files;
use super::holdings::HoldingsOf;
use super::last_lists::LastLists;
use super::letters::Letters;
use super::mails::Mails;
use super::marks::Marks;
use super::merges::Merges;
use super::message_ids::MessageIds;
use super::once_mails::OnceMails;
use super::page_mails::PageMails;
use super::participants::Participants;
use super::pasts::Pasts;
use super::pins::Pinned;
use super::projections::Projections;
use super::quarantine::Quarantine;
use super::quarantine_days::QuarantineDays;
use super::queues::Queues;
use super::readings::Readings;
use super::readouts::Readouts;
use super::remirrors::Remirrors;
use super::rooms::Rooms;
use super::scheduled::Scheduled;
use super::searches::Searches;
use super::sending::Sending;
use super::stats::Stats;
use super::templates::Templates;
use super::threads::Threads;
use super::ticket_lists::TicketLists;
use super::tickets::Tickets;
use super::timings::Timings;
use super::transcripts::Transcripts;
use super::unknown_messages::UnknownMessages;
use super::watches::Watches;
use super::webhooks::Webhooks;

impl Tx {
    /// Whether anything is sent.
    pub fn sending(&mut self) -> Sending<'_> {
        Sending(self)
    }

    /// Rooms that are made anew from the record.
    pub fn remirrors(&mut self) -> Remirrors<'_> {
        Remirrors(self)
    }

    /// Mails that belong to no article and are sent once at most.
    pub fn once_mails(&mut self) -> OnceMails<'_> {
        OnceMails(self)
    }

    /// Mails that lead customers to their tickets.
    pub fn page_mails(&mut self) -> PageMails<'_> {
        PageMails(self)
    }

    /// Mails to agents, and who wants some.
    pub fn agent_mails(&mut self) -> AgentMails<'_> {
        AgentMails(self)
    }

    /// Agents, also former ones.
    pub fn agents(&mut self) -> Agents<'_> {
        Agents(self)
    }

    /// Alerts that are sent together, and their tickets.
    pub fn alert_groups(&mut self) -> AlertGroups<'_> {
        AlertGroups(self)
    }

    /// Tokens with which monitoring brings alerts.
    pub fn alert_tokens(&mut self) -> AlertTokens<'_> {
        AlertTokens(self)
    }

    /// What requests with an `Idempotency-Key` were answered.
    pub fn api_answers(&mut self) -> ApiAnswers<'_> {
        ApiAnswers(self)
    }

    /// Tokens with which programs act for agents.
    pub fn api_tokens(&mut self) -> ApiTokens<'_> {
        ApiTokens(self)
    }

    /// Articles as programs read them.
    pub fn article_readouts(&mut self) -> ArticleReadouts<'_> {
        ArticleReadouts(self)
    }

    /// Articles of tickets.
    pub fn articles(&mut self) -> Articles<'_> {
        Articles(self)
    }

    /// The audit trail.
    pub fn audit(&mut self) -> Audit<'_> {
        Audit(self)
    }

    /// How much automatic mail there was.
    pub fn automatic_mails(&mut self) -> AutomaticMails<'_> {
        AutomaticMails(self)
    }

    /// What boards say.
    pub fn boards(&mut self) -> Boards<'_> {
        Boards(self)
    }

    /// Blocked senders.
    pub fn blocks(&mut self) -> Blocks<'_> {
        Blocks(self)
    }

    /// Customers.
    pub fn customers(&mut self) -> Customers<'_> {
        Customers(self)
    }

    /// Tickets' times.
    pub fn deadlines(&mut self) -> Deadlines<'_> {
        Deadlines(self)
    }

    /// What there is once in a desk.
    pub fn desk(&mut self) -> DeskRecord<'_> {
        DeskRecord(self)
    }

    /// The content of articles and mails that goes.
    pub fn erased_articles(&mut self) -> ErasedArticles<'_> {
        ErasedArticles(self)
    }

    /// The content of tickets that goes.
    pub fn erased_tickets(&mut self) -> ErasedTickets<'_> {
        ErasedTickets(self)
    }

    /// Who is erased.
    pub fn erasures(&mut self) -> Erasures<'_> {
        Erasures(self)
    }

    /// Events that came in.
    pub fn events(&mut self) -> Events<'_> {
        Events(self)
    }

    /// What happened to tickets, numbered for programs.
    pub fn feed(&mut self) -> Feed<'_> {
        Feed(self)
    }

    /// Files of agents' messages, fetched from the homeserver.
    pub fn fetched_files(&mut self) -> FetchedFiles<'_> {
        FetchedFiles(self)
    }

    /// Files of articles.
    pub fn files(&mut self) -> Files<'_> {
        Files(self)
    }

    /// What the record has of somebody.
    pub fn holdings(&mut self) -> HoldingsOf<'_> {
        HoldingsOf(self)
    }

    /// Outgoing mails.
    pub fn letters(&mut self) -> Letters<'_> {
        Letters(self)
    }

    /// Mails that came in.
    pub fn mails(&mut self) -> Mails<'_> {
        Mails(self)
    }

    /// The bot's reactions on messages.
    pub fn marks(&mut self) -> Marks<'_> {
        Marks(self)
    }

    /// Tickets that became part of others.
    pub fn merges(&mut self) -> Merges<'_> {
        Merges(self)
    }

    /// Message-IDs and the tickets that they lead to.
    pub fn message_ids(&mut self) -> MessageIds<'_> {
        MessageIds(self)
    }

    /// Who takes part in tickets by mail.
    pub fn participants(&mut self) -> Participants<'_> {
        Participants(self)
    }

    /// What happened to tickets, as far as their times go.
    pub(super) fn pasts(&mut self) -> Pasts<'_> {
        Pasts(self)
    }

    /// The lists that agents saw last.
    pub fn last_lists(&mut self) -> LastLists<'_> {
        LastLists(self)
    }

    /// What the desk has pinned in rooms.
    pub fn pinned(&mut self) -> Pinned<'_> {
        Pinned(self)
    }

    /// What stands in Matrix.
    pub fn projections(&mut self) -> Projections<'_> {
        Projections(self)
    }

    /// Quarantine entries.
    pub fn quarantine(&mut self) -> Quarantine<'_> {
        Quarantine(self)
    }

    /// The threads of the quarantine, one a queue and day.
    pub fn quarantine_days(&mut self) -> QuarantineDays<'_> {
        QuarantineDays(self)
    }

    /// Queues and their settings.
    pub fn queues(&mut self) -> Queues<'_> {
        Queues(self)
    }

    /// Articles of mails as the reader made them.
    pub fn readings(&mut self) -> Readings<'_> {
        Readings(self)
    }

    /// Tickets as programs read them.
    pub fn readouts(&mut self) -> Readouts<'_> {
        Readouts(self)
    }

    /// The desk's rooms.
    pub fn rooms(&mut self) -> Rooms<'_> {
        Rooms(self)
    }

    /// Answers that wait for a moment.
    pub fn scheduled(&mut self) -> Scheduled<'_> {
        Scheduled(self)
    }

    /// What is counted.
    pub fn stats(&mut self) -> Stats<'_> {
        Stats(self)
    }

    /// Texts that agents answer with.
    pub fn templates(&mut self) -> Templates<'_> {
        Templates(self)
    }

    /// Where tickets stand in Matrix.
    pub fn threads(&mut self) -> Threads<'_> {
        Threads(self)
    }

    /// Lists of tickets.
    pub fn ticket_lists(&mut self) -> TicketLists<'_> {
        TicketLists(self)
    }

    /// Tickets.
    pub fn tickets(&mut self) -> Tickets<'_> {
        Tickets(self)
    }

    /// When queues work, and what they have promised.
    pub fn timings(&mut self) -> Timings<'_> {
        Timings(self)
    }

    /// What customers see of their tickets on a page.
    pub fn customer_pages(&mut self) -> CustomerPages<'_> {
        CustomerPages(self)
    }

    /// What tickets' customers may see of them.
    pub fn transcripts(&mut self) -> Transcripts<'_> {
        Transcripts(self)
    }

    /// Who watches which ticket.
    pub fn watches(&mut self) -> Watches<'_> {
        Watches(self)
    }

    /// Mails that the desk does not have, and that tickets' mails answer.
    pub fn unknown_messages(&mut self) -> UnknownMessages<'_> {
        UnknownMessages(self)
    }

    /// What tickets are found by.
    pub fn searches(&mut self) -> Searches<'_> {
        Searches(self)
    }

    /// Programs that are told what happens.
    pub fn webhooks(&mut self) -> Webhooks<'_> {
        Webhooks(self)
    }
}
