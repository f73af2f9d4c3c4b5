//! What several commands read and name alike.

use crate::domain::id::UserId;
use crate::domain::queue::Queue;

/// A full Matrix id.
pub(super) fn user(text: &str) -> Result<UserId, String> {
    UserId::parse(text)
        .filter(|user| !user.server().is_empty())
        .ok_or_else(|| "no full Matrix id, such as @alice:example.org".to_owned())
}

/// The names of queues, as a mistake lists them.
#[must_use]
pub fn names(queues: &[Queue]) -> String {
    queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_named_by_a_full_matrix_id() {
        for text in ["@alice:example.org", "@a.b=c/d:matrix.example.org:8448"] {
            assert_eq!(user(text).as_ref().map(UserId::as_str), Ok(text));
        }
        for text in ["", "alice", "@alice", "alice:example.org", "@alice:", "#alice:example.org"] {
            assert!(user(text).is_err(), "{text}");
        }
    }
}
