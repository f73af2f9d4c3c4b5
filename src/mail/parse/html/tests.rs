use proptest::prelude::*;

use super::*;

fn new(subject: &str, html: &str, text: &str) -> Option<String> {
    fresh(subject, html, &Images::default(), text)
}

#[test]
fn text_keeps_paragraphs_lists_links_and_quotes() {
    let html = "<style>p{}</style><p>Hello&nbsp;<b>you</b>,<br>there</p><ul><li>a<li>b</ul>\
        <a href='https://x.test/y'>here</a> <a href='https://x.test/'>https://x.test/</a>\
        <blockquote>old<br>older</blockquote><pre>a\n  b</pre><table><tr><td>1<td>2</table>";
    assert_eq!(
        to_text(html, &Images::default()),
        "Hello you,\nthere\n\n- a\n- b\n\nhere <https://x.test/y> https://x.test/\n\n> old\n> older\n\na\n  b\n\n1 | 2"
    );
}

#[test]
fn html_that_says_no_more_than_text_is_left_out() {
    assert_eq!(new("x", "<div>Hello<br>you</div>", "Hello\nyou"), None);
    assert_eq!(new("x", "<p>Hello <b>you</b></p>", "Hello you").as_deref(), Some("<p>Hello <b>you</b></p>"));
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
        let out = new("x", html, "x y alice").unwrap_or_default();
        for bad in ["script", "evil", "onclick", "data:", "matrix", "style", "mx-reply", "onerror=\"", "<img"] {
            assert!(!out.contains(bad), "{html} -> {out}");
        }
    }
}

#[test]
fn a_link_that_lies_shows_where_it_leads() {
    let html = "<b>x</b> <a href=\"https://evil.test/a\">https://bank.test</a>";
    let out = new("x", html, "x https://bank.test").expect("says more");
    assert!(out.contains("(https://evil.test/a)"), "{out}");
}

/// What is shown of an answer with something below it, as text.
fn shown(subject: &str, below: &str) -> String {
    let html = format!("<div>It is the <b>left</b> one.</div>{below}");
    let out = new(subject, &html, "It is the left one.").expect("says more");
    to_text(&out, &Images::default()).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_shows_by_its_words_is_folded_as_in_a_text() {
    let header = "<b>From:</b> Desk &lt;s@x.test&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Carol<br><b>Subject:</b> x<br><br>Which door?";
    for (below, expected) in [
        ("<br><div>-- <br>Carol<br>1 Quay</div>".to_owned(), "… signature"),
        ("<div><br></div><div>-- </div><div>Carol</div><div>1 Quay</div>".to_owned(), "… signature"),
        ("<p>--&nbsp;</p><table><tr><td>Carol</td><td>1 Quay</td></tr></table>".to_owned(), "… signature"),
        ("<br><div>Sent from my Fairphone</div>".to_owned(), "… signature"),
        (
            "<br><div>Sent from my iPhone</div><div><br><blockquote type=cite>On 24 Nov 2026, at 10:00, Desk &lt;s@x.test&gt; wrote:<br><br>Which door?</blockquote></div>".to_owned(),
            "… signature … 2 lines quoted",
        ),
        (format!("<hr><div>{header}</div>"), "… 6 lines quoted"),
        (format!("<div><br></div><div>-----Oprindelig meddelelse-----<br>{header}</div>"), "… 6 lines quoted"),
        (
            "<br><span>S Desk &lt;s@x.test&gt;</span><br>24/11/2026 10:00<br><table><tr><td>To</td></tr><tr><td>carol@x.test</td></tr><tr><td>cc</td></tr><tr><td>Subject</td></tr><tr><td>x</td></tr></table><br>Which door?".to_owned(),
            "… 8 lines quoted",
        ),
        (
            "<p>*******************</p><p>This message is confidential and intended solely for the addressee.</p><p>If you have it in error, delete it.</p>".to_owned(),
            "… signature",
        ),
        (
            "<br><div>On Tue, 24 Nov 2026 10:14:43 +0100 Desk &lt;s@x.test&gt; wrote</div><br><div>Which door?</div>".to_owned(),
            "… 2 lines quoted",
        ),
        ("<pre>\n-- \nCarol\n1 Quay\n</pre>".to_owned(), "… signature"),
    ] {
        assert_eq!(shown("Re: x", &below), format!("It is the **left** one. {expected}").replace("**", ""), "{below}");
    }
}

#[test]
fn what_was_forwarded_or_written_stays_whatever_it_looks_like() {
    let header = "<div>From: Bob<br>Sent: Tuesday<br>To: Carol<br>Subject: x<br><br>It burns.<br>-- <br>Bob</div>";
    assert!(shown("Fwd: x", &format!("<hr>{header}")).ends_with("It burns. -- Bob"));
    let list = "<ul><li>* one</li><li>- two</li></ul><p>Is this e-mail confidential?</p>";
    assert!(shown("x", list).ends_with("Is this e-mail confidential?"));
    let only = "<div>-- <br><b>Carol</b><br>1 Quay</div>";
    assert!(new("x", only, "--\nCarol\n1 Quay").is_some_and(|html| html.contains("1 Quay")), "there is nothing else");
    let indented = "It is the <b>left</b> one.<blockquote>Look at the hinge.</blockquote>";
    let out = new("Re: x", indented, "It is the left one.\n\nLook at the hinge.").expect("says more");
    assert!(out.contains("hinge"), "the text shows it as well: {out}");
    let out = new("Re: x", indented, "It is the left one.\n\n… 1 line quoted").expect("says more");
    assert!(!out.contains("hinge"), "the text does not: {out}");
    let between = "<div>first</div><blockquote type=cite>On 24 Nov 2026, at 10:00, Desk &lt;s@x.test&gt; wrote:<br>Which?</blockquote><div>second</div><div>-- <br>Carol</div>";
    assert_eq!(shown("Re: x", between), "It is the left one. first … 2 lines quoted second … signature");
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
        (
            "apple",
            "<div><br><blockquote type='cite'><div>On 23 Nov 2026, at 10:11, S &lt;s@x.test&gt; wrote:</div><br><div>old</div></blockquote></div>",
        ),
        (
            "mail.ru",
            "<blockquote style='border-left:1px solid #0857A6'>Понедельник, 23 ноября 2026, 10:11 +03:00 от S &lt;s@x.test&gt;:<br><div>old</div></blockquote>",
        ),
        ("yandex", "<div>23.11.2026, 10:11, \"S\" &lt;s@x.test&gt;:</div><blockquote><div>old</div></blockquote>"),
        (
            "netease",
            "<pre>在 2026-11-23 10:11:12，\"S\" &lt;s@x.test&gt; 写道：</pre><blockquote id='isReplyContent'>old</blockquote>",
        ),
        (
            "samsung",
            "<div>-------- Original message --------</div><div>From: S</div><div>Date: 23/11/2026</div><div>To: c</div><div>old</div>",
        ),
        ("qq", "<div>------------------ 原始邮件 ------------------</div><div>发件人: S</div><div>old</div>"),
        ("gmx", "<div name='quote'><div><b>Gesendet:</b> Montag</div><div>old</div></div>"),
        ("spark", "<div name='messageReplySection'>On Monday S wrote:<blockquote type='cite'>old</blockquote></div>"),
        ("yahoo", "<div class='yahoo_quoted'><div>On Monday S wrote:</div><div>old</div></div>"),
    ] {
        let html = format!("<div>It is <b>new</b>.</div>{quote}");
        let out = new("Re: x", &html, "It is new.\n\n… 3 lines quoted").unwrap_or_default();
        assert!(out.contains("<b>new</b>") && !out.contains("old") && out.contains("quoted"), "{name}: {out}");
    }
}

#[test]
fn what_is_closed_wrongly_is_read_as_it_is_meant() {
    for (html, text) in [
        ("<p>a<p>b<ul><li>c<li>d</ul>", "a\n\nb\n\n- c\n- d"),
        ("<b><p>x</b>y</p>z", "xy\n\nz"),
        ("<div>a</span></div>b</p></td>c", "a\nbc"),
        ("<table>before<tr><td>1<td>2</table>after", "before\n\n1 | 2\n\nafter"),
        ("<table><tr><td><b>x</td></b><td>y</table>", "x | y"),
        ("<td>a<td>b", "ab"),
        ("<select><option>gone</select>x<svg><text>gone</text><p>y</p>", "x\n\ny"),
        ("<button>gone<table><tr><td>x</table>", ""),
        ("<title>gone</title><noscript><p>gone</noscript>x<plaintext>gone</plaintext>", "x"),
        ("a<br/>b</br>c<hr/>d", "a\nb\nc\n---\nd"),
        ("a &lt;b&gt; &amp; &#x41;&notit; <x y=\">\">c", "a <b> & A¬it; c"),
    ] {
        assert_eq!(to_text(html, &Images::default()), text, "{html}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = "<div>".repeat(30_000) + "x";
    assert_eq!(to_text(&deep, &Images::default()).trim(), "x");
    let many = "<b>".repeat(60_000) + "x";
    assert_eq!(to_text(&many, &Images::default()).trim(), "x");
}

#[test]
fn a_link_to_matrix_is_none_however_it_is_written() {
    for href in [
        "https://matr&#10;ix.to/#/@a:b",
        "https://matr%69x.to/#/@a:b",
        "https:\\\\MATRIX.TO\\#/@a:b",
        "https://ｍatrix.to/#/@a:b",
        "ma&#9;trix:u/a:b",
        "https://www.matrix.to./#/@a:b",
    ] {
        let html = new("x", &format!("<b>x</b><a href=\"{href}\">alice</a>"), "x alice");
        assert!(html.as_ref().is_some_and(|html| !html.contains("href")), "{href}: {html:?}");
    }
    let split = "<b>x</b><a href=\" mail&#10;to:carol@x.test\">Carol</a>";
    let html = new("x", split, "x Carol").expect("says more");
    assert!(html.contains("href=\"mailto:carol@x.test\""), "{html}");
}

#[test]
fn a_link_that_says_where_it_leads_says_it_once() {
    for (text, href, lies) in [
        ("https://bank.test/x", "https://bank.test/y", false),
        ("www.bank.test", "http://bank.test/", false),
        ("bank.test", "https://www.bank.test/login", false),
        ("bank.test", "https://evil.test", true),
        ("Log in at bank.test/login now", "https://evil.test", true),
        ("https://bank.test", "https://bank.test@evil.test/", true),
        ("https://bank.test", "https://bank.test:x@evil.test/", true),
        ("https://bank.test", "https://bank.test.evil.test/", true),
        ("carol@bank.test", "mailto:carol@evil.test", true),
        ("carol@bank.test", "mailto:carol@bank.test?subject=x", false),
        ("click here", "https://evil.test", false),
        ("v1.2", "https://x.test", false),
    ] {
        assert_eq!(safe::lies(text, href), lies, "{text} {href}");
    }
}

#[test]
fn pictures_of_the_mail_keep_their_place() {
    let mut images = Images::default();
    images.insert("a@x", "cat.png");
    let html = "<b>x</b> <img src='cid:a%40x' alt=''> <img src=\"CID:a@x\" alt='a \"cat\"'> <img src='cid:b@x' alt='dog'> \
                <img src='https://evil.test/p.gif' alt='bird'> <img src='https://evil.test/p.gif' width=1 height=1 alt='spy'>\
                <div style='display: none'>hidden</div><a href='cid:a@x'>y</a>";
    assert_eq!(to_text(html, &images), "x [image: cat.png] [image: a \"cat\"] [dog] [bird]\ny");
    let out = fresh("x", html, &images, "x y").expect("says more");
    assert_eq!(
        out,
        "<b>x</b> <img src=\"cid:a@x\" alt=\"cat.png\"> <img src=\"cid:a@x\" alt=\"a &quot;cat&quot;\"> [dog] [bird] y"
    );
}

#[test]
fn tables_can_be_read_on_a_phone() {
    let small = "<table><tr><th>A<th>B</tr><tr><td>1<td>2</table>";
    assert!(new("x", small, "A | B 1 | 2").expect("says more").contains("<td>1</td>"));
    let wide = "<table><tr><th>A<th>B<th>C<th>D</tr><tr><td>1<td>2<td><td>4</tr></table>";
    let out = new("x", wide, "A B C D 1 2 4").expect("says more");
    assert_eq!(out, "<ul><li><b>A:</b> 1<br><b>B:</b> 2<br><b>D:</b> 4</li></ul>");
    let nameless = "<b>x</b><table><tr><td>1<td>2<td>3<td>4</tr><tr><td>5<td>6<td>7<td>8</table>";
    assert!(new("x", nameless, "x 1 2 3 4 5 6 7 8").expect("says more").contains("<li>1 | 2 | 3 | 4</li>"));
    let layout = "<table><tr><td><table><tr><td><b>x</b></td><td></td></tr></table></td></tr></table>";
    let out = new("x", layout, "x").expect("says more");
    assert!(!out.contains("<t") && out.contains("<b>x</b>"), "{out}");
}

/// Fails unless every tag and attribute is one that Matrix shows, and nothing leads anywhere else. Written
/// without the product's own lists and parser.
fn assert_allowed(html: &str) {
    const TAGS: &str = "del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead \
                        tbody tr th td caption pre span img";
    let mut rest = html;
    while let Some((_, tag_on)) = rest.split_once('<') {
        let mut quoted = false;
        let end = tag_on.find(|c: char| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let end = end.unwrap_or_else(|| panic!("a tag without end: {html}"));
        let tag = tag_on[..end].trim_start_matches('/');
        rest = &tag_on[end + 1..];
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.split_whitespace().any(|known| known == name), "{name}: {html}");
        while !attributes.trim().is_empty() {
            let (key, value_on) = attributes.split_once("=\"").unwrap_or_else(|| panic!("{attributes}: {html}"));
            let (value, after) = value_on.split_once('"').unwrap_or_else(|| panic!("{attributes}: {html}"));
            attributes = after;
            let lower = value.to_ascii_lowercase();
            let is_allowed = match (name, key.trim()) {
                ("a", "href") => {
                    ["http:", "https:", "mailto:", "ftp:"].iter().any(|scheme| lower.starts_with(scheme))
                        && !lower.contains("matrix.to")
                }
                ("a", "rel") => value == "noopener noreferrer",
                ("img", "src") => value == "cid:a@x",
                ("img", "alt") | ("ol", "start") => true,
                _ => false,
            };
            assert!(is_allowed, "{name} {key}={value}: {html}");
        }
    }
    assert!(html.len() <= LONGEST_OUT);
    assert!(!html.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{html:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever comes, what goes out is Matrix' subset.
    #[test]
    fn what_goes_out_is_allowed(pieces in proptest::collection::vec(prop_oneof![
        Just("<b>"), Just("</b>"), Just("<p>"), Just("<div style='display:none'>"), Just("</div>"), Just("<table><tr><td>"), Just("<th>x"),
        Just("<td>y"), Just("</table>"), Just("<a href='javascript:alert(1)'>"), Just("<a href=\"https://x.test/\" onclick=x>"),
        Just("<a href='JaVa\tScript:x'>"), Just("<a href='https://matrix.to/#/@a:b'>"), Just("<a href='cid:a@x'>"), Just("</a>"),
        Just("<img src='cid:a@x' onerror=x>"), Just("<img src=https://evil.test/x.gif alt='\"><script>'>"), Just("<img src=data:x alt=y>"),
        Just("<svg><style><img src=x onerror=y>"), Just("<math><mtext><table><mglyph><style>"), Just("<!--"), Just("-->"), Just("<![CDATA["),
        Just("]]>"), Just("<noscript><p title=\"</noscript><img src=x onerror=y>\">"), Just("<blockquote type=cite>"), Just("</blockquote>"),
        Just("<div class=gmail_quote>"), Just("<script>"), Just("</script>"), Just("<style>"), Just("</style>"), Just("<textarea>"), Just("<xmp>"),
        Just("<plaintext>"), Just("<mx-reply>"), Just("<font color=red>"), Just("<span data-mx-color=red>"), Just("<ol start=3>"), Just("<li>"),
        Just("<form action=x><input>"), Just("<iframe src=x>"), Just("<base href=x>"), Just("<meta http-equiv=refresh>"), Just("&#0;"),
        Just("&lt;script&gt;"), Just("&#x202e;"), Just("\0"), Just("\""), Just("'"), Just("<"), Just(">"), Just("&"), Just("hello "), Just("😀"),
    ], 0..60)) {
        let mut images = Images::default();
        images.insert("a@x", "cat \"<b>\".png");
        let html = pieces.concat();
        let text = to_text(&html, &images);
        prop_assert!(!text.contains('\0'));
        // As long as the mail's own text, so that nothing is left out for being too different.
        if let Some(out) = fresh("x", &html, &images, &text) {
            assert_allowed(&out);
        }
    }

    #[test]
    fn any_html_can_be_read(html in "\\PC{0,400}") {
        let text = to_text(&html, &Images::default());
        if let Some(out) = fresh("Re: x", &html, &Images::default(), &text) {
            assert_allowed(&out);
        }
    }
}

#[test]
fn of_a_page_that_is_too_large_no_attribute_is_kept() {
    let mut page = String::from("<p>The lift<img");
    for number in 0..400_000 {
        page.extend([" a", &number.to_string(), "=b"]);
    }
    page.push_str("><p>is stuck.<style>p{}</style>");
    let mut text = String::new();
    let measured = allocation_counter::measure(|| text = to_text(&page, &Images::default()));
    assert_eq!(text.trim(), "The lift\nis stuck.");
    assert!(measured.bytes_max < page.len() as u64, "{} bytes for {}", measured.bytes_max, page.len());
}
