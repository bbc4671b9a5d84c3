//! Who may name what: the dependencies between the parts, as a table.
//!
//! A rule looks at the code of its parts (without comments, strings and unit tests) for names that do not belong there.

use super::Finding;
use super::code;
use super::tree::{Tree, is_part, is_test};

/// One row: in `within`, but not in `except`, none of `forbidden` is named.
pub(super) struct Rule {
    pub(super) name: &'static str,
    within: &'static [&'static str],
    except: &'static [&'static str],
    forbidden: &'static [&'static str],
    why: &'static str,
}

const DATABASE: &[&str] = &["rusqlite", "refinery", "tokio_postgres", "deadpool_postgres"];

pub(super) const RULES: [Rule; 21] = [
    Rule {
        name: "shared-is-pure",
        within: &["shared/src/"],
        except: &[],
        forbidden: &[
            "tokio",
            "axum",
            "leptos",
            "web_sys",
            "js_sys",
            "rusqlite",
            "std::env",
            "std::fs",
            "std::net",
            "Instant",
            "SystemTime",
            "Timestamp::now",
        ],
        why: "shared is values and pure functions, for both sides of the wire",
    },
    Rule {
        name: "domain-is-pure",
        within: &["backend/src/domain"],
        except: &[],
        forbidden: &[
            "tokio",
            "std::time",
            "std::env",
            "std::fs",
            // An address is a value; these are what is done with one.
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "ToSocketAddrs",
            "Instant",
            "SystemTime",
            "Timestamp::now",
            "rand",
            "getrandom",
            "Uuid::now_v7",
            "Uuid::new_v4",
            "async fn",
            "crate::clock",
            "crate::store",
            "crate::live",
            "crate::service",
            "crate::http",
            "axum",
            "rusqlite",
        ],
        why: "domain is rules: no IO, no clock, no randomness, and it knows nobody above it",
    },
    Rule {
        name: "only-http-names-axum",
        within: &["backend/src/"],
        except: &["backend/src/http"],
        forbidden: &["axum", "hyper", "hyper_util", "tower", "tower_http"],
        why: "what HTTP is made of stays in http",
    },
    Rule {
        name: "no-ready-made-stream",
        within: &["backend/src/"],
        except: &[],
        forbidden: &["axum::serve", "axum::response::sse", "axum::response::Sse", "broadcast"],
        why: "the accept loop, the stream and the fan-out are our own (docs/decisions)",
    },
    Rule {
        name: "only-store-names-its-driver",
        within: &["backend/src/"],
        except: &["backend/src/store/sqlite", "backend/src/store/postgres"],
        forbidden: DATABASE,
        why: "each store is the only one to know its database",
    },
    Rule {
        name: "live-knows-no-store",
        within: &["backend/src/live"],
        except: &[],
        forbidden: &["crate::store", "crate::service", "crate::http"],
        why: "live knows bytes, audiences and connections; it reads through its own trait Log",
    },
    Rule {
        name: "store-knows-no-live",
        within: &["backend/src/store"],
        except: &[],
        forbidden: &["crate::live", "crate::service", "crate::http"],
        why: "state.rs joins store and live; neither knows the other",
    },
    Rule {
        name: "service-knows-no-http",
        within: &["backend/src/service"],
        except: &[],
        forbidden: &["crate::http", "http::StatusCode", "StatusCode"],
        why: "service answers with its own errors; http turns them into responses",
    },
    Rule {
        name: "only-live-names-channels",
        within: &["backend/src/"],
        except: &["backend/src/live", "backend/src/store/sqlite"],
        forbidden: &["mpsc", "watch::channel", "unbounded_channel"],
        why: "who hears what, and what happens when a buffer is full, is decided in live",
    },
    Rule {
        name: "only-config-reads-the-environment",
        within: &["backend/src/", "shared/src/"],
        except: &["backend/src/config", "backend/src/cli/environment.rs"],
        forbidden: &["env::var", "env::var_os", "env::vars", "env::vars_os"],
        why: "every option is in one struct, which is also its help and its reference",
    },
    Rule {
        name: "only-clock-reads-time",
        within: &["backend/src/"],
        except: &["backend/src/clock.rs", "backend/src/cli"],
        forbidden: &["std::time::Instant", "std::time::SystemTime", "Timestamp::now", "Zoned::now"],
        why: "tests set the clock by hand; deadlines of connections run on tokio::time, which tests can stop",
    },
    Rule {
        name: "only-source-names-eventsource",
        within: &["frontend/src/"],
        except: &["frontend/src/live/source"],
        forbidden: &["EventSource"],
        why: "one place knows how a browser reads a stream, and every event goes through it in order",
    },
    Rule {
        name: "only-api-sends-requests",
        within: &["frontend/src/"],
        except: &["frontend/src/api"],
        forbidden: &["gloo_net", "fetch_with_str", "fetch_with_request", "XmlHttpRequest"],
        why: "every request and its errors go through api",
    },
    Rule {
        name: "state-is-plain",
        within: &["frontend/src/state", "frontend/src/text", "frontend/src/i18n"],
        except: &[],
        forbidden: &[
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "gloo_net",
            "crate::api",
            "crate::live",
            "crate::browser",
            "crate::pages",
            "crate::components",
        ],
        why: "state, text and words are plain Rust, tested on the host",
    },
    Rule {
        name: "components-take-props",
        within: &["frontend/src/components"],
        except: &[],
        forbidden: &["crate::api", "crate::live", "crate::pages", "web_sys", "js_sys", "wasm_bindgen"],
        why: "components take props and give callbacks; the browser is reached through crate::browser",
    },
    Rule {
        name: "live-and-api-draw-nothing",
        within: &["frontend/src/live", "frontend/src/api", "frontend/src/browser"],
        except: &[],
        forbidden: &["crate::pages", "crate::components", "view!"],
        why: "pages join what is drawn with what is known",
    },
    Rule {
        name: "nothing-is-forgotten",
        within: &["frontend/src/"],
        except: &[],
        forbidden: &[".forget()", "mem::forget", "Box::leak"],
        why: "a forgotten closure leaks and outlives its component: keep it, and end it in on_cleanup",
    },
    Rule {
        name: "inner-html-is-sanitised",
        within: &["frontend/src/"],
        except: &["frontend/src/components/message_body.rs"],
        forbidden: &["inner_html", "set_inner_html", "set_outer_html", "insert_adjacent_html"],
        why: "only a message's html, sanitised by the server, is set as HTML",
    },
    Rule {
        name: "no-inline-style",
        within: &["frontend/src/"],
        except: &[],
        forbidden: &["style="],
        why: "the Content-Security-Policy blocks style attributes: use a class, or style:property=",
    },
    Rule {
        name: "no-ignored-tests",
        within: &["backend/", "frontend/", "shared/"],
        except: &[],
        forbidden: &["#[ignore", "assert!(true)"],
        why: "a test runs, or it is not there",
    },
    Rule {
        name: "no-fixed-sleeps",
        within: &["backend/tests/"],
        except: &[],
        forbidden: &["thread::sleep", "std::thread::sleep"],
        why: "wait for an event, with a deadline",
    },
];

/// Findings of every rule of the table.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs").flat_map(|(path, source)| check_file(path, source)).collect()
}

fn check_file(path: &str, source: &str) -> Vec<Finding> {
    let whole_file = is_test(path);
    let code = code::without_text(if whole_file { source } else { code::without_tests(source) });
    let imports = code::imports(&code);
    let applies = |rule: &&Rule| {
        rule.within.iter().any(|part| is_part(path, part)) && !rule.except.iter().any(|part| is_part(path, part))
    };
    // A file of nothing but tests may name what it likes, unless the rule is about tests.
    let about = |rule: &&Rule| !whole_file || rule.name.starts_with("no-");
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(applies).filter(about) {
        for name in rule.forbidden {
            let lines = code::lines_naming(&code, &imports, name);
            findings.extend(lines.into_iter().map(|line| Finding {
                path: path.to_owned(),
                line,
                rule: rule.name,
                text: format!("`{name}` does not belong here: {}", rule.why),
            }));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::check_file;

    /// The rules that a file with this source breaks.
    fn broken(path: &str, source: &str) -> Vec<&'static str> {
        check_file(path, source).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn each_part_names_only_what_it_may() {
        for (path, source, expected) in [
            ("backend/src/http/chat.rs", "use axum::Router;", None),
            ("backend/src/http.rs", "use axum::Router;", None),
            ("backend/src/service/rooms.rs", "use axum::Router;", Some("only-http-names-axum")),
            ("backend/src/http.rs", "axum::serve(l, r)", Some("no-ready-made-stream")),
            ("backend/src/http.rs", "use axum::response::{Response, sse::Sse};", Some("no-ready-made-stream")),
            ("backend/src/store/sqlite/log.rs", "use rusqlite::Row;", None),
            ("backend/src/store.rs", "use rusqlite::Row;", Some("only-store-names-its-driver")),
            ("backend/src/store.rs", "use crate::{clock, live::Log};", Some("store-knows-no-live")),
            ("backend/src/live/hub.rs", "use crate::store::Store;", Some("live-knows-no-store")),
            ("backend/src/domain/room.rs", "async fn f() {}", Some("domain-is-pure")),
            ("backend/src/domain.rs", "use std::time::Duration;", Some("domain-is-pure")),
            ("backend/src/state.rs", "std::env::var(NAME)", Some("only-config-reads-the-environment")),
            ("backend/src/config.rs", "std::env::args_os()", None),
            ("backend/src/live/ticker.rs", "use tokio::time::{Instant, sleep};", None),
            ("backend/src/live/ticker.rs", "use std::{io, time::Instant};", Some("only-clock-reads-time")),
            ("backend/src/service/rooms.rs", "mpsc::channel(1)", Some("only-live-names-channels")),
            ("shared/src/room.rs", "use tokio::task;", Some("shared-is-pure")),
            ("frontend/src/live/source.rs", "web_sys::EventSource::new(u)", None),
            ("frontend/src/live/connection.rs", "use web_sys::EventSource;", Some("only-source-names-eventsource")),
            ("frontend/src/state/outbox.rs", "use web_sys::window;", Some("state-is-plain")),
            ("frontend/src/components/rail.rs", "use crate::api::get;", Some("components-take-props")),
            ("frontend/src/pages/chat.rs", "closure.forget();", Some("nothing-is-forgotten")),
            ("frontend/src/pages/chat.rs", "Request::get(u); gloo_net::http", Some("only-api-sends-requests")),
            ("frontend/src/components/rail.rs", "<p inner_html=x>", Some("inner-html-is-sanitised")),
        ] {
            let findings = broken(path, source);
            match expected {
                None => assert_eq!(findings, [""; 0], "{path}: {source}"),
                Some(rule) => assert!(findings.contains(&rule), "{path}: {source}: {findings:?}"),
            }
        }
    }

    #[test]
    fn comments_strings_and_tests_may_name_everything() {
        let source =
            "//! axum is elsewhere\nconst A: &str = \"axum\";\n#[cfg(test)]\nmod tests {\n use axum::Router;\n}\n";
        assert_eq!(broken("backend/src/service.rs", source), [""; 0]);
        assert_eq!(broken("backend/tests/it/main.rs", "use axum::Router;"), [""; 0]);
        assert_eq!(
            broken("backend/tests/it/main.rs", "#[ignore = \"slow\"]\nthread::sleep(x)"),
            ["no-ignored-tests", "no-fixed-sleeps"]
        );
    }
}
