//! What pages ask and order about rooms, their people and their messages.

use leptos::prelude::*;
use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    member::{Member, Role},
    policy::WorkspaceAction,
    request::ChangeRoom,
    room::Level,
};

use super::Chat;
use crate::{
    api::{self, ApiError},
    state::{pending::Act, view::Deletable},
};

impl Chat {
    /// Whether the person may do this in the place; tracked.
    #[must_use]
    pub fn may(&self, action: WorkspaceAction) -> bool {
        self.own.with(|own| own.as_ref().is_some_and(|own| own.may(action)))
    }

    /// What the person is in the workspace; tracked.
    #[must_use]
    pub fn my_role(&self) -> Option<Role> {
        self.own.with(|own| own.as_ref().map(|own| own.member.role))
    }

    /// A link leads to a message of the open room.
    pub fn jump(&self, room: &str, at: u64) {
        self.in_room(room, &mut |model, room, _| model.jump(room, Offset(at)));
    }

    /// What a message says, as its author wrote it.
    #[must_use]
    pub fn message_text(&self, room: &str, key: &str) -> Option<String> {
        let room: RoomId = room.parse().ok()?;
        self.driver().model.borrow().message(room, key).map(|message| message.body.clone())
    }

    /// The path of a message's address.
    #[must_use]
    pub fn message_path(&self, room: &str, key: &str) -> Option<String> {
        let room: RoomId = room.parse().ok()?;
        let driver = self.driver();
        let model = driver.model.borrow();
        let offset = model.message(room, key)?.offset.0.to_string();
        Some(["/rooms/", model.slug(room)?, "/", &offset].concat())
    }

    /// Everything from this message on is unread again.
    pub fn mark_unread(&self, room: &str, key: &str) {
        self.in_room(room, &mut |model, room, _| model.mark_unread(room, key));
    }

    /// Whether the person may delete a message, and who wrote it.
    #[must_use]
    pub fn deletable(&self, room: &str, key: &str) -> (Deletable, String) {
        let found = room.parse().ok().and_then(|room| self.driver().model.borrow().deletable(room, key));
        found.unwrap_or_default()
    }

    /// Deletes a message of one's own; for a few seconds that can be undone.
    pub fn delete_message(&self, room: &str, key: &str) {
        self.in_room(room, &mut |model, room, now| model.delete_message(room, key, now));
    }

    /// Brings a message back that was deleted a moment ago.
    pub fn undelete_message(&self, room: &str, key: &str) {
        self.in_room(room, &mut |model, room, _| model.undelete_message(room, key));
    }

    /// Undoes what was done last in a room.
    pub fn undo_last(&self, room: &str) {
        self.in_room(room, &mut |model, room, _| {
            model.undo_last(room);
        });
    }

    /// Deletes someone else's message, at once.
    ///
    /// # Errors
    /// [`ApiError`] when it was not deleted.
    pub async fn remove_message(&self, room: &str, key: &str) -> Result<(), ApiError> {
        let found = room
            .parse()
            .ok()
            .and_then(|room: RoomId| self.driver().model.borrow().message(room, key).map(|message| message.id));
        match found {
            Some(message) => api::delete_message(message).await,
            // Its fact was faster.
            None => Ok(()),
        }
    }

    /// Nothing that was done can be undone any more: the page goes away.
    pub fn seal(&self) {
        self.act(&mut |model, _| model.seal());
    }

    /// Leaves a room; for a few seconds that can be undone.
    pub fn leave_for_good(&self, room: &str) {
        self.in_room(room, &mut |model, room, now| model.part(Act::Leave(room), now));
    }

    /// Archives a room; for a few seconds that can be undone.
    pub fn archive_room(&self, room: &str) {
        self.in_room(room, &mut |model, room, now| model.part(Act::Archive(room), now));
    }

    /// Takes a room out of the archive.
    ///
    /// # Errors
    /// [`ApiError`] when it is still in there.
    pub async fn restore_room(&self, room: &str) -> Result<(), ApiError> {
        self.change_room(room, ChangeRoom { archived: Some(false), ..ChangeRoom::default() }).await
    }

    /// Changes a room.
    ///
    /// # Errors
    /// [`ApiError`] when it stayed as it was.
    pub async fn change_room(&self, room: &str, change: ChangeRoom) -> Result<(), ApiError> {
        let Ok(room) = room.parse::<RoomId>() else { return Ok(()) };
        api::change_room(room, &change).await.map(drop)
    }

    /// Chooses what to hear of a room. What follows from it comes as a fact.
    ///
    /// # Errors
    /// [`ApiError`] when nothing was chosen.
    pub async fn set_involvement(&self, room: &str, level: Level) -> Result<(), ApiError> {
        let Ok(room) = room.parse::<RoomId>() else { return Ok(()) };
        api::set_involvement(room, level).await
    }

    /// The people known here by name, but for the person at this screen; those among them who may be asked for.
    #[must_use]
    pub fn people(&self) -> Vec<Member> {
        self.driver().model.borrow().people()
    }

    /// Whether there are people in the place whom this page does not know.
    #[must_use]
    pub fn knows_everybody(&self) -> bool {
        self.driver().model.borrow().knows_everybody()
    }

    /// Somebody, if they are known here.
    #[must_use]
    pub fn member(&self, member: MemberId) -> Option<Member> {
        self.driver().model.borrow().member(member).cloned()
    }

    /// Takes note of somebody whom the server has named.
    pub fn meet(&self, member: Member) {
        self.act(&mut |model, _| model.meet(Some(member.clone())));
    }

    /// The slug of the direct room of exactly these people and the person at this screen, if there is one here.
    #[must_use]
    pub fn direct_room(&self, people: &[MemberId]) -> Option<String> {
        self.driver().model.borrow().direct_room(people).map(str::to_owned)
    }
}
