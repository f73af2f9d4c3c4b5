//! A tree as text.

use super::tree::{Node, Tree};

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "blockquote",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "header",
    "footer",
    "caption",
    "center",
    "address",
    "figure",
];
/// Those with a blank line around them.
const PARAGRAPHS: &[&str] = &["p", "blockquote", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "dl"];

/// The whole tree as text.
pub(super) fn of(tree: &Tree) -> String {
    of_node(tree, 0)
}

/// A line of a tree's text, and the texts and pictures that it is made of.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) nodes: Vec<usize>,
}

/// The whole tree, line by line.
pub(super) fn lines(tree: &Tree) -> Vec<Line> {
    let mut page = Page::default();
    page.node(tree, 0);
    page.end_line();
    let nodes = page.nodes_of_lines.into_iter();
    page.text.lines().zip(nodes).map(|(text, nodes)| Line { text: text.to_owned(), nodes }).collect()
}

/// One node of it as text.
pub(super) fn of_node(tree: &Tree, node: usize) -> String {
    let mut page = Page::default();
    page.node(tree, node);
    page.finish()
}

/// Whether an element begins a line.
pub(super) fn is_block(name: &str) -> bool {
    name == "br" || BLOCKS.contains(&name)
}

/// Lines as they are written.
#[derive(Default)]
struct Page {
    text: String,
    line: String,
    /// What stands before each line: `> ` for each quote.
    prefix: String,
    /// A blank line is due before the next text.
    gap: bool,
    /// Blanks and line ends count.
    pre: bool,
    /// The nodes in the line, and in each line that is written.
    nodes: Vec<usize>,
    nodes_of_lines: Vec<Vec<usize>>,
    /// For each open list the number of its next item, 0 for bullets.
    lists: Vec<usize>,
}

impl Page {
    fn node(&mut self, tree: &Tree, node: usize) {
        match &tree.nodes[node] {
            Node::Text(text) => {
                if !text.trim().is_empty() {
                    self.nodes.push(node);
                }
                self.words(text);
            }
            Node::Element { name, children, .. } => {
                self.open(tree, node, name);
                for &child in children {
                    self.node(tree, child);
                }
                self.close(tree, node, name);
            }
        }
    }

    fn open(&mut self, tree: &Tree, node: usize, name: &str) {
        if BLOCKS.contains(&name) {
            self.end_line();
            self.gap |= PARAGRAPHS.contains(&name);
        }
        if matches!(name, "hr" | "img") {
            self.nodes.push(node);
        }
        match name {
            "br" => {
                if self.line.is_empty() {
                    self.blank();
                } else {
                    self.end_line();
                }
            }
            "hr" => self.line.push_str("---"),
            "pre" => self.pre = true,
            "blockquote" => {
                self.flush_gap();
                self.prefix.push_str("> ");
            }
            "ul" => self.lists.push(0),
            "ol" => self.lists.push(tree.attribute(node, "start").and_then(|start| start.parse().ok()).unwrap_or(1)),
            "li" => {
                let depth = self.lists.len().saturating_sub(1);
                let mark = match self.lists.last_mut() {
                    Some(number) if *number > 0 => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.line = format!("{}{mark}", "  ".repeat(depth));
            }
            "td" | "th" if self.line.ends_with(|c: char| !c.is_whitespace()) => self.line.push_str(" | "),
            "img" => {
                let alt = tree.attribute(node, "alt").unwrap_or_default().trim().to_owned();
                if tree.attribute(node, "src").is_some() {
                    self.words(&format!("[image: {alt}]"));
                } else if !alt.is_empty() {
                    self.words(&format!("[{alt}]"));
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, tree: &Tree, node: usize, name: &str) {
        match name {
            "a" => {
                let (text, href) = (tree.inline(node), tree.attribute(node, "href").unwrap_or_default());
                let shown = text.trim().trim_end_matches('/');
                let bare = href.trim_start_matches("mailto:").trim_end_matches('/');
                if !shown.is_empty()
                    && !bare.is_empty()
                    && !shown.contains(bare)
                    && bare.len() < 500
                    && !bare.starts_with("cid:")
                {
                    self.words(&format!(" <{}>", href.trim_start_matches("mailto:")));
                }
            }
            "ul" | "ol" => {
                self.lists.pop();
            }
            _ => {}
        }
        if BLOCKS.contains(&name) {
            self.end_line();
            self.gap |= PARAGRAPHS.contains(&name);
        }
        match name {
            "pre" => self.pre = false,
            "blockquote" => {
                self.prefix.truncate(self.prefix.len() - 2);
                self.gap = true;
            }
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        if self.pre {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    if self.line.is_empty() {
                        self.blank();
                    }
                    self.end_line();
                }
                self.line.push_str(line);
            }
            return;
        }
        for c in text.chars() {
            let c = if c == '\u{a0}' { ' ' } else { c };
            if !c.is_whitespace() {
                self.line.push(c);
            } else if !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let nodes = std::mem::take(&mut self.nodes);
        let line = line.trim_end();
        if line.is_empty() {
            return;
        }
        self.flush_gap();
        self.text.push_str(&self.prefix);
        self.text.push_str(line);
        self.text.push('\n');
        self.nodes_of_lines.push(nodes);
    }

    fn flush_gap(&mut self) {
        if std::mem::take(&mut self.gap) {
            self.blank();
        }
    }

    /// A blank line, at most one at a time.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            let prefix = self.prefix.trim_end();
            let last = self.text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
            if prefix.is_empty() {
                self.text.push('\n');
                self.nodes_of_lines.push(Vec::new());
            } else if last.trim_end() != prefix {
                self.text.push_str(prefix);
                self.text.push('\n');
                self.nodes_of_lines.push(Vec::new());
            }
        }
    }

    fn finish(mut self) -> String {
        self.end_line();
        self.text.trim_matches('\n').to_owned()
    }
}
