//! Who had the processors meanwhile: a latency on a machine that had nothing left says little about the software.

use std::fs::read_to_string;

/// Time of all processors, in the kernel's ticks since the machine started.
pub(crate) struct Usage {
    total: f64,
    idle: f64,
    /// What the machine's host gave to others while something here wanted to run.
    taken: f64,
    service: f64,
    own: f64,
}

impl Usage {
    /// Up to now; the service is known by its process number.
    pub(crate) fn now(service: u32) -> Self {
        let stat = read_to_string("/proc/stat").unwrap();
        let ticks = stat.lines().next().unwrap().split_whitespace().skip(1);
        // User, nice, system, idle, waiting for disks, interrupts twice, taken; then what is in the first two already.
        let ticks: Vec<f64> = ticks.take(8).map(|tick| tick.parse().unwrap()).collect();
        Self {
            total: ticks.iter().sum(),
            idle: ticks[3] + ticks[4],
            taken: ticks[7],
            service: of_process(&service.to_string()),
            own: of_process("self"),
        }
    }

    /// The shares since an earlier moment.
    pub(crate) fn since(&self, earlier: &Self) -> String {
        let total = self.total - earlier.total;
        let share = |of: fn(&Self) -> f64| (of(self) - of(earlier)) / total * 100.0;
        let [service, own, taken, idle] = [
            share(|u| u.service),
            share(|u| u.own),
            share(|u| u.taken),
            share(|u| u.idle),
        ];
        let others = 100.0 - service - own - taken - idle;
        format!(
            "the service {service:.0} %, the broker and others {others:.0} %, feed and readers {own:.0} %, taken by the host {taken:.0} %, idle {idle:.0} %"
        )
    }
}

/// User and system time of a process, threads that ended included.
fn of_process(process: &str) -> f64 {
    let stat = read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name in brackets may hold blanks.
    let (_, after) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = after.split_whitespace().collect();
    fields[11..13]
        .iter()
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum()
}
