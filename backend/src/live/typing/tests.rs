//! Typing by hand: who is told, how often, and that it is the truth.

use super::*;

fn member(number: u8) -> MemberId {
    MemberId::from_entropy([number; 12])
}

fn room(number: u8) -> RoomId {
    RoomId::from_entropy([number; 12])
}

fn few(_: RoomId) -> usize {
    10
}

fn many(_: RoomId) -> usize {
    5_000
}

/// What one reader shows, by what it is told.
fn hear(shown: &mut Option<Vec<MemberId>>, reader: MemberId, told: &[Told]) -> bool {
    let Some(told) = told.first() else { return false };
    let own = told.apart.iter().find(|(member, _)| *member == reader).map(|(_, list)| list);
    let list = own.unwrap_or(&told.everyone);
    if list.is_some() {
        shown.clone_from(list);
    }
    list.is_some()
}

#[test]
fn everyone_but_the_typist_is_told() {
    let (mut typing, ana, bo) = (Typing::default(), member(1), member(2));
    typing.begin(ana, room(1), 100);
    let told = typing.step(250, few);
    assert_eq!(told, [Told { room: room(1), everyone: Some(vec![ana]), apart: vec![(ana, None)] }]);
    typing.begin(bo, room(1), 300);
    assert_eq!(typing.step(1_000, few), [], "not twice in a second");
    let apart = vec![(ana, Some(vec![bo])), (bo, None)];
    assert_eq!(typing.step(1_250, few), [Told { room: room(1), everyone: Some(vec![ana, bo]), apart }]);
    typing.end(ana, room(1));
    let apart = vec![(ana, None), (bo, Some(vec![]))];
    assert_eq!(typing.step(2_250, few), [Told { room: room(1), everyone: Some(vec![bo]), apart }]);
    assert_eq!(typing.step(6_299, few), [Told { room: room(1), everyone: Some(vec![bo]), apart: vec![(bo, None)] }]);
    let over = [Told { room: room(1), everyone: Some(vec![]), apart: vec![(bo, None)] }];
    assert_eq!(typing.step(7_299, few), over, "the lease has ended");
    assert!(typing.is_quiet());
}

#[test]
fn a_list_that_is_still_true_is_told_before_it_lapses() {
    let (mut typing, ana, bo) = (Typing::default(), member(1), member(2));
    let (mut shown, mut heard_at, mut events) = (None, 0, 0);
    for now in (0..60_000).step_by(250) {
        if now % 3_000 == 0 {
            typing.begin(ana, room(1), now);
        }
        if hear(&mut shown, bo, &typing.step(now, many)) {
            (heard_at, events) = (now, events + 1);
        }
        assert!(now - heard_at < LEASE_MS, "a client would let it lapse");
        assert_eq!(shown.as_deref(), Some(&[ana][..]));
    }
    assert_eq!(events, 15);
}

#[test]
fn a_crowd_is_a_short_list_that_hardly_changes() {
    let mut typing = Typing::default();
    let (mut events, mut shown) = (0, None);
    let reader = member(200);
    for now in (0..60_000).step_by(250) {
        // A hundred people type, each says so every three seconds, none at the same time as another.
        for number in (0..100_u8).filter(|number| now % 3_000 == i64::from(*number) % 12 * 250) {
            typing.begin(member(number), room(1), now);
        }
        events += usize::from(hear(&mut shown, reader, &typing.step(now, many)));
    }
    assert_eq!(shown.map(|list| list.len()), Some(TYPING_SHOWN_MAX));
    assert!(events <= 20, "{events} events in a minute");
    let own = typing.rooms[&room(1)].told[0];
    let told = typing.step(63_000, many);
    let (_, list) = told[0].apart.iter().find(|(member, _)| *member == own).expect("told apart");
    assert!(list.as_ref().is_none_or(|list| !list.contains(&own)), "nobody sees themself type");
}

#[test]
fn who_does_not_share_it_never_types() {
    let mut typing = Typing::new([member(1)]);
    typing.begin(member(1), room(1), 0);
    assert!(typing.is_quiet());
    typing.begin(member(2), room(1), 0);
    typing.begin(member(2), room(2), 0);
    assert_eq!(typing.step(250, few).len(), 2);
    typing.hide(member(2), true);
    let told = typing.step(1_250, few);
    assert!(told.len() == 2 && told.iter().all(|told| told.everyone == Some(vec![])), "at once: {told:?}");
    assert!(typing.is_quiet());
    typing.hide(member(1), false);
    typing.begin(member(1), room(1), 2_000);
    assert_eq!(typing.step(2_250, few)[0].everyone, Some(vec![member(1)]));
}

#[test]
fn what_one_reader_shows_is_the_truth_within_a_second() {
    // People begin and end by a fixed muddle; every reader's list is compared with who types, without themself.
    let mut typing = Typing::default();
    let people: Vec<_> = (0..9).map(member).collect();
    let mut shown: Vec<Option<Vec<MemberId>>> = vec![None; people.len()];
    let mut state = 7_u32;
    for now in (0..120_000_i64).step_by(250) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let who = people[(state >> 8) as usize % people.len()];
        match state >> 24 {
            0..40 => typing.begin(who, room(1), now),
            40..70 => typing.end(who, room(1)),
            _ => {}
        }
        let told = typing.step(now, few);
        let Some(typists) = typing.rooms.get(&room(1)) else { continue };
        for (reader, shown) in people.iter().zip(&mut shown) {
            hear(shown, *reader, &told);
            if !told.is_empty() {
                let truth: Vec<_> = typists.now.iter().map(|(member, _)| *member).collect();
                assert_eq!(shown.clone().unwrap_or_default(), without(&truth, Some(*reader)), "at {now}");
            }
        }
    }
}
