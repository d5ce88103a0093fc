//! The parts of a Dockerfile that the contract looks at.

use crate::repository;

/// The instructions in order, continued lines joined.
pub(crate) struct Dockerfile {
    instructions: Vec<(String, Vec<String>)>,
}

impl Dockerfile {
    pub(crate) fn read(path: &str) -> Self {
        let joined = repository::text(path).replace("\\\n", " ");
        let lines = joined
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let instructions = lines.map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.collect())
        });
        Self {
            instructions: instructions.collect(),
        }
    }

    fn all<'d>(&'d self, keyword: &'d str) -> impl Iterator<Item = &'d [String]> {
        self.instructions
            .iter()
            .filter(move |(found, _)| found == keyword)
            .map(|(_, words)| words.as_slice())
    }

    /// The images that stages start from.
    pub(crate) fn images(&self) -> Vec<String> {
        let stages = self.stages();
        self.all("FROM")
            .map(|words| words[0].clone())
            .filter(|image| !stages.contains(image))
            .collect()
    }

    /// The names of its own stages.
    pub(crate) fn stages(&self) -> Vec<String> {
        let named = self
            .all("FROM")
            .filter(|words| words.get(1).is_some_and(|word| word == "AS"));
        named.map(|words| words[2].clone()).collect()
    }

    pub(crate) fn copied_from_the_repository(&self) -> Vec<String> {
        let local = self.all("COPY").filter(|words| !words[0].starts_with("--"));
        local
            .flat_map(|words| words[..words.len() - 1].to_vec())
            .collect()
    }

    pub(crate) fn copied_from_stages(&self) -> Vec<String> {
        self.all("COPY")
            .filter_map(|words| words[0].strip_prefix("--from=").map(str::to_owned))
            .collect()
    }

    pub(crate) fn exposed(&self) -> Vec<&str> {
        self.all("EXPOSE").flatten().map(String::as_str).collect()
    }

    pub(crate) fn health_check(&self) -> String {
        self.all("HEALTHCHECK")
            .map(|words| words.join(" "))
            .collect()
    }

    /// The last `USER` is not root and comes before the entry point.
    pub(crate) fn runs_as_a_user_of_its_own(&self) -> bool {
        let position = |keyword: &str| {
            self.instructions
                .iter()
                .rposition(|(found, _)| found == keyword)
        };
        let named = self
            .all("USER")
            .last()
            .is_some_and(|words| words[0] != "root" && words[0] != "0");
        named && position("USER") < position("ENTRYPOINT") && position("USER") > position("FROM")
    }
}
