//! What can be done.

use crate::chat::place::Place;
use crate::chat::reply::Voice;
use crate::desk::words::{Line, Said};

/// What matters most here, a line each, and where the rest is: `count` commands altogether.
pub(in crate::chat) fn help_here(place: Place, first: &[(String, String)], count: usize, voice: Voice<'_>) -> Said {
    let title = match place {
        Place::Thread => "Plain text here is an internal note; nothing else leaves the house but an answer.",
        Place::Queue => "What is written here is talk. A ticket's own commands are given in its thread.",
        Place::Direct => "A ticket's own commands are given in its thread.",
    };
    Said::nothing().line(title).list(points(first)).line(
        Line::new()
            .code(format!("{}help all", voice.prefix))
            .text(format!(" lists all {count} · "))
            .code(format!("{}help COMMAND", voice.prefix))
            .text(" says more of one"),
    )
}

/// All that somebody can do, a line a command: first what can be done here.
pub(in crate::chat) fn help_all(here: &[(String, String)], elsewhere: &[(String, String)], voice: Voice<'_>) -> Said {
    let said = Said::plain("Here:").list(points(here));
    let said = if elsewhere.is_empty() { said } else { said.line("Elsewhere:").list(points(elsewhere)) };
    said.line(Line::new().code(format!("{}help COMMAND", voice.prefix)).text(" says more of one"))
}

/// There is nothing to say of a command that is none.
pub(in crate::chat) fn no_such_command(voice: Voice<'_>) -> Said {
    Said::plain(format!("There is no such command. {}help all lists them all.", voice.prefix))
}

fn points(commands: &[(String, String)]) -> impl Iterator<Item = Line> {
    commands.iter().map(|(form, about)| Line::new().code(form).text(format!(" — {about}")))
}

/// Markdown of which only code between backticks and points are used.
pub(in crate::chat) fn marked(markdown: &str) -> Said {
    let mut said = Said::nothing();
    let mut points = Vec::new();
    for line in markdown.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("- ") {
            Some(point) => points.push(with_code(point)),
            None => said = said.paragraph(with_code(line)),
        }
    }
    if points.is_empty() { said } else { said.list(points) }
}

/// What stands between backticks as code.
fn with_code(line: &str) -> Line {
    line.split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .fold(Line::new(), |line, (position, part)| if position % 2 == 1 { line.code(part) } else { line.text(part) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_points_are_marked() {
        let said = marked("`!note TEXT`\n\nA note.\n\n- `TEXT`: a & b");
        let points = [Line::new().code("TEXT").text(": a & b")];
        assert_eq!(said, Said::nothing().paragraph(Line::new().code("!note TEXT")).paragraph("A note.").list(points));
    }
}
