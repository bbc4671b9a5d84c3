//! stub
use crate::project::Project;
use anyhow::Result;
pub(crate) fn run(_: &Project) -> Result<bool> {
    Ok(true)
}
