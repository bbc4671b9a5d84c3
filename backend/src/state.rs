//! The composition root: everything a running server holds, and where the parts that do not know each other are joined.
//!
//! Store and fan-out meet here only: [`StoreLog`] shows the one's rows to the other, and every commit wakes the hub.

mod store_log;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
};

use ipnet::IpNet;
use shared::{
    cursor::{Epoch, Offset},
    id::SessionId,
};
use tokio_util::sync::CancellationToken;

pub use store_log::StoreLog;

use crate::{
    clock::Clock,
    config::{Config, Origin},
    http::{caps::StreamCaps, host::OwnNames, listener::tls::TlsError, rate_limit::RateLimits},
    live::{Hub, log::LogError},
    service::{
        message_ids::MessageIds,
        passwords::Passwords,
        request_key::{self, RequestHasher},
        secret,
        setup::SetupCode,
        uses::Uses,
    },
    store::{
        Store, Watch,
        sqlite::{OpenError, SqliteStore},
    },
    telemetry::Metrics,
};

/// What handlers are given.
pub type AppState = Arc<App>;

/// Everything a running server holds. Made once; shared by every request, stream and task.
pub struct App {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// The fan-out: who hears what the store has committed.
    pub hub: Hub,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Hashes passwords, a few at a time.
    pub passwords: Passwords,
    /// Uses of sessions that are not written down yet.
    pub uses: Uses,
    /// Opens the workspace, while it is not open.
    pub setup_code: SetupCode,
    /// Names messages.
    pub message_ids: MessageIds,
    /// Hashes requests, see [`crate::service::post_message`].
    pub request_hasher: RequestHasher,
    /// What is counted.
    pub metrics: Metrics,
    /// What this server is called; requests for anything else are refused.
    pub names: OwnNames,
    /// How every link to this server begins: the public address, or the one listened on.
    pub address: String,
    /// Whether people reach it over HTTPS: then cookies are `Secure` and browsers are told to stay with it.
    pub https: bool,
    /// Other sites whose pages may use the interface and the stream.
    pub listed_origins: Vec<Origin>,
    /// Proxies that are believed about the client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the operator lets guests in without an invite; the workspace must allow them, too.
    pub guests: bool,
    /// How many streams there may be.
    pub stream_caps: StreamCaps,
    /// How often a caller may do what costs.
    pub rate_limits: RateLimits,
    /// Keeps alive what the store's commits wake; the store itself holds it only weakly, since the hub holds the store.
    _woken: Arc<OnceLock<Hub>>,
}

/// Why a server did not start, or had to end. Each text is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process has the data directory.
    #[error(
        "The data directory {} is in use by another teahouse. Stop that one first, or give this one a directory of its \
         own with --data.",
        .0.display()
    )]
    DataInUse(PathBuf),
    /// The data directory cannot be made, read or written.
    #[error(
        "The data directory {} cannot be used: {cause}. Make it writable for this user, or choose another with --data.",
        .path.display()
    )]
    DataUnusable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The database is there and does not open.
    #[error("The database in {} does not open: {cause}. Restore it from a backup, or ask for help with this line.", .path.display())]
    Database {
        /// The directory.
        path: PathBuf,
        /// What the store said.
        cause: OpenError,
    },
    /// The log cannot be read.
    #[error(
        "The database opens, but its log cannot be read: {0}. Restore it from a backup, or ask for help with this line."
    )]
    Log(#[from] LogError),
    /// The address to listen on is another process's, or not this machine's.
    #[error("Cannot listen on {address}: {cause}. Choose another address with {option}, or stop what uses this one.")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The option that set it.
        option: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// Nobody could tell what links must begin with.
    #[error(
        "With --listen {0} this server cannot know the address that people open. Say it with --public-url, for instance \
         --public-url http://192.168.1.5:8080."
    )]
    NoAddress(SocketAddr),
    /// People would be sent to plain HTTP, where nobody answers.
    #[error("The listener speaks HTTPS (--tls-cert), but --public-url is {0}. Give it an address with https.")]
    NotHttps(Origin),
    /// One of the two files of a certificate was not named.
    #[error("A certificate is two files: give both --tls-cert and --tls-key, or neither.")]
    HalfACertificate,
    /// The certificate cannot be used.
    #[error("The certificate cannot be used: {0}. Look at --tls-cert and --tls-key.")]
    Certificate(#[from] TlsError),
    /// The disk failed while the server ran.
    #[error("The disk failed: {0}. Nothing more was acknowledged. Check the disk, then start again.")]
    DiskFailed(String),
    /// Something that the system always gives was not to be had.
    #[error("The system refuses what every server needs: {0}.")]
    System(#[from] io::Error),
}

impl App {
    /// Opens the store, which begins an epoch, and starts the fan-out. The tasks end with `shutdown`.
    ///
    /// `listener` is the address that is listened on, a port 0 already replaced. Returns the store's own handle too,
    /// which tells when the disk has failed.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(
        config: &Config,
        listener: SocketAddr,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Result<(AppState, Arc<SqliteStore>), StartError> {
        let address = public_address(config, listener)?;
        let woken = Arc::new(OnceLock::<Hub>::new());
        let store = open_store(config.data.clone(), Arc::downgrade(&woken)).await?;
        let key_failed = |cause| StartError::DataUnusable { path: config.data.clone(), cause };
        let request_hasher = RequestHasher::new(&request_key::read_or_draw(&config.data).map_err(key_failed)?);
        let log = Arc::new(StoreLog::new(Arc::clone(&store) as Arc<dyn Store>));
        let hub = Hub::start(log, Arc::clone(&clock), shutdown).await?;
        woken.get_or_init(|| hub.clone());
        let message_ids = MessageIds::after(hub.tail());
        let app = Self {
            store: Arc::clone(&store) as Arc<dyn Store>,
            metrics: Metrics::new(|registry| hub.metrics().register(registry)),
            hub,
            clock,
            passwords: Passwords::new(),
            uses: Uses::default(),
            setup_code: SetupCode::draw(),
            message_ids,
            request_hasher,
            names: OwnNames { listener, is_tls: config.tls_cert.is_some(), public: config.public_url.clone() },
            https: address.starts_with("https:"),
            address,
            listed_origins: config.allow_origin.clone(),
            trusted_proxies: config.trusted_proxy.clone(),
            guests: config.guests,
            stream_caps: StreamCaps::new(config),
            rate_limits: RateLimits::new(config),
            _woken: woken,
        };
        Ok((Arc::new(app), store))
    }
}

/// What every link to this server begins with.
fn public_address(config: &Config, listener: SocketAddr) -> Result<String, StartError> {
    match &config.public_url {
        Some(origin) if config.tls_cert.is_some() && !origin.is_https() => Err(StartError::NotHttps(origin.clone())),
        Some(origin) => Ok(origin.to_string()),
        None if listener.ip().is_unspecified() => Err(StartError::NoAddress(listener)),
        None if config.tls_cert.is_some() => Ok(format!("https://{listener}")),
        None => Ok(format!("http://{listener}")),
    }
}

/// Tells the hub what the store has committed. Nobody listens before the hub exists, which begins with the log as it is
/// then, nor after it is gone.
struct Woken(Weak<OnceLock<Hub>>);

impl Woken {
    fn hub(&self) -> Option<Hub> {
        self.0.upgrade().as_deref().and_then(OnceLock::get).cloned()
    }
}

impl Watch for Woken {
    fn head_moved(&self, head: Offset) {
        if let Some(hub) = self.hub() {
            hub.wake(head);
        }
    }

    fn sessions_ended(&self, sessions: &[SessionId]) {
        if let Some(hub) = self.hub() {
            hub.end_sessions(sessions);
        }
    }
}

/// Opens the database on a blocking thread: a migration, or the recovery of a long WAL, takes its time.
async fn open_store(data: PathBuf, hub: Weak<OnceLock<Hub>>) -> Result<Arc<SqliteStore>, StartError> {
    let watch = Box::new(Woken(hub));
    let epoch = Epoch::from_entropy(secret::entropy());
    let path = data.clone();
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&path, watch, epoch)).await;
    match opened.map_err(io::Error::other)? {
        Ok(store) => Ok(Arc::new(store)),
        Err(OpenError::InUse { path }) => Err(StartError::DataInUse(path)),
        Err(OpenError::Directory { path, source }) => Err(StartError::DataUnusable { path, cause: source }),
        Err(cause) => Err(StartError::Database { path: data, cause }),
    }
}
