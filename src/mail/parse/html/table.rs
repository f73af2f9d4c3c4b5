//! Tables for phones: what is only laid out by a table becomes blocks, what is wide becomes a list.

use super::tree::{Node, Tree};

/// The most columns that a phone shows beside each other.
const COLUMNS: usize = 3;
/// The longest text of a cell in characters: longer ones are layout.
const CELL: usize = 200;

/// Makes every table of a tree readable on a narrow screen.
pub(super) fn for_phones(tree: &mut Tree) {
    for table in 0..tree.nodes.len() {
        if tree.name(table) != "table" {
            continue;
        }
        let rows = rows(tree, table);
        let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        if is_layout(tree, table, &rows, columns) {
            as_blocks(tree, table, &rows);
        } else if columns > COLUMNS {
            as_list(tree, table, &rows);
        }
    }
}

struct Row {
    node: usize,
    cells: Vec<usize>,
    /// Whether it names the columns.
    is_head: bool,
}

/// The rows of a table, not those of tables in it.
fn rows(tree: &Tree, table: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut next: Vec<usize> = tree.children(table).iter().rev().copied().collect();
    while let Some(node) = next.pop() {
        match tree.name(node) {
            "thead" | "tbody" | "tfoot" => next.extend(tree.children(node).iter().rev()),
            "tr" => {
                let is_cell = |node: &usize| matches!(tree.name(*node), "td" | "th");
                let cells: Vec<usize> = tree.children(node).iter().copied().filter(is_cell).collect();
                let is_head = !cells.is_empty() && cells.iter().all(|&cell| tree.name(cell) == "th");
                rows.push(Row { node, cells, is_head });
            }
            _ => {}
        }
    }
    rows
}

fn is_layout(tree: &Tree, table: usize, rows: &[Row], columns: usize) -> bool {
    let holds_blocks =
        || tree.reachable(table)[1..].iter().any(|&node| matches!(tree.name(node), "table" | "blockquote" | "pre"));
    let is_long = |cell: &usize| tree.inline(*cell).chars().count() > CELL;
    columns < 2 || rows.len() < 2 || holds_blocks() || rows.iter().flat_map(|row| &row.cells).any(is_long)
}

/// Cells below each other.
fn as_blocks(tree: &mut Tree, table: usize, rows: &[Row]) {
    for &child in &tree.children(table).to_vec() {
        if !tree.name(child).is_empty() {
            tree.rename(child, "div");
        }
    }
    tree.rename(table, "div");
    for row in rows {
        tree.rename(row.node, "div");
        for &cell in &row.cells {
            tree.rename(cell, "div");
        }
    }
}

/// A point for each row, in which every cell stands behind the name of its column, if it has one.
fn as_list(tree: &mut Tree, table: usize, rows: &[Row]) {
    let names: Vec<String> = match rows.first() {
        Some(head) if head.is_head => head.cells.iter().map(|&cell| tree.inline(cell).trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    let mut points = Vec::new();
    for row in &rows[usize::from(!names.is_empty())..] {
        let mut children = Vec::new();
        for (column, &cell) in row.cells.iter().enumerate() {
            if tree.inline(cell).trim().is_empty() {
                continue;
            }
            tree.rename(cell, "span");
            let name = names.get(column).filter(|name| !name.is_empty());
            if !children.is_empty() {
                children.push(if name.is_some() { tree.put("br", Vec::new()) } else { tree.put_text(" | ") });
            }
            if let Some(name) = name {
                let name = tree.put_text(&format!("{name}:"));
                children.extend([tree.put("b", vec![name]), tree.put_text(" ")]);
            }
            children.push(cell);
        }
        if !children.is_empty() {
            points.push(tree.put("li", children));
        }
    }
    tree.rename(table, "ul");
    if let Node::Element { children, .. } = &mut tree.nodes[table] {
        *children = points;
    }
}
