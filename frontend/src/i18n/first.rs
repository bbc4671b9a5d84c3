//! The strings of the first download, out of the two tables: what a room is read and written with.
//!
//! The tables themselves come later, with the screens that use the rest (`crate::later`): whoever asks for [`super::Words`]
//! takes all of them along. A string that the first download begins to use is named here.

use super::{Words, en, zh};

/// Declares [`First`] and takes its strings from the tables.
macro_rules! first {
    ($($field:ident,)*) => {
        /// The strings of the first download in one language.
        #[expect(missing_docs, reason = "each field is named by its key, and shown by its text")]
        #[derive(Debug)]
        pub struct First { $(pub $field: &'static str,)* }

        /// English.
        pub(super) static EN: First = of(&en::EN);
        /// Simplified Chinese.
        pub(super) static ZH: First = of(&zh::ZH);

        const fn of(words: &'static Words) -> First {
            First { $($field: words.$field,)* }
        }
    };
}

first! {
    app_name,
    skip_timeline,
    skip_compose,
    panel_close,
    later_wait,
    later_missing,
    nav_rooms,
    nav_back,
    row_unread,
    row_unread_one,
    row_draft,
    row_unsent,
    row_private,
    place_menu,
    place_invite,
    nav_settings,
    live_ok,
    live_bare,
    live_opening,
    live_wait,
    live_replay,
    live_off,
    live_stop,
    conn_wait,
    conn_trying,
    conn_now,
    conn_replay,
    conn_off,
    bye_stop,
    live_open,
    conn_why,
    room_members,
    room_members_one,
    room_log,
    day_today,
    day_yesterday,
    line_new,
    latest_n,
    latest_one,
    latest_jump,
    older_load,
    older_failed,
    room_loading,
    empty_room_t,
    empty_room_b,
    msg_edited,
    msg_deleted,
    msg_failed,
    msg_failed_refused,
    msg_failed_room,
    msg_failed_stale,
    msg_queued,
    msg_retry,
    msg_edit,
    msg_delete,
    code_label,
    comp_label,
    comp_send,
    comp_help,
    comp_keys,
    comp_over,
    comp_volatile,
    sr_new1,
    sr_newn,
    sr_replay,
    sr_failed,
    in_password,
    in_name,
    in_go,
    dev_out_failed,
    out_t,
    out_b_else,
    ver_old_t,
    ver_old_b,
    ver_old_go,
    place_people,
    place_audit,
    out_other,
    place_settings,
    act_of,
    act_select,
    browse_title,
    del_done,
    del_undo,
    err_gone,
    err_offline,
    err_refused,
    err_server,
    gone_arch,
    inv_all,
    inv_all_note,
    inv_hide,
    inv_hide_note,
    inv_men,
    inv_men_note,
    inv_none,
    inv_none_note,
    inv_title,
    invite_copied,
    key_delete,
    msg_actions,
    msg_link,
    msg_more,
    msg_text,
    msg_unread,
    nav_addroom,
    nav_dms,
    nav_newdm,
    room_details,
    room_notify,
    room_post_only,
    room_restore,
    row_muted,
}
