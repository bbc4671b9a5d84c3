//! What a form was refused for, as a sentence beside the field it is about.
//!
//! Lengths are judged here before anything is sent, everything else by the server; both end in the same words. A
//! refusal is kept as a value and put into words when it is drawn, so that it follows a change of language.

use std::time::Duration;

use leptos::prelude::*;
use shared::{
    limits::{NAME_MAX_CHARS, PASSWORD_MIN_CHARS, TOPIC_MAX_CHARS},
    problem::ProblemCode,
    text::{DisplayName, Password, TextError},
};

use crate::{
    api::ApiError,
    browser::prefs::lang,
    i18n::{Lang, fill, fill_n},
};

/// One reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Another person has the name.
    NameTaken,
    /// A name that is blank or too long.
    NameBad,
    /// A password of this many characters.
    PasswordShort(usize),
    /// A password that everyone tries first.
    PasswordWeak,
    /// A password above the limit.
    PasswordLong,
    /// Not the code that the server printed.
    CodeWrong,
    /// Name and password do not match; it says neither which.
    Mismatch,
    /// Not the password that the account has now.
    NotCurrent,
    /// A text with so many characters too many.
    TextLong(usize),
    /// Another link or token of this kind is not made.
    Limit,
    /// New accounts are not made from this network address.
    Blocked,
    /// The account has been banned.
    Banned,
    /// The account has been deactivated.
    Inactive,
    /// Nobody would be left who answers for the place.
    LastOwner,
    /// Too many tries: so many seconds.
    Slow(u32),
    /// The workspace is open already.
    SetupDone,
    /// Another room has the address.
    SlugTaken,
    /// What cannot be an address.
    SlugBad,
    /// A topic above the limit.
    TopicLong,
    /// It is not there any more.
    Gone,
    /// The person may not do this.
    Refused,
    /// There was no answer.
    NoAnswer,
    /// The server could not.
    Server,
}

impl Wrong {
    /// What the server said, about nothing in particular.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        read(error.code(), error.field(), error.retry_after_s()).1
    }

    /// The reason in words.
    #[must_use]
    pub fn sentence(self, lang: Lang) -> String {
        let words = lang.doors();
        let plain = match self {
            Self::NameBad => return fill_n(words.name_bad, NAME_MAX_CHARS as u64),
            Self::PasswordShort(n) => {
                return fill(words.join_pw_short, &[("n", &n.to_string()), ("m", &PASSWORD_MIN_CHARS.to_string())]);
            }
            Self::TextLong(n) => return fill_n(words.prof_bio_bad, n as u64),
            Self::Slow(seconds) => return fill(words.in_slow, &[("s", &seconds.to_string())]),
            Self::TopicLong => return fill_n(words.room_topic_long, TOPIC_MAX_CHARS as u64),
            Self::SlugTaken => words.room_taken,
            Self::SlugBad => words.room_addr_bad,
            Self::Gone => words.err_gone,
            Self::NameTaken => words.name_taken,
            Self::PasswordWeak => words.join_pw_weak,
            Self::PasswordLong => words.pw_long,
            Self::CodeWrong => words.setup_code_wrong,
            Self::Mismatch => words.in_bad,
            Self::NotCurrent => words.pw_bad,
            Self::Limit => words.limit,
            Self::Blocked => words.blocked,
            Self::Banned => words.barred_door,
            Self::Inactive => words.off_door,
            Self::LastOwner => words.role_last,
            Self::SetupDone => words.setup_done,
            Self::Refused => words.err_refused,
            Self::NoAnswer => words.err_offline,
            Self::Server => words.err_server,
        };
        plain.to_owned()
    }
}

/// A part of a form that something can be wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of the place.
    Place,
    /// The sign-in name.
    Name,
    /// The password.
    Password,
    /// The set-up code.
    Code,
    /// The address of a room.
    Slug,
    /// The topic of a room.
    Topic,
    /// No field in particular.
    Whole,
}

/// What is wrong with each part of one form.
#[derive(Clone, Copy, Debug)]
pub struct Wrongs(RwSignal<Vec<(Part, Wrong)>>);

impl Wrongs {
    /// Nothing is wrong.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The sentence for a part, in the language of the page.
    #[must_use]
    pub fn of(self, part: Part) -> Signal<Option<String>> {
        Signal::derive(move || self.0.with(|all| find(all, part).map(|wrong| wrong.sentence(lang()))))
    }

    /// The first of all sentences, for a form of one field.
    #[must_use]
    pub fn any_of(self) -> Signal<Option<String>> {
        Signal::derive(move || self.0.with(|all| all.first().map(|(_, wrong)| wrong.sentence(lang()))))
    }

    /// What is wrong with a part.
    #[must_use]
    pub fn get(self, part: Part) -> Option<Wrong> {
        self.0.with(|all| find(all, part))
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn any(self) -> bool {
        self.0.with_untracked(|all| !all.is_empty())
    }

    /// Nothing is wrong any more.
    pub fn clear(self) {
        self.0.try_set(Vec::new());
    }

    /// Notes what is wrong with a part, or that nothing is.
    pub fn set(self, part: Part, wrong: Option<Wrong>) {
        // The page that asked may be gone by now.
        self.0.try_update(|all| {
            all.retain(|(other, _)| *other != part);
            all.extend(wrong.map(|wrong| (part, wrong)));
        });
    }

    /// Judges a name by its length.
    pub fn judge_name(self, part: Part, name: &str) {
        self.set(part, DisplayName::parse(name).err().map(|_| Wrong::NameBad));
    }

    /// Judges a password by its length.
    pub fn judge_password(self, password: &str) {
        let wrong = Password::parse(password).err().map(|error| match error {
            TextError::TooShort => Wrong::PasswordShort(password.chars().count()),
            _ => Wrong::PasswordLong,
        });
        self.set(Part::Password, wrong);
    }

    /// Notes what the server said. "Too many" counts down by itself, and goes.
    pub fn take(self, error: &ApiError) {
        let (part, wrong) = read(error.code(), error.field(), error.retry_after_s());
        self.note(part, wrong);
    }

    /// The same about a part that the server calls by another name.
    pub fn take_as(self, part: Part, error: &ApiError) {
        let field = if part == Part::Password { "password" } else { "name" };
        let (_, wrong) = read(error.code(), Some(field), error.retry_after_s());
        self.note(part, wrong);
    }

    fn note(self, part: Part, wrong: Wrong) {
        self.set(part, Some(wrong));
        if let Wrong::Slow(seconds) = wrong {
            self.count_down(seconds);
        }
    }

    fn count_down(self, seconds: u32) {
        set_timeout(
            move || {
                let left = seconds.saturating_sub(1);
                // The page may be gone, or the person may have tried something else meanwhile.
                let still = self.0.try_with_untracked(|all| find(all, Part::Whole) == Some(Wrong::Slow(seconds)));
                if still == Some(true) {
                    self.set(Part::Whole, (left > 0).then_some(Wrong::Slow(left)));
                    if left > 0 {
                        self.count_down(left);
                    }
                }
            },
            Duration::from_secs(1),
        );
    }

    /// Whether the person has to wait before trying again; tracked.
    #[must_use]
    pub fn must_wait(self) -> bool {
        self.0.with(|all| matches!(find(all, Part::Whole), Some(Wrong::Slow(_))))
    }
}

impl Default for Wrongs {
    fn default() -> Self {
        Self::new()
    }
}

fn find(all: &[(Part, Wrong)], part: Part) -> Option<Wrong> {
    all.iter().find(|(other, _)| *other == part).map(|(_, wrong)| *wrong)
}

/// Which part an answer is about, and what it says.
fn read(code: Option<ProblemCode>, field: Option<&str>, retry_after_s: Option<u32>) -> (Part, Wrong) {
    use ProblemCode as Code;
    let part = match field {
        Some("workspace") => Part::Place,
        Some("password") => Part::Password,
        Some("code") => Part::Code,
        Some("slug") => Part::Slug,
        Some("topic") => Part::Topic,
        Some(_) => Part::Name,
        None => Part::Whole,
    };
    match code {
        None => (Part::Whole, Wrong::NoAnswer),
        Some(Code::NameTaken) => (Part::Name, Wrong::NameTaken),
        Some(Code::PasswordTooShort) => (Part::Password, Wrong::PasswordShort(0)),
        Some(Code::PasswordTooCommon) => (Part::Password, Wrong::PasswordWeak),
        Some(Code::SlugTaken) => (Part::Slug, Wrong::SlugTaken),
        Some(_) if part == Part::Slug => (part, Wrong::SlugBad),
        Some(_) if part == Part::Topic => (part, Wrong::TopicLong),
        Some(Code::NotFound) => (Part::Whole, Wrong::Gone),
        Some(Code::TooLong) if part == Part::Password => (part, Wrong::PasswordLong),
        Some(Code::Blank | Code::TooLong | Code::ControlCharacter | Code::InvalidField) if part != Part::Whole => {
            (part, Wrong::NameBad)
        }
        Some(Code::WrongSetupCode) => (Part::Code, Wrong::CodeWrong),
        Some(Code::WrongCredentials) => (Part::Password, Wrong::Mismatch),
        Some(Code::LimitReached) => (Part::Whole, Wrong::Limit),
        Some(Code::AddressBlocked) => (Part::Whole, Wrong::Blocked),
        Some(Code::Banned) => (Part::Whole, Wrong::Banned),
        Some(Code::Deactivated) => (Part::Whole, Wrong::Inactive),
        Some(Code::LastOwner) => (Part::Whole, Wrong::LastOwner),
        Some(Code::SetupDone) => (Part::Whole, Wrong::SetupDone),
        Some(Code::Forbidden | Code::CrossSite) => (Part::Whole, Wrong::Refused),
        Some(Code::RateLimited) => (Part::Whole, Wrong::Slow(retry_after_s.unwrap_or(30).max(1))),
        Some(_) => (Part::Whole, Wrong::Server),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_put_beside_the_field_they_are_about() {
        use ProblemCode as Code;
        for (code, field, expected) in [
            (None, None, (Part::Whole, Wrong::NoAnswer)),
            (Some(Code::NameTaken), Some("name"), (Part::Name, Wrong::NameTaken)),
            (Some(Code::Blank), Some("workspace"), (Part::Place, Wrong::NameBad)),
            (Some(Code::TooLong), Some("password"), (Part::Password, Wrong::PasswordLong)),
            (Some(Code::TooLong), None, (Part::Whole, Wrong::Server)),
            (Some(Code::WrongCredentials), None, (Part::Password, Wrong::Mismatch)),
            (Some(Code::SlugTaken), Some("slug"), (Part::Slug, Wrong::SlugTaken)),
            (Some(Code::InvalidField), Some("slug"), (Part::Slug, Wrong::SlugBad)),
            (Some(Code::LimitReached), None, (Part::Whole, Wrong::Limit)),
            (Some(Code::RateLimited), None, (Part::Whole, Wrong::Slow(12))),
            (Some(Code::LimitReached), None, (Part::Whole, Wrong::Limit)),
            (Some(Code::Banned), None, (Part::Whole, Wrong::Banned)),
            (Some(Code::LastOwner), None, (Part::Whole, Wrong::LastOwner)),
            (Some(Code::Internal), None, (Part::Whole, Wrong::Server)),
        ] {
            assert_eq!(read(code, field, Some(12)), expected, "{code:?} {field:?}");
        }
    }

    #[test]
    fn every_reason_has_words_without_holes() {
        for lang in [Lang::En, Lang::Zh] {
            for wrong in [Wrong::NameBad, Wrong::PasswordShort(6), Wrong::Slow(9), Wrong::Mismatch, Wrong::NoAnswer] {
                assert!(!wrong.sentence(lang).contains('{'), "{wrong:?}");
            }
        }
        assert_eq!(
            Wrong::PasswordShort(6).sentence(Lang::En),
            "This password is too short: 6 of at least 8 characters."
        );
    }
}
