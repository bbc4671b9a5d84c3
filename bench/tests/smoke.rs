//! The whole way on a small scale, so that it does not rot: people are seeded, a server serves them, streams are counted.
//!
//! The servers run in this process; nothing is timed and no figure is looked at.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{ffi::OsString, net::SocketAddr, path::Path, thread, time::Duration};

use bench::{
    load::{
        Api, Fleet,
        posting::{Pace, post_apart},
    },
    reference::bare_send,
    scenario::snapshot,
    seed,
};
use teahouse::config::{Command, CommandLine};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const STREAMS: usize = 20;
const WITHIN: Duration = Duration::from_secs(30);

/// Opens streams, posts at a pace, then as fast as it goes, and wants every message on every stream exactly once.
fn exercise(server: SocketAddr, api: Api) {
    let mut fleet = Fleet::new(server, api).unwrap();
    fleet.open_streams(STREAMS, STREAMS, None, WITHIN).unwrap();
    fleet.add_posters(4).unwrap();
    fleet.set_pace(Pace::EverySecond(50.0));
    fleet.run_for(Duration::from_millis(100)).unwrap();
    fleet.settle(WITHIN).unwrap();
    fleet.post_at_once(10);
    fleet.settle(WITHIN).unwrap();
    let posted = fleet.ledger.posted() as u64;
    assert!(posted >= 10, "{posted}");
    assert_eq!(fleet.deliveries(), posted * STREAMS as u64);
    assert_eq!(fleet.ledger.delivery.count(), posted * STREAMS as u64);
    assert_eq!(fleet.ledger.answer.count(), posted);
}

/// Runs a teahouse with people in it for as long as `during` takes.
fn with_teahouse(during: impl FnOnce(SocketAddr, Api)) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let people =
        runtime.block_on(seed::people(directory.path(), STREAMS, seed::Rooms { count: 3, of_first: 2 })).unwrap();
    let config = config(directory.path());
    let shutdown = CancellationToken::new();
    let listener = {
        let _in_runtime = runtime.enter();
        teahouse::bind(config.listen, "--listen").unwrap()
    };
    let address = listener.local_addr().unwrap();
    let server = runtime.spawn(teahouse::run(config, listener, shutdown.clone()));
    during(address, Api::Teahouse(people));
    shutdown.cancel();
    runtime.block_on(server).unwrap().unwrap();
}

fn config(data: &Path) -> teahouse::config::Config {
    let words = ["teahouse", "serve", "--listen", "127.0.0.1:0", "--data"].map(OsString::from);
    match CommandLine::read(words.into_iter().chain([data.into()])).unwrap().command {
        Command::Serve(config) => *config,
        Command::Terminal(_) => unreachable!("it says serve"),
    }
}

#[test]
fn teahouse_delivers_every_message_once() {
    with_teahouse(exercise);
}

#[test]
fn what_a_client_begins_with_comes_as_often_as_it_is_asked_for() {
    with_teahouse(|server, api| {
        let (bytes, taken) = snapshot::ask(server, &api.snapshot_request(server).unwrap(), 5).unwrap();
        assert!(bytes > 1_000, "three rooms and twenty people in {bytes} bytes");
        assert_eq!(taken.count(), 5);
    });
}

#[test]
fn teahouse_makes_up_for_what_was_missed() {
    with_teahouse(|server, api| {
        let answer = String::from_utf8(post_apart(server, &api).unwrap()).unwrap();
        let cursor = answer.split_once("\"cursor\":\"").unwrap().1.split_once('"').unwrap().0;
        let mut fleet = Fleet::new(server, api).unwrap();
        fleet.add_posters(2).unwrap();
        fleet.post_at_once(30);
        fleet.settle(WITHIN).unwrap();
        fleet.open_streams(STREAMS, STREAMS, Some(cursor), WITHIN).unwrap();
        fleet.settle(WITHIN).unwrap();
        assert!(fleet.have_all(30));
    });
}

#[test]
fn bare_send_delivers_every_message_once() {
    let listener = bare_send::listen().unwrap();
    let address = listener.local_addr().unwrap();
    // It serves until the process ends.
    thread::spawn(move || bare_send::serve(listener));
    exercise(address, Api::reference());
}
