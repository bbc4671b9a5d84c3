//! The executable as an operator meets it: one line when ready, one sentence when not, a clean end.

use std::{fs, os::unix::fs::PermissionsExt};

use futures_util::StreamExt;
use shared::{
    route,
    session::SetupState,
    stream::{Bye, ByeReason, Resume},
};
use tokio::net::TcpListener;

use crate::support::{
    actor::Actor,
    eventually,
    process::{Process, command, run_to_end},
    sse::SseReader,
    wire::Request,
};

#[tokio::test]
async fn it_says_one_line_and_how_to_open_the_place() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start(directory.path()).await;
    let state: SetupState = Request::new("GET", route::SETUP).send(server.address).await.json(200);
    assert!(state.needed);
    let errors = server.errors().await;
    assert!(errors.contains(&format!("http://{}/setup", server.address)), "{errors}");
    assert!(errors.contains("Set-up code: "), "{errors}");
    Actor::owner(server.address, "olga").await;
    assert_eq!(server.terminate().await.output, "", "one line and no more");

    let again = Process::start(directory.path()).await;
    assert!(!again.errors().await.contains("Set-up code"));
}

#[tokio::test]
async fn what_it_keeps_is_for_its_own_eyes() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let server = Process::start(&data).await;
    Actor::owner(server.address, "olga").await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_second_one_on_the_same_data_says_so_and_stops() {
    let directory = tempfile::tempdir().unwrap();
    let first = Process::start(directory.path()).await;
    let second = run_to_end(command(directory.path(), &["--listen", "127.0.0.1:0"])).await;
    assert_eq!((second.code, second.output.as_str()), (Some(1), ""));
    assert!(second.errors.contains("in use by another teahouse") && second.errors.contains("--data"), "{second:?}");
    assert_eq!(Request::new("GET", "/healthz").send(first.address).await.status, 200);
}

#[tokio::test]
async fn a_busy_port_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run_to_end(command(directory.path(), &["--listen", &address])).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(ended.errors.contains(&address) && ended.errors.contains("--listen"), "{ended:?}");
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "not a directory").unwrap();
    let ended = run_to_end(command(&file.join("data"), &["--listen", "127.0.0.1:0"])).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(ended.errors.contains("cannot be used") && ended.errors.contains("--data"), "{ended:?}");
}

#[tokio::test]
async fn a_database_that_is_none_says_so() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("teahouse.db"), "this is no database, but long enough to be looked at".repeat(100))
        .unwrap();
    let ended = run_to_end(command(directory.path(), &["--listen", "127.0.0.1:0"])).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(ended.errors.contains("does not open"), "{ended:?}");
}

#[tokio::test]
async fn options_that_make_no_sense_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("teahouse.toml");
    fs::write(&config, "lissen = \"127.0.0.1:0\"\n").unwrap();
    let config = config.to_str().unwrap();
    for (options, code, word) in [
        (&["--listen", "nowhere"][..], 2, "--listen"),
        (&["--listen", "0.0.0.0:0"], 1, "--public-url"),
        (&["--public-url", "chat.example"], 2, "--public-url"),
        (&["--allow-origin", "*"], 2, "--allow-origin"),
        (&["--trusted-proxy", "everyone"], 2, "--trusted-proxy"),
        (&["--config", config], 2, "lissen"),
        (&["--no-such-option"], 2, "--no-such-option"),
        (&["--log", "a=b=c"], 2, "--log"),
    ] {
        let ended = run_to_end(command(&directory.path().join("data"), options)).await;
        assert_eq!((ended.code, ended.output.as_str()), (Some(code), ""), "{options:?}: {ended:?}");
        assert!(ended.errors.contains(word), "{options:?}: {ended:?}");
    }
}

#[tokio::test]
async fn the_environment_and_the_file_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("teahouse.toml");
    fs::write(&file, "public_url = \"https://file.example\"\nlisten = \"nonsense\"\n").unwrap();
    let mut command = command(&directory.path().join("data"), &["--config", file.to_str().unwrap()]);
    command.env("TEAHOUSE_LISTEN", "192.0.2.1:1");
    let ended = run_to_end(command).await;
    // The environment's address wins over the file's, which would not even parse; no machine has it.
    assert_eq!(ended.code, Some(1));
    assert!(ended.errors.contains("192.0.2.1:1"), "{ended:?}");
}

#[tokio::test]
async fn a_stop_ends_open_streams_and_exits_cleanly() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::start(directory.path()).await;
    let owner = Actor::owner(server.address, "olga").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = owner.open_chat().await;
        stream.hello(Resume::Live).await;
        streams.push(stream);
    }
    let started = std::time::Instant::now();
    let ended = server.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    for stream in &mut streams {
        assert_eq!(stream.until("bye").await.json::<Bye>().reason, ByeReason::Shutdown);
        assert_eq!(stream.next().await, None);
    }
    let log = std::fs::metadata(directory.path().join("teahouse.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0, "a stopped server leaves everything in the one file");
}

/// Guarantee G8 with as many readers as a small machine has.
#[tokio::test]
async fn a_stop_with_five_thousand_streams_says_goodbye_to_each() {
    const STREAMS: usize = 5_000;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: limit.maximum, ..limit },
    )
    .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let no_caps =
        ["--max-streams-per-user", "0", "--max-streams-per-address", "0", "--max-connections-per-address", "0"];
    let server = Process::start_with(directory.path(), &no_caps).await;
    let owner = Actor::owner(server.address, "olga").await;
    let opening = futures_util::stream::iter(0..STREAMS).map(|_| async {
        let mut stream = SseReader::open(owner.address, &owner.chat()).await;
        stream.hello(Resume::Live).await;
        stream
    });
    let mut streams: Vec<_> = opening.buffer_unordered(100).collect().await;
    assert_eq!(streams.len(), STREAMS);
    let started = std::time::Instant::now();
    let ended = server.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    let mut retries = Vec::new();
    for stream in &mut streams {
        let bye: Bye = stream.until("bye").await.json();
        assert_eq!((bye.reason, stream.next().await), (ByeReason::Shutdown, None));
        retries.push(bye.retry_ms);
    }
    retries.sort_unstable();
    // Spread over two seconds: no tenth of the readers comes back within less than a tenth of that.
    let tenth = STREAMS / 10;
    assert!(retries.windows(tenth).all(|some| some[tenth - 1] - some[0] >= 150), "{retries:?}");
}

#[tokio::test]
async fn metrics_are_served_only_where_it_was_said() {
    let directory = tempfile::tempdir().unwrap();
    // Taken and let go: the executable prints no line about it that a program could read.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let server = Process::start_with(directory.path(), &["--metrics-listen", &free.to_string()]).await;
    let owner = Actor::owner(server.address, "olga").await;
    let mut stream = owner.open_chat().await;
    stream.hello(Resume::Live).await;
    let page = eventually("the stream is counted", || async {
        let page = Request::new("GET", "/metrics").send(free).await;
        page.text().contains("teahouse_stream_open 1").then(|| page.text().to_owned())
    })
    .await;
    assert!(page.contains(r#"teahouse_http_requests_total{route="/api/setup",status="201"} 1"#), "{page}");
    assert!(page.trim_end().ends_with("# EOF"), "{page}");
    assert_eq!(Request::new("GET", "/metrics").send(server.address).await.status, 404);
    assert_eq!(Request::new("GET", "/api/setup").send(free).await.status, 404);
}
