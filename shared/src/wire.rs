//! The same wire without serde, for a program that must be small: the web client (decision 0005).
//!
//! In a browser `JSON.parse` has read the text already, and what serde generates to look at the result again weighs a
//! tenth of the whole bundle. So every type that the client hears is also [`Read`] out of whatever holds parsed JSON (a
//! [`Value`]), and every request it makes can [`Write`] itself. All of them stand in `wire/types.rs`, one line each; a
//! field or a word that is forgotten there does not compile. That both ways agree with serde, on each type, each fact, each word
//! and on what is refused, is held by this module's tests: whoever adds a type adds its sample there.

mod macros;
mod types;

/// Parsed JSON, by whoever parsed it.
pub trait Value: Sized {
    /// The member of an object. `None`: there is none of that name, it is `null`, or this is no object.
    fn member(&self, name: &str) -> Option<Self>;

    /// The items of an array. `None`: this is none.
    fn items(&self) -> Option<Vec<Self>>;

    /// A string. `None`: this is none.
    fn text(&self) -> Option<String>;

    /// A whole number of at most 53 bits, as every JSON parser keeps it exactly (RFC 8259 §6). `None`: this is none.
    fn number(&self) -> Option<i64>;

    /// `true` or `false`. `None`: this is neither.
    fn flag(&self) -> Option<bool>;
}

/// A type of the wire that can be read out of parsed JSON. Members it does not know are ignored.
pub trait Read: Sized {
    /// Reads it. `None`: the JSON is of another shape, or a text in it breaks the rule of its type.
    fn read(value: &impl Value) -> Option<Self>;

    /// Reads a member of `object`. Only an `Option` may be absent.
    fn read_member(object: &impl Value, name: &str) -> Option<Self> {
        Self::read(&object.member(name)?)
    }
}

/// A type of the wire that can be written as JSON.
pub trait Write {
    /// Appends its JSON.
    fn write(&self, json: &mut String);

    /// Whether it is left out of the object it is a member of.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value as a JSON text.
#[must_use]
pub fn to_json(value: &impl Write) -> String {
    let mut json = String::new();
    value.write(&mut json);
    json
}

/// Appends a string (RFC 8259 §7).
pub fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // The only characters that must be escaped besides; the letter forms (`\n`) are a matter of taste.
            '\0'..='\u{1f}' => {
                let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
                let code = character as u8;
                json.push_str("\\u00");
                json.extend([digit(code >> 4), digit(code)]);
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

/// Appends one member of an object, and what must stand before it.
pub fn write_member(name: &str, value: &impl Write, json: &mut String) {
    if value.is_absent() {
        return;
    }
    if !json.ends_with('{') {
        json.push(',');
    }
    json.push('"');
    json.push_str(name);
    json.push_str("\":");
    value.write(json);
}

impl Read for String {
    fn read(value: &impl Value) -> Option<Self> {
        value.text()
    }
}

impl Read for bool {
    fn read(value: &impl Value) -> Option<Self> {
        value.flag()
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl Read for $type {
            fn read(value: &impl Value) -> Option<Self> {
                value.number()?.try_into().ok()
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut String) {
                json.push_str(&self.to_string());
            }
        }
    )+};
}

numbers! { u16, u32, u64, i64 }

impl<T: Read> Read for Vec<T> {
    fn read(value: &impl Value) -> Option<Self> {
        let items = value.items()?;
        let mut list = Self::with_capacity(items.len());
        for item in &items {
            list.push(T::read(item)?);
        }
        Some(list)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: &impl Value) -> Option<Self> {
        T::read(value).map(Some)
    }

    fn read_member(object: &impl Value, name: &str) -> Option<Self> {
        object.member(name).map_or(Some(None), |value| Self::read(&value))
    }
}

impl Write for String {
    fn write(&self, json: &mut String) {
        write_text(self, json);
    }
}

impl Write for bool {
    fn write(&self, json: &mut String) {
        json.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, json: &mut String) {
        json.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            item.write(json);
        }
        json.push(']');
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, json: &mut String) {
        match self {
            Some(value) => value.write(json),
            None => json.push_str("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

#[cfg(test)]
mod tests;
