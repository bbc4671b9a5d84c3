//! History: pages of a room, and who may see that there is one.

use shared::{cursor::Offset, id::RoomId, message::Message, replica::window::PageAt};

use super::fixture::*;
use crate::store::{RoomRef, Store, cursor_at};

/// Every page of every size at every place, compared with the history itself.
pub(in crate::store) async fn pages_are_runs_of_the_history(store: &dyn Store) {
    let mut people = people(store, 2).await;
    let empty = store.messages(people[0].id, &general(), PageAt::Latest, 10).await.unwrap();
    assert_eq!((empty.messages.len(), empty.more_before, empty.more_after), (0, false, false));

    let mut history = Vec::<Message>::new();
    for number in 1..=9 {
        history.push(post(store, number, people[number as usize % 2].id).await);
        if number % 3 == 0 {
            // Other facts lie between the messages.
            people.push(store.join(newcomer(number + 10)).await.unwrap());
        }
    }
    let (first, last) = (history[0].offset.0, history[8].offset.0);
    for limit in [0, 1, 2, 3, 8, 9, 10, u32::MAX] {
        check_page(store, &history, PageAt::Latest, limit).await;
        for place in (first - 1..=last + 1).chain([0, u64::MAX]).map(Offset) {
            for at in [PageAt::Before(place), PageAt::After(place), PageAt::Around(place)] {
                check_page(store, &history, at, limit).await;
            }
        }
    }
}

async fn check_page(store: &dyn Store, history: &[Message], at: PageAt, limit: u32) {
    let page = store.messages(member_id(1), &general(), at, limit).await.unwrap();
    let total = history.len();
    let wanted = usize::try_from(limit.max(1)).unwrap();
    let from = |place: Offset| history.partition_point(|message| message.offset < place);
    let behind = |place: Offset| history.partition_point(|message| message.offset <= place);
    let (begin, end) = match at {
        PageAt::Latest => (total.saturating_sub(wanted), total),
        PageAt::Before(place) => (from(place).saturating_sub(wanted), from(place)),
        PageAt::After(place) => (behind(place), behind(place).saturating_add(wanted).min(total)),
        PageAt::Around(place) => {
            (from(place).saturating_sub(wanted / 2), from(place).saturating_add(wanted - wanted / 2).min(total))
        }
    };
    assert_eq!(page.messages, &history[begin..end], "{at:?} {limit}");
    assert_eq!((page.more_before, page.more_after), (begin > 0, end < total), "{at:?} {limit}");
    assert_eq!(page.as_of.offset, head(store).await);
}

/// What does not exist and what the caller may not see are the same.
pub(in crate::store) async fn a_room_is_found_by_its_members_only(store: &dyn Store) {
    let people = people(store, 2).await;
    let by_slug = store.room(people[1].id, &general()).await.unwrap();
    assert_eq!(by_slug, store.room(people[1].id, &RoomRef::Id(general_id())).await.unwrap());
    assert_eq!((by_slug.room.id, by_slug.room.slug.as_str()), (general_id(), "general"));

    let nowhere = [
        (member_id(99), general()),
        (member_id(99), RoomRef::Id(general_id())),
        (people[0].id, RoomRef::Id(RoomId::from_entropy(entropy(99)))),
        (people[0].id, RoomRef::Slug("nowhere".to_owned())),
        (people[0].id, RoomRef::Slug("General".to_owned())),
        (people[0].id, RoomRef::Slug("general' OR 1=1 --".to_owned())),
        (people[0].id, RoomRef::Slug("%".to_owned())),
        (people[0].id, RoomRef::Slug(String::new())),
        (people[0].id, RoomRef::Slug("a\0b".to_owned())),
        (people[0].id, RoomRef::Slug(general_id().to_string())),
    ];
    for (member, room) in nowhere {
        assert_not_found(store.room(member, &room).await);
        assert_not_found(store.messages(member, &room, PageAt::Latest, 10).await);
    }
    assert_eq!(store.rooms(member_id(99)).await.unwrap().rooms, []);
    assert_not_found(store.snapshot(member_id(99)).await);
}

pub(in crate::store) async fn lists_say_where_they_are_valid(store: &dyn Store) {
    let people = people(store, 2).await;
    post(store, 1, people[0].id).await;
    let bounds = store.log_bounds().await.unwrap();
    let now = cursor_at(&bounds.epochs, bounds.head).unwrap();
    assert_eq!(store.snapshot(people[0].id).await.unwrap().cursor, now);
    assert_eq!(store.rooms(people[0].id).await.unwrap().as_of, now);
    assert_eq!(store.room(people[0].id, &general()).await.unwrap().as_of, now);
    assert_eq!(store.messages(people[0].id, &general(), PageAt::Latest, 1).await.unwrap().as_of, now);
    assert_eq!(store.rights().await.unwrap().at, now.offset);
}
