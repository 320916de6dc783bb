//! Every kind of event in Chinese.

use super::of_calls as calls;
use super::of_log as log;
use super::scene::Scene;
use super::words::{fault, protocol_error, reason, resource};
use crate::event::{
    Answer, Closed, CopyId, FaultKind, Kind, Reason, Tier, detail_commit, detail_producer, detail_term,
};
use crate::text::Language::Zh;

/// A bracket carries its own space, so the one that follows the bare `#23`
/// falls away after `#23（第 2 次发送）`.
pub(super) fn tell(scene: &Scene) -> String {
    plain(scene).replace("） ", "）")
}

fn plain(scene: &Scene) -> String {
    let node = scene.node();
    let message = message(scene.copy());
    if let Some(told) = log::tell(scene, &message, Zh).or_else(|| calls::tell(scene, &message, Zh)) {
        return told;
    }
    match scene.event.kind {
        Kind::Started => started(&node, scene.event.detail),
        Kind::Fault(kind) => befallen(scene, kind),
        Kind::FaultMissed(kind) => format!("{node} 的故障“{}”始终没有触发", fault(kind, Zh)),
        Kind::Destroyed(tier) => destroyed(&node, &message, tier),
        Kind::WrittenBack => format!("{node} 的操作系统把 {message} 写回磁盘"),

        Kind::Connected => format!("{node} 与 {} 建立连接", scene.peer()),
        Kind::Disconnected(why) => disconnected(&node, &scene.peer(), why),

        Kind::Attempted => format!("{node} 要发 {message}"),
        Kind::Sent => sent(scene, &node),
        Kind::Told(Answer::Ok) => format!("{node} 得到 {message} 的 ok"),
        Kind::Told(Answer::Refused) => format!("{node} 得知 {message} 被拒绝"),
        Kind::Told(Answer::Unknown) => format!("{node} 不知道 {message} 到没到"),
        Kind::Blocked => format!("{node} 被要求暂停发送（connection.blocked）"),
        Kind::Unblocked => format!("{node} 可以继续发送"),

        Kind::Received => format!("{node} 收到 {message}"),
        Kind::Enqueued => format!("{node} 把 {message} 放进队列"),
        Kind::Written => format!("{node} 把 {message} 写进页缓存"),
        Kind::Synced => format!("{node} 已把 {message} 刷到磁盘"),
        Kind::Confirmed => format!("{node} 确认 {message}"),
        Kind::Nacked => format!("{node} 对 {message} 回了 nack"),
        Kind::Returned => format!("{node} 退回 {message}：没有队列收"),
        Kind::Delivered { redelivered: false } => format!("{node} 投递 {message}"),
        Kind::Delivered { redelivered: true } => format!("{node} 投递 {message}，标记为重投"),
        Kind::Acked => format!("{node} 收到 {message} 的 ack，不再保留"),
        Kind::Requeued => format!("{node} 把 {message} 放回队列"),
        Kind::Rejected => format!("{node} 得知 {message} 被消费者拒绝，不放回队列"),
        Kind::DeadLettered => format!("{node} 把 {message} 转进死信队列"),
        Kind::Dropped(Reason::GaveUp) => format!("{node} 放弃 {message}：{}", reason(Reason::GaveUp, Zh)),
        Kind::Dropped(why @ Reason::CheckedTooOften) => {
            format!("{node} 把半消息 {message} 移到单独的主题：{}", reason(why, Zh))
        }
        Kind::Dropped(why) => format!("{node} 丢弃 {message}：{}", reason(why, Zh)),
        Kind::Recovered => format!("{node} 从日志里读回 {message}"),

        Kind::Taken => format!("{node} 拿到 {message}"),
        Kind::WorkBegan => format!("{node} 开始处理 {message}"),
        Kind::Threw => format!("{node} 处理 {message} 时抛了异常"),
        Kind::AckSent => format!("{node} 发出 {message} 的 ack"),
        Kind::Applied { first } => applied(&node, &message, first),

        Kind::LeaderElected => format!("{node} 当选{} leader", scene.of_queue(Zh)),
        Kind::SteppedDown => format!("{node} 不再是{} leader", scene.of_queue(Zh)),
        Kind::PeerDown => format!("{node} 认定 {} 失联", scene.peer()),
        Kind::PeerUp => format!("{node} 重新听到 {}", scene.peer()),
        Kind::Committed => format!("{node} 确知 {message} 已在多数派的磁盘上"),
        Kind::MirrorPromoted { synchronised: true } => format!("{node} 的镜像升为主，数据是齐的"),
        Kind::MirrorPromoted { synchronised: false } => format!("{node} 的镜像没同步完就升为主，缺的消息从此没了"),
        Kind::MirrorSynchronised => format!("{node} 的镜像追上了主"),
        Kind::MinorityPaused => format!("{node} 只看得到少数节点，停止服务"),
        Kind::MinorityResumed => format!("{node} 重新看到多数节点，恢复服务"),
        Kind::AlarmRaised(of) => format!("{node} {}告急，发布者必须等", resource(of, Zh)),
        Kind::AlarmCleared(of) => format!("{node} {}告警解除", resource(of, Zh)),
        Kind::ConsumerCancelled => format!("{node} 取消了一个订阅（basic.cancel）"),
        Kind::ConsumerTimedOut => format!("{node} 等 {message} 的 ack 等得太久（consumer timeout）"),
        _ => of_services(scene, &node, &message),
    }
}

/// The kinds that only services know, and those of half messages.
fn of_services(scene: &Scene, node: &str, message: &str) -> String {
    match scene.event.kind {
        Kind::Marked => format!("{node} 记下 {message} 的去重标记"),
        Kind::Leased => format!("{node} 记下 {message} 的租约：有人正在处理"),
        Kind::Skipped => format!("{node} 发现 {message} 已经处理过，跳过"),
        Kind::EffectLost => format!("{node} 恢复之后 {message} 的结果不见了"),
        Kind::Superseded => format!("{node} 不写 {message} 的结果：已有更新的版本"),
        Kind::Recorded => format!("{node} 提交了 {message} 对应的业务行"),
        Kind::ReplicaPromoted => format!("{node} 由从节点升为主节点"),
        Kind::FoundMissing => format!("{node} 对账发现 {message} 记了账，却没有结果"),
        Kind::Frozen => format!("{node} 冻结 {message} 的{}", scene.part(Zh)),
        Kind::Used => format!("{node} 用掉 {message} 冻结的{}", scene.part(Zh)),
        Kind::Released { frozen: true } => format!("{node} 退回 {message} 冻结的{}", scene.part(Zh)),
        Kind::Released { frozen: false } => {
            format!("{node} 退回 {message} 的{}，可它从没冻结过：多退了", scene.part(Zh))
        }
        Kind::Compensated { first } => undone(node, message, first),
        Kind::Prepared => format!("{node} 存下半消息 {message}，消费者看不见"),
        Kind::CheckedBack => format!("{node} 迟迟没有 {message} 的下文，回查生产者"),
        _ => of_log(scene, node, message),
    }
}

/// The kinds that only a log knows.
fn of_log(scene: &Scene, node: &str, message: &str) -> String {
    match scene.event.kind {
        Kind::IsrShrunk => format!("{node}：ISR 收缩，还剩 {} 个", detail_term(scene.event.detail)),
        Kind::IsrGrew => format!("{node}：ISR 扩张，现有 {} 个", detail_term(scene.event.detail)),
        Kind::UncleanLeaderElected => format!("{node} 当上 leader，也许落后（Kafka 记作 unclean 选举）"),
        Kind::BrokerFenced => format!("{node} 把 {} 隔离（fence）：它不能再当 leader", scene.peer()),
        Kind::BrokerUnfenced => format!("{node} 解除对 {} 的隔离（unfence）", scene.peer()),
        Kind::GroupRebalanced => format!("{node} 完成再均衡，消费组进入第 {} 代", scene.event.detail),
        Kind::OffsetCommitted => {
            let (_, partition, offset) = detail_commit(scene.event.detail);
            format!("{node} 记下消费组在分区 {partition} 的位移 {offset}")
        }
        Kind::MemberFenced => format!("{node} 把 {} 挡在消费组之外", scene.peer()),
        Kind::Batched => format!("{node} 把 {message} 放进发往分区 {} 的批次", scene.partition()),
        Kind::BufferFull => format!("{node} 发 {message} 时被挡住：缓冲区满了，或者还不认识这个主题"),
        Kind::PartitionsAssigned => format!("{node} 分到{}", scene.partitions(Zh)),
        Kind::PartitionsRevoked => format!("{node} 交出{}", scene.partitions(Zh)),
        Kind::OffsetReset => {
            format!("{node} 在分区 {} 没有可用的位移，从 {} 开始读", scene.partition(), scene.offset())
        }
        Kind::TruncationDetected => {
            format!("{node} 发现分区 {} 的日志被截断过，退回到位移 {}", scene.partition(), scene.offset())
        }
        Kind::TransactionDecided { is_commit } => {
            let (number, epoch) = detail_producer(scene.event.detail);
            let end = if is_commit { "提交" } else { "回滚" };
            format!("{node} 记下决定：生产者编号 {number}（epoch {epoch}）的事务{end}")
        }
        Kind::MarkerAppended { is_commit } => {
            let end = if is_commit { "提交" } else { "回滚" };
            format!("{node} 在分区 {} 的 {} 写下{end}标记", scene.partition(), scene.offset())
        }
        Kind::ProducerIdentified => {
            let (number, epoch) = detail_producer(scene.event.detail);
            format!("{node} 拿到生产者编号 {number}（epoch {epoch}），更早的 epoch 作废")
        }
        Kind::ProducerFenced => format!("{node} 被隔离（fence）：transactional.id 已有更新的 epoch"),
        _ => String::new(),
    }
}

/// `#23`, and which copy of it where there is more than one.
fn message(copy: Option<CopyId>) -> String {
    let Some(CopyId { message, attempt, branch }) = copy else { return "一条消息".to_owned() };
    let number = message.0;
    if copy.is_some_and(|copy| copy.refill().is_some()) {
        return format!("#{number}（补发）");
    }
    match (attempt > 1, branch > 0) {
        (false, false) => format!("#{number}"),
        (true, false) => format!("#{number}（第 {attempt} 次发送）"),
        (false, true) => format!("#{number}（第 {} 份）", u32::from(branch) + 1),
        (true, true) => format!("#{number}（第 {attempt} 次发送，第 {} 份）", u32::from(branch) + 1),
    }
}

fn applied(node: &str, message: &str, first: bool) -> String {
    if first {
        format!("{node} 写入 {message} 的结果")
    } else {
        format!("{node} 又写入一遍 {message} 的结果：重复了")
    }
}

fn undone(node: &str, message: &str, first: bool) -> String {
    if first {
        format!("{node} 撤销 {message} 的 b、c：库存和券还回去")
    } else {
        format!("{node} 又撤销一遍 {message} 的 b、c：多还了一份")
    }
}

fn sent(scene: &Scene, node: &str) -> String {
    let first = message(scene.copy().map(|copy| CopyId { attempt: 1, ..copy }));
    match scene.resend() {
        Some(_) if scene.is_refill() => format!("{node} 照着账本补发 {first}"),
        None => format!("{node} 发送 {first}"),
        Some(attempt) => format!("{node} 第 {attempt} 次发送 {first}"),
    }
}

fn started(node: &str, recovered: u64) -> String {
    match recovered {
        0 => format!("{node} 启动完成"),
        _ => format!("{node} 启动完成，从磁盘读回 {recovered} 条消息"),
    }
}

fn destroyed(node: &str, message: &str, tier: Tier) -> String {
    match tier {
        // Answers and acks are about a message too, and are lost in the same way.
        Tier::Network => format!("{message} 相关的一帧没送到 {node}，丢在路上"),
        Tier::Memory => format!("{message} 在 {node} 内存里的那份没了"),
        Tier::PageCache => format!("{message} 在 {node} 页缓存里的那份没刷盘，没了"),
        Tier::Disk => format!("{message} 在 {node} 磁盘上的那份没了"),
    }
}

fn disconnected(node: &str, peer: &str, why: Closed) -> String {
    match why {
        Closed::Orderly => format!("{node} 与 {peer} 的连接关闭"),
        Closed::Reset => format!("{node} 与 {peer} 的连接被重置"),
        Closed::Refused => format!("{node} 连不上 {peer}：对方没有监听"),
        Closed::HeartbeatMissed => format!("{node} 断开与 {peer} 的连接：等不到心跳"),
        Closed::Unanswered => format!("{node} 断开与 {peer} 的连接：等不到答复"),
        Closed::Protocol(code) => format!("{node} 与 {peer} 之间协议出错：{}", protocol_error(code)),
    }
}

fn befallen(scene: &Scene, kind: FaultKind) -> String {
    let node = scene.node();
    let peer = scene.fault_peer().unwrap_or_else(|| "对方".to_owned());
    match kind {
        FaultKind::ProcessCrash => format!("{node} 进程崩溃"),
        FaultKind::PowerCut => format!("{node} 断电"),
        FaultKind::Restart => format!("{node} 重新启动"),
        FaultKind::Pause => format!("{node} 进程停顿"),
        FaultKind::Resume => format!("{node} 进程恢复运行"),
        FaultKind::DiskLoss => format!("{node} 坏盘，盘上的东西全没了"),
        FaultKind::DiskFull => format!("{node} 磁盘写满，拒绝写入"),
        FaultKind::DiskSlow => format!("{node} 磁盘变慢"),
        FaultKind::SyncError => format!("{node} 的下一次 fsync 会失败"),
        FaultKind::DiskHeals => format!("{node} 磁盘恢复正常"),
        FaultKind::TornWrite => format!("{node} 断电，最后一次写入若没刷盘就断在半截"),
        FaultKind::BitRot => format!("{node} 磁盘静默损坏：刷过盘的一个字节自己变了"),
        FaultKind::ConnectionCut => format!("{node} 与 {peer} 的连接被切断"),
        FaultKind::Partition if scene.fault_peer().is_none() => format!("{node} 被网络分区隔开"),
        FaultKind::Partition => format!("{node} 与 {peer} 之间网络分区"),
        FaultKind::LinkSlow => format!("{node} 与 {peer} 之间网络变慢"),
        FaultKind::LinkHeals => format!("{node} 与 {peer} 之间网络恢复"),
        FaultKind::FrameLost => frame_lost(scene, &node, &peer),
        FaultKind::Exception => format!("{node} 的处理代码将要抛异常"),
        FaultKind::Shortage => format!("{node} 的机器资源不足"),
        FaultKind::TopicGrown => format!("{node} 收到运维的请求：给 topic 加分区"),
    }
}

fn frame_lost(scene: &Scene, node: &str, peer: &str) -> String {
    match scene.copy() {
        Some(copy) => format!("{node} 就 {} 发给 {peer} 的一帧丢了，连接重置", message(Some(copy))),
        None => format!("{node} 发给 {peer} 的一帧丢了，连接重置"),
    }
}
