//! Full text: what texts are found by, and what is asked for.
//!
//! Texts and questions become the same words here, and nowhere else: a database's own parser goes by its locale, and most
//! drop what they do not know. Case and accents don't count; a run of Chinese or Japanese, which has no blanks, is found
//! by its pairs of characters.

use std::collections::BTreeMap;
use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::id::TicketId;

/// How many words of a text count (PostgreSQL's highest position is 16,383).
const MOST_WORDS: usize = 16_000;
/// How many places of one word count (PostgreSQL keeps 255).
const MOST_PLACES: usize = 255;
/// How many characters of a word count.
const MOST_CHARS: usize = 60;
/// How many words a question has.
const MOST_ASKED: usize = 20;
/// A word of so many characters stands for all that begin with it.
const BEGINNING: usize = 4;
/// A word of so many characters may stand for all of which it is part: PostgreSQL finds them by three neighbours.
const PART: usize = 3;
/// So many tickets that were opened one after the other are one generation.
const GENERATIONS: [i64; 3] = [512, 4_096, 32_768];
/// PostgreSQL is quick as long as it is asked for no more generations than so many.
const MOST_GENERATIONS: i64 = 8;

/// A word of a text, folded, and where it stands there, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The word.
    pub word: String,
    /// Its beginning in the text.
    pub start: usize,
    /// Its end.
    pub end: usize,
}

/// The words of a text, in their order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if !is_inside(first) {
            continue;
        }
        let mut run = vec![(start, first)];
        let is_pairs = is_written_without_blanks(first);
        let goes_on =
            |c: char| is_written_without_blanks(c) == is_pairs && (is_inside(c) || (!is_pairs && is_combining_mark(c)));
        while let Some(next) = rest.next_if(|(_, c)| goes_on(*c)) {
            run.push(next);
        }
        if is_pairs {
            pairs(&run, &mut tokens);
        } else {
            tokens.extend(word(&run));
        }
        if tokens.len() >= MOST_WORDS {
            tokens.truncate(MOST_WORDS);
            break;
        }
    }
    tokens
}

fn word(run: &[(usize, char)]) -> Option<Token> {
    let (start, _) = *run.first()?;
    let (last, c) = *run.last()?;
    let word = folded(run.iter().map(|(_, c)| *c));
    (!word.is_empty()).then(|| Token { word, start, end: last + c.len_utf8() })
}

/// Two neighbours each, and the last one alone, so that one character is found as a beginning.
fn pairs(run: &[(usize, char)], tokens: &mut Vec<Token>) {
    for (n, (start, c)) in run.iter().enumerate() {
        let pair = &run[n..run.len().min(n + 2)];
        let end = start + c.len_utf8();
        tokens.push(Token { word: folded(pair.iter().map(|(_, c)| *c)), start: *start, end });
    }
}

/// Without case and accents.
fn folded(word: impl Iterator<Item = char>) -> String {
    let plain = word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut folded = String::new();
    for c in plain.take(MOST_CHARS) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            c if is_inside(c) => folded.push(c),
            _ => {}
        }
    }
    folded
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric()
}

/// Han, kana and what goes with them.
fn is_written_without_blanks(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}' | '々' | '〆')
}

/// Some texts as PostgreSQL's `tsvector` reads itself, with the words' places, so that phrases are found. No phrase goes
/// from one text into the next.
#[must_use]
pub fn vector(texts: &[&str]) -> String {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut place = 0;
    for text in texts {
        for token in tokens(text) {
            place += 1;
            let of = places.entry(token.word).or_default();
            if place <= MOST_WORDS && of.len() < MOST_PLACES {
                of.push(place);
            }
        }
        place += 1;
    }
    let mut vector = String::new();
    for (word, places) in places.into_iter().filter(|(_, places)| !places.is_empty()) {
        let places = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let _ = write!(vector, "'{word}':{places} ");
    }
    vector
}

/// The words that all texts of tickets of the same age have, as a `tsvector` reads them: `'@0.12' '@1.1' '@2.0'`, of smaller and
/// larger generations. Nobody writes such words; [`Question::among`] alone asks for them.
#[must_use]
pub fn generations(ticket: TicketId) -> String {
    let word = |(n, size): (usize, &i64)| format!("'@{n}.{}'", ticket.0 / size);
    GENERATIONS.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// What is asked for in a text: some of its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    all: Vec<Vec<String>>,
    none: Vec<Vec<String>>,
    /// Of words that stand for all of which they are part: those.
    whole: BTreeMap<String, Vec<String>>,
}

impl Question {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Asks for a word or a phrase, or for texts without it.
    pub fn ask(&mut self, text: &str, is_wanted: bool) {
        let words: Vec<String> = tokens(text).into_iter().map(|token| token.word).collect();
        let asked = self.all.len() + self.none.len();
        if words.is_empty() || asked >= MOST_ASKED {
            return;
        }
        if is_wanted { self.all.push(words) } else { self.none.push(words) }
    }

    /// What must be there, as PostgreSQL's `tsquery` reads itself.
    #[must_use]
    pub fn wanted(&self) -> String {
        let term = |words: &Vec<String>| match self.whole_of(words) {
            Some(whole) => {
                let others = whole.iter().map(|word| format!("'{word}'"));
                let terms: Vec<String> = std::iter::once(phrase(words, true)).chain(others).collect();
                format!("({})", terms.join(" | "))
            }
            None => phrase(words, true),
        };
        self.all.iter().map(term).collect::<Vec<_>>().join(" & ")
    }

    /// By what hits are ranked: of words that stand for many others none is better than another.
    #[must_use]
    pub fn ranked(&self) -> String {
        if self.whole.is_empty() { self.wanted() } else { String::new() }
    }

    /// What must be there, but no word stands for others: what is found by it is wanted, and found sooner.
    #[must_use]
    pub fn exactly(&self) -> String {
        self.all.iter().map(|words| phrase(words, false)).collect::<Vec<_>>().join(" & ")
    }

    /// Its words that may stand for all of which they are part.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        let is_part = |word: &&String| word.chars().count() >= PART && !word.chars().all(is_written_without_blanks);
        let single = self.all.iter().filter(|words| words.len() == 1).flatten();
        single.filter(is_part).map(String::as_str).collect()
    }

    /// The same, with that one of its words standing for these others.
    #[must_use]
    pub fn with_whole(mut self, part: &str, whole: Vec<String>) -> Self {
        self.whole.insert(part.to_owned(), whole);
        self
    }

    fn whole_of(&self, words: &[String]) -> Option<&[String]> {
        if let [word] = words { self.whole.get(word).map(Vec::as_slice) } else { None }
    }

    /// What must not be there, any of it; `None`: nothing.
    #[must_use]
    pub fn unwanted(&self) -> Option<String> {
        let none = self.none.iter().map(|words| phrase(words, true)).collect::<Vec<_>>().join(" | ");
        (!none.is_empty()).then_some(none)
    }

    /// The first place in a text that it asks for, in bytes.
    #[must_use]
    pub fn hit(&self, text: &str) -> Option<(usize, usize)> {
        let is_asked = |token: &Token| {
            self.all.iter().filter_map(|words| words.first()).any(|asked| {
                if self.whole.contains_key(asked) {
                    token.word.contains(asked.as_str())
                } else if is_beginning(asked) {
                    token.word.starts_with(asked.as_str())
                } else {
                    token.word == *asked
                }
            })
        };
        tokens(text).into_iter().find(is_asked).map(|token| (token.start, token.end))
    }
}

/// A query's hits among at least that many of the youngest tickets; `None`: that is as good as among all of them.
#[must_use]
pub fn among(query: &str, youngest: TicketId, most: i64) -> Option<String> {
    let fits = |size: &i64| most <= size * MOST_GENERATIONS;
    let (n, size) = GENERATIONS.iter().enumerate().find(|(_, size)| fits(size)).filter(|_| most < youngest.0)?;
    // The youngest generation has only begun.
    let last = youngest.0 / size;
    let ages: Vec<String> =
        ((last - (most + size - 1) / size).max(0)..=last).map(|age| format!("'@{n}.{age}'")).collect();
    Some(format!("({query}) & ({})", ages.join(" | ")))
}

/// One word is a beginning if it is long enough; of several the last one alone can be.
fn phrase(words: &[String], has_beginnings: bool) -> String {
    let last = words.len() - 1;
    let term = |(n, word): (usize, &String)| {
        // Of a run of pairs the last one stands alone in the text only at its end.
        let is_half = n == last && word.chars().count() == 1 && word.chars().all(is_written_without_blanks);
        if is_half || (has_beginnings && n == last && is_beginning(word)) {
            format!("'{word}':*")
        } else {
            format!("'{word}'")
        }
    };
    let terms: Vec<String> = words.iter().enumerate().map(term).collect();
    if terms.len() == 1 { terms[0].clone() } else { format!("({})", terms.join(" <-> ")) }
}

fn is_beginning(word: &str) -> bool {
    word.chars().count() >= BEGINNING || word.chars().all(is_written_without_blanks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn case_accents_and_signs_do_not_count() {
        for (text, found) in [
            ("It smokes, again!", vec!["it", "smokes", "again"]),
            ("GRÖSSE Größe", vec!["grosse", "grosse"]),
            ("cafe\u{301} Łódź Ærø", vec!["cafe", "lodz", "aero"]),
            ("carol@customer.test", vec!["carol", "customer", "test"]),
            ("[Ticket#2026112310000013]", vec!["ticket", "2026112310000013"]),
            ("ﬁle №5 ２３", vec!["file", "5", "23"]),
            ("Привет, Ёж", vec!["привет", "еж"]),
            ("... '' \u{0} <b>", vec!["b"]),
            ("", vec![]),
        ] {
            assert_eq!(words(text), found, "{text}");
        }
    }

    #[test]
    fn what_has_no_blanks_is_found_by_pairs() {
        assert_eq!(words("印刷機が"), ["印刷", "刷機", "機か", "か"]);
        assert_eq!(words("HP印刷 5"), ["hp", "印刷", "刷", "5"]);
    }

    #[test]
    fn a_vector_has_the_places_and_a_query_asks_for_them() {
        assert_eq!(vector(&["b a b", "a"]), "'a':2,5 'b':1,3 ");
        let mut question = Question::default();
        question.ask("Drucker", true);
        question.ask("the red one", true);
        question.ask("HP", false);
        question.ask("刷機", true);
        question.ask("印", true);
        question.ask("?!", true);
        assert_eq!(question.wanted(), "'drucker':* & ('the' <-> 'red' <-> 'one') & ('刷機' <-> '機':*) & '印':*");
        assert_eq!(question.unwanted().as_deref(), Some("'hp'"));
    }

    #[test]
    fn a_part_stands_for_the_words_that_have_it() {
        let mut question = Question::default();
        for (text, is_wanted) in
            [("teller", true), ("hp", true), ("the red one", true), ("印刷機", true), ("印", true), ("bote", false)]
        {
            question.ask(text, is_wanted);
        }
        assert_eq!(question.parts(), ["teller"], "two letters, phrases and pairs are no parts");
        let wanted = "'hp' & ('the' <-> 'red' <-> 'one') & ('印刷' <-> '刷機' <-> '機':*) & '印':*";
        assert_eq!(question.wanted(), format!("'teller':* & {wanted}"));
        let question = question.with_whole("teller", vec!["besteller".to_owned(), "suppenteller".to_owned()]);
        assert_eq!(question.wanted(), format!("('teller':* | 'besteller' | 'suppenteller') & {wanted}"));
        assert_eq!(question.ranked(), "", "none is better than another");
        let text = "Der Besteller";
        assert_eq!(question.hit(text).map(|(start, end)| &text[start..end]), Some("Besteller"));
        assert_eq!(Question::default().with_whole("x", vec![]).hit(text), None);
    }

    #[test]
    fn the_youngest_are_asked_by_their_generation() {
        for (youngest, most, wanted) in [
            (0, 1_000, None),
            (1_000, 1_000, None),
            (1_100, 1_000, Some("('a') & ('@0.0' | '@0.1' | '@0.2')")),
            (100_000, 512, Some("('a') & ('@0.194' | '@0.195')")),
            (100_000, 4_097, Some("('a') & ('@1.22' | '@1.23' | '@1.24')")),
            (100_000, 70_000, Some("('a') & ('@2.0' | '@2.1' | '@2.2' | '@2.3')")),
            (1_000_000, 262_145, None),
        ] {
            assert_eq!(among("'a'", TicketId(youngest), most).as_deref(), wanted, "{youngest}, {most}");
        }
        assert_eq!(generations(TicketId(5_120)), "'@0.10' '@1.1' '@2.0'");
        assert!(tokens("'@0.10'").iter().all(|token| !token.word.contains('@')), "nobody writes such a word");
    }

    #[test]
    fn exactly_what_was_asked_for_stands_for_nothing_else() {
        let mut question = Question::default();
        question.ask("Drucker", true);
        question.ask("the red printer", true);
        question.ask("印", true);
        assert_eq!(question.exactly(), "'drucker' & ('the' <-> 'red' <-> 'printer') & '印':*");
    }

    #[test]
    fn a_hit_is_where_the_word_stands() {
        let mut question = Question::default();
        question.ask("größ", true);
        let text = "Die GRÖSSEN sind falsch";
        assert_eq!(question.hit(text).map(|(start, end)| &text[start..end]), Some("GRÖSSEN"));
        assert_eq!(question.hit("Die sind falsch"), None);
    }

    proptest! {
        /// Whatever the text: words stand where they say, and nothing in them could end a quoted word.
        #[test]
        fn words_are_plain_and_stand_where_they_say(text in any::<String>()) {
            for token in tokens(&text) {
                prop_assert!(text.get(token.start..token.end).is_some());
                prop_assert!(token.word.chars().all(is_inside), "{:?}", token.word);
                prop_assert!(token.word.chars().count() <= 2 * MOST_CHARS);
            }
        }
    }
}
