//! The audit log: every act of administration leaves a line, which admins alone can read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::{
    audit::{AuditAct, AuditPage},
    problem::ProblemCode,
    request::MessagePosted,
    route,
};

use crate::support::{actor::Actor, app::TestApp};

async fn page(actor: &Actor, query: &str) -> AuditPage {
    actor.get(format!("{}{query}", route::AUDIT)).await.json(200)
}

#[tokio::test]
async fn every_act_leaves_a_line() {
    let app = TestApp::start().await;
    let (owner, ana, bo) = (app.owner(), app.user("ana").await, app.user("bo").await);
    let tea = owner.makes_room("Tea", "open", &[&ana, &bo]).await;
    owner.patch(route::WORKSPACE, &json!({"name": "Green Kettle"})).await.json::<Value>(200);
    for change in [json!({"role": "admin"}), json!({"active": false}), json!({"active": true})] {
        owner.changes(&ana, &change).await.json::<Value>(200);
    }
    let said: MessagePosted = bo.post_to("tea", "x").await.json(201);
    owner.delete(route::message(said.message.id)).await.json::<Value>(200);
    owner.removes(&bo, &tea).await;
    for change in [json!({"kind": "closed"}), json!({"archived": true}), json!({"archived": false})] {
        owner.patch(route::room(tea.id), &change).await.json::<Value>(200);
    }
    let (_, token) = owner.makes_token("read").await;
    assert_eq!(owner.delete(route::token(token.id)).await.status, 204);
    let invite = owner.invites(json!({})).await;
    assert_eq!(owner.delete(route::invite_by_id(invite.id)).await.status, 204);
    owner.post(route::reset_link(ana.me.id), &json!({})).await.json::<Value>(201);
    owner.bans(&bo, &json!({"reason": "spam"})).await;
    owner.delete(route::ban(bo.me.id)).await.json::<Value>(200);

    let entries = page(owner, "?limit=100").await.entries;
    let acts: BTreeSet<_> = entries.iter().map(|entry| entry.act.as_str()).collect();
    for act in AuditAct::ALL {
        assert!(acts.contains(act.as_str()), "{act:?}");
    }
    assert!(entries.iter().all(|entry| entry.by == owner.me.id && entry.address.as_deref() == Some("127.0.0.1")));
    // One's own doings with what is one's own are nobody's business.
    let before = page(owner, "").await.total;
    owner.changes(owner, &json!({"bio": "x", "language": "en"})).await.json::<Value>(200);
    owner.says("hello").await;
    assert_eq!(page(owner, "").await.total, before);
}

#[tokio::test]
async fn the_audit_log_is_paged_and_filtered_and_for_admins_alone() {
    let app = TestApp::start().await;
    let (owner, ana, bo) = (app.owner(), app.user("ana").await, app.user("bo").await);
    owner.changes(&ana, &json!({"role": "admin"})).await.json::<Value>(200);
    for active in [false, true, false] {
        ana.changes(&bo, &json!({"active": active})).await.json::<Value>(200);
    }
    let all = page(&ana, "").await;
    // Two invites were made, for ana and for bo.
    assert_eq!((all.entries.len(), all.total, all.more), (6, 6, false));
    let first = page(&ana, "?limit=4").await;
    assert_eq!((first.entries.len(), first.total, first.more), (4, 6, true));
    let rest = page(&ana, &format!("?limit=4&before={}", first.entries[3].offset)).await;
    assert_eq!((rest.entries, rest.more), (all.entries[4..].to_vec(), false));
    assert_eq!(page(&ana, "?act=deactivated").await.total, 2);
    assert_eq!(page(&ana, &format!("?by={}", owner.me.id)).await.total, 3);
    assert_eq!(page(&ana, &format!("?member={}&act=reactivated", bo.me.id)).await.total, 1);
    assert_eq!(page(&ana, "?room=r_000000000000").await.total, 0);
    for (query, field) in [("act=crowned", "act"), ("by=x", "by"), ("before=-1", "before"), ("limit=x", "limit")] {
        ana.get(format!("{}?{query}", route::AUDIT)).await.refuses_field(ProblemCode::InvalidQuery, field);
    }
    app.user("eva").await.get(route::AUDIT).await.refuses(ProblemCode::Forbidden);
}
