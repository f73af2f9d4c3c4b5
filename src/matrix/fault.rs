//! What an error of the homeserver or of matrix-sdk means for the one who asked: later, or never.

use std::time::{Duration, SystemTime};

use matrix_sdk::media::MediaError;
use matrix_sdk::ruma::api::client::uiaa::UiaaResponse;
use matrix_sdk::ruma::api::error::{Error as ApiError, ErrorKind, FromHttpResponseError, RetryAfter};
use matrix_sdk::{Error, HttpError};

use crate::desk::seams::Fault;

/// Decides from the status and `errcode` alone. The server's own words are not repeated, since they
/// may name people; they are in the debug log.
pub(super) fn of_http(error: &HttpError) -> Fault {
    tracing::debug!(%error, "the homeserver did not do it");
    match error {
        HttpError::Reqwest(error) if error.is_timeout() => Fault::later("the homeserver did not answer in time"),
        HttpError::Reqwest(_) => Fault::later("the homeserver can't be reached"),
        HttpError::Api(error) => match error.as_ref() {
            FromHttpResponseError::Server(UiaaResponse::MatrixError(error)) => of_api(error),
            FromHttpResponseError::Server(_) => Fault::never("the homeserver wants a person to confirm this"),
            // A page of a proxy, or an answer cut short: what was asked for may have happened, and
            // the key makes its repetition harmless.
            _ => Fault::later("the homeserver's answer can't be read"),
        },
        HttpError::Cached(error) => of_http(error),
        HttpError::RefreshToken(_) => Fault::later("the access token can't be refreshed"),
        HttpError::IntoHttp(_) => Fault::never("the request can't be written"),
    }
}

/// The same for matrix-sdk's own errors.
pub(super) fn of_sdk(error: &Error) -> Fault {
    match error {
        Error::Http(error) => of_http(error),
        Error::Media(MediaError::MediaTooLargeToUpload { max, current }) => {
            Fault::never(format!("the file has {current} bytes, and the homeserver takes at most {max}"))
        }
        Error::WrongRoomState(_) => Fault::later("the bot is not in the room, as far as it knows"),
        // Keys, stores, half a sync: passing, or mended by a restart, which nobody here can know.
        other => {
            tracing::debug!(error = %other, "matrix-sdk did not do it");
            Fault::later("matrix-sdk could not do it; its debug log says more")
        }
    }
}

/// Whether the homeserver has said that it does not know our session.
pub(super) fn is_logged_out(error: &HttpError) -> bool {
    matches!(error.client_api_error_kind(), Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken))
}

/// Whether the error is this one of the homeserver's.
pub(super) fn is_kind(error: &HttpError, kind: &ErrorKind) -> bool {
    error.client_api_error_kind() == Some(kind)
}

fn of_api(error: &ApiError) -> Fault {
    let status = error.status_code.as_u16();
    let Some(kind) = error.error_kind() else {
        // Not Matrix' JSON: a proxy speaks, which knows nothing about our request but its size.
        let why = format!("something before the homeserver answered {status}");
        return if status == 413 { Fault::never(why) } else { Fault::later(why) };
    };
    let why = format!("the homeserver answered {status} {}", kind.errcode());
    match kind {
        ErrorKind::LimitExceeded(limit) => Fault::Later { after: limit.retry_after.as_ref().map(wait), why },
        ErrorKind::UnknownToken(_)
        | ErrorKind::MissingToken
        | ErrorKind::UserDeactivated
        | ErrorKind::UserLocked
        | ErrorKind::UserSuspended => {
            tracing::error!("{why}: the bot's account or session is not usable; nothing can be sent until it is");
            Fault::later(why)
        }
        ErrorKind::ResourceLimitExceeded(_) => Fault::later(why),
        _ if status >= 500 || status == 429 || status == 408 => Fault::later(why),
        _ => Fault::never(why),
    }
}

fn wait(after: &RetryAfter) -> Duration {
    match after {
        RetryAfter::Delay(delay) => *delay,
        RetryAfter::DateTime(time) => time.duration_since(SystemTime::now()).unwrap_or_default(),
    }
}
