//! What this device keeps: texts by key, in IndexedDB, with `localStorage` in front of it.
//!
//! IndexedDB answers later; a composer clears now, and a page can end in between. So a text is first written to
//! `localStorage`, which is done when the call returns, then to IndexedDB, and taken out of `localStorage` once it is
//! there. Where one of the two is forbidden the other holds it; where both are, [`Shelf::put`] says so.

use std::{cell::RefCell, rc::Rc};

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

use super::page;

const DATABASE: &str = "teahouse";
const VERSION: u32 = 1;
const STORE: &str = "outbox";

/// What a key of the shelf begins with in `localStorage`.
const AHEAD: &str = "teahouse.outbox/";

/// After every text that a key can continue with.
const LAST: char = '\u{ffff}';

/// The kept texts.
#[derive(Default)]
pub struct Shelf {
    /// `None`: not opened yet, or closed for another page's newer version.
    database: Rc<RefCell<Option<IdbDatabase>>>,
    on_newer: RefCell<Option<Closure<dyn Fn()>>>,
}

impl Shelf {
    /// Writes a text so that it survives the end of the page, before this returns. Returns whether it does.
    #[must_use]
    pub fn put_ahead(&self, key: &str, text: &str) -> bool {
        keep_local(&[AHEAD, key].concat(), text)
    }

    /// Writes a text for good. Returns whether it is kept anywhere.
    ///
    /// Cancel-safe: dropped, it leaves what [`put_ahead`](Self::put_ahead) wrote.
    pub async fn put(&self, key: &str, text: &str) -> bool {
        let ahead = [AHEAD, key].concat();
        match self.write(|store| store.put_with_key(&text.into(), &key.into()).map(drop)).await {
            Ok(()) => {
                page::store(&ahead, None);
                true
            }
            Err(_) => page::stored(&ahead).is_some(),
        }
    }

    /// Forgets a text.
    pub async fn remove(&self, key: &str) {
        page::store(&[AHEAD, key].concat(), None);
        // What cannot be forgotten is found again by the next page, and is answered there once more.
        let _ = self.write(|store| store.delete(&key.into()).map(drop)).await;
    }

    /// All texts whose key begins with `prefix`.
    pub async fn all(&self, prefix: &str) -> Vec<String> {
        let mut texts: Vec<String> =
            stored_under(&[AHEAD, prefix].concat()).into_iter().map(|(_, text)| text).collect();
        if let Ok(kept) = self.read_all(prefix).await {
            texts.extend(kept);
        }
        texts
    }

    /// Forgets all texts whose key begins with `prefix`.
    pub async fn clear(&self, prefix: &str) {
        forget_under(&[AHEAD, prefix].concat());
        if let Ok(range) = range(prefix) {
            let _ = self.write(|store| store.delete(&range).map(drop)).await;
        }
    }

    async fn read_all(&self, prefix: &str) -> Result<Vec<String>, JsValue> {
        let range = range(prefix)?;
        let store = self.store(IdbTransactionMode::Readonly).await?;
        let values = result(&store.get_all_with_key(&range)?).await?;
        Ok(values.unchecked_into::<js_sys::Array>().iter().filter_map(|text| text.as_string()).collect())
    }

    /// Runs one change and waits until its transaction is complete.
    async fn write(&self, change: impl FnOnce(&IdbObjectStore) -> Result<(), JsValue>) -> Result<(), JsValue> {
        let store = self.store(IdbTransactionMode::Readwrite).await?;
        let transaction = store.transaction();
        change(&store)?;
        let complete = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        JsFuture::from(complete).await.map(drop)
    }

    async fn store(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        let opened = self.database.borrow().clone();
        let database = match opened {
            Some(database) => database,
            None => self.open().await?,
        };
        let store = database.transaction_with_str_and_mode(STORE, mode).and_then(|within| within.object_store(STORE));
        if store.is_err() {
            // The browser closed it, for instance because the person cleared this site's data: the next call opens it.
            self.database.borrow_mut().take();
        }
        store
    }

    async fn open(&self) -> Result<IdbDatabase, JsValue> {
        let factory = page::window().indexed_db()?.ok_or(JsValue::UNDEFINED)?;
        let request: IdbOpenDbRequest = factory.open_with_u32(DATABASE, VERSION)?;
        let make = {
            let request = request.clone();
            Closure::<dyn Fn()>::new(move || {
                if let Ok(database) = request.result() {
                    // It fails only if it is there already.
                    let _ = database.unchecked_into::<IdbDatabase>().create_object_store(STORE);
                }
            })
        };
        request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
        let database: IdbDatabase = result(&request).await?.unchecked_into();
        let on_newer = {
            let (database, held) = (database.clone(), Rc::clone(&self.database));
            Closure::<dyn Fn()>::new(move || {
                database.close();
                held.borrow_mut().take();
            })
        };
        database.set_onversionchange(Some(on_newer.as_ref().unchecked_ref()));
        self.on_newer.replace(Some(on_newer));
        self.database.replace(Some(database.clone()));
        Ok(database)
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("open", &self.database.borrow().is_some()).finish_non_exhaustive()
    }
}

/// Keeps a text under a key in `localStorage`. Returns whether it is there now.
pub fn keep_local(key: &str, text: &str) -> bool {
    page::store(key, Some(text));
    page::stored(key).as_deref() == Some(text)
}

/// What `localStorage` keeps under keys that begin with `prefix`: the rest of each key, and its text.
#[must_use]
pub fn stored_under(prefix: &str) -> Vec<(String, String)> {
    let Some(storage) = page::window().local_storage().ok().flatten() else { return Vec::new() };
    let count = storage.length().unwrap_or_default();
    let keys: Vec<String> = (0..count).filter_map(|at| storage.key(at).ok().flatten()).collect();
    let entry = |key: &String| Some((key.strip_prefix(prefix)?.to_owned(), page::stored(key)?));
    keys.iter().filter_map(entry).collect()
}

/// Forgets what `localStorage` keeps under keys that begin with `prefix`.
pub fn forget_under(prefix: &str) {
    for (rest, _) in stored_under(prefix) {
        page::store(&[prefix, &rest].concat(), None);
    }
}

fn range(prefix: &str) -> Result<IdbKeyRange, JsValue> {
    IdbKeyRange::bound(&prefix.into(), &format!("{prefix}{LAST}").into())
}

/// Waits for a request's result.
async fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await?;
    request.result()
}
