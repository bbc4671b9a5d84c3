//! The browser and system behind a `User-Agent`, in words that their owner knows: `Firefox on Linux`.
//!
//! It is for people to tell their own sessions apart. Nothing is decided by it: the header says what its sender likes.

/// Browsers by the word that tells them from the others, the most telling first: most claim to be Chrome and Safari too.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

/// Systems, the most telling word first.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// Longest name of a program that is shown, in characters.
const PROGRAM_MAX_CHARS: usize = 32;

/// What a `User-Agent` says, in words; `None` if nothing in it is known.
#[must_use]
pub fn device(user_agent: &str) -> Option<String> {
    let known =
        |list: &[(&str, &'static str)]| list.iter().find(|(word, _)| user_agent.contains(word)).map(|&(_, name)| name);
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        (None, system) => program(user_agent).or(system).map(str::to_owned),
    }
}

/// The name of a program as it comes first (RFC 9110 §10.1.5): `curl/8.1`. Every browser says Mozilla there.
fn program(user_agent: &str) -> Option<&str> {
    let (name, _) = user_agent.split_once('/')?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (plain && (1..=PROGRAM_MAX_CHARS).contains(&name.len()) && name != "Mozilla").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_its_owner_would() {
        let check = |user_agent: &str, expected: Option<&str>| assert_eq!(device(user_agent).as_deref(), expected);
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        check("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", Some("Firefox on Linux"));
        check(
            &format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/130.0.0.0 Safari/537.36"),
            Some("Chrome on Windows"),
        );
        check(
            &format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/130.0.0.0 Safari/537.36 Edg/130.0"),
            Some("Edge on Windows"),
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Mobile Safari/604.1",
            Some("Safari on iPhone"),
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18.1 Safari/605.1.15",
            Some("Safari on macOS"),
        );
        check(&format!("Mozilla/5.0 (Linux; Android 15) {webkit} Chrome/130 Mobile"), Some("Chrome on Android"));
        check("teahouse/0.1.0", Some("teahouse"));
        check("curl/8.11.1", Some("curl"));
        check("Mozilla/5.0", None);
        for nothing in ["", "x", "<script>/1", "\u{202e}evil/1", &format!("{}/1", "x".repeat(33))] {
            check(nothing, None);
        }
    }
}
