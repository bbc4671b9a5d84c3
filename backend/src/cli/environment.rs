//! What the terminal client reads of its environment, in one place, so that everything else is a function of it.

use std::{env, ffi::OsString};

/// The environment variables that matter to the terminal client. An empty variable counts as absent.
#[derive(Default)]
pub struct Environment {
    /// `TEAHOUSE_NAME`: the sign-in name for `login`.
    pub name: Option<String>,
    /// `TEAHOUSE_PASSWORD`: the password for `login`.
    pub password: Option<String>,
    /// `TEAHOUSE_CONFIG_HOME`: the directory that holds `credentials.toml`.
    pub config_home: Option<OsString>,
    /// `XDG_CONFIG_HOME`: the directory above it (XDG Base Directory Specification).
    pub xdg_config_home: Option<OsString>,
    /// `HOME`: the directory above `.config`.
    pub home: Option<OsString>,
    /// `NO_COLOR` is set, or `TERM` is `dumb`: no colours, whatever standard output is.
    pub plain: bool,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            name: text("TEAHOUSE_NAME"),
            password: text("TEAHOUSE_PASSWORD"),
            config_home: path("TEAHOUSE_CONFIG_HOME"),
            xdg_config_home: path("XDG_CONFIG_HOME"),
            home: path("HOME"),
            plain: path("NO_COLOR").is_some() || text("TERM").as_deref() == Some("dumb"),
        }
    }
}
