//! The pictures in a mail's HTML: where each stood, the uploaded one stands, or words.

use super::defuse::escape;
use crate::domain::said::Picture;

/// The widest and the highest that a picture is shown, in pixels: a phone's width without what clients indent quotes by, and less
/// than a screen.
const MOST: (u32, u32) = (280, 480);

/// What a picture's place begins with in [`Fresh::html`](super::incoming::Fresh::html).
const MARK: &str = "<img ";

/// Puts uploaded pictures in their places, none larger than fits a phone: `uploaded` tells for a file's content id what
/// was uploaded. Where there is none, the words for the picture are shown, so that no `cid:` is left.
#[must_use]
pub fn place_images(html: &str, uploaded: impl Fn(&str) -> Option<Picture>) -> String {
    let mut placed = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag_on)) = rest.split_once(MARK) {
        placed.push_str(before);
        let Some((tag, after)) = split_tag(tag_on) else { return placed };
        rest = after;
        let (src, words) = (attribute(tag, "src"), unescape(attribute(tag, "alt").unwrap_or_default()));
        let picture = src.and_then(|src| uploaded(&unescape(src.strip_prefix("cid:")?)));
        match picture.filter(|picture| is_sound(&picture.url)) {
            Some(Picture { url, size }) => {
                let (words, size) = (escape(&words), size.map(shown).unwrap_or_default());
                placed.extend(["<img src=\"", &url, "\" alt=\"", &words, "\" title=\"", &words, "\"", &size, ">"]);
            }
            None if words.trim().is_empty() => placed.push_str("[image]"),
            None => placed.extend(["[image: ", &escape(&words), "]"]),
        }
    }
    placed.push_str(rest);
    placed
}

/// The attributes of a size as it is shown. Without them clients show up to 800 pixels (Element), and a column of 320
/// shows a third of that; with a width alone they stretch what is smaller.
fn shown((width, height): (u32, u32)) -> String {
    let factor = [MOST.0.saturating_mul(1_000) / width.max(1), MOST.1.saturating_mul(1_000) / height.max(1), 1_000];
    let factor = u64::from(factor.into_iter().min().unwrap_or(1_000));
    let scaled = |pixels: u32| (u64::from(pixels) * factor / 1_000).max(1);
    format!(" width=\"{}\" height=\"{}\"", scaled(width), scaled(height))
}

/// Whether an address is one of an upload, and can stand in HTML as it is.
fn is_sound(address: &str) -> bool {
    let rest = address.strip_prefix("mxc://").unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.:[]~=".contains(&byte))
}

/// Splits behind a tag's `>`, which may stand in an attribute as well.
fn split_tag(from: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = from.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    })?;
    Some((&from[..end], &from[end + 1..]))
}

fn attribute<'a>(tag: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((name, value_on)) = rest.split_once("=\"") {
        let (value, after) = value_on.split_once('"')?;
        if name.trim() == wanted {
            return Some(value);
        }
        rest = after;
    }
    None
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", "\u{a0}");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(html: &str) -> String {
        place_images(html, |id| (id == "a@x").then(|| picture("mxc://desk.test/abc")))
    }

    fn picture(url: &str) -> Picture {
        Picture { url: url.to_owned(), size: None }
    }

    #[test]
    fn a_picture_fits_a_phone_and_is_never_stretched() {
        let table = [
            ((900, 520), (279, 161)),
            ((300, 4_000), (36, 480)),
            ((16, 16), (16, 16)),
            ((1, 100_000), (1, 400)),
            ((0, 0), (1, 1)),
        ];
        for (size, (width, height)) in table {
            let html = place_images("<img src=\"cid:a\" alt=\"w\">", |_| {
                Some(Picture { size: Some(size), ..picture("mxc://desk.test/a") })
            });
            assert!(html.ends_with(&format!("title=\"w\" width=\"{width}\" height=\"{height}\">")), "{size:?}: {html}");
        }
    }

    #[test]
    fn an_uploaded_picture_stands_where_it_stood() {
        let html = "<p>x <img src=\"cid:a@x\" alt=\"a &quot;cat&quot; > dog\"> y</p>";
        let words = "a &quot;cat&quot; &gt; dog";
        let expected = format!("<p>x <img src=\"mxc://desk.test/abc\" alt=\"{words}\" title=\"{words}\"> y</p>");
        assert_eq!(place(html), expected);
        assert_eq!(place("<img alt=\"w\" src=\"cid:a@x\">"), "<img src=\"mxc://desk.test/abc\" alt=\"w\" title=\"w\">");
    }

    #[test]
    fn where_nothing_was_uploaded_words_stand() {
        assert_eq!(place("x <img src=\"cid:b@x\" alt=\"<b>\"> y"), "x [image: &lt;b&gt;] y");
        assert_eq!(place("<img src=\"cid:b@x\" alt=\"\">"), "[image]");
        assert_eq!(place("<img src=\"https://evil.test/p.gif\" alt=\"p\">"), "[image: p]");
        assert_eq!(place("<p>x</p>"), "<p>x</p>");
        assert_eq!(place("x <img src=\"cid:a@x"), "x ");
    }

    #[test]
    fn only_an_upload_can_be_put_in() {
        for bad in ["https://evil.test/p.gif", "mxc://", "mxc://x/\"onerror=", "javascript:x"] {
            assert_eq!(place_images("<img src=\"cid:a\" alt=\"w\">", |_| Some(picture(bad))), "[image: w]");
        }
    }
}
