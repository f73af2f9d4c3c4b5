//! Pages of lists.

/// A part of a list: at most so many rows, behind a row that was seen. A page begins at a place in the order, not after a
/// number of rows: so what comes and goes in between shifts nothing, and the thousandth page costs as much as the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<K> {
    /// The place of the last row that was seen; `None`: from the beginning.
    pub after: Option<K>,
    /// How many rows at most.
    pub most: i64,
}

impl<K> Page<K> {
    /// The first page.
    #[must_use]
    pub fn first(most: i64) -> Self {
        Self { after: None, most }
    }

    /// The page behind a row.
    #[must_use]
    pub fn behind(row: K, most: i64) -> Self {
        Self { after: Some(row), most }
    }
}
