//! Presence by hand and at random: what is told, and that it follows the truth.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::HashMap;

use proptest::prelude::*;
use shared::presence::PresenceLevel::{Active, Away, Offline};

use super::*;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

fn member(number: u16) -> MemberId {
    let mut entropy = [0; 12];
    let digits = [number / 1_296, number / 36 % 36, number % 36];
    entropy[..3].copy_from_slice(&digits.map(|digit| u8::try_from(digit).unwrap()));
    MemberId::from_entropy(entropy)
}

fn session(number: u8) -> SessionId {
    SessionId::from_entropy([number; 12])
}

/// A step as pairs, which are easier to read.
fn step(presence: &mut Presence, now_ms: i64) -> Vec<(MemberId, PresenceLevel)> {
    presence.step(now_ms).into_iter().map(|here| (here.member, here.level)).collect()
}

#[test]
fn who_comes_and_goes_is_told_once() {
    let (mut presence, ana) = (Presence::default(), member(1));
    presence.enter(ana, session(1), Active, 0);
    assert_eq!(presence.level(ana), Offline, "what was told");
    assert_eq!(step(&mut presence, SECOND), [(ana, Active)]);
    assert_eq!(step(&mut presence, 2 * SECOND), []);
    presence.leave(ana, session(1), LEAVE_AFTER_MS, 2 * SECOND);
    assert_eq!(step(&mut presence, 3 * SECOND), [(ana, Offline)]);
    assert_eq!(step(&mut presence, 4 * SECOND), []);
    assert!(presence.people.is_empty(), "nothing is kept of who is not here");
}

#[test]
fn a_reload_is_no_leaving_and_no_activity() {
    let (mut presence, ana) = (Presence::default(), member(1));
    presence.enter(ana, session(1), Active, 0);
    assert_eq!(step(&mut presence, 5 * MINUTE), [(ana, Away)]);
    presence.leave(ana, session(1), LEAVE_AFTER_MS, 5 * MINUTE);
    presence.enter(ana, session(1), Active, 5 * MINUTE + LEAVE_AFTER_MS - 1);
    assert_eq!(step(&mut presence, 5 * MINUTE + SECOND), []);
    assert!(presence.last_seen().is_empty());
}

#[test]
fn who_went_and_came_back_between_two_steps_is_not_told() {
    let (mut presence, ana) = (Presence::default(), member(1));
    presence.enter(ana, session(1), Active, 0);
    step(&mut presence, SECOND);
    presence.leave(ana, session(1), 0, SECOND + 100);
    presence.enter(ana, session(2), Active, SECOND + 900);
    assert_eq!(step(&mut presence, 2 * SECOND), []);
}

#[test]
fn a_person_is_the_most_that_one_of_their_devices_is() {
    let (mut presence, ana, phone, desk) = (Presence::default(), member(1), session(1), session(2));
    presence.enter(ana, phone, Away, 0);
    assert_eq!(step(&mut presence, SECOND), [(ana, Away)]);
    presence.enter(ana, desk, Active, SECOND);
    presence.enter(ana, desk, Active, SECOND);
    assert_eq!(step(&mut presence, 2 * SECOND), [(ana, Active)]);
    presence.set_level(ana, phone, Away, 2 * SECOND);
    presence.leave(ana, desk, LEAVE_AFTER_MS, 2 * SECOND);
    assert_eq!(step(&mut presence, MINUTE), [], "one of two tabs was closed, and the phone never was active");
    presence.set_level(ana, desk, Active, 4 * MINUTE);
    assert_eq!(step(&mut presence, 9 * MINUTE - 1), []);
    assert_eq!(step(&mut presence, 9 * MINUTE), [(ana, Away)]);
    presence.set_level(ana, phone, Active, 9 * MINUTE);
    presence.leave(ana, desk, LEAVE_AFTER_MS, 9 * MINUTE);
    assert_eq!(step(&mut presence, 9 * MINUTE + SECOND), [(ana, Active)]);
    presence.set_level(ana, phone, Away, 10 * MINUTE);
    assert_eq!(step(&mut presence, 10 * MINUTE), [(ana, Away)], "at once");
}

#[test]
fn who_does_not_share_it_is_nowhere_and_was_never_seen() {
    let (ana, bo) = (member(1), member(2));
    let mut presence = Presence::new([ana]);
    presence.enter(ana, session(1), Active, 0);
    presence.enter(bo, session(2), Active, 0);
    assert_eq!(step(&mut presence, SECOND), [(bo, Active)]);
    presence.hide(bo, true);
    assert_eq!(presence.level(bo), Offline, "at once");
    assert_eq!(presence.here().count(), 0);
    assert_eq!(step(&mut presence, 2 * SECOND), [(bo, Offline)]);
    presence.tell_again(bo);
    assert_eq!(step(&mut presence, 3 * SECOND), []);
    presence.leave(bo, session(2), 0, 3 * SECOND);
    step(&mut presence, 4 * SECOND);
    presence.close(5 * SECOND);
    assert_eq!(presence.last_seen(), []);
}

#[test]
fn who_shares_it_again_is_told() {
    let (mut presence, ana) = (Presence::new([member(1)]), member(1));
    presence.enter(ana, session(1), Active, 0);
    assert_eq!(step(&mut presence, SECOND), []);
    presence.hide(ana, false);
    assert_eq!(step(&mut presence, 2 * SECOND), [(ana, Active)]);
    presence.tell_again(ana);
    assert_eq!(step(&mut presence, 3 * SECOND), [(ana, Active)], "somebody may know of them who did not");
    assert_eq!(step(&mut presence, 4 * SECOND), []);
}

#[test]
fn the_last_that_was_seen_of_someone_waits_until_it_is_kept() {
    let (mut presence, ana, bo) = (Presence::default(), member(1), member(2));
    presence.enter(ana, session(1), Active, 0);
    presence.enter(bo, session(2), Active, 0);
    step(&mut presence, SECOND);
    presence.leave(ana, session(1), 0, 2 * SECOND);
    step(&mut presence, 2 * SECOND);
    let seen = presence.last_seen();
    assert_eq!(seen, [(ana, 2 * SECOND)]);
    presence.enter(ana, session(1), Active, 3 * SECOND);
    presence.leave(ana, session(1), 0, 4 * SECOND);
    step(&mut presence, 4 * SECOND);
    presence.forget_last_seen(&seen);
    assert_eq!(presence.last_seen(), [(ana, 4 * SECOND)], "it was seen again meanwhile");
    presence.close(5 * SECOND);
    let mut seen = presence.last_seen();
    seen.sort_unstable();
    assert_eq!(seen, [(ana, 4 * SECOND), (bo, 5 * SECOND)]);
}

#[test]
fn a_clock_that_jumps_keeps_nobody_for_longer() {
    let (mut presence, ana) = (Presence::default(), member(1));
    presence.enter(ana, session(1), Active, 60 * MINUTE);
    step(&mut presence, 60 * MINUTE);
    assert_eq!(step(&mut presence, 0), []);
    assert_eq!(step(&mut presence, 5 * MINUTE), [(ana, Away)]);
    presence.leave(ana, session(1), LEAVE_AFTER_MS, 60 * MINUTE);
    assert_eq!(step(&mut presence, 6 * MINUTE), []);
    assert_eq!(step(&mut presence, 6 * MINUTE + LEAVE_AFTER_BATCH_MS), [(ana, Offline)]);
}

/// Issue 4: the presence of 5,000 people who come within ten seconds stays below two events a second for each reader.
#[test]
fn five_thousand_who_come_at_once_are_one_event_a_second() {
    let mut presence = Presence::default();
    assert!(presence.count_people(5_000) && !presence.count_people(5_001), "that it is large is said once");
    for number in 0..5_000 {
        presence.watch(member(number), 0);
    }
    let mut levels = HashMap::new();
    let mut seconds = 0;
    while levels.len() < 5_000 {
        if seconds < 10 {
            for number in seconds * 500..(seconds + 1) * 500 {
                presence.enter(member(number), session(1), Active, i64::from(seconds) * SECOND);
            }
        }
        seconds += 1;
        let changes = presence.step(i64::from(seconds) * SECOND);
        assert!((1..=CHANGES_MAX).contains(&changes.len()), "one event, of bounded size");
        levels.extend(changes.into_iter().map(|here| (here.member, here.level)));
    }
    assert_eq!(seconds, 25);
    assert!(levels.values().all(|level| *level == Active));
}

#[test]
fn of_many_only_those_are_told_of_whom_somebody_asked_for() {
    let (mut presence, ana, bo) = (Presence::default(), member(1), member(2));
    presence.count_people(201);
    presence.enter(ana, session(1), Active, 0);
    assert_eq!(step(&mut presence, SECOND), []);
    assert_eq!(presence.watch(ana, SECOND), Active, "as she is now");
    assert_eq!(presence.watch(bo, SECOND), Offline);
    assert_eq!(step(&mut presence, 2 * SECOND), [], "whoever asked was told");
    presence.enter(bo, session(2), Away, 2 * SECOND);
    assert_eq!(step(&mut presence, 3 * SECOND), [(bo, Away)]);
    presence.watch(bo, 20 * MINUTE);
    let lapsed = 30 * MINUTE + SECOND;
    step(&mut presence, 29 * MINUTE);
    presence.leave(bo, session(2), 0, lapsed);
    presence.leave(ana, session(1), 0, lapsed);
    assert_eq!(step(&mut presence, lapsed), [(bo, Offline)]);
    step(&mut presence, lapsed + SECOND);
    assert!(presence.people.is_empty());
}

/// What happens to one person in the test of the truth.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// A tab opens, on one of two devices.
    Opens(u8),
    /// The oldest tab is closed.
    Closes,
    /// The oldest tab vanishes without a word; its stream is reaped after so many seconds, 45 at most.
    Vanishes(u8),
    /// The oldest tab is loaded again and is back after so many milliseconds.
    Reloads(u16),
}

fn deeds() -> impl Strategy<Value = Vec<Option<Deed>>> {
    let deed = prop_oneof![
        3 => (0..2_u8).prop_map(Deed::Opens),
        2 => Just(Deed::Closes),
        1 => (1..=45_u8).prop_map(Deed::Vanishes),
        1 => (0..LEAVE_AFTER_MS as u16).prop_map(Deed::Reloads),
    ];
    proptest::collection::vec(proptest::option::weighted(0.08, deed), 600)
}

/// A tab as the world knows it.
struct Tab {
    device: u8,
    /// When its stream is reaped, if it has vanished.
    reaped_at_ms: Option<i64>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Guarantee G12: whatever tabs do, what a reader shows is compared with the truth at every second.
    #[test]
    fn what_is_shown_follows_the_truth(deeds in deeds(), offset_ms in 0..SECOND) {
        let (mut presence, ana) = (Presence::default(), member(1));
        let (mut tabs, mut shown): (Vec<Tab>, _) = (Vec::new(), Offline);
        // Since when there has been a tab without a break; since when there is none.
        let (mut here_since, mut gone_since, mut crashed_at) = (None, Some(i64::MIN / 2), i64::MIN / 2);
        let mut returns = None;
        for (second, deed) in deeds.into_iter().enumerate() {
            let (now, at) = (second as i64 * SECOND + offset_ms, (second as i64 + 1) * SECOND);
            if let Some((device, returns_at)) = returns.take() {
                presence.enter(ana, session(device), Active, returns_at);
            }
            tabs.retain(|tab| {
                let is_reaped = tab.reaped_at_ms.is_some_and(|at| at <= now);
                if is_reaped {
                    presence.leave(ana, session(tab.device), LEAVE_AFTER_MS, now);
                }
                !is_reaped
            });
            let living = tabs.iter().position(|tab| tab.reaped_at_ms.is_none());
            match (deed, living) {
                (Some(Deed::Opens(device)), _) => {
                    presence.enter(ana, session(device), Active, now);
                    tabs.push(Tab { device, reaped_at_ms: None });
                }
                (Some(Deed::Closes), Some(tab)) => {
                    presence.leave(ana, session(tabs.remove(tab).device), LEAVE_AFTER_MS, now);
                }
                (Some(Deed::Vanishes(after)), Some(tab)) => {
                    tabs[tab].reaped_at_ms = Some(now + i64::from(after) * SECOND);
                    crashed_at = now;
                }
                (Some(Deed::Reloads(after)), Some(tab)) => {
                    let device = tabs[tab].device;
                    presence.leave(ana, session(device), LEAVE_AFTER_MS, now);
                    returns = Some((device, now + i64::from(after)));
                }
                _ => {}
            }
            let is_here = tabs.iter().any(|tab| tab.reaped_at_ms.is_none());
            here_since = is_here.then(|| here_since.unwrap_or(now));
            gone_since = (!is_here).then(|| gone_since.unwrap_or(now));
            if let Some((device, returns_at)) = returns.take_if(|(_, returns_at)| *returns_at <= at) {
                presence.enter(ana, session(device), Active, returns_at);
            }
            for (_, level) in step(&mut presence, at) {
                shown = level;
            }
            if let Some(since) = here_since {
                prop_assert_ne!(shown, Offline, "here since {}, at {}", since, at);
            }
            if let Some(since) = gone_since {
                let may_linger = at - since < 2 * SECOND || at - crashed_at < MINUTE;
                prop_assert!(shown == Offline || may_linger, "gone since {}, at {}", since, at);
            }
        }
    }
}
