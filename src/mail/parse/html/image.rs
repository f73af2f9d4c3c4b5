//! Pictures: those that came with the mail keep their place, nothing else is more than its words.

use std::collections::HashMap;

use super::tree::{Node, Tree};

/// The pictures of a mail that its HTML can show in place: their content ids with their names.
#[derive(Debug, Default)]
pub(in crate::mail) struct Images(HashMap<String, String>);

impl Images {
    /// Takes one in, if its id can stand in HTML as it is.
    pub(in crate::mail) fn insert(&mut self, id: &str, name: &str) {
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>&`".contains(&byte)) {
            self.0.insert(id.to_owned(), name.to_owned());
        }
    }
}

/// Gives every picture of a tree its one form: `src` is `cid:` and the id of a file of the mail or
/// missing, `alt` is what to say in its place. Hidden ones, as senders count readers with, say nothing;
/// what the page hides altogether is taken out.
pub(super) fn settle(tree: &mut Tree, images: &Images) {
    for node in 1..tree.nodes.len() {
        let attribute = |name| tree.attribute(node, name).unwrap_or_default();
        let is_image = tree.name(node) == "img";
        let is_hidden = hides(attribute("style"))
            || (is_image && [attribute("width"), attribute("height")].iter().any(|size| is_dot(size)));
        let settled = match (is_image, is_hidden) {
            (false, true) => Vec::new(),
            (false, false) => continue,
            (true, _) => {
                let alt = attribute("alt").split_whitespace().collect::<Vec<_>>().join(" ");
                let known = attribute("src")
                    .get(4..)
                    .filter(|_| attribute("src")[..4].eq_ignore_ascii_case("cid:"))
                    .and_then(|id| images.0.get_key_value(&unescaped(id)));
                match known {
                    Some((id, name)) if !is_hidden => {
                        let alt = if alt.is_empty() { name.clone() } else { alt };
                        vec![("src", format!("cid:{id}")), ("alt", alt)]
                    }
                    _ if is_hidden => Vec::new(),
                    _ => vec![("alt", alt)],
                }
            }
        };
        if let Node::Element { attributes, children, .. } = &mut tree.nodes[node] {
            *attributes = settled;
            if is_hidden {
                children.clear();
            }
        }
    }
}

/// Whether a style hides an element.
fn hides(style: &str) -> bool {
    let style: String = style.split_whitespace().collect::<String>().to_ascii_lowercase();
    style.contains("display:none")
}

/// Whether a width or height is one of a dot that nobody is meant to see.
fn is_dot(size: &str) -> bool {
    matches!(size.trim().trim_end_matches("px"), "0" | "1" | "2")
}

/// An id as an address has it, its `%40` resolved.
fn unescaped(id: &str) -> String {
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let meant = escape.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(meant.unwrap_or(byte));
        rest = if meant.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
