//! Who of a group gets which partitions. The group's leader, a consumer itself,
//! decides it for all; the coordinator only passes it on.
//!
//! - **range**: topic by topic, the members in order get neighbouring partitions,
//!   the first ones one more if it does not come out even. Everybody has given
//!   everything back before.
//! - **cooperative-sticky**: everybody keeps what it has as far as that is fair,
//!   and what nobody has goes to those with the least. A partition that moves is
//!   first taken from the one and, in a second rebalance, given to the other.
//!
//! A partition is read by one member, so members beyond the number of partitions
//! have nothing to do.
//!
//! Source: `RangeAssignor`, `CooperativeStickyAssignor`. Left out: racks; the sticky
//! assignor's finer rules for members with different subscriptions.

use crate::protocol::Name;
use crate::protocol::log::{Assignment, Member, MemberId, Strategy, TopicPartition};

/// Deals out the partitions of the topics, of which each is given with its number
/// of partitions.
pub fn assign(strategy: Strategy, members: &[Member], topics: &[(Name, u16)]) -> Box<[(MemberId, Assignment)]> {
    let mut order: Vec<&Member> = members.iter().collect();
    order.sort_by_key(|member| member.id);
    let dealt = match strategy {
        Strategy::Range => range(&order, topics),
        Strategy::CooperativeSticky => sticky(&order, topics),
    };
    let of_member = |(member, mut list): (&&Member, Vec<TopicPartition>)| {
        list.sort_unstable();
        (member.id, list.into())
    };
    order.iter().zip(dealt).map(of_member).collect()
}

fn range(members: &[&Member], topics: &[(Name, u16)]) -> Vec<Vec<TopicPartition>> {
    let mut dealt = vec![Vec::new(); members.len()];
    for (topic, partitions) in topics {
        let subscribed: Vec<usize> = (0..members.len()).filter(|at| members[*at].topics.contains(topic)).collect();
        let Some(each) = usize::from(*partitions).checked_div(subscribed.len()) else { continue };
        let more = usize::from(*partitions) % subscribed.len();
        let mut next = 0;
        for (turn, member) in subscribed.into_iter().enumerate() {
            let count = (each + usize::from(turn < more)) as u16;
            dealt[member].extend((next..next + count).map(|partition| TopicPartition { topic: *topic, partition }));
            next += count;
        }
    }
    dealt
}

fn sticky(members: &[&Member], topics: &[(Name, u16)]) -> Vec<Vec<TopicPartition>> {
    let of_topic = |(topic, count): &(Name, u16)| {
        let topic = *topic;
        (0..*count).map(move |partition| TopicPartition { topic, partition })
    };
    let all: Vec<TopicPartition> = topics.iter().flat_map(of_topic).collect();
    let mut dealt: Vec<Vec<TopicPartition>> = vec![Vec::new(); members.len()];
    // So many get one more than the others.
    let (each, mut more) = (all.len() / members.len().max(1), all.len() % members.len().max(1));
    let mut left = all;
    for (place, member) in members.iter().enumerate() {
        let owned: Vec<TopicPartition> = member.owned.iter().filter(|owned| left.contains(owned)).copied().collect();
        let extra = usize::from(more > 0 && owned.len() > each);
        more -= extra;
        dealt[place].extend(owned.into_iter().take(each + extra));
        left.retain(|partition| !dealt[place].contains(partition));
    }
    for partition in left {
        let wants = |place: &usize| members[*place].topics.contains(&partition.topic);
        let least = (0..members.len()).filter(wants).min_by_key(|place| dealt[*place].len());
        if let Some(place) = least {
            dealt[place].push(partition);
        }
    }
    // What another still has comes only after that one has given it back.
    for (place, list) in dealt.iter_mut().enumerate() {
        let is_anothers = |partition: &TopicPartition| {
            members.iter().enumerate().any(|(other, member)| other != place && member.owned.contains(partition))
        };
        list.retain(|partition| !is_anothers(partition));
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: Name = Name(1);

    fn member(id: u64, owned: &[u16]) -> Member {
        let owned = owned.iter().map(|partition| TopicPartition { topic: TOPIC, partition: *partition }).collect();
        Member { id: MemberId(id), topics: [TOPIC].into(), owned }
    }

    fn dealt(strategy: Strategy, members: &[Member], partitions: u16) -> Vec<Vec<u16>> {
        let dealt = assign(strategy, members, &[(TOPIC, partitions)]);
        dealt.iter().map(|(_, list)| list.iter().map(|one| one.partition).collect()).collect()
    }

    #[test]
    fn range_gives_neighbours_and_the_first_members_one_more() {
        let members = [member(2, &[]), member(1, &[]), member(3, &[])];
        assert_eq!(dealt(Strategy::Range, &members, 8), [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        assert_eq!(dealt(Strategy::Range, &members, 2), [vec![0], vec![1], vec![]]);
    }

    #[test]
    fn cooperative_keeps_what_it_can_and_moves_a_partition_in_two_steps() {
        let first = [member(1, &[0, 1, 2, 3]), member(2, &[])];
        assert_eq!(dealt(Strategy::CooperativeSticky, &first, 4), [vec![0, 1], vec![]]);
        let second = [member(1, &[0, 1]), member(2, &[])];
        assert_eq!(dealt(Strategy::CooperativeSticky, &second, 4), [vec![0, 1], vec![2, 3]]);
        assert_eq!(dealt(Strategy::CooperativeSticky, &[member(2, &[2, 3])], 4), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn in_the_end_every_partition_has_one_owner_and_shares_are_even() {
        for (count, partitions) in (1..6).flat_map(|count| (1..9).map(move |partitions| (count, partitions))) {
            let mut members: Vec<Member> = (1..=count).map(|id| member(id, &[])).collect();
            members[0] = member(1, &(0..partitions).collect::<Vec<_>>());
            for _ in 0..3 {
                let lists = dealt(Strategy::CooperativeSticky, &members, partitions);
                members = lists.iter().enumerate().map(|(at, list)| member(at as u64 + 1, list)).collect();
            }
            for strategy in [Strategy::Range, Strategy::CooperativeSticky] {
                let lists = dealt(strategy, &members, partitions);
                let mut all = lists.concat();
                all.sort_unstable();
                assert_eq!(all, (0..partitions).collect::<Vec<_>>());
                let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
                assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() <= 1, "{lengths:?}");
            }
        }
    }
}
