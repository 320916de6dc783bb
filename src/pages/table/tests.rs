//! A table is what a plain vector is, and its clones are not disturbed.

use proptest::prelude::*;

use super::*;

impl<T> Pages<T> {
    fn is_shared_with(&self, other: &Self) -> Vec<bool> {
        let pairs = self.pages.iter().zip(&other.pages);
        pairs.map(|pair| matches!(pair, (Page::Sealed(one), Page::Sealed(two)) if Arc::ptr_eq(one, two))).collect()
    }
}

fn check(table: &Pages<u32>, plain: &[u32]) -> Result<(), TestCaseError> {
    let is_listed = |page| table.open.iter().filter(|open| **open == page).count();
    for (place, page) in table.pages.iter().enumerate() {
        prop_assert_eq!(is_listed(place), usize::from(matches!(page, Page::Open(_))));
    }
    prop_assert_eq!(table.len(), plain.len());
    prop_assert!(table.iter().eq(plain));
    prop_assert!((0..plain.len()).all(|index| table.get(index) == plain[index] && table[index] == plain[index]));
    prop_assert_eq!(table.get(plain.len()), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_is_a_vector_and_a_clone_is_not_disturbed(
        steps in prop::collection::vec((0u32..5, 0usize..9 * Pages::<u32>::PAGE), 1..24),
        capacity in 0usize..2 * Pages::<u32>::PAGE,
    ) {
        let (mut table, mut plain) = (Pages::with_capacity(capacity), Vec::new());
        let mut clones: Vec<(Pages<u32>, Vec<u32>)> = Vec::new();
        for (number, (what, place)) in (1..).zip(steps) {
            match what {
                0 => {
                    plain.resize(plain.len().max(place + 1), 0);
                    *table.get_mut(place) += number;
                    plain[place] += number;
                }
                1 => for _ in 0..place / 4 {
                    prop_assert_eq!(table.push(number), plain.len());
                    plain.push(number);
                },
                // Here and there, more places than stay open.
                2 => for index in (0..plain.len()).step_by(Pages::<u32>::PAGE / 2 + 1) {
                    table[index] += number;
                    plain[index] += number;
                },
                3 => if let Some(index) = place.checked_rem(plain.len()) {
                    table[index] = number;
                    plain[index] = number;
                },
                _ => {
                    table.reset(place / 2);
                    plain = vec![0; place / 2];
                }
            }
            check(&table, &plain)?;
            clones.push((table.clone(), plain.clone()));
            // A rewind goes on with a clone.
            if place % 5 == 0 {
                (table, plain) = clones[place % clones.len()].clone();
            }
        }
        for (table, plain) in clones {
            check(&table, &plain)?;
        }
    }
}

#[test]
fn a_clone_shares_all_pages_but_those_that_were_open() {
    let mut table: Pages<u32> = Pages::default();
    *table.get_mut(9 * Pages::<u32>::PAGE + 7) = 7;
    let snapshot = table.clone();
    assert_eq!(table.is_shared_with(&snapshot).iter().filter(|shared| **shared).count(), 10 - OPEN);
    *table.get_mut(0) = 1;
    assert_eq!((table.get(0), snapshot.get(0)), (1, 0));
    let shared = table.is_shared_with(&snapshot);
    assert!(!shared[0] && shared[1..10 - OPEN].iter().all(|shared| *shared), "{shared:?}");
}

#[test]
fn it_begins_anew_in_the_buffers_that_it_alone_has() {
    let mut table: Pages<u32> = Pages::default();
    *table.get_mut(5 * Pages::<u32>::PAGE) = 1;
    let buffer = table.pages[0].entries().as_ptr();
    table.reset(3 * Pages::<u32>::PAGE);
    assert_eq!((table.iter().sum::<u32>(), table.len()), (0, 3 * Pages::<u32>::PAGE));
    assert_eq!(table.pages[0].entries().as_ptr(), buffer);
    let snapshot = table.clone();
    table.reset(Pages::<u32>::PAGE);
    *table.get_mut(5) = 5;
    assert_eq!((snapshot.get(5), snapshot.len()), (0, 3 * Pages::<u32>::PAGE));
}

#[test]
fn a_page_that_was_given_up_holds_nothing_and_can_be_written_again() {
    let page = Pages::<u32>::PAGE;
    let mut table = Pages::default();
    for entry in 0..4 * page as u32 {
        table.push(entry);
    }
    let snapshot = table.clone();
    for index in [page + 3, 3 * page] {
        table.give_up(index, &7);
    }
    let shared = table.is_shared_with(&table.clone());
    assert_eq!((table[page], table[2 * page - 1], table[4 * page - 1]), (7, 7, 7));
    table[page + 1] = 1;
    table[3 * page] = 3;
    assert_eq!((table[page], table[page + 1], table[3 * page], table[3 * page + 1]), (7, 1, 3, 7));
    assert_eq!(
        (table[0], table[2 * page], snapshot[page], snapshot[3 * page]),
        (0, 2 * page as u32, page as u32, 3 * page as u32)
    );
    assert!(shared[1] && shared[3]);
}
