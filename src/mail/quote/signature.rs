//! Where a signature begins.

use super::devices::is_added;
use super::{Fold, legal};

/// The longest signature in lines: what is longer below a `-- ` is text.
const LONGEST: usize = 40;
/// Likewise below a line of underscores, and how long its lines may be.
const LONGEST_FOOTER: usize = 6;
const WIDEST_FOOTER: usize = 100;

/// Marks the signature: what stands below `-- ` up to a quote or the end, and what phones add.
pub(super) fn find(lines: &[&str], folds: &mut [Fold]) {
    for at in 1..lines.len() {
        if folds[at] != Fold::Keep || !matches!(lines[at].trim_end(), "--" | "—" | "–") {
            continue;
        }
        let window = lines.len().min(at + LONGEST + 1);
        let end = (at..window).find(|&next| folds[next] == Fold::Quote).unwrap_or(window);
        if end - at <= LONGEST {
            folds[at..end].fill(Fold::Signature);
        }
    }
    footer(lines, folds);
    legal::find(lines, folds);
    let mut end = lines.len();
    while end > 0 {
        end = devices(lines, folds, end);
    }
}

/// Marks what phones and programs add, from a line upwards to the last quote above. Tells where that ends.
fn devices(lines: &[&str], folds: &mut [Fold], end: usize) -> usize {
    let mut is_tail = true;
    let mut at = end;
    while at > 0 && !(folds[at - 1] == Fold::Quote && at < end) {
        let line = lines[at - 1];
        if is_tail && folds[at - 1] == Fold::Keep && !line.trim().is_empty() {
            is_tail = is_added(line);
            if is_tail {
                folds[at - 1] = Fold::Signature;
            }
        }
        at -= 1;
    }
    at
}

/// Marks a few short lines below a line of underscores at the end: a signature, or a mailing list's words.
fn footer(lines: &[&str], folds: &mut [Fold]) {
    let is_rule = |line: &str| line.trim().len() >= 5 && line.trim().bytes().all(|byte| byte == b'_');
    let Some(rule) = (1..lines.len()).rev().find(|&at| folds[at] == Fold::Keep && is_rule(lines[at])) else { return };
    let shown: Vec<&str> = (rule + 1..lines.len())
        .filter(|&at| folds[at] == Fold::Keep && !lines[at].trim().is_empty())
        .map(|at| lines[at])
        .collect();
    if shown.len() <= LONGEST_FOOTER && shown.iter().all(|line| line.len() <= WIDEST_FOOTER) {
        folds[rule..lines.len()]
            .iter_mut()
            .filter(|fold| **fold == Fold::Keep)
            .for_each(|fold| *fold = Fold::Signature);
    }
}
