//! Templates: what agents answer with.

use std::fmt::Write;
use std::path::PathBuf;

use crate::domain::id::QueueId;
use crate::domain::language::Language;
use crate::domain::placeholder;
use crate::domain::queue::Queue;
use crate::store::Tx;
use crate::store::templates::Template;
use clap::{Args, Subcommand};

use super::arguments::names;
use super::{AdminError, Door, Outcome};

#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "it would be the help of the command above it")]
pub enum TemplateCommand {
    /// Set a text that agents answer with: !answer --template NAME
    Set {
        /// Which
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
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Which {
    /// What agents call it: lower-case letters, digits, - and _
    #[arg(value_parser = name)]
    pub name: String,
    /// The queue that it is for; all, if none is named
    #[arg(long)]
    pub queue: Option<String>,
    /// The language that it is in; any queue's, if none is named
    #[arg(long, value_enum)]
    pub language: Option<Language>,
}

pub(super) async fn run(tx: &mut Tx, door: Door<'_>, command: TemplateCommand) -> Outcome {
    match command {
        TemplateCommand::Set { which, text, file } => {
            let text = match (text, file) {
                (Some(text), _) => text,
                (None, Some(file)) => door.file(&file)?,
                (None, None) => String::new(),
            };
            if text.trim().is_empty() {
                return AdminError::refused(format!(
                    "a template has a text; `template remove {}` removes one",
                    which.name
                ));
            }
            placeholder::check(&text).map_err(|unknown| AdminError::Refused(unknown.to_string()))?;
            let queue = queue_id(tx, which.queue.as_deref()).await?;
            let text = text.trim_end().to_owned();
            tx.templates().put(&Template { queue, name: which.name.clone(), language: which.language, text }).await?;
            Ok(format!("template {} set\n", which.name))
        }
        TemplateCommand::Show(which) => {
            let queue = queue_id(tx, which.queue.as_deref()).await?;
            let found = tx.templates().all().await?.into_iter().find(|template| {
                template.name == which.name && template.queue == queue && template.language == which.language
            });
            Ok(format!("{}\n", found.ok_or_else(|| none(&which))?.text))
        }
        TemplateCommand::Remove(which) => {
            let queue = queue_id(tx, which.queue.as_deref()).await?;
            if !tx.templates().remove(&which.name, queue, which.language).await? {
                return Err(none(&which));
            }
            Ok(format!("template {} removed\n", which.name))
        }
        TemplateCommand::List { json } => list(tx, json).await,
    }
}

async fn list(tx: &mut Tx, json: bool) -> Outcome {
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
        return Ok(format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default()));
    }
    let mut text = String::new();
    for template in &templates {
        let begins = template.text.lines().next().unwrap_or_default();
        let language = template.language.map_or("any language", Language::code);
        let of = queue(template.queue).unwrap_or("all queues");
        let _ = writeln!(text, "{} ({of}, {language}): {begins}", template.name);
    }
    Ok(if text.is_empty() { "no templates; `template set NAME TEXT` sets one\n".to_owned() } else { text })
}

async fn queue_id(tx: &mut Tx, name: Option<&str>) -> Result<Option<QueueId>, AdminError> {
    let Some(name) = name else { return Ok(None) };
    let queues = tx.queues().all().await?;
    let queue = queues.iter().find(|queue| queue.name == name);
    let there = || AdminError::Refused(format!("there is no queue {name}; there are {}", names(&queues)));
    queue.map(|queue| Some(queue.id)).ok_or_else(there)
}

fn none(which: &Which) -> AdminError {
    let (queue, language) = (which.queue.as_deref(), which.language.map(Language::code));
    let queue = queue.map(|queue| format!(" of queue {queue}")).unwrap_or_default();
    let language = language.map(|language| format!(" in {language}")).unwrap_or_default();
    AdminError::Refused(format!("there is no template {}{queue}{language}; `template list` shows them", which.name))
}

pub(crate) fn name(text: &str) -> Result<String, String> {
    let form = "lower-case letters, digits, - and _, such as reset-password";
    if Queue::is_name(text) { Ok(text.to_owned()) } else { Err(form.to_owned()) }
}
