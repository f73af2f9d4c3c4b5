//! One section of the file, with the variables that go before it; says what is wrong with each value.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use super::super::Secret;
use super::secret::{Readers, SecretFile};
use super::variables::meant;
use super::{Read, Reader, Told};

/// A section, and what of it was asked for.
pub(super) struct Section<'a, 'r> {
    path: String,
    table: Option<&'a Table>,
    reader: &'r Reader<'a>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a, 'r> Section<'a, 'r> {
    /// The section at `path`, such as `smtp` or `imap[1]`; `None`: the file has none, but there may be variables.
    pub(super) fn new(path: impl Into<String>, table: Option<&'a Table>, reader: &'r Reader<'a>) -> Self {
        Self { path: path.into(), table, reader, asked: RefCell::default() }
    }

    /// A section within this one, such as `smtp.oauth2`.
    pub(super) fn child(&self, key: &str) -> Read<Section<'a, 'r>> {
        self.asked.borrow_mut().insert(key.to_owned());
        let path = format!("{}.{key}", self.path);
        match self.table.and_then(|table| table.get(key)) {
            None => Ok(Self::new(path, None, self.reader)),
            Some(Value::Table(table)) => Ok(Self::new(path, Some(table), self.reader)),
            Some(_) => {
                Err(self.mistake(key, &format!("is no section; right is [{path}], or {key} = {{ … }} in one line")))
            }
        }
    }

    /// A value that must be there.
    pub(super) fn required<T>(&self, key: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        match self.word(key, form)? {
            Some(word) => self.understand(key, &word, form, read),
            None => Err(self.missing(key, form)),
        }
    }

    /// A value, or its default.
    pub(super) fn or<T>(&self, key: &str, default: T, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        match self.word(key, form)? {
            Some(word) => self.understand(key, &word, form, read),
            None => Ok(default),
        }
    }

    /// A list of values: an array, or one text with commas; empty if there is none.
    pub(super) fn list<T>(&self, key: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<Vec<T>> {
        let has_variable = self.has_variable(key);
        let words: Vec<String> = match self.table.and_then(|table| table.get(key)) {
            Some(Value::Array(values)) if !has_variable => {
                self.asked.borrow_mut().insert(key.to_owned());
                let word = |value: &Value| value.as_str().map(ToOwned::to_owned);
                let words: Option<Vec<String>> = values.iter().map(word).collect();
                words.ok_or_else(|| self.mistake(key, &format!("has what is no text; right is {key} = {form}")))?
            }
            _ => self.word(key, form)?.unwrap_or_default().split(',').map(|word| word.trim().to_owned()).collect(),
        };
        words.iter().filter(|word| !word.is_empty()).map(|word| self.understand(key, word, form, &read)).collect()
    }

    /// A secret, itself or in a file, if there is one. Never shown in a mistake.
    pub(super) fn secret(&self, key: &str, form: &str) -> Read<Option<Secret>> {
        let file_key = format!("{key}_file");
        let (word, file) = (self.word(key, form), self.word(&file_key, "\"/path/of/a/file\""));
        match (word?, file?) {
            (Some(_), Some(_)) => Err(self.mistake(&file_key, &format!("stands beside {key}; one of them is enough"))),
            (Some(secret), None) if secret.is_empty() => Err(self.mistake(key, "is empty")),
            (Some(secret), None) => {
                let is_in_file = self.table.is_some_and(|table| table.contains_key(key));
                self.reader.has_secrets.set(is_in_file || self.reader.has_secrets.get());
                Ok(Some(Secret::new(secret)))
            }
            (None, Some(file)) => self.secret_in(&file_key, &file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn secret_in(&self, key: &str, file: &str) -> Read<Secret> {
        self.notes_secret_file(key, Path::new(file));
        match std::fs::read_to_string(file) {
            Ok(secret) => match secret.trim_end_matches(['\r', '\n']) {
                "" => Err(self.mistake(key, &format!("{file} is empty"))),
                secret => Ok(Secret::new(secret)),
            },
            Err(error) => Err(self.mistake(key, &format!("{file} can't be read: {error}"))),
        }
    }

    /// Remembers who can read a file that has a secret in it.
    pub(super) fn notes_secret_file(&self, key: &str, file: &Path) {
        let key = format!("{}.{key}", self.path);
        let found = SecretFile { key, path: file.to_owned(), readers: Readers::of(file) };
        self.reader.secret_files.borrow_mut().push(found);
    }

    fn understand<T>(&self, key: &str, word: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        read(word).ok_or_else(|| self.mistake(key, &format!("{word:?} is not right; right is {key} = {form}")))
    }

    /// The value as a word, from the environment or the file; `None` if there is none.
    fn word(&self, key: &str, form: &str) -> Read<Option<String>> {
        self.asked.borrow_mut().insert(key.to_owned());
        if let Some(word) = self.reader.variables.get(&self.variable(key)) {
            return Ok(Some(word.clone()));
        }
        match self.table.and_then(|table| table.get(key)) {
            None => Ok(None),
            Some(Value::String(word)) => Ok(Some(word.clone())),
            Some(Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(Value::Boolean(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(self.mistake(key, &format!("is not one value; right is {key} = {form}"))),
        }
    }

    /// The variable that stands for a key, which is known from then on; `imap[1].host` is `TICKETLOOM_IMAP_1_HOST`.
    fn variable(&self, key: &str) -> String {
        let path = self.path.replace(['.', '['], "_").replace(']', "");
        let name = format!("TICKETLOOM_{path}_{key}").to_uppercase();
        self.reader.known.borrow_mut().insert(name.clone());
        name
    }

    fn has_variable(&self, key: &str) -> bool {
        self.reader.variables.get(&self.variable(key)).is_some()
    }

    /// Whether there is neither the section nor a variable for any of its keys, of which `keys` are all.
    pub(super) fn is_absent(&self, keys: &[&str]) -> bool {
        // Counted, not found: every variable is to be known.
        keys.iter().filter(|key| self.has_variable(key)).count() == 0 && self.table.is_none()
    }

    pub(super) fn missing(&self, key: &str, form: &str) -> Told {
        self.mistake(key, &format!("is missing; right is {key} = {form} (or {})", self.variable(key)))
    }

    pub(super) fn mistake(&self, key: &str, what: &str) -> Told {
        self.reader.tell(format!("{}.{key}: {what}", self.path))
    }

    /// Tells of keys that nobody asked for: a misspelt one would otherwise be silently without effect.
    pub(super) fn end(&self) {
        let asked = self.asked.borrow();
        for key in self.table.into_iter().flat_map(Table::keys).filter(|key| !asked.contains(*key)) {
            let known = asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let meant = meant(key, asked.iter().map(String::as_str));
            self.mistake(key, &format!("there is no such key{meant}; there are {known}"));
        }
    }
}
