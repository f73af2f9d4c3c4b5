//! A tree of well-formed HTML: what ammonia wrote, nothing else.

/// How deep elements may stand in each other; what is deeper stands beside each other.
const DEPTH: usize = 60;
const VOID: &[&str] = &["br", "hr", "img"];

/// A node.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A text, entities resolved.
    Text(String),
    /// An element.
    Element {
        /// Its name.
        name: String,
        /// Its attributes.
        attributes: Vec<(String, String)>,
        /// The nodes in it.
        children: Vec<usize>,
    },
}

/// A tree; node 0 is its root.
#[derive(Debug)]
pub(super) struct Tree {
    /// All nodes.
    pub(super) nodes: Vec<Node>,
}

impl Tree {
    /// Reads HTML in which every tag is closed and every bracket escaped, as ammonia writes it.
    pub(super) fn read(html: &str) -> Self {
        let root = Node::Element { name: "div".to_owned(), attributes: Vec::new(), children: Vec::new() };
        let mut tree = Self { nodes: vec![root] };
        let mut open: Vec<usize> = vec![0];
        let mut surplus: usize = 0;
        let mut rest = html;
        while let Some((text, tag_on)) = rest.split_once('<') {
            tree.add_text(&open, text);
            let Some((tag, after)) = split_tag(tag_on) else { break };
            rest = after;
            if tag.starts_with('/') {
                if surplus > 0 {
                    surplus -= 1;
                } else if open.len() > 1 {
                    open.pop();
                }
                continue;
            }
            let (name, attributes) = parse_tag(tag);
            let is_void = VOID.contains(&name.as_str());
            let node = tree.add(&open, Node::Element { name, attributes, children: Vec::new() });
            if is_void {
                continue;
            }
            if open.len() < DEPTH {
                open.push(node);
            } else {
                surplus += 1;
            }
        }
        tree.add_text(&open, rest);
        tree
    }

    fn add(&mut self, open: &[usize], node: Node) -> usize {
        let number = self.nodes.len();
        self.nodes.push(node);
        let parent = open.last().copied().unwrap_or(0);
        if let Node::Element { children, .. } = &mut self.nodes[parent] {
            children.push(number);
        }
        number
    }

    /// A new element that stands nowhere yet.
    pub(super) fn put(&mut self, name: &str, children: Vec<usize>) -> usize {
        self.nodes.push(Node::Element { name: name.to_owned(), attributes: Vec::new(), children });
        self.nodes.len() - 1
    }

    /// A new text that stands nowhere yet.
    pub(super) fn put_text(&mut self, text: &str) -> usize {
        self.nodes.push(Node::Text(text.to_owned()));
        self.nodes.len() - 1
    }

    /// Makes an element another one.
    pub(super) fn rename(&mut self, node: usize, to: &str) {
        if let Node::Element { name, .. } = &mut self.nodes[node] {
            to.clone_into(name);
        }
    }

    fn add_text(&mut self, open: &[usize], text: &str) {
        if !text.is_empty() {
            self.add(open, Node::Text(unescape(text)));
        }
    }

    /// The nodes in a node.
    pub(super) fn children(&self, node: usize) -> &[usize] {
        match &self.nodes[node] {
            Node::Element { children, .. } => children,
            Node::Text(_) => &[],
        }
    }

    /// An element's name; empty for a text.
    pub(super) fn name(&self, node: usize) -> &str {
        match &self.nodes[node] {
            Node::Element { name, .. } => name,
            Node::Text(_) => "",
        }
    }

    /// An element's attribute.
    pub(super) fn attribute(&self, node: usize, wanted: &str) -> Option<&str> {
        match &self.nodes[node] {
            Node::Element { attributes, .. } => {
                attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
            }
            Node::Text(_) => None,
        }
    }

    /// Whether anything in it is more than lines of text.
    pub(super) fn says_more(&self) -> bool {
        self.reachable(0).into_iter().any(|node| match self.name(node) {
            "b" | "strong" | "i" | "em" | "u" | "s" | "del" | "strike" | "code" | "pre" | "tt" | "ul" | "ol" | "th"
            | "h1" | "h2" | "h3" | "h4" | "sup" | "sub" => !super::text::inline(self, node).trim().is_empty(),
            "img" => self.attribute(node, "src").is_some(),
            "a" => {
                let text = super::text::inline(self, node);
                let href = self.attribute(node, "href").unwrap_or_default();
                !text.trim().is_empty()
                    && href.trim_start_matches("mailto:").trim_end_matches('/') != text.trim().trim_end_matches('/')
            }
            _ => false,
        })
    }

    /// A node and all below it, in the order of the text.
    pub(super) fn reachable(&self, from: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = vec![from];
        while let Some(node) = next.pop() {
            found.push(node);
            next.extend(self.children(node).iter().rev());
        }
        found
    }
}

/// Splits behind a tag's `>`, which may stand in an attribute's quotes as well.
fn split_tag(from: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, byte) in from.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some((&from[..at], &from[at + 1..])),
            _ => {}
        }
    }
    None
}

fn parse_tag(tag: &str) -> (String, Vec<(String, String)>) {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while let Some((key, value_on)) = rest.split_once("=\"") {
        let Some((value, after)) = value_on.split_once('"') else { break };
        attributes.push((key.trim().to_owned(), unescape(value)));
        rest = after;
    }
    (name.trim_end_matches('/').to_owned(), attributes)
}

/// Resolves the entities that a serialiser writes, and cleans what other entities had become.
pub(super) fn unescape(text: &str) -> String {
    let text = text
        .replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    crate::mail::clean::text(&text)
}
