//! Who may give which command where: one table.

use std::fmt::Write;

use ticketloom::chat::reference;

use super::rights::right_uses;
use super::world::{ALICE, BOB, Case, Eml, ROOT, STRANGER, Told, WALTER, World};

/// Who leads the queue: an admin of it alone.
const LENA: &str = "@lena:desk.test";

/// Who asks: an agent of the queue, who leads it, an admin of all, an agent of another queue alone, an observer, and somebody who is
/// none of these.
const WHO: [(&str, &str); 6] = [
    ("agent", ALICE),
    ("lead", LENA),
    ("admin", ROOT),
    ("elsewhere", BOB),
    ("observer", WALTER),
    ("stranger", STRANGER),
];

/// For each command three signs for each of them: in a ticket's thread, in its queue's room, in the direct room with the bot.
/// `+` they may (whether it can be done is another question), `a` only admins may, `p` it is not for that place, `-` they
/// may nothing there.
const TABLE: &str = "\
command      agent lead admin elsewhere observer stranger
lock         +pp   +pp  +pp   --p       ---      ---
unlock       +pp   +pp  +pp   --p       ---      ---
owner        +pp   +pp  +pp   --p       ---      ---
answer       +pp   +pp  +pp   --p       ---      ---
forward      +pp   +pp  +pp   --p       ---      ---
note         +pp   +pp  +pp   --p       ---      ---
close        +pp   +pp  +pp   --p       ---      ---
reopen       +pp   +pp  +pp   --p       ---      ---
state        +pp   +pp  +pp   --p       ---      ---
pending      +pp   +pp  +pp   --p       ---      ---
priority     +pp   +pp  +pp   --p       ---      ---
subject      +pp   +pp  +pp   --p       ---      ---
tag          +pp   +pp  +pp   --p       ---      ---
untag        +pp   +pp  +pp   --p       ---      ---
watch        +pp   +pp  +pp   --p       ---      ---
unwatch      +pp   +pp  +pp   --p       ---      ---
move         +pp   +pp  +pp   --p       ---      ---
undo         +pp   +pp  +pp   --p       ---      ---
send         +pp   +pp  +pp   --p       ---      ---
history      +pp   +pp  +pp   --p       ---      ---
page         +pp   +pp  +pp   --p       ---      ---
customer     +pp   +pp  +pp   --p       ---      ---
cc           +pp   +pp  +pp   --p       ---      ---
merge        +pp   +pp  +pp   --p       ---      ---
unmerge      +pp   +pp  +pp   --p       ---      ---
split        +pp   +pp  +pp   --p       ---      ---
link         +pp   +pp  +pp   --p       ---      ---
unlink       +pp   +pp  +pp   --p       ---      ---
why          +pp   +pp  +pp   --p       ---      ---
raw          +pp   +pp  +pp   --p       ---      ---
spam         +pp   +pp  +pp   --p       ---      ---
accept       p+p   p+p  p+p   --p       ---      ---
attach       p+p   p+p  p+p   --p       ---      ---
drop         p+p   p+p  p+p   --p       ---      ---
block        +++   +++  +++   --+       ---      ---
unblock      aaa   +++  +++   --a       ---      ---
quarantine   ++p   ++p  ++p   --p       ---      ---
queue        +++   +++  +++   --+       ---      ---
mine         +++   +++  +++   --+       ---      ---
queues       +++   +++  +++   --+       ---      ---
more         +++   +++  +++   --+       ---      ---
templates    +++   +++  +++   --+       ---      ---
stats        +++   +++  +++   --+       ---      ---
zoom         +++   +++  +++   --+       ---      ---
search       +++   +++  +++   --+       ---      ---
new          p+p   p+p  p+p   --p       ---      ---
notify       pp+   pp+  pp+   --+       ---      ---
away         +++   +++  +++   --+       ---      ---
back         +++   +++  +++   --+       ---      ---
agent        aaa   ppa  pp+   --a       ---      ---
template     aaa   ppa  pp+   --a       ---      ---
signature    aaa   ppa  pp+   --a       ---      ---
webhook      aaa   ppa  pp+   --a       ---      ---
jobs         aaa   ppa  pp+   --a       ---      ---
health       aaa   ppa  pp+   --a       ---      ---
help         +++   +++  +++   --+       ---      ---
";

/// What an answer says of who asked, and where.
fn sign(told: &Told<'_>) -> char {
    let said = told.answer();
    match () {
        () if told.marks() != "❌" => '+',
        () if said.contains("you are no agent") => '-',
        () if said.contains("only admins can do that") => 'a',
        () if said.contains("belongs into") => 'p',
        () => '+',
    }
}

/// A right use of a command; where its form alone is none, what is typed.
pub(super) fn right_use(verb: &str, case: &Case, forms: &[String]) -> String {
    let typed = match verb {
        "agent" => "!agent list",
        "template" => "!template remove nothing",
        "signature" => "!signature set nowhere",
        "webhook" => "!webhook list",
        "templates" => "!templates",
        "stats" => "!stats",
        "new" => "!new frank@customer.test --subject Hello Hi",
        "forward" => "!forward help@vendor.test",
        "pending" => "!pending 2d",
        "priority" => "!priority 5",
        "tag" => "!tag vip",
        "customer" => "!customer frank@customer.test",
        "cc" => "!cc +frank@customer.test",
        "unblock" => "!unblock frank@customer.test",
        "raw" | "why" | "history" => return format!("!{verb}"),
        _ => {
            let position = reference::verbs().iter().position(|known| *known == verb).expect("a verb");
            return forms[position].replace("NUMBER", &case.number);
        }
    };
    typed.to_owned()
}

#[tokio::test]
async fn who_may_what_where_is_one_table() {
    let w = World::new().await;
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'")
        .await;
    w.sql("insert into agent (user_id, role) values ('@lena:desk.test', 'admin')").await;
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@lena:desk.test' and name = 'support'")
        .await;
    let mut table = String::from("command      agent lead admin elsewhere observer stranger\n");
    for verb in reference::verbs() {
        let mut line = format!("{verb:<12}");
        for (title, who) in WHO {
            // A customer for each, since some are blocked by it.
            let mail = Eml::new(&format!("{verb}-{title}@customer.test"), &format!("{verb} by {title}"), "Help.");
            let case = w.case_of(w.deliver(&mail).await).await;
            let words = right_use(verb, &case, &right_uses(&case));
            let signs = [
                sign(&w.say(who, &case, &words).await),
                sign(&w.say_in(who, &case.room, &words).await),
                sign(&w.say_in(who, &w.dm(who), &words).await),
            ];
            let _ = write!(line, " {:<width$}", signs.iter().collect::<String>(), width = title.len());
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    assert!(table == TABLE, "it is:\n{table}");
    w.leave().await.drop_it().await;
}
