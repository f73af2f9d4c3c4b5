//! `!owner`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::desk::conversation::owner;
use crate::desk::conversation::refusal::OwnerRefusal;
use crate::domain::id::UserId;
use crate::domain::queue::Agent;

/// Make somebody the owner and lock the ticket for them
///
/// Needs no lock and takes one from whoever holds it; both are told. `@me` takes it over.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Owner {
    /// A Matrix id, its first part, a mention, or `@me`
    #[arg(value_name = "AGENT")]
    agent: Text,
}

impl Definition for Owner {
    const VERB: &'static str = "owner";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let said = request.said;
        let answered = match said.reply_to {
            Some(event) => request.context.tx.events().sender_of(event).await?,
            None => None,
        };
        let meant = meant(said.pills, said.mentions, &request.context.settings.bot, answered.as_ref());
        let (context, ticket) = request.on_ticket();
        let agents = context.tx.agents().all().await?;
        let name = self.agent.as_str();
        let Some(to) = named(&agents, context.by, meant, name) else {
            let there = agents.into_iter().filter(|agent| agent.works_in(ticket.queue)).map(|agent| agent.user);
            return Err(OwnerRefusal::NoSuchAgent { name: name.to_owned(), agents: there.collect() }.into());
        };
        owner::give(context, ticket, to).await?;
        Ok(Reply::done())
    }
}

/// The one whom a message means: whom its words link, else whom it mentions. A client also mentions whom a message
/// answers, and that may be the bot.
fn meant<'m>(
    pills: &'m [UserId],
    mentions: &'m [UserId],
    bot: &UserId,
    answered: Option<&UserId>,
) -> Option<&'m UserId> {
    let mut linked = pills.iter().filter(|user| *user != bot);
    if let Some(first) = linked.next() {
        return linked.next().is_none().then_some(first);
    }
    let mut mentioned = mentions.iter().filter(|user| *user != bot && Some(*user) != answered);
    mentioned.next().filter(|_| mentioned.next().is_none())
}

/// The agent that a word means: `@me`, a full id, whom the message means besides, or an id's first part.
fn named<'a>(agents: &'a [Agent], me: &Agent, meant: Option<&UserId>, name: &str) -> Option<&'a Agent> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("@me") || name.eq_ignore_ascii_case("me") {
        return agents.iter().find(|agent| agent.id == me.id);
    }
    let active = || agents.iter().filter(|agent| agent.active);
    let with_id = |user: &UserId| active().find(|agent| agent.user == *user);
    if let Some(user) = UserId::parse(name).filter(|user| !user.server().is_empty()) {
        return with_id(&user);
    }
    if let Some(user) = meant {
        return with_id(user);
    }
    let local = name.trim_start_matches('@').to_lowercase();
    let mut fitting = active().filter(|agent| agent.user.localpart().to_lowercase() == local);
    fitting.next().filter(|_| fitting.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AgentId;
    use crate::domain::queue::Role;

    fn agent(id: i64, user: &str, active: bool) -> Agent {
        let user = UserId::parse(user).expect("an id");
        Agent { id: AgentId(id), user, role: Role::Agent, active, queues: vec![], direct: None, away_until: None }
    }

    #[test]
    fn an_agent_is_meant_by_name_id_mention_or_me() {
        let bob = agent(2, "@Bob:desk.test", true);
        let agents = [agent(1, "@alice:desk.test", true), bob.clone(), agent(3, "@eve:desk.test", false)];
        let id = |meant: Option<&UserId>, name| named(&agents, &bob, meant, name).map(|agent| agent.id.0);
        assert_eq!(id(None, "@me"), Some(2));
        assert_eq!(id(None, "bob"), Some(2));
        assert_eq!(id(None, "@alice:desk.test"), Some(1));
        assert_eq!(id(Some(&agents[0].user), "Alice Liddell"), Some(1));
        assert_eq!(id(None, "eve"), None, "she is no agent any more");
        assert_eq!(id(None, "carol"), None);
    }

    #[test]
    fn whom_a_message_answers_is_not_meant_unless_it_links_them() {
        let [bot, alice, bob] =
            ["@bot:desk.test", "@alice:desk.test", "@bob:desk.test"].map(|id| UserId::parse(id).expect("an id"));
        let both = [bot.clone(), bob.clone()];
        let bobs = std::slice::from_ref(&bob);
        assert_eq!(meant(bobs, &both, &bot, None), Some(&bob), "a pill in a reply to the bot's card");
        assert_eq!(meant(&[], &both, &bot, Some(&bot)), Some(&bob), "a mention without a link");
        assert_eq!(meant(bobs, bobs, &bot, Some(&bob)), Some(&bob), "a pill in a reply to Bob himself");
        assert_eq!(meant(&[], bobs, &bot, Some(&bob)), None, "a reply to Bob that names somebody else");
        assert_eq!(meant(&[alice, bob.clone()], &[], &bot, None), None, "two");
    }

    #[test]
    fn a_name_that_two_have_is_nobodys() {
        let agents = [agent(1, "@bob:desk.test", true), agent(2, "@bob:other.test", true)];
        assert_eq!(named(&agents, &agents[0], None, "bob"), None);
    }
}
