//! Wrong predictions come back, later and with another seed: whoever was wrong
//! remembers the answer for an hour, and understands it if they are right again
//! days later about a run they have not seen. A prediction that was wrong
//! returns a day later, and after each right answer in a row later still, until
//! three in a row settle it. Whoever was sure and wrong is asked first.

use std::collections::BTreeMap;

use super::state::{Prediction, Progress};
use crate::random::Digest;

const DAY: u64 = 86_400;
/// How long after the latest answer it returns, by right answers in a row since
/// the latest wrong one. As many as there are here settle it.
const PAUSES: [u64; 3] = [DAY, 3 * DAY, 7 * DAY];

/// A prediction to be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub lab: String,
    pub predict: String,
    /// Seconds since 1970 from which on it is asked.
    pub due: u64,
    /// A seed that this learner has not seen it with.
    pub seed: u64,
    /// How sure they were when they were wrong last.
    pub confidence: u8,
}

impl Progress {
    /// Everything that comes back some day: due first, then by how sure the
    /// wrong answer was.
    #[must_use]
    pub fn reviews(&self) -> Vec<Review> {
        let mut by_question: BTreeMap<(&str, &str), Vec<&Prediction>> = BTreeMap::new();
        for prediction in &self.predictions {
            by_question.entry((&prediction.lab, &prediction.predict)).or_default().push(prediction);
        }
        let mut reviews: Vec<Review> = by_question.into_values().filter_map(|mut tries| review(&mut tries)).collect();
        reviews.sort_by_key(|review| (review.due, std::cmp::Reverse(review.confidence)));
        reviews
    }

    /// What is to be asked at `now`, whoever was surest first.
    #[must_use]
    pub fn due(&self, now: u64) -> Vec<Review> {
        let mut due = self.reviews();
        due.retain(|review| review.due <= now);
        due.sort_by_key(|review| (std::cmp::Reverse(review.confidence), review.due));
        due
    }
}

fn review(tries: &mut [&Prediction]) -> Option<Review> {
    tries.sort_by_key(|prediction| prediction.at);
    let wrong = tries.iter().rposition(|prediction| !prediction.right)?;
    let in_a_row = tries.len() - 1 - wrong;
    let pause = PAUSES.get(in_a_row)?;
    let (wrong, latest) = (tries[wrong], tries.last()?);
    Some(Review {
        lab: wrong.lab.clone(),
        predict: wrong.predict.clone(),
        due: latest.at + pause,
        seed: unseen_seed(tries, wrong),
        confidence: wrong.confidence,
    })
}

/// The same for the same past, so that looking twice shows one question.
fn unseen_seed(tries: &[&Prediction], about: &Prediction) -> u64 {
    let mut digest = Digest::of(format!("{}/{}", about.lab, about.predict).as_bytes());
    loop {
        digest.add(tries.len() as u64);
        // Short enough to be read out and typed.
        let seed = digest.0 % 1_000_000;
        if tries.iter().all(|prediction| prediction.seed != seed) {
            return seed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(tries: &[(u64, bool, u8)]) -> Progress {
        let predictions = tries.iter().map(|(at, right, confidence)| Prediction {
            at: *at,
            lab: "first-loss".into(),
            predict: "survive".into(),
            option: "all".into(),
            confidence: *confidence,
            right: *right,
            seed: 42,
        });
        Progress { predictions: predictions.collect(), ..Progress::default() }
    }

    #[test]
    fn right_from_the_start_never_returns_and_wrong_returns_a_day_later() {
        assert_eq!(progress(&[(100, true, 1)]).reviews(), []);
        let wrong = progress(&[(100, false, 3)]);
        assert_eq!(wrong.due(100 + DAY - 1), []);
        let due = wrong.due(100 + DAY);
        assert_eq!((due.len(), due[0].confidence), (1, 3));
        assert_ne!(due[0].seed, 42);
    }

    #[test]
    fn three_right_answers_in_a_row_settle_it_and_a_wrong_one_starts_over() {
        let mut tries = vec![(0, false, 2)];
        for (n, pause) in PAUSES.iter().enumerate() {
            let review = &progress(&tries).reviews()[0];
            assert_eq!(review.due, tries.last().unwrap().0 + pause, "after {n} right answers");
            tries.push((review.due, true, 2));
        }
        assert_eq!(progress(&tries).reviews(), []);
        tries.push((99 * DAY, false, 1));
        assert_eq!(progress(&tries).reviews()[0].due, 100 * DAY);
    }
}
