//! The metrics endpoint (`-prometheus`): hands the page that was published last to whoever asks for `/metrics` by HTTP/1.
//! Spec: none of SIPp's. In: pages. Out: a TCP port. It runs on the main thread and asks nothing of workers, so no peer of it can slow
//! down a run or end it: connections are few, short, and cut off after a while.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::transport::errno;

/// Connections at a time; others wait.
const CONNECTIONS: usize = 16;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest head of a request.
const LONGEST_HEAD: usize = 8 * 1024;
/// After an error on accepting (no descriptors left, and the like).
const BREATH: Duration = Duration::from_millis(100);

/// The endpoint cannot listen there.
#[derive(Debug, thiserror::Error)]
#[error("Unable to serve metrics at {at}: {}", errno::text(error))]
pub struct NoEndpoint {
    at: SocketAddr,
    error: io::Error,
}

impl NoEndpoint {
    /// Somebody else has the port.
    pub fn is_address_in_use(&self) -> bool {
        self.error.kind() == io::ErrorKind::AddrInUse
    }
}

/// The end of the line at which pages are put in.
#[derive(Debug)]
pub struct Endpoint {
    page: watch::Sender<Arc<str>>,
    /// Where it listens; the port is the real one also when the system chose it.
    pub local_addr: SocketAddr,
}

impl Endpoint {
    /// Listens, on the runtime that is current. Until the first page is published, who asks for one waits.
    ///
    /// # Errors
    /// The system's: the port is taken, the address is not ours.
    pub fn open(at: SocketAddr) -> Result<Endpoint, NoEndpoint> {
        Endpoint::open_with(at, PATIENCE)
    }

    #[allow(clippy::disallowed_methods, reason = "the endpoint is no SIP socket")]
    fn open_with(at: SocketAddr, patience: Duration) -> Result<Endpoint, NoEndpoint> {
        let failed = |error| NoEndpoint { at, error };
        let listener = std::net::TcpListener::bind(at).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        let (page, pages) = watch::channel(Arc::from(""));
        tokio::spawn(serve(listener, pages, patience));
        Ok(Endpoint { page, local_addr })
    }

    /// What is served from now on.
    pub fn publish(&self, page: String) {
        self.page.send_replace(page.into());
    }
}

async fn serve(listener: TcpListener, pages: watch::Receiver<Arc<str>>, patience: Duration) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let pages = pages.clone();
                tokio::spawn(async move {
                    // A peer that is gone or too slow gets nothing, and nobody is told.
                    let _ = tokio::time::timeout(patience, answer(stream, pages)).await;
                    drop(slot);
                });
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

async fn answer(mut stream: TcpStream, mut pages: watch::Receiver<Arc<str>>) -> io::Result<()> {
    let head = read_head(&mut stream).await?;
    let mut words = head.split(|byte| byte.is_ascii_whitespace());
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    let page = match (method, path) {
        (b"GET" | b"HEAD", b"/metrics") => {
            // The sender lives as long as the run.
            let page =
                pages.wait_for(|page| !page.is_empty()).await.map_err(|_| io::ErrorKind::NotConnected)?;
            ("200 OK", Arc::clone(&page))
        }
        (b"GET" | b"HEAD", _) => ("404 Not Found", Arc::from("The metrics are at /metrics.\n")),
        _ => ("405 Method Not Allowed", Arc::from("Only GET and HEAD.\n")),
    };
    let (status, text) = page;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if method != b"HEAD" {
        stream.write_all(text.as_bytes()).await?;
    }
    stream.shutdown().await
}

/// A request up to its empty line; a longer one is an error.
async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while memchr::memmem::find(&head, b"\r\n\r\n").is_none() {
        match stream.read(&mut piece).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ if head.len() > LONGEST_HEAD => return Err(io::ErrorKind::InvalidData.into()),
            count => head.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open() -> Endpoint {
        Endpoint::open("127.0.0.1:0".parse().unwrap()).unwrap()
    }

    async fn ask(at: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn whoever_asks_for_metrics_gets_the_last_page() {
        let endpoint = open().await;
        endpoint.publish("a 1\n".to_owned());
        endpoint.publish("a 2\n".to_owned());
        let get = ask(endpoint.local_addr, b"GET /metrics?x=1 HTTP/1.1\r\nHost: here\r\n\r\n").await;
        assert!(get.starts_with("HTTP/1.1 200 OK\r\n") && get.contains("Content-Length: 4\r\n"), "{get}");
        assert!(get.ends_with("\r\n\r\na 2\n"), "{get}");
        let head = ask(endpoint.local_addr, b"HEAD /metrics HTTP/1.0\r\n\r\n").await;
        assert!(head.contains("Content-Length: 4\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[tokio::test]
    async fn other_paths_and_methods_and_noise_are_refused() {
        let endpoint = open().await;
        endpoint.publish("a 1\n".to_owned());
        let at = endpoint.local_addr;
        assert!(ask(at, b"GET / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(ask(at, b"POST /metrics HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 405"));
        assert!(ask(at, b"\x16\x03\x01\r\n\r\n").await.starts_with("HTTP/1.1 405"));
        assert_eq!(ask(at, &vec![b'x'; 64 * 1024]).await, "");
        assert!(ask(at, b"GET /metrics HTTP/1.1\r\n\r\n").await.ends_with("a 1\n"));
    }

    /// Silent connections take all places, and give them back.
    #[tokio::test]
    async fn a_crowd_of_silent_connections_cannot_keep_others_out_for_long() {
        let patience = Duration::from_secs(1);
        let endpoint = Endpoint::open_with("127.0.0.1:0".parse().unwrap(), patience).unwrap();
        endpoint.publish("a 1\n".to_owned());
        let mut crowd = Vec::new();
        for _ in 0..2 * CONNECTIONS {
            crowd.push(TcpStream::connect(endpoint.local_addr).await.unwrap());
        }
        let answer = ask(endpoint.local_addr, b"GET /metrics HTTP/1.1\r\n\r\n").await;
        assert!(answer.ends_with("a 1\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let first = open().await;
        let error = Endpoint::open(first.local_addr).unwrap_err();
        assert!(error.is_address_in_use());
        assert!(
            error.to_string().starts_with(&format!("Unable to serve metrics at {}", first.local_addr)),
            "{error}"
        );
    }
}
