//! `/move/{code}` and `/reset/{code}`: links that work once, and sign in. Each says first whose it is: opening a page does
//! nothing.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{problem::ProblemCode, session::LinkPreview, text::Password};

use super::{
    Draw,
    join::unanswered,
    wrong::{Part, Wrongs},
};
use crate::{
    api,
    browser::{
        address::{Address, use_address},
        focus, page,
        prefs::doors as w,
    },
    chat::{Chat, use_chat},
    components::{
        alert::alert,
        door::{self, door, end},
        field::{Field, Kind},
        phrase::phrase,
        seal::seal,
    },
    dom::{El, effect, el},
    i18n::fill,
    state::view::Person,
};

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs in on another device.
    Move,
    /// Sets a new password.
    Reset,
}

#[derive(Clone)]
enum Known {
    Asking,
    Good(Arc<LinkPreview>),
    Dead,
    Unanswered,
}

/// The page of the link with this code.
#[must_use]
pub fn link(purpose: Purpose, code: String) -> Draw {
    let code: Arc<str> = code.into();
    let known = RwSignal::new(Known::Asking);
    let form = LinkForm::new(purpose, code.clone());
    let ask = Callback::new(move |()| {
        let code = code.clone();
        spawn_local(async move {
            let answer = match purpose {
                Purpose::Move => api::device_link(&code).await,
                Purpose::Reset => api::reset_link(&code).await,
            };
            known.set(match answer {
                Ok(preview) => Known::Good(Arc::new(preview)),
                Err(error) if matches!(error.code(), Some(ProblemCode::LinkInvalid | ProblemCode::NotFound)) => {
                    Known::Dead
                }
                Err(_) => Known::Unanswered,
            });
        });
    });
    effect(move || ask.run(()));
    Box::new(move || match known.get() {
        Known::Asking => Vec::new(),
        Known::Dead => vec![dead()],
        Known::Unanswered => vec![unanswered(ask)],
        Known::Good(preview) => vec![form.draw(&preview)],
    })
}

#[derive(Clone, Copy)]
struct LinkForm {
    chat: Chat,
    address: Address,
    purpose: Purpose,
    password: RwSignal<String>,
    wrongs: Wrongs,
    busy: RwSignal<bool>,
    over: RwSignal<bool>,
    code: StoredValue<Arc<str>>,
}

impl LinkForm {
    fn new(purpose: Purpose, code: Arc<str>) -> Self {
        Self {
            chat: use_chat(),
            address: use_address(),
            purpose,
            password: RwSignal::new(String::new()),
            wrongs: Wrongs::new(),
            busy: RwSignal::new(false),
            over: RwSignal::new(false),
            code: StoredValue::new(code),
        }
    }

    fn draw(self, preview: &LinkPreview) -> El {
        if self.over.get() {
            return dead();
        }
        let me = Person { id: preview.member.id.to_string(), name: preview.member.display_name.to_string() };
        let values = [("a", me.name.as_str()), ("team", preview.workspace.name.as_str())];
        let (title, lead) = match self.purpose {
            Purpose::Move => (fill(w().move_t, &values), w().move_b),
            Purpose::Reset => (w().reset_title.to_owned(), w().reset_lead),
        };
        page::set_title(&title);
        let waits = Signal::derive(move || self.busy.get() || self.wrongs.must_wait());
        let form = door::form(waits, Callback::new(move |()| self.send()));
        let form = match self.purpose {
            Purpose::Move => self.question(form, &me, waits),
            Purpose::Reset => self.new_password(form, preview.member.name.as_str(), waits),
        };
        let inside = vec![
            el("div").class("door__people").attr("aria-hidden", "true").child(seal(&me, Some("l"))),
            el("h1").text(&title),
            phrase(el("p").class("door__lead"), lead, &values),
            form,
        ];
        door(Signal::stored(preview.workspace.name.to_string()), None, inside)
    }

    fn question(self, form: El, me: &Person, waits: Signal<bool>) -> El {
        let go = el("button")
            .class("btn btn--main btn--wide")
            .true_of("aria-busy", move || waits.get())
            .flag_of("data-busy", move || waits.get())
            .text(&fill(w().move_go, &[("a", &me.name)]));
        let no = el("a").class("btn btn--wide").attr("href", "/").text(w().move_no);
        alert(form, self.wrongs.of(Part::Whole)).children([go, no])
    }

    fn new_password(self, form: El, name: &str, waits: Signal<bool>) -> El {
        let left = Callback::new(move |()| {
            self.password.with_untracked(|password| {
                if !password.is_empty() {
                    self.wrongs.judge_password(password);
                }
            });
        });
        // For the browser's keeper of passwords: whose it is.
        let name =
            el("input").attr("type", "text").attr("autocomplete", "username").attr("value", name).flag("hidden", true);
        let password = Field::new("password", w().pw_new, Kind::Password, "new-password");
        let password = Field { note: Some(w().setup_pw_note), left: Some(left), ..password };
        focus::focus_soon("password");
        let form = form.child(name).child(password.draw(self.password, self.wrongs.of(Part::Password)));
        end(form, self.wrongs.of(Part::Whole), w().reset_go, waits)
    }

    fn send(self) {
        let (chat, address) = (self.chat, self.address);
        self.wrongs.clear();
        let password = if self.purpose == Purpose::Reset {
            let typed = self.password.get_untracked();
            self.wrongs.judge_password(&typed);
            match Password::parse(typed) {
                Ok(password) => Some(password),
                Err(_) => return,
            }
        } else {
            None
        };
        self.busy.set(true);
        let code = self.code.get_value();
        spawn_local(async move {
            let answer = match password {
                Some(password) => api::reset_password(&code, password).await,
                None => api::sign_in_by_link(&code).await,
            };
            self.busy.set(false);
            match answer {
                Ok(signed_in) => {
                    chat.signed_in(signed_in);
                    address.go("/", true);
                }
                // Somebody was quicker, or it has expired while the page was open.
                Err(error) if error.code() == Some(ProblemCode::LinkInvalid) => self.over.set(true),
                Err(error) => self.wrongs.take(&error),
            }
        });
    }
}

/// Used, expired, mistyped: one page.
fn dead() -> El {
    page::set_title(w().link_dead_t);
    let inside = vec![
        el("h1").text(w().link_dead_t),
        el("p").class("door__lead").attr("role", "status").text(w().link_dead_b),
        el("a").class("btn").attr("href", "/signin").text(w().join_dead_in),
    ];
    door(Signal::stored(String::new()), None, inside)
}
