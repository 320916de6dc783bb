//! Short words for what an event names: headings of lists, cells of tables,
//! entries of a legend.

use crate::event::{Answer, Closed, FaultKind, Kind, Reason, Resource, Tier};
use crate::lab::settings::{calls_services, sends_halves};
use crate::lab::{Model, Plan};
use crate::protocol::queue::code;
use crate::text::{Language, Text};

const fn text(zh: &'static str, en: &'static str) -> Text {
    Text { zh, en }
}

/// A kind of event, as a word or two.
#[must_use]
pub const fn label(kind: Kind, language: Language) -> &'static str {
    let text = match kind {
        Kind::Started => text("启动", "up"),
        Kind::Fault(kind) => return fault(kind, language),
        Kind::FaultMissed(_) => text("故障未触发", "fault missed"),
        Kind::Destroyed(_) => text("毁掉一份", "copy destroyed"),
        Kind::WrittenBack => text("写回磁盘", "written back"),
        Kind::Connected => text("连上", "connected"),
        Kind::Disconnected(_) => text("断开", "disconnected"),
        Kind::Attempted => text("要发", "attempted"),
        Kind::Sent => text("发送", "sent"),
        Kind::Told(answer) => return self::answer(answer, language),
        Kind::Blocked => text("暂停发送", "blocked"),
        Kind::Unblocked => text("继续发送", "unblocked"),
        Kind::Received => text("到达 broker", "received"),
        Kind::Enqueued => text("入队", "enqueued"),
        Kind::Written => text("写进页缓存", "written"),
        Kind::Synced => text("刷盘", "synced"),
        Kind::Confirmed => text("发布确认", "confirmed"),
        Kind::Nacked => text("nack", "nacked"),
        Kind::Returned => text("退回", "returned"),
        Kind::Delivered { redelivered: false } => text("投递", "delivered"),
        Kind::Delivered { redelivered: true } => text("重投", "redelivered"),
        Kind::Acked => text("消费确认", "acked"),
        Kind::Requeued => text("放回队列", "requeued"),
        Kind::Rejected => text("消费者拒绝", "rejected"),
        Kind::DeadLettered => text("死信", "dead-lettered"),
        Kind::Dropped(_) => text("丢弃", "dropped"),
        Kind::Prepared => text("半消息", "prepared"),
        Kind::CheckedBack => text("回查", "checked back"),
        Kind::Recovered => text("读回", "recovered"),
        Kind::Taken => text("到达消费者", "taken"),
        Kind::WorkBegan => text("开始处理", "work began"),
        Kind::Threw => text("抛异常", "threw"),
        Kind::AckSent => text("发出 ack", "ack sent"),
        Kind::Applied { first: true } => text("写入结果", "applied"),
        Kind::Applied { first: false } => text("重复写入", "applied again"),
        Kind::LeaderElected => text("当选 leader", "leader elected"),
        Kind::SteppedDown => text("卸任 leader", "stepped down"),
        Kind::PeerDown => text("判定节点失联", "peer down"),
        Kind::PeerUp => text("节点重新可见", "peer up"),
        Kind::Committed => text("多数派已落盘", "committed"),
        Kind::MirrorPromoted { .. } => text("镜像升为主", "mirror promoted"),
        Kind::MirrorSynchronised => text("镜像同步完成", "mirror in step"),
        Kind::MinorityPaused => text("少数派暂停", "minority paused"),
        Kind::MinorityResumed => text("少数派恢复", "minority resumed"),
        Kind::AlarmRaised(_) => text("资源告警", "alarm raised"),
        Kind::AlarmCleared(_) => text("告警解除", "alarm cleared"),
        Kind::ConsumerCancelled => text("消费者被取消", "consumer cancelled"),
        Kind::ConsumerTimedOut => text("消费超时", "consumer timed out"),
        Kind::Marked => text("写下标记", "marked"),
        Kind::Leased => text("拿到租约", "leased"),
        Kind::Skipped => text("跳过", "skipped"),
        Kind::EffectLost => text("结果丢失", "effect lost"),
        Kind::Superseded => text("已被新版本取代", "superseded"),
        Kind::Recorded => text("业务行已提交", "recorded"),
        Kind::ReplicaPromoted => text("从节点升主", "replica promoted"),
        Kind::FoundMissing => text("对账缺失", "found missing"),
        Kind::Compensated { first: true } => text("已撤销", "compensated"),
        Kind::Frozen => text("冻结", "frozen"),
        Kind::Used => text("冻结已用掉", "reservation used"),
        Kind::Released { frozen: true } => text("冻结已释放", "released"),
        Kind::Released { frozen: false } => text("空释放", "released nothing"),
        Kind::Compensated { first: false } => text("重复撤销", "compensated twice"),
        _ => label_of_calls(kind),
    };
    text.in_language(language)
}

/// The kinds that only services know that call one another.
const fn label_of_calls(kind: Kind) -> Text {
    match kind {
        Kind::Called => text("发出决定", "decision called"),
        Kind::Unanswered => text("没等到答复", "no answer"),
        Kind::TryRefused => text("不接 Try", "Try refused"),
        Kind::RolledBackEmpty { marked: true } => text("空回滚，留标记", "empty rollback, marked"),
        Kind::RolledBackEmpty { marked: false } => text("空回滚", "empty rollback"),
        _ => label_of_log(kind),
    }
}

/// The kinds that only a log knows.
const fn label_of_log(kind: Kind) -> Text {
    match kind {
        Kind::IsrShrunk => text("ISR 收缩", "ISR shrunk"),
        Kind::IsrGrew => text("ISR 扩张", "ISR grew"),
        Kind::UncleanLeaderElected => text("unclean 选举", "unclean leader elected"),
        Kind::BrokerFenced => text("broker 被隔离", "broker fenced"),
        Kind::BrokerUnfenced => text("broker 解除隔离", "broker unfenced"),
        Kind::GroupRebalanced => text("再均衡", "group rebalanced"),
        Kind::OffsetCommitted => text("位移已提交", "offset committed"),
        Kind::MemberFenced => text("成员被隔离", "member fenced"),
        Kind::Batched => text("攒进批次", "batched"),
        Kind::BufferFull => text("send() 被挡住", "send() blocked"),
        Kind::PartitionsAssigned => text("分到分区", "partitions assigned"),
        Kind::PartitionsRevoked => text("交出分区", "partitions revoked"),
        Kind::LockExpired => text("锁到期", "lock expired"),
        Kind::AckRefused => text("确认被拒", "acknowledgement refused"),
        Kind::PollIntervalExceeded => text("poll() 间隔超限", "poll interval exceeded"),
        Kind::OffsetReset => text("重置位移", "offset reset"),
        Kind::TruncationDetected => text("发现日志被截断", "truncation detected"),
        Kind::TransactionDecided { is_commit: true } => text("事务决定提交", "commit decided"),
        Kind::TransactionDecided { is_commit: false } => text("事务决定回滚", "abort decided"),
        Kind::MarkerAppended { is_commit: true } => text("写入提交标记", "commit marker"),
        Kind::MarkerAppended { is_commit: false } => text("写入回滚标记", "abort marker"),
        Kind::ProducerIdentified => text("生产者拿到编号", "producer identified"),
        Kind::ProducerFenced => text("生产者被隔离", "producer fenced"),
        _ => text("", ""),
    }
}

/// Why a node gave up a copy, to be read after a colon.
#[must_use]
pub const fn reason(reason: Reason, language: Language) -> &'static str {
    let text = match reason {
        Reason::Unroutable => text("没有队列收", "no queue takes it"),
        Reason::NotConnected => text("没有连接，也不留底", "not connected, and it keeps nothing"),
        Reason::GaveUp => text("重发次数用完", "all resends are used up"),
        Reason::Rejected => text("被拒绝，又没有死信交换机", "rejected, and no dead-letter exchange is set"),
        Reason::Expired => text("过期（TTL）", "its time to live is over"),
        Reason::Overflowed => text("队列超出长度上限", "the queue is over its length limit"),
        Reason::Transient => text("不持久，重启后不恢复", "not durable, so not recovered"),
        Reason::TornLog => text("日志从损坏处截断", "the log is cut at a damaged record"),
        Reason::DiskError => text("磁盘拒绝写入", "the disk refused the write"),
        Reason::DeliveryLimit => text("投递次数超过上限", "it was delivered too often (delivery limit)"),
        Reason::DeadLetterUnroutable => text("死信没有队列收", "no queue takes it as a dead letter"),
        Reason::Overwritten => text("没到多数派的日志，被新 leader 覆盖", "a new leader's log replaced it"),
        Reason::SideDiscarded => {
            text("它跟上新的 master，自己这份从头来过", "it follows another master, and starts anew")
        }
        Reason::HomeDown => text("队列所在的节点不在", "its queue's node was down"),
        Reason::OffsetSkipped => text("没处理，位移却越过了它", "passed by, and nobody had worked on it"),
        Reason::DeliveryTimeout => {
            text("到了 delivery.timeout.ms 还没有确认", "no acknowledgement within delivery.timeout.ms")
        }
        Reason::BufferFull => text("send() 被挡满 max.block.ms，抛了异常", "send() blocked for max.block.ms and threw"),
        Reason::QueueDeleted => text("队列被删除", "its queue was deleted"),
        Reason::Aborted => text("它所在的事务回滚了", "its transaction was aborted"),
        Reason::RolledBack => text("本地事务没有发生，半消息回滚", "its local transaction did not happen"),
        Reason::CheckedTooOften => text("回查了 15 次都没有结果", "asked about 15 times in vain"),
        Reason::Retained => text("超出日志保留期限或大小，被删除", "the log is not kept for so long (retention)"),
    };
    text.in_language(language)
}

/// Where a copy is.
#[must_use]
pub const fn tier(tier: Tier, language: Language) -> &'static str {
    let text = match tier {
        Tier::Network => text("网络", "network"),
        Tier::Memory => text("内存", "memory"),
        Tier::PageCache => text("页缓存", "page cache"),
        Tier::Disk => text("磁盘", "disk"),
    };
    text.in_language(language)
}

/// What a broker can run short of.
#[must_use]
pub const fn resource(resource: Resource, language: Language) -> &'static str {
    let text = match resource {
        Resource::Memory => text("内存", "memory"),
        Resource::Disk => text("磁盘", "disk space"),
    };
    text.in_language(language)
}

/// A fault, as a noun.
#[must_use]
pub const fn fault(fault: FaultKind, language: Language) -> &'static str {
    let text = match fault {
        FaultKind::ProcessCrash => text("进程崩溃", "process crash"),
        FaultKind::PowerCut => text("断电", "power cut"),
        FaultKind::Restart => text("重新启动", "restart"),
        FaultKind::Pause => text("进程停顿", "pause"),
        FaultKind::Resume => text("恢复运行", "resume"),
        FaultKind::DiskLoss => text("坏盘", "disk loss"),
        FaultKind::DiskFull => text("磁盘写满", "disk full"),
        FaultKind::DiskSlow => text("磁盘变慢", "slow disk"),
        FaultKind::SyncError => text("fsync 失败", "sync error"),
        FaultKind::DiskHeals => text("磁盘恢复", "disk heals"),
        FaultKind::TornWrite => text("断电并写坏半截", "torn write"),
        FaultKind::BitRot => text("静默损坏", "bit rot"),
        FaultKind::ConnectionCut => text("连接切断", "connection cut"),
        FaultKind::Partition => text("网络分区", "partition"),
        FaultKind::LinkSlow => text("网络变慢", "slow link"),
        FaultKind::LinkHeals => text("网络恢复", "link heals"),
        FaultKind::FrameLost => text("丢一帧", "lost frame"),
        FaultKind::Exception => text("处理抛异常", "exception"),
        FaultKind::Shortage => text("资源不足", "shortage"),
        FaultKind::TopicGrown => text("增加分区", "partitions added"),
    };
    text.in_language(language)
}

/// What a message is that was not taken and whose producer knows: refused, where a
/// broker said no; what its own program has decided to give up is not refused.
#[must_use]
pub fn given_up(plan: &Plan) -> Text {
    match plan.model {
        _ if calls_services(plan) => text("已取消", "cancelled"),
        _ if sends_halves(plan) => text("已回滚", "rolled back"),
        Model::Log if plan.settings.is_on("transactions") => text("已放弃", "aborted"),
        Model::Log | Model::Queue => text("被拒", "refused"),
    }
}

/// What the producer was told.
#[must_use]
pub const fn answer(answer: Answer, language: Language) -> &'static str {
    let text = match answer {
        Answer::Ok => text("得到 ok", "told ok"),
        Answer::Refused => text("被拒绝", "told refused"),
        Answer::Unknown => text("不知道", "told unknown"),
    };
    text.in_language(language)
}

/// Why a connection ended.
#[must_use]
pub const fn closed(closed: Closed, language: Language) -> &'static str {
    let text = match closed {
        Closed::Orderly => text("正常关闭", "closed in order"),
        Closed::Reset => text("被重置", "reset"),
        Closed::Refused => text("没有监听", "nobody listens"),
        Closed::HeartbeatMissed => text("心跳超时", "no heartbeat"),
        Closed::Unanswered => text("没有答复", "no answer"),
        Closed::Protocol(_) => text("协议错误", "protocol error"),
    };
    text.in_language(language)
}

/// An AMQP reply code, with the name that the protocol gives it.
pub(super) fn protocol_error(number: u16) -> String {
    let name = match number {
        code::NOT_FOUND => " NOT_FOUND",
        code::PRECONDITION_FAILED => " PRECONDITION_FAILED",
        code::COMMAND_INVALID => " COMMAND_INVALID",
        504 => " CHANNEL_ERROR",
        _ => "",
    };
    format!("{number}{name}")
}
