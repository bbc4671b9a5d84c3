//! `GET /chat`, up to the point where the stream itself begins: who may open it. [`chat`] goes on.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use http::HeaderMap;
use shared::problem::ProblemCode;

use super::{auth::Session, chat, head::ResponseHead, origin::Requester, peer::ClientAddress};
use crate::{error::AppError, live::Subscriber, state::AppState};

/// Opens the caller's stream.
///
/// A GET passes every CSRF check, and a foreign page could not read the stream but could hold it open; so that page is
/// refused here (security.md R8).
pub async fn open_stream(
    State(app): State<AppState>,
    Extension(head): Extension<ResponseHead>,
    client: Option<Extension<ClientAddress>>,
    session: Session,
    request: Request,
) -> Result<Response, AppError> {
    if head.requester == Requester::Foreign {
        return Err(ProblemCode::CrossSite.into());
    }
    // A request without a connection has no address: a test that calls the router.
    let address = client.map_or(IpAddr::from(Ipv4Addr::UNSPECIFIED), |client| client.0.0);
    let place = app.stream_caps.enter(session.member.id, address.into())?;
    // The layers never see the response of a socket that is taken over: it gets their headers here.
    let mut common = HeaderMap::new();
    head.apply(&mut common);
    let (parts, _) = request.into_parts();
    let subscriber = Subscriber {
        session: session.id,
        member: session.member,
        expires_at_ms: session.expires_at_ms,
        level: chat::level(&parts.uri),
    };
    Ok(chat::answer(&app.hub, &*app.clock, &parts, subscriber, common, place).await)
}
