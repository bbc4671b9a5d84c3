//! What every store does: one async function per behaviour, over `&dyn Store`, each on an empty store.
//!
//! [`each_behaviour`] is the list; a store runs it whole by handing over a macro that makes a test of each name. A
//! behaviour that is not on the list is dead code, which lint refuses. What only one engine can show (its files, its
//! failures) is tested beside that engine.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

pub(super) mod access;
pub(super) mod bans;
pub(super) mod fixture;
pub(super) mod follow;
pub(super) mod history;
pub(super) mod invites;
pub(super) mod links;
pub(super) mod log;
pub(super) mod people;
pub(super) mod posting;
pub(super) mod reading;
pub(super) mod rooms;
pub(super) mod sessions;

/// Calls the macro `$run` with every behaviour.
macro_rules! each_behaviour {
    ($run:ident) => {
        $run! {
            access::the_workspace_is_opened_once,
            access::of_racing_setups_one_wins,
            access::accounts_are_found_by_their_key,
            access::when_people_were_last_here_is_no_fact,
            access::a_session_lives_until_it_expires,
            access::a_session_ends_when_it_is_ended,
            access::an_invite_works_until_it_expires,
            access::an_invite_is_made_by_a_member,
            access::a_preview_shows_what_the_link_may,
            invites::an_invite_lets_in_as_often_as_it_says,
            invites::an_invite_gives_its_role_and_its_room,
            invites::an_invite_is_made_within_ones_own_rights,
            invites::an_invite_stands_with_its_maker,
            invites::a_withdrawn_invite_is_like_none,
            invites::a_list_names_what_works,
            invites::who_is_in_comes_in_too,
            invites::the_open_door_is_for_guests_of_an_open_room,
            links::a_link_to_another_device_works_once,
            links::a_link_ends_with_what_it_stands_on,
            links::a_reset_link_sets_a_password_once,
            links::a_reset_link_is_an_owners_to_make,
            access::a_taken_name_changes_nothing,
            access::of_racing_newcomers_one_gets_the_name,
            access::what_has_expired_is_forgotten,
            sessions::a_session_lives_on_by_being_used,
            sessions::sessions_are_listed_and_revoked_by_their_owner,
            sessions::tokens_are_made_listed_and_revoked,
            sessions::one_more_session_ends_the_least_used,
            sessions::where_people_came_from_is_kept_for_a_while,
            people::the_list_of_people_comes_in_pages,
            people::a_guest_knows_who_shares_a_room,
            people::a_card_shows_what_its_owner_shares,
            people::a_profile_is_ones_own,
            people::a_role_is_given_by_those_above,
            people::the_last_owner_stays,
            people::who_is_deactivated_opens_no_door,
            people::a_new_password_ends_what_the_old_one_opened,
            people::the_workspace_is_changed_by_its_admins,
            people::the_audit_log_is_read_by_admins_page_by_page,
            bans::a_ban_puts_a_person_out_until_it_is_lifted,
            bans::a_blocked_address_makes_no_account,
            bans::a_purge_deletes_what_was_said_before_it,
            bans::who_may_be_banned,
            posting::a_post_takes_the_next_offset,
            posting::a_refusal_takes_no_offset,
            posting::a_retry_finds_the_first_post,
            posting::a_key_is_one_request_of_one_author,
            posting::racing_retries_make_one_message,
            posting::answers_are_in_the_order_of_the_log,
            posting::an_event_that_is_too_large_goes_without_html,
            posting::any_text_comes_back_as_it_was,
            history::pages_are_runs_of_the_history,
            history::a_room_is_found_by_its_members_only,
            history::lists_say_where_they_are_valid,
            rooms::a_new_room_is_told_to_its_people_only,
            rooms::a_direct_room_is_one_for_its_people,
            rooms::an_open_room_is_joined_and_a_closed_one_is_not,
            rooms::who_goes_is_told_first_and_hears_no_more,
            rooms::a_room_is_changed_part_by_part,
            rooms::an_address_is_a_rooms_for_ever,
            rooms::the_directory_names_what_can_be_seen,
            rooms::the_people_of_a_room_come_in_pages,
            rooms::an_involvement_is_kept_where_it_is_unusual,
            rooms::a_deleted_message_leaves_a_tombstone,
            rooms::counting_stops_where_it_says_nothing_more,
            log::the_log_is_read_without_holes,
            log::every_fact_names_its_audience,
            log::memberships_begin_at_their_fact,
            log::old_rows_are_pruned_in_order,
            log::a_store_says_whether_it_is_ready,
            follow::every_command_folds_into_the_snapshot,
            follow::a_snapshot_and_the_log_meet_under_load,
            follow::any_history_folds_into_the_snapshot,
            follow::pages_and_facts_meet_under_load,
            reading::counts_are_of_others_behind_the_mark,
            reading::a_mark_moves_forward_unless_it_is_set,
            reading::racing_marks_end_at_the_farthest,
        }
    };
}
pub(super) use each_behaviour;

/// Every method of the trait is called by the contract.
#[test]
fn the_contract_calls_every_method() {
    let contract = [
        include_str!("contract/access.rs"),
        include_str!("contract/bans.rs"),
        include_str!("contract/fixture.rs"),
        include_str!("contract/follow.rs"),
        include_str!("contract/history.rs"),
        include_str!("contract/invites.rs"),
        include_str!("contract/links.rs"),
        include_str!("contract/log.rs"),
        include_str!("contract/people.rs"),
        include_str!("contract/posting.rs"),
        include_str!("contract/reading.rs"),
        include_str!("contract/rooms.rs"),
        include_str!("contract/sessions.rs"),
    ]
    .concat();
    let traits = [
        include_str!("accounts.rs"),
        include_str!("audit.rs"),
        include_str!("bans.rs"),
        include_str!("invites.rs"),
        include_str!("links.rs"),
        include_str!("log.rs"),
        include_str!("messages.rs"),
        include_str!("people.rs"),
        include_str!("rooms.rs"),
        include_str!("sessions.rs"),
    ]
    .concat();
    let methods = traits.lines().filter_map(|line| line.trim().strip_prefix("async fn "));
    let mut seen = 0;
    for method in methods.map(|line| line.split('(').next().unwrap()) {
        assert!(contract.contains(&format!(".{method}(")), "the contract never calls {method}");
        seen += 1;
    }
    assert!(seen >= 20, "the trait was not found, only {seen} methods");
}
