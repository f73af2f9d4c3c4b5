//! Mails that are made to be expensive: each is read within two seconds of work and 256 MiB.

use std::time::Duration;

use super::assert_clean;
use crate::mail::read;

/// How much work a mail may be. Without optimisation it is several times as much.
const WORK: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
/// How many KiB more the process may need than before.
const MEMORY: u64 = 256 << 10;

/// How long this thread has been working, whatever else the machine does.
pub(super) fn work() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel's account");
    let nanoseconds = text.split_whitespace().next().expect("a number").parse().expect("a number");
    Duration::from_nanos(nanoseconds)
}

/// The most KiB that the process has had in memory.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("the kernel's account");
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

fn explode(bombs: Vec<(&str, String)>) {
    let before = memory();
    for (name, bomb) in bombs {
        let start = work();
        if let Ok(mail) = read(bomb.as_bytes()) {
            assert_clean(&mail);
        }
        let took = work().saturating_sub(start);
        println!("{name}: {took:?} for {} KiB", bomb.len() >> 10);
        assert!(took < WORK, "{name}: {took:?}");
    }
    let more = memory().saturating_sub(before);
    println!("{} MiB more than before", more >> 10);
    assert!(more < MEMORY, "{more} KiB more than before");
}

fn text(mut body: String) -> String {
    body.insert_str(0, "\r\n");
    body
}

fn html(mut body: String) -> String {
    body.insert_str(0, "Content-Type: text/html\r\n\r\n");
    body
}

/// A piece so many times, `#` in it another number each time.
fn numbered(count: usize, piece: &str) -> String {
    (0..count).map(|number| piece.replace('#', &number.to_string())).collect()
}

/// Parts between boundaries.
fn multipart(kind: &str, parts: &str) -> String {
    format!("Content-Type: multipart/{kind}; boundary=b\r\n\r\n{parts}--b--\r\n")
}

#[test]
fn trees_without_end() {
    let nested = |depth: usize| {
        let level = |level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        (0..depth).map(level).collect::<Vec<_>>().concat()
    };
    let boundary = "b".repeat(16_000);
    explode(vec![
        ("depth", nested(10_000)),
        ("depth, then much", nested(100) + "x\r\n".repeat(1_000_000).as_str()),
        ("parts", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(100_000))),
        ("messages", "Content-Type: message/rfc822\r\n\r\n".repeat(100_000)),
        ("a boundary", format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n\r\nx")),
        (
            "nearly the boundary",
            format!(
                "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n{}",
                format!("--{}c\r\n", &boundary[1..]).repeat(300)
            ),
        ),
        (
            "files of one name",
            format!(
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
                "--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n".repeat(5_000)
            ),
        ),
    ]);
}

#[test]
fn headers_without_end() {
    explode(vec![
        ("comments", format!("From: {}a@x.test{}\r\n\r\nx", "(".repeat(50_000), ")".repeat(50_000))),
        ("a comment in comments", format!("To: {}\r\n\r\nx", "(a".repeat(100_000))),
        ("addresses", format!("To: {}\r\n\r\nx", "a@x.test, ".repeat(500_000))),
        ("groups", format!("To: {}\r\n\r\nx", "a:b@x.test;".repeat(100_000))),
        ("quotes", format!("From: {}\r\n\r\nx", "\"\\".repeat(100_000))),
        ("a header", format!("X: {}\r\n\r\nx", "y\r\n ".repeat(2_500_000))),
        ("fields", "X: y\r\n".repeat(1_000_000) + "\r\nx"),
        ("a date", format!("Date: {}\r\n\r\nx", "(".repeat(100_000))),
        ("references", format!("References: {}\r\n\r\nx", "<a@b>".repeat(100_000))),
        (
            "different references",
            format!("References: {}\r\n\r\nx", (0..90_000).map(|n| format!("<{n}@b>")).collect::<Vec<_>>().concat()),
        ),
        ("words", format!("Subject: {}\r\n\r\nx", "=?utf-8?Q?a?= ".repeat(50_000))),
        ("half words", format!("Subject: {}\r\n\r\nx", "=?".repeat(30_000))),
        ("words without end, in every part", {
            let part = format!("--b\r\nContent-Type: x/y; name=\"{}\"\r\n\r\nx\r\n", "=?u?B?x ".repeat(8_000));
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(100))
        }),
        ("subjects of attached mails", {
            let part = format!(
                "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: {}\r\n\r\nx\r\n",
                "=?x?Q?=FF?= ".repeat(2_000)
            );
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(900))
        }),
        ("words without end", format!("Subject: {}\r\n\r\nx", "=?utf-8?Q?a".repeat(30_000))),
        ("parameters", format!("Content-Type: text/plain{}\r\n\r\nx", "; a=b".repeat(100_000))),
        (
            "a name in pieces",
            format!(
                "Content-Disposition: attachment{}\r\n\r\nx",
                (0..20_000).map(|n| format!("; filename*{n}*=%41")).collect::<Vec<_>>().concat()
            ),
        ),
    ]);
}

#[test]
fn texts_without_end() {
    explode(vec![
        ("quotes", text((0..5000).map(|n| ">".repeat(n % 500) + "\n").collect())),
        ("quotes and answers", text("> a\nb\n".repeat(200_000))),
        ("attributions", text("On 1 May wrote:\n".repeat(50_000))),
        ("nearly attributions", text("a@1:\n".repeat(500_000))),
        ("attributions of many lines", text("On 1 May 10:11 <a@b\n".repeat(100_000))),
        ("headers below", text("From: a\nTo: b\nx\n".repeat(50_000))),
        ("initials", text("AB> x\n".repeat(300_000))),
        ("rules", text("________\n".repeat(300_000))),
        ("signatures", text("-- \n".repeat(500_000))),
        ("phones", text("Sent from my iPhone\n".repeat(100_000))),
        ("footers", text("> a\nthis message is confidential, if you\n\n*****\n".repeat(40_000))),
        ("a footer", text("this message is confidential, if you\n".repeat(50_000))),
        ("Notes", text("To\na@b 1.1.2026 10:00\n".repeat(100_000))),
        ("wrapped", text(format!("> {}\nb\n", "a ".repeat(38)).repeat(20_000))),
        ("nearly without a colon", text("On 1.1.2026 10:00 <a@b>\n".repeat(80_000))),
        ("blanks", text("\n".repeat(2_000_000) + "On 1 May 2020, a <a@b.test> wrote:\nx")),
        (
            "soft breaks that are none",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".to_owned() + "=".repeat(5_000_000).as_str(),
        ),
        ("one line", text("x".repeat(10_000_000))),
        ("files in it", text("begin 644 a\n#0V%T\n".repeat(300_000))),
        (
            "a file of lost blanks",
            format!("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n{}", "M\r\n".repeat(5_000_000)),
        ),
        ("files of lost blanks", text(format!("begin 644 a\n{}`\nend\n", "M\n".repeat(100_000)).repeat(50))),
        ("whole files in it", text("begin 644 a\n#0V%T\n`\nend\n".repeat(100_000))),
        ("a flowed line", format!("Content-Type: text/plain; format=flowed\r\n\r\n{}", "x \r\n".repeat(1_000_000))),
        ("a calendar", format!("Content-Type: text/calendar\r\n\r\n{}", "BEGIN:VEVENT\r\n".repeat(500_000))),
        (
            "a report",
            format!(
                "From: MAILER-DAEMON@x.test\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
                 Content-Type: message/delivery-status\r\n\r\n{}",
                "Action: delayed\r\nStatus: 4.1.1\r\n\r\n".repeat(200_000)
            ),
        ),
    ]);
}

#[test]
fn pages_without_end() {
    explode(vec![
        ("tags", html("<div><b><a href=x>".repeat(100_000))),
        ("tables", html("<table><tr><td>".repeat(100_000))),
        ("tables in tables", html("<table><tr><td>x<td>".repeat(200) + "<tr><td>y<td>z".repeat(5_000).as_str())),
        (
            "columns",
            html("<table><tr>".to_owned() + "<th>x".repeat(10_000).as_str() + "<tr>" + "<td>y".repeat(10_000).as_str()),
        ),
        ("quotes", html("<blockquote type=cite>x</blockquote>y".repeat(15_000))),
        ("entities", html("&#0;&lt;".repeat(100_000))),
        ("attributes", html("<b ".to_owned() + "x=y ".repeat(200_000).as_str() + ">z</b>")),
        ("formats that nobody closes", html("<p><b id=i></p>\n".repeat(4_000))),
        ("other formats that nobody closes", html(numbered(9_000, "<font size=#><i id=i#><p>x\n"))),
        ("formats closed elsewhere", html("<b id=1><table><tr><td></b></table>x<div></x>".repeat(5_000))),
        ("attributes of other names", html("<b ".to_owned() + numbered(200_000, "a# ").as_str() + ">z</b>")),
        ("misnested", html("<b><p><i></b></p></i>".repeat(12_000))),
        ("attributions", html("<p>On 1 May 2020 10:11, a &lt;a@b.test&gt; wrote:</p>".repeat(10_000))),
        ("signatures", html("<p>x</p><div>-- <br>y</div><blockquote>z</blockquote>".repeat(8_000))),
        ("preformatted", html("<pre>".to_owned() + "-- \nx\n".repeat(60_000).as_str() + "</pre>")),
        ("pictures", html("<img src=cid:x alt=y>".repeat(30_000))),
        ("a link", html("<a href=https://x.test>".to_owned() + "bank.test ".repeat(90_000).as_str() + "</a>")),
        ("comments", html("<!--".repeat(200_000))),
        ("brackets", html("<".repeat(900_000))),
    ]);
}

#[test]
fn what_is_put_right_without_end() {
    let blanks = " ".repeat(60_000);
    let words = "x".repeat(30_000);
    let fields = numbered(1_000, "X-#: y\r\n");
    explode(vec![
        (
            "blanks around a slash, in every part",
            multipart(
                "mixed",
                &format!("--b\r\nContent-Type: text/{blanks}plain\r\nContent-Disposition: a{blanks}/ b\r\n\r\nx\r\n")
                    .repeat(8),
            ),
        ),
        ("fields that lost their indentation", format!("{fields}{}\r\nx", "a\r\nTo: b\r\n".repeat(1_000_000))),
        ("lines that lost their indentation", format!("{}\r\nx", ("a\n".repeat(20) + "X-Y: z\n").repeat(400_000))),
        (
            "parameters that lost their indentation",
            format!("Content-Type: x/y\r\n{}\r\nx", "a=b\r\n".repeat(2_000_000)),
        ),
        ("blank lines folded", format!("Subject: x\r\n{}\r\nx", " \r\n".repeat(1_000_000))),
        ("colons behind an address", format!("To: {words}@{}; a@x.test\r\n\r\nx", ":".repeat(30_000))),
        ("brackets behind one that is none", format!("To: <{words}>{} a@x.test\r\n\r\nx", "<a>".repeat(10_000))),
        ("domains in brackets", format!("To: {}\r\n\r\nx", "a@[".repeat(20_000))),
        ("quotes and comments", format!("To: {}\r\n\r\nx", "\"(<\\".repeat(16_000))),
        ("quotes in a name", format!("Content-Disposition: x; filename=\"{}\r\n\r\nx", "\" a".repeat(20_000))),
        ("words of a name", format!("Content-Disposition: x; filename={}\r\n\r\nx", "a ".repeat(30_000))),
        (
            "a footer",
            format!("Content-Transfer-Encoding: base64\r\n\r\nR3LDvG4=\r\n{}", "a footer, long\r\n".repeat(1_400_000)),
        ),
        ("lines cut in characters", text("\u{fc}\r\n ".repeat(1_000_000))),
        (
            "forms that are stubs",
            multipart(
                "mixed",
                &format!(
                    "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nNews\r\n--c\r\n\
                     Content-Type: text/html\r\n\r\n<p>{}\r\n--c--\r\n",
                    "On 1 May 2020 10:11, a wrote:<br>".repeat(400)
                )
                .repeat(300),
            ),
        ),
        (
            "many forms of one text",
            multipart(
                "alternative",
                &format!("--b\r\nContent-Type: text/html\r\n\r\n{}\r\n", "<p>x".repeat(6_000)).repeat(900),
            ),
        ),
    ]);
}

#[test]
fn containers_without_end() {
    let files = format!("--b\r\nContent-Type: x/y\r\n\r\n{}\r\n", "x".repeat(15 << 20));
    let part = super::kinds::compressed(multipart("mixed", &files).as_bytes());
    let deep = (0..20).fold(b"Content-Type: text/plain\r\n\r\nx".to_vec(), |inside, _| {
        let container = super::kinds::compressed(&inside);
        [
            &b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"[..],
            data_encoding::BASE64_MIME.encode(&container).as_bytes(),
        ]
        .concat()
    });
    let attached = format!(
        "--b\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        data_encoding::BASE64_MIME.encode(&part)
    );
    explode(vec![
        ("containers", multipart("mixed", &attached.repeat(50))),
        ("containers in containers", String::from_utf8(deep).expect("ASCII")),
    ]);
}
