//! File descriptors: each connection is one. Systems start processes with room for a thousand and let them ask for more, so
//! that old programs that count in bits are not harmed (getrlimit(2), `select`); this one asks.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the process needs beside its connections: the database, the runtime, the standard streams.
const BESIDE_CONNECTIONS: u64 = 128;

/// Takes as many descriptors as the system allows, and says so if that is fewer than `connections` need (0 for no limit).
pub fn raise(connections: u32) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let wanted = u64::from(connections) + BESIDE_CONNECTIONS;
    if allowed < wanted {
        tracing::warn!(
            allowed,
            wanted,
            "fewer open files are allowed than --max-connections needs: raise `ulimit -Hn`, or LimitNOFILE of systemd"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_allowed_is_taken() {
        raise(0);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
    }
}
