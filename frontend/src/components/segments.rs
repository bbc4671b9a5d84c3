//! A few exclusive choices side by side: a group of radio buttons that looks like one control.

use leptos::prelude::*;

use super::icon::Icon;

/// One choice.
#[derive(Clone, Copy, Debug)]
pub struct Segment<T> {
    /// What it stands for.
    pub value: T,
    /// Its word.
    pub label: Signal<&'static str>,
    /// Its icon, if it has one.
    pub icon: Option<&'static str>,
    /// The language of its word, if it is not the page's.
    pub lang: Option<&'static str>,
}

/// The choices, of which one holds.
#[component]
pub fn Segments<T: Copy + PartialEq + Send + Sync + 'static>(
    /// Names the group, and joins the radio buttons.
    name: &'static str,
    /// Read out before the choices.
    label: Signal<&'static str>,
    /// All choices, in order.
    segments: Vec<Segment<T>>,
    /// The one that holds.
    #[prop(into)]
    chosen: Signal<T>,
    /// Another was chosen.
    on_choose: Callback<T>,
) -> impl IntoView {
    let choices = segments.into_iter().map(|segment| {
        view! {
            <label lang=segment.lang>
                <input
                    type="radio"
                    name=name
                    prop:checked=move || chosen.get() == segment.value
                    on:change=move |_| on_choose.run(segment.value)
                />
                {segment.icon.map(|icon| view! { <Icon of=icon/> })}
                <span>{segment.label}</span>
            </label>
        }
    });
    view! { <div class="seg" role="radiogroup" aria-label=label>{choices.collect_view()}</div> }
}
