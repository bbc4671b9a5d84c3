//! Tokens for programs: made with a name and what they may do, shown once, revoked.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    id::SessionId,
    request::CreateToken,
    session::{Access, TokenInfo, TokenMade},
    text::Label,
};

use crate::{
    api,
    browser::{
        clipboard,
        prefs::{lang, w},
        time,
    },
    components::{
        alert::alert,
        door::form,
        field::{Field, Kind},
        icon::icon,
        select::select_field,
    },
    dom::{El, button, effect, el},
    i18n::fill,
    pages::wrong::{Part, Wrong, Wrongs},
};

const ACCESS: [Access; 3] = [Access::Read, Access::Post, Access::All];

pub(super) fn tokens() -> Vec<El> {
    let list = RwSignal::new(Vec::<TokenInfo>::new());
    let (made, wrongs) = (RwSignal::new(None::<TokenMade>), Wrongs::new());
    effect(move || {
        spawn_local(async move {
            match api::tokens().await {
                Ok(answer) => {
                    list.try_set(answer.tokens);
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let secret = move || made.get().map(|made| secret(&made));
    let lines = move || list.get().iter().map(|token| line(token, wrongs)).collect();
    let page = el("div").child(el("p").class("settings__lead").text(w().tok_lead)).swap(secret);
    vec![alert(page.child(el("ul").swap_all(lines)).child(maker(list, made)), wrongs.any_of())]
}

/// The text of a token, once.
fn secret(made: &TokenMade) -> El {
    let copied = RwSignal::new(false);
    let field = el("textarea").class("sr").flag("readonly", true).attr("tabindex", "-1").attr("aria-hidden", "true");
    let (source, token) = (field.clone(), made.token.clone());
    let copy = move || {
        copied.set(false);
        let (field, token) = (source.node(), token.clone());
        spawn_local(async move { copied.set(clipboard::copy_text(&token, field).await) });
    };
    let said = move || if copied.get() { w().invite_copied } else { w().tok_once }.to_owned();
    let copier = button("tool").attr("aria-label", w().tok_copy).child(icon("#copy")).press(copy);
    el("div").class("secret").attr("role", "status").children([
        el("b").child(el("bdi").text(made.info.label.as_str())),
        el("div").children([el("code").text(&made.token), field, copier]),
        el("small").text_of(said),
    ])
}

fn access_words(access: Access) -> &'static str {
    match access {
        Access::All => w().tok_can_all,
        Access::Post => w().tok_can_post,
        Access::Read => w().tok_can_read,
    }
}

fn line(token: &TokenInfo, wrongs: Wrongs) -> El {
    let ended = RwSignal::new(false);
    let (id, name): (SessionId, String) = (token.id, token.label.to_string());
    let when = |at: &shared::member::Timestamp| {
        time::parse(&at.0).map(|at| time::short_moment(lang(), at)).unwrap_or_default()
    };
    let used = token.last_used_at.as_ref().map_or_else(|| w().tok_never.to_owned(), when);
    let says = [("can", access_words(token.access)), ("date", &*when(&token.created_at)), ("t", &*used)];
    let revoke = move || {
        wrongs.clear();
        spawn_local(async move {
            match api::revoke_token(id).await {
                Ok(()) => {
                    ended.try_set(true);
                }
                Err(error) => wrongs.take(&error),
            }
        });
    };
    let end = move || {
        Some(if ended.get() {
            el("span").class("quiet").attr("role", "status").text(w().tok_ended)
        } else {
            button("btn btn--small btn--danger")
                .attr("aria-label", &*fill(w().tok_end_of, &[("what", &name)]))
                .text(w().tok_end)
                .press(revoke)
        })
    };
    let words =
        el("div").child(el("bdi").text(token.label.as_str())).child(el("small").text(&fill(w().tok_sub, &says)));
    el("li").class("device").children([icon("#terminal"), words]).swap(end)
}

fn maker(list: RwSignal<Vec<TokenInfo>>, made: RwSignal<Option<TokenMade>>) -> El {
    let (name, access) = (RwSignal::new(String::new()), RwSignal::new(Access::Read.as_str().to_owned()));
    let (wrongs, busy) = (Wrongs::new(), RwSignal::new(false));
    let send = Callback::new(move |()| {
        wrongs.clear();
        let Ok(label) = Label::parse(name.get_untracked()) else {
            return wrongs.set(Part::Name, Some(Wrong::NameBad));
        };
        let access = Access::from_word(&access.get_untracked());
        busy.set(true);
        spawn_local(async move {
            let answer = api::make_token(&CreateToken { label, access }).await;
            busy.try_set(false);
            match answer {
                Ok(token) => {
                    list.try_update(|list| list.insert(0, token.info.clone()));
                    name.try_set(String::new());
                    made.try_set(Some(token));
                }
                Err(error) => wrongs.take(&error),
            }
        });
    });
    let choices = ACCESS.map(|access| (access.as_str().to_owned(), access_words(access).to_owned()));
    let fields = el("div").class("form__row").children([
        Field::new("tok-name", w().tok_name, Kind::Text, "off").draw(name, wrongs.of(Part::Name)),
        select_field("tok-can", w().tok_can, &choices, access, move |word| access.set(word)),
    ]);
    let go = el("button").class("btn").flag_of("data-busy", move || busy.get()).child(icon("#plus")).text(w().tok_new);
    alert(form(busy.into(), send).class("form").child(fields), wrongs.of(Part::Whole)).child(go)
}
