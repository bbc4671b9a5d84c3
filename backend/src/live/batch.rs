//! What a carrier is given to send at once.

use bytes::{Bytes, BytesMut};

use super::encode::Frame;

/// Events to be sent together, after what is left of one that was written in part.
#[derive(Debug, Default)]
pub struct Batch {
    /// The end of a chunk whose beginning is on the socket already. Only carriers that lent their socket see one.
    pub(super) rest: Bytes,
    /// Whole events.
    pub(super) frames: Vec<Frame>,
}

impl Batch {
    /// Nothing to send.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.frames.is_empty()
    }

    /// Bytes of the events, without their framing.
    pub(super) fn event_bytes(&self) -> u64 {
        self.frames.iter().map(|frame| frame.event_len() as u64).sum()
    }

    /// As HTTP/1.1 chunks, one per event. A single event is the bytes that all its readers share.
    #[must_use]
    pub fn into_chunks(self) -> Bytes {
        joined(self.rest, &self.frames, |frame| frame.chunk().clone())
    }

    /// As they are.
    #[must_use]
    pub fn into_events(self) -> Bytes {
        debug_assert!(self.rest.is_empty(), "who takes events has lent no socket");
        joined(Bytes::new(), &self.frames, Frame::event)
    }
}

impl From<Vec<Frame>> for Batch {
    fn from(frames: Vec<Frame>) -> Self {
        Self { rest: Bytes::new(), frames }
    }
}

/// One after the other, copied only if there is more than one.
fn joined(first: Bytes, frames: &[Frame], bytes: impl Fn(&Frame) -> Bytes) -> Bytes {
    match frames {
        [] => first,
        [frame] if first.is_empty() => bytes(frame),
        frames => {
            let length = first.len() + frames.iter().map(|frame| frame.chunk().len()).sum::<usize>();
            let mut joined = BytesMut::with_capacity(length);
            joined.extend_from_slice(&first);
            frames.iter().for_each(|frame| joined.extend_from_slice(&bytes(frame)));
            joined.freeze()
        }
    }
}

/// The chunks of these events, one after the other: made once, written to many sockets.
pub(super) fn joined_chunks<'a>(frames: impl Iterator<Item = &'a Frame> + Clone) -> Bytes {
    let mut rest = frames.clone();
    match (rest.next(), rest.next()) {
        (Some(only), None) => only.chunk().clone(),
        _ => {
            let mut joined = BytesMut::with_capacity(frames.clone().map(|frame| frame.chunk().len()).sum());
            frames.for_each(|frame| joined.extend_from_slice(frame.chunk()));
            joined.freeze()
        }
    }
}
