use super::*;
use crate::flaw::{self, Flaw};
use crate::time::Span;

const WORK_ON_ONE: Span = Span::from_millis(200);

/// When each of several requests, all sent at time zero, is answered.
fn answered_at(database: &mut Database, requests: u64) -> Vec<u64> {
    let mut out = Outputs::default();
    for request in 1..=requests {
        let fact = fact(request as u32, 0, request as u32);
        let apply = Method::Apply { request, copy: copy(fact.message.0, 1), fact, subscription: 0 };
        database.handle(Time::ZERO, input(apply), &mut out);
    }
    let mut times = Vec::new();
    let mut now = Time::ZERO;
    loop {
        let mut timer = None;
        for output in out.list.drain(..) {
            match output {
                Output::SetTimer { timer: id, at, .. } => timer = Some((id, at)),
                Output::Send { .. } => times.push(now.as_nanos() / 1_000_000),
                _ => {}
            }
        }
        let Some((id, at)) = timer else { return times };
        now = at;
        database.handle(now, Input::Timer(id), &mut out);
    }
}

#[test]
fn those_who_ask_at_once_are_answered_one_after_another() {
    assert_eq!(answered_at(&mut Database::new().taking(WORK_ON_ONE), 4), [200, 400, 600, 800]);
    assert_eq!(answered_at(&mut Database::new(), 4), [0; 4]);
    let at_once = || answered_at(&mut Database::new().taking(WORK_ON_ONE), 4);
    assert_ne!(flaw::with(Flaw::DeskServesAllAtOnce, at_once), [200, 400, 600, 800]);
}

#[test]
fn a_request_is_carried_out_although_its_client_has_gone() {
    let mut database = Database::new().taking(WORK_ON_ONE);
    let mut out = Outputs::default();
    let apply = Method::Apply { request: 1, copy: copy(7, 1), fact: fact(7, 0, 1), subscription: 0 };
    database.handle(Time::ZERO, input(apply), &mut out);
    let gone = Input::Closed { connection: CLIENT, why: crate::event::Closed::Orderly };
    database.handle(Time::ZERO, gone, &mut out);
    database.handle(Time::ZERO + WORK_ON_ONE, Input::Timer(WORK), &mut out);
    assert_eq!(database.effects(0, MessageId(7)), 1);
}
