//! Where a plane's tables go: a folder, and the object store to which they go on.

use crate::config::{Config, Place, Problem};
use crate::objects::Objects;
use crate::publish::{self, Mirror, PublishError, Published, Root};
use clockstop_pipeline::Day;
use clockstop_schemas::{Plane, PseudonymKey};

/// One plane's way out.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(super) root: Root,
    mirror: Option<Mirror>,
}

/// Those that can be published to, and what is in the way of another.
pub(super) type Ready<'o> = (Vec<&'o Outlet>, Result<(), PublishError>);

/// The planes that the settings ask for. No object store is called yet.
pub(crate) fn outlets(config: &Config) -> Result<Vec<Outlet>, Problem> {
    let snapshots = &config.snapshots;
    let outlet = |plane, place: &Place| {
        let path = place.folder.clone();
        let root = Root { plane, path };
        let objects = place.url.as_ref().map(|url| {
            let objects = Objects::open(url, &snapshots.properties);
            objects.map_err(|error| error.problem("snapshots", root.plane.name()))
        });
        let mirror = objects.transpose()?;
        let mirror = mirror.map(|objects| Mirror::of(&root, objects));
        Ok(Outlet { root, mirror })
    };
    let analyst = Plane::Analyst(PseudonymKey(config.pseudonym_key()?));
    let identifiable = snapshots.identifiable.as_ref();
    let identifiable = identifiable.map(|place| outlet(Plane::Identifiable, place));
    [outlet(analyst, &snapshots.analyst)]
        .into_iter()
        .chain(identifiable)
        .collect()
}

/// Brings down what was published from elsewhere, so that what is made rests on it. A store that is away is in the way
/// of its own plane only.
pub(super) fn ready(outlets: &[Outlet], today: Day) -> Ready<'_> {
    let (mut ready, mut away) = (Vec::new(), Ok(()));
    for outlet in outlets {
        let brought = outlet.mirror.as_ref();
        match brought.map_or(Ok(()), |mirror| mirror.bring_down(today)) {
            Ok(()) => ready.push(outlet),
            Err(error) => away = away.and(Err(error)),
        }
    }
    (ready, away)
}

impl Outlet {
    /// Sends a snapshot on.
    pub(super) fn send(&self, published: &Published, keep: usize) -> Result<(), PublishError> {
        let mirror = self.mirror.as_ref();
        mirror.map_or(Ok(()), |mirror| mirror.publish(published, keep))
    }

    /// Whether readers find all tables of a day.
    pub(super) fn has_day(&self, day: Day) -> Result<bool, PublishError> {
        match &self.mirror {
            Some(mirror) => mirror.has_day(day),
            None => Ok(publish::is_made(&self.root, day)),
        }
    }

    /// Sends the tables of a day on, and the releases made with it.
    pub(super) fn send_day(&self, day: Day) -> Result<(), PublishError> {
        let mirror = self.mirror.as_ref();
        mirror.map_or(Ok(()), |mirror| mirror.send_day(day))
    }

    /// Removes the tables of days before `first` from the store.
    pub(super) fn prune_days_sent(&self, first: Day) -> Result<(), PublishError> {
        let mirror = self.mirror.as_ref();
        mirror.map_or(Ok(()), |mirror| mirror.prune_days(first))
    }
}

#[cfg(test)]
mod tests {
    use super::{Mirror, Objects, Outlet, Plane, Root, ready};
    use std::net::TcpListener;

    #[test]
    fn a_store_that_is_away_stands_in_the_way_of_its_own_plane_only() {
        let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", nobody.local_addr().expect("its address"));
        drop(nobody);
        let properties = [
            ("endpoint", endpoint.as_str()),
            ("allow_http", "true"),
            ("access_key_id", "name"),
            ("secret_access_key", "not to be told"),
        ];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root {
            plane: Plane::Identifiable,
            path: folder.path().to_owned(),
        };
        let objects =
            Objects::open("s3://bucket", &properties.into()).expect("it is not called yet");
        let away = Outlet {
            mirror: Some(Mirror::of(&root, objects)),
            root: root.clone(),
        };
        let near = Outlet { root, mirror: None };
        let today = clockstop_pipeline::Day::from_ymd(2026, 1, 9).expect("a day");
        let outlets = [away, near];
        let (ready, trouble) = ready(&outlets, today);
        assert!(matches!(ready.as_slice(), [Outlet { mirror: None, .. }]));
        let told = trouble.expect_err("nobody answers").to_string();
        assert!(
            told.starts_with("the object store of the identifiable plane: cannot "),
            "{told}"
        );
        assert!(!told.contains("not to be told"));
    }
}
