//! Rooms as they should be: found or made, compared with their plan, and brought to it.

use matrix_sdk::ruma;
use matrix_sdk::ruma::api::client::alias::{create_alias, delete_alias, get_alias};
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::api::client::membership::{ban_user, invite_user, unban_user};
use matrix_sdk::ruma::api::client::room::create_room;
use matrix_sdk::ruma::api::client::state::{get_state_event_for_key, get_state_events, send_state_event};
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::serde::Raw;
use serde_json::{Value, json};

use super::plan::{self, Deviation, Found, Mend};
use super::{Matrix, fault, room_id, user_id};
use crate::desk::seams::{Fault, RoomKind, RoomPlan};
use crate::domain::id::{RoomId, UserId};

/// What there is of a room before anything is done about it.
enum Existing {
    /// The room, and we are in it.
    Ours(RoomId, Found),
    /// Its alias points to a room that we have left, or never saw, and nobody could let us in again; or to one that it had
    /// before. A new room takes its name.
    Left,
    /// Nothing.
    None,
}

impl Matrix {
    /// See [`Chat::ensure_room`](crate::desk::seams::Chat::ensure_room). One request if the Space is as
    /// planned, two for a queue's room.
    pub(super) async fn make_room(&self, plan: &RoomPlan) -> Result<RoomId, Fault> {
        if plan.is_encrypted() {
            self.identity.take_up().await?;
        }
        let (room, found) = match self.existing(plan).await? {
            Existing::Ours(room, found) => (room, found),
            Existing::Left => {
                self.free_alias(plan).await?;
                self.created(plan).await?
            }
            Existing::None => self.created(plan).await?,
        };
        for deviation in self.deviations(plan, &room, &found).await? {
            let Some(mend) = deviation.mend else {
                tracing::warn!(%room, "{}", deviation.says.join("; "));
                continue;
            };
            match self.mend(plan, &room, &found, &mend).await {
                Ok(()) => tracing::info!(%room, "mended: {}", deviation.says.join("; ")),
                // One user who can't be invited or banned is no reason to leave the room half made.
                Err(Fault::Never { why }) if matches!(mend, Mend::Invite(_) | Mend::Readmit(_) | Mend::Ban(_)) => {
                    tracing::warn!(%room, why, "not mended: {}", deviation.says.join("; "));
                }
                Err(fault) => return Err(fault),
            }
        }
        self.give_picture(plan, &room, &found).await?;
        Ok(room)
    }

    /// See [`Chat::drift`](crate::desk::seams::Chat::drift).
    pub(super) async fn room_drift(&self, plan: &RoomPlan) -> Result<Vec<String>, Fault> {
        let Existing::Ours(room, found) = self.existing(plan).await? else {
            return Ok(vec![format!("there is no room #{} yet; the desk makes it when it starts", plan.alias)]);
        };
        let sentences = |deviation: Deviation| {
            let mend = if deviation.mend.is_some() { "; the desk mends it when it starts" } else { "" };
            deviation.says.into_iter().map(move |says| says + mend).collect::<Vec<_>>()
        };
        Ok(self.deviations(plan, &room, &found).await?.into_iter().flat_map(sentences).collect())
    }

    async fn existing(&self, plan: &RoomPlan) -> Result<Existing, Fault> {
        if let Some(known) = &plan.known
            && let Some(found) = self.state(known).await?
            && found.has_joined(&self.user)
        {
            return Ok(Existing::Ours(known.clone(), found));
        }
        let alias = self.alias(plan)?;
        let request = get_alias::v3::Request::new(alias.clone());
        let room = match self.client.send(request).with_request_config(Self::once()).await {
            Ok(answer) => RoomId::parse(answer.room_id.as_str()).ok_or_else(|| Fault::never("an odd room id"))?,
            Err(error) if fault::is_kind(&error, &ErrorKind::NotFound) => return Ok(Existing::None),
            Err(error) => return Err(fault::of_http(&error)),
        };
        if plan.former.contains(&room) {
            return Ok(Existing::Left);
        }
        match self.state(&room).await? {
            Some(found) if found.was_made_by(&self.user) && found.has_joined(&self.user) => {
                Ok(Existing::Ours(room, found))
            }
            // Anybody may take an alias first: only a room of our own making is ours.
            Some(found) if !found.was_made_by(&self.user) => Err(foreign(&alias)),
            _ => Ok(Existing::Left),
        }
    }

    /// Takes the alias from a room that we are not in. The homeserver allows it to who made the alias.
    async fn free_alias(&self, plan: &RoomPlan) -> Result<(), Fault> {
        let alias = self.alias(plan)?;
        let request = delete_alias::v3::Request::new(alias.clone());
        match self.client.send(request).with_request_config(Self::once()).await {
            Err(error) if fault::is_kind(&error, &ErrorKind::Forbidden) => Err(foreign(&alias)),
            Err(error) if !fault::is_kind(&error, &ErrorKind::NotFound) => Err(fault::of_http(&error)),
            _ => Ok(()),
        }
    }

    async fn created(&self, plan: &RoomPlan) -> Result<(RoomId, Found), Fault> {
        let request = creation_request(&plan::creation(plan, &self.user))?;
        let room = match self.client.send(request).with_request_config(Self::once()).await {
            Ok(answer) => RoomId::parse(answer.room_id.as_str()).ok_or_else(|| Fault::never("an odd room id"))?,
            Err(error) if fault::is_kind(&error, &ErrorKind::RoomInUse) => {
                return Err(Fault::later("somebody has just taken the room's alias"));
            }
            Err(error) if fault::is_kind(&error, &ErrorKind::UnsupportedRoomVersion) => {
                let why = format!("the homeserver can't make rooms of version {}: update it", plan::VERSION);
                return Err(Fault::never(why));
            }
            Err(error) => return Err(fault::of_http(&error)),
        };
        let found = self.state(&room).await?;
        found.map(|found| (room, found)).ok_or_else(|| Fault::later("the room that was just made can't be seen"))
    }

    /// Who is in a room or invited to it. Asked of the homeserver: the SDK knows only those who spoke lately.
    pub(super) async fn members(&self, room: &RoomId) -> Result<Vec<UserId>, Fault> {
        let found = self.state(room).await?;
        let found = found.ok_or_else(|| Fault::never("the bot is not in this room"))?;
        Ok(found.present().collect())
    }

    /// A room's state, or `None` if it is not for us to see. A room that we have left shows its state
    /// as it was then.
    async fn state(&self, room: &RoomId) -> Result<Option<Found>, Fault> {
        let request = get_state_events::v3::Request::new(room_id(room)?);
        match self.client.send(request).with_request_config(Self::once()).await {
            Ok(answer) => {
                let events = answer.room_state.iter().filter_map(|event| serde_json::from_str(event.json().get()).ok());
                Ok(Some(Found(events.collect())))
            }
            Err(error) if [ErrorKind::Forbidden, ErrorKind::NotFound].iter().any(|k| fault::is_kind(&error, k)) => {
                Ok(None)
            }
            Err(error) => Err(fault::of_http(&error)),
        }
    }

    async fn deviations(&self, plan: &RoomPlan, room: &RoomId, found: &Found) -> Result<Vec<Deviation>, Fault> {
        let mut deviations = plan::deviations(plan, &self.user, found);
        if let RoomKind::Queue { space, .. } = &plan.kind
            && !self.is_child(space, room).await?
        {
            let says = vec!["the room is not shown in its Space".to_owned()];
            deviations.push(Deviation { says, mend: Some(Mend::Child { space: space.clone() }) });
        }
        if plan.is_encrypted() {
            deviations.extend(self.locked_out(&plan.invited).await?);
        }
        Ok(deviations)
    }

    /// Who can't read encrypted rooms: whoever has no identity that could have signed a device of theirs.
    async fn locked_out(&self, users: &[UserId]) -> Result<Vec<Deviation>, Fault> {
        let mut request = get_keys::v3::Request::new();
        for user in users.iter().filter(|user| **user != self.user) {
            request.device_keys.insert(user_id(user)?, Vec::new());
        }
        let sent = self.client.send(request).with_request_config(Self::once()).await;
        let known = sent.map_err(|error| fault::of_http(&error))?.master_keys;
        let without =
            users.iter().filter(|user| **user != self.user && !known.keys().any(|known| *known == user.as_str()));
        let says = |user: &UserId| {
            format!(
                "{user} can't read the encrypted room: their account has no cross-signing; setting up recovery in their \
                     client (Element: Settings, Encryption) makes it"
            )
        };
        Ok(without.map(|user| Deviation { says: vec![says(user)], mend: None }).collect())
    }

    /// "m.space.child": a child without `via` is one that was taken out.
    async fn is_child(&self, space: &RoomId, room: &RoomId) -> Result<bool, Fault> {
        Ok(self.state_of(space, "m.space.child", room.as_str()).await?["via"].is_array())
    }

    /// The content of one state event; null if there is none.
    pub(super) async fn state_of(&self, room: &RoomId, kind: &str, key: &str) -> Result<Value, Fault> {
        let kind = StateEventType::from(kind);
        let request = get_state_event_for_key::v3::Request::new(room_id(room)?, kind, key.to_owned());
        match self.client.send(request).with_request_config(Self::once()).await {
            Ok(answer) => Ok(serde_json::from_str(answer.event_or_content.get()).unwrap_or_default()),
            Err(error) if fault::is_kind(&error, &ErrorKind::NotFound) => Ok(Value::Null),
            Err(error) => Err(fault::of_http(&error)),
        }
    }

    async fn mend(&self, plan: &RoomPlan, room: &RoomId, found: &Found, mend: &Mend) -> Result<(), Fault> {
        match mend {
            Mend::State { kind, key, content } => self.set_state(room, kind, key, content).await,
            Mend::Alias => self.set_alias(plan, room).await,
            Mend::Child { space } => {
                let content = json!({ "via": [self.user.server()], "suggested": true });
                self.set_state(space, "m.space.child", room.as_str(), &content).await
            }
            Mend::Invite(user) => self.invite(room, user, found.is_encrypted()).await,
            Mend::Readmit(user) => {
                let request = unban_user::v3::Request::new(room_id(room)?, user_id(user)?);
                let sent = self.client.send(request).with_request_config(Self::once()).await;
                sent.map_err(|error| fault::of_http(&error))?;
                self.invite(room, user, found.is_encrypted()).await
            }
            Mend::Ban(user) => {
                let mut request = ban_user::v3::Request::new(room_id(room)?, user_id(user)?);
                request.reason = Some("does not work here (any more)".to_owned());
                let sent = self.client.send(request).with_request_config(Self::once()).await;
                sent.map(|_| ()).map_err(|error| fault::of_http(&error))
            }
        }
    }

    pub(super) async fn set_state(&self, room: &RoomId, kind: &str, key: &str, content: &Value) -> Result<(), Fault> {
        let body = Raw::new(content).map_err(|_| Fault::never("state that is no JSON"))?.cast_unchecked();
        let request = send_state_event::v3::Request::new_raw(room_id(room)?, kind.into(), key.to_owned(), body);
        let sent = self.client.send(request).with_request_config(Self::once()).await;
        sent.map(|_| ()).map_err(|error| fault::of_http(&error))
    }

    async fn set_alias(&self, plan: &RoomPlan, room: &RoomId) -> Result<(), Fault> {
        let alias = self.alias(plan)?;
        let request = create_alias::v3::Request::new(alias.clone(), room_id(room)?);
        match self.client.send(request).with_request_config(Self::once()).await {
            Ok(_) => {}
            Err(error) if fault::is_kind(&error, &ErrorKind::RoomInUse) || is_conflict(&error) => {
                let now =
                    self.client.send(get_alias::v3::Request::new(alias.clone())).with_request_config(Self::once());
                let now = now.await.map_err(|error| fault::of_http(&error))?;
                if now.room_id.as_str() != room.as_str() {
                    return Err(Fault::never(format!("{alias} is the alias of another room")));
                }
            }
            Err(error) => return Err(fault::of_http(&error)),
        }
        self.set_state(room, "m.room.canonical_alias", "", &json!({ "alias": alias })).await
    }

    /// In encrypted rooms the SDK sends the keys of what was said so far along (MSC4268), so that a new
    /// agent can read back.
    async fn invite(&self, room: &RoomId, user: &UserId, is_encrypted: bool) -> Result<(), Fault> {
        let (room, user) = (room_id(room)?, user_id(user)?);
        if is_encrypted {
            return self.known(&room).await?.invite_user_by_id(&user).await.map_err(|error| fault::of_sdk(&error));
        }
        let recipient = invite_user::v3::InvitationRecipient::UserId(invite_user::v3::InviteUserId::new(user));
        let request = invite_user::v3::Request::new(room, recipient);
        let sent = self.client.send(request).with_request_config(Self::once()).await;
        sent.map(|_| ()).map_err(|error| fault::of_http(&error))
    }

    fn alias(&self, plan: &RoomPlan) -> Result<ruma::OwnedRoomAliasId, Fault> {
        let alias = plan::full_alias(plan, &self.user);
        ruma::RoomAliasId::parse(&alias).map_err(|_| Fault::never(format!("{alias} can't be a room's alias")))
    }
}

fn foreign(alias: &ruma::RoomAliasId) -> Fault {
    Fault::never(format!("{alias} is the alias of a room that the bot has not made"))
}

/// Synapse answers 409 `M_UNKNOWN` for an alias that exists.
fn is_conflict(error: &matrix_sdk::HttpError) -> bool {
    error.as_client_api_error().is_some_and(|error| error.status_code.as_u16() == 409)
}

fn creation_request(wanted: &Value) -> Result<create_room::v3::Request, Fault> {
    fn raw<T>(value: &Value) -> Result<Raw<T>, Fault> {
        Ok(Raw::new(value).map_err(|_| Fault::never("a plan that is no JSON"))?.cast_unchecked())
    }
    let text = |key: &str| wanted[key].as_str().map(ToOwned::to_owned);
    let mut request = create_room::v3::Request::new();
    request.room_version = text("room_version").and_then(|version| version.parse().ok());
    request.preset = Some(create_room::v3::RoomPreset::PrivateChat);
    request.name = text("name");
    request.topic = text("topic");
    request.room_alias_name = text("room_alias_name");
    request.creation_content = Some(raw(&wanted["creation_content"])?);
    request.power_level_content_override = Some(raw(&wanted["power_level_content_override"])?);
    request.initial_state =
        wanted["initial_state"].as_array().into_iter().flatten().map(raw).collect::<Result<_, _>>()?;
    Ok(request)
}
