//! What an agent wants to be told of by mail.

use super::context::Context;
use super::refusal::Outcome;
use crate::domain::id::EmailAddress;
use crate::domain::notify::Notify;

/// Why mail can't be wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyRefusal {
    /// There is nowhere to send it.
    NoAddress,
}

/// What the agent wants, and where it goes.
pub async fn asked(context: &mut Context<'_>) -> Outcome<(Option<EmailAddress>, Notify)> {
    Ok(context.tx.agent_mails().notify_of(context.by.id).await?)
}

/// Records what the agent wants; returns where it goes, if anything does.
pub async fn set(context: &mut Context<'_>, notify: Notify) -> Outcome<Option<EmailAddress>> {
    let (mail, _) = context.tx.agent_mails().notify_of(context.by.id).await?;
    if mail.is_none() && notify != Notify::OFF {
        return Err(NotifyRefusal::NoAddress.into());
    }
    context.tx.agent_mails().set_notify(context.by.id, notify).await?;
    Ok(mail.filter(|_| notify != Notify::OFF))
}
