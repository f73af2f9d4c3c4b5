//! In what order the mails of a folder are taken.

use std::collections::HashMap;

/// What the server says of a mail before it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its size in bytes.
    pub(super) size: usize,
    /// Who wrote it, as a number.
    pub(super) sender: u64,
}

/// UIDs with sizes: the first mail of each sender, then the second of each, and so on; mails of one sender in the order of
/// their coming. Those with failures behind all that have fewer. `mails` come by UID, each with its failures.
pub(super) fn in_turn<'a>(mails: impl Iterator<Item = (u32, u32, &'a Listed)>) -> Vec<(u32, usize)> {
    let mut written: HashMap<u64, u32> = HashMap::new();
    let mut turns: Vec<(u32, u32, u32, usize)> = mails
        .map(|(uid, failures, listed)| {
            let before = written.entry(listed.sender).or_default();
            *before += 1;
            (failures, *before, uid, listed.size)
        })
        .collect();
    turns.sort_unstable();
    turns.into_iter().map(|(_, _, uid, size)| (uid, size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_before_anybody_has_a_second_one() {
        let mail = |sender| Listed { size: 10, sender };
        let (flood, one, other) = (mail(1), mail(2), mail(3));
        let mails = [(1, 0, &flood), (2, 0, &flood), (3, 0, &flood), (4, 2, &one), (5, 0, &other), (6, 0, &other)];
        let order: Vec<u32> = in_turn(mails.into_iter()).into_iter().map(|(uid, _)| uid).collect();
        assert_eq!(order, [1, 5, 2, 6, 3, 4], "and what failed comes last");
    }
}
