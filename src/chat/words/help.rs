//! What can be done.

use std::fmt::Write;

use crate::chat::reply::Voice;
use crate::desk::words::{Said, escape};

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
    let mut text = title.to_owned();
    let mut html = format!("{}<ul>", escape(title));
    for (form, about) in commands {
        let _ = write!(text, "\n{form} — {about}");
        let _ = write!(html, "<li><code>{}</code> — {}</li>", escape(form), escape(about));
    }
    html.push_str("</ul>");
    for (form, about) in more {
        let _ = write!(text, "\n{form} {about}");
        let _ = write!(html, "<code>{}</code> {about}<br>", escape(form));
    }
    Said { text, html }
}

/// Markdown of which only code between backticks and points are used.
pub(in crate::chat) fn marked(markdown: &str) -> Said {
    let mut html = String::new();
    for line in markdown.lines().filter(|line| !line.is_empty()) {
        let line = with_code(&escape(line));
        let _ = match line.strip_prefix("- ") {
            Some(point) => write!(html, "<li>{point}</li>"),
            None => write!(html, "<p>{line}</p>"),
        };
    }
    let end = if html.contains("<li>") { "</ul>" } else { "" };
    Said { text: markdown.to_owned(), html: html.replacen("<li>", "<ul><li>", 1) + end }
}

/// What stands between backticks as code.
fn with_code(line: &str) -> String {
    line.split('`').enumerate().fold(String::new(), |line, (position, part)| {
        let tag = match position {
            0 => "",
            odd if odd % 2 == 1 => "<code>",
            _ => "</code>",
        };
        line + tag + part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_points_are_marked() {
        let said = marked("`!note TEXT`\n\nA note.\n\n- `TEXT`: a & b");
        assert_eq!(
            said.html,
            "<p><code>!note TEXT</code></p><p>A note.</p><ul><li><code>TEXT</code>: a &amp; b</li></ul>"
        );
    }
}
