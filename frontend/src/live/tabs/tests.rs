//! The promise of the tabs: whoever comes, crashes, freezes or misses a message, every tab applies every fact once, in
//! order, and in the end there is one stream.

mod browser;
mod server;

use proptest::prelude::*;
use shared::cursor::Cursor;

use self::browser::{Browser, Means};
use super::{Input, Kind, Output, Reign, Say, Tabs};

/// What may happen between two looks.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Post(u8),
    Pass(u64),
    Join,
    Crash(u8),
    Freeze(u8),
    Thaw(u8),
    /// Put aside for "back", and brought back later by `Thaw`.
    Leave(u8),
    Look(u8),
    Urge(u8),
    Cut,
    Restart,
    Rollback(u8),
    Lose(u8),
    Deaf(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    prop_oneof![
        6 => (1..9_u8).prop_map(Post),
        1 => (100..120_u8).prop_map(Post),
        8 => (0..60_000_u64).prop_map(Pass),
        4 => (0..300_u64).prop_map(Pass),
        3 => Just(Join),
        1 => any::<u8>().prop_map(Crash),
        2 => any::<u8>().prop_map(Freeze),
        3 => any::<u8>().prop_map(Thaw),
        1 => any::<u8>().prop_map(Leave),
        2 => any::<u8>().prop_map(Look),
        1 => any::<u8>().prop_map(Urge),
        2 => Just(Cut),
        1 => Just(Restart),
        1 => any::<u8>().prop_map(Rollback),
        2 => (1..6_u8).prop_map(Lose),
        1 => any::<bool>().prop_map(Deaf),
    ]
}

/// Plays it, heals everything, waits, and looks.
fn play(means: Means, seed: u64, story: &[Happening]) {
    let mut browser = Browser::new(means, seed);
    browser.join();
    for &happening in story {
        match happening {
            Happening::Post(count) => browser.server.post(count),
            Happening::Pass(ms) => browser.pass(ms),
            Happening::Join => browser.join(),
            Happening::Crash(tab) => browser.crash(tab),
            Happening::Freeze(tab) => browser.freeze(tab),
            Happening::Thaw(tab) => browser.thaw(tab),
            Happening::Leave(tab) => browser.leave(tab),
            Happening::Look(tab) => browser.look_at(tab),
            Happening::Urge(tab) => browser.urge(tab),
            Happening::Cut => browser.server.cut(),
            Happening::Restart => browser.server.restart(),
            Happening::Rollback(facts) => browser.server.roll_back(facts),
            Happening::Lose(messages) => browser.lose = messages,
            Happening::Deaf(down) => browser.server.down = down,
        }
    }
    browser.server.down = false;
    browser.lose = 0;
    browser.join();
    browser.thaw_all();
    browser.pass(60_000);
    browser.server.post(3);
    browser.pass(60_000);
    browser.assert_in_order();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_tab_applies_every_fact_once(
        locks in any::<bool>(), seed in any::<u64>(), story in prop::collection::vec(happening(), 1..60),
    ) {
        play(if locks { Means::Locks } else { Means::Lease }, seed, &story);
    }
}

/// A browser with so many tabs, all live.
fn ten(means: Means) -> Browser {
    let mut browser = Browser::new(means, 7);
    for _ in 0..10 {
        browser.join();
        browser.pass(50);
    }
    browser.pass(5_000);
    browser.server.post(20);
    browser.pass(1_000);
    browser.assert_in_order();
    browser
}

#[test]
fn ten_tabs_have_one_stream() {
    for means in [Means::Locks, Means::Lease] {
        let browser = ten(means);
        assert_eq!(browser.server.opened, 1, "{means:?}: nobody else ever opened one");
        assert_eq!(browser.snapshots(), 10, "{means:?}: a tab continues from its own snapshot");
    }
}

#[test]
fn without_any_means_every_tab_has_its_own() {
    let mut browser = Browser::new(Means::None, 7);
    browser.join();
    browser.join();
    browser.pass(5_000);
    assert_eq!(browser.server.streams(), 2);
}

#[test]
fn a_leader_that_closes_hands_over_at_once() {
    for means in [Means::Locks, Means::Lease] {
        let mut browser = ten(means);
        let leader = browser.leader();
        browser.leave(leader);
        browser.server.post(5);
        browser.pass(1_500);
        assert_eq!((browser.server.streams(), browser.live_tabs()), (1, 9), "{means:?}");
        assert_ne!(browser.leader(), leader);
        assert_eq!(browser.snapshots(), 10, "{means:?}: the log and the ring had everything");
    }
}

#[test]
fn a_crashed_leader_is_replaced_without_a_snapshot() {
    for means in [Means::Locks, Means::Lease] {
        let mut browser = ten(means);
        browser.crash(browser.leader());
        browser.server.post(5);
        browser.pass(45_000);
        assert_eq!((browser.server.streams(), browser.live_tabs()), (1, 9), "{means:?}");
        assert_eq!(browser.snapshots(), 9, "{means:?}: those of the tabs that are left");
        browser.assert_in_order();
    }
}

#[test]
fn a_frozen_leader_is_replaced_and_steps_down_when_it_wakes() {
    for means in [Means::Locks, Means::Lease] {
        let mut browser = ten(means);
        let leader = browser.leader();
        browser.freeze_hard(leader);
        browser.server.post(5);
        browser.pass(45_000);
        assert_eq!(browser.live_tabs(), 9, "{means:?}: all but the frozen one");
        assert_eq!(browser.server.streams(), 2, "{means:?}: its stream is still open, unread");
        browser.server.post(5);
        browser.thaw(leader);
        browser.pass(3_000);
        assert_eq!((browser.server.streams(), browser.live_tabs()), (1, 10), "{means:?}");
        assert_ne!(browser.leader(), leader);
        browser.assert_in_order();
    }
}

#[test]
fn a_new_tab_does_not_wait_long_for_a_frozen_leader() {
    let mut browser = ten(Means::Locks);
    browser.freeze_hard(browser.leader());
    browser.join();
    browser.pass(super::SEEK_MS + 1_000);
    assert!(browser.is_live(10));
}

#[test]
fn more_than_the_leader_keeps_is_a_new_snapshot() {
    let mut browser = ten(Means::Locks);
    let follower = (0..10).find(|&tab| tab != browser.leader()).expect("nine of them");
    browser.freeze_hard(follower);
    browser.lose = 200;
    (0..20).for_each(|_| {
        browser.server.post(100);
        browser.pass(100);
    });
    browser.lose = 0;
    browser.thaw(follower);
    browser.pass(60_000);
    browser.assert_in_order();
    assert!(browser.snapshots() > 10);
}

fn at(text: &str) -> Cursor {
    text.parse().expect("a cursor")
}

/// A leader whose stream is live since 1,000 ms, at offset 10.
fn leader() -> Tabs<Kind> {
    let mut tabs = Tabs::new(7, true, true);
    tabs.handle(900, Input::Open { after: at("aaaaaaaa.10"), taken_ms: Some(800) });
    tabs.handle(900, Input::Granted);
    for kind in [Kind::Hello, Kind::Tick(at("aaaaaaaa.10"))] {
        tabs.handle(1_000, Input::Heard(kind, kind));
    }
    tabs
}

/// Whether the leader gives a follower what it asks for.
fn serves(tabs: &mut Tabs<Kind>, after: &str, lineage: u64, taken_ms: u64) -> bool {
    let ask = Say::Attach { tab: 8, after: at(after), lineage, taken_ms, seen: true };
    match tabs.handle(2_000, Input::Said(ask)).as_slice() {
        [Output::Say(Say::Answer(answer))] => answer.found.is_some(),
        other => panic!("no answer: {other:?}"),
    }
}

#[test]
fn a_leader_refuses_what_it_cannot_continue() {
    let mut tabs = leader();
    let lineage = tabs.lineage;
    assert!(serves(&mut tabs, "aaaaaaaa.10", 0, 800));
    assert!(serves(&mut tabs, "aaaaaaaa.10", lineage, 800));
    assert!(serves(&mut tabs, "aaaaaaaa.12", 0, 1_500), "its snapshot is newer than the stream");
    assert!(
        !serves(&mut tabs, "aaaaaaaa.12", 0, 900),
        "it may be of a log that was rolled back before the stream began"
    );
    assert!(!serves(&mut tabs, "aaaaaaaa.9", 0, 1_500), "not all of it is kept");
    assert!(!serves(&mut tabs, "bbbbbbbb.10", 0, 1_500), "of another history");
    // The leader's stream had lost something: what it has handed on so far is not to be continued.
    tabs.handle(3_000, Input::Close);
    tabs.handle(3_000, Input::Open { after: at("aaaaaaaa.10"), taken_ms: Some(3_000) });
    for kind in [Kind::Hello, Kind::Tick(at("aaaaaaaa.10"))] {
        tabs.handle(3_100, Input::Heard(kind, kind));
    }
    assert!(!serves(&mut tabs, "aaaaaaaa.10", lineage, 800));
    assert!(serves(&mut tabs, "aaaaaaaa.10", 0, 3_050));
}

/// What the leader's stream has said of last values, in the order in which a tab that comes now is told.
fn told(tabs: &mut Tabs<Kind>) -> Vec<Kind> {
    let ask = Say::Attach { tab: 8, after: at("aaaaaaaa.10"), lineage: 0, taken_ms: 800, seen: true };
    match tabs.handle(2_000, Input::Said(ask)).as_slice() {
        [Output::Say(Say::Answer(answer))] => answer.found.as_ref().expect("it is served").values.clone(),
        other => panic!("no answer: {other:?}"),
    }
}

#[test]
fn a_later_tab_is_told_of_values_and_not_of_what_has_passed() {
    let mut tabs = leader();
    let hear = |tabs: &mut Tabs<Kind>, kind| {
        let out = tabs.handle(1_500, Input::Heard(kind, kind));
        assert!(matches!(&out[..], [Output::Say(Say::Block { kind: handed, .. })] if *handed == kind), "{out:?}");
    };
    // Read positions and presence are values, typing is not.
    for kind in [Kind::State, Kind::Read, Kind::Passing, Kind::Read] {
        hear(&mut tabs, kind);
    }
    assert_eq!(told(&mut tabs), [Kind::State, Kind::Read, Kind::Read]);
    hear(&mut tabs, Kind::State);
    assert_eq!(told(&mut tabs), [Kind::State], "which says it all anew");
}

#[test]
fn of_two_leaders_the_later_holds() {
    let mut tabs = leader();
    let mine = Reign { began_ms: 900, tab: 7 };
    let older = Say::Lead(Reign { began_ms: 899, tab: 9 }, true);
    assert_eq!(tabs.handle(2_000, Input::Said(older)), [Output::Say(Say::Lead(mine, true))], "it is told");
    assert!(tabs.leads());
    let later = Say::Lead(Reign { began_ms: 900, tab: 8 }, false);
    let done = tabs.handle(2_000, Input::Said(later));
    assert!(done.contains(&Output::CloseStream) && done.contains(&Output::Release), "{done:?}");
    assert_eq!(done.last(), Some(&Output::Reopen));
    assert!(!tabs.leads());
}

#[test]
fn a_leader_that_was_left_alone_by_its_server_waits_for_it() {
    let mut tabs = leader();
    tabs.handle(2_000, Input::Close);
    let ask = Say::Attach { tab: 8, after: at("aaaaaaaa.10"), lineage: 0, taken_ms: 1_500, seen: true };
    let lead = Say::Lead(Reign { began_ms: 900, tab: 7 }, false);
    assert_eq!(tabs.handle(2_000, Input::Said(ask.clone())), [Output::Say(lead.clone()), Output::Begin]);
    tabs.handle(2_000, Input::Seen(false));
    assert_eq!(tabs.handle(2_000, Input::Said(ask)), [Output::Say(lead), Output::Begin, Output::Reopen]);
    assert_eq!(tabs.handle(2_000, Input::Said(Say::Urge)), [Output::Reopen]);
}
