//! What the record has of a customer, written down for them (GDPR articles 15 and 20).
//!
//! What concerns them: what they wrote, and what was mailed to them. Other customers' words stay out, in whosever ticket; what agents wrote
//! among themselves is there only if it is asked for, since it may speak of others. The manifest is written last, so where it is, all is.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};
use ticketloom::config::Config;
use ticketloom::domain::blob::Digest;
use ticketloom::domain::id::{ArticleId, CustomerId, EmailAddress, LetterId, MailId, TicketId};
use ticketloom::service;
use ticketloom::store::Store;
use ticketloom::store::holdings::HeldArticle;

use super::archive::{bar, passing_is_75};
use super::print;

/// Where it says what is there.
const MANIFEST: &str = "manifest.json";

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Whose: a mail address
    address: String,
    /// The folder that it is written into; it is made if it is not there
    #[arg(long, value_name = "DIR", default_value = "export")]
    to: PathBuf,
    /// With the notes of agents in tickets of this customer; look through them first, they may speak of others
    #[arg(long)]
    notes: bool,
}

/// 75 if PostgreSQL is away: the same command begins anew.
pub(crate) async fn export(config: &Config, wanted: Export) -> anyhow::Result<ExitCode> {
    passing_is_75(export_now(config, &wanted).await)
}

async fn export_now(config: &Config, wanted: &Export) -> anyhow::Result<ExitCode> {
    let text = &wanted.address;
    let Some(address) = EmailAddress::parse(text) else {
        bail!("{text} is no mail address; this is how: ticketloom export carol@example.org --to DIR");
    };
    let store = service::connect_for_long_work(config).await?;
    let mut tx = store.begin().await?;
    if tx.holdings().count(&address).await?.is_none() {
        bail!("the record has nothing of {address}");
    }
    let customer = tx.customers().find(&address).await?.unwrap_or(CustomerId(0));
    drop(tx);
    let folder = Folder::open(&wanted.to)?;
    let mut writing = Writing { store: &store, address, customer, notes: wanted.notes, folder };
    writing.all().await?;
    let shown = wanted.to.display();
    print(&format!("written to {shown}: {} files, and {MANIFEST} with their digests\n", writing.folder.written.len()))
}

/// An export under way.
struct Writing<'a> {
    store: &'a Store,
    address: EmailAddress,
    customer: CustomerId,
    notes: bool,
    folder: Folder,
}

impl Writing<'_> {
    async fn all(&mut self) -> anyhow::Result<()> {
        let bar = bar(None, "{pos} tickets");
        let mut after = 0;
        while let Some(ticket) = self.next_ticket(after).await? {
            self.ticket(ticket, true).await?;
            after = ticket.0;
            bar.inc(1);
        }
        after = 0;
        while let Some(ticket) = self.next_elsewhere(after).await? {
            self.ticket(ticket, false).await?;
            after = ticket.0;
            bar.inc(1);
        }
        let mails = self.store.begin().await?.holdings().quarantined(&self.address).await?;
        for mail in mails {
            self.mail(Path::new("quarantine"), mail).await?;
        }
        bar.finish_and_clear();
        self.customer().await?;
        self.folder.finish(&self.address, self.store.now())
    }

    async fn next_ticket(&self, after: i64) -> anyhow::Result<Option<TicketId>> {
        let mut tx = self.store.begin().await?;
        Ok(tx.holdings().next_ticket(self.customer, after).await?)
    }

    async fn next_elsewhere(&self, after: i64) -> anyhow::Result<Option<TicketId>> {
        let mut tx = self.store.begin().await?;
        Ok(tx.holdings().next_elsewhere(self.customer, &self.address, LetterId(i64::MAX), after).await?)
    }

    async fn customer(&mut self) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        let name = match self.customer {
            CustomerId(0) => String::new(),
            known => tx.customers().get(known).await?.name,
        };
        let is_blocked = tx.blocks().contains(&self.address).await?;
        drop(tx);
        let json = json!({ "address": self.address.as_str(), "name": name, "blocked": is_blocked });
        self.folder.write_json(Path::new("customer.json"), &json)
    }

    /// A ticket: what it is, if it is theirs, and what they wrote and got in it.
    async fn ticket(&mut self, id: TicketId, is_theirs: bool) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        let ticket = tx.holdings().ticket(id).await?;
        let has_notes = self.notes && is_theirs;
        let articles = tx.holdings().articles(id, self.customer, &self.address, has_notes).await?;
        drop(tx);
        let folder = Path::new("tickets").join(&ticket.number);
        let mut written = Vec::new();
        for article in &articles {
            written.push(self.article(&folder, article).await?);
        }
        let mut json = json!({
            "number": ticket.number, "queue": ticket.queue, "state": ticket.state, "created_at": ticket.created_at,
            "closed_at": ticket.closed_at, "is_theirs": is_theirs, "articles": written,
        });
        if is_theirs {
            json["subject"] = ticket.subject.into();
            json["tags"] = ticket.tags.into();
        }
        self.folder.write_json(&folder.join("ticket.json"), &json)
    }

    async fn article(&mut self, folder: &Path, article: &HeldArticle) -> anyhow::Result<Value> {
        let mail = match article.mail_id {
            Some(mail) => self.mail(folder, MailId(mail)).await?,
            None => None,
        };
        let mut files = Vec::new();
        let ids = self.store.begin().await?.holdings().files(ArticleId(article.id)).await?;
        for (place, id) in ids.into_iter().enumerate() {
            let Some(file) = self.store.begin().await?.files().find(id).await? else { continue };
            let bytes = self.store.file_bytes(&file).await?;
            let name = format!("{}-{}-{}", article.seq, place + 1, safe(&file.name));
            files.push(
                json!({ "name": file.name, "type": file.mime, "file": self.folder.write(&folder.join(name), &bytes)? }),
            );
        }
        Ok(json!({
            "place": article.seq, "kind": article.kind, "by": article.sender, "at": article.created_at,
            "subject": article.subject, "text": article.text, "mail": mail, "files": files,
        }))
    }

    /// A mail as it came; `None` if it was erased.
    async fn mail(&mut self, folder: &Path, mail: MailId) -> anyhow::Result<Option<String>> {
        let Some(raw) = self.store.begin().await?.mails().raw(mail).await? else { return Ok(None) };
        Ok(Some(self.folder.write(&folder.join(format!("mail-{mail}.eml")), &raw.bytes)?))
    }
}

/// A file's name without what leads elsewhere.
fn safe(name: &str) -> String {
    let kept =
        name.chars().map(|letter| if letter.is_alphanumeric() || ".-_ ".contains(letter) { letter } else { '_' });
    let name: String = kept.take(80).collect();
    if name.trim_matches(['.', ' ']).is_empty() { "file".to_owned() } else { name }
}

/// The folder that is written, and what is in it by now.
struct Folder {
    root: PathBuf,
    written: Vec<Value>,
}

impl Folder {
    /// # Errors
    /// If there is a whole export already, or something else.
    fn open(root: &Path) -> anyhow::Result<Self> {
        let shown = root.display();
        if root.join(MANIFEST).exists() {
            bail!("there is an export in {shown} already; name another folder with --to");
        }
        let is_foreign = std::fs::read_dir(root).is_ok_and(|mut there| there.next().is_some())
            && !root.join("tickets").is_dir()
            && !root.join("quarantine").is_dir();
        if is_foreign {
            bail!("{shown} is not empty; name another folder with --to");
        }
        Ok(Self { root: root.to_owned(), written: Vec::new() })
    }

    fn write_json(&mut self, path: &Path, json: &Value) -> anyhow::Result<()> {
        self.write(path, serde_json::to_string_pretty(json)?.as_bytes())?;
        Ok(())
    }

    /// Writes a file that nobody else can read, and returns its path in the folder.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<String> {
        let shown = path.display().to_string();
        write_privately(&self.root.join(path), bytes).with_context(|| format!("{shown} can't be written"))?;
        self.written.push(json!({ "file": shown, "size": bytes.len(), "sha256": Digest::of(bytes).to_string() }));
        Ok(shown)
    }

    fn finish(&self, address: &EmailAddress, at: DateTime<Utc>) -> anyhow::Result<()> {
        let manifest = json!({ "address": address.as_str(), "written_at": at, "files": self.written });
        let text = serde_json::to_string_pretty(&manifest)?;
        write_privately(&self.root.join(MANIFEST), text.as_bytes())
            .with_context(|| format!("{MANIFEST} can't be written"))
    }
}

fn write_privately(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
