//! What takes time: requests to the server and to this device's storage, and what their answers mean.

use std::time::Duration;

use leptos::prelude::Set;
use shared::{
    id::{ClientId, RoomId},
    problem::ProblemCode,
    request::{ChangeRoom, PostMessage},
    text::MessageBody,
};

use super::{driver::Driver, keeping};
use crate::{
    api::{self, ApiError},
    browser::{clock, page},
    live::connection::{Answer, Input, Ticket},
    state::{
        model::{Effect, PageFailure, PageWish},
        outbox::{Kept, Outcome, Step},
        pending::{Act, Told},
        view::{Failure, Notice, Session},
    },
};

/// Wait after a 429 that does not say how long, in milliseconds.
const LIMITED_MS: u64 = 5_000;

/// Wait before asking again whether there is anything to sign in to, in milliseconds.
const DOOR_AGAIN_MS: u64 = 2_000;

impl Driver {
    pub(super) fn perform(&self, effect: Effect) {
        match effect {
            Effect::Outbox(Step::Keep(kept)) => self.keep(kept),
            Effect::Outbox(Step::Forget(client_id)) => self.forget(client_id),
            Effect::Outbox(Step::Post { room, client_id, body }) => {
                self.spawn(move |driver| async move { driver.post(room, client_id, &body).await });
            }
            Effect::LoadPage(wish) => self.spawn(move |driver| async move { driver.load_page(wish).await }),
            Effect::MoveRead(read) => self.spawn(move |driver| async move {
                let answer = api::move_read(read).await.map_err(|error| driver.page_failure(&error));
                driver.model.borrow_mut().read_answered(read.room, answer, clock::now());
                driver.settle();
            }),
            Effect::AskPresence(members) => self.spawn(move |driver| async move {
                let answer = api::presence(&members).await.ok();
                let answer = answer.as_ref().map(|list| &list.presence[..]);
                driver.model.borrow_mut().presence.answered(&members, answer, clock::now().mono_ms);
                driver.settle();
            }),
            Effect::SetRead(read) => self.spawn(move |driver| async move {
                let answer = api::set_read(read).await.map_err(|error| driver.page_failure(&error));
                driver.model.borrow_mut().read_answered(read.room, answer, clock::now());
                driver.settle();
            }),
            Effect::Tell(act) => self.spawn(move |driver| async move { driver.tell_act(act).await }),
            Effect::Drop(room) => self.drop_timeline(room),
            Effect::FetchMember(member) => self.spawn(move |driver| async move {
                let answer = api::person(member).await.ok();
                driver.model.borrow_mut().meet(answer);
                driver.settle();
            }),
        }
    }

    pub(super) async fn load_snapshot(&self, ticket: Ticket) {
        let answer = api::snapshot().await;
        if !self.connection.borrow().awaits(ticket) {
            return;
        }
        let answer = match answer {
            Ok(snapshot) if self.model.borrow().me().is_some_and(|me| me.id != snapshot.me.id) => {
                // Another tab signed in as somebody else: nothing of the first person's stays, not even in memory.
                return page::reload();
            }
            Ok(snapshot) => {
                self.show_account(&snapshot.me, snapshot.workspace.name.as_str());
                let newcomer = self.model.borrow_mut().begin(snapshot, clock::now());
                if let Some(account) = newcomer {
                    for (room, text) in keeping::drafts(account) {
                        self.model.borrow_mut().set_draft(room, text);
                    }
                    self.spawn(|driver| async move { driver.restore_outbox(account).await });
                }
                Answer::Good
            }
            Err(error) => what_it_says(&error),
        };
        self.tell(Input::Snapshot(ticket, answer));
    }

    async fn restore_outbox(&self, account: crate::state::outbox::Account) {
        let kept = keeping::Outbox::new(&self.shelf, account).all().await;
        if self.account() == Some(account) {
            self.model.borrow_mut().restore(kept, clock::now());
            self.settle();
        }
    }

    pub(super) async fn probe(&self, ticket: Ticket) {
        let answer = match api::session().await {
            Ok(signed_in) => {
                if self.model.borrow().me().is_some_and(|me| me.id != signed_in.me.id) {
                    return self.tell(Input::Start);
                }
                Answer::Good
            }
            Err(error) => what_it_says(&error),
        };
        self.tell(Input::Probed(ticket, answer));
    }

    /// Nobody is signed in. A page that shows somebody's rooms says so and keeps them; otherwise there is a door, and
    /// the server says which.
    pub(super) async fn find_the_door(&self) {
        if self.account().is_some() {
            self.signals.notice.set(Some(Notice::SignedOut));
            return;
        }
        loop {
            match api::setup_state().await {
                Ok(state) => {
                    let door = if state.needed { Session::SetupNeeded } else { Session::SignedOut };
                    self.signals.session.set(door);
                    return;
                }
                Err(_) => sleep(DOOR_AGAIN_MS).await,
            }
        }
    }

    /// Keeps a message: at once where the page's end cannot take it, then for good, and only then may it be sent.
    fn keep(&self, kept: Kept) {
        let Some(account) = self.account() else { return };
        keeping::Outbox::new(&self.shelf, account).put_ahead(&kept);
        self.spawn(move |driver| async move {
            let is_kept = keeping::Outbox::new(&driver.shelf, account).put(&kept).await;
            if !is_kept {
                driver.signals.volatile.set(true);
            }
            driver.model.borrow_mut().stored(kept.client_id, clock::now());
            driver.settle();
        });
    }

    fn forget(&self, client_id: ClientId) {
        if let Some(account) = self.account() {
            self.spawn(
                move |driver| async move { keeping::Outbox::new(&driver.shelf, account).remove(client_id).await },
            );
        }
    }

    async fn post(&self, room: RoomId, client_id: ClientId, body: &str) {
        let outcome = self.try_post(room, client_id, body).await;
        self.model.borrow_mut().post_answered(client_id, outcome, clock::now());
        if outcome == Outcome::SignedOut {
            self.tell(Input::Unauthorized);
        } else {
            self.settle();
        }
    }

    async fn try_post(&self, room: RoomId, client_id: ClientId, body: &str) -> Outcome {
        let Ok(body) = MessageBody::parse(body) else { return Outcome::Refused(Failure::Refused) };
        if !self.account().is_some_and(keeping::is_current) {
            return Outcome::SignedOut;
        }
        match api::post_message(room, &PostMessage { client_id, body }).await {
            Ok(posted) => Outcome::Posted(posted.message.offset),
            Err(error) => outcome(&error),
        }
    }

    async fn tell_act(&self, act: Act) {
        let answer = match act {
            Act::Delete { message, .. } => api::delete_message(message).await,
            Act::Leave(room) => api::leave_room(room).await,
            Act::Archive(room) => {
                let change = ChangeRoom { archived: Some(true), ..ChangeRoom::default() };
                api::change_room(room, &change).await.map(drop)
            }
        };
        let told = match answer.map_err(|error| self.page_failure(&error)) {
            Ok(()) => Told::Done,
            Err(PageFailure::Later) => Told::Later,
            Err(PageFailure::Never) => Told::Refused,
        };
        self.model.borrow_mut().act_answered(act, told, clock::now());
        self.settle();
    }

    async fn load_page(&self, wish: PageWish) {
        let answer = api::message_page(wish.room, wish.at, wish.limit).await;
        let answer = answer.map_err(|error| self.page_failure(&error));
        self.model.borrow_mut().page_answered(wish, answer, clock::now());
        self.settle();
    }

    /// What an error of a request in the background means; a 401 is also said to the connection.
    fn page_failure(&self, error: &ApiError) -> PageFailure {
        if error.status() == Some(401) {
            self.tell(Input::Unauthorized);
            // Asked again when somebody is signed in.
            PageFailure::Later
        } else if let Some(banned) = barring(error) {
            self.tell(Input::Barred { banned });
            PageFailure::Never
        } else if error.may_pass() {
            PageFailure::Later
        } else {
            PageFailure::Never
        }
    }
}

/// What an error says about the session.
fn what_it_says(error: &ApiError) -> Answer {
    if error.status() == Some(401) || error.code() == Some(ProblemCode::SetupNeeded) {
        Answer::SignedOut
    } else if let Some(banned) = barring(error) {
        Answer::Barred { banned }
    } else {
        Answer::None
    }
}

/// Whether an error says that the account cannot be used any more, and whether because it was banned.
pub(super) fn barring(error: &ApiError) -> Option<bool> {
    match error.code()? {
        ProblemCode::Banned => Some(true),
        ProblemCode::Deactivated => Some(false),
        _ => None,
    }
}

/// What an error says about a post.
fn outcome(error: &ApiError) -> Outcome {
    let wait_ms = error.retry_after_s().map(|seconds| u64::from(seconds) * 1_000);
    match error.status() {
        Some(401) => Outcome::SignedOut,
        Some(429) => Outcome::Limited { wait_ms: wait_ms.unwrap_or(LIMITED_MS) },
        _ if error.may_pass() => Outcome::Unknown { wait_ms },
        Some(403 | 404) => Outcome::Refused(Failure::NoRoom),
        _ => Outcome::Refused(Failure::Refused),
    }
}

async fn sleep(ms: u64) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        leptos::prelude::set_timeout(
            move || {
                // A resolve function does not throw.
                let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
            },
            Duration::from_millis(ms),
        );
    });
    // It is never rejected.
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

#[cfg(test)]
mod tests {
    use shared::problem::Problem;

    use super::*;

    #[test]
    fn an_error_decides_what_becomes_of_a_message() {
        let problem =
            |code, retry_after_s| ApiError::Problem { problem: Box::new(Problem::new(code, "q")), retry_after_s };
        for (error, expected) in [
            (ApiError::Network, Outcome::Unknown { wait_ms: None }),
            (ApiError::Malformed { status: 502 }, Outcome::Unknown { wait_ms: None }),
            (ApiError::Malformed { status: 408 }, Outcome::Unknown { wait_ms: None }),
            (problem(ProblemCode::Unavailable, Some(2)), Outcome::Unknown { wait_ms: Some(2_000) }),
            (problem(ProblemCode::RateLimited, Some(7)), Outcome::Limited { wait_ms: 7_000 }),
            (problem(ProblemCode::RateLimited, None), Outcome::Limited { wait_ms: LIMITED_MS }),
            (problem(ProblemCode::NotSignedIn, None), Outcome::SignedOut),
            (problem(ProblemCode::NotFound, None), Outcome::Refused(Failure::NoRoom)),
            (problem(ProblemCode::TooLong, None), Outcome::Refused(Failure::Refused)),
            (problem(ProblemCode::ClientIdReused, None), Outcome::Refused(Failure::Refused)),
        ] {
            assert_eq!(outcome(&error), expected, "{error:?}");
        }
    }
}
