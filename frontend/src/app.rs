//! The application: providers, the router, and which door is open to whom.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions, ParamSegment, StaticSegment, WildcardSegment,
    components::{FlatRoutes, Route, Router},
    hooks::{use_location, use_navigate},
};

use crate::{
    browser::{page, prefs::Prefs},
    chat::{Chat, use_chat},
    components::connection::ConnectionStrip,
    pages::{chat::ChatPage, join::Join, setup::SetUp, signin::SignIn},
    state::view::Session,
};

/// Whether the person has just signed out here, which the sign-in page says.
#[derive(Clone, Copy, Debug)]
pub struct JustLeft(pub RwSignal<bool>);

/// Everything on screen.
#[component]
pub fn App() -> impl IntoView {
    Prefs::provide();
    Chat::provide();
    provide_context(JustLeft(RwSignal::new(false)));
    view! { <Router><Doorkeeper/></Router> }
}

/// Sends everyone to the door that is theirs. Until the server has said who is there, the skeleton of `index.html`
/// stays, and nothing is drawn that would have to be taken back.
#[component]
fn Doorkeeper() -> impl IntoView {
    let chat = use_chat();
    let path = use_location().pathname;
    let navigate = use_navigate();
    Effect::new(move |_| {
        let session = chat.session.get();
        if let Some(to) = path.with(|path| redirect(session, path)) {
            navigate(to, NavigateOptions { replace: true, ..Default::default() });
        }
    });
    let known = Memo::new(move |_| {
        chat.session.get() != Session::Unknown && path.with(|path| redirect(chat.session.get(), path).is_none())
    });
    Effect::new(move |_| {
        if known.get() {
            page::remove_skeleton()
        }
    });
    view! {
        <Show when=move || known.get() fallback=move || view! { <Unanswered/> }>
            <FlatRoutes fallback=|| ()>
                <Route path=StaticSegment("setup") view=SetUp/>
                <Route path=StaticSegment("signin") view=SignIn/>
                <Route path=(StaticSegment("join"), ParamSegment("code")) view=Join/>
                <Route path=WildcardSegment("place") view=ChatPage/>
            </FlatRoutes>
        </Show>
    }
}

/// Over the skeleton, when the server does not say who is there: that it is tried again, and when.
#[component]
fn Unanswered() -> impl IntoView {
    let chat = use_chat();
    view! {
        <aside class="unanswered"><ConnectionStrip link=chat.link on_retry=Callback::new(move |()| chat.try_now())/></aside>
    }
}

/// Where somebody in this state must go instead; `None` when the address is theirs.
fn redirect(session: Session, path: &str) -> Option<&'static str> {
    let joining = path.starts_with("/join/");
    match session {
        Session::Unknown => None,
        Session::SetupNeeded => (path != "/setup").then_some("/setup"),
        Session::SignedOut => (path != "/signin" && !joining).then_some("/signin"),
        Session::In => matches!(path, "/setup" | "/signin").then_some("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_sent_to_their_door() {
        for (session, path, to) in [
            (Session::Unknown, "/rooms/general", None),
            (Session::SetupNeeded, "/", Some("/setup")),
            (Session::SetupNeeded, "/setup", None),
            (Session::SignedOut, "/", Some("/signin")),
            (Session::SignedOut, "/setup", Some("/signin")),
            (Session::SignedOut, "/join/abc", None),
            (Session::In, "/signin", Some("/")),
            (Session::In, "/join/abc", None),
            (Session::In, "/rooms/general", None),
        ] {
            assert_eq!(redirect(session, path), to, "{session:?} {path}");
        }
    }
}
