//! The board as `OpenMetrics`, put together at each scrape.

mod of_partitions;
mod of_process;
mod out;
#[cfg(test)]
mod tests;

use crate::board::Board;
use out::Out;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use std::fmt::{Error, Result};
use std::sync::Arc;

/// The text of `/metrics`.
///
/// # Errors
/// Never: writing to a text does not fail.
pub(crate) fn text(board: &Arc<Board>) -> std::result::Result<String, Error> {
    let mut registry = Registry::with_prefix("clockstop");
    registry.register_collector(Box::new(OfBoard(board.clone())));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct OfBoard(Arc<Board>);

impl Collector for OfBoard {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result {
        let mut out = Out(encoder);
        of_process::encode(&mut out, &self.0)?;
        of_partitions::encode(&mut out, &self.0.partitions())
    }
}
