//! What mails cost in which short pieces are repeated: work and memory grow as their size does.
//!
//! `fuzz/targets/cost.rs` looks for more of them, for longer.

use std::time::Duration;

use proptest::prelude::*;

use super::expensive::{FRAMES, PIECES, Recipe};
use crate::mail::read;

/// The size of a mail here, and of twice as large a one.
const SIZE: usize = 24 << 10;
/// What may be allocated in bytes however small a mail is: tables of charsets, lists of tags.
const FIXED: u64 = 1 << 20;
/// What no mail may take at once, whatever its bytes.
const PEAK: u64 = 256 << 20;
/// What a mail of twice the size may take beyond three times the work of the other: what grows by the square takes four
/// times as much. The work itself says nothing here: without optimisation, and on a slow machine, everything takes many times as long.
const WORK: Duration = Duration::from_secs(1);

/// What reading a mail takes.
struct Cost {
    /// The bytes that are allocated in all.
    bytes: u64,
    /// The most at once.
    peak: u64,
    /// This thread's work.
    work: Duration,
}

impl Cost {
    fn of(mail: &[u8]) -> Self {
        let start = super::bombs::work();
        let measured = allocation_counter::measure(|| {
            let _ = std::hint::black_box(read(mail));
        });
        let work = super::bombs::work().saturating_sub(start);
        Self { bytes: measured.bytes_total, peak: measured.bytes_max, work }
    }
}

/// Fails if twice the mail costs much more than twice as much. Once it may: a mail that is too large for one way of reading it
/// is read another way, such as what is no file of uuencode's any more because too many blanks were lost.
fn is_linear(recipe: &Recipe) -> Result<(), TestCaseError> {
    grows_with(recipe, SIZE).or_else(|_| grows_with(recipe, 2 * SIZE))
}

fn grows_with(recipe: &Recipe, size: usize) -> Result<(), TestCaseError> {
    let (half, whole) = (Cost::of(&recipe.mail(size)), Cost::of(&recipe.mail(2 * size)));
    let words = recipe.words();
    prop_assert!(whole.bytes <= half.bytes * 5 / 2 + FIXED, "{} bytes, then {}: {words}", half.bytes, whole.bytes);
    let is_bounded = whole.peak <= half.peak * 5 / 2 + FIXED && whole.peak <= PEAK;
    prop_assert!(is_bounded, "{} bytes at once, then {}: {words}", half.peak, whole.peak);
    prop_assert!(whole.work <= half.work * 3 + WORK, "{:?}, then {:?}: {words}", half.work, whole.work);
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

/// What is linear may still be too much for the largest mail.
#[test]
fn a_large_mail_takes_no_more_memory_than_it_may() {
    const LARGE: usize = 8 << 20;
    let frame = "From: MAILER-DAEMON@x.test\r\nReturn-Path: <>\r\nSubject: failure\r\nContent-Type: text/html\r\n\r\n";
    let piece = |piece: &str| PIECES.iter().position(|known| *known == piece).expect("a piece");
    let recipe = Recipe {
        frame: FRAMES.iter().position(|(before, _)| *before == frame).expect("a frame"),
        first: vec![piece("<frameset>"), piece("<img ")],
        again: vec![piece("=41"), piece("%41"), piece("<?"), piece("utf-8''")],
    };
    let mail = recipe.mail(LARGE);
    let peak = allocation_counter::measure(|| {
        let _ = std::hint::black_box(read(&mail));
    })
    .bytes_max;
    assert!(peak + mail.len() as u64 <= PEAK, "{peak} bytes beside {}: {}", mail.len(), recipe.words());
}
