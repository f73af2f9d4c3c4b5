//! What an agent writes, as an article of its ticket.

use super::context::Context;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::ArticleId;
use crate::domain::ticket::Ticket;
use crate::store::Result;
use crate::store::articles::{Body, NewArticle, Origin};

/// What an agent writes. Which of them says who may ever see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// To the customer.
    Answer,
    /// For the other agents.
    Note,
    /// To somebody outside who takes no part.
    Forward,
}

impl Written {
    /// What it is in the record.
    const fn kind(self) -> (Kind, Visibility) {
        match self {
            Self::Answer => (Kind::Answer, Visibility::Customer),
            Self::Note => (Kind::Note, Visibility::Internal),
            Self::Forward => (Kind::Forward, Visibility::Internal),
        }
    }
}

/// Writes an article, which the message that asked for it shows, if one did.
pub(super) async fn write(context: &mut Context<'_>, ticket: &Ticket, what: Written, text: &str) -> Result<ArticleId> {
    let (kind, visibility) = what.kind();
    let article = context
        .tx
        .articles()
        .add(&NewArticle {
            ticket: ticket.id,
            kind,
            sender: Sender::Agent,
            visibility,
            origin: Origin::Agent(context.by.id, context.cause.map(|cause| cause.event)),
            body: Body::plain(text),
            on_card: false,
        })
        .await?;
    if let Some(cause) = context.cause {
        context.tx.threads().add_event(cause.event, cause.room, ticket.id, Some(article)).await?;
    }
    Ok(article)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_the_customer_is_internal() {
        for (what, kind, visibility) in [
            (Written::Answer, Kind::Answer, Visibility::Customer),
            (Written::Note, Kind::Note, Visibility::Internal),
            (Written::Forward, Kind::Forward, Visibility::Internal),
        ] {
            assert_eq!(what.kind(), (kind, visibility), "{what:?}");
        }
    }
}
