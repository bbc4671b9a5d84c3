//! Rights act at their own offset: streams are narrowed in place, or end; a replay knows today's rights.

use shared::{member::Role, stream::kind};

use crate::{
    domain::audience::Audience,
    live::{
        Start,
        log::About,
        testing::{Reader, Scene, member, offsets, room, subscriber},
    },
};

async fn open_as(scene: &Scene, seed: u8, role: Role) -> Reader {
    let mut subscriber = subscriber(seed);
    subscriber.member.role = role;
    Reader::of(scene.hub.subscribe(subscriber, Start::Now).await)
}

#[tokio::test(start_paused = true)]
async fn who_leaves_a_room_hears_that_and_no_more_of_it() {
    let scene = Scene::start().await;
    scene.log.join(member(1), room(1));
    scene.log.join(member(2), room(1));
    scene.settle().await;
    let (mut gone, mut stays) = (scene.open(1, Start::Now).await, scene.open(2, Start::Now).await);
    let before = scene.post(Audience::Room(room(1)));
    let left = scene.log.leave(member(1), room(1));
    let after = scene.post(Audience::Room(room(1)));
    let elsewhere = scene.post(Audience::Workspace);
    assert_eq!(gone.facts(3).await, [before, left, elsewhere]);
    assert!(gone.is_silent().await, "the stream goes on, without the room");
    assert_eq!(stays.facts(3).await, [before, after, elsewhere]);
    // Back in, it hears what comes then.
    let back = scene.log.join(member(1), room(1));
    let then = scene.post(Audience::Room(room(1)));
    assert_eq!(gone.facts(2).await, [back, then]);
}

#[tokio::test(start_paused = true)]
async fn all_facts_of_one_pass_are_judged_each_at_its_place() {
    let scene = Scene::start().await;
    let joined = scene.log.join(member(1), room(1));
    scene.settle().await;
    let mut reader = scene.open_after(1, joined).await;
    let mut expected = Vec::new();
    for _ in 0..50 {
        expected.push(scene.log.commit(Audience::Room(room(1))));
        expected.push(scene.log.leave(member(1), room(1)));
        scene.log.commit(Audience::Room(room(1)));
        expected.push(scene.log.join(member(1), room(1)));
    }
    scene.settle().await;
    assert_eq!(reader.facts(expected.len()).await, expected);
    assert!(reader.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn a_replay_tells_a_former_member_only_that_it_is_over() {
    let scene = Scene::start().await;
    let start = scene.post(Audience::Workspace);
    scene.log.join(member(1), room(1));
    scene.log.commit_about(Audience::Member(member(1)), About::Room(room(1)));
    scene.post_many(20, Audience::Room(room(1)));
    let left = scene.log.leave(member(1), room(1));
    scene.post_many(20, Audience::Room(room(1)));
    scene.settle().await;
    let mut reader = scene.open_after(1, start).await;
    assert_eq!(offsets(&reader.until_tick().await), [left], "not even what the room was called");
    let joined = scene.log.join(member(1), room(1));
    let posted = scene.post(Audience::Room(room(1)));
    scene.settle().await;
    let mut reader = scene.open_after(1, start).await;
    assert_eq!(offsets(&reader.until_tick().await), [left, joined, posted], "back in, with nothing from before");
}

#[tokio::test(start_paused = true)]
async fn a_changed_role_ends_the_streams_that_were_opened_with_the_old_one() {
    let scene = Scene::start().await;
    let mut old = open_as(&scene, 1, Role::Member).await;
    let mut other = open_as(&scene, 2, Role::Member).await;
    let changed = scene.log.stand(member(1), Role::Admin, true);
    scene.settle().await;
    assert_eq!(old.next_of(kind::BYE).await.json()["reason"], "role_changed");
    assert_eq!(old.next_or_end().await, None);
    assert_eq!(other.facts(1).await, [changed]);
    // Who was authorised before and comes after is sent to ask again; who comes as what they are stays.
    let mut late = open_as(&scene, 1, Role::Member).await;
    assert_eq!(late.next_of(kind::BYE).await.json()["reason"], "role_changed");
    let mut new = open_as(&scene, 1, Role::Admin).await;
    let posted = scene.post(Audience::Admins);
    assert_eq!(new.facts(1).await, [posted]);
    assert!(other.is_silent().await);
}

#[tokio::test(start_paused = true)]
async fn who_is_deactivated_or_banned_hears_nothing_more() {
    let scene = Scene::start().await;
    let mut off = scene.open(1, Start::Now).await;
    scene.log.stand(member(1), Role::Member, false);
    scene.post_many(5, Audience::Workspace);
    assert_eq!(off.next_of(kind::BYE).await.json()["reason"], "deactivated");
    let mut again = scene.open(1, Start::Now).await;
    assert_eq!(again.next_of(kind::BYE).await.json()["reason"], "deactivated");

    let mut banned = scene.open(2, Start::Now).await;
    scene.log.ban(member(2));
    scene.log.stand(member(2), Role::Member, false);
    scene.settle().await;
    assert_eq!(banned.next_of(kind::BYE).await.json()["reason"], "banned", "the word for it comes first");
}

#[tokio::test(start_paused = true)]
async fn a_guest_hears_of_the_people_in_their_rooms() {
    let scene = Scene::start().await;
    for (person, place) in [(1, 1), (2, 1), (3, 2)] {
        scene.log.join(member(person), room(place));
    }
    scene.settle().await;
    let mut guest = open_as(&scene, 1, Role::Guest).await;
    let mut member_too = open_as(&scene, 2, Role::Member).await;
    let about = |about| scene.log.commit_about(Audience::Workspace, about);
    let all = [
        about(About::Audience),
        about(About::Member(member(1))),
        about(About::Member(member(2))),
        about(About::Member(member(3))),
        about(About::Workspace),
    ];
    scene.settle().await;
    assert_eq!(guest.facts(3).await, [all[1], all[2], all[4]]);
    assert_eq!(member_too.facts(5).await, all);
    let posted = scene.post(Audience::Room(room(1)));
    assert_eq!(guest.facts(1).await, [posted]);
}
