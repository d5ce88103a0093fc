//! Health, readiness, metrics and what is held, over HTTP.

use crate::board::{Board, Part, Partition};
use crate::held::HeldAnswer;
use crate::metrics;
use crate::partition::State;
use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The server's thread.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Listens at once; port 0 takes a free one.
    pub(crate) fn start(address: SocketAddr, board: Arc<Board>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve(listener, board, stopped)) {
                    tracing::error!(%error, "health and metrics are no longer served");
                }
            })?;
        Ok(Self {
            address,
            stop,
            thread,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops taking requests.
    pub(crate) fn close(self) -> JoinHandle<()> {
        drop(self.stop);
        self.thread
    }
}

async fn serve(
    listener: TcpListener,
    board: Arc<Board>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/held", get(held))
        .with_state(board);
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served,
        // The sender sends nothing: its end is the signal.
        _ = stopped => Ok(()),
    }
}

async fn healthz(board: extract::State<Arc<Board>>) -> Response {
    if board.healthy() {
        (StatusCode::OK, "the loops turn\n").into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "a worker's loop stands still\n",
        )
            .into_response()
    }
}

async fn readyz(board: extract::State<Arc<Board>>) -> Response {
    let ready = board.ready();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness(&board, ready))).into_response()
}

fn readiness(board: &Board, ready: bool) -> Value {
    let troubles = board.troubles();
    let troubles = troubles
        .iter()
        .map(|(part, reason)| (Part::name(*part).to_owned(), json!(reason)));
    let partitions: Vec<_> = board.partitions().iter().map(shown).collect();
    json!({
        "ready": ready,
        "troubles": troubles.collect::<serde_json::Map<_, _>>(),
        "partitions": partitions,
    })
}

fn shown((number, partition): (&i32, &Partition)) -> Value {
    json!({
        "partition": number,
        "state": partition.state.name(),
        "reason": reason(*number, partition),
        "held": partition.held.notices(),
        "left_standing": partition.left_standing,
        "decided": partition.decided.map(|day| day.to_string()),
    })
}

/// Why a partition is not run, pauses, or does not decide.
fn reason(number: i32, partition: &Partition) -> Option<String> {
    if let State::Refused(reason) = &partition.state {
        return Some(reason.to_string());
    }
    if let Some(id) = partition.waits_for_schema {
        return Some(format!(
            "waits for schema {id}, which the registry has not given"
        ));
    }
    if partition.too_many_refused {
        return Some(format!(
            "reading pauses: more than a fifth of the last 1000 records were refused; look at the dead letters, and when the sender is mended or they may pass: clockstop approve --bad-records --partition {number}"
        ));
    }
    partition.behind.then(|| {
        "behind its inputs, so that it does not decide: it learns on until it has caught up"
            .to_owned()
    })
}

async fn held(board: extract::State<Arc<Board>>) -> Response {
    Json(HeldAnswer::of(&board)).into_response()
}

async fn metrics(board: extract::State<Arc<Board>>) -> Response {
    match metrics::text(&board) {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
