//! The workspace's own name and rules.

use shared::{
    audit::AuditAct,
    event::WorkspaceChanged,
    member::Workspace,
    policy::{WorkspaceAction, in_workspace},
    request::WorkspaceAnswer,
};

use rusqlite::params;

use super::{accounts, audit, transaction::Tx};
use crate::{
    domain::{audience::Audience, policy},
    store::{ChangeWorkspace, StoreError},
};

/// Changes the name and the rules that are named.
pub(super) fn change(tx: &mut Tx<'_>, command: &ChangeWorkspace) -> Result<WorkspaceAnswer, StoreError> {
    let actor = accounts::actor(tx.connection(), command.by.member)?;
    let held = accounts::opened(tx.connection())?;
    policy::require(in_workspace(actor.role, &held, WorkspaceAction::Change))?;
    let change = &command.change;
    let workspace = Workspace {
        name: change.name.clone().unwrap_or_else(|| held.name.clone()),
        rooms_by: change.rooms_by.unwrap_or(held.rooms_by),
        invites_by: change.invites_by.unwrap_or(held.invites_by),
        guests: change.guests.unwrap_or(held.guests),
    };
    if workspace != held {
        tx.prepare("UPDATE workspace SET name = ?1, rooms_by = ?2, invites_by = ?3, guests = ?4")?.execute(params![
            workspace.name.as_str(),
            workspace.rooms_by.as_str(),
            workspace.invites_by.as_str(),
            workspace.guests
        ])?;
        tx.append(Audience::Workspace, &WorkspaceChanged { workspace: workspace.clone() }.into(), &command.by.at)?;
        for detail in differences(&held, &workspace) {
            let subject = audit::Subject { detail: Some(detail), ..Default::default() };
            audit::record(tx, &command.by, AuditAct::WorkspaceChanged, subject)?;
        }
    }
    Ok(WorkspaceAnswer { workspace, cursor: tx.cursor(tx.head()) })
}

/// What is different, one line for each: the field's name, and what it is now.
fn differences(held: &Workspace, now: &Workspace) -> Vec<String> {
    let fields = |workspace: &Workspace| {
        [
            format!("name={}", workspace.name),
            format!("rooms_by={}", workspace.rooms_by.as_str()),
            format!("invites_by={}", workspace.invites_by.as_str()),
            format!("guests={}", workspace.guests),
        ]
    };
    let held = fields(held);
    fields(now).into_iter().filter(|field| !held.contains(field)).collect()
}
