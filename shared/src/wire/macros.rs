//! One line for each type: the macros that make [`Read`](super::Read) and [`Write`](super::Write) out of a list of names.

/// Objects that are read: `path::Type { field, field as "name" };`. A field that is left out does not compile.
#[macro_export]
macro_rules! wire_read {
    ($($type:path { $($field:ident $(as $name:literal)?),+ $(,)? };)+) => {$(
        impl $crate::wire::Read for $type {
            fn read(value: &impl $crate::wire::Value) -> Option<Self> {
                Some(Self {
                    $($field: $crate::wire::Read::read_member(value, $crate::wire_read!(@name $field $($name)?))?),+
                })
            }
        }
    )+};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
}

/// Objects that are written: `path::Type { field, field as "name" };`. A field that is left out does not compile.
#[macro_export]
macro_rules! wire_write {
    ($($type:path { $($field:ident $(as $name:literal)?),* $(,)? };)+) => {$(
        impl $crate::wire::Write for $type {
            fn write(&self, json: &mut String) {
                let Self { $($field),* } = self;
                json.push('{');
                $($crate::wire::write_member($crate::wire_read!(@name $field $($name)?), $field, json);)*
                json.push('}');
            }
        }
    )+};
}

/// Words, read and written: `Type { Variant = "word" };`, with `Type { … } else Variant = "word";` for the variant that
/// the words of a later version are read as. A variant that is left out does not compile.
#[macro_export]
macro_rules! wire_words {
    ($($type:path { $($variant:ident = $word:literal),+ $(,)? } $(else $other:ident = $rest:literal)?;)+) => {$(
        impl $crate::wire::Read for $type {
            fn read(value: &impl $crate::wire::Value) -> Option<Self> {
                match $crate::wire::Value::text(value)?.as_str() {
                    $($word => Some(Self::$variant),)+
                    _ => $crate::wire_words!(@other $($other)?),
                }
            }
        }

        impl $crate::wire::Write for $type {
            fn write(&self, json: &mut String) {
                let word = match self {
                    $(Self::$variant => $word,)+
                    $(Self::$other => $rest,)?
                };
                $crate::wire::write_text(word, json);
            }
        }
    )+};
    (@other $other:ident) => { Some(Self::$other) };
    (@other) => { None };
}
