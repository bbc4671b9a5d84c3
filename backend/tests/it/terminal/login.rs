//! `teahouse login`: who is asked, what is sent, what is kept.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;

use super::{
    ana, problem,
    process::Home,
    script::{Answer, Request, Script},
};

const SIGN_IN: &str = "POST /api/session";

fn issue(_: &Request, _: usize, answer: &mut Answer) {
    answer.json(200, "", &json!({ "token": "n3w", "me": ana() }));
}

#[test]
fn name_and_password_come_from_a_pipe_and_the_token_is_kept_privately() {
    let (server, home) = (Script::start(issue), Home::new());
    let ended = home.run_with_input(&["login", &server.url], "ana\n a pass word \n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stdout, format!("signed in to {}/ as ana\n", server.url));

    let sent = server.requests(SIGN_IN)[0].json();
    assert_eq!(sent, json!({ "name": "ana", "password": " a pass word ", "as": "token" }));
    let file = home.credentials();
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    let directory = fs::metadata(file.parent().expect("it has one")).expect("it is there");
    assert_eq!(directory.permissions().mode() & 0o777, 0o700);
    assert!(fs::read_to_string(&file).expect("text").contains("token = \"n3w\""));
}

#[test]
fn the_environment_answers_before_anybody_is_asked() {
    let (server, home) = (Script::start(issue), Home::new());
    let own = home.credentials().parent().expect("it has one").join("elsewhere");
    let mut command = home.command(&["login", &server.url]);
    command.env("TEAHOUSE_NAME", "ana").env("TEAHOUSE_PASSWORD", "from outside").env("TEAHOUSE_CONFIG_HOME", &own);
    let ended = Home::finish(command);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(server.requests(SIGN_IN)[0].json()["password"], "from outside");
    assert!(own.join("credentials.toml").exists());
    assert!(!home.credentials().exists());
}

#[test]
fn what_goes_wrong_has_its_own_exit_code() {
    let refuse = |_: &Request, _: usize, answer: &mut Answer| {
        answer.json(401, "", &problem(401, "wrong_credentials", "Name and password\u{1b}[2J do not match."));
    };
    let (server, home) = (Script::start(refuse), Home::new());
    let ended = home.run_with_input(&["login", &server.url], "ana\nwrong\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert_eq!(ended.stderr, "teahouse: Name and password\\u{1b}[2J do not match.\n");
    assert!(!home.credentials().exists());

    let ended = home.run_with_input(&["login", &server.url], "ana\n");
    assert_eq!(ended.code, Some(2), "the pipe ended before the password: {ended:?}");
    let ended = home.run_with_input(&["login", "http://127.0.0.1:1"], "ana\nwrong\n");
    assert_eq!(ended.code, Some(3), "nobody listens there: {ended:?}");
    assert!(ended.stderr.starts_with("teahouse: cannot reach http://127.0.0.1:1/: "), "{ended:?}");
    assert_eq!(home.run(&["login", "chat.example.org"]).code, Some(2));
}

#[test]
fn a_password_does_not_follow_a_redirection() {
    let other = Script::start(issue);
    let location = format!("location: {}/api/session\r\n", other.url);
    let server = Script::start(move |_, _, answer| answer.json(307, &location, &json!({})));
    let home = Home::new();
    let ended = home.run_with_input(&["login", &server.url], "ana\nsecret\n");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("redirects to"), "{ended:?}");
    assert!(other.requests(SIGN_IN).is_empty());
}
