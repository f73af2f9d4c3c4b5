//! Logging in (RFC 4954). Any failure here is a fault of the configuration or for later, and must not bounce an
//! answer.

use data_encoding::BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;

use super::super::login::{Denial, Shown, xoauth2};
use super::{said, words};
use crate::config::Secret;

/// Shows the server what we have.
pub(super) async fn log_in(smtp: &mut AsyncSmtpConnection, user: &str, shown: &Shown) -> Result<(), Denial> {
    match shown {
        Shown::Password(password) => {
            let credentials = Credentials::new(user.to_owned(), password.reveal().to_owned());
            let reply = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            reply.map(drop).map_err(|error| denied(&error))
        }
        Shown::Token(token) => bear(smtp, user, token).await,
    }
}

/// AUTH XOAUTH2. By hand, since lettre takes the challenge with which a server refuses a token for a fault of its
/// own, and the refusal itself comes only after an empty answer to that.
async fn bear(smtp: &mut AsyncSmtpConnection, user: &str, token: &Secret) -> Result<(), Denial> {
    if !smtp.server_info().supports_auth_mechanism(Mechanism::Xoauth2) {
        let why = "AUTH: the server offers no XOAUTH2; see host, port and tls, or use a password";
        return Err(Denial::Fault(why.to_owned()));
    }
    let response = BASE64.encode(xoauth2(user, token).as_bytes());
    let mut reply = smtp.command(format!("AUTH XOAUTH2 {response}\r\n")).await.map_err(|error| denied(&error))?;
    if reply.has_code(334) {
        reply = smtp.command("\r\n").await.map_err(|error| denied(&error))?;
    }
    if reply.has_code(235) {
        Ok(())
    } else {
        Err(Denial::Fault(format!("AUTH: an answer that fits no question: {}", words(&reply))))
    }
}

fn denied(error: &lettre::transport::smtp::Error) -> Denial {
    let why = format!("AUTH: {}", said(error));
    if error.is_permanent() { Denial::Refused(why) } else { Denial::Fault(why) }
}
