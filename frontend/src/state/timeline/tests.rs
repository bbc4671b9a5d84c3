//! The rows: days, groups, the new line, and one element per message from writing to its fact.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use shared::{id::RoomId, member::Timestamp};

use super::*;
use crate::state::{
    outbox::{Outbox, Outcome},
    view::Failure,
};

/// 2026-11-22T12:00:00Z.
const NOON: i64 = 1_795_348_800_000;
const ME: u8 = 1;
static NOTHING_PENDING: std::sync::LazyLock<Pending> = std::sync::LazyLock::new(Pending::default);

#[derive(Default)]
struct Town {
    people: BTreeMap<MemberId, Arc<Person>>,
    east_minutes: i32,
}

impl World for Town {
    fn person(&mut self, member: MemberId) -> Arc<Person> {
        let person = || Arc::new(Person { id: member.to_string(), name: member.to_string() });
        Arc::clone(self.people.entry(member).or_insert_with(person))
    }

    fn zone(&self, _at_ms: i64) -> i32 {
        self.east_minutes
    }
}

fn member(number: u8) -> MemberId {
    MemberId::from_entropy([number; 12])
}

fn room() -> RoomId {
    RoomId::from_entropy([0; 12])
}

fn client_id(number: u64) -> ClientId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    ClientId::from_entropy(bytes)
}

/// What the server writes for a moment of that day.
fn clock(minutes: i64) -> Timestamp {
    let minutes = minutes + 12 * 60;
    let day = 22 + minutes.div_euclid(24 * 60);
    let minute = minutes.rem_euclid(24 * 60);
    Timestamp(format!("2026-11-{day:02}T{:02}:{:02}:00.000Z", minute / 60, minute % 60))
}

/// A message at that offset, by that person, so many minutes after noon.
fn message(offset: u64, author: u8, minutes: i64) -> Message {
    let mut entropy = [0; 12];
    entropy[..8].copy_from_slice(&offset.to_be_bytes().map(|byte| byte % 36));
    entropy[11] = u8::try_from(offset / 36 % 36).unwrap();
    Message {
        id: MessageId::from_entropy(entropy),
        room: room(),
        author: member(author),
        client_id: client_id(offset),
        offset: Offset(offset),
        rev: Offset(offset),
        body: format!("text {offset}"),
        html: Some(format!("<p>text {offset}</p>")),
        posted_at: clock(minutes),
        deleted: false,
    }
}

fn source<'a>(messages: &'a [Message], outbox: &'a [&'a Item]) -> Source<'a> {
    let now = Moment { mono_ms: 0, wall_ms: NOON };
    let (reaches_start, reaches_end) = (true, true);
    Source {
        messages,
        reaches_start,
        reaches_end,
        outbox,
        new_after: None,
        pending: &NOTHING_PENDING,
        deletes: (true, false),
        me: member(ME),
        live: true,
        now,
    }
}

/// The rows as one letter each: Start, Day, New line, Head of a group, follower (`-`).
fn shape(rows: &[Arc<Row>]) -> String {
    let letter = |row: &Arc<Row>| match &**row {
        Row::Start => 'S',
        Row::Day { .. } => 'D',
        Row::NewLine { .. } => 'N',
        Row::Message(message) if message.head => 'H',
        Row::Message(_) => '-',
    };
    rows.iter().map(letter).collect()
}

fn check(messages: &[Message], change: impl FnOnce(&mut Source<'_>), expected: &str) {
    let mut timeline = Timeline::default();
    let mut source = source(messages, &[]);
    change(&mut source);
    assert!(timeline.build(&source, &mut Town::default()));
    assert_eq!(shape(timeline.rows()), expected);
}

#[test]
fn messages_of_one_breath_stand_together() {
    let at = |times: &[(u8, i64)]| -> Vec<Message> {
        times.iter().zip(1..).map(|(&(author, minutes), offset)| message(offset, author, minutes)).collect()
    };
    check(&at(&[(1, 0), (1, 5), (1, 10), (1, 15), (1, 16)]), |_| {}, "SDH---H");
    check(&at(&[(1, 0), (1, 6), (2, 6), (1, 6)]), |_| {}, "SDHHHH");
    check(&at(&[(1, 0), (1, -3)]), |_| {}, "SDH-");
    check(&at(&[(1, 0)]), |source| source.reaches_start = false, "DH");
    check(&[], |_| {}, "S");
}

#[test]
fn a_day_begins_once_and_where_the_reader_is() {
    let night = [message(1, 1, 11 * 60 + 58), message(2, 1, 12 * 60 + 1), message(3, 1, 11 * 60 + 59)];
    check(&night, |_| {}, "SDHDH-");
    let mut timeline = Timeline::default();
    timeline.build(&source(&night, &[]), &mut Town { east_minutes: 8 * 60, ..Town::default() });
    assert_eq!(shape(timeline.rows()), "SDH--");
}

#[test]
fn the_new_line_stands_above_the_first_new_message_by_others() {
    let messages = [message(10, 2, 0), message(11, ME, 1), message(12, 2, 2), message(13, 2, 3)];
    let after = |offset: u64| move |source: &mut Source<'_>| source.new_after = Some(Offset(offset));
    check(&messages, after(10), "SDHHNH-");
    check(&messages, after(12), "SDHHHNH");
    check(&messages, after(13), "SDHHH-");
    check(&messages, after(5), "SDNHHH-");
    let cut = |source: &mut Source<'_>| (source.new_after, source.reaches_start) = (Some(Offset(5)), false);
    check(&messages, cut, "DHHH-");
    let mut timeline = Timeline::default();
    let mut source = source(&messages, &[]);
    source.new_after = Some(Offset(10));
    timeline.build(&source, &mut Town::default());
    let line = timeline.rows().iter().find(|row| matches!(***row, Row::NewLine { .. })).unwrap();
    assert_eq!(**line, Row::NewLine { since_ms: NOON + 60_000 }, "since the last message seen");
}

#[test]
fn another_persons_client_id_is_not_a_key() {
    let mut theirs = message(2, 2, 1);
    theirs.client_id = client_id(1);
    let messages = [message(1, ME, 0), theirs];
    let mut timeline = Timeline::default();
    timeline.build(&source(&messages, &[]), &mut Town::default());
    let keys = keys(timeline.rows());
    assert_eq!(keys.len(), 2);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 2);
}

fn keys(rows: &[Arc<Row>]) -> Vec<Arc<str>> {
    let key = |row: &Arc<Row>| if let Row::Message(message) = &**row { Some(Arc::clone(&message.key)) } else { None };
    rows.iter().filter_map(key).collect()
}

#[test]
fn a_place_that_was_given_twice_shows_the_message_that_holds_it_now() {
    let (mut timeline, mut town) = (Timeline::default(), Town::default());
    let body = |timeline: &Timeline| {
        let Some(Row::Message(row)) = timeline.rows().last().map(|row| &**row) else { panic!("a message is last") };
        (row.key.to_string(), row.body.to_string())
    };
    timeline.build(&source(&[message(7, 2, 0)], &[]), &mut town);
    let rolled_back = Message { id: message(8, 2, 0).id, body: "said again".to_owned(), ..message(7, 2, 0) };
    assert!(timeline.build(&source(std::slice::from_ref(&rolled_back), &[]), &mut town));
    assert_eq!(body(&timeline), (rolled_back.id.to_string(), "said again".to_owned()));
}

#[test]
fn a_message_is_one_element_from_writing_to_its_fact() {
    let now = Moment { mono_ms: 0, wall_ms: NOON };
    let (mut outbox, mut timeline, mut town) = (Outbox::default(), Timeline::default(), Town::default());
    outbox.connected(now);
    outbox.write(room(), client_id(7), "text 7", now);
    let mut statuses = vec![];
    let mut look = |outbox: &Outbox, messages: &[Message], later: Moment| {
        let items: Vec<&Item> = outbox.of_room(room()).collect();
        let changed = timeline.build(&Source { now: later, ..source(messages, &items) }, &mut town);
        assert_eq!(keys(timeline.rows()), [client_id(7).to_string().into()]);
        let Row::Message(row) = &**timeline.rows().last().unwrap() else { panic!("a message is last") };
        statuses.push(row.status);
        (changed, Arc::clone(&row.body))
    };
    let (_, written) = look(&outbox, &[], now);
    outbox.stored(client_id(7), now);
    outbox.take_steps(now);
    assert!(!look(&outbox, &[], now).0, "nothing to see in being stored");
    look(&outbox, &[], Moment { mono_ms: 500, ..now });
    outbox.answered(client_id(7), Outcome::Posted(Offset(7)), now);
    look(&outbox, &[], now);
    // The fact may come before the outbox hears of it: still one row.
    let (changed, read) = look(&outbox, &[message(7, ME, 0)], now);
    assert!(changed && Arc::ptr_eq(&written, &read));
    outbox.caught_up(Offset(7));
    assert!(!look(&outbox, &[message(7, ME, 0)], now).0);
    assert_eq!(statuses, [Status::Sending, Status::Sending, Status::Slow, Status::Sent, Status::Sent, Status::Sent]);
}

#[test]
fn what_was_given_up_stands_below_and_alone() {
    let now = Moment { mono_ms: 0, wall_ms: NOON };
    let mut outbox = Outbox::default();
    outbox.connected(now);
    for number in [100, 101] {
        outbox.write(room(), client_id(number), "x", now);
        outbox.stored(client_id(number), now);
    }
    outbox.take_steps(now);
    outbox.answered(client_id(100), Outcome::Refused(Failure::Refused), now);
    let items: Vec<&Item> = outbox.of_room(room()).collect();
    let messages = [message(1, ME, 0), message(2, 2, 0)];
    let mut timeline = Timeline::default();
    timeline.build(&source(&messages, &items), &mut Town::default());
    assert_eq!(shape(timeline.rows()), "SDHHHH");
    timeline.build(&Source { reaches_end: false, ..source(&messages, &items) }, &mut Town::default());
    assert_eq!(shape(timeline.rows()), "SDHH", "below there are messages that are not loaded");
}

#[test]
fn an_arriving_message_leaves_the_other_rows_alone() {
    let mut messages: Vec<Message> = (1..=300).map(|offset| message(offset, 2, 0)).collect();
    let (mut timeline, mut town) = (Timeline::default(), Town::default());
    timeline.build(&source(&messages, &[]), &mut town);
    let before = timeline.rows().to_vec();
    messages.push(message(301, 2, 0));
    assert!(timeline.build(&source(&messages, &[]), &mut town));
    assert!(before.iter().zip(timeline.rows()).all(|(old, new)| Arc::ptr_eq(old, new)));
    messages[4].rev = Offset(302);
    messages[4].body = "edited".to_owned();
    assert!(timeline.build(&source(&messages, &[]), &mut town));
    let changed = timeline.rows().iter().zip(&before).filter(|(new, old)| !Arc::ptr_eq(new, old)).count();
    assert_eq!(changed, 1);
    assert!(!timeline.build(&source(&messages, &[]), &mut town));
}

proptest! {
    /// Whatever the clocks say and whoever writes: every message has one row, in the log's order, and no two rows of
    /// any kind have the same name.
    #[test]
    fn every_message_has_one_row(
        said in prop::collection::vec((1..4_u8, -3_000..3_000_i64), 0..80),
        new_after in prop::option::of(0..90_u64),
        dropped in 0..40_usize,
    ) {
        let messages: Vec<Message> =
            said.iter().zip(1..).map(|(&(author, minutes), offset)| message(offset, author, minutes)).collect();
        let (mut timeline, mut town) = (Timeline::default(), Town::default());
        for loaded in [&messages[..], &messages[dropped.min(messages.len())..]] {
            let mut source = source(loaded, &[]);
            source.reaches_start = loaded.len() == messages.len();
            source.new_after = new_after.map(Offset);
            timeline.build(&source, &mut town);
            let bodies: Vec<String> = timeline.rows().iter().filter_map(|row| match &**row {
                Row::Message(row) => Some(row.body.to_string()),
                _ => None,
            }).collect();
            prop_assert_eq!(bodies, loaded.iter().map(|message| message.body.clone()).collect::<Vec<_>>());
            let mut names = HashSet::new();
            for row in timeline.rows() {
                let name = match &**row {
                    Row::Start => "start".to_owned(),
                    Row::NewLine { .. } => "new".to_owned(),
                    Row::Day { day, .. } => format!("day {day}"),
                    Row::Message(row) => row.key.to_string(),
                };
                prop_assert!(names.insert(name));
            }
        }
    }
}
