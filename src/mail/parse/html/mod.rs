//! A mail's HTML: made harmless, as text, and what of it is new.
//!
//! What came becomes a small tree of known elements; what goes out is cleaned by ammonia, so that nothing
//! this module does can undo that. Nothing is ever fetched.

mod build;
mod by_words;
mod fold;
mod image;
mod safe;
mod table;
mod text;
mod tree;

pub(in crate::mail) use self::image::Images;
use self::tree::Tree;
use crate::mail::clean;

/// The longest HTML in bytes, and the most tags, that are read; of more, only the words are taken, and crudely.
const LONGEST: usize = 1 << 20;
const MOST_TAGS: usize = 40_000;
/// How many bytes are looked at for words.
const WORDS: usize = 4 << 20;
/// The longest HTML in bytes that goes out; a Matrix event holds 64 KiB in all.
const LONGEST_OUT: usize = 20 * 1024;

/// The HTML as text: quotes with `> ` before their lines, links with their addresses.
pub(in crate::mail) fn to_text(html: &str, images: &Images) -> String {
    match tree_of(html, images) {
        Some(tree) => text::of(&tree),
        None => build::words(clean::cut(html, WORDS)),
    }
}

/// Text as HTML.
pub(in crate::mail) fn of_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\n")
}

/// What is new in the HTML, in Matrix' subset, if it says more than `fresh`, which is what is new in
/// the mail's text.
pub(in crate::mail) fn fresh(subject: &str, html: &str, images: &Images, fresh: &str) -> Option<String> {
    let mut tree = tree_of(html, images)?;
    fold::quotes(&mut tree, subject, fresh);
    if !tree.says_more() {
        return None;
    }
    // Where the two differ much, the quote was not found in one of them: the text is the safer one.
    let length = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let (shown, expected) = (length(&text::of(&tree)), length(fresh));
    if shown > expected + expected / 2 + 200 || shown * 2 + 50 < expected {
        return None;
    }
    table::for_phones(&mut tree);
    let html = safe::for_matrix(&tree, 2 * LONGEST_OUT)?;
    (!html.trim().is_empty() && html.len() <= LONGEST_OUT).then_some(html)
}

/// HTML as text, for those who only look for words in it.
pub(in crate::mail) fn html_text(html: &str) -> String {
    to_text(html, &Images::default())
}

fn tree_of(html: &str, images: &Images) -> Option<Tree> {
    if html.len() > LONGEST {
        return None;
    }
    let mut tree = build::tree(html, MOST_TAGS)?;
    image::settle(&mut tree, images);
    Some(tree)
}

#[cfg(test)]
mod tests;
