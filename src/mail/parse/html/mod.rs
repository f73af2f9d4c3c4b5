//! A mail's HTML: made harmless, as text, and what of it is new.
//!
//! ammonia cleans twice: first what came, so that the tree read here is well-formed and small; then
//! what goes out, so that nothing this module does can undo it. Nothing is ever fetched.

mod by_words;
mod fold;
mod image;
mod safe;
mod table;
mod text;
mod tree;

pub(in crate::mail) use self::image::Images;
use self::tree::Tree;

/// The longest HTML in bytes that is read; of more, only the text is taken, and crudely.
const LONGEST: usize = 1 << 20;
/// The most tags, likewise, and the deepest that they may stand in each other: a browser's parser
/// takes quadratic time for deep ones.
const MOST_TAGS: usize = 40_000;
const DEEPEST: usize = 256;
/// The longest HTML in bytes that goes out; a Matrix event holds 64 KiB in all.
const LONGEST_OUT: usize = 20 * 1024;

/// The HTML as text: quotes with `> ` before their lines, links with their addresses.
pub(in crate::mail) fn to_text(html: &str, images: &Images) -> String {
    match tree_of(html, images) {
        Some(tree) => text::of(&tree),
        None => crude(html),
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
    let html = safe::for_matrix(&tree);
    (!html.trim().is_empty() && html.len() <= LONGEST_OUT).then_some(html)
}

fn tree_of(html: &str, images: &Images) -> Option<Tree> {
    if html.len() > LONGEST || !is_shallow(html) {
        return None;
    }
    let mut tree = Tree::read(&safe::first(html));
    image::settle(&mut tree, images);
    Some(tree)
}

/// Whether the tags are few, and never many open at a time as far as one can tell without parsing.
fn is_shallow(html: &str) -> bool {
    // What has no end, or ends by itself.
    let light =
        ["br", "hr", "img", "p", "li", "td", "tr", "th", "tbody", "meta", "link", "input", "col", "o:p", "!--", "!"];
    let mut depth: usize = 0;
    for (number, piece) in html.split('<').skip(1).enumerate() {
        let name = piece.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
        if name.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !light.iter().any(|light| name.eq_ignore_ascii_case(light)) && !name.starts_with('!') {
            depth += 1;
        }
        if depth > DEEPEST || number > MOST_TAGS {
            return false;
        }
    }
    true
}

/// The text of HTML that is too large to be read properly: what is not between angle brackets.
fn crude(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let shown = piece.split_once('>').map_or(piece, |(_, shown)| shown);
        text.push_str(&tree::unescape(shown));
    }
    text
}

#[cfg(test)]
mod tests;
