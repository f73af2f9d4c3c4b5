//! A tree of HTML, read in time that grows with its size and with nothing else.

/// A node.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A text, entities resolved, clean.
    Text(String),
    /// An element.
    Element {
        /// Its name.
        name: &'static str,
        /// Its attributes.
        attributes: Vec<(&'static str, String)>,
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
    /// A tree of nothing but its root.
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::Element { name: "div", attributes: Vec::new(), children: Vec::new() }] }
    }

    /// A new element that stands nowhere yet.
    pub(super) fn put(&mut self, name: &'static str, children: Vec<usize>) -> usize {
        self.put_with(name, Vec::new(), children)
    }

    /// Likewise, with attributes.
    pub(super) fn put_with(
        &mut self,
        name: &'static str,
        attributes: Vec<(&'static str, String)>,
        children: Vec<usize>,
    ) -> usize {
        self.nodes.push(Node::Element { name, attributes, children });
        self.nodes.len() - 1
    }

    /// A new text that stands nowhere yet.
    pub(super) fn put_text(&mut self, text: &str) -> usize {
        self.nodes.push(Node::Text(text.to_owned()));
        self.nodes.len() - 1
    }

    /// Makes an element another one.
    pub(super) fn rename(&mut self, node: usize, to: &'static str) {
        if let Node::Element { name, .. } = &mut self.nodes[node] {
            *name = to;
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
                attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
            }
            Node::Text(_) => None,
        }
    }

    /// Whether anything in it is more than lines of text.
    pub(super) fn says_more(&self) -> bool {
        self.reachable(0).into_iter().any(|node| match self.name(node) {
            "b" | "strong" | "i" | "em" | "u" | "s" | "del" | "strike" | "code" | "pre" | "tt" | "ul" | "ol" | "th"
            | "h1" | "h2" | "h3" | "h4" | "sup" | "sub" => !self.inline(node).trim().is_empty(),
            "img" => self.attribute(node, "src").is_some(),
            "a" => {
                let text = self.inline(node);
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

    /// What is written in a node, as one run of text.
    pub(super) fn inline(&self, node: usize) -> String {
        let mut text = String::new();
        for node in self.reachable(node) {
            if let Node::Text(piece) = &self.nodes[node] {
                text.push_str(piece);
            } else if self.name(node) == "br" {
                text.push('\n');
            }
        }
        text
    }
}
