//! Whatever is written is read back, and nothing that is cut short is read.

use proptest::prelude::*;

use super::*;

fn back<T: Coded + PartialEq + std::fmt::Debug>(value: &T) {
    let bytes = encode(value);
    assert_eq!(decode::<T>(&bytes[..]).as_ref(), Some(value), "borrowed");
    assert_eq!(decode::<T>(bytes.clone()).as_ref(), Some(value), "shared");
    for length in 0..bytes.len() {
        assert_eq!(decode::<T>(&bytes[..length]), None, "cut to {length}");
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert_eq!(decode::<T>(&longer[..]), None, "with a byte too many");
}

proptest! {
    #[test]
    fn a_value_is_read_back_whole_or_not_at_all(
        number: u64, word: u32, short: u16, priority: i16, flag: bool,
        payload: Vec<u8>, optional in proptest::option::of(0..u64::MAX),
    ) {
        back(&number);
        back(&word);
        back(&priority);
        back(&flag);
        back(&Bytes::from(payload));
        back(&Time::from_nanos(number));
        back(&optional.map(Span::from_nanos));
        back(&TopicPartition { topic: Name(word), partition: short });
        back(&ProducerId { number, epoch: short });
    }

    #[test]
    fn a_list_is_read_back_whole_or_not_at_all(list: Vec<u32>) {
        let mut bytes = Vec::new();
        put_all(list.iter(), &mut bytes);
        prop_assert_eq!(get_all(&mut &bytes[..]), Some(list));
        for length in 0..bytes.len() {
            prop_assert_eq!(get_all::<u32, Vec<_>>(&mut &bytes[..length]), None);
        }
    }

    /// A count that lies must not make the reader wait for memory.
    #[test]
    fn bytes_that_are_nothing_are_refused(bytes: Vec<u8>) {
        let _ = decode::<Bytes>(&bytes[..]);
        let _ = get_all::<u64, Vec<_>>(&mut &bytes[..]);
        let _ = decode::<Option<NodeId>>(&bytes[..]);
    }
}

#[test]
fn nobody_is_read_back_as_nobody() {
    back(&None::<NodeId>);
    back(&None::<Name>);
    back(&None::<Time>);
    back(&None::<u32>);
}

#[test]
fn a_flag_is_nothing_but_zero_or_one() {
    assert_eq!(decode::<bool>(&[2][..]), None);
}

#[test]
fn a_payload_shares_the_bytes_that_it_came_in() {
    let bytes = encode(&Bytes::from_static(b"order 12"));
    let payload: Bytes = decode(bytes.clone()).expect("it was written");
    assert_eq!(payload.as_ptr(), bytes[4..].as_ptr());
}

#[test]
fn a_choice_beyond_the_list_is_refused() {
    let all = ['a', 'b'];
    let mut bytes = Vec::new();
    put_place(&all, &'b', &mut bytes);
    assert_eq!(get_place(&all, &mut &bytes[..]), Some('b'));
    assert_eq!(get_place(&all, &mut &[2_u8][..]), None);
}
