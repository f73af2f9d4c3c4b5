//! What the desk says ([`Said`]) as Matrix shows it: plain text, and the same as HTML of the subset that the
//! specification allows ("m.room.message msgtypes", v1.16). Pure. Nobody else writes HTML for rooms.

use std::fmt::Write;

use matrix_sdk::ruma;

use super::defuse::{defuse, escape};
use super::pictures::place_images;
use crate::domain::id::UserId;
use crate::domain::said::{Block, Line, MailBody, Said, Span, Target};

/// How wide a tab is.
const TAB: usize = 4;
/// The deepest indentation that is kept: a phone shows no more.
const MOST_INDENT: usize = 40;

/// The two forms of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// For clients that show no HTML, and for searching.
    pub text: String,
    /// Safe HTML.
    pub html: String,
}

/// Renders what is said. `via` is a server that is in all rooms that are linked to: ids of rooms of version 12 name none.
#[must_use]
pub fn render(said: &Said, via: &str) -> Rendered {
    let mut rendered = Rendered::default();
    let blocks = said.blocks();
    for (position, block) in blocks.iter().enumerate() {
        let before = position.checked_sub(1).map(|before| &blocks[before]);
        let after = blocks.get(position + 1);
        rendered.text.push_str(before.map_or("", |before| gap(before, block)));
        add(&mut rendered, before, block, after, via);
    }
    rendered
}

/// What stands between two blocks of text.
fn gap(before: &Block, block: &Block) -> &'static str {
    match (before, block) {
        (Block::Paragraph(_), Block::List(_) | Block::Mail(_) | Block::Folded(..))
        | (Block::List(_), Block::Paragraph(_) | Block::List(_)) => "\n",
        _ => "\n\n",
    }
}

fn add(rendered: &mut Rendered, before: Option<&Block>, block: &Block, after: Option<&Block>, via: &str) {
    match block {
        Block::Paragraph(lines) => {
            rendered.text.push_str(&lines.iter().map(|line| text_of(line, "", via)).collect::<Vec<_>>().join("\n"));
            let html = lines.iter().map(|line| html_of(line, via)).collect::<Vec<_>>().join("<br>");
            // Some clients run paragraphs together, so they are only used where lines would not do.
            let is_apart = match (before, after) {
                (_, Some(Block::Paragraph(_))) => true,
                (_, Some(Block::Mail(_))) => false,
                (before, _) => matches!(before, Some(Block::Paragraph(_) | Block::Mail(_))),
            };
            if !is_apart && matches!(before, Some(Block::Mail(_))) {
                rendered.html.push_str("<br><br>");
            }
            let _ = match after {
                _ if is_apart => write!(rendered.html, "<p>{html}</p>"),
                Some(Block::Mail(_)) => write!(rendered.html, "{html}<br>"),
                _ => write!(rendered.html, "{html}"),
            };
        }
        Block::List(points) => {
            rendered
                .text
                .push_str(&points.iter().map(|point| text_of(point, "  ", via)).collect::<Vec<_>>().join("\n"));
            let points = points.iter().map(|point| format!("<li>{}</li>", html_of(point, via)));
            let _ = write!(rendered.html, "<ul>{}</ul>", points.collect::<String>());
        }
        Block::Quote(said) => {
            let quoted = render(said, via);
            rendered.text.push_str(&quoted.text);
            let _ = write!(rendered.html, "<blockquote>{}</blockquote>", quoted.html);
        }
        Block::Folded(line, said) => {
            let folded = render(said, via);
            let gap = if folded.text.is_empty() { "" } else { "\n" };
            rendered.text.extend([&text_of(line, "", via), gap, &folded.text]);
            // The break is for clients that know no folding, and would run the two together.
            let summary = html_of(line, via);
            let _ = write!(rendered.html, "<details><summary>{summary}<br></summary>{}</details>", folded.html);
        }
        Block::Mail(body) => {
            rendered.text.push_str(&defuse(&body.text));
            if matches!(before, Some(Block::Mail(_))) {
                rendered.html.push_str("<br><br>");
            }
            rendered.html.push_str(&mail_html(body));
        }
    }
}

fn mail_html(body: &MailBody) -> String {
    match &body.html {
        Some(html) => place_images(&defuse(html.as_str()), |id| body.pictures.get(id).cloned()),
        None => body.text.split('\n').map(|line| to_html(&indented(line))).collect::<Vec<_>>().join("<br>"),
    }
}

/// A line of a mail's text with its indentation, which HTML would drop: code and lists are read by it.
fn indented(line: &str) -> String {
    let words = line.trim_start_matches([' ', '\t']);
    let blanks = line[..line.len() - words.len()].chars();
    let width = blanks.fold(0, |width, blank| if blank == '\t' { (width / TAB + 1) * TAB } else { width + 1 });
    format!("{}{words}", "\u{a0}".repeat(width.min(MOST_INDENT)))
}

/// A line and, below it, where its links lead.
fn text_of(line: &Line, indent: &str, via: &str) -> String {
    let mut text = String::new();
    let mut addresses = String::new();
    for span in line.spans() {
        match span {
            Span::Text(words)
            | Span::Strong(words)
            | Span::Emphasis(words)
            | Span::Code(words)
            | Span::Speaker(words) => text.push_str(&defuse(words)),
            Span::User(user) => text.push_str(user.as_str()),
            Span::Link { label, to } => {
                text.push_str(&defuse(label));
                addresses.extend(address(to, via).map(|address| format!("\n{indent}{address}")));
            }
        }
    }
    text.push_str(&addresses);
    text
}

fn html_of(line: &Line, via: &str) -> String {
    line.spans().iter().map(|span| span_html(span, via)).collect()
}

fn span_html(span: &Span, via: &str) -> String {
    match span {
        Span::Text(words) => to_html(words),
        Span::Strong(words) => format!("<strong>{}</strong>", to_html(words)),
        Span::Emphasis(words) => format!("<em>{}</em>", to_html(words)),
        Span::Code(words) => format!("<code>{}</code>", to_html(words)),
        Span::User(user) => linked(profile(user).as_deref(), user.localpart()),
        Span::Link { label, to } => linked(address(to, via).as_deref(), label),
        Span::Speaker(words) => format!("<strong data-mx-profile-fallback>{}</strong>", to_html(words)),
    }
}

fn linked(address: Option<&str>, label: &str) -> String {
    match address {
        Some(address) => format!("<a href=\"{}\">{}</a>", escape(address), to_html(label)),
        None => to_html(label),
    }
}

/// `None` for an id that the SDK does not take for one: then there is no link.
fn profile(user: &UserId) -> Option<String> {
    Some(ruma::UserId::parse(user.as_str()).ok()?.matrix_to_uri().to_string())
}

fn address(to: &Target, via: &str) -> Option<String> {
    let via = ruma::ServerName::parse(via).ok();
    let (Target::Room(room) | Target::Event(room, _)) = to;
    let room = ruma::RoomId::parse(room.as_str()).ok()?;
    Some(match to {
        Target::Room(_) => room.matrix_to_uri_via(via).to_string(),
        Target::Event(_, event) => {
            room.matrix_to_event_uri_via(ruma::EventId::parse(event.as_str()).ok()?, via).to_string()
        }
    })
}

/// Text as HTML: escaped, lines kept, and calling nobody.
fn to_html(text: &str) -> String {
    escape(&defuse(text)).replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::{EventId, RoomId};
    use crate::domain::said::{Picture, SafeHtml};

    const VIA: &str = "desk.test";
    /// All that the renderer may write besides links.
    const TAGS: [&str; 21] = [
        "<p>",
        "</p>",
        "<br>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<blockquote>",
        "</blockquote>",
        "<strong>",
        "<strong data-mx-profile-fallback>",
        "</strong>",
        "<em>",
        "</em>",
        "<code>",
        "</code>",
        "</a>",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    ];

    fn room() -> RoomId {
        RoomId::parse("!room").expect("a room")
    }

    fn card() -> Target {
        Target::Event(room(), EventId::parse("$card").expect("an event"))
    }

    fn alice() -> UserId {
        UserId::parse("@alice:desk.test").expect("a user")
    }

    fn both(said: &Said) -> (String, String) {
        let rendered = render(said, VIA);
        (rendered.text, rendered.html)
    }

    fn pair(text: &str, html: &str) -> (String, String) {
        (text.to_owned(), html.to_owned())
    }

    #[test]
    fn plain_words_keep_their_lines_and_are_no_markup() {
        assert_eq!(
            both(&Said::plain("a <b>\n\n\"c\" & d")),
            pair("a <b>\n\n\"c\" & d", "a &lt;b&gt;<br><br>&quot;c&quot; &amp; d")
        );
        assert_eq!(both(&Said::plain("hello @room")), pair("hello @\u{2060}room", "hello @\u{2060}room"));
    }

    #[test]
    fn a_list_says_below_each_point_where_it_leads() {
        let points = [Line::new().link("#1", Some(card())).text(" Printer"), Line::from("#2")];
        let said = Said::plain("Open: 2").list(points).line("… and 1 more");
        let link = "https://matrix.to/#/!room/$card?via=desk.test";
        let text = format!("Open: 2\n#1 Printer\n  {link}\n#2\n… and 1 more");
        let html = format!("Open: 2<ul><li><a href=\"{link}\">#1</a> Printer</li><li>#2</li></ul>… and 1 more");
        assert_eq!(both(&said), (text, html));
        let said = Said::nothing().line(Line::new().link("#1 is here", Some(card())));
        assert_eq!(both(&said), (format!("#1 is here\n{link}"), format!("<a href=\"{link}\">#1 is here</a>")));
        let room = Said::nothing().line(Line::new().link("Support", Some(Target::Room(room()))));
        assert!(both(&room).0.ends_with("https://matrix.to/#/!room?via=desk.test"));
    }

    #[test]
    fn an_agent_is_named_in_full_where_no_link_can_be_followed() {
        let said = Said::nothing().line(Line::from("Held by ").user(&alice()).text(": ").code("!owner @me"));
        let html = "Held by <a href=\"https://matrix.to/#/@alice:desk.test\">alice</a>: <code>!owner @me</code>";
        assert_eq!(both(&said), pair("Held by @alice:desk.test: !owner @me", html));
    }

    #[test]
    fn paragraphs_are_apart_and_a_speaker_s_words_are_not() {
        let speech = Line::new().speaker("📨 Carol wrote");
        let body = MailBody { text: "Hello.".to_owned(), ..MailBody::default() };
        let said = Said::plain("⚠ New").paragraph(speech).quote(Said::nothing().mail(body));
        let html = "<p>⚠ New</p><p><strong data-mx-profile-fallback>📨 Carol wrote</strong></p><blockquote>Hello.</blockquote>";
        assert_eq!(both(&said), pair("⚠ New\n\n📨 Carol wrote\n\nHello.", html));
        let said = Said::plain("a").paragraph("b").list([Line::from("c")]);
        assert_eq!(both(&said), pair("a\n\nb\nc", "<p>a</p><p>b</p><ul><li>c</li></ul>"));
        let said = Said::plain("a").quote(Said::plain("b\nc"));
        assert_eq!(both(&said), pair("a\n\nb\nc", "a<blockquote>b<br>c</blockquote>"));
    }

    #[test]
    fn a_mail_s_indentation_is_kept() {
        let mail = |text: &str| Said::nothing().mail(MailBody { text: text.to_owned(), ..MailBody::default() });
        let html = "if (a) {<br>\u{a0}\u{a0}b();<br>\u{a0}\u{a0}\u{a0}\u{a0}c();<br>}";
        assert_eq!(both(&mail("if (a) {\n  b();\n \tc();\n}")).1, html);
        assert_eq!(both(&mail("if (a) {\n  b();\n}")).0, "if (a) {\n  b();\n}", "where nothing drops it");
        assert_eq!(both(&mail(&" ".repeat(4_000))).1, "\u{a0}".repeat(MOST_INDENT));
    }

    #[test]
    fn what_is_folded_is_there_for_who_opens_it() {
        let said = Said::nothing().folded(Line::from("✅ Done"), Said::plain("All of it"));
        let html = "<details><summary>✅ Done<br></summary>All of it</details>";
        assert_eq!(both(&said), pair("✅ Done\nAll of it", html));
    }

    #[test]
    fn a_mail_s_pictures_stand_in_their_places() {
        let html = Some(SafeHtml::sanitized("<p>x <img src=\"cid:a\" alt=\"w\"> @room</p>".to_owned()));
        let picture = Picture { url: "mxc://desk.test/1".to_owned(), size: None };
        let pictures = [("a".to_owned(), picture)].into();
        let said = Said::nothing().mail(MailBody { text: "x [w]".to_owned(), html, pictures });
        let html = "<p>x <img src=\"mxc://desk.test/1\" alt=\"w\" title=\"w\"> @\u{2060}room</p>";
        assert_eq!(both(&said), pair("x [w]", html));
    }

    fn foreign() -> impl Strategy<Value = String> {
        let bits = prop_oneof![
            "\\PC{0,6}",
            Just("<b>x</b>".to_owned()),
            Just("&amp;".to_owned()),
            Just("\"><script>".to_owned()),
            Just("'".to_owned()),
            Just("\n".to_owned()),
            Just("@room".to_owned()),
            Just("https://matrix.to/#/@alice:desk.test".to_owned()),
            Just("</blockquote></li></ul>".to_owned()),
        ];
        proptest::collection::vec(bits, 0..4).prop_map(|bits| bits.concat())
    }

    fn line() -> impl Strategy<Value = Line> {
        let span = (foreign(), 0..7_u8);
        proptest::collection::vec(span, 0..4).prop_map(|spans| {
            spans.into_iter().fold(Line::new(), |line, (words, kind)| match kind {
                0 => line.text(words),
                1 => line.strong(words),
                2 => line.emphasis(words),
                3 => line.code(words),
                4 => line.user(&alice()),
                5 => line.link(words, Some(card())),
                // A speaker has a line, or a blank behind the colon.
                _ => line.speaker(words).text(" "),
            })
        })
    }

    fn said() -> impl Strategy<Value = Said> {
        let lines = || proptest::collection::vec(line(), 1..4);
        let block = (lines(), foreign(), 0..6_u8);
        proptest::collection::vec(block, 0..5).prop_map(|blocks| {
            blocks.into_iter().fold(Said::nothing(), |said, (lines, text, kind)| match kind {
                0 => lines.into_iter().fold(said, Said::line),
                1 => lines.into_iter().fold(said, Said::paragraph),
                2 => said.list(lines),
                3 => said.quote(lines.into_iter().fold(Said::nothing(), Said::line)),
                4 => said.folded(text, lines.into_iter().fold(Said::nothing(), Said::line)),
                _ => said.mail(MailBody { text, ..MailBody::default() }),
            })
        })
    }

    /// What somebody sees of HTML. Panics at a tag that the renderer has no business to write.
    fn seen(html: &str) -> String {
        let mut seen = String::new();
        let mut rest = html;
        while let Some((words, from_tag)) = rest.split_once('<') {
            seen.push_str(words);
            let (tag, after) = from_tag.split_once('>').expect("a tag that ends");
            let tag = format!("<{tag}>");
            let href = tag.strip_prefix("<a href=\"").and_then(|href| href.strip_suffix("\">"));
            match href {
                Some(href) => assert!(href.starts_with("https://matrix.to/#/") && !href.contains('"'), "{tag}"),
                None => assert!(TAGS.contains(&tag.as_str()), "{tag}"),
            }
            let is_inside_a_line = ["a", "strong", "em", "code"]
                .iter()
                .any(|name| tag.trim_start_matches(['<', '/']).trim_end_matches('>').split(' ').next() == Some(name));
            seen.push_str(if is_inside_a_line { "" } else { "\n" });
            rest = after;
        }
        seen.push_str(rest);
        seen.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// Words without how they are spaced.
    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(ToOwned::to_owned).collect()
    }

    proptest! {
        #[test]
        fn foreign_text_is_never_markup_and_both_forms_say_the_same(said in said()) {
            let rendered = render(&said, VIA);
            let is_address = |line: &&str| line.trim().starts_with("https://matrix.to/#/");
            let text = rendered.text.lines().filter(|line| !is_address(line)).collect::<Vec<_>>().join("\n");
            // A mention is a whole id in the one and a link's name in the other.
            let short = |text: &str| text.replace("@alice:desk.test", "alice");
            prop_assert_eq!(words(&short(&text)), words(&short(&seen(&rendered.html))));
            prop_assert!(!rendered.text.contains("@room") && !rendered.html.contains("@room"));
            // Of what the homeserver and clients take for a mention, there is only what the desk put there.
            prop_assert!(!seen(&rendered.html).contains("matrix.to") && !text.contains("matrix.to"));
        }

        #[test]
        fn what_is_kept_is_what_was_said(said in said()) {
            let kept = serde_json::to_string(&said).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Said>(&kept).expect("what was kept"), said);
        }
    }
}
