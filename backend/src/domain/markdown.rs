//! A message's Markdown as HTML.
/// x
pub const RENDERER_VERSION: u32 = 1;
