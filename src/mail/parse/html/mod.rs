//! A mail's HTML: made harmless, as text, and what of it is new.
//!
//! ammonia cleans twice: first what came, so that the tree read here is well-formed and small; then
//! what goes out, so that nothing this module does can undo it. Nothing is ever fetched.

mod fold;
mod safe;
mod text;
mod tree;

use self::tree::Tree;
use crate::mail::quote;

/// The longest HTML in bytes that is read; of more, only the text is taken, and crudely.
const LONGEST: usize = 1 << 20;
/// The most tags, likewise, and the deepest that they may stand in each other: a browser's parser
/// takes quadratic time for deep ones.
const MOST_TAGS: usize = 40_000;
const DEEPEST: usize = 256;
/// The longest HTML in bytes that goes out; a Matrix event holds 64 KiB in all.
const LONGEST_OUT: usize = 20 * 1024;

/// The HTML as text: quotes with `> ` before their lines, links with their addresses.
pub(in crate::mail) fn to_text(html: &str) -> String {
    match tree_of(html) {
        Some(tree) => text::of(&tree),
        None => crude(html),
    }
}

/// Text as HTML.
pub(in crate::mail) fn of_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\n")
}

/// What is new in the HTML, in Matrix' subset, if it says more than `fresh`, which is what is new in
/// the mail's text.
pub(in crate::mail) fn fresh(subject: &str, html: &str, fresh: &str) -> Option<String> {
    let mut tree = tree_of(html)?;
    fold::quotes(&mut tree, quote::is_forward(subject));
    if !tree.says_more() {
        return None;
    }
    // Where the two differ much, the quote was not found in one of them: the text is the safer one.
    let length = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let (shown, expected) = (length(&text::of(&tree)), length(fresh));
    if shown > expected + expected / 2 + 200 || shown * 2 + 50 < expected {
        return None;
    }
    let html = safe::for_matrix(&tree);
    (!html.trim().is_empty() && html.len() <= LONGEST_OUT).then_some(html)
}

fn tree_of(html: &str) -> Option<Tree> {
    (html.len() <= LONGEST && is_shallow(html)).then(|| Tree::read(&safe::first(html)))
}

/// Whether the tags are few, and never many open at a time as far as one can tell without parsing.
fn is_shallow(html: &str) -> bool {
    // What has no end, or ends by itself.
    let light =
        ["br", "hr", "img", "p", "li", "td", "tr", "th", "tbody", "meta", "link", "input", "col", "o:p", "!--", "!"];
    let mut depth: usize = 0;
    for (number, piece) in html.split('<').skip(1).enumerate() {
        let name = piece.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
        if name.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !light.iter().any(|light| name.eq_ignore_ascii_case(light)) && !name.starts_with('!') {
            depth += 1;
        }
        if depth > DEEPEST || number > MOST_TAGS {
            return false;
        }
    }
    true
}

/// The text of HTML that is too large to be read properly: what is not between angle brackets.
fn crude(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let shown = piece.split_once('>').map_or(piece, |(_, shown)| shown);
        text.push_str(&tree::unescape(shown));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_paragraphs_lists_links_and_quotes() {
        let html = "<style>p{}</style><p>Hello&nbsp;<b>you</b>,<br>there</p><ul><li>a<li>b</ul>\
            <a href='https://x.test/y'>here</a> <a href='https://x.test/'>https://x.test/</a>\
            <blockquote>old<br>older</blockquote><pre>a\n  b</pre><table><tr><td>1<td>2</table>";
        assert_eq!(
            to_text(html),
            "Hello you,\nthere\n\n- a\n- b\n\nhere <https://x.test/y> https://x.test/\n\n> old\n> older\n\na\n  b\n\n1 | 2"
        );
    }

    #[test]
    fn html_that_says_no_more_than_text_is_left_out() {
        assert_eq!(fresh("x", "<div>Hello<br>you</div>", "Hello\nyou"), None);
        assert_eq!(fresh("x", "<p>Hello <b>you</b></p>", "Hello you").as_deref(), Some("<p>Hello <b>you</b></p>"));
    }

    #[test]
    fn nothing_dangerous_comes_through() {
        for html in [
            "<b>x</b><script>alert(1)</script>",
            "<b>x</b><img src=https://evil.test/p.gif>",
            "<b onclick=alert(1)>x</b>",
            "<b>x</b><a href='javascript:alert(1)'>y</a>",
            "<b>x</b><a href='data:text/html,z'>y</a>",
            "<b>x</b><style>*{}</style><svg><script>1</script></svg><iframe src=//evil.test></iframe>",
            "<mx-reply>quoted</mx-reply><b>x</b>",
            "<b>x</b><a href='https://matrix.to/#/@alice:desk.test'>alice</a>",
            "<b>x</b><a href='matrix:u/alice:desk.test'>alice</a>",
            "<b>x</b><math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        ] {
            let out = fresh("x", html, "x y alice").unwrap_or_default();
            for bad in ["script", "evil", "onclick", "data:", "matrix", "style", "mx-reply", "onerror=\"", "<img"] {
                assert!(!out.contains(bad), "{html} -> {out}");
            }
        }
    }

    #[test]
    fn a_link_that_lies_shows_where_it_leads() {
        let html = "<b>x</b> <a href=\"https://evil.test/a\">https://bank.test</a>";
        let out = fresh("x", html, "x https://bank.test").expect("says more");
        assert!(out.contains("(https://evil.test/a)"), "{out}");
    }

    #[test]
    fn quotes_are_folded_by_their_marks() {
        for (name, quote) in [
            (
                "gmail",
                "<div class='gmail_quote'><div class='gmail_attr'>On Mon, S &lt;<a href='mailto:s@x'>s@x</a>&gt; wrote:<br></div><blockquote class='gmail_quote'>old<br>text</blockquote></div>",
            ),
            (
                "thunderbird",
                "<div class='moz-cite-prefix'>Am 23.11. schrieb S:</div><blockquote type='cite'>old</blockquote>",
            ),
            (
                "outlook",
                "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>From:</b> S<br><b>Sent:</b> x<br><b>To:</b> c<br><b>Subject:</b> s</p></div><p>old text</p>",
            ),
            ("outlook.com", "<hr><div id='divRplyFwdMsg'><b>From:</b> S</div><div>old</div>"),
            ("yahoo", "<div class='yahoo_quoted'><div>On Monday S wrote:</div><div>old</div></div>"),
        ] {
            let html = format!("<div>It is <b>new</b>.</div>{quote}");
            let out = fresh("Re: x", &html, "It is new.\n\n… 3 lines quoted").unwrap_or_default();
            assert!(out.contains("<b>new</b>") && !out.contains("old") && out.contains("quoted"), "{name}: {out}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = "<div>".repeat(30_000) + "x";
        assert_eq!(to_text(&deep).trim(), "x");
        let many = "<b>".repeat(60_000) + "x";
        assert_eq!(to_text(&many).trim(), "x");
    }
}
