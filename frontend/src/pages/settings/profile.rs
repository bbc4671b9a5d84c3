//! Who one is to others: the name shown, the name one signs in with, a few words about oneself.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    limits::BIO_MAX_CHARS,
    request::ChangePerson,
    text::{Bio, DisplayName, SignInName},
};

use super::{Saver, Tick};
use crate::{
    browser::prefs::w,
    chat::use_chat,
    components::{
        field::{Field, Kind},
        role::role_word,
        seal::seal,
    },
    dom::{El, el},
    i18n::fill,
    pages::wrong::{Part, Wrong, Wrongs},
    state::view::{Own, Person},
};

pub(super) fn profile(own: &Arc<Own>, saver: Saver) -> Vec<El> {
    let member = &own.member;
    let shown = text(
        Field::new("prof-shown", w().prof_shown, Kind::Text, "nickname"),
        member.display_name.as_str(),
        saver,
        |text| {
            let display_name = Some(DisplayName::parse(text).map_err(|_| Wrong::NameBad)?);
            Ok(ChangePerson { display_name, ..ChangePerson::default() })
        },
    );
    let name = Field::new("prof-name", w().prof_name, Kind::Name, "username");
    let name = text(Field { note: Some(w().prof_name_note), ..name }, member.name.as_str(), saver, |text| {
        let name = Some(SignInName::parse(text).map_err(|_| Wrong::NameBad)?);
        Ok(ChangePerson { name, ..ChangePerson::default() })
    });
    vec![mine(), el("div").class("form").children([shown, name, bio(member.bio.as_str(), saver)])]
}

/// The seal and the names, as others see them.
fn mine() -> El {
    let chat = use_chat();
    let card = move || {
        let own = chat.own.get()?;
        let member = &own.member;
        let person = Person { id: member.id.to_string(), name: member.display_name.to_string() };
        let names = el("div").children([
            el("b").child(el("bdi").text(&person.name)),
            el("span").class("quiet").child(el("bdi").text(member.name.as_str())),
            role_word(member.role),
        ]);
        Some(el("div").class("mine").children([seal(&person, None), names]))
    };
    el("div").swap(card)
}

/// A text that is sent when its field is left with another one in it.
fn text(field: Field, value: &str, saver: Saver, read: fn(&str) -> Result<ChangePerson, Wrong>) -> El {
    let (typed, kept) = (RwSignal::new(value.to_owned()), RwSignal::new(value.to_owned()));
    let (wrongs, tick) = (Wrongs::new(), Tick::new());
    let left = Callback::new(move |()| leave(typed, kept, wrongs, tick, saver, read));
    Field { left: Some(left), ..field }.draw(typed, wrongs.any_of()).child(tick.draw())
}

fn leave(
    typed: RwSignal<String>,
    kept: RwSignal<String>,
    wrongs: Wrongs,
    tick: Tick,
    saver: Saver,
    read: fn(&str) -> Result<ChangePerson, Wrong>,
) {
    let now = typed.get_untracked();
    if now.trim() == kept.get_untracked() {
        return wrongs.clear();
    }
    match read(&now) {
        Err(wrong) => wrongs.set(Part::Whole, Some(wrong)),
        Ok(change) => {
            let done = Callback::new(move |taken: bool| {
                if taken {
                    kept.try_set(now.trim().to_owned());
                    tick.show();
                }
            });
            saver.send(change, wrongs, done);
        }
    }
}

/// Some words about oneself, with how many there are.
fn bio(value: &str, saver: Saver) -> El {
    let (typed, kept) = (RwSignal::new(value.to_owned()), RwSignal::new(value.to_owned()));
    let (wrongs, tick) = (Wrongs::new(), Tick::new());
    let read = |text: &str| {
        let over = text.trim().chars().count().saturating_sub(BIO_MAX_CHARS);
        let bio = Some(Bio::parse(text).map_err(|_| Wrong::TextLong(over))?);
        Ok(ChangePerson { bio, ..ChangePerson::default() })
    };
    let left = Callback::new(move |()| leave(typed, kept, wrongs, tick, saver, read));
    let count = move || {
        let n = typed.with(|text| text.trim().chars().count()).to_string();
        fill(w().prof_bio_n, &[("n", &n), ("m", &BIO_MAX_CHARS.to_string())])
    };
    let field = Field::new("prof-bio", w().prof_bio, Kind::Long, "off");
    let field = Field { left: Some(left), ..field }.draw(typed, wrongs.any_of());
    field.child(el("small").class("num").text_of(count)).child(tick.draw())
}
