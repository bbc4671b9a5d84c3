//! Names of people and rooms that a list mentions and this page may not know: asked for once, and known from then on.

use leptos::{prelude::*, task::spawn_local};
use shared::id::{MemberId, RoomId};

use crate::{
    api,
    chat::{Chat, use_chat},
    state::audit,
};

/// What was asked for: the id as a text, and the name. `None` while it is on its way, and for what may not be known.
type Known = Vec<(String, Option<String>)>;

/// The names; they live as long as the page that mentions them.
#[derive(Clone, Copy)]
pub(super) struct Names {
    chat: Chat,
    known: StoredValue<Known>,
    /// Raised with every name that has come.
    news: RwSignal<u32>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { chat: use_chat(), known: StoredValue::new(Vec::new()), news: RwSignal::new(0) }
    }

    /// Follows the names that are still to come.
    pub(super) fn track(self) {
        self.news.track();
    }

    /// A name that is not known here; `ask` begins to ask for it. Returns it if it has come.
    fn find(self, id: String, ask: impl FnOnce(String)) -> Option<String> {
        let known =
            self.known.with_value(|known| known.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone()));
        known.unwrap_or_else(|| {
            self.known.update_value(|known| known.push((id.clone(), None)));
            ask(id);
            None
        })
    }

    fn came(self, id: &str, name: String) {
        let note = |known: &mut Known| {
            if let Some((_, held)) = known.iter_mut().find(|(known, _)| known == id) {
                *held = Some(name);
            }
        };
        // The page may be gone by now.
        if self.known.try_update_value(note).is_some() {
            self.news.try_update(|news| *news += 1);
        }
    }
}

impl audit::Names for Names {
    fn person(&self, member: MemberId) -> Option<String> {
        let here = *self;
        self.chat.person(member).map(|person| person.name).or_else(|| {
            self.find(member.to_string(), |id| {
                spawn_local(async move {
                    if let Ok(member) = api::person(member).await {
                        here.came(&id, member.display_name.to_string());
                    }
                });
            })
        })
    }

    fn room(&self, room: RoomId) -> Option<String> {
        let (here, id) = (*self, room.to_string());
        let mine =
            self.chat.rooms.with_untracked(|rooms| rooms.iter().find(|row| row.id == id).map(|row| row.name.clone()));
        mine.or_else(|| {
            self.find(id, |id| {
                spawn_local(async move {
                    if let Ok(view) = api::room(room).await {
                        here.came(&id, view.room.name.to_string());
                    }
                });
            })
        })
    }
}
