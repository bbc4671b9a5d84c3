//! What a page does when the server is of another version (PROTOCOL §5, `hello.version` and `hello.protocol`).
//!
//! A page reloads itself at most once for each version of the server, whether that helped or not: behind a balancer two
//! versions may answer in turn, and a page that reloads for ever is worse than an old one. Drafts and unsent messages
//! survive a reload; they are kept as they are written.

use shared::stream::PROTOCOL;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Fits,
    /// Reload when the person goes to another room: nothing is in the way then.
    ReloadSoon,
    /// Reload at once: this page does not understand the server.
    ReloadNow,
    /// Stop, and let the person reload.
    Ask,
}

/// Judges a greeting. `own`: the page's version. `reloaded`: the versions that the page was reloaded for, one per line.
/// `None`: that cannot be kept.
#[must_use]
pub fn judge(own: &str, version: &str, protocol: u32, reloaded: Option<&str>) -> Verdict {
    let again = reloaded.is_none_or(|versions| versions.lines().any(|known| known == version));
    match (protocol == PROTOCOL, again) {
        (true, _) if version == own => Verdict::Fits,
        (true, true) => Verdict::Fits,
        (true, false) => Verdict::ReloadSoon,
        (false, false) => Verdict::ReloadNow,
        (false, true) => Verdict::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reloads_once_for_each_version() {
        let (same, newer) = (PROTOCOL, PROTOCOL + 1);
        for (version, protocol, reloaded, expected) in [
            ("1.0.0", same, Some(""), Verdict::Fits),
            ("1.0.0", same, None, Verdict::Fits),
            ("1.1.0", same, Some(""), Verdict::ReloadSoon),
            ("1.1.0", same, Some("1.1.0\n"), Verdict::Fits),
            ("1.1.0", same, Some("1.1.0-rc\n"), Verdict::ReloadSoon),
            ("1.1.0", same, None, Verdict::Fits),
            ("2.0.0", newer, Some("1.1.0\n"), Verdict::ReloadNow),
            ("2.0.0", newer, Some("1.1.0\n2.0.0\n"), Verdict::Ask),
            ("2.0.0", newer, None, Verdict::Ask),
            // The server was set back.
            ("0.9.0", PROTOCOL - 1, Some(""), Verdict::ReloadNow),
            ("1.0.0", newer, Some(""), Verdict::ReloadNow),
        ] {
            assert_eq!(judge("1.0.0", version, protocol, reloaded), expected, "{version} {protocol} {reloaded:?}");
        }
    }
}
