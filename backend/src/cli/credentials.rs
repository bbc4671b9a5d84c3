//! The token that `login` keeps and `tail` and `say` use: one small TOML file, readable by its owner alone.
//!
//! One sign-in at a time: signing in elsewhere replaces it. The file is written beside itself and renamed, so that a
//! reader or a crash never sees half of it, and it has its mode (0600) from its first byte on.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    CliError, Environment,
    args::{CredentialsArgs, parse_origin},
    output,
};

/// Who is signed in where. No `Debug`: the token must not end up in an error text.
#[derive(Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Origin of the server.
    #[serde(serialize_with = "write_origin", deserialize_with = "read_origin")]
    pub(crate) url: Url,
    /// Sign-in name, for people who look into the file.
    pub(crate) name: String,
    /// Sent as `Authorization: Bearer …`.
    pub(crate) token: String,
}

fn write_origin<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

fn read_origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    parse_origin(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// The file that holds the credentials.
pub(crate) struct CredentialsFile {
    path: PathBuf,
    /// The directory is ours, to be made and closed to others. A file that was named has a directory that was there.
    own_directory: bool,
}

impl CredentialsFile {
    /// Finds the file: `--credentials`, else `TEAHOUSE_CONFIG_HOME`, else the XDG directory, else `~/.config`.
    ///
    /// # Errors
    /// [`CliError::Local`] when there is not even a home directory.
    pub(crate) fn find(args: &CredentialsArgs, environment: &Environment) -> Result<Self, CliError> {
        if let Some(file) = &args.file {
            return Ok(Self { path: file.clone(), own_directory: false });
        }
        let absolute = |path: &PathBuf| path.is_absolute();
        let directory = (environment.config_home.as_ref().map(PathBuf::from))
            // A relative path is to be ignored there (XDG Base Directory Specification §2).
            .or_else(|| {
                environment.xdg_config_home.as_ref().map(PathBuf::from).filter(absolute).map(|dir| dir.join("teahouse"))
            })
            .or_else(|| environment.home.as_ref().map(|home| Path::new(home).join(".config/teahouse")))
            .ok_or_else(|| CliError::Local("there is no home directory: name a file with --credentials".to_owned()))?;
        Ok(Self { path: directory.join("credentials.toml"), own_directory: true })
    }

    /// Reads who is signed in, and warns when others can read it too.
    ///
    /// # Errors
    /// [`CliError::NoToken`] when there is no such file, [`CliError::Local`] when it cannot be read.
    pub(crate) fn load(&self) -> Result<Credentials, CliError> {
        let text = fs::read_to_string(&self.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => CliError::NoToken { file: self.path.clone() },
            _ => self.failed("read", &error),
        })?;
        let mode = fs::metadata(&self.path).map_err(|error| self.failed("read", &error))?.permissions().mode();
        if mode & 0o077 != 0 {
            let path = self.path.display();
            output::notice(&format_args!("warning: {path} can be read by others; run `chmod 600 {path}`"));
        }
        // The parser's message quotes the line at fault, which may be the token: it is left out.
        toml::from_str(&text)
            .map_err(|_| CliError::Local(format!("{} is not a credentials file; sign in again", self.path.display())))
    }

    /// Replaces what is kept.
    ///
    /// # Errors
    /// [`CliError::Local`].
    pub(crate) fn save(&self, credentials: &Credentials) -> Result<(), CliError> {
        let text = toml::to_string(credentials).map_err(|error| self.failed("write", &error))?;
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if self.own_directory {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
            made.and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o700)))
                .map_err(|error| self.failed("write", &error))?;
        }
        let written = write_beside(&self.path, text.as_bytes()).and_then(|beside| {
            fs::rename(&beside, &self.path).inspect_err(|_| {
                // Nothing to add to the error: the temporary file is only litter.
                let _ = fs::remove_file(&beside);
            })
        });
        written.map_err(|error| self.failed("write", &error))
    }

    fn failed(&self, what: &str, error: &dyn std::fmt::Display) -> CliError {
        CliError::Local(format!("cannot {what} {}: {error}", self.path.display()))
    }
}

/// Writes a new file, private from the start, under a name of this process beside `path`.
fn write_beside(path: &Path, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map(|()| beside)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn args(file: Option<&Path>) -> CredentialsArgs {
        CredentialsArgs { file: file.map(Path::to_owned) }
    }

    fn ana() -> Credentials {
        let url = Url::parse("http://127.0.0.1:8080/").unwrap();
        Credentials { url, name: "ana \"林\"\n".to_owned(), token: "t0k3n".to_owned() }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_nearest_of_the_places_wins() {
        let check = |file: Option<&str>, own: Option<&str>, xdg: Option<&str>, home: Option<&str>, expected: &str| {
            let environment = Environment {
                config_home: own.map(Into::into),
                xdg_config_home: xdg.map(Into::into),
                home: home.map(Into::into),
                ..Environment::default()
            };
            let found = CredentialsFile::find(&args(file.map(Path::new)), &environment);
            assert_eq!(found.map(|found| found.path).ok(), Some(expected.into()).filter(|_| !expected.is_empty()));
        };
        check(Some("f"), Some("/own"), Some("/xdg"), Some("/home/ana"), "f");
        check(None, Some("/own"), Some("/xdg"), Some("/home/ana"), "/own/credentials.toml");
        check(None, None, Some("/xdg"), Some("/home/ana"), "/xdg/teahouse/credentials.toml");
        check(None, None, Some("xdg"), Some("/home/ana"), "/home/ana/.config/teahouse/credentials.toml");
        check(None, None, None, Some("/home/ana"), "/home/ana/.config/teahouse/credentials.toml");
        check(None, None, None, None, "");
    }

    #[test]
    fn what_is_kept_is_private_and_replaced_in_one_step() {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().join("deep/teahouse");
        let environment = Environment { config_home: Some(home.clone().into()), ..Environment::default() };
        let file = CredentialsFile::find(&args(None), &environment).unwrap();
        assert!(matches!(file.load(), Err(CliError::NoToken { .. })));

        file.save(&ana()).unwrap();
        assert_eq!((mode(&home), mode(&file.path)), (0o700, 0o600));
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o644)).unwrap();
        file.save(&Credentials { token: "another".to_owned(), ..ana() }).unwrap();
        assert_eq!(mode(&file.path), 0o600);
        let kept = file.load().unwrap();
        assert_eq!((kept.name, kept.token.as_str()), (ana().name, "another"));
        assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_broken_file_does_not_tell_its_token() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("credentials.toml");
        fs::write(&path, "token = \"s3cret\nurl = 1").unwrap();
        let error = CredentialsFile::find(&args(Some(&path)), &Environment::default()).unwrap().load().err().unwrap();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
