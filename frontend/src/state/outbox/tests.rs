//! The outbox's promises: kept before sent, one in flight per room, in order, never twice, never silently gone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use shared::{
    cursor::Offset,
    id::{ClientId, RoomId},
};

use super::{Failure, Kept, Moment, Outbox, Outcome, STALE_MS, Status, Step};

const WALL: i64 = 1_795_348_800_000;

fn at(mono_ms: u64) -> Moment {
    Moment { mono_ms, wall_ms: WALL + i64::try_from(mono_ms).unwrap() }
}

fn room(number: u8) -> RoomId {
    RoomId::from_entropy([number; 12])
}

fn id(number: u8) -> ClientId {
    ClientId::from_entropy([number; 16])
}

fn posts(steps: &[Step]) -> Vec<ClientId> {
    let post = |step: &Step| if let Step::Post { client_id, .. } = step { Some(*client_id) } else { None };
    steps.iter().filter_map(post).collect()
}

/// An outbox with one message that is kept, in a live connection, at the time 0.
fn with_one() -> Outbox {
    let mut outbox = Outbox::default();
    outbox.connected(at(0));
    outbox.write(room(1), id(1), "hello", at(0));
    outbox.stored(id(1), at(0));
    outbox
}

fn status(outbox: &Outbox, now: u64, live: bool) -> Status {
    outbox.of_room(room(1)).next().unwrap().status(at(now), live)
}

#[test]
fn nothing_is_sent_before_it_is_kept() {
    let mut outbox = Outbox::default();
    outbox.connected(at(0));
    outbox.write(room(1), id(1), "hello", at(0));
    let steps = outbox.take_steps(at(0));
    assert!(matches!(&steps[..], [Step::Keep(kept)] if kept.body == "hello"), "{steps:?}");
    outbox.stored(id(1), at(5));
    assert_eq!(posts(&outbox.take_steps(at(5))), [id(1)]);
    outbox.answered(id(1), Outcome::Posted(Offset(9)), at(20));
    assert_eq!(outbox.take_steps(at(20)), [Step::Forget(id(1))]);
    assert_eq!(status(&outbox, 20, true), Status::Sent, "its row stays until the fact comes");
    outbox.caught_up(Offset(8));
    assert_eq!(outbox.of_room(room(1)).count(), 1);
    outbox.caught_up(Offset(9));
    assert_eq!(outbox.of_room(room(1)).count(), 0);
}

#[test]
fn a_room_is_served_in_order_and_rooms_do_not_wait_for_each_other() {
    let mut outbox = with_one();
    for (number, place) in [(2, 1), (3, 2)] {
        outbox.write(room(place), id(number), "more", at(1));
        outbox.stored(id(number), at(1));
    }
    assert_eq!(posts(&outbox.take_steps(at(1))), [id(1), id(3)]);
    assert_eq!(posts(&outbox.take_steps(at(500))), [], "one in flight");
    outbox.answered(id(1), Outcome::Posted(Offset(1)), at(501));
    assert_eq!(posts(&outbox.take_steps(at(501))), [id(2)]);
}

#[test]
fn tries_are_repeated_with_growing_waits_and_given_up_after_half_a_minute() {
    let mut outbox = with_one();
    let (mut now, mut tried_at) = (0, vec![]);
    while !matches!(status(&outbox, now, true), Status::Failed(_)) {
        if !posts(&outbox.take_steps(at(now))).is_empty() {
            tried_at.push(now);
            outbox.answered(id(1), Outcome::Unknown { wait_ms: None }, at(now));
        }
        let Some(wake) = outbox.next_wake(at(now)) else { break };
        assert!(wake >= now);
        now = wake.max(now + 1);
        if now >= 30_000 {
            outbox.take_steps(at(now));
        }
    }
    assert_eq!(tried_at, [0, 1_000, 3_000, 7_000, 15_000, 23_000]);
    assert_eq!(status(&outbox, now, true), Status::Failed(Failure::NoAnswer));
    outbox.retry(id(1), at(now));
    outbox.stored(id(1), at(now));
    assert_eq!(posts(&outbox.take_steps(at(now))), [id(1)], "with the same client id");
}

#[test]
fn without_a_stream_nothing_is_given_up_and_a_new_stream_tries_at_once() {
    let mut outbox = with_one();
    outbox.disconnected();
    for now in (0..600_000).step_by(500) {
        for client_id in posts(&outbox.take_steps(at(now))) {
            outbox.answered(client_id, Outcome::Unknown { wait_ms: None }, at(now));
        }
    }
    assert_eq!(status(&outbox, 600_000, false), Status::Queued);
    outbox.answered(id(1), Outcome::Unknown { wait_ms: None }, at(600_000));
    outbox.connected(at(600_001));
    assert_eq!(posts(&outbox.take_steps(at(600_001))), [id(1)]);
}

#[test]
fn answers_that_say_wait_sign_in_or_no() {
    let mut outbox = with_one();
    outbox.take_steps(at(0));
    outbox.answered(id(1), Outcome::Limited { wait_ms: 60_000 }, at(10));
    assert_eq!(posts(&outbox.take_steps(at(59_000))), []);
    assert_eq!(posts(&outbox.take_steps(at(60_010))), [id(1)], "a wait that was asked for is no failure");
    outbox.answered(id(1), Outcome::SignedOut, at(60_020));
    assert_eq!(posts(&outbox.take_steps(at(900_000))), [], "kept for the same person");
    outbox.connected(at(900_001));
    assert_eq!(posts(&outbox.take_steps(at(900_001))), [id(1)]);
    outbox.answered(id(1), Outcome::Refused(Failure::Refused), at(900_002));
    assert_eq!(status(&outbox, 900_002, true), Status::Failed(Failure::Refused));
    let steps = outbox.take_steps(at(900_002));
    assert!(matches!(&steps[..], [Step::Keep(kept)] if kept.failed.is_some()), "stays given up after a reload");
    assert_eq!(outbox.take_back(id(1)).as_deref(), Some("hello"));
    assert_eq!(outbox.take_steps(at(900_003)), [Step::Forget(id(1))]);
}

#[test]
fn ink_tells_how_long_it_takes() {
    let mut outbox = with_one();
    assert_eq!(status(&outbox, 399, true), Status::Sending);
    outbox.take_steps(at(0));
    assert_eq!(outbox.next_wake(at(0)), Some(400));
    assert_eq!(status(&outbox, 400, true), Status::Slow);
}

#[test]
fn what_waited_a_day_is_not_sent_without_asking() {
    let mut first = with_one();
    let Some(Step::Keep(kept)) = first.take_steps(at(0)).into_iter().next() else { panic!("kept first") };
    let later = Moment { mono_ms: 50, wall_ms: WALL + STALE_MS + 1 };
    let mut outbox = Outbox::default();
    outbox.restore(vec![kept.clone(), kept], later);
    outbox.connected(later);
    assert_eq!(posts(&outbox.take_steps(later)), []);
    let items: Vec<_> = outbox.of_room(room(1)).map(|item| item.status(later, true)).collect();
    assert_eq!(items, [Status::Failed(Failure::Stale)], "read twice, there once");
    outbox.retry(id(1), later);
    outbox.stored(id(1), later);
    assert_eq!(posts(&outbox.take_steps(later)), [id(1)]);
}

/// What can happen to a client: the network, the person, the page.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Write(u8),
    Pass(u64),
    /// The oldest request reaches the server, and the answer comes back.
    Answer,
    /// It reaches the server, and the answer is lost.
    LoseAnswer,
    /// It does not even reach the server.
    LoseRequest,
    Limit,
    Connect,
    Disconnect,
    Reload,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (1..3_u8).prop_map(Happening::Write),
        4 => (0..4_000_u64).prop_map(Happening::Pass),
        4 => Just(Happening::Answer),
        2 => Just(Happening::LoseAnswer),
        2 => Just(Happening::LoseRequest),
        1 => Just(Happening::Limit),
        1 => Just(Happening::Connect),
        1 => Just(Happening::Disconnect),
        1 => Just(Happening::Reload),
    ]
}

/// A client, the device under it and a server that knows client ids.
#[derive(Default)]
struct World {
    outbox: Outbox,
    now: u64,
    device: BTreeMap<ClientId, Kept>,
    in_flight: Vec<(RoomId, ClientId)>,
    written: Vec<(RoomId, ClientId)>,
    log: Vec<(RoomId, ClientId)>,
    known: BTreeSet<ClientId>,
    /// A message was given up, which lets later ones pass: their order is the person's doing then.
    gave_up: bool,
}

impl World {
    fn run_steps(&mut self) {
        for _ in 0..3 {
            for step in self.outbox.take_steps(at(self.now)) {
                match step {
                    Step::Keep(kept) => {
                        let client_id = kept.client_id;
                        self.gave_up |= kept.failed.is_some();
                        self.device.insert(client_id, kept);
                        self.outbox.stored(client_id, at(self.now));
                    }
                    Step::Forget(client_id) => {
                        assert!(self.known.contains(&client_id), "forgotten before the server had it");
                        self.device.remove(&client_id);
                    }
                    Step::Post { room, client_id, .. } => {
                        assert!(self.device.contains_key(&client_id), "sent before it was kept");
                        assert!(self.in_flight.iter().all(|(other, _)| *other != room), "two in flight in one room");
                        self.in_flight.push((room, client_id));
                    }
                }
            }
        }
    }

    fn reach_server(&mut self, post: (RoomId, ClientId)) -> Offset {
        if self.known.insert(post.1) {
            self.log.push(post);
        }
        Offset(self.log.len() as u64)
    }

    fn happen(&mut self, happening: Happening) {
        let now = at(self.now);
        let answered = |world: &mut Self| (!world.in_flight.is_empty()).then(|| world.in_flight.remove(0));
        match happening {
            Happening::Write(place) => {
                let client_id = id(u8::try_from(self.written.len()).unwrap());
                self.outbox.write(room(place), client_id, "text", now);
                self.written.push((room(place), client_id));
            }
            Happening::Pass(ms) => self.now += ms,
            Happening::Connect => self.outbox.connected(now),
            Happening::Disconnect => self.outbox.disconnected(),
            Happening::Reload => {
                self.in_flight.clear();
                self.outbox = Outbox::default();
                self.outbox.restore(self.device.values().cloned().collect(), now);
            }
            Happening::Answer | Happening::LoseAnswer | Happening::LoseRequest | Happening::Limit => {
                let Some(post) = answered(self) else { return };
                let outcome = match happening {
                    Happening::Answer => Outcome::Posted(self.reach_server(post)),
                    Happening::Limit => Outcome::Limited { wait_ms: 2_000 },
                    Happening::LoseAnswer => {
                        self.reach_server(post);
                        Outcome::Unknown { wait_ms: None }
                    }
                    _ => Outcome::Unknown { wait_ms: None },
                };
                self.outbox.answered(post.1, outcome, now);
            }
        }
    }
}

proptest! {
    /// Through every mixture of lost requests, lost answers, breaks and reloads: what was written is posted once, and
    /// in each room in the order it was written.
    #[test]
    fn what_was_written_is_posted_once_and_in_order(happenings in prop::collection::vec(happening(), 1..150)) {
        let mut world = World::default();
        for happening in happenings {
            world.happen(happening);
            world.run_steps();
        }
        // Then the sky clears. Nothing may be stuck; what was given up is tried again by the person.
        for _ in 0..2_000 {
            world.now += 1_000;
            world.outbox.connected(at(world.now));
            for (_, client_id) in world.written.clone() {
                world.outbox.retry(client_id, at(world.now));
            }
            world.run_steps();
            world.happen(Happening::Answer);
            if world.device.is_empty() {
                break;
            }
        }
        world.run_steps();
        let in_room = |list: &[(RoomId, ClientId)], place| {
            list.iter().filter(|(of, _)| *of == room(place)).map(|(_, client_id)| *client_id).collect::<Vec<_>>()
        };
        for place in 1..3 {
            let (mut posted, mut written) = (in_room(&world.log, place), in_room(&world.written, place));
            if world.gave_up {
                posted.sort();
                written.sort();
            }
            prop_assert_eq!(posted, written);
        }
        prop_assert!(world.device.is_empty());
    }
}
