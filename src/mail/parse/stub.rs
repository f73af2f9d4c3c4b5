//! Whether a mail's text only stands for its HTML: "This message is in HTML", "View it in your browser", a blank.

use super::html::{self, Images};
use crate::mail::{clean, quote};

/// The longest text, in characters that are no blanks, that can be a stub.
const STUB: usize = 600;
/// What a text that speaks of HTML or a browser may have at most.
const APOLOGY: usize = 300;
/// How many bytes of a page are looked at for this.
const PAGE: usize = 256 << 10;

/// Whether a text says nothing of what its HTML says. A short answer above a quote that only the HTML has is no stub.
pub(super) fn stands_for(text: &str, page: &str) -> bool {
    let said = essence(text);
    if said.chars().count() > STUB {
        return false;
    }
    let page = html::to_text(clean::cut(page, PAGE), &Images::default());
    let shown = essence(&quote::fresh("", &page).own);
    if said.is_empty() {
        return !shown.is_empty() || !essence(&page).is_empty();
    }
    let (short, long) = (said.chars().count(), shown.chars().count());
    let is_apology = short <= APOLOGY
        && ["html", "browser", "navigat", "navegad", "ブラウザ", "浏览器"].iter().any(|word| said.contains(word));
    if is_apology && !essence(&page).contains(&said) {
        return long > 0;
    }
    long >= 3 * short + 150
}

/// What a text says without its links: letters, digits, and signs such as emoji, but no ASCII punctuation.
fn essence(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !word.contains("://") && !word.contains("www."));
    words.flat_map(str::chars).filter(|&c| says_something(c)).flat_map(char::to_lowercase).collect()
}

fn says_something(c: char) -> bool {
    // Soft hyphens, joiners, dashes, spaces of no width: what newsletters fill their preview with.
    let is_filling = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{2000}'..='\u{206f}' | '\u{feff}');
    c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace() || c.is_control() || is_filling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(words: &str) -> String {
        format!("<p>Dear all,</p><p>{words}</p>")
    }

    #[test]
    fn a_text_that_says_nothing_is_a_stub() {
        let long = page(&"the lift in house 4 stops between the floors since Friday. ".repeat(8));
        for stub in [
            "\u{a0}\n",
            "\u{200b}\u{feff}",
            "---",
            "This is a multi-part message in HTML format.",
            "Your e-mail program can't display HTML.",
            "Diese Nachricht ist im HTML-Format.",
            "If you can't read this mail, open it in your browser: https://news.test/1?a=b",
            "https://news.test/1",
            "Si no puede ver este mensaje, abra su navegador",
            "News 4",
        ] {
            assert!(stands_for(stub, &long), "{stub:?}");
        }
        assert!(stands_for("Your program shows no HTML.", &page("The lift is stuck.")));
        assert!(stands_for(" ", &page("Stuck.")));
    }

    #[test]
    fn a_text_that_says_the_same_is_none() {
        for said in ["The lift is stuck.", "Our HTML page is broken in every browser.", "Ja"] {
            assert!(!stands_for(said, &page(said)), "{said}");
        }
        let quoted = format!(
            "<p>It works, thanks!</p><div class=gmail_quote>On 1 May 2026 at 10:11, Ann &lt;a@x.test&gt; wrote:<blockquote>{}</blockquote></div>",
            "the lift in house 4 stops between the floors since Friday. ".repeat(20)
        );
        assert!(!stands_for("It works, thanks!", &quoted));
        assert!(!stands_for("It works, thanks!", "<img src=cid:x>"));
        assert!(!stands_for("👍", "<p>👍</p>"));
        assert!(!stands_for(&"The lift is stuck. ".repeat(60), &page(&"The lift is stuck. ".repeat(500))));
    }
}
