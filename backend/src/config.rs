//! The command line, the `TEAHOUSE_…` environment and the TOML file, as one set of options.
//!
//! [`Config`] is the only source of all three: its doc comments are the help, its field names the keys of the file. A
//! flag wins over the environment, the environment over the file, the file over the default. Nothing else in the server
//! reads the environment.

mod origin;

use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

pub use origin::{InvalidOrigin, Origin};

/// Teahouse: a chat you host yourself
#[derive(Debug, Parser)]
#[command(name = "teahouse", version, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the executable can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(Box<Config>),
    /// What the terminal client does.
    #[command(flatten)]
    Terminal(crate::cli::Command),
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object on each line.
    Json,
}

/// Everything `teahouse serve` can be told.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "TEAHOUSE_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Directory that holds everything this server keeps; it is made if it does not exist
    #[arg(long, env = "TEAHOUSE_DATA", value_name = "DIR", default_value = "teahouse-data")]
    pub data: PathBuf,

    /// Address that people open, such as `https://chat.example.org`: needed when it is not the one listened on
    #[arg(long, env = "TEAHOUSE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,

    /// PEM file with the certificate and its chain: the listener then speaks HTTPS, and reads both files again on SIGHUP
    #[arg(long, env = "TEAHOUSE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// PEM file with the certificate's key
    #[arg(long, env = "TEAHOUSE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Origin of another site whose pages may use the interface and the stream; can be given several times
    #[arg(long, env = "TEAHOUSE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,

    /// Network of reverse proxies whose X-Forwarded-For is believed; can be given several times
    #[arg(long, env = "TEAHOUSE_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpNet>,

    /// Open streams in all; 0 for no limit
    #[arg(long, env = "TEAHOUSE_MAX_STREAMS", value_name = "COUNT", default_value_t = 20_000)]
    pub max_streams: u32,

    /// Open streams of one person; 0 for no limit
    #[arg(long, env = "TEAHOUSE_MAX_STREAMS_PER_USER", value_name = "COUNT", default_value_t = 64)]
    pub max_streams_per_user: u32,

    /// Open streams from one address (IPv6: from one /64); 0 for no limit
    #[arg(long, env = "TEAHOUSE_MAX_STREAMS_PER_ADDRESS", value_name = "COUNT", default_value_t = 1_000)]
    pub max_streams_per_address: u32,

    /// Open connections in all; 0 for no limit
    #[arg(long, env = "TEAHOUSE_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 25_000)]
    pub max_connections: u32,

    /// Open connections from one address that is no trusted proxy (IPv6: from one /64); 0 for no limit
    #[arg(long, env = "TEAHOUSE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = 2_000)]
    pub max_connections_per_address: u32,

    /// Let whoever can reach this server in as a guest of the first room, by a name alone; the workspace must allow guests
    #[arg(long, env = "TEAHOUSE_GUESTS", value_parser = clap::builder::BoolishValueParser::new())]
    pub guests: bool,

    /// Posts of one person in a second, ten times as many at once; 0 for no limit
    #[arg(long, env = "TEAHOUSE_POST_RATE", value_name = "COUNT", default_value_t = 50)]
    pub post_rate: u32,

    /// Multiplies how often one may sign in, join, invite, make rooms and the like; 0 for no such limits
    #[arg(long, env = "TEAHOUSE_BUDGET_FACTOR", value_name = "COUNT", default_value_t = 1)]
    pub budget_factor: u32,

    /// Address and port for /metrics; there are none without it
    #[arg(long, env = "TEAHOUSE_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,

    /// How log lines are written, to standard error
    #[arg(long, env = "TEAHOUSE_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug or trace; for single parts too, as in info,teahouse::live=debug
    #[arg(long, env = "TEAHOUSE_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// TOML file with these same options, named as here in snake_case
    #[arg(long, env = "TEAHOUSE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl CommandLine {
    /// Reads the arguments, the environment and, when one is named, the file.
    ///
    /// # Errors
    /// A sentence that says which option, variable or key is wrong; also the wish for help, which clap prints.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let asked = Self::try_parse_from(&arguments)?;
        let Command::Serve(config) = &asked.command else { return Ok(asked) };
        let Some(path) = &config.config else { return Ok(asked) };
        let fail = |kind, text: String| Self::command().error(kind, format!("{}: {text}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| fail(clap::error::ErrorKind::Io, error.to_string()))?;
        let values = file_values(&text).map_err(|text| fail(clap::error::ErrorKind::InvalidValue, text))?;
        let mut matches = with_defaults(values).try_get_matches_from(&arguments)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

/// A key of the file and its values.
type FileValue = (String, Vec<String>);

/// Reads the file and checks that every key is an option.
fn file_values(text: &str) -> Result<Vec<FileValue>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let options = Config::augment_args(clap::Command::new("serve"));
    table
        .into_iter()
        .map(|(key, value)| {
            let known = key != "config" && options.get_arguments().any(|arg| arg.get_id() == key.as_str());
            if !known {
                return Err(format!("there is no option \"{key}\""));
            }
            let values = match value {
                toml::Value::Array(values) => values.iter().map(plain).collect(),
                value => plain(&value).map(|text| vec![text]),
            };
            values
                .map(|values| (key.clone(), values))
                .ok_or_else(|| format!("\"{key}\" must be a text, a number, true or false, or a list of texts"))
        })
        .collect()
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(answer) => Some(answer.to_string()),
        _ => None,
    }
}

/// The command in which the file's values take the place of the defaults: so they are parsed like any others.
fn with_defaults(values: Vec<FileValue>) -> clap::Command {
    CommandLine::command().mut_subcommand("serve", |serve| {
        values.into_iter().fold(serve, |serve, (key, values)| serve.mut_arg(key, |arg| arg.default_values(values)))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn read(arguments: &[&str]) -> Result<Config, String> {
        let arguments = ["teahouse", "serve"].iter().chain(arguments).map(OsString::from);
        match CommandLine::read(arguments).map_err(|error| error.to_string())?.command {
            Command::Serve(config) => Ok(*config),
            Command::Terminal(_) => unreachable!("the arguments begin with serve"),
        }
    }

    fn with_file(text: &str, arguments: &[&str]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, text).unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        read(&[&["--config", &path], arguments].concat())
    }

    #[test]
    fn the_command_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_file_stands_between_the_flags_and_the_defaults() {
        let text = "listen = \"[::1]:1\"\nallow_origin = [\"https://a.example\", \"http://b.example:81\"]\n";
        let config = with_file(text, &[]).unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:1");
        assert_eq!(config.allow_origin.len(), 2);
        assert_eq!(config.data, PathBuf::from("teahouse-data"));
        let limits = with_file("max_streams = 7\nmax_streams_per_user = \"8\"", &[]).unwrap();
        assert_eq!((limits.max_streams, limits.max_streams_per_user, limits.post_rate), (7, 8, 50));
        for (text, expected) in
            [("", false), ("guests = true", true), ("guests = false", false), ("guests = \"on\"", true)]
        {
            assert_eq!(with_file(text, &[]).unwrap().guests, expected, "{text}");
        }
        assert!(with_file("guests = false", &["--guests"]).unwrap().guests);
        let config = with_file(text, &["--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:2");
    }

    #[test]
    fn a_wrong_file_is_named() {
        let check = |text: &str, part: &str| {
            let error = with_file(text, &[]).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        };
        check("lissen = \"x\"", "there is no option \"lissen\"");
        check("config = \"x\"", "there is no option \"config\"");
        check("listen = \"nowhere\"", "invalid value 'nowhere'");
        check("listen = 1.5", "must be a text");
        check("listen = true", "invalid value 'true'");
        check("guests = \"perhaps\"", "invalid value 'perhaps'");
        check("listen = 8080", "invalid value '8080'");
        check("max_streams = -1", "invalid value '-1'");
        check("listen = ", "");
        let error = read(&["--config", "no-such-file.toml"]).unwrap_err();
        assert!(error.contains("no-such-file.toml"), "{error}");
    }
}
