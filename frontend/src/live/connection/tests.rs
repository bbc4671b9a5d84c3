//! The connection's promises: one stream at a time, no wait without an end, and every cause leads where it should.

use proptest::prelude::*;
use shared::stream::{Bye, ByeReason, PROTOCOL, Resume};

use super::{Answer, Command, Connection, Input, Ticket};
use crate::state::view::Link;

/// A machine and its clock, with shorthands for what happens to it.
struct Rig {
    machine: Connection,
    now: u64,
}

impl Rig {
    fn new() -> Self {
        Self { machine: Connection::new(42), now: 1_000 }
    }

    /// A machine whose stream is live.
    fn live() -> Self {
        let mut rig = Self::new();
        rig.load(Input::Start);
        assert_eq!(rig.say(hello(Resume::Live, 0)), [Command::Connected]);
        rig.say(Input::Tick { sent: 0 });
        rig
    }

    fn say(&mut self, input: Input) -> Vec<Command> {
        self.machine.handle(self.now, input)
    }

    /// Says something that makes it load the snapshot, and answers well.
    fn load(&mut self, input: Input) {
        let ticket = loading(&self.say(input));
        assert_eq!(self.say(Input::Snapshot(ticket, Answer::Good)), [Command::Open]);
    }

    /// Sleeps until the machine wants to be woken, over and over, until it does something. Returns the time slept.
    fn sleep(&mut self) -> (u64, Vec<Command>) {
        let start = self.now;
        loop {
            let at = self.machine.next_wake(self.now).expect("something is waited for");
            assert!(at > self.now, "a wake-up in the past would spin");
            self.now = at;
            let commands = self.say(Input::Wake);
            if !commands.is_empty() {
                return (self.now - start, commands);
            }
        }
    }
}

fn hello(resume: Resume, behind: u64) -> Input {
    Input::Hello { protocol: PROTOCOL, resume, behind, heartbeat_ms: 15_000 }
}

fn loading(commands: &[Command]) -> Ticket {
    match commands {
        [.., Command::LoadSnapshot(ticket)] => *ticket,
        other => panic!("no snapshot is loaded: {other:?}"),
    }
}

fn probing(commands: &[Command]) -> Ticket {
    match commands {
        [.., Command::Probe(ticket)] => *ticket,
        other => panic!("nothing is probed: {other:?}"),
    }
}

#[test]
fn an_account_that_is_barred_ends_everything() {
    for (banned, reason) in [(true, ByeReason::Banned), (false, ByeReason::Deactivated)] {
        let barred = Command::Barred { banned };
        let mut rig = Rig::live();
        let bye = Input::Bye(Bye { reason, retry_ms: 0 });
        assert_eq!(rig.say(bye), [Command::Close, Command::Disconnected, barred]);
        assert!(rig.machine.is_stopped());
        assert_eq!(rig.say(Input::Barred { banned }), [], "it is said once");

        let mut rig = Rig::new();
        let ticket = loading(&rig.say(Input::Start));
        assert_eq!(rig.say(Input::Snapshot(ticket, Answer::Barred { banned })), [barred]);

        let mut rig = Rig::live();
        let ticket = probing(&rig.say(Input::Broken { closed: true }));
        assert_eq!(rig.say(Input::Probed(ticket, Answer::Barred { banned })), [barred]);
    }
}

#[test]
fn another_role_is_another_snapshot() {
    let mut rig = Rig::live();
    let bye = Input::Bye(Bye { reason: ByeReason::RoleChanged, retry_ms: 500 });
    let commands = rig.say(bye);
    assert_eq!(commands[..2], [Command::Close, Command::Disconnected]);
    let ticket = loading(&commands);
    assert_eq!(rig.say(Input::Snapshot(ticket, Answer::Good)), [Command::Open]);
}

#[test]
fn silence_of_two_and_a_half_heartbeats_is_a_break() {
    let mut rig = Rig::live();
    let (slept, commands) = rig.sleep();
    assert_eq!(slept, 37_500);
    assert_eq!(commands, [Command::Close, Command::Disconnected]);
    let (wait, commands) = rig.sleep();
    assert!(wait <= 650, "{wait}");
    assert_eq!(commands, [Command::Open]);
    let (wait, commands) = rig.sleep();
    assert_eq!((wait, commands), (10_000, vec![Command::Close]), "a hello that does not come is a break too");
}

#[test]
fn waits_grow_until_a_stream_lives_to_its_tick() {
    let mut rig = Rig::live();
    let mut last = 0;
    for _ in 0..4 {
        rig.say(Input::Broken { closed: false });
        last = rig.sleep().0;
        rig.say(hello(Resume::Live, 0));
    }
    assert!(last >= 2_800, "a stream that breaks right after hello is no success: {last}");
    rig.say(Input::Tick { sent: 0 });
    rig.say(Input::Broken { closed: false });
    assert!(rig.sleep().0 <= 650);
}

#[test]
fn a_browser_that_gave_up_is_asked_about_the_session() {
    let mut rig = Rig::live();
    let commands = rig.say(Input::Broken { closed: true });
    assert_eq!(commands[..2], [Command::Close, Command::Disconnected]);
    let ticket = probing(&commands);
    assert_eq!(rig.say(Input::Probed(ticket, Answer::None)), []);
    assert_eq!(rig.sleep().1, [Command::Open]);
    let ticket = probing(&rig.say(Input::Broken { closed: true }));
    assert_eq!(rig.say(Input::Probed(ticket, Answer::SignedOut)), [Command::SignedOut]);
    assert_eq!(rig.machine.next_wake(rig.now), None);
}

#[test]
fn what_cannot_be_resumed_begins_with_the_snapshot() {
    for input in [hello(Resume::Reset, 0), Input::Tick { sent: 3 }, Input::Malformed] {
        let mut rig = Rig::live();
        rig.load(input);
    }
}

#[test]
fn a_fact_that_is_found_unreadable_after_the_break_is_not_passed_over() {
    let mut rig = Rig::live();
    rig.say(Input::Broken { closed: false });
    assert_eq!(rig.say(Input::Malformed), []);
    let (_, commands) = rig.sleep();
    loading(&commands);
}

#[test]
fn a_server_that_always_resets_is_not_hammered() {
    let mut rig = Rig::live();
    rig.load(hello(Resume::Reset, 0));
    let mut waited = 0;
    for _ in 0..5 {
        assert_eq!(rig.say(hello(Resume::Reset, 0)), [Command::Close]);
        let (wait, commands) = rig.sleep();
        waited += wait;
        rig.say(Input::Snapshot(loading(&commands), Answer::Good));
    }
    assert!(waited > 15_000, "{waited}");
}

#[test]
fn facts_are_counted_from_each_hello() {
    let mut rig = Rig::live();
    for _ in 0..3 {
        assert_eq!(rig.say(Input::Fact), []);
    }
    assert_eq!(rig.say(Input::Tick { sent: 3 }), []);
    rig.say(Input::Broken { closed: false });
    rig.sleep();
    rig.say(hello(Resume::Replay, 20));
    rig.say(Input::Fact);
    assert_eq!(rig.machine.link(rig.now), Link::Replaying { seen: 1, behind: 20 });
    assert_eq!(rig.say(Input::Tick { sent: 1 }), []);
    assert_eq!(rig.machine.link(rig.now), Link::Live { rtt_ms: None });
}

#[test]
fn a_farewell_says_when_to_come_back() {
    let mut rig = Rig::live();
    let bye = Bye { reason: ByeReason::Shutdown, retry_ms: 8_000 };
    assert_eq!(rig.say(Input::Bye(bye)), [Command::Close, Command::Disconnected]);
    assert_eq!(rig.machine.link(rig.now), Link::Silent);
    rig.now += 2_000;
    assert_eq!(rig.machine.link(rig.now), Link::Restarting { seconds: 6 });
    assert_eq!(rig.sleep(), (6_000, vec![Command::Open]));
    // Still away when it was expected back: the reason is the same, and the next try is announced.
    rig.say(Input::Broken { closed: false });
    assert_eq!(rig.machine.link(rig.now), Link::Restarting { seconds: 1 });
    rig.now += 30_000;
    assert_eq!(rig.machine.link(rig.now), Link::Offline);

    let mut rig = Rig::live();
    let bye = Bye { reason: ByeReason::SessionEnded, retry_ms: 0 };
    assert_eq!(rig.say(Input::Bye(bye)), [Command::Close, Command::Disconnected, Command::SignedOut]);
}

#[test]
fn what_is_shown_of_a_break() {
    let mut rig = Rig::live();
    rig.say(Input::Broken { closed: false });
    let broken_at = rig.now;
    let mut shown = vec![rig.machine.link(rig.now)];
    while rig.now < broken_at + 40_000 {
        rig.now = rig.machine.next_wake(rig.now).expect("a broken connection waits");
        rig.say(Input::Wake);
        let link = rig.machine.link(rig.now);
        let expected = match rig.now - broken_at {
            0..2_000 => matches!(link, Link::Silent),
            2_000..30_000 => matches!(link, Link::Waiting { .. }),
            _ => link == Link::Offline,
        };
        assert!(expected, "{link:?} after {} ms", rig.now - broken_at);
        shown.push(link);
    }
    assert!(shown.contains(&Link::Waiting { seconds: 1 }), "the last second is counted: {shown:?}");
}

#[test]
fn a_device_without_a_network_is_asked_before_it_is_believed() {
    let mut rig = Rig::live();
    let ticket = probing(&rig.say(Input::Offline));
    assert_eq!(rig.say(Input::Probed(ticket, Answer::Good)), []);
    assert_eq!(rig.machine.link(rig.now), Link::Live { rtt_ms: None });
    let ticket = probing(&rig.say(Input::Offline));
    assert_eq!(rig.say(Input::Probed(ticket, Answer::None)), [Command::Close, Command::Disconnected]);
    assert_eq!(rig.machine.link(rig.now), Link::Offline);
    assert_eq!(rig.say(Input::Online), [Command::Open], "at once, whatever the wait was");
}

#[test]
fn coming_back_to_the_page_ends_a_wait() {
    let mut rig = Rig::live();
    assert_eq!(rig.say(Input::Visible), [], "a stream that was heard lately is kept");
    rig.now += 30_000;
    let reopened = [Command::Close, Command::Disconnected, Command::Open];
    assert_eq!(rig.say(Input::Visible), reopened, "a device that slept has a dead stream");
    rig.say(Input::Broken { closed: false });
    assert_eq!(rig.say(Input::TryNow), [Command::Open]);
    rig.say(hello(Resume::Live, 0));
    assert_eq!(rig.say(Input::Shown), reopened, "the back/forward cache closed it");
}

#[test]
fn old_answers_and_a_newer_protocol() {
    let mut rig = Rig::new();
    let old = loading(&rig.say(Input::Start));
    let new = loading(&rig.say(Input::Start));
    assert_eq!(rig.say(Input::Snapshot(old, Answer::SignedOut)), []);
    assert_eq!(rig.say(Input::Snapshot(new, Answer::Good)), [Command::Open]);
    let newer = Input::Hello { protocol: PROTOCOL + 1, resume: Resume::Live, behind: 0, heartbeat_ms: 15_000 };
    assert_eq!(rig.say(newer), [Command::Close, Command::TooOld]);
}

fn any_input() -> impl Strategy<Value = Input> {
    let resume = prop_oneof![Just(Resume::Live), Just(Resume::Replay), Just(Resume::Reset)];
    let reason = prop_oneof![
        Just(ByeReason::Shutdown),
        Just(ByeReason::SessionEnded),
        Just(ByeReason::Overload),
        Just(ByeReason::RoleChanged),
        Just(ByeReason::Banned),
    ];
    prop_oneof![
        3 => (resume, 0..50_u64).prop_map(|(resume, behind)| hello(resume, behind)),
        4 => Just(Input::Fact),
        3 => (0..3_u64).prop_map(|sent| Input::Tick { sent }),
        2 => any::<bool>().prop_map(|closed| Input::Broken { closed }),
        4 => Just(Input::Wake),
        1 => (reason, 0..9_000_u64).prop_map(|(reason, retry_ms)| Input::Bye(Bye { reason, retry_ms })),
        1 => prop_oneof![
            Just(Input::Start), Just(Input::Stop), Just(Input::Unauthorized), Just(Input::Heard), Just(Input::Malformed),
            Just(Input::Online), Just(Input::Offline), Just(Input::Visible), Just(Input::Hidden), Just(Input::Shown),
            Just(Input::TryNow),
        ],
    ]
}

proptest! {
    /// Whatever happens in whatever order: sources are opened and closed in turn, `Connected` and `Disconnected` pair
    /// up, and the machine is never stuck: it is at rest, asks something, or will be woken.
    #[test]
    fn nothing_leads_astray(steps in prop::collection::vec((any_input(), 0..20_000_u64, any::<bool>()), 1..120)) {
        let mut rig = Rig::new();
        let (mut source, mut connected, mut asked) = (false, false, None);
        let mut at_rest = true;
        for (input, passed, answered) in std::iter::once((Input::Start, 0, true)).chain(steps) {
            rig.now += passed;
            // The driver hears nothing from a source it has closed.
            let from_source = matches!(input, Input::Hello { .. } | Input::Fact | Input::Tick { .. } | Input::Heard
                | Input::Malformed | Input::Bye(_) | Input::Broken { .. });
            if from_source && !source {
                continue;
            }
            let mut pending = vec![input];
            while let Some(input) = pending.pop() {
                at_rest &= !matches!(input, Input::Start);
                for command in rig.say(input) {
                    match command {
                        Command::Open => { prop_assert!(!source); source = true; }
                        Command::Close => { prop_assert!(source); source = false; }
                        Command::Connected => { prop_assert!(source && !connected); connected = true; }
                        Command::Disconnected => { prop_assert!(connected); connected = false; }
                        Command::LoadSnapshot(ticket) => asked = Some(Input::Snapshot(ticket, Answer::Good)),
                        Command::Probe(ticket) => asked = Some(Input::Probed(ticket, Answer::Good)),
                        Command::SignedOut | Command::Barred { .. } | Command::TooOld => at_rest = true,
                    }
                }
                at_rest |= matches!(input, Input::Stop);
                if answered {
                    pending.extend(asked.take());
                }
            }
            prop_assert_eq!(rig.machine.is_connected(), connected);
            let waits = rig.machine.next_wake(rig.now).is_some();
            prop_assert!(at_rest || waits || asked.is_some(), "stuck: {:?}", rig.machine);
        }
    }
}
