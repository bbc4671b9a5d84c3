//! The dialog that bans somebody: what it would touch is counted first, and nothing is deleted unless that is chosen.

use leptos::{ev::Event, prelude::*, task::spawn_local};
use shared::{
    member::Member,
    request::{Ban, BanPreview, Purge},
    text::Reason,
};

use super::{Case, name_of};
use crate::{
    api,
    browser::prefs::{lang, w},
    components::{
        alert::alert,
        dialog::Sheet,
        field::{Field, Kind},
        icon::icon,
        switch::switch,
    },
    dom::{El, button, effect, el},
    i18n::{fill, fill_n},
    pages::wrong::Wrongs,
    state::people::TYPED_ABOVE,
};

/// What is chosen in the dialog.
#[derive(Clone, Copy)]
struct Choice {
    purge: RwSignal<usize>,
    addresses: RwSignal<bool>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
    busy: RwSignal<bool>,
    wrongs: Wrongs,
}

const PURGES: [Purge; 3] = [Purge::Keep, Purge::Day, Purge::All];

pub(super) fn ban_dialog(case: ReadSignal<Case>, open: Signal<bool>, close: Callback<()>) -> El {
    let name = move || case.with(name_of);
    let title = move || fill(w().ban_t, &[("a", &name())]);
    let sheet = Sheet { id: "ban", class: "ask ask--wide", title: Box::new(title), lead: None, open, closed: close };
    sheet.draw(move || case.get_untracked().map(|case| ask(&case.0, close)).unwrap_or_default())
}

fn ask(target: &Member, close: Callback<()>) -> Vec<El> {
    let choice = Choice {
        purge: RwSignal::new(0),
        addresses: RwSignal::new(false),
        reason: RwSignal::new(String::new()),
        typed: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        wrongs: Wrongs::new(),
    };
    let preview = RwSignal::new(None::<BanPreview>);
    let member = target.id;
    effect(move || {
        spawn_local(async move {
            match api::ban_preview(member).await {
                Ok(counted) => {
                    preview.try_set(Some(counted));
                }
                Err(error) => choice.wrongs.take(&error),
            }
        });
    });
    let fact = |sign, words: &str| el("li").children([icon(sign), el("span").text(words)]);
    let facts = el("ul").class("facts").children([fact("#leave", w().ban_now), fact("#lock", w().ban_back)]);
    let name = target.display_name.to_string();
    let counted = move || match preview.get() {
        Some(preview) => counts(&preview, choice, &name),
        None => vec![el("p").class("quiet").attr("role", "status").text(w().ban_wait)],
    };
    let form = el("form").class("form").flag("novalidate", true).on("submit", |event: Event| event.prevent_default());
    let form = alert(form.child(facts).swap_all(counted), choice.wrongs.any_of());
    vec![form, foot(target, preview, choice, close)]
}

fn counts(preview: &BanPreview, choice: Choice, name: &str) -> Vec<El> {
    let n = |sentence, n: u64| fill(sentence, &[("n", &n.to_string())]);
    let words = [w().ban_keep.to_owned(), n(w().ban_day, preview.messages_day), n(w().ban_purge, preview.messages_all)];
    let picks = words.into_iter().enumerate().map(|(at, words)| {
        let radio = el("input")
            .attr("type", "radio")
            .attr("name", "purge")
            .checked_of(move || choice.purge.get() == at)
            .on("change", move |_: Event| choice.purge.set(at));
        let note = (at == 2).then(|| el("small").text(w().ban_purge_note));
        el("label").children([radio, el("span").text(&words).child(note)])
    });
    let messages = el("fieldset").class("field").children([
        el("legend").class("label").text(w().ban_msgs),
        el("div").class("pick").children(picks.collect::<Vec<_>>()),
    ]);
    let mut parts = vec![messages];
    if preview.messages_all > TYPED_ABOVE {
        parts.push(typed_name(choice, name, preview.messages_all));
    }
    if let Some(addresses) = addresses(preview, choice) {
        parts.push(addresses);
    }
    let why =
        Field { note: Some(w().ban_why_note), optional: true, ..Field::new("why", w().ban_why, Kind::Text, "off") };
    parts.push(why.draw(choice.reason, Signal::stored(None)));
    parts
}

fn addresses(preview: &BanPreview, choice: Choice) -> Option<El> {
    if preview.addresses.is_empty() {
        return None;
    }
    let n = preview.addresses.len() as u64;
    let label = fill_n(lang().plural(n, w().ban_addr_one, w().ban_addr), n);
    let flip = move |now| choice.addresses.set(now);
    let line = switch("ban-addresses", &label, Some(w().ban_addr_note), choice.addresses, flip);
    let which = el("p").class("facts__which").text(&preview.addresses.join(", "));
    Some(el("div").children([line, which]))
}

/// A thousand messages are not deleted by one press too many.
fn typed_name(choice: Choice, name: &str, n: u64) -> El {
    let label = fill(w().ban_type, &[("a", name), ("n", &n.to_string())]);
    let field = move || {
        let input = el("input").class("input").id("ban-name").attr("autocomplete", "off").bind(choice.typed);
        let field = el("div").class("field").children([el("label").attr("for", "ban-name").text(&label), input]);
        Some(field).filter(|_| choice.purge.get_untracked() == 2)
    };
    el("div").swap_on(move || choice.purge.get() == 2, field)
}

fn foot(target: &Member, preview: RwSignal<Option<BanPreview>>, choice: Choice, close: Callback<()>) -> El {
    let name = target.display_name.to_string();
    let (member, asked) = (target.id, name.clone());
    // Nothing is banned before it is known what that touches, and no thousand messages without the name.
    let ready = move || {
        let many = preview.with(|preview| preview.as_ref().map(|preview| preview.messages_all > TYPED_ABOVE));
        let named = choice.typed.with(|typed| typed.trim() == asked);
        many.is_some_and(|many| !many || choice.purge.get() != 2 || named)
    };
    let may = ready.clone();
    let go = move || {
        if choice.busy.get_untracked() || !untrack(&may) {
            return;
        }
        choice.wrongs.clear();
        choice.busy.set(true);
        let ban = Ban {
            reason: Reason::parse(choice.reason.get_untracked()).unwrap_or_default(),
            addresses: choice.addresses.get_untracked(),
            purge: PURGES[choice.purge.get_untracked()],
        };
        spawn_local(async move {
            let answer = api::ban(member, &ban).await;
            choice.busy.try_set(false);
            match answer {
                Ok(()) => close.run(()),
                Err(error) => choice.wrongs.take(&error),
            }
        });
    };
    let stop = button("btn btn--stop")
        .true_of("aria-disabled", move || !ready())
        .flag_of("data-busy", move || choice.busy.get())
        .child(icon("#no"))
        .text(&fill(w().ban_go, &[("a", &name)]))
        .press(go);
    el("footer")
        .class("dialog__foot")
        .children([button("btn push").text(w().cancel).press(move || close.run(())), stop])
}
