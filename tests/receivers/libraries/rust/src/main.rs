//! Judges webhooks by the standard's official library, `v1` alone: the standard library has no
//! Ed25519. tests/receivers/verifiers.py has the form of a line.

use base64::{engine::general_purpose::STANDARD, Engine};
use http::HeaderMap;
use standardwebhooks::Webhook;

fn judge(line: &str) -> String {
    let parts: Vec<&str> = line.split('\t').collect();
    let (key, id, timestamp, signature) = (parts[0], parts[1], parts[2], parts[3]);
    let body = STANDARD.decode(parts[4]).expect("base64");
    let webhook = Webhook::new(key).expect("a secret");
    let at = timestamp.parse().expect("a timestamp");
    let own = webhook.sign(id, at, &body).expect("UTF-8");
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", id.parse().expect("a header"));
    headers.insert("webhook-timestamp", timestamp.parse().expect("a header"));
    headers.insert("webhook-signature", signature.parse().expect("a header"));
    let verdict = match webhook.verify(&body, &headers) {
        Ok(()) => "accepted",
        Err(_) => "refused",
    };
    format!("{verdict}\t{own}")
}

fn main() {
    for line in std::io::stdin().lines() {
        println!("{}", judge(&line.expect("a line")));
    }
}
