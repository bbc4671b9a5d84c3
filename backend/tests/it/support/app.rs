//! A server inside the test: on a free port, in a temporary directory, with a clock that the test moves.

use std::{ffi::OsString, net::SocketAddr, sync::Arc};

use teahouse::{
    clock::ManualClock,
    config::{Command, CommandLine, Config},
    http::listener,
    state::{App, AppState, StartError},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{actor::Actor, eventually};

/// When every test begins: 2026-11-22T12:00:00Z.
const START_MS: i64 = 1_795_348_800_000;

/// A running server. Dropping it stops it.
pub(crate) struct TestApp {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its time.
    pub(crate) clock: Arc<ManualClock>,
    /// Its inside, for what has no interface.
    pub(crate) app: AppState,
    /// The person who opened it; nobody in a server that is still closed.
    owner: Option<Actor>,
    options: Vec<String>,
    directory: Arc<TempDir>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl TestApp {
    /// A server whose workspace was opened by "olga".
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with more options.
    pub(crate) async fn start_with(options: &[&str]) -> Self {
        let mut app = Self::start_closed(options).await;
        app.owner = Some(Actor::owner(app.address, "olga").await);
        app
    }

    /// A server that nobody has opened yet.
    pub(crate) async fn start_closed(options: &[&str]) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let options = options.iter().map(|&option| option.to_owned()).collect();
        Self::begin(directory, options, Arc::new(ManualClock::at(START_MS)), None).await
    }

    async fn begin(
        directory: Arc<TempDir>,
        options: Vec<String>,
        clock: Arc<ManualClock>,
        owner: Option<Actor>,
    ) -> Self {
        let config = config(&directory, &options);
        let listener = listener::bind(config.listen).unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let app = eventually("the data directory is free", || async {
            match App::open(&config, address, Arc::clone(&clock) as _, shutdown.clone()).await {
                Ok((app, _)) => Some(app),
                Err(StartError::DataInUse(_)) => None,
                Err(error) => panic!("{error}"),
            }
        })
        .await;
        let task = tokio::spawn(listener::serve(
            listener,
            teahouse::serving(&config, Arc::clone(&app), shutdown.clone()).unwrap(),
        ));
        let owner = owner.map(|owner| owner.at(address));
        Self { address, clock, app, owner, options, directory, shutdown, task }
    }

    /// Stops the server as SIGTERM does, and starts another one on the same data. Its port is a new one.
    pub(crate) async fn restart(self) -> Self {
        let Self { clock, app, owner, options, directory, shutdown, task, .. } = self;
        shutdown.cancel();
        task.await.unwrap();
        drop(app);
        Self::begin(directory, options, clock, owner).await
    }

    /// A restart during which someone makes bots of people, with a shell: no call does. The people have to be told the new
    /// address, see [`Actor::at`].
    pub(crate) async fn restart_with_bots(self, bots: &[&Actor]) -> Self {
        let database = self.data().join("teahouse.db");
        let ids: Vec<_> = bots.iter().map(|bot| bot.me.id.to_string()).collect();
        let database = rusqlite::Connection::open(database).unwrap();
        for id in ids {
            database.execute("UPDATE members SET role = 'bot' WHERE id = ?1", [id]).unwrap();
        }
        drop(database);
        self.restart().await
    }

    /// The person who opened the workspace.
    pub(crate) fn owner(&self) -> &Actor {
        self.owner.as_ref().expect("the workspace is open")
    }

    /// Where its files are.
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// A new member of that name, who came in by the owner's link.
    pub(crate) async fn user(&self, name: &str) -> Actor {
        self.owner().joined(name).await
    }

    /// Tells the server to stop, without waiting.
    pub(crate) fn begin_to_stop(&self) {
        self.shutdown.cancel();
    }
}

fn config(directory: &TempDir, options: &[String]) -> Config {
    let data = directory.path().join("data");
    let fixed = ["teahouse", "serve", "--listen", "127.0.0.1:0", "--data"].map(OsString::from);
    let arguments = fixed.into_iter().chain([data.into_os_string()]).chain(options.iter().map(OsString::from));
    match CommandLine::read(arguments).unwrap().command {
        Command::Serve(config) => *config,
        Command::Terminal(_) => unreachable!("the arguments begin with serve"),
    }
}
