//! A day at the desk as an example: what one agent types, where, and what comes of it. It stands in `bot-commands.md`, and
//! a story types it.

/// Where a line of the example is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In the thread of the first ticket of the day.
    Thread,
    /// In the queue's room.
    Room,
    /// In the direct room with the bot.
    Direct,
}

/// One line that is typed.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where.
    pub place: Where,
    /// What is typed.
    pub typed: String,
    /// What the bot puts on it in the end; empty for what is no command.
    pub mark: &'static str,
    /// What comes of it, in a few words.
    pub comes: &'static str,
}

/// Place, what is typed behind the prefix (or, without a `!`, as it is), the mark, and what comes of it.
const DAY: &[(Where, &str, &str, &str)] = &[
    (Where::Room, "!queue", "✅", "what waits, and nobody has locked; each line leads to its thread"),
    (Where::Thread, "!lock", "✅", "the ticket is yours, and its card says so; 🔒 on the card does the same"),
    (
        Where::Thread,
        "Is that one of the routers of May?",
        "",
        "a note: your colleagues read it, the customer never does",
    ),
    (Where::Thread, "!tag +router", "✅", "so that it can be found again"),
    (
        Where::Thread,
        "!answer --until 2d We send you a new one today.",
        "✉️",
        "mails the customer; you are called in two days",
    ),
    (Where::Thread, "!answer The parcel is on its way, it", "⏳", "sent too early? Within ten seconds …"),
    (Where::Thread, "!undo", "✅", "… it was never sent, and ❌ stands on it; editing it would have changed it"),
    (
        Where::Room,
        "!new dave@customer.test --subject \"Your order\" It is ready.",
        "✉️",
        "a ticket that begins with your mail",
    ),
    (Where::Room, "!search router", "✅", "finds tickets by what was written in them"),
    (Where::Thread, "!answer --state closed Glad that it works!", "✉️", "mails the customer, closes, unlocks"),
    (Where::Thread, "!reopen", "✅", "it was too early: open again, and yours"),
    (Where::Thread, "!close Her neighbour has the parcel.", "✅", "a note for your colleagues; nobody is mailed"),
    (Where::Direct, "!mine", "✅", "what you still have locked, of all queues"),
    (Where::Direct, "!away 2d", "✅", "a ticket of yours whose customer writes meanwhile is unlocked for the others"),
    (Where::Direct, "!back", "✅", "you are there again"),
];

/// The example, with another prefix than `!` if the desk has one.
#[must_use]
pub fn day(prefix: &str) -> Vec<Line> {
    let line = |&(place, typed, mark, comes): &(Where, &str, &'static str, &'static str)| {
        let typed = typed.strip_prefix('!').map_or_else(|| typed.to_owned(), |rest| format!("{prefix}{rest}"));
        Line { place, typed, mark, comes }
    };
    DAY.iter().map(line).collect()
}
