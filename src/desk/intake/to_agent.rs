//! What comes to the signed address of a mail that told an agent of something: their note, or nothing of this ticket's.

use super::context::Context;
use super::incoming::IncomingMail;
use super::quarantine::{self, About, Reason};
use super::shown::{body, files, new_file, shown_text};
use crate::desk::agent_mail::{NoNote, ToAgent, taken};
use crate::domain::id::AgentMailId;
use crate::store::Result;
use crate::store::mails::StoredMail;

/// Files it as the agent's note, or keeps it where agents see it.
pub(super) async fn receive(
    context: &mut Context<'_>,
    stored: &StoredMail,
    mail: &IncomingMail,
    told: AgentMailId,
) -> Result<()> {
    let from = mail.from.as_ref().map(|from| &from.address);
    let (text, is_cut) = shown_text(mail);
    let written = ToAgent {
        mail: stored.id,
        from,
        is_person: mail.nature.is_person() && !mail.is_reaction,
        body: body(mail, &text, is_cut),
        files: files(mail).map(|file| new_file(file, stored.id)).collect(),
    };
    let outcome = match context.tx.agent_mails().get(told).await? {
        Some(told) => taken(context.tx, &told, &written).await?,
        None => Err(NoNote::NoMore),
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(why) => quarantine::keep(context.tx, stored, About::mail(from, mail), &Reason::ToAgent(why)).await,
    }
}
