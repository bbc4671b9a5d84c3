//! What is on screen: elements, built once, of which only what changes follows signals.
//!
//! A component is a function from props to an [`El`]. It runs once; from then on attributes, texts and parts follow the
//! signals that their closures read ([`follow`]), and lists keep an element for each key ([`each`]). Nothing compares
//! whole views. Everything belongs to the reactive owner it is made under: when that ends (its part is swapped, its row
//! leaves a list, its page is left), the effects end and the listeners are taken away.
//!
//! ```text
//! /// One more, or one fewer; `full` hears of the tenth.
//! pub fn counter(label: &'static str, full: Callback<()>) -> El {
//!     let count = RwSignal::new(0_u32);
//!     let more = move || {
//!         count.update(|count| *count += 1);
//!         if count.get_untracked() == 10 {
//!             full.run(());
//!         }
//!     };
//!     el("div").class("counter").attr("role", "group").attr("aria-label", label).children([
//!         button("btn").text(w().less).flag_of("disabled", move || count.get() == 0).press(move || count.update(|n| *n -= 1)),
//!         el("output").text_of(move || count.get().to_string()),
//!         button("btn btn--main").child(icon("#plus")).text(w().more).press(more),
//!         // Swapped for a new one whenever a signal that it reads changes; `None` is nothing.
//!         el("div").swap(move || (count.get() > 10).then(|| el("p").attr("role", "alert").text(w().too_many))),
//!     ])
//! }
//! ```
//!
//! Why not `view!`: it makes a type of each tree, and code to build, compare, hydrate and move each type, which was more
//! than half of the program (decision 0005). Here a method that takes a closure only boxes it, and everything behind it
//! exists once. A new screen costs its own words and calls: keep it so, and keep generics out of here.

mod each;
mod follow;
mod listen;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Node, Text};

pub(crate) use self::each::places;
pub use self::follow::effect;
pub(crate) use self::listen::{Listener, keep};

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element of the page, or one that will be. A clone is the same element.
#[derive(Clone, Debug)]
pub struct El(Element);

/// A new element.
#[must_use]
pub fn el(tag: &'static str) -> El {
    El(document().create_element(tag).unwrap_or_else(|_| no_tag()))
}

/// A new element of a drawing.
#[must_use]
pub fn svg(tag: &'static str) -> El {
    El(document().create_element_ns(Some(SVG), tag).unwrap_or_else(|_| no_tag()))
}

/// A button that sends no form.
#[must_use]
pub fn button(class: &'static str) -> El {
    el("button").attr("type", "button").class(class)
}

/// Runs `app` with the page's body. What it builds is kept until the page closes.
pub fn mount(app: fn(El)) {
    leptos::mount::mount_to_body(move || app(El(document().body().expect("a program that runs has a body").into())));
}

impl El {
    /// The element itself, for what the browser alone can do with it. `T` is its type, which is not looked at.
    #[must_use]
    pub fn node<T: JsCast>(&self) -> T {
        self.0.clone().unchecked_into()
    }

    /// Sets the classes.
    #[must_use]
    pub fn class(self, classes: &str) -> Self {
        // Not the property: that of a drawing cannot be written.
        self.attr("class", classes)
    }

    /// Sets the id, unique on the page.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.0.set_id(id);
        self
    }

    /// Sets an attribute; `None` leaves it out.
    #[must_use]
    pub fn attr<'a>(self, name: &'static str, value: impl Into<Option<&'a str>>) -> Self {
        if let Some(value) = value.into() {
            set_attribute(&self.0, name, Some(value));
        }
        self
    }

    /// Sets an attribute that has no value, if it holds.
    #[must_use]
    pub fn flag(self, name: &'static str, holds: bool) -> Self {
        self.attr(name, holds.then_some(""))
    }

    /// Adds words. They are text whatever they hold.
    #[must_use]
    pub fn text(self, words: &str) -> Self {
        self.append(&document().create_text_node(words));
        self
    }

    /// Adds an element; `None` adds nothing.
    #[must_use]
    pub fn child(self, child: impl Into<Option<El>>) -> Self {
        if let Some(child) = child.into() {
            self.append(&child.0);
        }
        self
    }

    /// Adds elements, in order.
    #[must_use]
    pub fn children(self, children: impl Into<Vec<El>>) -> Self {
        for child in children.into() {
            self.append(&child.0);
        }
        self
    }

    fn append(&self, node: &Node) {
        let _ = self.0.append_child(node);
    }

    /// Adds a text node without text, before which a part that comes and goes is put. It is nothing to CSS.
    fn marker(&self) -> Text {
        let marker = document().create_text_node("");
        self.append(&marker);
        marker
    }
}

/// Not `expect`: that would print what the browser said, with all the code that takes.
fn no_tag() -> Element {
    unreachable!("every tag of this program is a name")
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("this program runs only in a page")
}

/// Sets or removes an attribute; a name that is no name is a fault of ours and changes nothing.
fn set_attribute(element: &Element, name: &str, value: Option<&str>) {
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Sets a property that its attribute only begins with, such as what is typed.
fn set_property(element: &Element, name: &str, value: &JsValue) {
    let _ = js_sys::Reflect::set(element, &JsValue::from_str(name), value);
}

/// Puts an element before a node that is on the page, wherever it was until now.
fn put_before(before: &Node, element: &Element) {
    if let Some(parent) = before.parent_node() {
        let _ = parent.insert_before(element, Some(before));
    }
}
