use super::rig::{ONE, PUBLISHER, Rig, answer, arguments, deliveries, noted};
use crate::broker::queue::quorum::command::{Command, Session};
use crate::broker::queue::quorum::effect::{Answer, Effect};
use crate::event::{Kind, NodeId, Reason};
use crate::protocol::queue::{Arguments, Overflow};

fn told(effects: &[Effect]) -> Vec<(Session, bool)> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Full { to, full } => Some((*to, *full)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_full_queue_drops_its_oldest_and_does_not_count_what_is_held() {
    let mut rig = Rig::with(Arguments { max_length: Some(3), ..arguments() });
    (1..=3).for_each(|number| drop(rig.publish(number)));
    rig.consume(ONE, 2);
    assert_eq!(noted(&rig.publish(4), Kind::Dropped(Reason::Overflowed)), [0_u32; 0]);
    assert_eq!(noted(&rig.publish(5), Kind::Dropped(Reason::Overflowed)), [0_u32; 0]);
    assert_eq!(noted(&rig.publish(6), Kind::Dropped(Reason::Overflowed)), [3]);
    assert_eq!(deliveries(&rig.effects, ONE), [(0, 1), (1, 2)]);
}

#[test]
fn a_full_queue_that_rejects_says_so_and_takes_messages_again_at_four_fifths() {
    let arguments = Arguments { max_length: Some(10), overflow: Overflow::RejectPublish, ..arguments() };
    let mut rig = Rig::with(arguments);
    for number in 1..=10 {
        assert_eq!(told(&rig.publish(number)), []);
    }
    assert_eq!(told(&rig.publish(11)), [(PUBLISHER, true)]);
    // On its way already: it is taken, and confirmed.
    let late = rig.publish(12);
    assert_eq!((told(&late), answer(&late)), (vec![], Some(Answer::Done)));
    let new = Session { node: NodeId(5), number: 1 };
    assert_eq!(answer(&rig.apply(new, &Command::Register)), Some(Answer::Full));
    let (_, handed) = rig.consume(ONE, 3);
    assert_eq!(handed.len(), 3);
    assert_eq!((rig.machine.ready_count(), told(&rig.effects[rig.effects.len() - 2..])), (9, vec![]));
    let effects = rig.ack(ONE, 14, 0);
    assert_eq!(rig.machine.ready_count(), 8);
    assert_eq!(told(&effects), [(PUBLISHER, false), (new, false)]);
}
