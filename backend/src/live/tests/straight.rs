//! Writing straight to a socket that takes as much as it likes: what goes out is always whole events, in order, once.

use std::{
    io::{self, IoSlice},
    sync::{Arc, Mutex},
    time::Duration,
};

use proptest::prelude::*;
use shared::{cursor::Offset, stream::kind};
use tokio::time::sleep;

use crate::{
    domain::audience::Audience,
    live::{
        Sink, Start, Subscription, lock,
        testing::{Scene, Sse, member, offsets, room, subscriber, take_events},
    },
};

/// A socket that remembers what it took, and takes what it is told to.
#[derive(Default)]
struct Socket(Mutex<SocketState>);

#[derive(Default)]
struct SocketState {
    taken: Vec<u8>,
    /// How much it still takes; none: everything.
    room: Option<usize>,
    is_broken: bool,
    calls: usize,
}

impl Socket {
    fn give_room(&self, room: Option<usize>) {
        lock(&self.0).room = room;
    }

    fn calls(&self) -> usize {
        lock(&self.0).calls
    }

    fn take(&self, pieces: &[&[u8]]) -> io::Result<usize> {
        let mut state = lock(&self.0);
        state.calls += 1;
        if state.is_broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut count = 0;
        for piece in pieces {
            let length = piece.len().min(state.room.unwrap_or(usize::MAX));
            state.taken.extend_from_slice(&piece[..length]);
            state.room = state.room.map(|room| room - length);
            count += length;
            if length < piece.len() {
                break;
            }
        }
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    /// What it took, out of its chunks; panics unless these are whole chunks of whole events.
    fn events(&self) -> Vec<Sse> {
        let taken = lock(&self.0).taken.clone();
        let (mut rest, mut events) = (&taken[..], Vec::new());
        while !rest.is_empty() {
            let line = rest.windows(2).position(|pair| pair == b"\r\n").expect("a size");
            let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).expect("a size");
            let end = line + 2 + size;
            let mut chunk = rest[line + 2..end].to_vec();
            assert_eq!(&rest[end..end + 2], b"\r\n", "a chunk ends where it says");
            let before = events.len();
            events.extend(take_events(&mut chunk));
            assert_eq!((events.len() - before, chunk.len()), (1, 0), "one chunk, one event");
            rest = &rest[end + 2..];
        }
        events
    }
}

impl Sink for Socket {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.take(&[bytes])
    }

    fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.take(&pieces.iter().map(|piece| &**piece).collect::<Vec<_>>())
    }
}

/// A reader whose socket is lent, and the task that carries it: it waits for room as a real one waits for the network.
struct Carrier {
    socket: Arc<Socket>,
    subscription: Subscription,
    unwritten: Vec<u8>,
}

impl Carrier {
    async fn open(scene: &Scene, seed: u8, start: Start) -> Self {
        let socket = Arc::new(Socket::default());
        let subscription = scene.hub.subscribe(subscriber(seed), start).await;
        subscription.lend(Arc::clone(&socket) as _);
        let mut this = Self { socket, subscription, unwritten: Vec::new() };
        this.work().await;
        this
    }

    /// What the reader's task does until it has to wait: writes what it has, then asks for more.
    async fn work(&mut self) {
        loop {
            while !self.unwritten.is_empty() {
                let Ok(written) = self.socket.take(&[&self.unwritten]) else { return };
                self.unwritten.drain(..written);
            }
            let next = tokio::time::timeout(Duration::from_millis(1), self.subscription.next()).await;
            let Ok(Some(batch)) = next else { return };
            self.unwritten.extend_from_slice(&batch.into_chunks());
        }
    }

    fn facts(&self) -> Vec<Offset> {
        offsets(&self.socket.events())
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_reader_is_written_to_without_its_task() {
    let scene = Scene::start().await;
    let carrier = Carrier::open(&scene, 1, Start::Now).await;
    let before = carrier.socket.calls();
    let posted = scene.post(Audience::Workspace);
    scene.settle().await;
    assert_eq!(carrier.facts(), [posted], "its task has not run since");
    assert_eq!(carrier.socket.calls() - before, 1);
    scene.hub.send_to_member(member(1), kind::READ, &1);
    sleep(Duration::from_secs(10)).await;
    let events = carrier.socket.events();
    let kinds: Vec<_> = events.iter().map(|event| &*event.event).collect();
    assert_eq!(kinds, ["hello", "state", "message_posted", "read", "tick"]);
    assert_eq!((events[4].json()["sent"].as_u64(), events[4].offset()), (Some(1), posted));
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_together_goes_out_in_one_write() {
    let scene = Scene::start().await;
    scene.log.join(member(1), room(1));
    scene.settle().await;
    let carrier = Carrier::open(&scene, 1, Start::Now).await;
    let before = carrier.socket.calls();
    // Runs for different audiences, some of which this reader does not hear.
    let audiences =
        [Audience::Workspace, Audience::Room(room(1)), Audience::Member(member(2)), Audience::Room(room(1))];
    let posted: Vec<_> = (0..40).map(|index| scene.log.commit(audiences[index % 4])).collect();
    scene.settle().await;
    let heard: Vec<_> =
        posted.iter().enumerate().filter(|(index, _)| index % 4 != 2).map(|(_, offset)| *offset).collect();
    assert_eq!(carrier.facts(), heard);
    assert_eq!(carrier.socket.calls() - before, 1);
}

/// The socket is cut off at every byte of three events, and everything comes whole and in order all the same.
#[tokio::test(start_paused = true)]
async fn a_socket_that_is_full_at_any_byte_gets_whole_events() {
    let scene = Scene::start().await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    let first = scene.post(Audience::Workspace);
    scene.settle().await;
    let length = lock(&carrier.socket.0).taken.len();
    let mut expected = vec![first];
    for room in 0..length {
        carrier.socket.give_room(Some(room));
        for together in [1, 3] {
            expected.extend((0..together).map(|_| scene.log.commit(Audience::Workspace)));
            scene.settle().await;
        }
        scene.hub.send_to_member(member(1), kind::READ, &room);
        carrier.work().await;
        carrier.socket.give_room(Some(5)); // and again in the middle of what waits
        carrier.work().await;
        carrier.socket.give_room(None);
        carrier.work().await;
        assert_eq!(carrier.facts(), expected, "full after {room} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_cut_in_half_is_finished_before_the_next_fact() {
    let scene = Scene::start().await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    carrier.socket.give_room(Some(20));
    sleep(Duration::from_secs(10)).await;
    let posted = scene.post(Audience::Workspace);
    scene.settle().await;
    carrier.socket.give_room(None);
    let calls = carrier.socket.calls();
    carrier.work().await;
    let kinds: Vec<_> = carrier.socket.events().into_iter().map(|event| event.event).collect();
    assert_eq!(kinds, ["hello", "state", "tick", "message_posted"]);
    assert_eq!(carrier.socket.calls(), calls + 1, "and they go out together");
    assert_eq!(carrier.facts(), [posted]);
}

#[tokio::test(start_paused = true)]
async fn half_an_event_survives_an_overflow() {
    let scene = Scene::with_mailbox(400).await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    carrier.socket.give_room(Some(30));
    let posted = scene.post_many(100, Audience::Workspace);
    scene.settle().await;
    assert_eq!(scene.hub.metrics().mailbox_overflows(), 1);
    carrier.socket.give_room(None);
    carrier.work().await;
    assert_eq!(carrier.facts(), posted);
}

#[tokio::test(start_paused = true)]
async fn a_full_socket_slows_down_its_own_reader_alone() {
    let scene = Scene::start().await;
    let mut full = Carrier::open(&scene, 1, Start::Now).await;
    let quick = Carrier::open(&scene, 2, Start::Now).await;
    full.socket.give_room(Some(0));
    let posted = scene.post_many(50, Audience::Workspace);
    scene.settle().await;
    assert_eq!((full.facts(), quick.facts()), (vec![], posted.clone()));
    let calls = full.socket.calls();
    scene.post(Audience::Workspace);
    scene.settle().await;
    assert_eq!(full.socket.calls(), calls, "nobody tries for it");
    full.socket.give_room(None);
    full.work().await;
    assert_eq!(full.facts(), quick.facts());
}

#[tokio::test(start_paused = true)]
async fn a_broken_socket_is_left_to_its_task() {
    let scene = Scene::start().await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    lock(&carrier.socket.0).is_broken = true;
    scene.post(Audience::Workspace);
    scene.settle().await;
    let calls = carrier.socket.calls();
    carrier.work().await;
    assert_eq!(carrier.socket.calls(), calls + 1, "it sees the error for itself");
    drop(carrier);
    scene.post(Audience::Workspace);
    scene.settle().await;
    assert_eq!(scene.hub.metrics().open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_after_the_farewell() {
    let scene = Scene::start().await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    scene.hub.end_sessions(&[crate::live::testing::session(1)]);
    scene.post(Audience::Workspace);
    scene.settle().await;
    carrier.work().await;
    let kinds: Vec<_> = carrier.socket.events().into_iter().map(|event| event.event).collect();
    assert_eq!(kinds, ["hello", "state", "bye"]);
}

/// Commits, last values, heartbeats, a socket that fills up and empties, at random.
#[derive(Debug, Clone)]
enum Step {
    Commit { count: usize, mixed: bool },
    LastValues,
    Room(Option<usize>),
    Work,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1..20_usize, any::<bool>()).prop_map(|(count, mixed)| Step::Commit { count, mixed }),
        1 => Just(Step::LastValues),
        4 => prop_oneof![Just(None), (0..600_usize).prop_map(Some)].prop_map(Step::Room),
        3 => Just(Step::Work),
        1 => Just(Step::Wait),
    ]
}

async fn run(steps: Vec<Step>, mailbox_max_bytes: usize) {
    let scene = Scene::with_mailbox(mailbox_max_bytes).await;
    let mut carrier = Carrier::open(&scene, 1, Start::Now).await;
    for step in steps {
        match step {
            Step::Commit { count, mixed } => {
                for index in 0..count {
                    let own = mixed && index % 3 == 1;
                    scene.log.commit(if own { Audience::Member(member(1)) } else { Audience::Workspace });
                }
                scene.settle().await;
            }
            Step::LastValues => scene.hub.send_to_member(member(1), kind::READ, &1),
            Step::Room(room) => carrier.socket.give_room(room),
            Step::Work => carrier.work().await,
            Step::Wait => sleep(Duration::from_secs(5)).await,
        }
    }
    carrier.socket.give_room(None);
    for _ in 0..20 {
        carrier.work().await;
    }
    if scene.hub.metrics().ended(crate::live::ending::EndReason::WriteStalled) == 0 {
        let expected = scene.log.visible(member(1), Offset::ZERO);
        let facts = carrier.facts();
        let is_stalled = facts.len() < expected.len() && carrier.subscription.next().await.is_none();
        assert!(facts == expected || is_stalled && expected.starts_with(&facts), "{facts:?} of {expected:?}");
    }
    let mut heard = 0;
    for event in carrier.socket.events() {
        heard += u64::from(event.is_fact());
        assert!(event.event != "tick" || event.json()["sent"] == heard, "{event:?} after {heard} facts");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_socket_takes_the_reader_hears_its_log_once(
        steps in proptest::collection::vec(step(), 1..60),
        mailbox_max_bytes in prop_oneof![Just(150_usize), Just(600), Just(3_000), Just(64 * 1024)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(steps, mailbox_max_bytes));
    }
}
