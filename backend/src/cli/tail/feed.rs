//! One connection's bytes as blocks of Server-Sent Events, none of them larger than a bound.
//!
//! Parsing is sse-stream's (WHATWG HTML §9.2.6). It gives raw blocks: an `id` or `retry` holds beyond its block only if
//! the caller remembers it, and a block without data comes too. It would also buffer an endless event for ever; the
//! bound is put in front of it, on the bytes that went in since the last block came out.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use shared::limits::EVENT_MAX_BYTES;
use sse_stream::{Sse, SseByteStream};

use crate::cli::server::innermost;

/// Largest block that is read, give or take one network read: far above what protocol 1 sends.
const BLOCK_MAX_BYTES: usize = 4 * EVENT_MAX_BYTES;

/// Why the stream cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum FeedError {
    /// The network failed.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// An event without end.
    #[error("an event is larger than {} KiB", BLOCK_MAX_BYTES / 1024)]
    TooLarge,
    /// Bytes that are no event stream.
    #[error("the stream cannot be read: {0}")]
    Malformed(String),
}

type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, FeedError>> + Send>>;

/// The blocks of one response.
pub(super) struct Feed {
    blocks: SseByteStream<Capped>,
    unparsed: Arc<AtomicUsize>,
}

impl Feed {
    /// Reads the body of an answer to `GET /chat`.
    pub(super) fn new(response: reqwest::Response) -> Self {
        let chunks = response.bytes_stream();
        Self::of(Box::pin(chunks.map(|chunk| chunk.map_err(|error| FeedError::Broken(innermost(&error))))))
    }

    fn of(bytes: ByteStream) -> Self {
        let unparsed = Arc::new(AtomicUsize::new(0));
        Self { blocks: SseByteStream::new(Capped { bytes, unparsed: Arc::clone(&unparsed) }), unparsed }
    }

    /// The next block; `None` at the end of the stream, where a block cut in half is dropped. Safe to cancel: nothing
    /// that was read is lost.
    ///
    /// # Errors
    /// [`FeedError`], after which the stream has ended.
    pub(super) async fn next(&mut self) -> Result<Option<Sse>, FeedError> {
        let block = self.blocks.next().await;
        self.unparsed.store(0, Relaxed);
        match block {
            None => Ok(None),
            Some(Ok(block)) => Ok(Some(block)),
            Some(Err(sse_stream::Error::Body(error))) => Err(match error.downcast::<FeedError>() {
                Ok(error) => *error,
                Err(error) => FeedError::Broken(error.to_string()),
            }),
            Some(Err(error)) => Err(FeedError::Malformed(error.to_string())),
        }
    }
}

/// Counts what went into the parser, and fails rather than feed it more of one block.
struct Capped {
    bytes: ByteStream,
    unparsed: Arc<AtomicUsize>,
}

impl Stream for Capped {
    type Item = Result<Bytes, FeedError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The parser asks for more only when all it has makes no whole block.
        if self.unparsed.load(Relaxed) > BLOCK_MAX_BYTES {
            return Poll::Ready(Some(Err(FeedError::TooLarge)));
        }
        let chunk = ready!(self.bytes.as_mut().poll_next(context));
        if let Some(Ok(bytes)) = &chunk {
            self.unparsed.fetch_add(bytes.len(), Relaxed);
        }
        Poll::Ready(chunk)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use futures_util::stream;

    use super::*;

    async fn blocks_of(chunks: Vec<Vec<u8>>) -> (Vec<Sse>, Option<FeedError>) {
        let mut feed = Feed::of(Box::pin(stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk))))));
        let mut blocks = Vec::new();
        loop {
            match feed.next().await {
                Ok(Some(block)) => blocks.push(block),
                Ok(None) => return (blocks, None),
                Err(error) => return (blocks, Some(error)),
            }
        }
    }

    const WIRE: &str = "retry: 2000\nevent: hello\nid: 7kq2m9xa.1\ndata: {\"a\":\"茶\"}\n\n: comment\n\n\
                        event: tick\r\nid: 7kq2m9xa.2\r\ndata: {}\r\n\r\nid: 7kq2m9xa.3\n\nevent: cut\ndata: {}\n";

    fn expected() -> Vec<Sse> {
        let block = |event: &str, id: &str, data: &str| Sse::default().event(event).id(id).data(data);
        vec![
            block("hello", "7kq2m9xa.1", "{\"a\":\"茶\"}").retry(2000),
            block("tick", "7kq2m9xa.2", "{}"),
            Sse::default().id("7kq2m9xa.3"),
        ]
    }

    #[tokio::test]
    async fn blocks_are_the_same_wherever_the_bytes_are_cut() {
        for cut in 0..=WIRE.len() {
            let (head, tail) = WIRE.as_bytes().split_at(cut);
            let (blocks, error) = blocks_of(vec![head.to_vec(), tail.to_vec()]).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(blocks, expected(), "cut at byte {cut}");
        }
    }

    #[tokio::test]
    async fn an_event_without_end_is_given_up() {
        let endless = vec![vec![b'x'; 8 * 1024]; 2 * BLOCK_MAX_BYTES / (8 * 1024)];
        for opening in ["data: ", "", ": ", "event: "] {
            let mut chunks = vec![b"data: first\n\n".to_vec(), opening.as_bytes().to_vec()];
            chunks.extend(endless.clone());
            let (blocks, error) = blocks_of(chunks).await;
            assert_eq!(blocks, [Sse::default().data("first")]);
            assert!(matches!(error, Some(FeedError::TooLarge)), "{opening:?}: {error:?}");
        }
    }

    #[tokio::test]
    async fn many_small_events_in_one_read_are_no_large_event() {
        let small = format!("data: {}\n\n", "x".repeat(1024));
        let (blocks, error) = blocks_of(vec![small.repeat(1024).into_bytes(); 2]).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(blocks.len(), 2048);
    }

    #[tokio::test]
    async fn a_broken_connection_is_told_from_an_end() {
        let chunks = vec![Ok(Bytes::from("data: 1\n\n")), Err(FeedError::Broken("reset".to_owned()))];
        let mut feed = Feed::of(Box::pin(stream::iter(chunks)));
        assert!(feed.next().await.unwrap().is_some());
        assert_eq!(feed.next().await.unwrap_err().to_string(), "the connection broke: reset");
        assert!(matches!(blocks_of(vec![b"data: \xff\n\n".to_vec()]).await.1, Some(FeedError::Malformed(_))));
    }
}
