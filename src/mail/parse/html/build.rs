//! Builds a tree of what html5gum finds in HTML.
//!
//! What stands open is kept in one list of bounded length, simpler than browsers do it. Their parsers
//! (html5ever, that of ammonia) carry formatting elements that nobody closed into every paragraph that
//! follows, and look through all that is open at each tag (WHATWG HTML §13.2.4): that costs the square
//! of a page's size in time and memory. Here a paragraph's end ends what was formatted in it. What
//! browsers repair is repaired where mails need it: elements that end by the beginning of others, tags
//! closed in the wrong order, and what stands in a table but in no cell.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{DefaultEmitter, HtmlString, Span, Spanned, StartTag, Token, Tokenizer};

use super::safe;
use super::text::is_block;
use super::tree::{Node, Tree};
use crate::mail::clean;

/// How deep elements may stand in each other; what is deeper stands beside each other.
const DEPTH: usize = 60;
/// How many elements are remembered as open; what opens beyond is empty.
const OPEN: usize = 512;

/// Elements with nothing in them.
const VOID: &[&str] = &["br", "hr", "img"];
/// Parts of a table: only in one, and closed only inside of it.
const PARTS: &[&str] = &["td", "th", "tr", "tbody", "thead", "tfoot", "caption"];
const CELLS: &[&str] = &["td", "th"];
/// In what a cell, and a row, stands.
const ROWS: &[&str] = &["tr", "tbody", "thead", "tfoot", "caption", "table"];
const SECTIONS: &[&str] = &["tbody", "thead", "tfoot", "caption", "table"];
const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
/// Across what no tag closes what is open: the elements around it are another cell's or page's.
const WALLS: &[&str] = &["td", "th", "caption", "table"];
/// Likewise the points of a list, and what it explains.
const LISTS: &[&str] = &["td", "th", "caption", "table", "ul", "ol"];
const GLOSSARIES: &[&str] = &["td", "th", "caption", "table", "dl"];

/// Reads HTML; `None` if it has more tags than `most`.
pub(super) fn tree(html: &str, most: usize) -> Option<Tree> {
    let mut builder = Builder { tree: Tree::new(), open: vec![Open { name: "", node: 0 }], gone: None };
    let mut tags = 0;
    for token in tokens(html) {
        match token {
            Token::StartTag(tag) => {
                tags += 1;
                builder.start(&tag);
            }
            Token::EndTag(tag) => {
                tags += 1;
                builder.end(&tag.name);
            }
            Token::String(text) => builder.text(&text),
            _ => {}
        }
        if tags > most {
            return None;
        }
    }
    Some(builder.tree)
}

/// The words of HTML that is too large for a tree.
///
/// It is read without its attributes: a token that had them all would need some thirty bytes for each byte of the page.
pub(super) fn words(html: &str) -> String {
    let mut words = Words::default();
    let read = |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        words.take(&event);
        None
    };
    let mut emitter = CallbackEmitter::new(read);
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    clean::text(&words.text)
}

#[derive(Default)]
struct Words {
    text: String,
    /// An element whose text is nobody's words.
    gone: Option<&'static str>,
}

impl Words {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match *event {
            CallbackEvent::OpenStartTag { name } => {
                let name = String::from_utf8_lossy(name);
                self.gone = self.gone.or_else(|| ["script", "style", "title"].into_iter().find(|gone| *gone == name));
                if is_block(&name) && !self.text.ends_with('\n') {
                    self.text.push('\n');
                }
            }
            CallbackEvent::EndTag { name } if self.gone.is_some_and(|gone| name == gone.as_bytes()) => self.gone = None,
            CallbackEvent::String { value } if self.gone.is_none() => {
                self.text.push_str(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }
}

fn tokens(html: &str) -> impl Iterator<Item = Token<()>> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).map_while(Result::ok)
}

/// An element that is open.
struct Open {
    name: &'static str,
    /// What is found in it is put there: the element itself, or the deepest that may be.
    node: usize,
}

struct Builder {
    tree: Tree,
    /// The root first.
    open: Vec<Open>,
    /// An element that goes with all that is in it, and how often it was opened.
    gone: Option<(&'static str, usize)>,
}

impl Builder {
    fn start(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = if tag.name == b"image" { b"img" } else { &tag.name };
        if let Some((gone, depth)) = &mut self.gone {
            // A picture's or formula's language ends where a page goes on.
            let goes_on = matches!(*gone, "svg" | "math") && safe::known(name).is_some_and(|name| name != "a");
            if !goes_on {
                *depth += usize::from(name == gone.as_bytes() && !tag.self_closing);
                return;
            }
            self.gone = None;
        }
        if let Some(gone) = safe::gone(name) {
            let is_closed = gone == "embed" || (tag.self_closing && matches!(gone, "svg" | "math"));
            self.gone = (!is_closed).then_some((gone, 1));
            return;
        }
        let Some(name) = safe::known(name) else { return };
        if PARTS.contains(&name) && !self.make_room_in_table(name) {
            return;
        }
        self.end_what_it_ends(name);
        let attributes =
            safe::attributes(name, tag.attributes.iter().map(|(key, value)| (as_text(key), as_value(value))));
        let node = self.tree.put_with(name, attributes, Vec::new());
        self.place(node, name);
        if VOID.contains(&name) || self.open.len() >= OPEN {
            return;
        }
        let node = if self.open.len() < DEPTH { node } else { self.top().node };
        self.open.push(Open { name, node });
    }

    fn end(&mut self, name: &HtmlString) {
        if let Some((gone, depth)) = &mut self.gone {
            if *name == gone.as_bytes() {
                *depth -= 1;
            }
            if *depth == 0 || ["td", "table", "body", "html"].iter().any(|end| *name == end.as_bytes()) {
                self.gone = None;
            }
            if self.gone.is_some() || safe::gone(name).is_some() {
                return;
            }
        }
        let Some(name) = safe::known(name) else { return };
        match name {
            "br" => {
                let node = self.tree.put(name, Vec::new());
                self.place(node, name);
            }
            "table" => self.close(&[name], &[]),
            _ if PARTS.contains(&name) => self.close(&[name], &["table"]),
            "li" => self.close(&[name], LISTS),
            _ if HEADINGS.contains(&name) => self.close(HEADINGS, WALLS),
            _ if is_block(name) => self.close(&[name], WALLS),
            _ => self.end_inline(name),
        }
    }

    /// A formatting element's end ends it alone, whatever was opened in it and not closed.
    fn end_inline(&mut self, name: &str) {
        let Some(at) = self.find(&[name], WALLS) else { return };
        if self.open[at..].iter().any(|open| is_block(open.name)) {
            self.open.remove(at);
        } else {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, text: &[u8]) {
        if self.gone.is_some() {
            return;
        }
        let text = clean::text(&String::from_utf8_lossy(text));
        if !text.is_empty() {
            let is_blank = text.trim().is_empty();
            self.tree.nodes.push(Node::Text(text));
            let node = self.tree.nodes.len() - 1;
            if is_blank { self.attach(self.top().node, node) } else { self.place(node, "") }
        }
    }

    fn top(&self) -> &Open {
        // The root is never closed.
        &self.open[self.open.len() - 1]
    }

    /// Puts a node where what comes next stands. What is in a table but in no cell stands before it.
    fn place(&mut self, node: usize, name: &str) {
        let top = self.top();
        let in_table = top.name == "table" || (PARTS.contains(&top.name) && !WALLS.contains(&top.name));
        let table = self.open.iter().rposition(|open| open.name == "table");
        match table.filter(|_| in_table && !PARTS.contains(&name)) {
            Some(table) => {
                let (table, above) = (self.open[table].node, self.open[table - 1].node);
                self.attach_before(above, table, node);
            }
            None => self.attach(self.top().node, node),
        }
    }

    fn attach(&mut self, parent: usize, node: usize) {
        if let Node::Element { children, .. } = &mut self.tree.nodes[parent] {
            children.push(node);
        }
    }

    fn attach_before(&mut self, parent: usize, table: usize, node: usize) {
        if let Node::Element { children, .. } = &mut self.tree.nodes[parent] {
            // An open table is the last of its parent's children, unless it stands too deep.
            let at = if children.last() == Some(&table) { children.len() - 1 } else { children.len() };
            children.insert(at, node);
        }
    }

    /// Ends what a part of a table ends, and makes the row that a cell stands in; false if there is no table.
    fn make_room_in_table(&mut self, name: &'static str) -> bool {
        if self.find(&["table"], &[]).is_none() {
            return false;
        }
        if CELLS.contains(&name) {
            self.close_above(ROWS);
            if self.top().name != "tr" {
                self.open_row();
            }
        } else if name == "tr" {
            self.close_above(SECTIONS);
        } else {
            self.close_above(&["table"]);
        }
        true
    }

    fn open_row(&mut self) {
        let row = self.tree.put("tr", Vec::new());
        self.attach(self.top().node, row);
        if self.open.len() < DEPTH {
            self.open.push(Open { name: "tr", node: row });
        }
    }

    /// Ends what the beginning of an element ends.
    fn end_what_it_ends(&mut self, name: &'static str) {
        if is_block(name) && !PARTS.contains(&name) && name != "br" {
            self.close(&["p"], WALLS);
        }
        match name {
            "li" => self.close(&[name], LISTS),
            "dt" | "dd" => self.close(&["dt", "dd"], GLOSSARIES),
            "a" => self.end_inline(name),
            _ if HEADINGS.contains(&name) && HEADINGS.contains(&self.top().name) => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// The innermost open element of these names, this side of any of `walls`.
    fn find(&self, names: &[&str], walls: &[&str]) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().skip(1).rev() {
            if names.contains(&open.name) {
                return Some(at);
            }
            if walls.contains(&open.name) {
                return None;
            }
        }
        None
    }

    /// Ends an element and all that is open in it.
    fn close(&mut self, names: &[&str], walls: &[&str]) {
        if let Some(at) = self.find(names, walls) {
            self.open.truncate(at);
        }
    }

    /// Ends all that is open in the innermost of some elements.
    fn close_above(&mut self, names: &[&str]) {
        if let Some(at) = self.find(names, &[]) {
            self.open.truncate(at + 1);
        }
    }
}

fn as_text(bytes: &HtmlString) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn as_value(value: &Spanned<HtmlString, ()>) -> String {
    clean::text(&String::from_utf8_lossy(value))
}
