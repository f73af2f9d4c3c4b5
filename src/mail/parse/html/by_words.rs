//! Folds in HTML what is folded in a text: what no program marks but its words show.
//!
//! The tree is read as the lines that it shows, the lines are folded as a text's are, and what stands in folded lines
//! goes. So both forms of a mail hide the same, and a rule is written once.

use std::collections::{HashMap, HashSet};

use super::text;
use super::tree::{Node, Tree};
use crate::mail::quote::{self, Fold};

/// The texts that stand for what was folded: for so many lines of a quote, or for a signature.
pub(super) type Folded = HashMap<usize, Option<usize>>;

/// How many letters and digits of a line are enough to know it by.
const BEGINNING: usize = 24;

/// What of a node shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Nothing, or blanks.
    Blank,
    /// Only what belongs to that run of folded lines.
    Folded(usize),
    /// Something that stays, or parts of several runs.
    Kept,
}

/// Folded lines that follow each other.
struct Run {
    fold: Fold,
    lines: usize,
    is_placed: bool,
}

/// Folds by the words; `folded`: what stands for what is folded already; `fresh`: what is new in the mail's text.
pub(super) fn fold(tree: &mut Tree, subject: &str, folded: &Folded, fresh: &str) {
    split_preformatted(tree);
    let lines = text::lines(tree);
    let new: HashSet<String> = fresh.lines().map(beginning).filter(|beginning| !beginning.is_empty()).collect();
    let words: Vec<String> = lines.iter().map(|line| as_text(line, folded, &new)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(folds) = quote::folds(subject, &words) else { return };
    let (mut runs, of_node) = runs(tree, &lines, &folds, folded);
    if runs.is_empty() {
        return;
    }
    let mut shown = vec![Shown::Blank; tree.nodes.len()];
    see(tree, 0, &of_node, &mut shown);
    take(tree, 0, &shown, &mut runs);
}

/// How a line begins, whatever stands around its words.
fn beginning(line: &str) -> String {
    line.chars().filter(|c| c.is_alphanumeric()).take(BEGINNING).collect()
}

/// A line as a text would have it: what stands for a quote is one, and what stands for a signature is nothing new. A
/// block that nobody marked as a quote may be one only to the eye, as a program indents its writer's own words; the text
/// tells.
fn as_text(line: &text::Line, folded: &Folded, new: &HashSet<String>) -> String {
    match line.nodes.first().and_then(|first| folded.get(first)) {
        Some(Some(_)) => format!("> {}", line.text),
        Some(None) => String::new(),
        None if line.text.starts_with("> ") && new.contains(&beginning(&line.text)) => {
            line.text.trim_start_matches(['>', ' ']).to_owned()
        }
        None => line.text.clone(),
    }
}

/// The runs of folded lines, and for each node the one that it is in, if all of its lines are.
fn runs(tree: &Tree, lines: &[text::Line], folds: &[Fold], folded: &Folded) -> (Vec<Run>, Vec<Option<usize>>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut of_node: Vec<Option<usize>> = vec![None; tree.nodes.len()];
    let mut stays = vec![false; tree.nodes.len()];
    let mut last = Fold::Keep;
    for (line, &fold) in lines.iter().zip(folds) {
        if fold != Fold::Keep && fold != last {
            runs.push(Run { fold, lines: 0, is_placed: false });
        }
        last = fold;
        for &node in &line.nodes {
            stays[node] |= fold == Fold::Keep;
            of_node[node] = (fold != Fold::Keep).then(|| runs.len() - 1);
        }
        if let Some(run) = runs.last_mut().filter(|_| fold != Fold::Keep) {
            let before = line.nodes.first().and_then(|first| folded.get(first)).copied().flatten();
            let is_blank = line.text.trim_matches(['>', ' ']).is_empty();
            run.lines += before.unwrap_or(usize::from(!is_blank));
        }
    }
    for (run, stays) in of_node.iter_mut().zip(stays) {
        *run = run.filter(|_| !stays);
    }
    (runs, of_node)
}

/// Finds out what of each node below one shows.
fn see(tree: &Tree, node: usize, of_node: &[Option<usize>], shown: &mut [Shown]) -> Shown {
    let own = match &tree.nodes[node] {
        Node::Text(text) if text.trim().is_empty() => Shown::Blank,
        Node::Text(_) => of_node[node].map_or(Shown::Kept, Shown::Folded),
        Node::Element { .. } if matches!(tree.name(node), "img" | "hr") => {
            of_node[node].map_or(Shown::Kept, Shown::Folded)
        }
        Node::Element { children, .. } => {
            let below = children.iter().map(|&child| see(tree, child, of_node, shown));
            below.fold(Shown::Blank, |all, child| match (all, child) {
                (all, Shown::Blank) => all,
                (Shown::Blank, child) => child,
                (all, child) if all == child => all,
                _ => Shown::Kept,
            })
        }
    };
    shown[node] = own;
    own
}

/// Takes out what is folded below a node, and puts one line there for each run.
fn take(tree: &mut Tree, node: usize, shown: &[Shown], runs: &mut [Run]) {
    let children = tree.children(node).to_vec();
    let mut kept: Vec<usize> = Vec::with_capacity(children.len());
    let mut is_behind = false;
    for child in children {
        match shown[child] {
            Shown::Folded(run) => {
                while kept.last().is_some_and(|&last| shown.get(last) == Some(&Shown::Blank)) {
                    kept.pop();
                }
                is_behind = true;
                if let Some(line) = place(tree, node, &mut runs[run]) {
                    kept.push(line);
                }
            }
            Shown::Blank if is_behind => {}
            Shown::Blank => kept.push(child),
            Shown::Kept => {
                is_behind = false;
                take(tree, child, shown, runs);
                kept.push(child);
            }
        }
    }
    if let Node::Element { children, .. } = &mut tree.nodes[node] {
        *children = kept;
    }
}

/// The line for a run, once, as it may stand in that element.
fn place(tree: &mut Tree, within: usize, run: &mut Run) -> Option<usize> {
    if std::mem::replace(&mut run.is_placed, true) || (run.fold == Fold::Quote && run.lines == 0) {
        return None;
    }
    let words = match run.fold {
        Fold::Quote => quote::quoted_line(run.lines),
        Fold::Signature | Fold::Keep => quote::SIGNATURE.to_owned(),
    };
    let words = tree.put_text(&words);
    let line = tree.put("p", vec![words]);
    Some(match tree.name(within) {
        "ul" | "ol" => tree.put("li", vec![line]),
        "tr" => tree.put("td", vec![line]),
        "table" | "thead" | "tbody" | "tfoot" => {
            let cell = tree.put("td", vec![line]);
            tree.put("tr", vec![cell])
        }
        _ => line,
    })
}

/// Gives each line of a preformatted text a node of its own.
fn split_preformatted(tree: &mut Tree) {
    let blocks = tree.reachable(0).into_iter().filter(|&node| tree.name(node) == "pre").collect::<Vec<_>>();
    let parents: Vec<usize> = blocks.iter().flat_map(|&block| tree.reachable(block)).collect();
    for parent in parents {
        let mut children = Vec::new();
        for child in tree.children(parent).to_vec() {
            match &tree.nodes[child] {
                Node::Text(text) if text.trim_end().contains('\n') => {
                    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
                    children.extend(lines.iter().map(|line| tree.put_text(line)));
                }
                _ => children.push(child),
            }
        }
        if let Node::Element { children: own, .. } = &mut tree.nodes[parent] {
            *own = children;
        }
    }
}
