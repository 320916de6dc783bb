//! What services say that call one another (TCC): every call by its name, and what a
//! participant does about one that comes twice, too late, or before its Try. And what
//! a producer's own program has decided: nobody refused that.

use super::scene::Scene;
use crate::event::{ABORTED, Answer, DECIDED, Kind, NOT_FOUND, detail_call};
use crate::protocol::service::Call;
use crate::text::Language::{self, En, Zh};

/// The sentence about a call or a decision, if the event is about one.
pub(super) fn tell(scene: &Scene, message: &str, language: Language) -> Option<String> {
    decided(scene, message, language).or_else(|| called(scene, message, language))
}

fn decided(scene: &Scene, message: &str, language: Language) -> Option<String> {
    let (node, Kind::Told(answer)) = (scene.node(), scene.event.kind) else { return None };
    Some(match (scene.event.detail, answer, language) {
        (DECIDED, Answer::Ok, Zh) => format!("{node} 决定确认 {message}，顾客下单成功"),
        (DECIDED, Answer::Ok, En) => format!("{node} decides to confirm {message}, and its customer knows"),
        (DECIDED, _, Zh) => format!("{node} 决定取消 {message}"),
        (DECIDED, _, En) => format!("{node} decides to cancel {message}"),
        (ABORTED, _, Zh) => format!("{node} 自己放弃 {message}：它所在的事务回滚了"),
        (ABORTED, _, En) => format!("{node} gives {message} up itself: its transaction is aborted"),
        (NOT_FOUND, _, Zh) => format!("{node} 的库里查不到 {message}：本地事务没提交，回滚"),
        (NOT_FOUND, _, En) => format!("{node} has no {message} in its database: roll back"),
        _ => return None,
    })
}

fn called(scene: &Scene, message: &str, language: Language) -> Option<String> {
    let (node, call) = (scene.node(), detail_call(scene.event.detail));
    Some(match (scene.event.kind, call, language) {
        (Kind::Sent, Some(_), Zh) => format!("{node} 发出 {message} 的 Try：请先冻结积分"),
        (Kind::Sent, Some(_), En) => format!("{node} calls Try for {message}: reserve the points"),
        (Kind::Called, Some(Call::Confirm), Zh) => format!("{node} 发出 {message} 的 Confirm：用掉冻结的"),
        (Kind::Called, Some(Call::Confirm), En) => format!("{node} calls Confirm for {message}: use what is reserved"),
        (Kind::Called, _, Zh) => format!("{node} 发出 {message} 的 Cancel：退回冻结的"),
        (Kind::Called, _, En) => format!("{node} calls Cancel for {message}: give back what is reserved"),
        (Kind::Taken, Some(call), Zh) => format!("{node} 收到 {message} 的 {}", name(call)),
        (Kind::Taken, Some(call), En) => format!("{node} takes the {} of {message}", name(call)),
        (Kind::Unanswered, _, Zh) => format!("{node} 等不到 {message} 的 Try 的答复，要取消它"),
        (Kind::Unanswered, _, En) => format!("{node} has no answer to the Try of {message} and will cancel"),
        (Kind::TryRefused, _, Zh) => format!("{node} 不接 {message} 的 Try：这一单已有记录，再冻就悬挂了"),
        (Kind::TryRefused, _, En) => format!("{node} refuses the Try of {message}: there is a row (no suspension)"),
        (Kind::RolledBackEmpty { marked: true }, _, Zh) => {
            format!("{node} 没冻结过 {message} 的积分：空回滚，留下标记")
        }
        (Kind::RolledBackEmpty { marked: true }, _, En) => {
            format!("{node} marks {message} as cancelled: nothing was reserved")
        }
        (Kind::RolledBackEmpty { marked: false }, _, Zh) => {
            format!("{node} 没有 {message} 冻结的积分可退：空回滚，不留标记")
        }
        (Kind::RolledBackEmpty { marked: false }, _, En) => {
            format!("{node} has nothing reserved for {message} to give back, and marks nothing")
        }
        (Kind::Skipped, Some(Call::Cancel), Zh) => format!("{node} 早就取消过 {message}，这次什么也不改"),
        (Kind::Skipped, Some(Call::Cancel), En) => format!("{node} has cancelled {message} before: nothing to do"),
        (Kind::Skipped, Some(_), Zh) => format!("{node} 早就确认过 {message}，这次什么也不改"),
        (Kind::Skipped, Some(_), En) => format!("{node} has confirmed {message} before: nothing to do"),
        _ => return None,
    })
}

const fn name(call: Call) -> &'static str {
    match call {
        Call::Try => "Try",
        Call::Confirm => "Confirm",
        Call::Cancel => "Cancel",
    }
}
