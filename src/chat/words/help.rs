//! What can be done.

use crate::chat::reply::Voice;
use crate::desk::words::{Line, Said};

/// What somebody can do here, a line a command.
pub(in crate::chat) fn help_here(commands: &[(String, String)], voice: Voice<'_>) -> Said {
    let prefix = voice.prefix;
    list(
        "Plain text in a ticket's thread is an internal note. What you can do here:",
        commands,
        &[(format!("{prefix}help COMMAND"), "says more"), (format!("{prefix}help all"), "lists what else there is")],
    )
}

/// All that can be done, a line a command.
pub(in crate::chat) fn help_all(commands: &[(String, String)], voice: Voice<'_>) -> Said {
    let more = [(format!("{}help COMMAND", voice.prefix), "says more")];
    list("Plain text in a ticket's thread is an internal note. All commands:", commands, &more)
}

/// There is nothing to say of a command that is none.
pub(in crate::chat) fn no_such_command(voice: Voice<'_>) -> Said {
    Said::plain(format!("There is no such command. {}help all lists them all.", voice.prefix))
}

fn list(title: &str, commands: &[(String, String)], more: &[(String, &str)]) -> Said {
    let points = commands.iter().map(|(form, about)| Line::new().code(form).text(format!(" — {about}")));
    let said = Said::plain(title).list(points);
    more.iter().fold(said, |said, (form, about)| said.line(Line::new().code(form).text(format!(" {about}"))))
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
