//! What figures were taken on, and what a process holds.

/// The processor and how many there are.
pub(crate) fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let model = cpus.lines().find(|line| line.starts_with("model name"));
    let model = model
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown");
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("machine: {model}, {count} cores")
}

/// Resident bytes of a process: its number, or `self`.
pub(crate) fn resident(process: &str) -> u64 {
    bytes(process, "VmRSS:")
}

/// The most bytes that this process ever had resident.
pub(crate) fn peak() -> u64 {
    bytes("self", "VmHWM:")
}

fn bytes(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1_024
}
