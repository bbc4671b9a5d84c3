//! `teahouse login URL`: name and password for a token, which is kept.

use shared::request::{SessionKind, SignIn};

use super::{
    CliError, Environment, LoginArgs,
    ask::{Question, ask},
    credentials::{Credentials, CredentialsFile},
    output,
    server::Server,
    visible::Visible,
};

/// Signs in and keeps the token.
///
/// # Errors
/// [`CliError::Refused`] for a wrong name or password, [`CliError::Unreachable`], [`CliError::Local`].
pub(crate) async fn run(args: LoginArgs, environment: &Environment) -> Result<(), CliError> {
    // First, so that nobody types a password for nothing.
    let file = CredentialsFile::find(&args.credentials, environment)?;
    let server = Server::new(args.url)?;
    if travels_in_the_clear(server.origin()) {
        output::notice(&format_args!("warning: {} is not encrypted; others can read the password", server.origin()));
    }
    // Blocking is fine: nothing else runs in this process yet.
    let name = ask(Question::Name, args.name.or_else(|| environment.name.clone()))?;
    let password = ask(Question::Password, environment.password.clone())?;

    let sign_in = SignIn { name, password, kind: SessionKind::Token };
    let issued = server.sign_in(&sign_in).await.map_err(|error| error.into_cli(server.origin()))?;
    let name = issued.me.name.to_string();
    file.save(&Credentials { url: server.origin().clone(), name: name.clone(), token: issued.token })?;
    output::print(&format!("signed in to {} as {}\n", server.origin(), Visible(&name)))
}

/// Whether a password sent to this address can be read on its way: plain HTTP to another machine.
fn travels_in_the_clear(url: &reqwest::Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    url.scheme() == "http" && !loopback
}

#[cfg(test)]
mod tests {
    #[test]
    fn plain_http_is_fine_on_this_machine_only() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", false),
            ("http://[::1]:8080", false),
            ("http://localhost:8080", false),
            ("https://chat.example.org", false),
            ("http://chat.example.org", true),
            ("http://192.168.1.7:8080", true),
        ] {
            let parsed = reqwest::Url::parse(url).expect("an address");
            assert_eq!(super::travels_in_the_clear(&parsed), expected, "{url}");
        }
    }
}
