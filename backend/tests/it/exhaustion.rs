//! A process that has run out of file descriptors: what is open lives on, and new connections come in again by themselves.

use std::time::Duration;

use serde_json::json;
use shared::{route, stream::Resume};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    DEADLINE,
    actor::{Actor, new_client_id},
    eventually,
    process::{Process, with_descriptors},
    wire::Request,
};

/// Beside some thirty of the database, the runtime and the standard streams.
const DESCRIPTORS: u32 = 96;

/// A post on a connection that is there already.
async fn post(socket: &mut TcpStream, person: &Actor, body: &str) {
    let message = json!({"client_id": new_client_id(), "body": body});
    let request = Request::new("POST", route::messages("general")).bearer(&person.token).json(&message).kept_alive();
    socket.write_all(&request.bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let count = timeout(DEADLINE, socket.read(&mut answer)).await.unwrap().unwrap();
    assert!(answer[..count].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer[..count]));
}

#[tokio::test]
async fn without_descriptors_open_streams_live_on_and_the_loop_recovers() {
    let directory = tempfile::tempdir().unwrap();
    let server = Process::spawn(with_descriptors(DESCRIPTORS, directory.path(), &["--listen", "127.0.0.1:0"])).await;
    let owner = Actor::owner(server.address, "olga").await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut stream = owner.open_chat().await;
        stream.hello(Resume::Live).await;
        streams.push(stream);
    }
    let mut posting = TcpStream::connect(server.address).await.unwrap();
    post(&mut posting, &owner, "before").await;

    let mut flood = Vec::new();
    for _ in 0..2 * DESCRIPTORS {
        flood.push(TcpStream::connect(server.address).await.unwrap());
    }
    eventually("the server says that it has none left", || async {
        server.errors().await.contains("no connection can be accepted").then_some(())
    })
    .await;
    post(&mut posting, &owner, "meanwhile").await;
    for stream in &mut streams {
        assert_eq!(stream.bodies(2).await, ["before", "meanwhile"]);
    }

    drop(flood);
    let answer = timeout(Duration::from_secs(10), Request::new("GET", "/healthz").send(server.address)).await;
    assert_eq!(answer.expect("the loop recovers").status, 200);
    owner.says("after").await;
    for stream in &mut streams {
        assert_eq!(stream.bodies(1).await, ["after"]);
    }
    let ended = server.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let complaints = ended.errors.matches("no connection can be accepted").count();
    assert!(complaints <= 3, "a shortage is not a flood of lines: {complaints}");
}
