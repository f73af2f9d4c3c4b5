//! Folds the quotes of HTML by the marks that mail programs leave.

use super::by_words::{self, Folded};
use super::text;
use super::tree::{Node, Tree};
use crate::mail::quote;

/// How many bytes of an element are looked at for an introduction.
const HEAD: usize = 1000;

/// What a mark says.
enum Mark {
    /// The element is a quote.
    Quote,
    /// The element introduces a quote.
    Introduction,
    /// The element and everything behind it is a quote.
    Rest,
    /// The element is a signature.
    Signature,
}

/// Folds quotes and signatures into a line each: first what mail programs mark, then what shows by its words, as in a
/// text, of which `fresh` is new. What was forwarded stays. If nothing would be left, everything stays.
pub(super) fn quotes(tree: &mut Tree, subject: &str, fresh: &str) {
    let before: Vec<Node> = tree.nodes.clone();
    let mut folded = Folded::new();
    let mut rest = false;
    below(tree, 0, quote::is_forward(subject), &mut rest, &mut folded);
    by_words::fold(tree, subject, &folded, fresh);
    let new = text::of(tree).lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("… "));
    if !new {
        tree.nodes = before;
    }
}

/// Folds below one node. `rest`: everything from here on is a quote.
fn below(tree: &mut Tree, node: usize, forward: bool, rest: &mut bool, folded: &mut Folded) {
    let children = tree.children(node).to_vec();
    let mut kept: Vec<usize> = Vec::with_capacity(children.len());
    let mut run: Vec<usize> = Vec::new();
    let mut introduced = false;
    for (at, &child) in children.iter().enumerate() {
        let mark = if *rest { Some(Mark::Quote) } else { mark(tree, child, forward) };
        let is_introduced = introduced && tree.name(child) == "blockquote";
        introduced &= is_blank(tree, child);
        match mark {
            Some(Mark::Quote) => run.push(child),
            Some(Mark::Introduction) => {
                introduced = true;
                run.push(child);
            }
            None if is_introduced => run.push(child),
            Some(Mark::Rest) => {
                *rest = true;
                take_rules(tree, &mut kept);
                run.push(child);
            }
            Some(Mark::Signature) => {
                close_run(tree, &mut run, &mut kept, folded);
                kept.push(line(tree, quote::SIGNATURE, None, folded));
            }
            None if is_blank(tree, child) && !run.is_empty() => run.push(child),
            None if introduces(tree, child, &children[at + 1..], forward) => {
                introduced = true;
                run.push(child);
            }
            None => {
                let was_rest = *rest;
                below(tree, child, forward, rest, folded);
                if *rest && !was_rest && is_blank(tree, child) {
                    continue;
                }
                close_run(tree, &mut run, &mut kept, folded);
                kept.push(child);
            }
        }
    }
    close_run(tree, &mut run, &mut kept, folded);
    if let Node::Element { children, .. } = &mut tree.nodes[node] {
        *children = kept;
    }
}

/// Puts one line in the place of folded nodes.
fn close_run(tree: &mut Tree, run: &mut Vec<usize>, kept: &mut Vec<usize>, folded: &mut Folded) {
    let lines: usize = run.iter().map(|&node| lines_in(tree, node)).sum();
    if lines > 0 {
        kept.push(line(tree, &quote::quoted_line(lines), Some(lines), folded));
    }
    run.clear();
}

/// Takes back the rule and the blank elements above a quote.
fn take_rules(tree: &Tree, kept: &mut Vec<usize>) {
    while kept.last().is_some_and(|&last| is_blank(tree, last) || tree.name(last) == "hr") {
        kept.pop();
    }
}

/// The paragraph that stands for what was folded; `lines`: so many lines of a quote, else a signature.
fn line(tree: &mut Tree, words: &str, lines: Option<usize>, folded: &mut Folded) -> usize {
    let words = tree.put_text(words);
    folded.insert(words, lines);
    tree.put("p", vec![words])
}

fn lines_in(tree: &Tree, node: usize) -> usize {
    text::of_node(tree, node).lines().filter(|line| !line.trim_matches(['>', ' ']).is_empty()).count()
}

fn is_blank(tree: &Tree, node: usize) -> bool {
    tree.inline(node).trim().is_empty() && !tree.reachable(node).iter().any(|&node| tree.name(node) == "img")
}

/// What the element's class, id or style says.
fn mark(tree: &Tree, node: usize, forward: bool) -> Option<Mark> {
    let attribute = |name| tree.attribute(node, name).unwrap_or_default();
    let (class, id) = (attribute("class"), attribute("id"));
    let has = |wanted: &str| class.split_whitespace().any(|class| class == wanted);
    if has("gmail_signature")
        || has("protonmail_signature_block")
        || has("moz-signature")
        || id == "ms-outlook-mobile-signature"
        || id == "Signature"
    {
        return (!is_blank(tree, node)).then_some(Mark::Signature);
    }
    if forward {
        return None;
    }
    if has("gmail_attr") || has("moz-cite-prefix") {
        return Some(Mark::Introduction);
    }
    let cited = attribute("type") == "cite" || has("gmail_quote") || has("protonmail_quote") || has("moz-quote");
    if tree.name(node) == "blockquote" && cited {
        return Some(Mark::Quote);
    }
    if tree.name(node) == "blockquote" && quote::begins_with_attribution(&head(tree, node)) {
        return Some(Mark::Quote);
    }
    if has("yahoo_quoted")
        || has("protonmail_quote")
        || has("tutanota_quote")
        || has("zmail_extra")
        || matches!(attribute("name"), "quote" | "messageReplySection")
        || id == "isReplyContent"
    {
        return Some(Mark::Quote);
    }
    let rest = matches!(
        id,
        "divRplyFwdMsg"
            | "appendonsend"
            | "stopSpelling"
            | "OLK_SRC_BODY_SECTION"
            | "mail-editor-reference-message-container"
            | "zwchr"
    ) || has("OutlookMessageHeader");
    let is_rule = matches!(tree.name(node), "div" | "p") && quote::is_rule(&head(tree, node));
    if rest || is_rule || is_outlook_header(tree, node, attribute("style")) {
        return Some(Mark::Rest);
    }
    None
}

/// The beginning of what is written in a node; as much as an introduction may be long.
fn head(tree: &Tree, node: usize) -> String {
    let mut text = String::new();
    for node in tree.reachable(node) {
        match &tree.nodes[node] {
            Node::Text(piece) => text.push_str(piece),
            Node::Element { name, .. } if text::is_block(name) && !text.is_empty() => text.push('\n'),
            Node::Element { .. } => {}
        }
        if text.len() > HEAD {
            break;
        }
    }
    text
}

/// Outlook draws a line above the header of the mail that is answered.
fn is_outlook_header(tree: &Tree, node: usize, style: &str) -> bool {
    let style = style.to_lowercase();
    let line = style.contains("border-top:solid")
        || style.contains("border-top: solid")
        || style.contains("border-top:1pt solid");
    if !(line || tree.name(node) == "p" || tree.name(node) == "div") || is_blank(tree, node) {
        return false;
    }
    let words = tree.inline(node);
    words.len() < 3000 && quote::begins_with_header(&words) && (line || tree.name(node) == "p")
}

/// Whether a node is an attribution right above a quote, or above what is left.
fn introduces(tree: &Tree, node: usize, next: &[usize], forward: bool) -> bool {
    if forward || is_blank(tree, node) {
        return false;
    }
    let words = tree.inline(node);
    if words.len() > 400 || !quote::is_attribution(&words) {
        return false;
    }
    let next = next.iter().find(|&&next| !is_blank(tree, next));
    next.is_some_and(|&next| tree.name(next) == "blockquote" || matches!(mark(tree, next, false), Some(Mark::Quote)))
}
