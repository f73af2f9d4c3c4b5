//! Mails to agents, without what tells and sends them.

#[path = "../../../src/desk/agent_mail/mail.rs"]
mod mail;

pub use self::mail::AgentMail;
