//! The texts that agents answer with.

use super::{Line, Said};
use crate::domain::id::QueueId;
use crate::domain::number::shorten;
use crate::domain::queue::Queue;
use crate::store::templates::Template;

/// How many characters of each are shown in a list.
const BEGINNING: usize = 80;

/// A line each: its name, and how it begins. Of several queues', whose it is.
#[must_use]
pub fn template_list(templates: &[(Option<QueueId>, Template)], queues: &[Queue]) -> Said {
    if templates.is_empty() {
        return Said::plain("Templates · none; an admin sets them: ticketloom template set NAME TEXT");
    }
    let lines = templates.iter().map(|(of, template)| {
        let queue = queues.iter().find(|queue| Some(queue.id) == *of && queues.len() > 1);
        let queue = queue.map(|queue| format!(" ({})", queue.name)).unwrap_or_default();
        let begins = template.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Line::new().code(&template.name).text(format!("{queue} · {}", shorten(&begins, BEGINNING)))
    });
    Said::plain(format!("Templates · {}", templates.len())).list(lines)
}

/// One of them, as it stands in the record.
#[must_use]
pub fn template(template: &Template) -> Said {
    let lines = template.text.lines().fold(Said::nothing(), Said::line);
    Said::nothing().line(Line::from("Template ").code(&template.name)).quote(lines)
}
