//! What one writes first in Rust: axum's `Sse` over a `tokio::broadcast`, served by `axum::serve`.

use std::convert::Infallible;

use anyhow::Result;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
    routing::{get, post},
};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{net::TcpListener, sync::broadcast};

use crate::load::api::{REFERENCE_POST, REFERENCE_STREAM};

/// Messages that a slow stream may be behind; beyond, it misses some.
const CAPACITY: usize = 4096;

type Messages = broadcast::Sender<String>;

/// Serves until the process ends.
///
/// # Errors
/// It cannot listen.
pub async fn serve() -> Result<()> {
    let (messages, _) = broadcast::channel::<String>(CAPACITY);
    let router = Router::new()
        .route(REFERENCE_STREAM, get(open_stream))
        .route(REFERENCE_POST, post(publish))
        .with_state(messages);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn open_stream(State(messages): State<Messages>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let hello = stream::once(async { Ok(Event::default().event("hello").data("{}")) });
    let mut number = 0_u64;
    let following = stream::unfold(messages.subscribe(), |mut messages| async move {
        loop {
            match messages.recv().await {
                Ok(text) => return Some((text, messages)),
                // What was missed is missed: the load client will find it.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    });
    let events = following.map(move |text| {
        number += 1;
        Ok(Event::default().event("message_posted").id(number.to_string()).data(text))
    });
    Sse::new(hello.chain(events)).keep_alive(KeepAlive::default())
}

async fn publish(State(messages): State<Messages>, text: String) -> StatusCode {
    // Nobody listens: that is no error.
    let _ = messages.send(text);
    StatusCode::NO_CONTENT
}
