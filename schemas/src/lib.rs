//! Every byte that crosses the process boundary.
