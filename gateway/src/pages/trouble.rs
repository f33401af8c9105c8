//! What went wrong on the way to the hub, in words: what happened, then what to do next.

use titian_domain::lang::Lang;

use super::words::Words;
use crate::uplink::UplinkError;

/// Says what went wrong with an exchange or an enrolment.
pub fn words(words: &Words, error: &UplinkError) -> String {
    told(words, error.kind(), &error.to_string())
}

/// Says what was noted with the device as `kind: sentence`.
pub fn noted(words: &Words, noted: &str) -> String {
    let is_kind = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let (kind, sentence) = noted
        .split_once(": ")
        .filter(|(kind, _)| is_kind(kind))
        .unwrap_or(("unknown", noted));
    told(words, kind, sentence)
}

fn told(words: &Words, kind: &str, sentence: &str) -> String {
    let key = match kind {
        "unreachable" => "trouble-unreachable",
        "not-a-hub" => "trouble-not-a-hub",
        "other-key" => "trouble-other-key",
        "not-secured" => "trouble-not-secured",
        "plain-http" => "trouble-plain-http",
        "other-hub" => "trouble-other-hub",
        "unknown-device" => "trouble-unknown-device",
        "revoked" => "trouble-revoked",
        "bad-signature" => "trouble-bad-signature",
        "version" => "trouble-version",
        "bad-item" => "trouble-bad-item",
        "copied" => "trouble-copied",
        "busy" => "trouble-busy",
        "hub-in-trouble" => "trouble-hub-in-trouble",
        "quarantine-full" => "trouble-quarantine-full",
        "broken-reply" => "trouble-broken-reply",
        "code-used" => "trouble-code-used",
        "code-unknown" => "trouble-code-unknown",
        "code-expired" => "trouble-code-expired",
        "code" => "trouble-code",
        _ => "trouble-other",
    };
    // The sentence is English; the kind is what `status` shows the administrator, in whatever language they talk.
    let details = match words.lang {
        Lang::Id => kind,
        Lang::En => sentence,
    };
    format!(
        "{} {}",
        words.say(key),
        words.say1("trouble-details", "details", details)
    )
}
