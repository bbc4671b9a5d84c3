//! Old snapshot + facts = fresh snapshot, with the reducer that the clients use.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use shared::{
    cursor::Offset,
    event::{Envelope, Event},
    id::MemberId,
    member::{Member, Role, Settings},
    replica::{Replica, window::PageAt},
    request::{self, MoveRead},
    room::Level,
    text::{Bio, WorkspaceName},
};

use super::fixture::*;
use crate::{
    domain::audience::Audience,
    store::{BanMember, ChangePerson, ChangeWorkspace, JoinByInvite, LogRow, PurgeSince, RoomRef, Store, cursor_at},
};

/// Someone who took a snapshot once and reads the log since, as a client does.
struct Follower {
    me: MemberId,
    replica: Replica,
    heard: BTreeSet<String>,
}

impl Follower {
    async fn new(store: &dyn Store, me: MemberId) -> Self {
        let replica = Replica::from_snapshot(store.snapshot(me).await.unwrap());
        Self { me, replica, heard: BTreeSet::new() }
    }

    /// Someone who listened while they were let in: all they knew before is what `other` knew, without the rooms.
    async fn entering(store: &dyn Store, other: MemberId, newcomer: JoinByInvite) -> (Self, Member) {
        let mut before = store.snapshot(other).await.unwrap();
        let me = store.join(newcomer).await.unwrap();
        (before.me, before.rooms, before.reads, before.involvements) = (me.clone(), vec![], vec![], vec![]);
        before.my = Settings::default();
        (Self { me: me.id, replica: Replica::from_snapshot(before), heard: BTreeSet::new() }, me)
    }

    /// Loads a page of the first room.
    async fn load(&mut self, store: &dyn Store, at: PageAt, limit: u32) {
        self.replica.begin_page(general_id());
        let page = store.messages(self.me, &general(), at, limit).await.unwrap();
        assert!(self.replica.merge_page(general_id(), at, page));
    }

    /// Reads up to some messages before the newest known.
    async fn read(&mut self, store: &dyn Store, back: u64, set: bool) {
        let held = self.replica.room(general_id()).unwrap();
        let offset = Offset(held.room.last_offset.0.saturating_sub(back));
        let to = MoveRead { offset, rev: held.read.rev, set };
        let moved = store.move_read(self.me, &general(), to).await.unwrap();
        // The answer counts what the store has; what this replica has not heard yet would be counted twice.
        self.catch_up(store).await;
        self.replica.move_read(moved);
        self.assert_current(store).await;
    }

    /// Applies what the log has that this person may hear.
    async fn catch_up(&mut self, store: &dyn Store) {
        let bounds = store.log_bounds().await.unwrap();
        let memberships = store.rights().await.unwrap().memberships;
        for row in store.read_log(self.replica.cursor.offset, usize::MAX).await.unwrap() {
            let since = |room| memberships.iter().find(|held| held.member == self.me && held.room == room);
            let hears = match row.audience {
                Audience::Workspace => true,
                Audience::Member(member) => member == self.me,
                Audience::Room(room) => since(room).is_some_and(|held| held.since < row.offset),
                Audience::Admins => self.replica.me.role.is_admin(),
                Audience::Nobody => false,
            };
            let cursor = cursor_at(&bounds.epochs, row.offset).unwrap();
            if hears {
                self.heard.insert(row.kind.clone());
                self.replica.apply(&Envelope { cursor, event: read(&row) });
            } else {
                self.replica.advance(cursor);
            }
        }
    }

    /// Holds what this person knows against a fresh snapshot and a fresh page.
    async fn assert_current(&self, store: &dyn Store) {
        let fresh = Replica::from_snapshot(store.snapshot(self.me).await.unwrap());
        assert_eq!(self.replica.cursor, fresh.cursor);
        assert_eq!((&self.replica.me, &self.replica.workspace), (&fresh.me, &fresh.workspace));
        assert_eq!(self.replica.members().collect::<Vec<_>>(), fresh.members().collect::<Vec<_>>());
        assert_eq!((&self.replica.my, self.replica.people_count), (&fresh.my, fresh.people_count));
        let rooms = |replica: &Replica| {
            replica.rooms().map(|held| (held.room.clone(), held.read, held.level)).collect::<Vec<_>>()
        };
        assert_eq!(rooms(&self.replica), rooms(&fresh));
        let window = &self.replica.room(general_id()).unwrap().window;
        if let Some(first) = window.first() {
            let length = u32::try_from(window.messages().len()).unwrap();
            let page = store.messages(self.me, &general(), PageAt::After(Offset(first.0 - 1)), length).await.unwrap();
            assert_eq!(window.messages(), page.messages);
            assert_eq!((window.reaches_start(), window.reaches_end()), (!page.more_before, !page.more_after));
        }
    }
}

fn read(row: &LogRow) -> Event {
    Event::read(&row.kind, &mut serde_json::Deserializer::from_slice(&row.payload)).unwrap().unwrap()
}

/// Gives one command of each kind in turn, so that every fact is caused. `number` is the turn.
async fn give_command(store: &dyn Store, number: u64, people: &[Member], followers: &mut [Follower]) {
    let (owner, actor) = (people[0].id, people[number as usize % people.len()].id);
    let other = people[(number as usize + 1) % people.len()].id;
    let made = RoomRef::Id(new_room(number / COMMANDS, owner).id);
    match number % COMMANDS {
        1 => {
            store.create_session(actor, new_session(number + 100)).await.unwrap();
            store.create_invite(new_invite(number + 100, actor, secret(4, number))).await.unwrap();
        }
        2 => {
            let follower = &mut followers[number as usize % 2];
            let held = follower.replica.room(general_id()).unwrap();
            let to = MoveRead { offset: held.room.last_offset, rev: held.read.rev, set: number == COMMANDS + 2 };
            let moved = store.move_read(follower.me, &general(), to).await.unwrap();
            assert!(follower.replica.move_read(moved) || moved.rev == 0);
        }
        3 => store.end_session(new_session(number + 98).id).await.unwrap(),
        4 => drop(store.create_room(new_room(number / COMMANDS, owner)).await.unwrap()),
        5 => drop(store.add_member(membership(owner, made, actor)).await.unwrap()),
        6 => drop(store.change_room(renamed(number, owner, made)).await.unwrap()),
        7 => drop(store.set_involvement(owner, &made, Level::Hidden, day(2)).await.unwrap()),
        8 => drop(store.set_involvement(owner, &general(), Level::Everything, day(2)).await.unwrap()),
        9 => drop(store.delete_message(deletion(number - 1, owner)).await.unwrap()),
        10 => {
            let another = if other == owner { actor } else { other };
            store.remove_member(membership(owner, made, another)).await.unwrap();
        }
        11 => store.remove_member(membership(owner, made.clone(), owner)).await.unwrap(),
        12 => drop(store.create_room(direct_room(number, &[actor, other])).await.unwrap()),
        _ => change_people(store, number, people).await,
    }
}

/// The commands of [`give_command`] that are about people and the workspace.
async fn change_people(store: &dyn Store, number: u64, people: &[Member]) {
    let (owner, actor, ana) = (people[0].id, people[number as usize % people.len()].id, people[1].id);
    let own = |change| ChangePerson { by: by(actor), member: actor, change };
    match number % COMMANDS {
        13 => {
            let bio = Some(Bio::parse(format!("Words {number}")).unwrap());
            drop(store.change_person(own(request::ChangePerson { bio, ..Default::default() })).await.unwrap());
        }
        14 => {
            let time_zone = Some(format!("Etc/GMT+{}", number / COMMANDS));
            let settings = request::ChangePerson { time_zone, ..Default::default() };
            for member in [actor, ana] {
                let command = ChangePerson { by: by(member), member, ..own(settings.clone()) };
                drop(store.change_person(command).await.unwrap());
            }
        }
        15 => {
            let name = Some(WorkspaceName::parse(format!("Works {number}")).unwrap());
            let change = request::ChangeWorkspace { name, ..Default::default() };
            drop(store.change_workspace(ChangeWorkspace { by: by(owner), change }).await.unwrap());
        }
        16 => {
            let role = if number < COMMANDS { Role::Admin } else { Role::Member };
            drop(store.change_person(given_role(owner, ana, role)).await.unwrap());
        }
        17 => {
            for active in [false, true] {
                drop(store.change_person(set_active(owner, ana, active)).await.unwrap());
            }
        }
        _ => {
            store.ban(BanMember { purge: PurgeSince::Beginning, ..ban(owner, ana) }).await.unwrap();
            while store.purge(day(3), 3).await.unwrap().more {}
            drop(store.lift_ban(by(owner), ana).await.unwrap());
        }
    }
}

/// How many kinds of commands [`give_command`] has; number 0 joins.
const COMMANDS: u64 = 19;

pub(in crate::store) async fn every_command_folds_into_the_snapshot(store: &dyn Store) {
    let mut people = people(store, 2).await;
    let mut followers = vec![Follower::new(store, people[0].id).await, Follower::new(store, people[1].id).await];
    followers[0].load(store, PageAt::Latest, 10).await;
    for number in 1..=3 * COMMANDS {
        // Before each command somebody says something, so that there is something to count, to read and to delete.
        drop(post(store, number, people[number as usize % people.len()].id).await);
        if number % COMMANDS == 0 {
            let (follower, member) = Follower::entering(store, people[0].id, newcomer(number + 10)).await;
            followers.push(follower);
            people.push(member);
        } else {
            give_command(store, number, &people, &mut followers).await;
        }
        for follower in &mut followers {
            follower.catch_up(store).await;
            follower.assert_current(store).await;
        }
    }
    let heard: BTreeSet<_> = followers.iter().flat_map(|follower| &follower.heard).map(String::as_str).collect();
    let missing: Vec<_> = Event::KINDS.iter().filter(|kind| !heard.contains(**kind)).collect();
    assert!(missing.is_empty(), "facts that no command above causes: {missing:?}");
}

pub(in crate::store) async fn a_snapshot_and_the_log_meet_under_load(store: &dyn Store) {
    let people = people(store, 3).await;
    let writing = join_all((1..=120).map(|number| {
        let author = people[number as usize % 3].id;
        async move {
            if number % 20 == 0 {
                store.join(newcomer(number + 100)).await.map(drop).unwrap();
            } else {
                post(store, number, author).await;
            }
        }
    }));
    let reading = async {
        let mut followers = vec![];
        for _ in 0..12 {
            followers.push(Follower::new(store, people[0].id).await);
        }
        followers
    };
    let (_, mut followers) = join(writing, reading).await;
    for follower in &mut followers {
        follower.catch_up(store).await;
        follower.assert_current(store).await;
    }
}

pub(in crate::store) async fn pages_and_facts_meet_under_load(store: &dyn Store) {
    let people = people(store, 2).await;
    for number in 1..=30 {
        post(store, number, people[1].id).await;
    }
    let mut follower = Follower::new(store, people[0].id).await;
    let writing = join_all((31..=120).map(|number| post(store, number, people[1].id)));
    let reading = async {
        follower.load(store, PageAt::Latest, 5).await;
        for _ in 0..8 {
            follower.replica.begin_page(general_id());
            let first = follower.replica.room(general_id()).unwrap().window.first().unwrap();
            let at = PageAt::Before(first);
            let page = store.messages(follower.me, &general(), at, 3).await.unwrap();
            // Facts arrive between the page's making and its arrival.
            follower.catch_up(store).await;
            assert!(follower.replica.merge_page(general_id(), at, page));
        }
    };
    join(writing, reading).await;
    follower.catch_up(store).await;
    follower.assert_current(store).await;
    let window = &follower.replica.room(general_id()).unwrap().window;
    assert!(window.messages().len() >= 5 + 8 * 3);
}

/// One step of a history between the store and its followers.
#[derive(Debug, Clone)]
enum Step {
    Post(usize),
    /// Sends an earlier post again.
    Retry(usize),
    Join,
    Read {
        follower: usize,
        back: u64,
        set: bool,
    },
    Load {
        follower: usize,
        at: usize,
        limit: u32,
    },
    CatchUp(usize),
    /// Begins anew, as a client does that lost its place.
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4usize).prop_map(Step::Post),
        1 => (0..100usize).prop_map(Step::Retry),
        1 => Just(Step::Join),
        3 => (0..3usize, 0..6u64, any::<bool>()).prop_map(|(follower, back, set)| Step::Read { follower, back, set }),
        4 => (0..3usize, 0..4usize, 1..5u32).prop_map(|(follower, at, limit)| Step::Load { follower, at, limit }),
        5 => (0..3usize).prop_map(Step::CatchUp),
        1 => (0..3usize).prop_map(Step::Restart),
    ]
}

/// One long random history, always the same.
pub(in crate::store) async fn any_history_folds_into_the_snapshot(store: &dyn Store) {
    let mut people = people(store, 3).await;
    let mut posts = vec![new_post(1, people[0].id)];
    let mut followers = vec![];
    for person in &people {
        followers.push(Follower::new(store, person.id).await);
    }
    let mut runner = TestRunner::deterministic();
    for number in 2..600 {
        match step().new_tree(&mut runner).unwrap().current() {
            Step::Post(author) => {
                posts.push(new_post(number, people[author % people.len()].id));
                assert!(store.post_message(posts.last().unwrap().clone()).await.unwrap().created);
            }
            Step::Retry(which) => drop(store.post_message(posts[which % posts.len()].clone()).await.unwrap()),
            Step::Join => people.push(store.join(newcomer(number)).await.unwrap()),
            Step::Read { follower, back, set } => followers[follower].read(store, back, set).await,
            Step::Load { follower, at, limit } => {
                let window = &followers[follower].replica.room(general_id()).unwrap().window;
                let at = match (at, window.first(), window.last()) {
                    (1, Some(first), _) => PageAt::Before(first),
                    (2, _, Some(last)) => PageAt::After(last),
                    (3, Some(first), _) => PageAt::Around(first),
                    _ => PageAt::Latest,
                };
                followers[follower].load(store, at, limit).await;
            }
            Step::CatchUp(follower) => {
                followers[follower].catch_up(store).await;
                followers[follower].assert_current(store).await;
            }
            Step::Restart(follower) => followers[follower] = Follower::new(store, people[follower].id).await,
        }
    }
}
