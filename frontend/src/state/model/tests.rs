//! The client's promises against a small server: what is in the log is on screen once, what was written is posted once,
//! and the counts are the server's, through breaks, resets and every order of answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rooms;
mod server;

use proptest::prelude::*;
use shared::{cursor::Offset, limits::TIMELINE_MAX, replica::window::PageAt};

use self::server::{ANA, Client, ME, Server, room};
use super::{Effect, PageFailure};
use crate::state::view::{Older, Row, Status};

/// A server with so many messages by Ana, and a client that has opened the room.
fn opened(messages: usize) -> (Server, Client) {
    let mut server = Server::default();
    (0..messages).for_each(|_| server.says(ANA));
    server.read = Offset(messages as u64);
    let mut client = Client::start(&server);
    client.model.open_room(room(), None, client.now);
    client.settle(&mut server);
    (server, client)
}

#[test]
fn a_room_opens_at_its_newest_page_and_grows_upwards() {
    let (mut server, mut client) = opened(120);
    assert_eq!(client.offsets(), (71..=120).collect::<Vec<_>>());
    assert_eq!(client.view().older, Older::More);
    client.model.load_older(room());
    assert_eq!(client.look().older, Older::Loading);
    client.model.load_older(room());
    assert_eq!(client.pages_under_way(), 1, "one page of a kind at a time");
    client.settle(&mut server);
    client.model.load_older(room());
    client.settle(&mut server);
    assert_eq!(client.offsets(), (1..=120).collect::<Vec<_>>());
    assert!(matches!(**client.view().rows.first().unwrap(), Row::Start));
    assert_eq!(client.view().older, Older::None);
}

#[test]
fn at_most_three_hundred_messages_are_held() {
    let (mut server, mut client) = opened(500);
    for _ in 0..9 {
        client.model.watching(room(), false, true);
        client.model.load_older(room());
        client.settle(&mut server);
    }
    assert_eq!(client.offsets(), (1..=300).collect::<Vec<_>>());
    assert!(!client.view().newest_loaded);
    server.says(ANA);
    client.settle(&mut server);
    assert_eq!(client.offsets(), (1..=300).collect::<Vec<_>>(), "outside the loaded run nothing changes but counts");
    assert_eq!(client.rooms()[0].unread, 1);
    client.model.load_newer(room());
    client.settle(&mut server);
    assert_eq!(client.offsets(), (51..=350).collect::<Vec<_>>());
    client.model.load_newest(room());
    client.settle(&mut server);
    assert_eq!(client.offsets(), (452..=501).collect::<Vec<_>>());
    assert!(client.view().newest_loaded);
}

#[test]
fn a_burst_pushes_out_the_oldest_only_where_it_is_followed() {
    let (mut server, mut client) = opened(300);
    client.model.watching(room(), true, true);
    (0..1_000).for_each(|_| server.says(ANA));
    client.settle(&mut server);
    let offsets = client.offsets();
    assert_eq!(offsets.last(), Some(&1_300));
    assert!(offsets.windows(2).all(|pair| pair[0] + 1 == pair[1]) && offsets.len() <= TIMELINE_MAX);

    let (mut server, mut client) = opened(300);
    while client.view().older == Older::More {
        client.model.load_older(room());
        client.settle(&mut server);
    }
    client.model.watching(room(), false, true);
    (0..1_000).for_each(|_| server.says(ANA));
    client.settle(&mut server);
    assert_eq!(client.offsets(), (1..=300).collect::<Vec<_>>(), "the reader is further up");
}

#[test]
fn a_room_with_news_opens_with_its_line_loaded() {
    let mut server = Server::default();
    (0..180).for_each(|_| server.says(ANA));
    server.read = Offset(30);
    let mut client = Client::start(&server);
    assert_eq!(client.rooms()[0].unread, 150);
    client.model.open_room(room(), None, client.now);
    assert!(client.look().loading);
    client.settle(&mut server);
    let view = client.view();
    let line = view.rows.iter().position(|row| matches!(**row, Row::NewLine { .. })).expect("the line is loaded");
    assert!(
        matches!(&*view.rows[line + 1], Row::Message(message) if *message.body == *"31"),
        "{:?}",
        view.rows[line + 1]
    );
    assert!(!view.loading);
    client.model.clear_new_line(room());
    assert!(!client.look().rows.iter().any(|row| matches!(**row, Row::NewLine { .. })));
}

#[test]
fn reading_advances_and_is_told_now_and_then() {
    let (mut server, mut client) = opened(0);
    client.model.watching(room(), false, false);
    (0..10).for_each(|_| server.says(ANA));
    client.settle(&mut server);
    assert_eq!(client.rooms()[0].unread, 10);
    assert!(client.view().rows.iter().any(|row| matches!(**row, Row::NewLine { .. })), "they came while nobody looked");
    for (key, unread) in [(3, 7), (2, 7), (9, 1)] {
        let key = server.key_of(Offset(key));
        client.model.seen(room(), &key);
        assert_eq!(client.rooms()[0].unread, unread);
    }
    client.settle(&mut server);
    assert_eq!((server.read, server.times_told), (Offset(9), 1));
    client.model.seen(room(), &server.key_of(Offset(10)));
    client.settle(&mut server);
    assert_eq!(server.times_told, 1, "not again within two seconds");
    client.pass(2_000);
    client.settle(&mut server);
    assert_eq!((server.read, server.times_told), (Offset(10), 2));
}

#[test]
fn leaving_a_room_tells_at_once_and_takes_the_line_away() {
    let (mut server, mut client) = opened(0);
    (0..3).for_each(|_| server.says(ANA));
    client.settle(&mut server);
    client.model.seen(room(), &server.key_of(Offset(1)));
    client.settle(&mut server);
    client.model.seen(room(), &server.key_of(Offset(3)));
    client.model.leave_room(room(), client.now);
    client.settle(&mut server);
    assert_eq!(server.read, Offset(3));
    client.model.open_room(room(), None, client.now);
    assert!(!client.look().rows.iter().any(|row| matches!(**row, Row::NewLine { .. })));
}

#[test]
fn a_page_that_fails_says_so_and_is_asked_for_again() {
    let mut server = Server::default();
    server.says(ANA);
    let mut client = Client::start(&server);
    client.model.open_room(room(), None, client.now);
    for failure in [PageFailure::Later, PageFailure::Later] {
        let wish = client.wishes().pop().expect("a page is asked for");
        client.model.page_answered(wish, Err(failure), client.now);
        assert_eq!(client.look().older, Older::Failed);
        assert!(client.wishes().is_empty(), "not at once");
        client.pass(10_000);
    }
    client.settle(&mut server);
    assert_eq!(client.offsets(), [1]);
    assert_eq!(client.view().older, Older::None);
}

#[test]
fn a_reset_keeps_the_rows_until_the_new_ones_are_there() {
    let (mut server, mut client) = opened(40);
    client.settle(&mut server);
    server.says(ANA);
    client.model.begin(server.snapshot(), client.now);
    assert_eq!(client.look().rows.len(), client.view().rows.len());
    assert_eq!(client.offsets(), (1..=40).collect::<Vec<_>>());
    client.settle(&mut server);
    assert_eq!(client.offsets(), (1..=41).collect::<Vec<_>>());
}

#[test]
fn a_reset_leaves_a_reader_where_they_are() {
    let (mut server, mut client) = opened(600);
    for _ in 0..7 {
        client.model.watching(room(), false, true);
        client.model.load_older(room());
        client.settle(&mut server);
    }
    client.model.begin(server.snapshot(), client.now);
    let wishes = client.wishes();
    assert!(
        matches!(wishes[..], [wish] if matches!(wish.at, PageAt::Around(Offset(offset)) if offset < 500)),
        "{wishes:?}"
    );
}

#[test]
fn another_person_finds_nothing_of_the_first() {
    let (server, mut client) = opened(3);
    client.model.set_draft(room(), "mine".to_owned());
    client.writes("unsent");
    let mut snapshot = server.snapshot();
    snapshot.me = server.member(ANA);
    let account = client.model.begin(snapshot, client.now).expect("another account");
    assert_eq!(account.member, server.member(ANA).id);
    assert_eq!(client.model.draft(room()), "");
    assert!(client.model.take_effects(client.now).iter().all(|effect| !matches!(effect, Effect::Outbox(_))));
}

#[test]
fn an_author_who_is_not_known_is_fetched_once() {
    let mut server = Server { strangers: true, ..Server::default() };
    server.says(ANA);
    server.says(ANA);
    let mut client = Client::start(&server);
    client.model.open_room(room(), None, client.now);
    client.answer_one(&mut server);
    client.look();
    client.look();
    let asked = client.model.take_effects(client.now);
    assert!(matches!(asked[..], [Effect::FetchMember(_)]), "{asked:?}");
    client.model.meet(Some(server.member(ANA)));
    let names: Vec<String> = client
        .look()
        .rows
        .iter()
        .filter_map(|row| match &**row {
            Row::Message(message) => Some(message.author.name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["Ana", "Ana"]);
}

/// What can happen.
#[derive(Debug, Clone, Copy)]
enum Happening {
    AnaSays,
    /// The person writes on another device.
    ISayElsewhere,
    IWrite,
    /// The stream delivers one fact.
    Receive,
    /// The oldest request reaches the server and is answered.
    Answer,
    /// It reaches the server, and the answer is lost.
    LoseAnswer,
    /// It is lost.
    LoseRequest,
    Break,
    Reconnect,
    Reset,
    Older,
    Newest,
    Foot(bool),
    See,
    Pass(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    prop_oneof![
        6 => Just(AnaSays), 1 => Just(ISayElsewhere), 3 => Just(IWrite), 8 => Just(Receive), 8 => Just(Answer),
        1 => Just(LoseAnswer), 1 => Just(LoseRequest), 1 => Just(Break), 2 => Just(Reconnect), 1 => Just(Reset),
        2 => Just(Older), 1 => Just(Newest), 1 => any::<bool>().prop_map(Foot), 2 => Just(See),
        2 => (0..5_000_u64).prop_map(Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Through everything, no row is doubled or out of order; and when the sky clears, the screen is the log's end,
    /// what was written is in the log once, and the counts are the server's.
    #[test]
    fn the_screen_becomes_the_log(
        before in 0..140_usize,
        read in 0..140_u64,
        happenings in prop::collection::vec(happening(), 1..120),
    ) {
        let mut server = Server::default();
        (0..before).for_each(|_| server.says(ANA));
        server.read = Offset(read.min(before as u64));
        let mut client = Client::start(&server);
        client.model.open_room(room(), None, client.now);
        let mut written = 0;
        for happening in happenings {
            match happening {
                Happening::AnaSays => server.says(ANA),
                Happening::ISayElsewhere => server.says(ME),
                Happening::IWrite => { client.writes(&format!("w{written}")); written += 1; }
                Happening::Receive => client.receive_one(&server),
                Happening::Answer => client.answer_one(&mut server),
                Happening::LoseAnswer => client.lose_one(&mut server, true),
                Happening::LoseRequest => client.lose_one(&mut server, false),
                Happening::Break => client.disconnect(),
                Happening::Reconnect => client.connect(),
                Happening::Reset => { client.model.begin(server.snapshot(), client.now); client.connect(); }
                Happening::Older => client.model.load_older(room()),
                Happening::Newest => client.model.load_newest(room()),
                Happening::Foot(at_foot) => client.model.watching(room(), at_foot, at_foot),
                Happening::See => client.see_last(),
                Happening::Pass(ms) => client.pass(ms),
            }
            client.look();
            client.check_rows();
        }
        for _ in 0..20 {
            client.connect();
            client.retry_all();
            client.pass(10_000);
            client.settle(&mut server);
        }
        client.model.load_newest(room());
        client.settle(&mut server);
        client.check_rows();
        let offsets = client.offsets();
        prop_assert_eq!(offsets.last().copied(), server.last());
        prop_assert!(offsets.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a hole in {:?}", offsets);
        prop_assert!(client.statuses().iter().all(|status| *status == Status::Sent));
        prop_assert_eq!(server.written_here(), written);
        prop_assert!(client.device.is_empty(), "still kept: {:?}", client.device);
        client.model.watching(room(), false, false);
        prop_assert_eq!(client.rooms()[0].unread, server.unread());
    }
}
