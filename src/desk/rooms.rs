//! The desk's rooms as the record says they should be: a Space, a room for each queue, and one for each agent.

use super::Desk;
use super::failure::Failure;
use super::projection::{refresh_home_board, refresh_queue_board};
use super::seams::{Chat, RoomKind, RoomPlan};
use crate::domain::id::{AgentId, RoomId};
use crate::domain::queue::{Agent, Posting, Queue, Role};
use crate::domain::room::Purpose;
use crate::store::jobs::Rooms;
use crate::store::{Result, Tx};

impl Desk {
    /// Makes the rooms, members and power levels what the record says. May be repeated at any time.
    ///
    /// # Errors
    /// If the record or the homeserver failed: the job is tried again, and goes on where it stopped.
    pub async fn make_rooms(&self, chat: &dyn Chat) -> std::result::Result<(), Failure> {
        let (known, queues, agents) = self.house().await?;
        let space = chat.ensure_room(&self.space_plan(known.clone(), &agents)).await?;
        if known.as_ref() != Some(&space) {
            let mut tx = self.store.begin().await?;
            tx.rooms().set(Purpose::Space, &space).await?;
            tx.commit().await?;
        }
        for queue in queues.iter().filter(|queue| !queue.archived) {
            let former = self.store.begin().await?.remirrors().former_rooms(queue.id).await?;
            let plan = self.queue_plan(queue, &space, (&agents, former));
            let room = chat.ensure_room(&plan).await?;
            if queue.room.as_ref() != Some(&room) {
                let mut tx = self.store.begin().await?;
                tx.rooms().set(Purpose::Queue(queue.id), &room).await?;
                tx.commit().await?;
            }
        }
        self.make_admins_room(chat, &agents).await?;
        self.make_homes(chat, &agents).await?;
        let mut tx = self.store.begin().await?;
        // One that is archived has none any more.
        queues.iter().filter(|queue| queue.room.is_some()).for_each(|queue| refresh_queue_board(&mut tx, queue.id));
        // Who works nowhere any more is asked for by no queue.
        agents.iter().filter(|agent| agent.direct.is_some()).for_each(|agent| refresh_home_board(&mut tx, agent.id));
        tx.commit().await?;
        Ok(())
    }

    /// Makes the room in which admins set the desk up.
    async fn make_admins_room(&self, chat: &dyn Chat, agents: &[Agent]) -> std::result::Result<(), Failure> {
        let known = self.store.begin().await?.rooms().get(Purpose::Admins).await?;
        let room = chat.ensure_room(&self.admins_plan(known.clone(), agents)).await?;
        if known.as_ref() != Some(&room) {
            let mut tx = self.store.begin().await?;
            tx.rooms().set(Purpose::Admins, &room).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Invites each agent who has no direct room with the bot to one. One that they have opened themselves is theirs, and
    /// stays as it is.
    async fn make_homes(&self, chat: &dyn Chat, agents: &[Agent]) -> std::result::Result<(), Failure> {
        let without =
            agents.iter().filter(|agent| agent.active && agent.role != Role::Observer && agent.direct.is_none());
        for agent in without {
            let room = chat.ensure_room(&self.home_plan(agent)).await?;
            let mut tx = self.store.begin().await?;
            // They may have opened one meanwhile.
            if tx.rooms().get(Purpose::Home(agent.id)).await?.is_none() {
                tx.rooms().set(Purpose::Home(agent.id), &room).await?;
            }
            refresh_home_board(&mut tx, agent.id);
            tx.commit().await?;
        }
        Ok(())
    }

    /// Every way in which the rooms differ from the record, one sentence each.
    ///
    /// # Errors
    /// If the record or the homeserver failed.
    pub async fn room_drift(&self, chat: &dyn Chat) -> std::result::Result<Vec<String>, Failure> {
        let (known, queues, agents) = self.house().await?;
        let Some(space) = known else {
            return Ok(vec!["the Space is not made yet; `ticketloom run` makes it".to_owned()]);
        };
        let mut drift = chat.drift(&self.space_plan(Some(space.clone()), &agents)).await?;
        for queue in queues.iter().filter(|queue| !queue.archived) {
            if queue.room.is_none() {
                drift.push(format!("queue {} has no room yet; `ticketloom run` makes it", queue.name));
                continue;
            }
            drift.extend(chat.drift(&self.queue_plan(queue, &space, (&agents, Vec::new()))).await?);
        }
        Ok(drift)
    }

    async fn house(&self) -> Result<(Option<RoomId>, Vec<Queue>, Vec<Agent>)> {
        let mut tx = self.store.begin().await?;
        Ok((tx.rooms().get(Purpose::Space).await?, tx.queues().all().await?, tx.agents().all().await?))
    }

    fn space_plan(&self, known: Option<RoomId>, agents: &[Agent]) -> RoomPlan {
        RoomPlan {
            known,
            former: Vec::new(),
            alias: format!("{}-desk", self.settings.bot.localpart()),
            name: self.settings.name.clone(),
            topic: String::new(),
            kind: RoomKind::Space,
            writers: writers(agents.iter().filter(|agent| agent.role == Role::Admin)),
            invited: active(agents.iter()),
            barred: agents.iter().filter(|agent| !agent.active).map(|agent| agent.user.clone()).collect(),
            federated: self.settings.federate,
        }
    }

    fn queue_plan(&self, queue: &Queue, space: &RoomId, (agents, former): (&[Agent], Vec<RoomId>)) -> RoomPlan {
        let of_queue = || agents.iter().filter(|agent| agent.sees(queue.id));
        RoomPlan {
            known: queue.room.clone(),
            former,
            alias: format!("queue-{}", queue.name),
            name: queue.title.clone(),
            topic: format!(
                "Tickets of {} · plain text in a thread is an internal note · {}help",
                queue.address, self.settings.prefix
            ),
            kind: RoomKind::Queue {
                space: space.clone(),
                everybody_posts: queue.posting == Posting::Members,
                encrypted: queue.encrypted,
            },
            writers: writers(of_queue().filter(|agent| agent.role != Role::Observer)),
            invited: active(of_queue()),
            barred: (agents.iter().filter(|agent| !agent.active || !agent.sees(queue.id)))
                .map(|agent| agent.user.clone())
                .collect(),
            federated: self.settings.federate,
        }
    }
}

impl Desk {
    fn admins_plan(&self, known: Option<RoomId>, agents: &[Agent]) -> RoomPlan {
        let admins = || agents.iter().filter(|agent| agent.sets_up());
        RoomPlan {
            known,
            former: Vec::new(),
            alias: format!("{}-admins", self.settings.bot.localpart()),
            name: format!("{} · admins", self.settings.name),
            topic: format!("Where the desk is set up · {}help", self.settings.prefix),
            kind: RoomKind::Admins,
            writers: writers(admins()),
            invited: active(admins()),
            barred: Vec::new(),
            federated: self.settings.federate,
        }
    }

    fn home_plan(&self, agent: &Agent) -> RoomPlan {
        RoomPlan {
            known: None,
            former: Vec::new(),
            alias: format!("{}-home-{}", self.settings.bot.localpart(), agent.id),
            name: format!("{} · {}", self.settings.name, agent.user.localpart()),
            topic: format!("What there is to do for you · {}help", self.settings.prefix),
            kind: RoomKind::Home,
            writers: vec![(agent.user.clone(), HOME_LEVEL)],
            invited: vec![agent.user.clone()],
            barred: Vec::new(),
            federated: self.settings.federate,
        }
    }
}

/// What an agent may do in their home: pin and name what they like, and no more.
const HOME_LEVEL: i64 = 50;

/// An agent has opened a direct room with the bot: it is their home from now on, and their board comes there.
///
/// # Errors
/// A constraint if the room is another purpose's.
pub async fn home_opened(tx: &mut Tx, agent: AgentId, room: &RoomId) -> Result<()> {
    tx.rooms().set(Purpose::Home(agent), room).await?;
    refresh_home_board(tx, agent);
    Ok(())
}

/// Has the rooms brought up to date soon: after a queue or an agent was added or changed.
pub fn refresh_rooms(tx: &mut Tx) {
    tx.enqueue(Rooms {});
}

fn writers<'a>(agents: impl Iterator<Item = &'a Agent>) -> Vec<(crate::domain::id::UserId, i64)> {
    agents.filter(|agent| agent.active).map(|agent| (agent.user.clone(), agent.role.power_level())).collect()
}

fn active<'a>(agents: impl Iterator<Item = &'a Agent>) -> Vec<crate::domain::id::UserId> {
    agents.filter(|agent| agent.active).map(|agent| agent.user.clone()).collect()
}
