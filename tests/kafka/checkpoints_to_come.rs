//! What deleted records mean once there are checkpoints; it joins the suite with them.

use crate::fleet::Fleet;
use crate::lost_history::names;
use crate::service::Place;
use crate::support::kafka::shared_broker;
use crate::support::topics;

/// What a checkpoint covers may be deleted: nothing of it is needed any more.
#[test]
fn records_below_a_checkpoint_may_be_deleted() {
    let place = Place::new(shared_broker(), "covered");
    place.create_topics();
    place.refer(names(0..40));
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.settle_and_compare().expect_clean();
    let before = place.alerts("alert");
    fleet.leave(0);
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, 1);
    fleet.start();
    fleet.await_whole("the service from its checkpoint");
    fleet.leave(0);
    assert_eq!(place.alerts("alert"), before);
}
