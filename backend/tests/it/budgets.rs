//! How often one may try: passwords, codes, invites, rooms (security.md RL1, RL3–RL5), and that a guess learns nothing
//! (E1, E2, AU9).

use serde_json::json;
use shared::{
    problem::ProblemCode,
    route,
    session::{SetupState, SignedIn},
};

use crate::support::{
    actor::PASSWORD,
    app::TestApp,
    wire::{Answer, Request},
};

/// A server behind a proxy on the same machine.
const PROXIED: [&str; 2] = ["--trusted-proxy", "127.0.0.1/32"];

async fn sign_in_from(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    let request = Request::new("POST", route::SESSION).header("x-forwarded-for", address);
    request.json(&json!({"name": name, "password": password})).send(app.address).await
}

/// Demands 429, with a time to wait that is no more than `most_s`.
fn assert_slowed(answer: &Answer, most_s: u32) {
    answer.refuses(ProblemCode::RateLimited);
    let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=most_s).contains(&wait), "{wait}");
}

/// Tries until it is slowed: `burst` times at least, and a few more for the time that it takes. Nothing is said here of how
/// fast the machine is.
async fn until_slowed(burst: usize, mut attempt: impl AsyncFnMut(usize) -> Answer) -> Answer {
    for number in 0..10 * burst {
        let answer = attempt(number).await;
        if answer.status == 429 {
            assert!(number >= burst, "only {number} were let through");
            return answer;
        }
    }
    panic!("nothing slows it");
}

#[tokio::test]
async fn guesses_at_an_account_are_slowed_wherever_they_come_from() {
    let app = TestApp::start_with(&PROXIED).await;
    // An account that does not exist is slowed like one that does: neither says which it is.
    for name in ["olga", "nobody"] {
        for number in 1..=5 {
            let address = format!("198.51.100.{number}");
            sign_in_from(&app, &address, name, "a wrong guess").await.refuses(ProblemCode::WrongCredentials);
        }
        assert_slowed(&sign_in_from(&app, "192.0.2.1", name, "a wrong guess").await, 12);
        assert_slowed(&sign_in_from(&app, "192.0.2.1", name, PASSWORD).await, 12);
    }
    // Another account is not slowed by it, nor is the session that is there.
    let ana = app.user("ana").await;
    sign_in_from(&app, "192.0.2.1", "ana", PASSWORD).await.json::<SignedIn>(200);
    app.owner().snapshot().await;
    ana.snapshot().await;
}

#[tokio::test]
async fn guesses_from_elsewhere_keep_nobody_out_of_their_own_place() {
    let app = TestApp::start_with(&PROXIED).await;
    let invite = app.owner().invites(json!({})).await;
    let join = Request::new("POST", route::join(&invite.code)).header("x-forwarded-for", "203.0.113.7");
    join.json(&json!({"name": "ana", "password": PASSWORD})).send(app.address).await.json::<SignedIn>(201);
    let slowed = until_slowed(5, async |number| {
        sign_in_from(&app, &format!("198.51.100.{number}"), "ana", "a wrong guess").await
    });
    assert_slowed(&slowed.await, 12);
    // From where the account was used before it is still let in, and a mistype there costs what it always does.
    sign_in_from(&app, "203.0.113.7", "ana", "a mistype").await.refuses(ProblemCode::WrongCredentials);
    sign_in_from(&app, "203.0.113.7", "ana", PASSWORD).await.json::<SignedIn>(200);
    assert_slowed(&sign_in_from(&app, "203.0.113.8", "ana", PASSWORD).await, 12);
}

#[tokio::test]
async fn guesses_from_an_address_are_slowed_whoever_they_are_at() {
    let app = TestApp::start_with(&PROXIED).await;
    let slowed = until_slowed(20, async |number| {
        let address = format!("2001:db8:1:2:{number:x}::1");
        sign_in_from(&app, &address, &format!("person {number}"), PASSWORD).await
    });
    assert_slowed(&slowed.await, 3);
    sign_in_from(&app, "2001:db8:1:3::1", "olga", PASSWORD).await.json::<SignedIn>(200);
}

#[tokio::test]
async fn nobody_chooses_whose_quota_is_charged() {
    let app = TestApp::start().await;
    let slowed = until_slowed(20, async |number| {
        let address = format!("198.51.100.{number}");
        let request = Request::new("POST", route::SESSION).header("x-forwarded-for", &address);
        let request = request.header("forwarded", format!("for={address}")).header("x-real-ip", &address);
        let body = json!({"name": format!("person {number}"), "password": "a wrong guess"});
        request.json(&body).send(app.address).await
    });
    assert_slowed(&slowed.await, 3);
}

#[tokio::test]
async fn whoever_signs_in_rightly_is_never_slowed() {
    let app = TestApp::start().await;
    for _ in 0..25 {
        app.owner().signed_in_again().await;
    }
}

/// Not the clock is looked at, but the work: the same hash is computed for whoever is asked for.
#[tokio::test]
async fn a_guess_costs_the_same_whether_there_is_an_account() {
    let app = TestApp::start().await;
    let computed = || app.app.passwords.computed();
    for (name, password) in [("olga", "a wrong guess"), ("nobody", PASSWORD), ("", PASSWORD), ("olga", "")] {
        let before = computed();
        sign_in_from(&app, "", name, password).await.refuses(ProblemCode::WrongCredentials);
        assert_eq!(computed(), before + 1, "{name:?}");
    }
    // What no account can have, and what is too much, costs no hash.
    let before = computed();
    sign_in_from(&app, "", &"x".repeat(300), PASSWORD).await.refuses(ProblemCode::WrongCredentials);
    sign_in_from(&app, "", "olga", &"x".repeat(1025)).await.refuses(ProblemCode::WrongCredentials);
    sign_in_from(&app, "", "olga", &"x".repeat(1 << 20)).await.refuses(ProblemCode::PayloadTooLarge);
    assert_eq!(computed(), before);
    for _ in 0..3 {
        sign_in_from(&app, "", "olga", "a wrong guess").await.refuses(ProblemCode::WrongCredentials);
    }
    let before = computed();
    assert_slowed(&sign_in_from(&app, "", "olga", PASSWORD).await, 12);
    assert_eq!(computed(), before);
}

#[tokio::test]
async fn each_kind_of_thing_has_a_budget_of_its_own() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let slowed = until_slowed(100, async |_| {
        app.clock.advance(1_000);
        ana.post(route::INVITES, &json!({"expires_in_s": 1})).await
    });
    assert_slowed(&slowed.await, 2);
    ana.makes_room("Tea", "open", &[]).await;
    ana.says("hello").await;
    app.owner().invites(json!({})).await;

    let slowed = until_slowed(99, async |number| {
        ana.post(route::ROOMS, &json!({"name": format!("Room {number}"), "kind": "open"})).await
    });
    assert_slowed(&slowed.await, 2);
    ana.says("hello again").await;
    app.owner().makes_room("Tea as well", "open", &[]).await;
}

#[tokio::test]
async fn codes_are_not_tried_for_ever() {
    let app = TestApp::start_with(&PROXIED).await;
    let send = async |method: &str, path: String, address: &str| {
        let request = Request::new(method, path).header("x-forwarded-for", address);
        request.json(&json!({})).send(app.address).await
    };
    for (method, path) in [("POST", route::join("x")), ("GET", route::invite("x"))] {
        let slowed = until_slowed(120, async |_| send(method, path.clone(), "198.51.100.1").await);
        assert_slowed(&slowed.await, 1);
    }
    send("POST", route::join("x"), "198.51.100.2").await.refuses(ProblemCode::InviteInvalid);
    send("GET", route::invite("x"), "198.51.100.2").await.refuses(ProblemCode::InviteInvalid);
}

#[tokio::test]
async fn whoever_guesses_the_setup_code_does_not_keep_the_owner_out() {
    let app = TestApp::start_closed(&PROXIED).await;
    let setup = |code: &str| json!({"workspace": "w", "name": "olga", "password": PASSWORD, "code": code});
    let from = async |address: &str, code: &str| {
        let request = Request::new("POST", route::SETUP).header("x-forwarded-for", address);
        request.json(&setup(code)).send(app.address).await
    };
    for _ in 0..10 {
        from("198.51.100.1", "00000-00000").await.refuses(ProblemCode::WrongSetupCode);
    }
    let code = app.app.setup_code.print();
    assert_slowed(&from("198.51.100.1", &code).await, 6);
    assert!(Request::new("GET", route::SETUP).send(app.address).await.json::<SetupState>(200).needed);
    from("203.0.113.7", &code).await.json::<SignedIn>(201);
}

#[tokio::test]
async fn a_factor_of_zero_is_no_budget() {
    let app = TestApp::start_with(&["--budget-factor", "0"]).await;
    for number in 0..30 {
        let answer = sign_in_from(&app, "", &format!("person {}", number % 2), "a wrong guess").await;
        answer.refuses(ProblemCode::WrongCredentials);
    }
}

#[tokio::test]
async fn changes_of_people_are_slowed_for_who_makes_them() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let slowed =
        until_slowed(100, async |number| ana.changes(&ana, &json!({"bio": format!("words {number}")})).await).await;
    assert_slowed(&slowed, 1);
    app.owner().changes(app.owner(), &json!({"bio": "words"})).await.json::<serde_json::Value>(200);
}
