//! Mails in which short pieces are repeated: none may cost more than the bounds, whatever its size.
//!
//! This one is no target of libFuzzer's, which counts executions and not their cost: it makes mails by
//! recipe, and doubles those that look dear. `cargo run --release --no-default-features --bin cost -- SECONDS [SEED]`;
//! with seed 0 it first tries each piece alone in each frame.

use std::time::{Duration, Instant};

use ticketloom_fuzz::cost::over;
use ticketloom_fuzz::expensive::{FRAMES, PIECES, Recipe};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>().expect("a number"));
    let time = Duration::from_secs(arguments.next().unwrap_or(600));
    let seed = arguments.next().unwrap_or(0);
    let mut chance = Chance(seed);
    let alone = (FRAMES.len() * PIECES.len()) as u64;
    let began = Instant::now();
    let (mut tried, mut found) = (0u64, 0u64);
    while began.elapsed() < time {
        let recipe = if seed == 0 && tried < alone { alone_in(tried as usize) } else { chance.recipe() };
        tried += 1;
        if let Some(cost) = over(|size| recipe.mail(size)) {
            found += 1;
            println!("{cost:?}: {}", recipe.words());
        }
    }
    println!("{tried} recipes, {found} too expensive");
    std::process::exit(i32::from(found > 0));
}

/// SplitMix64: the same seed, the same recipes.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    fn pieces(&mut self, most: usize) -> Vec<usize> {
        (0..self.below(most + 1)).map(|_| self.below(PIECES.len())).collect()
    }

    fn recipe(&mut self) -> Recipe {
        let mut again = self.pieces(3);
        again.push(self.below(PIECES.len()));
        Recipe { frame: self.below(FRAMES.len()), first: self.pieces(3), again }
    }
}

/// Each piece alone in each frame, by number.
fn alone_in(number: usize) -> Recipe {
    Recipe { frame: number % FRAMES.len(), first: Vec::new(), again: vec![number / FRAMES.len()] }
}
