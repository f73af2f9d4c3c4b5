//! Templates, from the command line.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use ticketloom::domain::id::QueueId;
use ticketloom::domain::language::Language;
use ticketloom::domain::placeholder;
use ticketloom::domain::queue::Queue;
use ticketloom::store::templates::Template;
use ticketloom::store::{Store, Tx};

use super::arguments::names;
use super::print;

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Set a text that agents answer with: !answer --template NAME
    Set {
        #[command(flatten)]
        which: Which,
        /// The text, in Markdown; {customer.name} and the like are filled in
        #[arg(required_unless_present = "file")]
        text: Option<String>,
        /// A file with the text
        #[arg(long, conflicts_with = "text")]
        file: Option<PathBuf>,
    },
    /// Show one as it stands in the record
    Show(Which),
    /// Remove one
    Remove(Which),
    /// List them
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which template.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// What agents call it: lower-case letters, digits, - and _
    #[arg(value_parser = name)]
    name: String,
    /// The queue that it is for; all, if none is named
    #[arg(long)]
    queue: Option<String>,
    /// The language that it is in; any queue's, if none is named
    #[arg(long, value_enum)]
    language: Option<Language>,
}

pub(crate) async fn template(store: &Store, command: TemplateCommand) -> anyhow::Result<ExitCode> {
    let mut tx = store.begin().await?;
    match command {
        TemplateCommand::Set { which, text, file } => {
            let text = match (text, file) {
                (Some(text), _) => text,
                (None, Some(file)) => std::fs::read_to_string(&file).with_context(|| file.display().to_string())?,
                (None, None) => unreachable!("clap asks for one of them"),
            };
            if text.trim().is_empty() {
                bail!("a template has a text; `ticketloom template remove {}` removes one", which.name);
            }
            placeholder::check(&text)?;
            let queue = queue_id(&mut tx, which.queue.as_deref()).await?;
            let text = text.trim_end().to_owned();
            tx.templates().put(&Template { queue, name: which.name.clone(), language: which.language, text }).await?;
            tx.commit().await?;
            print(&format!("template {} set\n", which.name))
        }
        TemplateCommand::Show(which) => {
            let queue = queue_id(&mut tx, which.queue.as_deref()).await?;
            let found = tx.templates().all().await?.into_iter().find(|template| {
                template.name == which.name && template.queue == queue && template.language == which.language
            });
            print(&format!("{}\n", found.ok_or_else(|| none(&which))?.text))
        }
        TemplateCommand::Remove(which) => {
            let queue = queue_id(&mut tx, which.queue.as_deref()).await?;
            if !tx.templates().remove(&which.name, queue, which.language).await? {
                return Err(none(&which));
            }
            tx.commit().await?;
            print(&format!("template {} removed\n", which.name))
        }
        TemplateCommand::List { json } => list(&mut tx, json).await,
    }
}

async fn list(tx: &mut Tx, json: bool) -> anyhow::Result<ExitCode> {
    let (templates, queues) = (tx.templates().all().await?, tx.queues().all().await?);
    let queue = |of: Option<QueueId>| queues.iter().find(|queue| Some(queue.id) == of).map(|queue| queue.name.as_str());
    if json {
        let line = |template: &Template| {
            serde_json::json!({
                "name": template.name, "queue": queue(template.queue),
                "language": template.language.map(Language::code), "text": template.text,
            })
        };
        let lines: Vec<_> = templates.iter().map(line).collect();
        return print(&format!("{}\n", serde_json::to_string_pretty(&lines)?));
    }
    let mut text = String::new();
    for template in &templates {
        let begins = template.text.lines().next().unwrap_or_default();
        let language = template.language.map_or("any language", Language::code);
        let of = queue(template.queue).unwrap_or("all queues");
        let _ = writeln!(text, "{} ({of}, {language}): {begins}", template.name);
    }
    print(if text.is_empty() { "no templates; `ticketloom template set NAME TEXT` sets one\n" } else { &text })
}

async fn queue_id(tx: &mut Tx, name: Option<&str>) -> anyhow::Result<Option<QueueId>> {
    let Some(name) = name else { return Ok(None) };
    let queues = tx.queues().all().await?;
    let queue = queues.iter().find(|queue| queue.name == name);
    queue.map(|queue| Some(queue.id)).ok_or_else(|| anyhow!("there is no queue {name}; there are {}", names(&queues)))
}

fn none(which: &Which) -> anyhow::Error {
    let (queue, language) = (which.queue.as_deref(), which.language.map(Language::code));
    let queue = queue.map(|queue| format!(" of queue {queue}")).unwrap_or_default();
    let language = language.map(|language| format!(" in {language}")).unwrap_or_default();
    anyhow!("there is no template {}{queue}{language}; `ticketloom template list` shows them", which.name)
}

fn name(text: &str) -> Result<String, String> {
    let form = "lower-case letters, digits, - and _, such as reset-password";
    if Queue::is_name(text) { Ok(text.to_owned()) } else { Err(form.to_owned()) }
}
