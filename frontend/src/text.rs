//! Small rules about text that need no browser: seals, the language of a message, what is read aloud.

pub mod script;
pub mod seal;
pub mod short;
pub mod slug;
