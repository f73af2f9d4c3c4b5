//! What mails cost in which short pieces are repeated: work and memory grow as their size does.
//!
//! `fuzz/targets/cost.rs` looks for more of them, for longer.

use proptest::prelude::*;

use super::expensive::{FRAMES, PIECES, Recipe};
use crate::mail::read;

/// The size of a mail here, and of twice as large a one.
const SIZE: usize = 24 << 10;
/// What may be allocated in bytes however small a mail is: tables of charsets, lists of tags.
const FIXED: u64 = 1 << 20;
/// What no mail may take at once, whatever its bytes.
const PEAK: u64 = 256 << 20;
/// How much time a mail of twice the size may take. Without optimisation, and on a busy machine, everything
/// takes many times as long; what grows by the square takes more than that.
const WORK: std::time::Duration = std::time::Duration::from_secs(3);

/// The bytes that are allocated in all while a mail is read, and the most at once.
fn allocated(mail: &[u8]) -> (u64, u64) {
    let measured = allocation_counter::measure(|| {
        let _ = std::hint::black_box(read(mail));
    });
    (measured.bytes_total, measured.bytes_max)
}

/// Fails if twice the mail costs much more than twice as much.
fn is_linear(recipe: &Recipe) -> Result<(), TestCaseError> {
    let (half, half_peak) = allocated(&recipe.mail(SIZE));
    let start = super::bombs::work();
    let (whole, peak) = allocated(&recipe.mail(2 * SIZE));
    let took = super::bombs::work().saturating_sub(start);
    prop_assert!(whole <= half * 5 / 2 + FIXED, "{half} bytes, then {whole}: {}", recipe.words());
    let is_bounded = peak <= half_peak * 5 / 2 + FIXED && peak <= PEAK;
    prop_assert!(is_bounded, "{half_peak} bytes at once, then {peak}: {}", recipe.words());
    prop_assert!(took <= WORK, "{took:?}: {}", recipe.words());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn twice_the_mail_costs_twice_as_much(
        frame in 0..FRAMES.len(),
        first in proptest::collection::vec(0..PIECES.len(), 0..4),
        again in proptest::collection::vec(0..PIECES.len(), 1..5),
    ) {
        is_linear(&Recipe { frame, first, again })?;
    }
}

/// Recipes that were found to be too expensive, by their pieces.
#[test]
fn what_was_too_expensive_is_no_more() {
    for (frame, pieces) in [
        ("Content-Type: text/html\r\n\r\n", &["<p><b id=#></p>\n"][..]),
        ("Content-Type: text/html\r\n\r\n", &["<font size=#>", "<div>", "</x>"]),
        ("Content-Type: text/html\r\n\r\n", &["<a><table><a>", "<b id=#>"]),
        ("Subject: ", &["=?u?B?x "]),
        ("Content-Disposition: attachment; filename=\"", &["=?u?B?x "]),
        ("Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n\r\n", &["="]),
    ] {
        let frame = FRAMES.iter().position(|(before, _)| *before == frame).expect("a frame");
        let number = |piece: &&str| PIECES.iter().position(|known| known == piece).expect("a piece");
        let recipe = Recipe { frame, first: Vec::new(), again: pieces.iter().map(number).collect() };
        if let Err(error) = is_linear(&recipe) {
            panic!("{error}");
        }
    }
}
