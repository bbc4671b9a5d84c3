//! How SQLite finds what is asked for most: a page and a count must not cost more in a large workspace.

use super::*;

async fn plan(store: &SqliteStore, query: String) -> String {
    let explained = move |tx: &rusqlite::Transaction<'_>| {
        let mut statement = tx.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
        let places = statement.parameter_count();
        let steps = statement.query_map(rusqlite::params_from_iter(vec![0; places]), |row| row.get("detail"))?;
        Ok(steps.collect::<rusqlite::Result<Vec<String>>>()?.join("\n"))
    };
    store.readers.read(explained).await.unwrap()
}

#[tokio::test]
async fn pages_and_counts_are_found_by_index() {
    let Fresh { store, dir: _dir } = Fresh::new();
    for (side, order) in [("<", "DESC"), (">", "ASC")] {
        let plan = plan(&store, messages::beside(side, order)).await;
        assert!(plan.contains("USING INDEX messages_by_room (room=? AND offset"), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
    let plan = plan(&store, reads::READS.to_owned()).await;
    assert!(plan.contains("USING COVERING INDEX messages_by_room (room=? AND offset>?)"), "{plan}");
    // The only thing walked through is what the limit has left.
    let walked: Vec<_> = plan.lines().filter(|step| step.starts_with("SCAN")).collect();
    assert_eq!(walked, ["SCAN (subquery-1)"], "{plan}");
}

#[tokio::test]
async fn what_a_ban_deletes_is_found_in_the_index_of_all_messages() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let in_room = plan(&store, purge::IN_ROOM.to_owned()).await;
    assert_eq!(in_room, "SEARCH m USING INDEX messages_by_room (room=? AND offset>? AND offset<?)");
    let next_room = plan(&store, purge::NEXT_ROOM.to_owned()).await;
    assert_eq!(next_room, "SEARCH messages USING COVERING INDEX messages_by_room (room>?)");
}
