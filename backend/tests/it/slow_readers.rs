//! Two hundred readers that never read, beside some that do (guarantee G6): bounded memory, an end after ten seconds,
//! and nobody else notices. What is not asserted is how fast anything is.

use std::{fs, time::Duration};

use shared::stream::Resume;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::support::{actor::Actor, process::Process, wire::Request};

const STUCK: usize = 200;
const READING: usize = 20;

/// What so many full mailboxes may cost, and as much again for everything else that the load leaves behind.
const GROWTH_MAX_BYTES: u64 = 2 * (STUCK as u64) * 64 * 1024 + 32 * 1024 * 1024;

/// A reader that asks and never reads, with room for 4 KB.
async fn stuck(owner: &Actor) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut socket = socket.connect(owner.address).await.unwrap();
    socket.write_all(&owner.chat().kept_alive().bytes()).await.unwrap();
    socket
}

/// Memory of a process in bytes: the second number of statm(5), in pages.
fn resident_bytes(pid: u32) -> u64 {
    let pages: u64 =
        fs::read_to_string(format!("/proc/{pid}/statm")).unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    pages * u64::try_from(rustix::param::page_size()).unwrap()
}

async fn counted(metrics: std::net::SocketAddr, line: &str) -> u64 {
    let page = Request::new("GET", "/metrics").send(metrics).await;
    let value = page.text().lines().find_map(|counted| counted.strip_prefix(line)?.trim().parse().ok());
    value.unwrap_or_else(|| panic!("{line} is not among {}", page.text()))
}

#[tokio::test]
async fn readers_that_never_read_cost_little_and_end_and_nobody_else_notices() {
    let directory = tempfile::tempdir().unwrap();
    let metrics = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let no_caps =
        ["--max-streams-per-user", "0", "--max-streams-per-address", "0", "--max-connections-per-address", "0"];
    let address = metrics.to_string();
    let options = [&no_caps[..], &["--post-rate", "0", "--metrics-listen", &address]].concat();
    let server = Process::start_with(directory.path(), &options).await;
    let owner = Actor::owner(server.address, "olga").await;

    let mut stuck_readers = Vec::new();
    for _ in 0..STUCK {
        stuck_readers.push(stuck(&owner).await);
    }
    let mut readers = Vec::new();
    for _ in 0..READING {
        let mut reader = owner.open_chat().await;
        reader.hello(Resume::Live).await;
        readers.push(reader);
    }
    let before = resident_bytes(server.id());

    // More than the kernel holds for a reader, and then some.
    let body = "x ".repeat(8_000);
    let bodies: Vec<_> = (0..250).map(|count| format!("{count} {body}")).collect();
    let reading = readers.into_iter().map(|mut reader| {
        let bodies = bodies.clone();
        tokio::spawn(async move {
            let heard = reader.bodies(bodies.len()).await;
            assert!(heard.iter().zip(&bodies).all(|(heard, body)| heard.trim() == body.trim()), "in order, once");
            reader
        })
    });
    let reading: Vec<_> = reading.collect();
    for body in &bodies {
        owner.says(body).await;
    }
    let mut readers = Vec::new();
    for reader in reading {
        readers.push(reader.await.unwrap());
    }
    let grown = resident_bytes(server.id()).saturating_sub(before);
    assert!(grown <= GROWTH_MAX_BYTES, "{grown} bytes for {STUCK} readers that do not read");

    let closed = async {
        while counted(metrics, r#"teahouse_stream_ended_total{reason="write_stalled"}"#).await < STUCK as u64 {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(Duration::from_secs(30), closed).await.expect("all of them are closed");
    assert_eq!(counted(metrics, "teahouse_stream_open").await, READING as u64);
    owner.says("still here").await;
    for reader in &mut readers {
        assert_eq!(reader.bodies(1).await, ["still here"]);
    }
    drop(stuck_readers);
}
