//! Webhooks after the Standard Webhooks specification: id, time and body are signed with the subscriber's own
//! secret (`webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use reqwest::{Client, Url, redirect};
use sha2::Sha256;

use super::guard;

/// A server that takes longer is tried again later.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer is read further than this (bytes).
const MOST: usize = 4_096;

/// A new secret: `whsec_` and 32 random bytes.
pub(super) fn new_secret() -> String {
    format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

/// The signature of a message.
pub(super) fn sign(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// What a server said.
pub(super) enum Said {
    /// It took the message; the beginning of its answer.
    Taken(String),
    /// It does not exist any more (410).
    Gone,
}

/// One message to one server.
pub(super) struct Post<'a> {
    /// Where.
    pub(super) url: &'a Url,
    /// What signs it.
    pub(super) secret: &'a str,
    /// The same however often it is sent.
    pub(super) id: &'a str,
    /// Now (s).
    pub(super) seconds: i64,
    /// JSON.
    pub(super) body: String,
}

/// Sends it; why it was not taken, if so.
pub(super) async fn send(post: Post<'_>, allow_private: bool) -> Result<Said, String> {
    let addr = guard::resolve(post.url, allow_private).await?;
    let host = post.url.host_str().ok_or("no host")?;
    let text = |error: reqwest::Error| error.without_url().to_string();
    let client = Client::builder()
        .user_agent("neul-status")
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .resolve(host, addr)
        .build()
        .map_err(text)?;
    let signature =
        sign(post.secret, post.id, post.seconds, &post.body).ok_or("the secret cannot be read")?;
    let mut answer = client
        .post(post.url.clone())
        .header("content-type", "application/json")
        .header("webhook-id", post.id)
        .header("webhook-timestamp", post.seconds)
        .header("webhook-signature", signature)
        .body(post.body)
        .send()
        .await
        .map_err(text)?;
    if answer.status().as_u16() == 410 {
        return Ok(Said::Gone);
    }
    if !answer.status().is_success() {
        return Err(format!("status {}", answer.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        let room = MOST - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() >= MOST {
            break;
        }
    }
    Ok(Said::Taken(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_signature_is_the_specifications() {
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }
}
