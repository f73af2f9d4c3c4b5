//! What a seed says, the same on every machine.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, or 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits") % limit.max(1)
    }

    /// A number from `from` up to but not including `to`.
    pub(super) fn within(&mut self, from: u64, to: u64) -> u64 {
        from + (self.next() >> 33) % (to - from).max(1)
    }

    pub(super) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }

    /// Another one that does not depend on how often this one is asked afterwards.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A word that stands nowhere else: `Q`, what it is in, and 14 hexadecimal digits.
    pub(super) fn canary(&mut self, kind: Kind) -> Canary {
        Canary(format!("Q{}{:014x}", kind.letter(), self.next() >> 8))
    }
}

/// What a canary is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A customer's mail.
    Customer,
    /// A note, or what else stays inside.
    Note,
    /// An answer.
    Answer,
    /// What a stranger says in a room.
    Stranger,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Self::Customer => 'C',
            Self::Note => 'N',
            Self::Answer => 'A',
            Self::Stranger => 'S',
        }
    }
}

/// A word by which a text is found again wherever it went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Canary(String);

impl Canary {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what it is in stays inside.
    pub(super) fn is_inner(&self) -> bool {
        self.0.starts_with("QN") || self.0.starts_with("QS")
    }

    /// All that stand in a text, in their order.
    pub(super) fn all_in(text: &str) -> Vec<Self> {
        const LENGTH: usize = 16;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_canary = |word: &str| b"CNAS".contains(&word.as_bytes()[1]) && word.bytes().skip(2).all(is_digit);
        text.match_indices('Q')
            .filter_map(|(at, _)| text.get(at..at + LENGTH))
            .filter(|word| is_canary(word))
            .map(|word| Self(word.to_owned()))
            .collect()
    }
}

impl std::fmt::Display for Canary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[test]
fn a_canary_is_found_wherever_it_stands() {
    let mut chance = Chance::new(7);
    let (one, other) = (chance.canary(Kind::Note), chance.canary(Kind::Customer));
    let text = format!("QUIT {one}, and ({other})Q{other}");
    assert_eq!(Canary::all_in(&text), [one, other.clone(), other]);
    assert_eq!(Chance::new(7).canary(Kind::Note), Chance::new(7).canary(Kind::Note));
}
