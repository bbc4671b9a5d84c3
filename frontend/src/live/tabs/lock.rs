//! Who leads, in the browser: a Web Lock where there is one, else the [`Lease`] in `localStorage`.
//!
//! Web Locks (W3C Web Locks API) exist in secure contexts only: HTTPS, and plain HTTP to this very device.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::{
    TabId,
    lease::{Act, Held, Lease},
};
use crate::browser::{page, storage};

/// What became of the wish to lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// This tab leads.
    Granted,
    /// Another tab took it.
    Deprived,
    /// Neither locks nor a lease can be had here.
    Unshared,
}

/// The wish to lead, and its means.
pub struct Lock {
    name: String,
    means: Means,
    told: Rc<dyn Fn(Fate)>,
}

enum Means {
    Locks { locks: JsValue, request: Function, state: Rc<State> },
    Lease(RefCell<Lease>),
}

/// A request for the lock, as far as it has come.
#[derive(Default)]
struct State {
    /// Counts requests: what comes of an older one is ignored.
    number: Cell<u32>,
    /// It waits, and can be taken back.
    waiting: RefCell<Option<AbortController>>,
    /// It was granted; calling this gives it back.
    held: RefCell<Option<Function>>,
}

impl Lock {
    /// `told` is called with what becomes of [`ask`](Self::ask), later or, for a lease, within [`look`](Self::look).
    pub fn new(name: String, me: TabId, told: impl Fn(Fate) + 'static) -> Self {
        let means = web_locks().unwrap_or_else(|| Means::Lease(RefCell::new(Lease::new(me))));
        Self { name, means, told: Rc::new(told) }
    }

    /// Asks for it; `steal`: takes it from whoever has it. Asking twice is asking once.
    pub fn ask(&self, steal: bool) {
        match &self.means {
            Means::Lease(lease) => {
                let act = lease.borrow_mut().ask(now(), self.stored(), steal);
                self.act(act);
            }
            Means::Locks { state, .. } if state.held.borrow().is_some() => {}
            Means::Locks { state, .. } if state.waiting.borrow().is_some() && !steal => {}
            Means::Locks { locks, request, state } => {
                state.give_back();
                if self.request(locks, request, state, steal).is_none() {
                    (self.told)(Fate::Unshared);
                }
            }
        }
    }

    /// Gives it back, or stops asking.
    pub fn release(&self) {
        match &self.means {
            Means::Lease(lease) => {
                let act = lease.borrow_mut().release(self.stored());
                self.act(act);
            }
            Means::Locks { state, .. } => state.give_back(),
        }
    }

    /// Looks after the lease: at [`next_look`](Self::next_look), when storage changed, and at every event of the stream.
    pub fn look(&self) {
        if let Means::Lease(lease) = &self.means {
            let act = lease.borrow_mut().look(now(), self.stored());
            self.act(act);
        }
    }

    /// When to look again, in Unix milliseconds.
    #[must_use]
    pub fn next_look(&self) -> Option<u64> {
        if let Means::Lease(lease) = &self.means { lease.borrow().next_look() } else { None }
    }

    /// Requests the lock. The callback's promise holds it until it is resolved. `None`: there is no using it.
    fn request(&self, locks: &JsValue, request: &Function, state: &Rc<State>, steal: bool) -> Option<()> {
        let number = state.number.get();
        let options = Object::new();
        if steal {
            Reflect::set(&options, &"steal".into(), &true.into()).ok()?;
        } else {
            let abort = AbortController::new().ok()?;
            Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
            state.waiting.replace(Some(abort));
        }
        let granted = {
            let (state, told) = (Rc::clone(state), Rc::clone(&self.told));
            Closure::<dyn Fn() -> Promise>::new(move || {
                if state.number.get() != number {
                    return Promise::resolve(&JsValue::UNDEFINED);
                }
                state.waiting.take();
                let until = Promise::new(&mut |resolve, _| drop(state.held.replace(Some(resolve))));
                told(Fate::Granted);
                until
            })
        };
        let ended = request.call3(locks, &self.name.as_str().into(), &options, granted.as_ref()).ok()?;
        let (state, told) = (Rc::clone(state), Rc::clone(&self.told));
        spawn_local(async move {
            let ended = JsFuture::from(ended.unchecked_into::<Promise>()).await;
            // Held until here, so that the browser can call it.
            drop(granted);
            if ended.is_err() && state.number.get() == number {
                state.waiting.take();
                told(if state.held.take().is_some() { Fate::Deprived } else { Fate::Unshared });
            }
        });
        Some(())
    }

    fn act(&self, act: Option<Act>) {
        match act {
            Some(Act::Write(held)) => {
                let text = [held.tab.to_string(), held.until_ms.to_string()].join(" ");
                if !storage::keep_local(&self.name, &text) {
                    (self.told)(Fate::Unshared);
                }
            }
            Some(Act::Clear) => page::store(&self.name, None),
            Some(Act::Granted) => (self.told)(Fate::Granted),
            Some(Act::Deprived) => (self.told)(Fate::Deprived),
            None => {}
        }
    }

    fn stored(&self) -> Option<Held> {
        let text = page::stored(&self.name)?;
        let (tab, until_ms) = text.split_once(' ')?;
        Some(Held { tab: tab.parse().ok()?, until_ms: until_ms.parse().ok()? })
    }
}

impl State {
    /// What was asked for is not wanted any more.
    fn give_back(&self) {
        self.number.set(self.number.get().wrapping_add(1));
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
        if let Some(give_back) = self.held.take() {
            // A resolve function does not throw.
            let _ = give_back.call0(&JsValue::UNDEFINED);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.release();
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lock").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `navigator.locks`, if this page may use it.
fn web_locks() -> Option<Means> {
    let locks = Reflect::get(&web_sys::window()?.navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some(Means::Locks { locks, request, state: Rc::default() })
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}
