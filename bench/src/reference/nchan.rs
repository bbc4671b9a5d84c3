//! nginx with the nchan module, as Debian packages them: one worker, messages in memory.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use crate::{load::Api, machine::Cores, process::Server};

/// Where Debian puts nginx and its modules.
const NGINX: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// Why it cannot be measured here; `None` when it can.
#[must_use]
pub fn missing() -> Option<String> {
    let is_there = [NGINX, MODULE].iter().all(|path| Path::new(path).exists());
    (!is_there)
        .then(|| "nginx with nchan is not installed (`apt-get install nginx-light libnginx-mod-nchan`)".to_owned())
}

/// What it understands.
#[must_use]
pub fn api() -> Api {
    Api::Reference { stream: "/events".to_owned(), post: "/post".to_owned() }
}

/// Starts it with its files in `directory`.
///
/// # Errors
/// It does not start.
pub fn start(directory: &Path, cores: &Cores) -> Result<Server> {
    ensure!(missing().is_none(), "nchan is not installed");
    // nginx cannot say which port it took: one that was free a moment ago.
    let address = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?.local_addr()?;
    let configuration = write_configuration(directory, address)?;
    let mut nginx = Command::new(NGINX);
    nginx.arg("-c").arg(configuration).arg("-p").arg(directory);
    Server::start_silent(&mut nginx, cores, address)
}

fn write_configuration(directory: &Path, address: SocketAddr) -> Result<PathBuf> {
    let path = directory.join("nginx.conf");
    let root = directory.display();
    let text = format!(
        "load_module {MODULE};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {root}/nginx.pid;
error_log {root}/error.log;
events {{ worker_connections 18000; }}
http {{
  access_log off;
  client_body_temp_path {root}/body;
  proxy_temp_path {root}/proxy;
  fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi;
  scgi_temp_path {root}/scgi;
  nchan_shared_memory_size 128M;
  server {{
    listen {address} backlog=4096;
    keepalive_requests 1000000;
    location = /events {{ nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest; }}
    location = /post {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 1000; }}
  }}
}}
"
    );
    fs::write(&path, text)?;
    Ok(path)
}
