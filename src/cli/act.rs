//! What agents do to tickets, from the command line: as in chat, by the same rules and rights, with the same words.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use ticketloom::chat::subcommand::{AgentCommand, Done, carry_out};
use ticketloom::desk::Desk;
use ticketloom::desk::conversation::Context;
use ticketloom::desk::conversation::recipients::MOST_BYTES;
use ticketloom::desk::words::file_name;
use ticketloom::domain::id::TicketId;
use ticketloom::domain::queue::Agent;
use ticketloom::store::files::AgentFile;

use super::ticket::{Failure, Said, head};

/// Has it done, and prints what there is to say and how the ticket stands then.
pub(super) async fn act(desk: &Desk, operator: &Agent, wanted: AgentCommand) -> Said {
    let (paths, is_json) = (wanted.files.clone(), wanted.json);
    let mut files = Vec::with_capacity(paths.len());
    for path in &paths {
        files.push(file(desk, path).await?);
    }
    let done = carry_out(desk, wanted, &files).await?.map_err(Failure::Refused)?;
    let mut tx = desk.store().begin().await?;
    let mut context = Context::of(desk, &mut tx, operator, None);
    if is_json {
        let (ticket, made) = (stands(&mut context, done.ticket).await?, stands(&mut context, done.made).await?);
        let (ticket, made) = (ticket.map(|(whole, _)| whole), made.map(|(whole, _)| whole));
        let whole = json!({ "held": done.is_held, "said": done.said, "ticket": ticket, "made": made });
        return Ok(format!("{whole:#}\n"));
    }
    let Done { ticket, made, said, .. } = done;
    let mut text = String::new();
    for said in said {
        let _ = writeln!(text, "{}", said.trim_end());
    }
    for ticket in [ticket, made] {
        if let Some((_, words)) = stands(&mut context, ticket).await? {
            text.push_str(&words);
        }
    }
    Ok(text)
}

/// How a ticket stands, as JSON and as people read it.
async fn stands(context: &mut Context<'_>, ticket: Option<TicketId>) -> Result<Option<(Value, String)>, Failure> {
    let Some(ticket) = ticket else { return Ok(None) };
    let ticket = context.tx.tickets().get(ticket).await?;
    let queue = context.tx.queues().get(ticket.queue).await?;
    head(context, &ticket, &queue).await.map(Some)
}

/// A file of this machine, kept as one that goes with an answer.
async fn file(desk: &Desk, path: &Path) -> Result<AgentFile, Failure> {
    let shown = path.display();
    let wrong = |why: String| Failure::Refused(format!("--file {shown}: {why}"));
    let size = tokio::fs::metadata(path).await.map_err(|error| wrong(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(wrong(format!("it is {} MiB; at most {} are mailed", size >> 20, MOST_BYTES >> 20)));
    }
    let bytes = tokio::fs::read(path).await.map_err(|error| wrong(error.to_string()))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kept = desk.store().blobs().keep(bytes).await?;
    Ok(AgentFile { name: file_name(&name), mime: mime(path).to_owned(), kept })
}

/// What a file is, by the end of its name: of the kinds that customers get mostly.
fn mime(path: &Path) -> &'static str {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    match end.as_str() {
        "pdf" => "application/pdf",
        "txt" | "log" | "md" => "text/plain",
        "csv" => "text/csv",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}
