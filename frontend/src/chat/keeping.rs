//! What stays on this device: the outbox, drafts, the last room, and whose they are.
//!
//! Everything a person wrote is kept under their account. The account that this browser's session belongs to is noted
//! too, where every tab can see it: a tab whose person has signed out elsewhere finds another note, or none, and sends
//! nothing (the session cookie itself is invisible to the page).

use shared::{
    id::{ClientId, RoomId},
    member::Member,
    wire::to_json,
};

use crate::{
    api::json,
    browser::{page, storage},
    state::outbox::{Account, Kept},
};

/// The server's versions for which this tab was loaded anew, one per line.
const RELOADED: &str = "teahouse.reloaded";
/// Whose session this browser holds.
const ACCOUNT: &str = "teahouse.account";
/// The workspace's name, for the page that is shown before the program has loaded.
const PLACE: &str = "teahouse.place";
/// The slug of the room opened last.
const ROOM: &str = "teahouse.room";
/// Drafts, by account and room.
const DRAFT: &str = "teahouse.draft/";

/// The outbox's messages of one account.
pub(super) struct Outbox<'a> {
    shelf: &'a storage::Shelf,
    account: String,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(shelf: &'a storage::Shelf, account: Account) -> Self {
        Self { shelf, account: account.key() }
    }

    /// Writes a message so that it survives the page, before this returns.
    pub(super) fn put_ahead(&self, kept: &Kept) -> bool {
        self.shelf.put_ahead(&self.key(kept.client_id), &to_json(kept))
    }

    /// Writes a message for good. Returns whether it is kept anywhere.
    pub(super) async fn put(&self, kept: &Kept) -> bool {
        self.shelf.put(&self.key(kept.client_id), &to_json(kept)).await
    }

    pub(super) async fn remove(&self, client_id: ClientId) {
        self.shelf.remove(&self.key(client_id)).await;
    }

    /// Everything kept. What cannot be read, from a later version perhaps, stays where it is.
    pub(super) async fn all(&self) -> Vec<Kept> {
        let texts = self.shelf.all(&self.prefix()).await;
        texts.into_iter().filter_map(|text| json::read(&text.into()).ok()).collect()
    }

    pub(super) async fn clear(&self) {
        self.shelf.clear(&self.prefix()).await;
    }

    fn prefix(&self) -> String {
        format!("{}/", self.account)
    }

    fn key(&self, client_id: ClientId) -> String {
        format!("{}/{client_id}", self.account)
    }
}

/// Notes whose session this browser holds, and where.
pub(super) fn note_account(me: &Member, workspace: &str) {
    page::store(ACCOUNT, Some(&Account { member: me.id }.key()));
    page::store(PLACE, Some(workspace));
}

/// Whether this browser's session is still this account's, as far as the page can know.
pub(super) fn is_current(account: Account) -> bool {
    match page::stored(ACCOUNT) {
        Some(noted) => noted == account.key(),
        // Where nothing can be kept, no other tab could have left a note.
        None => !storage::keep_local("teahouse.probe", "1"),
    }
}

/// The storage key under which [`is_current`] looks, for listeners.
pub(super) fn is_account_key(key: Option<&str>) -> bool {
    // Without a key, everything was cleared.
    key.is_none_or(|key| key == ACCOUNT)
}

/// Whether nobody's session is noted any more: the person signed out in another tab.
pub(super) fn is_nobodys() -> bool {
    page::stored(ACCOUNT).is_none()
}

/// Forgets whose session it was, and what is theirs but for the outbox.
pub(super) fn forget_account(account: Option<Account>) {
    for key in [ACCOUNT, PLACE, ROOM] {
        page::store(key, None);
    }
    if let Some(account) = account {
        forget_drafts(account);
    }
}

/// The slug of the room opened last.
pub(super) fn last_room() -> Option<String> {
    page::stored(ROOM)
}

pub(super) fn note_room(slug: &str) {
    page::store(ROOM, Some(slug));
}

/// The versions for which this tab was loaded anew. `None`: that cannot be kept.
pub(super) fn reloaded_for() -> Option<String> {
    page::kept_in_tab(RELOADED)
}

/// Loads the page anew, once for this version of the server.
pub(super) fn reload_for(version: &str) {
    let versions = [&reloaded_for().unwrap_or_default(), version, "\n"].concat();
    page::keep_in_tab(RELOADED, &versions);
    page::reload();
}

/// All drafts of an account.
pub(super) fn drafts(account: Account) -> Vec<(RoomId, String)> {
    let drafts = storage::stored_under(&draft_prefix(account)).into_iter();
    drafts.filter_map(|(room, text)| Some((room.parse().ok()?, text))).collect()
}

pub(super) fn keep_draft(account: Account, room: RoomId, text: &str) {
    let key = format!("{}{room}", draft_prefix(account));
    page::store(&key, Some(text).filter(|text| !text.is_empty()));
}

pub(super) fn forget_drafts(account: Account) {
    storage::forget_under(&draft_prefix(account));
}

fn draft_prefix(account: Account) -> String {
    format!("{DRAFT}{}/", account.key())
}
