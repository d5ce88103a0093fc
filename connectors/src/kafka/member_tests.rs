use super::{Member, Place, Told};
use crate::config::{GroupProtocol, Kafka, Topics};
use crate::kafka::client::Clients;
use crate::kafka::mock::Mock;
use crate::kafka::source::Source;
use clockstop_pipeline::Topic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PARTITIONS: i32 = 4;
const LIMIT: Duration = Duration::from_secs(30);
/// A member that does not wait has handed over long before.
const HELD: Duration = Duration::from_secs(2);

/// A member whose two workers only listen.
struct Crew {
    told: [Receiver<Told>; 2],
    sources: Vec<Source>,
    thread: JoinHandle<()>,
}

impl Crew {
    fn join(clients: &Clients) -> Self {
        let (tellers, told): (Vec<_>, Vec<_>) = (0..2).map(|_| channel()).unzip();
        let tells = tellers.into_iter().map(|teller| {
            let tell: super::Tell = Arc::new(move |told| drop(teller.send(told)));
            tell
        });
        let member = Member::new(clients, PARTITIONS, tells.collect()).expect("a member");
        let sources = (0..2).map(|_| member.source()).collect();
        let thread = member.join().expect("a thread");
        let told = told.try_into().expect("two workers");
        Self {
            told,
            sources,
            thread,
        }
    }

    /// The inputs that the workers are given, until there are so many.
    fn given(&self, many: usize) -> [BTreeSet<Place>; 2] {
        let mut given = [BTreeSet::new(), BTreeSet::new()];
        let began = Instant::now();
        while given.iter().map(BTreeSet::len).sum::<usize>() < many {
            assert!(began.elapsed() < LIMIT, "only {given:?} were given");
            for (told, given) in self.told.iter().zip(&mut given) {
                if let Ok(Told::Given(inputs)) = told.recv_timeout(Duration::from_millis(20)) {
                    given.extend(inputs.iter().map(|input| input.place));
                }
            }
        }
        given
    }

    fn leave(self) {
        drop(self.sources);
        drop(self.told);
        self.thread.join().expect("the member ends");
    }
}

fn group(mock: &Mock, topics: Topics) -> Clients {
    Clients::new(Kafka {
        bootstrap: mock.bootstrap(),
        group_id: "crew".to_owned(),
        group_protocol: GroupProtocol::Consumer,
        topics,
        properties: BTreeMap::new(),
    })
}

fn all_of(partitions: [i32; 2]) -> BTreeSet<Place> {
    let each = partitions.into_iter();
    each.flat_map(|partition| Topic::ALL.map(|topic| (topic, partition)))
        .collect()
}

#[test]
fn the_inputs_of_a_partition_meet_in_one_worker_and_nothing_taken_goes_on_before_it_is_let_go() {
    let topics = Topics::default();
    let mock = Mock::start(&topics, PARTITIONS).expect("a mock cluster");
    let clients = group(&mock, topics);
    let first = Crew::join(&clients);
    assert_eq!(first.given(12), [all_of([0, 2]), all_of([1, 3])]);

    let second = Crew::join(&clients);
    let [one, other] = &first.told;
    let release = loop {
        if let Told::Taken(_, release) = one.recv_timeout(LIMIT).expect("something is taken") {
            break release;
        }
    };
    // The other worker has let go; this one has not.
    while !matches!(other.recv_timeout(LIMIT), Ok(Told::Taken(..))) {}
    let held = Instant::now();
    while held.elapsed() < HELD {
        match second.told[0].recv_timeout(Duration::from_millis(20)) {
            Ok(Told::Given(inputs)) => assert!(inputs.is_empty(), "given while it is worked on"),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the second member has ended"),
        }
    }
    drop(release);
    second.given(6);
    second.leave();
    first.leave();
}
