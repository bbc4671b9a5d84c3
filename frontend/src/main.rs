//! Mounts the application. Everything else is in the library, so that tests can reach it.

fn main() {
    leptos::mount::mount_to_body(frontend::app::App);
}
