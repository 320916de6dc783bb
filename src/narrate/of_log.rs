//! What sounds otherwise where there is a log in the place of queues.

use super::scene::Scene;
use crate::event::{Kind, Reason, SETTLED, UNSTABLE};
use crate::text::Language::{self, En, Zh};

/// The sentence about an event of a log, if it is not that of a queue.
pub(super) fn tell(scene: &Scene, message: &str, language: Language) -> Option<String> {
    if !scene.is_log() {
        return of_members(scene, message, language);
    }
    let node = scene.node();
    let waits = scene.event.detail & UNSTABLE != 0;
    Some(match (scene.event.kind, language) {
        (Kind::Enqueued, Zh) => format!("{node} 把 {message} 追加到日志"),
        (Kind::Enqueued, En) => format!("{node} appends {message} to its log"),
        (Kind::Committed, Zh) if waits => {
            format!("{node} 的高水位越过 {message}：有事务没结束，read_committed 还读不到")
        }
        (Kind::Committed, En) if waits => {
            format!("{node}'s high watermark passes {message}: not for read_committed yet")
        }
        (Kind::Committed, Zh) => format!("{node} 的高水位越过 {message}，消费者可以读了"),
        (Kind::Committed, En) => format!("{node}'s high watermark passes {message}: consumers may read it"),
        (Kind::Delivered { redelivered: true }, Zh) => format!("{node} 再一次把 {message} 交给来拉取的消费者"),
        (Kind::Delivered { redelivered: true }, En) => format!("{node} answers a fetch with {message} once more"),
        (Kind::Delivered { .. }, Zh) => format!("{node} 把 {message} 交给来拉取的消费者"),
        (Kind::Delivered { .. }, En) => format!("{node} answers a consumer's fetch with {message}"),
        (Kind::AckSent, Zh) if scene.event.detail == SETTLED => format!("{node} 确认 {message}"),
        (Kind::AckSent, En) if scene.event.detail == SETTLED => format!("{node} settles {message}"),
        (Kind::AckSent, Zh) => format!("{node} 提交位移，越过 {message}"),
        (Kind::AckSent, En) => format!("{node} commits its offset, past {message}"),
        (Kind::Confirmed, Zh) => format!("{node} 回复 {message} 写入成功"),
        (Kind::Confirmed, En) => format!("{node} acknowledges {message}"),
        (Kind::Nacked, Zh) => format!("{node} 对 {message} 回了错误"),
        (Kind::Nacked, En) => format!("{node} answers {message} with an error"),
        (Kind::Dropped(Reason::Overwritten), Zh) => format!("{node} 截掉 {message}：新 leader 的日志里没有它"),
        (Kind::Dropped(Reason::Overwritten), En) => format!("{node} cuts {message} off: the leader's log has it not"),
        (Kind::Dropped(Reason::Retained), Zh) => format!("{node} 删掉 {message}：过了保留期"),
        (Kind::Dropped(Reason::Retained), En) => format!("{node} deletes {message}: past its retention"),
        (Kind::Blocked, Zh) => format!("{node} 的 send() 被挡住"),
        (Kind::Blocked, En) => format!("{node}'s send() blocks"),
        (Kind::Unblocked, Zh) => format!("{node} 的 send() 又能走了"),
        (Kind::Unblocked, En) => format!("{node}'s send() goes on"),
        _ => return of_members(scene, message, language),
    })
}

/// How members of groups lose what they have in hand.
fn of_members(scene: &Scene, message: &str, language: Language) -> Option<String> {
    let node = scene.node();
    Some(match (scene.event.kind, language) {
        (Kind::LockExpired, Zh) => {
            format!("{node} 收回 {} 对 {message} 的锁：锁的时限到了", scene.peer())
        }
        (Kind::LockExpired, En) => {
            format!("{node} ends {}'s lock on {message}: its lock duration is over", scene.peer())
        }
        (Kind::AckRefused, Zh) => {
            format!("{node} 拒绝 {} 对 {message} 的确认：锁已经不在它手里", scene.peer())
        }
        (Kind::AckRefused, En) => {
            format!("{node} refuses {}'s word on {message}: it has no lock on it", scene.peer())
        }
        (Kind::PollIntervalExceeded, Zh) => {
            format!("{node} 到了 max.poll.interval.ms 还没回来 poll()，自己退出消费组")
        }
        (Kind::PollIntervalExceeded, En) => {
            format!("{node} is past max.poll.interval.ms without poll(): leaves its group")
        }
        _ => return None,
    })
}
