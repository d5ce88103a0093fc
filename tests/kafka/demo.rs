//! The whole demo on a real broker.

use crate::support::demo::check_figures;
use crate::support::kafka::shared_broker;

#[test]
fn its_figures_are_those_of_a_batch_fold() {
    check_figures(&["--bootstrap", shared_broker()]);
}
