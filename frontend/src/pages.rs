//! The pages: they join components with the state and the interface, and own what is on its way.
