//! Health, readiness, metrics and what is held, over HTTP.

use crate::board::{Board, Part, Partition};
use crate::held::HeldAnswer;
use crate::hindrance::Hindrance;
use crate::metrics;
use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use clockstop_pipeline::Topic;
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    let hindrance = Hindrance::of(partition);
    let inputs = Topic::ALL.map(Topic::name).into_iter();
    let lag: BTreeMap<_, _> = inputs.zip(partition.lag).collect();
    json!({
        "partition": number,
        "state": partition.state.name(),
        "reason": hindrance.as_ref().map(|it| &it.reason),
        "way_out": hindrance.as_ref().map(|it| &it.way_out),
        "behind": partition.behind,
        "lag": lag,
        "unread_seconds": partition.unread_for.as_secs(),
        "held": partition.held.notices(),
        "left_standing": partition.left_standing,
        "decided": partition.decided.map(|day| day.to_string()),
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

#[cfg(test)]
mod tests {
    use super::readiness;
    use crate::board::tests::partition;
    use crate::board::{Board, Partition};
    use crate::partition::{Refused, State};
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn readiness_says_of_each_partition_where_it_stands_and_what_to_do() {
        let board = Board::new(1, 3);
        let refused = State::Refused(Refused::OtherAlertKey);
        board.show(0, partition(1, refused));
        let lagging = Partition {
            lag: [3, 0, 1],
            unread_for: Duration::from_millis(2_900),
            ..partition(1, State::Live)
        };
        board.show(1, lagging);
        let partitions = json!([
            {
                "partition": 0, "state": "refused",
                "reason": "the alerts here were said with another keys.alert: every alert id would change",
                "way_out": "put the former key back",
                "behind": false, "lag": {"referral": 0, "diagnosis": 0, "treatment": 0},
                "unread_seconds": 0, "held": 0, "left_standing": 0, "decided": null,
            },
            {
                "partition": 1, "state": "live", "reason": null, "way_out": null,
                "behind": false, "lag": {"referral": 3, "diagnosis": 0, "treatment": 1},
                "unread_seconds": 2, "held": 0, "left_standing": 0, "decided": null,
            },
        ]);
        let wanted = json!({"ready": false, "troubles": {}, "partitions": partitions});
        assert_eq!(readiness(&board, false), wanted);
    }
}
