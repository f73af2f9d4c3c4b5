//! What the desk says to people, as blocks without any markup: who shows it decides how it looks.
//!
//! Foreign text is a string in here like any other; nothing in it can become markup, since only the renderer writes
//! markup. The one exception is [`SafeHtml`], which no text turns into.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{EventId, RoomId, UserId};

/// Blocks, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said(Vec<Block>);

/// One block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Lines that belong together.
    Paragraph(Vec<Line>),
    /// Points, a line each.
    List(Vec<Line>),
    /// What stands behind a quote bar.
    Quote(Said),
    /// What is folded away behind a line: clients that can't fold show all of it.
    Folded(Line, Said),
    /// A mail's own words.
    Mail(MailBody),
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(Vec<Span>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Plain words.
    Text(String),
    /// What catches the eye.
    Strong(String),
    /// What is said beside the matter.
    Emphasis(String),
    /// What can be typed as it stands.
    Code(String),
    /// An agent. It is a way to name them, and calls nobody: that is said beside the words.
    User(UserId),
    /// Words that lead somewhere.
    Link {
        /// The words.
        label: String,
        /// Where to.
        to: Target,
    },
    /// That somebody's words follow, and whose. Clients that show the name by themselves (MSC4144) leave it out.
    Speaker(String),
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A room.
    Room(RoomId),
    /// An event, such as a ticket's card: clients open the thread below it.
    Event(RoomId, EventId),
}

/// A mail's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBody {
    /// As text.
    pub text: String,
    /// As HTML, if that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<SafeHtml>,
    /// The pictures that the HTML shows in place, by their Content-ID.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pictures: BTreeMap<String, Picture>,
}

/// A picture that stands in a mail's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Where the homeserver keeps it.
    pub url: String,
    /// Its width and height in pixels, if its bytes say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
}

/// HTML that was cut down to the subset that Matrix allows when its mail was read. Opaque, so that no text becomes one
/// by mistake: the mail's reader makes it, and the record gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Takes a mail reader's word for it.
    #[must_use]
    pub fn sanitized(html: String) -> Self {
        Self(html)
    }

    /// As it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has any picture of its mail in it.
    #[must_use]
    pub fn shows_pictures(&self) -> bool {
        self.0.contains("src=\"cid:")
    }

    /// Whether it has the picture with that Content-ID in it.
    #[must_use]
    pub fn shows(&self, content_id: &str) -> bool {
        self.0.contains(&format!("src=\"cid:{content_id}\""))
    }
}

impl Said {
    /// Words as they are, line by line.
    #[must_use]
    pub fn plain(text: impl AsRef<str>) -> Self {
        let lines = text.as_ref().split('\n').map(Line::from).collect();
        Self(vec![Block::Paragraph(lines)])
    }

    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// The words alone, such as for a sentence inside of another one.
    #[must_use]
    pub fn words(&self) -> String {
        let words = |block: &Block| match block {
            Block::Paragraph(lines) | Block::List(lines) => {
                lines.iter().map(Line::words).collect::<Vec<_>>().join("\n")
            }
            Block::Quote(said) => said.words(),
            Block::Folded(line, said) => format!("{}\n{}", line.words(), said.words()),
            Block::Mail(body) => body.text.clone(),
        };
        self.0.iter().map(words).collect::<Vec<_>>().join("\n")
    }

    /// The same, and a line: of the paragraph that it ends with, or of a new one.
    #[must_use]
    pub fn line(mut self, line: impl Into<Line>) -> Self {
        match self.0.last_mut() {
            Some(Block::Paragraph(lines)) => lines.push(line.into()),
            _ => self.0.push(Block::Paragraph(vec![line.into()])),
        }
        self
    }

    /// The same, and a paragraph that begins with this line.
    #[must_use]
    pub fn paragraph(mut self, line: impl Into<Line>) -> Self {
        self.0.push(Block::Paragraph(vec![line.into()]));
        self
    }

    /// The same, and a list.
    #[must_use]
    pub fn list(mut self, points: impl IntoIterator<Item = Line>) -> Self {
        self.0.push(Block::List(points.into_iter().collect()));
        self
    }

    /// The same, and a quote.
    #[must_use]
    pub fn quote(mut self, quoted: Self) -> Self {
        self.0.push(Block::Quote(quoted));
        self
    }

    /// The same, and what is folded away behind a line.
    #[must_use]
    pub fn folded(mut self, line: impl Into<Line>, folded: Self) -> Self {
        self.0.push(Block::Folded(line.into(), folded));
        self
    }

    /// The same, and a mail's words.
    #[must_use]
    pub fn mail(mut self, body: MailBody) -> Self {
        self.0.push(Block::Mail(body));
        self
    }

    /// Every mail's words in it, to put pictures into their places.
    pub fn mails_mut(&mut self) -> Vec<&mut MailBody> {
        let mut mails = Vec::new();
        for block in &mut self.0 {
            match block {
                Block::Mail(body) => mails.push(body),
                Block::Quote(said) | Block::Folded(_, said) => mails.extend(said.mails_mut()),
                Block::Paragraph(_) | Block::List(_) => {}
            }
        }
        mails
    }
}

impl Line {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Its pieces.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The same, and plain words.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.and(Span::Text(text.into()))
    }

    /// The same, and what catches the eye.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.and(Span::Strong(text.into()))
    }

    /// The same, and what is said beside the matter.
    #[must_use]
    pub fn emphasis(self, text: impl Into<String>) -> Self {
        self.and(Span::Emphasis(text.into()))
    }

    /// The same, and what can be typed.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.and(Span::Code(text.into()))
    }

    /// The same, and an agent.
    #[must_use]
    pub fn user(self, user: &UserId) -> Self {
        self.and(Span::User(user.clone()))
    }

    /// The same, and words that lead somewhere, if there is somewhere.
    #[must_use]
    pub fn link(self, label: impl Into<String>, to: Option<Target>) -> Self {
        let label = label.into();
        self.and(match to {
            Some(to) => Span::Link { label, to },
            None => Span::Text(label),
        })
    }

    /// The same, and whose words follow.
    #[must_use]
    pub fn speaker(self, name: impl Into<String>) -> Self {
        self.and(Span::Speaker(name.into()))
    }

    /// The same, and another line's pieces.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn words(&self) -> String {
        let words = |span: &Span| match span {
            Span::Text(words)
            | Span::Strong(words)
            | Span::Emphasis(words)
            | Span::Code(words)
            | Span::Speaker(words)
            | Span::Link { label: words, .. } => words.clone(),
            Span::User(user) => user.to_string(),
        };
        self.0.iter().map(words).collect()
    }

    fn and(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self(vec![Span::Text(text)])
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
