//! Texts that agents answer with.

use super::context::Context;
use super::refusal::{Outcome, TemplateRefusal};
use crate::desk::outbound::filling::Filling;
use crate::domain::id::QueueId;
use crate::domain::placeholder::{self, Text};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::Result;
use crate::store::templates::Template;

/// An answer's text: a template's, filled in, and what else is to be read below it.
pub async fn text(context: &mut Context<'_>, ticket: &Ticket, name: Option<&str>, below: &str) -> Outcome<String> {
    let Some(name) = name else { return Ok(below.to_owned()) };
    let queue = context.tx.queues().get(ticket.queue).await?;
    let template = find(context, &queue, name).await?;
    let customer = context.tx.customers().get(ticket.customer).await?;
    let (agent, now) = (&context.by.user, context.tx.now());
    let filling = Filling { ticket, queue: &queue, customer: &customer, agent, now };
    let filled = placeholder::fill(&template.text, Text::Markdown, |one| filling.of(one))
        .map_err(|unknown| TemplateRefusal::Unknown { name: template.name.clone(), unknown })?;
    let (filled, below) = (filled.trim_end(), below.trim_start_matches('\n'));
    Ok(if below.is_empty() { filled.to_owned() } else { format!("{filled}\n\n{below}") })
}

/// The templates of a queue, the one of each name that is taken there, in the order of their names.
pub async fn of_queue(context: &mut Context<'_>, queue: &Queue) -> Result<Vec<Template>> {
    let mut templates = context.tx.templates().all().await?;
    templates.retain(|template| place(template, queue).is_some());
    templates.sort_by(|one, other| one.name.cmp(&other.name).then(place(one, queue).cmp(&place(other, queue))));
    templates.dedup_by(|later, first| later.name == first.name);
    Ok(templates)
}

/// A queue's template of that name.
///
/// # Errors
/// [`TemplateRefusal::NoSuchTemplate`], with those that there are.
pub async fn find(context: &mut Context<'_>, queue: &Queue, name: &str) -> Outcome<Template> {
    let name = name.trim().to_lowercase();
    let templates = of_queue(context, queue).await?;
    if let Some(template) = templates.iter().find(|template| template.name == name) {
        return Ok(template.clone());
    }
    let names = templates.into_iter().map(|template| template.name).collect();
    Err(TemplateRefusal::NoSuchTemplate { name, names }.into())
}

/// How near a template is to a queue, the nearest first: its own before all queues', that of its language before any's.
/// `None`: it is another queue's, or in another language.
fn place(template: &Template, queue: &Queue) -> Option<(bool, bool)> {
    let is_own = template.queue == Some(queue.id);
    let is_its_language = template.language == Some(queue.language);
    let fits = (is_own || template.queue.is_none()) && (is_its_language || template.language.is_none());
    fits.then_some((!is_own, !is_its_language))
}

/// Which of these queues a list of templates is about, in a room that is none's.
pub async fn of_queues(context: &mut Context<'_>, queues: &[Queue]) -> Result<Vec<(Option<QueueId>, Template)>> {
    let mut listed: Vec<(Option<QueueId>, Template)> = Vec::new();
    for queue in queues {
        for template in of_queue(context, queue).await? {
            if !listed.iter().any(|(_, known)| *known == template) {
                listed.push((template.queue, template));
            }
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample;
    use crate::domain::language::Language;

    #[test]
    fn a_queues_own_comes_before_all_queues_and_its_language_before_any() {
        let queue = Queue { language: Language::De, ..sample::queue() };
        let template = |queue: Option<i64>, language| {
            let (name, text) = ("hi".to_owned(), "x".to_owned());
            Template { queue: queue.map(QueueId), name, language, text }
        };
        let places: Vec<_> = [(Some(1), Some(Language::De)), (Some(1), None), (None, Some(Language::De)), (None, None)]
            .into_iter()
            .map(|(of, language)| place(&template(of, language), &queue).expect("it fits"))
            .collect();
        assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
        for (of, language) in [(Some(2), None), (None, Some(Language::En)), (Some(1), Some(Language::En))] {
            assert_eq!(place(&template(of, language), &queue), None, "{of:?} {language:?}");
        }
    }
}
