//! Who belongs into a room, and who does not.

use super::plan::{Deviation, Found, Mend};
use crate::desk::seams::RoomPlan;
use crate::domain::id::UserId;

/// How a room's members differ from the plan.
pub(super) fn deviations(plan: &RoomPlan, own: &UserId, found: &Found) -> Vec<Deviation> {
    let mut deviations = Vec::new();
    for user in plan.invited.iter().filter(|user| *user != own) {
        if is_banned_by(found, user, own) {
            let says = format!("{user} belongs into the room again and is banned");
            deviations.push(Deviation { says: vec![says], mend: Some(Mend::Readmit(user.clone())) });
        } else if is_missing(found, user) {
            let says = format!("{user} belongs into the room and is not invited");
            deviations.push(Deviation { says: vec![says], mend: Some(Mend::Invite(user.clone())) });
        }
    }
    for user in plan.barred.iter().filter(|user| *user != own) {
        if membership(found, user) != Some("ban") {
            let says = format!("{user} has no business in the room and could be there");
            deviations.push(Deviation { says: vec![says], mend: Some(Mend::Ban(user.clone())) });
        }
    }
    deviations
}

fn membership<'a>(found: &'a Found, user: &UserId) -> Option<&'a str> {
    found.event("m.room.member", user.as_str())?["content"]["membership"].as_str()
}

fn is_banned_by(found: &Found, user: &UserId, own: &UserId) -> bool {
    let by = found.event("m.room.member", user.as_str()).map(|event| event["sender"] == own.as_str());
    membership(found, user) == Some("ban") && by == Some(true)
}

/// Neither there nor invited nor banned, and not gone of their own will: who was put out by somebody
/// else may come back, since the record says that they belong here.
fn is_missing(found: &Found, user: &UserId) -> bool {
    let Some(event) = found.event("m.room.member", user.as_str()) else { return true };
    match event["content"]["membership"].as_str() {
        Some("join" | "invite" | "ban") => false,
        Some("leave") => event["sender"] != user.as_str(),
        _ => true,
    }
}
