//! Everything at once, in random order: commits, joinings, connects, breaks at any byte, overflows, restarts, outages.
//! Whatever happens, each reader has heard exactly its visible log, in order, once.

use std::time::Duration;

use proptest::prelude::*;
use shared::cursor::{Cursor, Offset};
use tokio::time::{sleep, timeout};

use crate::{
    domain::audience::Audience,
    live::{
        Start, Subscription,
        hub::Tuning,
        testing::{MemoryLog, Scene, member, room, subscriber, take_events},
    },
};

const PEOPLE: u8 = 4;
const ROOMS: u8 = 3;

#[derive(Debug, Clone)]
enum Step {
    Commit {
        audience: Audience,
        count: usize,
        wakes: bool,
    },
    Join {
        person: u8,
        room: u8,
    },
    Connect {
        person: u8,
    },
    Read {
        person: u8,
        batches: usize,
    },
    /// The connection breaks after that share of the next batch's bytes.
    Break {
        person: u8,
        share: f64,
    },
    LastValues {
        person: u8,
    },
    Wait {
        ms: u64,
    },
    Restart,
    Fail {
        for_ms: u64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let audience = prop_oneof![
        Just(Audience::Workspace),
        (0..ROOMS).prop_map(|seed| Audience::Room(room(seed))),
        (0..PEOPLE).prop_map(|seed| Audience::Member(member(seed))),
    ];
    let person = || 0..PEOPLE;
    let step = prop_oneof![
        6 => (audience, 1..40_usize, any::<bool>())
            .prop_map(|(audience, count, wakes)| Step::Commit { audience, count, wakes }),
        2 => (person(), 0..ROOMS).prop_map(|(person, room)| Step::Join { person, room }),
        4 => person().prop_map(|person| Step::Connect { person }),
        6 => (person(), 1..6_usize).prop_map(|(person, batches)| Step::Read { person, batches }),
        4 => (person(), 0.0..=1.0).prop_map(|(person, share)| Step::Break { person, share }),
        1 => person().prop_map(|person| Step::LastValues { person }),
        2 => (0..3_000_u64).prop_map(|ms| Step::Wait { ms }),
        1 => Just(Step::Restart),
        1 => (1..500_u64).prop_map(|for_ms| Step::Fail { for_ms }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A client as PROTOCOL §8 writes it.
struct Client {
    person: u8,
    stream: Option<Subscription>,
    cursor: Cursor,
    began_at: Offset,
    heard: Vec<Offset>,
    heard_on_stream: u64,
}

impl Client {
    async fn connect(&mut self, scene: &Scene) {
        self.stream = Some(scene.hub.subscribe(subscriber(self.person), Start::After(self.cursor)).await);
        self.heard_on_stream = 0;
    }

    /// Reads a batch, or what came through of it. Returns whether there was one.
    async fn read(&mut self, share: f64) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        let Ok(batch) = timeout(Duration::from_millis(5), stream.next()).await else { return false };
        let Some(batch) = batch else {
            self.stream = None;
            return false;
        };
        let mut bytes = batch.into_events().to_vec();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a small number"
        )]
        bytes.truncate((bytes.len() as f64 * share) as usize);
        for event in take_events(&mut bytes) {
            if event.event == "hello" {
                assert_ne!(event.json()["resume"], "reset", "every cursor of this test is valid");
            }
            if event.is_fact() {
                self.heard.push(event.offset());
                self.heard_on_stream += 1;
            }
            if event.event == "tick" {
                assert_eq!(event.json()["sent"], self.heard_on_stream);
            }
            self.cursor = event.id.map_or(self.cursor, |id| id.parse().unwrap());
        }
        true
    }
}

async fn run(steps: Vec<Step>, mailbox_max_bytes: usize) {
    let tuning = Tuning { mailbox_max_bytes, ..Tuning::default() };
    let mut scene = Scene::on(MemoryLog::new(), tuning).await;
    let mut clients = Vec::new();
    for person in 0..PEOPLE {
        let cursor = scene.log.cursor(Offset::ZERO);
        let began_at = Offset::ZERO;
        clients.push(Client { person, stream: None, cursor, began_at, heard: Vec::new(), heard_on_stream: 0 });
    }
    for step in steps {
        take(step, &mut scene, &mut clients, tuning).await;
    }
    scene.hub.wake(scene.log.head());
    sleep(Duration::from_secs(5)).await;
    for client in &mut clients {
        if client.stream.is_none() {
            client.connect(&scene).await;
        }
        let expected = scene.log.visible(member(client.person), client.began_at);
        // An overflow takes a round through the log, which is a few batches without a pause.
        for _ in 0..200 {
            if !client.read(1.0).await && client.heard.len() >= expected.len() {
                break;
            }
            if client.stream.is_none() {
                client.connect(&scene).await;
            }
        }
        assert_eq!(client.heard, expected, "person {}", client.person);
    }
}

async fn take(step: Step, scene: &mut Scene, clients: &mut [Client], tuning: Tuning) {
    match step {
        Step::Commit { audience, count, wakes } => {
            for _ in 0..count {
                let offset = scene.log.commit(audience);
                if wakes {
                    scene.hub.wake(offset);
                }
            }
        }
        Step::Join { person, room: seed } => {
            let offset = scene.log.join(member(person), room(seed));
            scene.hub.wake(offset);
        }
        Step::Connect { person } => clients[usize::from(person)].connect(scene).await,
        Step::Read { person, batches } => {
            for _ in 0..batches {
                clients[usize::from(person)].read(1.0).await;
            }
        }
        Step::Break { person, share } => {
            clients[usize::from(person)].read(share).await;
            clients[usize::from(person)].stream = None;
        }
        Step::LastValues { person } => scene.hub.send_to_member(member(person), "read", &1),
        Step::Wait { ms } => sleep(Duration::from_millis(ms)).await,
        Step::Restart => {
            scene.restart(tuning).await;
            clients.iter_mut().for_each(|client| client.stream = None);
        }
        Step::Fail { for_ms } => {
            scene.log.set_failing(true);
            sleep(Duration::from_millis(for_ms)).await;
            scene.log.set_failing(false);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_reader_hears_its_visible_log_exactly_once(
        steps in steps(),
        mailbox_max_bytes in prop_oneof![Just(150_usize), Just(600), Just(3_000), Just(64 * 1024)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(steps, mailbox_max_bytes));
    }
}
