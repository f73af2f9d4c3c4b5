//! What is asked about once before it is mailed, since it looks as if it were not meant for the customer.

use super::draft::Draft;
use super::refusal::{AnswerRefusal, Outcome};
use crate::domain::number::shorten;
use crate::domain::ticket::Ticket;
use crate::store::Tx;

/// What begins a link into Matrix, or into a client that shows it, which no customer can follow.
const MATRIX_LINKS: [&str; 5] = ["matrix.to/#/", "matrix:r/", "matrix:roomid/", "matrix:u/", "/#/room/"];
/// How long a line of a note is at least, for it to be told from a greeting.
const TELLING: usize = 20;
/// How long a whole note is at least.
const TELLING_NOTE: usize = 8;
/// How many characters of it are named.
const NAMED: usize = 60;

/// Refuses an answer that says what stands in a note of its ticket, or leads into Matrix, unless whoever writes it is sure.
pub(super) async fn must_be_meant(tx: &mut Tx, ticket: &Ticket, draft: &Draft) -> Outcome<()> {
    if draft.is_sure {
        return Ok(());
    }
    if let Some(link) = matrix_link(&draft.text) {
        return Err(AnswerRefusal::LeadsIntoMatrix(link.to_owned()).into());
    }
    for note in tx.articles().notes(ticket.id).await? {
        if let Some(line) = told_of(&note, &draft.text) {
            return Err(AnswerRefusal::StandsInNote(shorten(&line, NAMED)).into());
        }
    }
    Ok(())
}

/// The word of a text that leads into Matrix.
fn matrix_link(text: &str) -> Option<&str> {
    text.split_whitespace().find(|word| {
        let word = word.to_lowercase();
        MATRIX_LINKS.iter().any(|link| word.contains(link))
    })
}

/// What of a note stands in a text, however either is spaced and capitalised.
fn told_of(note: &str, text: &str) -> Option<String> {
    let text = squeezed(text);
    let whole = squeezed(note);
    if whole.chars().count() >= TELLING_NOTE && text.contains(&whole) {
        return Some(whole);
    }
    note.lines().map(squeezed).find(|line| line.chars().count() >= TELLING && text.contains(line.as_str()))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_note_is_found() {
        let note = "Carol is a difficult one.\n\nHello,\nher contract ends in May, don't tell her.";
        let table = [
            ("Dear Carol,\nher contract ends in May, don't tell her.", true),
            ("HER  contract ends\nin May, don't tell her. Bye", true),
            ("Carol is a difficult one.", true),
            ("Hello,\nplease unplug it.", false),
            ("Your contract ends in May.", false),
            ("", false),
        ];
        for (text, is_told) in table {
            assert_eq!(told_of(note, text).is_some(), is_told, "{text:?}");
        }
        assert!(told_of("Thanks!", "Thanks! We look at it.").is_none(), "a greeting tells nothing");
        assert!(told_of("VIP client", "You are a vip client.").is_some());
    }

    #[test]
    fn a_link_into_matrix_is_found() {
        for text in [
            "see https://matrix.to/#/!room:desk.test/$event",
            "matrix:r/support:desk.test",
            "https://app.element.io/#/room/!x:desk.test",
            "[here](https://Matrix.to/#/@alice:desk.test)",
        ] {
            assert!(matrix_link(text).is_some(), "{text}");
        }
        for text in ["https://matrix.org/docs", "the matrix: reloaded", "room 12 /#/ no"] {
            assert!(matrix_link(text).is_none(), "{text}");
        }
    }
}
