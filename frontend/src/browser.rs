//! The browser, wrapped thinly: every use of web-sys that is not the network is in here.
//!
//! Components call these functions and hold these handles; a handle takes its listeners away when it is dropped, so a
//! component that is unmounted leaves nothing behind. No rule of the product lives here: where a number or an order
//! matters (the anchor of the timeline, a key of the keyboard) the pure part is a function with tests beside it.

pub mod address;
pub mod clipboard;
pub mod clock;
pub mod dialog;
pub mod entropy;
pub mod focus;
pub mod keys;
pub mod letters;
pub mod near_end;
pub mod page;
pub mod people;
pub mod prefs;
pub mod rendered;
pub mod roving;
pub mod scroll;
pub mod storage;
pub mod swipe;
pub mod time;
pub mod tools;
pub mod under_hand;
pub mod viewport;
