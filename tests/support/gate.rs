//! TLS and a password in front of an HTTP server that has neither.

use super::certificate::Certificate;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use native_tls::{Identity, TlsAcceptor, TlsStream};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const UNAUTHORIZED: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Who may pass.
pub(crate) const USER: [&str; 2] = ["registry-user", "registry-S3cret"];

/// Opens a gate before the server at `http://host:port`; it stays open until the process ends.
pub(crate) fn open(certificate: &Certificate, url: &str) -> String {
    let server = url.strip_prefix("http://").expect("plain HTTP").to_owned();
    let [chain, key] = certificate.identity();
    let identity = Identity::from_pkcs8(&chain, &key).expect("a key and its chain");
    let acceptor = Arc::new(TlsAcceptor::new(identity).expect("an acceptor"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            let (acceptor, server) = (Arc::clone(&acceptor), server.clone());
            // A visitor who leaves early, or speaks no TLS, is what some tests are about.
            thread::spawn(move || drop(pass(&acceptor, visitor, &server)));
        }
    });
    format!("https://127.0.0.1:{port}")
}

/// One request and its answer.
fn pass(acceptor: &TlsAcceptor, visitor: TcpStream, server: &str) -> io::Result<()> {
    visitor.set_read_timeout(Some(LIMIT))?;
    let mut visitor = acceptor.accept(visitor).map_err(io::Error::other)?;
    let (head, body) = read(&mut visitor)?;
    let wanted = STANDARD.encode(format!("{}:{}", USER[0], USER[1]));
    if head.contains(&format!("authorization: Basic {wanted}\r\n")) {
        let mut inner = TcpStream::connect(server)?;
        let head = head.trim_end();
        write!(inner, "{head}\r\nconnection: close\r\n\r\n")?;
        inner.write_all(&body)?;
        io::copy(&mut inner, &mut visitor)?;
    } else {
        visitor.write_all(UNAUTHORIZED)?;
    }
    visitor.shutdown()
}

fn read(visitor: &mut TlsStream<TcpStream>) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        let ends = |window: &[u8]| window == END_OF_HEAD;
        if let Some(at) = bytes.windows(END_OF_HEAD.len()).position(ends) {
            break at + END_OF_HEAD.len();
        }
        fill(visitor, &mut bytes)?;
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8(bytes).map_err(io::Error::other)?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
    while body.len() < length {
        fill(visitor, &mut body)?;
    }
    Ok((head, body))
}

fn fill(visitor: &mut TlsStream<TcpStream>, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let read = visitor.read(&mut buffer)?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.extend(buffer.iter().take(read));
    Ok(())
}
