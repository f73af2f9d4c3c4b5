//! An agent's Matrix client that shares no code with the desk: mautrix, in a Python of its own (`independent.py`).

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::world::world;
use super::{make_user, unique};

/// The running client.
pub(crate) struct Independent {
    child: Child,
    says: ChildStdin,
    heard: UnboundedReceiver<Value>,
}

impl Independent {
    /// A user of the server, and their password.
    pub(crate) async fn user() -> (String, String) {
        let password = unique();
        (make_user(&format!("erin-{}", unique()), Some(&password)).await, password)
    }

    /// Logs in, and waits until it has followed its invitation.
    pub(crate) async fn start(user: &str, password: &str, room: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/process/independent.py");
        let python = std::path::Path::new(&world().root).join(".dev/venv/bin/python");
        let mut command = Command::new(python);
        command.args([script, world().homeserver.url.as_str(), user, password, room]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let (says, out) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (hear, heard) = unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = hear.send(serde_json::from_str(&line).expect("JSON"));
            }
        });
        let mut client = Self { child, says, heard };
        client.hears(|line| line["joined"] == room).await;
        client
    }

    /// The next event that fits.
    pub(crate) async fn hears(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let next = async {
            loop {
                let line = self.heard.recv().await.expect("the client goes on");
                if fits(&line) {
                    return line;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), next).await.expect("it is heard within a minute")
    }

    /// Says something in a thread.
    pub(crate) async fn say_in(&mut self, thread: &str, text: &str) {
        let line = json!({ "thread": thread, "body": text }).to_string();
        writeln!(self.says, "{line}").expect("the client goes on");
        self.hears(|line| line["sent"].is_string()).await;
    }
}

impl Drop for Independent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
