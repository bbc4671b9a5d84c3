//! A peer that vanishes without a word: its network is gone, and nothing ever says so (guarantee G7).
//!
//! A real one, in a network namespace of its own whose link is taken down. That needs root (CAP_NET_ADMIN and
//! CAP_SYS_ADMIN) and `ip` of iproute2; where they are missing the test fails and says so.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::json;
use shared::{route, stream::Resume};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::{Instant, sleep, timeout},
};

use crate::support::{
    DEADLINE,
    actor::PASSWORD,
    eventually,
    process::{Process, command},
    sse::SseReader,
    wire::Request,
};

/// What is promised.
const REAPED_WITHIN: Duration = Duration::from_secs(45);

/// A network of two machines: this one, and one in a namespace.
struct Network {
    name: String,
    /// Of this machine.
    address: String,
}

impl Network {
    fn create() -> Self {
        let id = std::process::id();
        // 198.18.0.0/15 is for tests of networks (RFC 2544).
        let (third, fourth) = (id / 64 % 256, id % 64 * 4);
        let address = format!("198.18.{third}.{}", fourth + 1);
        let (near, far) = (format!("{address}/30"), format!("198.18.{third}.{}/30", fourth + 2));
        let (name, link) = (format!("teahouse{id}"), format!("th{id}"));
        let network = Self { name: name.clone(), address };
        let steps: [&[&str]; 6] = [
            &["netns", "add", &name],
            &["link", "add", &link, "type", "veth", "peer", "name", "far", "netns", &name],
            &["addr", "add", &near, "dev", &link],
            &["link", "set", &link, "up"],
            &["-n", &name, "addr", "add", &far, "dev", "far"],
            &["-n", &name, "link", "set", "far", "up"],
        ];
        for step in steps {
            if let Err(error) = ip(step) {
                panic!("a network namespace takes iproute2, and root with CAP_NET_ADMIN and CAP_SYS_ADMIN: {error}");
            }
        }
        network
    }

    /// Sends a request from the other machine and prints what comes back.
    fn ask(&self, port: u16, request: &Request) -> tokio::process::Command {
        let script = format!("exec 3<>/dev/tcp/{}/{port}; printf %s \"$0\" >&3; exec cat <&3", self.address);
        let request = String::from_utf8(request.bytes()).unwrap();
        let mut command = tokio::process::Command::new(program());
        command.args(["netns", "exec", &self.name, "bash", "-c", &script, &request]);
        command.stdout(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// The other machine's cable is pulled.
    fn cut(&self) {
        ip(&["-n", &self.name, "link", "set", "far", "down"]).unwrap();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The link goes with the namespace, once nothing runs in it.
        let _ = ip(&["netns", "del", &self.name]);
        let _ = ip(&["link", "del", &self.name.replace("teahouse", "th")]);
    }
}

/// Where `ip` is: not everyone's PATH has Debian's place for it.
fn program() -> &'static str {
    let debian = "/usr/sbin/ip";
    if Path::new(debian).exists() { debian } else { "ip" }
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program()).args(arguments).output();
    let output = output.map_err(|error| format!("`ip` does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`ip {}`: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test]
async fn a_peer_that_has_vanished_is_reaped() {
    let network = Network::create();
    let directory = tempfile::tempdir().unwrap();
    let listen = format!("{}:0", network.address);
    let server = Process::spawn(command(directory.path(), &["--listen", &listen])).await;
    let host = server.address.to_string();
    let code = eventually("the set-up code", || async {
        let errors = server.errors().await;
        errors.split("Set-up code: ").nth(1)?.split('\n').next().map(str::to_owned)
    })
    .await;
    let setup = json!({"workspace": "Blue Kettle", "name": "olga", "password": PASSWORD, "code": code});
    let answer = Request::new("POST", route::SETUP).host(&host).json(&setup).send(server.address).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let chat = Request::new("GET", route::CHAT).host(&host).bearer(&answer.session_cookie().unwrap()).kept_alive();

    let mut neighbour = SseReader::open(server.address, &chat).await;
    neighbour.hello(Resume::Live).await;
    let mut far = network.ask(server.address.port(), &chat).spawn().unwrap();
    let mut lines = BufReader::new(far.stdout.take().unwrap()).lines();
    let greeted = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line == "event: state" {
                return;
            }
        }
        panic!("the stream ended before it began");
    };
    timeout(DEADLINE, greeted).await.expect("a stream through the namespace");

    network.cut();
    let began = Instant::now();
    let ended = loop {
        let errors = server.errors().await;
        if let Some(line) = errors.lines().find(|line| line.contains("stream ended")) {
            break line.to_owned();
        }
        assert!(began.elapsed() <= REAPED_WITHIN, "still open after {:?}", began.elapsed());
        sleep(Duration::from_millis(100)).await;
    };
    assert!(ended.contains("client_gone") || ended.contains("write_stalled"), "{ended}");
    assert!(began.elapsed() > Duration::from_secs(5), "the client was not gone, it had closed: {ended}");
    assert_eq!(neighbour.until("tick").await.kind, "tick");
    far.kill().await.unwrap();
}
