//! What stands behind the `?`.

use axum::http::Uri;

use super::cursor::Cursor;
use super::problem::Problem;

/// The largest page. More is refused: who gets less than they asked for takes it for all that there is.
pub(super) const MOST: i64 = 200;
/// A page if nobody says how large.
const USUAL: i64 = 50;
/// How long a value may be.
const LONGEST: usize = 1_000;

/// Names and values, each name once; empty ones count as left away.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads those of an address that are known here.
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                return Err(Problem::unreadable(format!(
                    "`{name}` is not known here. There are: {}.",
                    known.join(", ")
                )));
            }
            if pairs.iter().any(|(there, _)| *there == name) {
                return Err(Problem::unreadable(format!("`{name}` stands there twice.")));
            }
            if value.contains('\0') || value.contains('\u{fffd}') || value.len() > LONGEST {
                return Err(Problem::unreadable(format!("`{name}` can't be read.")));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        pairs.retain(|(_, value)| !value.trim().is_empty());
        Ok(Self(pairs))
    }

    /// A value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(there, _)| there == name).map(|(_, value)| value.trim())
    }

    /// How large the page is to be.
    pub(super) fn limit(&self) -> Result<i64, Problem> {
        let Some(limit) = self.get("limit") else { return Ok(USUAL) };
        let sound = limit.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        sound.ok_or_else(|| Problem::unreadable(format!("`limit` is a number from 1 to {MOST}.")))
    }

    /// Where it is to begin.
    pub(super) fn after(&self) -> Result<Option<Cursor>, Problem> {
        let Some(word) = self.get("after") else { return Ok(None) };
        Cursor::read(word).map(Some).ok_or_else(Self::no_cursor)
    }

    /// `after` is of another list.
    pub(super) fn no_cursor() -> Problem {
        Problem::unreadable("`after` is no `next` of this list.")
    }

    /// The same address with another `after`.
    pub(super) fn next(&self, path: &str, after: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(name, _)| name != "after")).append_pair("after", after);
        format!("{path}?{}", query.finish())
    }
}
