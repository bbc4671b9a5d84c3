//! `/api/people`: the list, the card of one, what is changed of them, bans.

use axum::extract::State;
use shared::{
    id::MemberId,
    member::PeoplePage,
    problem::ProblemCode,
    request::{Ban, BanMade, BanPreview, ChangePerson, PersonChanged},
    session::MemberView,
};

use super::{
    auth::Session,
    extract::{Client, Json, Query, Segment},
};
use crate::{error::AppError, service, state::AppState, store::PeopleShow};

/// `GET /api/people?show=&query=&after=&limit=`: a page of the people that the caller may know of.
pub async fn list_people(
    State(app): State<AppState>,
    session: Session,
    query: Query,
) -> Result<Json<PeoplePage>, AppError> {
    let show = match query.one::<String>("show")?.as_deref() {
        None | Some("") => PeopleShow::All,
        Some("admins") => PeopleShow::Admins,
        Some("guests") => PeopleShow::Guests,
        Some("inactive") => PeopleShow::Inactive,
        Some("banned") => PeopleShow::Banned,
        Some(_) => return Err(AppError::of_field(ProblemCode::InvalidQuery, "show")),
    };
    let text = query.text("query")?;
    let (after, limit) = (query.one("after")?, query.one("limit")?);
    Ok(Json(service::people::people(&app, session.member.id, show, &text, after, limit).await?))
}

/// `GET /api/people/{member}`: one person, as the caller may see them.
pub async fn read_member(
    State(app): State<AppState>,
    session: Session,
    Segment(member): Segment<MemberId>,
) -> Result<Json<MemberView>, AppError> {
    Ok(Json(service::people::member(&app, session.member.id, member).await?))
}

/// `PATCH /api/people/{member}`: changes what the body names.
pub async fn change_person(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(member): Segment<MemberId>,
    Json(change): Json<ChangePerson>,
) -> Result<Json<PersonChanged>, AppError> {
    app.rate_limits.budgets.changes.check(Some(session.member.id))?;
    Ok(Json(service::people::change(&app, session.member.id, address, member, change).await?))
}

/// `GET /api/people/{member}/ban`: what a ban would touch.
pub async fn preview_ban(
    State(app): State<AppState>,
    session: Session,
    Segment(member): Segment<MemberId>,
) -> Result<Json<BanPreview>, AppError> {
    Ok(Json(service::bans::preview(&app, session.member.id, member).await?))
}

/// `PUT /api/people/{member}/ban`: bans someone.
pub async fn ban_member(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(member): Segment<MemberId>,
    Json(ban): Json<Ban>,
) -> Result<Json<BanMade>, AppError> {
    Ok(Json(service::bans::ban(&app, session.member.id, address, member, ban).await?))
}

/// `DELETE /api/people/{member}/ban`: lifts a ban.
pub async fn lift_ban(
    State(app): State<AppState>,
    session: Session,
    Client(address): Client,
    Segment(member): Segment<MemberId>,
) -> Result<Json<PersonChanged>, AppError> {
    Ok(Json(service::bans::lift(&app, session.member.id, address, member).await?))
}
