//! How a receiver knows that a call is ours: Standard Webhooks 1.0, and GitHub's header, which many check.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::desk::seams::Call;

/// What a secret begins with; behind it stands the key in base64.
const PREFIX: &str = "whsec_";

/// The headers of a call.
///
/// # Errors
/// If the secret is none.
pub(super) fn headers(call: &Call<'_>) -> Result<[(&'static str, String); 4], String> {
    let key = call.secret.strip_prefix(PREFIX).and_then(|key| BASE64.decode(key.as_bytes()).ok());
    let key = key.ok_or("its secret is none of whsec_…")?;
    let at = call.at.timestamp().to_string();
    let signed = mac(&key, &[call.message, ".", &at, ".", call.body]);
    // GitHub's key is the text that both sides have, as it is.
    let hub = mac(call.secret.as_bytes(), &[call.body]);
    Ok([
        ("webhook-id", call.message.to_owned()),
        ("webhook-timestamp", at),
        ("webhook-signature", format!("v1,{}", BASE64.encode(&signed))),
        ("x-hub-signature-256", format!("sha256={}", HEXLOWER.encode(&hub))),
    ])
}

fn mac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// The example of the specification.
    #[test]
    fn it_signs_as_standard_webhooks_has_it() {
        let call = Call {
            url: "",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            message: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: DateTime::from_timestamp(1_614_265_330, 0).expect("a moment"),
            body: r#"{"test": 2432232314}"#,
        };
        let headers = headers(&call).expect("a sound secret");
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(headers[1].1, "1614265330");
    }

    /// The example of GitHub's documentation.
    #[test]
    fn it_signs_as_github_does() {
        let signed = HEXLOWER.encode(&mac(b"It's a Secret to Everybody", &["Hello, World!"]));
        assert_eq!(signed, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }
}
