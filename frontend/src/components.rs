//! What is drawn. One component a file, a function from props and callbacks to an element; no requests, no shared state,
//! no web-sys. [`crate::dom`] is what they are built with.
//!
//! Markup and classes follow the design's mock; the styles are in `frontend/styles/components`, one file each. Texts
//! come from [`crate::browser::prefs::w`] and do not change: a change of language draws the whole page anew.

pub mod alert;
pub mod announcer;
pub mod bones;
pub mod card;
pub mod composer;
pub mod connection;
pub mod delete_message;
pub mod details;
pub mod dialog;
pub mod direct_form;
pub mod doctor;
pub mod door;
pub mod door_people;
pub mod field;
pub mod icon;
pub mod instead;
pub mod involvement;
pub mod jump_pill;
pub mod link_made;
pub mod members;
pub mod menu;
pub mod message;
pub mod message_body;
pub mod message_menu;
pub mod message_status;
pub mod names;
pub mod notice;
pub mod pane;
pub mod person_admin;
pub mod phrase;
pub mod place_menu;
pub mod presence;
pub mod preview;
pub mod preview_room;
pub mod rail;
pub mod rail_foot;
pub mod read_only;
pub mod role;
pub mod role_choice;
pub mod room_form;
pub mod room_header;
pub mod room_row;
pub mod room_settings;
pub mod rooms_page;
pub mod seal;
pub mod segments;
pub mod select;
pub mod skip_links;
pub mod switch;
pub mod timeline;
pub mod timeline_rows;
mod timeline_scroll;
pub mod typing_line;
