//! What ammonia lets through.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use super::tree::{Node, Tree};

/// The tags of Matrix' subset ("m.room.message msgtypes", v1.16), but for what only Matrix clients write.
const FOR_MATRIX: &[&str] = &[
    "del",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "p",
    "a",
    "ul",
    "ol",
    "sup",
    "sub",
    "li",
    "b",
    "i",
    "u",
    "strong",
    "em",
    "s",
    "code",
    "hr",
    "br",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
    "pre",
    "span",
    "img",
];
/// What is read of a mail beside those: it tells where quotes are.
const BESIDE: &[&str] = &[
    "strike",
    "tt",
    "center",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "header",
    "footer",
    "tfoot",
    "big",
    "small",
    "ins",
    "q",
    "cite",
    "samp",
    "kbd",
    "var",
    "address",
    "figure",
    "figcaption",
];
const SCHEMES: &[&str] = &["http", "https", "mailto", "ftp"];
/// Attributes that are read of every element.
const READ: &[&str] = &["class", "id", "style", "type", "name"];
/// Tags that go with all that is in them.
const GONE: &[&str] = &[
    "script",
    "style",
    "title",
    "mx-reply",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "template",
    "noscript",
    "select",
    "textarea",
    "button",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
];

/// The name of an element that is read, if it is one.
pub(super) fn known(name: &[u8]) -> Option<&'static str> {
    FOR_MATRIX.iter().chain(BESIDE).find(|known| known.as_bytes() == name).copied()
}

/// The name of an element that goes with all that is in it, if it is one.
pub(super) fn gone(name: &[u8]) -> Option<&'static str> {
    GONE.iter().find(|gone| gone.as_bytes() == name).copied()
}

/// What of an element's attributes is read: classes and styles, by which quotes are recognised, and where
/// links and pictures lead.
pub(super) fn attributes<'a>(
    element: &str,
    found: impl Iterator<Item = (&'a str, String)>,
) -> Vec<(&'static str, String)> {
    let own: &[&'static str] = match element {
        "a" => &["href"],
        "img" => &["alt", "height", "src", "width"],
        "ol" => &["start"],
        _ => &[],
    };
    found
        .filter_map(|(key, value)| {
            let key = READ.iter().chain(own).find(|known| **known == key).copied()?;
            match key {
                "href" => Some(as_read(&value).into_owned()).filter(|href| leads_somewhere(href)),
                "src" => Some(value).filter(|src| leads_somewhere(src)),
                _ => Some(value),
            }
            .map(|value| (key, value))
        })
        .collect()
}

/// Whether an address is whole, and of a scheme that may stand in a mail.
fn leads_somewhere(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| url.scheme() == "cid" || SCHEMES.contains(&url.scheme()))
}

/// Writes a tree as Matrix' subset, and cleans it again. A picture that came with the mail stands there
/// as `<img src="cid:ID" alt="WORDS">`, ID being a file's `content_id`. `None`: it is longer than `most`.
pub(super) fn for_matrix(tree: &Tree, most: usize) -> Option<String> {
    let mut html = String::new();
    for &child in tree.children(0) {
        write(tree, child, &mut html);
        if html.len() > most {
            return None;
        }
    }
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["alt", "src"])),
        ("ol", HashSet::from(["start"])),
    ]);
    let mut schemes: HashSet<&str> = SCHEMES.iter().copied().collect();
    schemes.insert("cid");
    let clean = Builder::empty()
        .tags(FOR_MATRIX.iter().copied().collect())
        .clean_content_tags(GONE.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(schemes)
        .attribute_filter(|tag, name, value| {
            let is_right = match (tag, name) {
                ("img", "src") => value.starts_with("cid:"),
                ("a", "href") => !is_inner(value),
                _ => true,
            };
            is_right.then_some(Cow::Borrowed(value))
        })
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .clean(html.trim());
    Some(clean.to_string())
}

fn write(tree: &Tree, node: usize, html: &mut String) {
    match &tree.nodes[node] {
        Node::Text(text) => html.push_str(&escape(text)),
        Node::Element { name: "img", .. } => {
            let alt = tree.attribute(node, "alt").unwrap_or_default().trim();
            if let Some(src) = tree.attribute(node, "src") {
                html.extend(["<img src=\"", &escape(src), "\" alt=\"", &escape(alt), "\">"]);
            } else if !alt.is_empty() {
                html.push_str(&escape(&format!("[{alt}]")));
            }
        }
        Node::Element { name, .. } if !matches!(*name, "br" | "hr") && is_empty(tree, node) => {}
        Node::Element { name, children, .. } => {
            let name = match *name {
                "strike" => "del",
                "tt" | "samp" | "kbd" => "code",
                "dt" | "dd" | "section" | "article" | "header" | "footer" | "address" => "div",
                name => name,
            };
            let shown = FOR_MATRIX.contains(&name) && !matches!(name, "span" | "a");
            let link = (name == "a").then(|| tree.attribute(node, "href")).flatten().filter(|href| !is_inner(href));
            if let Some(href) = link {
                html.extend(["<a href=\"", &escape(href), "\">"]);
            } else if shown {
                html.extend(["<", name, ">"]);
            }
            for &child in children {
                write(tree, child, html);
            }
            if let Some(href) = link {
                html.push_str("</a>");
                if lies(&tree.inline(node), href) {
                    html.push_str(&escape(&format!(" ({href})")));
                }
            } else if shown && !matches!(name, "br" | "hr") {
                html.extend(["</", name, ">"]);
            }
        }
    }
}

/// Whether nothing of an element would be seen.
fn is_empty(tree: &Tree, node: usize) -> bool {
    !tree.reachable(node).iter().any(|&below| match &tree.nodes[below] {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element { name, .. } => matches!(*name, "br" | "hr" | "img"),
    })
}

/// A link without what every reader of links leaves out: line ends and tabs anywhere, blanks around it (WHATWG URL §4.4).
fn as_read(href: &str) -> Cow<'_, str> {
    let href = href.trim_matches(|c: char| c <= ' ');
    if href.contains(['\t', '\n', '\r']) { href.replace(['\t', '\n', '\r'], "").into() } else { Cow::Borrowed(href) }
}

/// Whether a link is one that Matrix clients make a mention of, however its host is written, or leads into the mail
/// itself.
fn is_inner(href: &str) -> bool {
    let lower = href.to_ascii_lowercase();
    let host =
        url::Url::parse(href).ok().and_then(|url| url.host_str().map(|host| host.trim_end_matches('.').to_owned()));
    let leads_to_matrix = host.is_some_and(|host| host == "matrix.to" || host.ends_with(".matrix.to"));
    leads_to_matrix || lower.starts_with("matrix:") || lower.starts_with("cid:") || lower.contains("matrix.to")
}

/// Whether a link's text names another place than the one it leads to.
pub(super) fn lies(text: &str, href: &str) -> bool {
    let there = place(href);
    let claimed = text.split_whitespace().filter_map(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        looks_like_a_place(word).then(|| place(word))
    });
    claimed.into_iter().any(|claimed| claimed.is_none() || claimed != there)
}

/// Whether a word is an address or the name of a host, to the eye.
fn looks_like_a_place(word: &str) -> bool {
    if word.contains("://") || word.starts_with("www.") {
        return true;
    }
    let host = word.rsplit('@').next().unwrap_or_default().split(['/', '?', '#', ':']).next().unwrap_or_default();
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
}

/// The host that an address leads to, as a browser reads it.
fn place(address: &str) -> Option<String> {
    let address = address.trim();
    let host = match address.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")) {
        Some(_) => address[7..].split('?').next()?.rsplit_once('@')?.1.to_lowercase(),
        None if address.contains("://") => url::Url::parse(address).ok()?.host_str()?.to_owned(),
        None => url::Url::parse(&format!("http://{address}")).ok()?.host_str()?.to_owned(),
    };
    Some(host.trim_start_matches("www.").trim_end_matches('.').to_owned())
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into()
}
