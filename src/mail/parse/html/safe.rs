//! What ammonia lets through.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use super::tree::{Node, Tree};

/// The tags of Matrix' subset ("m.room.message msgtypes", v1.16), but for images, which would have to
/// be uploaded, and for what only Matrix clients write.
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
];
/// What is read of a mail beside those: it tells where quotes are.
const BESIDE: &[&str] = &[
    "img",
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

/// Cleans what came: still with classes and styles, so that quotes can be recognised.
pub(super) fn first(html: &str) -> String {
    let tags: HashSet<&str> = FOR_MATRIX.iter().chain(BESIDE).copied().collect();
    let generic = HashSet::from(["class", "id", "style", "type", "name"]);
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["alt", "src"])),
        ("ol", HashSet::from(["start"])),
    ]);
    let mut schemes: HashSet<&str> = SCHEMES.iter().copied().collect();
    schemes.insert("cid");
    Builder::empty()
        .tags(tags)
        .clean_content_tags(GONE.iter().copied().collect())
        .generic_attributes(generic)
        .tag_attributes(attributes)
        .url_schemes(schemes)
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .strip_comments(true)
        .clean(html)
        .to_string()
}

/// Writes a tree as Matrix' subset, and cleans it again.
pub(super) fn for_matrix(tree: &Tree) -> String {
    let mut html = String::new();
    for &child in tree.children(0) {
        write(tree, child, &mut html);
    }
    let attributes = HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]);
    Builder::empty()
        .tags(FOR_MATRIX.iter().copied().collect())
        .clean_content_tags(GONE.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .clean(html.trim())
        .to_string()
}

fn write(tree: &Tree, node: usize, html: &mut String) {
    match &tree.nodes[node] {
        Node::Text(text) => html.push_str(&escape(text)),
        Node::Element { name, .. } if name == "img" => {
            let alt = tree.attribute(node, "alt").unwrap_or_default().trim();
            if !alt.is_empty() {
                html.push_str(&escape(&format!("[{alt}]")));
            }
        }
        Node::Element { name, children, .. } => {
            let name = match name.as_str() {
                "strike" => "del",
                "tt" | "samp" | "kbd" => "code",
                "dt" | "dd" | "section" | "article" | "header" | "footer" | "address" => "div",
                name => name,
            };
            let shown = FOR_MATRIX.contains(&name) && !matches!(name, "span" | "a");
            let link = (name == "a").then(|| tree.attribute(node, "href")).flatten().filter(|href| !is_matrix(href));
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
                if lies(&super::text::inline(tree, node), href) {
                    html.push_str(&escape(&format!(" ({href})")));
                }
            } else if shown && !matches!(name, "br" | "hr") {
                html.extend(["</", name, ">"]);
            }
        }
    }
}

/// Whether a link is one that Matrix clients make a mention of.
fn is_matrix(href: &str) -> bool {
    let lower = href.to_ascii_lowercase();
    lower.starts_with("matrix:") || lower.contains("matrix.to")
}

/// Whether a link's text names another place than the one it leads to.
pub(super) fn lies(text: &str, href: &str) -> bool {
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
        host.trim_start_matches("www.").to_owned()
    };
    let text = text.trim();
    let looks_like_one = text.contains("://") || text.starts_with("www.");
    looks_like_one && !text.contains(' ') && host(text) != host(href)
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into()
}
