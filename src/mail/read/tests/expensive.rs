//! Mails in which a few short pieces are repeated without end: what costs more than its size does is
//! found by that, and hardly by anything else.

/// Where in a mail the pieces are repeated: what stands before and behind them.
pub const FRAMES: &[(&str, &str)] = &[
    ("\r\n", ""),
    ("Content-Type: text/html\r\n\r\n", ""),
    ("Content-Type: text/html\r\n\r\n<b>x</b>", "<p>end</p></b></td></table>"),
    ("Subject: Fwd: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", ""),
    ("Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", ""),
    ("Content-Type: text/plain; charset=x-unknown\r\n\r\n", "\u{fffd}"),
    ("Subject: ", "\r\n\r\nx"),
    ("From: ", "\r\n\r\nx"),
    ("To: a@x.test\r\nCc: ", "\r\n\r\nx"),
    ("References: ", "\r\nFrom: a@x.test\r\n\r\nx"),
    ("Authentication-Results: ", "\r\n\r\nx"),
    ("Received: by mx.test\r\nDate: ", "\r\n\r\nx"),
    ("Content-Type: ", "\r\n\r\nx"),
    ("Content-Type: text/plain; charset=\"", "\"\r\n\r\nx\u{fffd}"),
    ("Content-Disposition: attachment; filename=\"", "\"\r\n\r\nx"),
    ("Content-Disposition: attachment; filename=", "\r\n\r\nx"),
    ("", "\r\n\r\nx"),
    ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "\r\n--b--\r\n"),
    ("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n", ""),
    (
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\n",
        "",
    ),
    ("Content-Transfer-Encoding: base64\r\n\r\n", ""),
    ("Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n\r\n", ""),
    ("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n", ""),
    ("Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n", ""),
    (
        "From: MAILER-DAEMON@x.test\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\n",
        "",
    ),
    ("From: MAILER-DAEMON@x.test\r\nReturn-Path: <>\r\nSubject: Undelivered mail\r\n\r\n", ""),
    ("From: MAILER-DAEMON@x.test\r\nReturn-Path: <>\r\nSubject: failure\r\nContent-Type: text/html\r\n\r\n", ""),
    ("Content-Type: application/ms-tnef; name=", "\r\n\r\nx"),
];

/// What is repeated. `#` becomes a number that is another each time.
pub const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\r\n ",
    "\r\n\r\n",
    "x",
    "x ",
    "#",
    "\u{fffd}",
    "ü",
    "\u{2028}",
    "\u{a0}",
    "\0",
    "😀",
    // Headers.
    "Subject: x\r\n",
    "X-#: y\r\n",
    "Received: by a.test\r\n",
    "Authentication-Results: a; dkim=pass header.d=x\r\n",
    "=?",
    "?=",
    "=?u?B?",
    "=?utf-8?Q?",
    "=?utf-8?Q?a?= ",
    "=?x#?Q?=FF?= ",
    "=?utf-8?B?w7w?=",
    "?",
    "=?u?B?x ",
    "=?iso-2022-jp?B?GyRC?=",
    "=?utf-7?Q?+AOQ-?=",
    "(",
    ")",
    "\"",
    "\\",
    "<",
    ">",
    "a@b",
    "<#@b.test> ",
    "a@x.test, ",
    "a:b@x.test;",
    ";",
    ",",
    ":",
    "=",
    "*",
    "'",
    "; a=b",
    "; a#=b",
    "; name*#*=%41",
    "; name*#=x",
    "; filename*=utf-8''%FF",
    "; boundary=b",
    "%41",
    "utf-8''",
    "charset=\"x#\"",
    "(a",
    "dkim=pass ",
    "by ",
    "Mon, 1 Jan 2020 ",
    // Parts.
    "--b\r\n",
    "--b--\r\n",
    "--",
    "--c\r\n",
    "Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: message/rfc822; forwarded=no\r\n\r\n",
    "Content-Type: text/html\r\n\r\n",
    "--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n",
    "--b\r\nContent-Type: text/html\r\n\r\n<b>x\r\n",
    "--b\r\nContent-Type: x/y; name=\"=?u?B?x =?u?B?x\"\r\n\r\n",
    "=\r\n",
    "=C3",
    "=",
    "AAAA",
    "=41",
    "begin 644 a\n",
    "#0V%T\n",
    "M",
    "end\n",
    "`\n",
    "BEGIN:VEVENT\r\n",
    "SUMMARY:x\r\n",
    "END:VEVENT\r\n",
    // Texts.
    "> ",
    ">",
    "> x\n",
    "a\n",
    "On 1 May 2020 10:11, a <a@b.test> wrote:\n",
    "On 1 May\n",
    "<a@b.test>\n",
    "wrote:\n",
    "On ",
    " wrote:",
    "a@1:\n",
    "From: a\n",
    "To: b\n",
    "Sent: x\n",
    "-----Original Message-----\n",
    "---------- Forwarded message\n",
    "________\n",
    "-- \n",
    "AB> x\n",
    "AB>\n",
    "Sent from my iPhone\n",
    "2020-01-01 10:00 GMT a <a@b>:\n",
    "10:11",
    "* ",
    "_",
    "— ",
    "Am ",
    "schrieb ",
    "wrote",
    "From: ",
    "a écrit :\n",
    "Action: failed\r\n",
    "Status: 5.1.1\r\n",
    "Diagnostic-Code: smtp; 550 x\r\n",
    "550 5.1.1 ",
    "5.1.",
    "could not be delivered ",
    "Message-ID: <",
    // HTML.
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<b id=#>",
    "<i class=#>",
    "<p><b id=#></p>\n",
    "<a href=x>",
    "<a href=https://x.test/#>",
    "</a>",
    "bank.test ",
    "<font size=#>",
    "</font>",
    "<div>",
    "</div>",
    "<div id=#>",
    "<span>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>x",
    "</td>",
    "</tr>",
    "</table>",
    "<tbody>",
    "<caption>",
    "<ul>",
    "<ol>",
    "<li>",
    "</ul>",
    "<blockquote>",
    "<blockquote type=cite>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "<br>",
    "<hr>",
    "<img src=cid:x alt=y>",
    "<img ",
    "alt=x ",
    "a#=b ",
    "x=y ",
    "<h1>",
    "</h1>",
    "<h#>",
    "<dl>",
    "<dt>",
    "<dd>",
    "<svg>",
    "<math>",
    "<select>",
    "<option>",
    "<template>",
    "</template>",
    "<object>",
    "<style>",
    "</style>",
    "<script>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<noscript>",
    "<form>",
    "<button>",
    "<nobr>",
    "<a><table><a>",
    "<!--",
    "-->",
    "<!",
    "<!doctype x>",
    "<?",
    "</",
    "</x>",
    "<x>",
    "<x#>",
    "&",
    "&amp;",
    "&#0;",
    "&lt;",
    "&#x202e;",
    "&notit;",
    "<div style='display:none'>",
    "<div class=gmail_quote>",
    "<div class=gmail_signature>",
    "<div class=moz-cite-prefix>",
    "<div>On 1 May 2020 10:11, a &lt;a@b.test&gt; wrote:</div>",
    "<p>From: a<br>To: b<br>Subject: c</p>",
    "<div id=divRplyFwdMsg>",
    "<div style='border-top:solid'>",
    "<![CDATA[",
    "]]>",
    "<body>",
    "<html>",
    "<head>",
    "<frameset>",
    "<o:p>",
    "<em><p>",
    "</em>",
    "<b><p><i></b></p></i>",
];

/// How a mail is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The frame's number.
    pub frame: usize,
    /// The numbers of the pieces that stand once before the others.
    pub first: Vec<usize>,
    /// The numbers of the pieces that are repeated.
    pub again: Vec<usize>,
}

impl Recipe {
    /// The mail, of about that size.
    pub fn mail(&self, size: usize) -> Vec<u8> {
        let (before, behind) = FRAMES[self.frame % FRAMES.len()];
        let mut mail = String::with_capacity(size + 1000);
        mail.push_str(before);
        for number in &self.first {
            mail.push_str(&PIECES[number % PIECES.len()].replace('#', "0"));
        }
        let mut count = 0;
        while mail.len() < size && !self.again.is_empty() {
            count += 1;
            for number in &self.again {
                let piece = PIECES[number % PIECES.len()];
                if piece.contains('#') {
                    mail.push_str(&piece.replace('#', &count.to_string()));
                } else {
                    mail.push_str(piece);
                }
            }
        }
        mail.push_str(behind);
        // A character that is no UTF-8 stands for itself.
        let mut bytes = Vec::with_capacity(mail.len());
        let mut rest = mail.as_str();
        while let Some((head, tail)) = rest.split_once('\u{fffd}') {
            bytes.extend(head.as_bytes());
            bytes.push(0xff);
            rest = tail;
        }
        bytes.extend(rest.as_bytes());
        bytes
    }

    /// The recipe in words, to find it again.
    pub fn words(&self) -> String {
        let pieces = |numbers: &[usize]| numbers.iter().map(|number| PIECES[number % PIECES.len()]).collect::<Vec<_>>();
        format!("{:?} {:?} {:?}*", FRAMES[self.frame % FRAMES.len()], pieces(&self.first), pieces(&self.again))
    }
}
