//! Asks the schema registry on behalf of a worker, on a thread of its own because the answer may take long.

use crate::registry::{Registry, RegistryError};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// What the registry said of a schema id.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Schema(Arc<str>),
    Unknown,
    /// It did not answer, or not usefully.
    Nothing(String),
}

/// The thread that asks.
#[derive(Debug)]
pub(crate) struct Lookup {
    questions: Sender<u32>,
    thread: JoinHandle<()>,
}

impl Lookup {
    pub(crate) fn start(
        mut registry: Registry,
        tell: impl Fn(u32, Answer) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (questions, asked) = channel();
        let thread = std::thread::Builder::new()
            .name("schema-lookup".to_owned())
            .spawn(move || {
                for id in asked {
                    tell(id, answer(&mut registry, id));
                }
            })?;
        Ok(Self { questions, thread })
    }

    pub(crate) fn ask(&self, id: u32) {
        if self.questions.send(id).is_err() {
            tracing::error!(id, "the registry can no longer be asked");
        }
    }

    /// Ends the thread after its last question.
    pub(crate) fn close(self) -> JoinHandle<()> {
        self.thread
    }
}

fn answer(registry: &mut Registry, id: u32) -> Answer {
    match registry.schema(id) {
        Ok(schema) => Answer::Schema(schema),
        Err(RegistryError::UnknownId { .. }) => Answer::Unknown,
        Err(error) => Answer::Nothing(error.to_string()),
    }
}
