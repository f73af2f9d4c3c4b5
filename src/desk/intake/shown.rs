//! What is shown of a mail.

use super::incoming::{IncomingFile, IncomingMail};
use crate::domain::id::MailId;
use crate::store::articles::Body;
use crate::store::blobs::Kept;
use crate::store::files::NewFile;
use crate::store::{Result, Store};

/// Bytes of text that are shown in a room; an event holds 65,536 with all its copies and escapes.
const LONG_TEXT: usize = 12 << 10;
/// The file that has the whole of a longer one.
const WHOLE_TEXT: &str = "whole-text.txt";

/// What an article of a mail says.
pub(super) fn body<'a>(mail: &'a IncomingMail, text: &'a str, is_cut: bool) -> Body<'a> {
    Body {
        text,
        html: shown_html(mail, is_cut),
        whole_text: (mail.fresh.folded > 0 || is_cut).then_some(mail.text.as_str()),
        folded: mail.fresh.folded,
    }
}

/// What is shown of a mail: its new text, cut if it is very long, and what could not be read; and whether it is cut.
pub(super) fn shown_text(mail: &IncomingMail) -> (String, bool) {
    let fresh = &mail.fresh.text;
    let is_cut = fresh.len() > LONG_TEXT;
    let mut text = if is_cut {
        let end = (0..=LONG_TEXT).rev().find(|end| fresh.is_char_boundary(*end)).unwrap_or_default();
        format!("{}\n… (the whole text is in {WHOLE_TEXT})", &fresh[..end])
    } else {
        fresh.clone()
    };
    for trouble in &mail.troubles {
        text.push_str("\n⚠ ");
        text.push_str(trouble);
    }
    (text, is_cut)
}

/// Its HTML, if that shows the same as the text.
pub(super) fn shown_html(mail: &IncomingMail, is_cut: bool) -> Option<&str> {
    if mail.troubles.is_empty() && !is_cut { mail.fresh.html.as_deref() } else { None }
}

/// The files of a mail's article: its own, and the whole of a text that is cut.
pub(super) fn files(mail: &IncomingMail) -> impl Iterator<Item = &IncomingFile> {
    let is_cut = mail.fresh.text.len() > LONG_TEXT;
    let text = || IncomingFile::new(WHOLE_TEXT.to_owned(), "text/plain".to_owned(), mail.text.clone().into_bytes());
    mail.attachments.iter().chain(is_cut.then(|| mail.text_file.get_or_init(text)))
}

/// Keeps those files of a mail whose bytes don't stand in it, before the transaction that refers to them begins.
pub(super) async fn keep_files(store: &Store, mail: &IncomingMail) -> Result<()> {
    for file in files(mail).filter(|file| file.place.is_none()) {
        store.blobs().put(file.digest, &file.bytes).await?;
    }
    Ok(())
}

/// A mail's file as the record has it.
pub(super) fn new_file(file: &IncomingFile, mail: MailId) -> NewFile<'_> {
    NewFile {
        name: &file.name,
        mime: &file.mime,
        content_id: file.content_id.as_deref(),
        kept: Kept { digest: file.digest, size: file.size },
        place: file.place.map(|place| (mail, place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::intake::incoming::Fresh;

    fn mail(text: &str, troubles: &[&str]) -> IncomingMail {
        let fresh = Fresh { text: text.to_owned(), html: Some("<b>x</b>".to_owned()), ..Fresh::default() };
        let troubles = troubles.iter().map(|trouble| (*trouble).to_owned()).collect();
        IncomingMail { text: format!("{text}\n> quoted"), fresh, troubles, ..IncomingMail::default() }
    }

    #[test]
    fn a_text_is_cut_where_a_character_ends() {
        let long = "ä".repeat(LONG_TEXT);
        for (text, kept) in [
            ("x".repeat(LONG_TEXT), None),
            ("x".repeat(LONG_TEXT + 1), Some(LONG_TEXT)),
            (long.clone(), Some(LONG_TEXT)),
            (format!("x{long}"), Some(LONG_TEXT - 1)),
        ] {
            let (shown, is_cut) = shown_text(&mail(&text, &[]));
            assert_eq!(is_cut, kept.is_some(), "{} bytes", text.len());
            match kept {
                Some(kept) => {
                    let (beginning, rest) = shown.split_once('\n').expect("what says that there is more");
                    assert_eq!((beginning.len(), rest), (kept, "… (the whole text is in whole-text.txt)"));
                }
                None => assert_eq!(shown, text),
            }
        }
    }

    #[test]
    fn html_is_shown_only_where_it_says_as_much_as_the_text() {
        let (cut, whole) = (true, false);
        for (troubles, is_cut, has_html) in
            [(&[][..], whole, true), (&[][..], cut, false), (&["It is torn."][..], whole, false)]
        {
            let mail = mail("hello", troubles);
            assert_eq!(shown_html(&mail, is_cut).is_some(), has_html, "{troubles:?} {is_cut}");
            assert_eq!(shown_text(&mail).0.contains("⚠ It is torn."), !troubles.is_empty());
        }
    }

    #[test]
    fn the_whole_text_is_kept_where_something_of_it_is_not_shown() {
        for (folded, is_cut, is_kept) in [(0, false, false), (3, false, true), (0, true, true)] {
            let mut mail = mail("hello", &[]);
            mail.fresh.folded = folded;
            assert_eq!(body(&mail, "hello", is_cut).whole_text.is_some(), is_kept, "{folded} {is_cut}");
        }
    }

    #[test]
    fn the_whole_of_a_cut_text_is_a_file() {
        assert_eq!(files(&mail("hello", &[])).count(), 0);
        let long = mail(&"x".repeat(LONG_TEXT + 1), &[]);
        let all: Vec<_> = files(&long).collect();
        let [file] = all.as_slice() else { panic!("one file") };
        assert_eq!((file.name.as_str(), file.bytes.as_slice()), (WHOLE_TEXT, long.text.as_bytes()));
    }
}
