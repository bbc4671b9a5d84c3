//! The names of all strings, as one struct: a table that misses a string, or has one too many, does not compile.
//!
//! The fields follow `ux/strings.md` with dots as underscores. `{n}`, `{a}` and the like are holes, filled by
//! [`super::fill`] (text) or the `Phrase` component (elements).

/// Declares [`Words`] and, for tests, a way to walk over it.
macro_rules! words {
    ($($field:ident $key:literal,)*) => {
        /// Every string of the interface in one language.
        #[expect(missing_docs, reason = "each field is named by its key, and shown by its text")]
        #[derive(Debug)]
        pub struct Words { $(pub $field: &'static str,)* }

        #[cfg(test)]
        impl Words {
            /// All strings with their keys, in the order of declaration.
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$(($key, self.$field)),*]
            }
        }
    };
}

words! {
    // Everywhere.
    app_name "app.name",
    skip_timeline "skip.timeline",
    skip_compose "skip.compose",
    panel_close "panel.close",
    // The rail.
    nav_rooms "nav.rooms",
    nav_back "nav.back",
    row_unread "row.unread",
    row_unread_one "row.unread.one",
    row_draft "row.draft",
    row_unsent "row.unsent",
    row_private "row.private",
    place_menu "place.menu",
    place_invite "place.invite",
    nav_settings "nav.settings",
    // The stream.
    live_ok "live.ok",
    live_bare "live.bare",
    live_opening "live.opening",
    live_wait "live.wait",
    live_replay "live.replay",
    live_off "live.off",
    live_stop "live.stop",
    conn_wait "conn.wait",
    conn_trying "conn.trying",
    conn_now "conn.now",
    conn_replay "conn.replay",
    conn_off "conn.off",
    bye_stop "bye.stop",
    // The room.
    room_members "room.members",
    room_members_one "room.members.one",
    room_log "room.log",
    room_gone_t "room.gone.t",
    room_gone_b "room.gone.b",
    room_none "room.none",
    gone_go "gone.go",
    day_today "day.today",
    day_yesterday "day.yesterday",
    line_new "line.new",
    latest_n "latest.n",
    latest_one "latest.one",
    latest_jump "latest.jump",
    older_load "older.load",
    older_failed "older.failed",
    room_loading "room.loading",
    empty_room_t "empty.room.t",
    empty_room_b "empty.room.b",
    // A message.
    msg_edited "msg.edited",
    msg_deleted "msg.deleted",
    msg_failed "msg.failed",
    msg_failed_refused "msg.failed.refused",
    msg_failed_room "msg.failed.room",
    msg_failed_stale "msg.failed.stale",
    msg_queued "msg.queued",
    msg_retry "msg.retry",
    msg_edit "msg.edit",
    msg_delete "msg.delete",
    code_label "code.label",
    // The composer.
    comp_label "comp.label",
    comp_send "comp.send",
    comp_help "comp.help",
    comp_keys "comp.keys",
    comp_over "comp.over",
    comp_volatile "comp.volatile",
    // Read aloud.
    sr_new1 "sr.new1",
    sr_newn "sr.newn",
    sr_replay "sr.replay",
    sr_failed "sr.failed",
    // Doors.
    setup_title "setup.title",
    setup_lead2 "setup.lead2",
    setup_team "setup.team",
    setup_you "setup.you",
    in_name_note "in.name.note",
    in_password "in.password",
    setup_pw_note "setup.pw.note",
    in_show "in.show",
    setup_code "setup.code",
    setup_code_where "setup.code.where",
    setup_code_wrong "setup.code.wrong",
    setup_next "setup.next",
    setup_preview "setup.preview",
    setup_step2 "setup.step2",
    setup_done "setup.done",
    in_title "in.title",
    in_title_bare "in.title.bare",
    in_name "in.name",
    in_lead2 "in.lead2",
    in_go "in.go",
    in_bad "in.bad",
    in_slow "in.slow",
    in_again "in.again",
    join_title "join.title",
    join_title_place "join.title.place",
    join_lead "join.lead",
    join_lead_one "join.lead.one",
    join_go "join.go",
    join_have "join.have",
    join_valid "join.valid",
    join_preview "join.preview",
    join_dead_t "join.dead.t",
    join_dead_b "join.dead.b",
    join_dead_in "join.dead.in",
    join_in_t "join.in.t",
    join_in_b "join.in.b",
    join_in_go "join.in.go",
    name_taken "name.taken",
    name_bad "name.bad",
    team_bad "team.bad",
    join_pw_short "join.pw.short",
    join_pw_weak "join.pw.weak",
    pw_long "pw.long",
    err_offline "err.offline",
    err_server "err.server",
    err_refused "err.refused",
    // Settings and invitations.
    set_title "set.title",
    set_theme "set.theme",
    set_system "set.system",
    set_light "set.light",
    set_dark "set.dark",
    set_language "set.language",
    set_saved "set.saved",
    dev_here "dev.here",
    dev_out "dev.out",
    dev_out_failed "dev.out.failed",
    invite_t "invite.t",
    invite_lead "invite.lead",
    invite_make "invite.make",
    invite_made "invite.made",
    invite_once_note "invite.once.note",
    invite_copy "invite.copy",
    invite_copied "invite.copied",
    invite_link "invite.link",
    // Notices.
    out_t "out.t",
    out_b_else "out.b.else",
    ver_old_t "ver.old.t",
    ver_old_b "ver.old.b",
    ver_old_go "ver.old.go",
}
