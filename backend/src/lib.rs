//! Teahouse's server: one durable log of facts, the HTTP interface that writes it, the stream that tells of it.
//!
//! The modules are in reading order. `http → service → {store, live} → domain → shared`: `store` and `live` do not know
//! each other, [`state`] joins them. Only [`config`] reads the environment, only [`clock`] reads the time.

pub mod cli;
pub mod clock;
pub mod config;
pub mod descriptors;
pub mod domain;
pub mod error;
pub mod http;
pub mod live;
pub mod service;
pub mod shutdown;
pub mod state;
pub mod store;
pub mod telemetry;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::SystemClock,
    config::Config,
    http::listener::{self, ConnectionCaps, Serving, Tls},
    service::{maintenance, presence, uses},
    state::{App, AppState, StartError},
    store::LogStore as _,
};

/// Takes the address of an option.
///
/// # Errors
/// [`StartError::Listen`], naming the option.
pub fn bind(address: SocketAddr, option: &'static str) -> Result<TcpListener, StartError> {
    listener::bind(address).map_err(|cause| StartError::Listen { address, option, cause })
}

/// Runs a server until `shutdown` is cancelled and what was under way is done.
///
/// When it is ready it says so with exactly one line on standard output, and, while the workspace is not open, prints the
/// set-up code on standard error.
///
/// # Errors
/// [`StartError`] when it cannot start, or when the disk fails.
pub async fn run(config: Config, listener: TcpListener, shutdown: CancellationToken) -> Result<(), StartError> {
    let address = listener.local_addr()?;
    let (app, store) = App::open(&config, address, Arc::new(SystemClock), shutdown.clone()).await?;
    let metrics = config.metrics_listen.map(|address| bind(address, "--metrics-listen")).transpose()?;
    if let Some(metrics) = metrics {
        tracing::info!(address = %metrics.local_addr()?, "metrics");
        let metrics_app = http::metrics_router(Arc::clone(&app));
        tokio::spawn(listener::serve(metrics, Serving::plain(metrics_app, shutdown.clone())));
    }
    tokio::spawn(maintenance::run(Arc::clone(&app), shutdown.clone()));
    warn_of_open_doors(&config);
    descriptors::raise(config.max_connections);
    print_setup_code(&app).await;
    warn_of_shut_door(&app).await;
    let serving = serving(&config, Arc::clone(&app), shutdown)?;
    let scheme = if serving.tls.is_some() { "https" } else { "http" };
    if let Err(error) = writeln!(io::stdout(), "listening on {scheme}://{address}") {
        tracing::warn!(%error, %address, "listening, but nobody reads standard output");
    }
    tokio::select! {
        () = listener::serve(listener, serving) => {}
        cause = store.failed() => return Err(StartError::DiskFailed(cause)),
    }
    if let Err(error) = uses::record(&app).await {
        tracing::warn!(%error, "the last uses of sessions were not written down");
    }
    app.hub.everyone_leaves();
    if let Err(error) = presence::record_last_seen(&app).await {
        tracing::warn!(%error, "when people were last here was not written down");
    }
    // A stopped server leaves everything in the one file: whoever copies that file has it all.
    if let Err(error) = store.checkpoint().await {
        tracing::warn!(%error, "the write-ahead log was not folded in; the next start does it");
    }
    Ok(())
}

/// What the listener serves, and how. Its certificate is read again on SIGHUP.
///
/// # Errors
/// [`StartError`] when there is a certificate that cannot be used.
pub fn serving(config: &Config, app: AppState, shutdown: CancellationToken) -> Result<Serving, StartError> {
    let tls = match (&config.tls_cert, &config.tls_key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            let tls = Arc::new(Tls::load(certificate, key)?);
            tls.reload_on_hangup(shutdown.clone())?;
            Some(tls)
        }
        _ => return Err(StartError::HalfACertificate),
    };
    Ok(Serving::new(http::router(app), tls, ConnectionCaps::new(config), shutdown))
}

/// Says aloud what is allowed but rarely meant.
fn warn_of_open_doors(config: &Config) {
    if config.trusted_proxy.iter().any(|network| network.prefix_len() == 0) {
        tracing::warn!("--trusted-proxy believes everyone: any client can claim any address");
    }
    if config.metrics_listen.is_some_and(|address| !address.ip().is_loopback()) {
        tracing::warn!("--metrics-listen is not on loopback: whoever reaches it can read the counters");
    }
}

/// Tells an operator who opened the door to guests that the workspace keeps it shut.
async fn warn_of_shut_door(app: &AppState) {
    let Ok(Some(workspace)) = app.store.workspace().await else { return };
    if app.guests && !workspace.guests {
        tracing::warn!("--guests lets nobody in: the workspace does not allow guests, which is an admin's to change");
    }
}

/// Tells whoever reads the terminal how to open the workspace, if nobody has.
async fn print_setup_code(app: &AppState) {
    match app.store.workspace().await {
        Ok(Some(_)) => {}
        Ok(None) => {
            let (address, code) = (&app.address, app.setup_code.print());
            let text = format!(
                "\nThis Teahouse has not been opened yet. Open {address}/setup in a browser.\nSet-up code: {code}\n\n"
            );
            // Nobody reads it: then nobody is to have the code. `eprint!` would panic.
            let _ = io::stderr().write_all(text.as_bytes());
        }
        Err(error) => tracing::warn!(%error, "whether the workspace is open is not known"),
    }
}
