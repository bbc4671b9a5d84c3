//! Mounts the application. Everything else is in the library, so that tests can reach it.

fn main() {
    frontend::dom::mount(frontend::app::app);
}
