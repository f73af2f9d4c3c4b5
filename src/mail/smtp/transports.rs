//! Who takes which queue's mail: an account of its own, or the desk's.

use std::collections::HashMap;

use async_trait::async_trait;

use super::Smtp;
use crate::config::Config;
use crate::desk::seams::{BeforeDot, Delivery, Mailer, Sealed};
use crate::domain::blob::Blob;
use crate::mail::login::Accounts;

/// The desk's account (`[smtp]`), and those of single queues (`[[smtp_account]]`).
#[derive(Debug)]
pub struct Transports {
    desk: Smtp,
    queues: HashMap<String, Smtp>,
}

impl Transports {
    /// Knows the servers; connects to nobody yet.
    ///
    /// # Errors
    /// A sentence that names the section with a `ca_file` that can't be read.
    pub fn new(config: &Config, accounts: &Accounts) -> Result<Self, String> {
        let desk = Smtp::new(&config.smtp.server, accounts).map_err(|why| format!("smtp: {why}"))?;
        let one = |account: &crate::config::SmtpAccountConfig| {
            let smtp = Smtp::new(&account.server, accounts);
            smtp.map(|smtp| (account.queue.clone(), smtp))
                .map_err(|why| format!("smtp_account {}: {why}", account.queue))
        };
        Ok(Self { desk, queues: config.smtp_accounts.iter().map(one).collect::<Result<_, _>>()? })
    }
}

#[async_trait]
impl Mailer for Transports {
    async fn send(&self, queue: &str, mail: &Sealed<Blob>, before_dot: &dyn BeforeDot) -> Delivery {
        self.queues.get(queue).unwrap_or(&self.desk).send(mail, before_dot).await
    }
}
