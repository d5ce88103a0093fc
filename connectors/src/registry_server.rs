//! A schema registry in this process, for the demo and for tests: Confluent's REST API on loopback, in
//! memory, with real compatibility checks.

use crate::registry_store::{Problem, Store};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A running registry. It stops when it is dropped.
#[derive(Debug)]
pub struct RegistryServer {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl RegistryServer {
    /// Starts an empty registry on this port of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken or no thread can be started.
    pub fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("schema-registry".into())
            .spawn(move || serve(listener, stopped))?;
        Ok(Self {
            url,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Its address, as clients want it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        // Dropping the sender is the signal: the receiver ends in either case.
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => {}
            Some(Ok(Err(error))) => tracing::warn!(%error, "the schema registry failed"),
            Some(Err(_)) => tracing::warn!("the schema registry panicked"),
        }
    }
}

fn serve(listener: TcpListener, stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let stop = async {
            // An error means that the sender was dropped, which is how it is told to stop.
            stopped.await.unwrap_or_default();
        };
        axum::serve(listener, routes())
            .with_graceful_shutdown(stop)
            .await
    })
}

type Shared = Arc<Mutex<Store>>;

fn routes() -> Router {
    let versions = get(versions).post(register);
    Router::new()
        .route("/subjects", get(subjects))
        .route("/subjects/{subject}", post(look_up))
        .route("/subjects/{subject}/versions", versions)
        .route("/subjects/{subject}/versions/{version}", get(version))
        .route("/schemas/ids/{id}", get(schema))
        .route(
            "/compatibility/subjects/{subject}/versions",
            post(check_all),
        )
        .route(
            "/compatibility/subjects/{subject}/versions/{version}",
            post(check),
        )
        .route("/config", get(default_setting).put(set_default))
        .route("/config/{subject}", get(setting).put(set))
        .with_state(Shared::default())
}

fn with(store: &Shared, ask: impl FnOnce(&mut Store) -> Result<Value, Problem>) -> Response {
    // A poisoned store is still whole: no method leaves it half changed.
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    answer(ask(&mut store))
}

fn with_body(
    store: &Shared,
    body: &str,
    ask: impl FnOnce(&mut Store, &Value) -> Result<Value, Problem>,
) -> Response {
    match serde_json::from_str(body) {
        Ok(request) => with(store, |store| ask(store, &request)),
        Err(_) => answer(Err(Problem::InvalidSchema(
            "the request is not JSON".into(),
        ))),
    }
}

fn answer(answer: Result<Value, Problem>) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(problem) => {
            let code = problem.code();
            let status = if code > 999 { code / 100 } else { code };
            let status = u16::try_from(status)
                .ok()
                .and_then(|s| StatusCode::from_u16(s).ok());
            let body = json!({ "error_code": code, "message": problem.to_string() });
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
        }
    };
    let kind = [(
        header::CONTENT_TYPE,
        "application/vnd.schemaregistry.v1+json",
    )];
    (status, kind, body.to_string()).into_response()
}

async fn subjects(State(store): State<Shared>) -> Response {
    with(&store, |store| Ok(store.subjects()))
}

async fn versions(State(store): State<Shared>, Path(subject): Path<String>) -> Response {
    with(&store, |store| store.versions(&subject))
}

async fn version(
    State(store): State<Shared>,
    Path((subject, version)): Path<(String, String)>,
) -> Response {
    with(&store, |store| store.version(&subject, &version))
}

async fn schema(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    with(&store, |store| store.schema(&id))
}

async fn look_up(
    State(store): State<Shared>,
    Path(subject): Path<String>,
    body: String,
) -> Response {
    with_body(&store, &body, |store, request| {
        store.look_up(&subject, request)
    })
}

async fn register(
    State(store): State<Shared>,
    Path(subject): Path<String>,
    body: String,
) -> Response {
    with_body(&store, &body, |store, request| {
        store.register(&subject, request)
    })
}

async fn check_all(
    State(store): State<Shared>,
    Path(subject): Path<String>,
    body: String,
) -> Response {
    with_body(&store, &body, |store, request| {
        store.check(&subject, None, request)
    })
}

async fn check(
    State(store): State<Shared>,
    Path((subject, version)): Path<(String, String)>,
    body: String,
) -> Response {
    with_body(&store, &body, |store, request| {
        store.check(&subject, Some(&version), request)
    })
}

async fn default_setting(State(store): State<Shared>) -> Response {
    with(&store, |store| store.setting(None))
}

async fn setting(State(store): State<Shared>, Path(subject): Path<String>) -> Response {
    with(&store, |store| store.setting(Some(&subject)))
}

async fn set_default(State(store): State<Shared>, body: String) -> Response {
    with_body(&store, &body, |store, request| store.set(None, request))
}

async fn set(State(store): State<Shared>, Path(subject): Path<String>, body: String) -> Response {
    with_body(&store, &body, |store, request| {
        store.set(Some(&subject), request)
    })
}
