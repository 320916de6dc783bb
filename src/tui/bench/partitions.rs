//! Partitions on the bench. A partition is drawn as a queue is: who leads it, who
//! follows and how far behind, what waits in it. Only a log knows that what waits
//! is different for every group, and keeps it elsewhere than the records: so the
//! pictures of all brokers are put together here.

use crate::event::{NodeId, partition_name};
use crate::picture::{GroupPicture, Lane, LaneLabel, PartitionPicture, Picture, Replica, ReplicaRole, Role};
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::text::Language;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::scene::{NodeView, Scene};
use super::topology::sign;

/// The one topic of a lab; all others are the brokers' own.
const TOPIC: Name = Name(1);

/// The partition that a lane's or a replica's name means, if it means one.
#[must_use]
pub fn of_name(scene: &Scene, name: Name) -> Option<u16> {
    let is_log = scene.topology.controllers > 0 && name != Name::EMPTY;
    is_log.then(|| crate::event::name_partition(name).1)
}

/// Adds a replica for each partition of the topic to the pictures of those that
/// have one, and a lane to its leader's: what the group that is furthest behind has
/// still to read.
pub fn add_lanes(nodes: &mut [NodeView]) {
    let mut groups: Vec<GroupPicture> = nodes.iter().flat_map(|node| node.picture.groups.clone()).collect();
    groups.sort_by_key(|group| group.group);
    let all: Vec<PartitionPicture> = nodes.iter().flat_map(|node| leading(&node.picture)).cloned().collect();
    for node in nodes {
        let picture = &mut node.picture;
        for part in picture.partitions.iter().filter(|part| part.partition.topic == TOPIC) {
            let queue = partition_name(TOPIC, part.partition.partition);
            let leading = all.iter().filter(|leading| leading.partition == part.partition);
            let leading = leading.max_by_key(|leading| leading.leader_epoch);
            let leads = leading.is_some_and(|leading| leading.role == part.role);
            let behind = leading.filter(|_| !leads).map_or(0, |leading| leading.log_end.saturating_sub(part.log_end));
            let term = u64::from(part.leader_epoch);
            let (role, leader, in_step) = (part.role, part.leader, part.is_in_sync);
            picture.replicas.push(Replica { queue, role, term, leader, in_step, behind });
            if leads {
                let lag = groups.iter().map(|group| lag(group, part)).max();
                let ready = lag.unwrap_or(part.log_end - part.log_start.min(part.log_end));
                picture.lanes.push(Lane { label: LaneLabel::Queue(queue), ready, unacked: 0 });
            }
        }
    }
}

fn leading(picture: &Picture) -> impl Iterator<Item = &PartitionPicture> {
    picture.partitions.iter().filter(|part| part.role == ReplicaRole::Leader)
}

/// What a group has still to read of a partition.
fn lag(group: &GroupPicture, part: &PartitionPicture) -> u64 {
    part.log_end.saturating_sub(committed(group, part.partition).unwrap_or(part.log_start))
}

/// What each group has still to read of each partition of the topic: where its log
/// ends, less what the group has committed. Both must be known, from the partition's
/// leader and from the group's coordinator.
#[must_use]
pub fn lags(nodes: &[NodeView]) -> Vec<(Name, Name, u64)> {
    let groups = || nodes.iter().flat_map(|node| &node.picture.groups);
    let mut names: Vec<Name> = groups().map(|group| group.group).collect();
    names.sort_unstable();
    names.dedup();
    let mut leaders: Vec<&PartitionPicture> = nodes.iter().flat_map(|node| leading(&node.picture)).collect();
    leaders.retain(|part| part.partition.topic == TOPIC);
    leaders.sort_by_key(|part| (part.partition.partition, std::cmp::Reverse(part.leader_epoch)));
    leaders.dedup_by_key(|part| part.partition.partition);
    let mut lags = Vec::with_capacity(names.len() * leaders.len());
    for name in names {
        for part in &leaders {
            // Two coordinators may speak of one group for a while: the one that knows
            // of more commits is right.
            let lag = groups().filter(|group| group.group == name).map(|group| lag(group, part)).min();
            let queue = partition_name(TOPIC, part.partition.partition);
            lags.extend(lag.map(|lag| (name, queue, lag)));
        }
    }
    lags
}

fn committed(group: &GroupPicture, partition: TopicPartition) -> Option<u64> {
    group.committed.iter().find(|(at, _)| *at == partition).map(|(_, offset)| *offset)
}

fn part_of<'a>(node: &'a NodeView, queue: Name, scene: &Scene) -> Option<&'a PartitionPicture> {
    let partition = TopicPartition { topic: TOPIC, partition: of_name(scene, queue)? };
    node.picture.partitions.iter().find(|part| part.partition == partition)
}

/// What matters of a replica beside its sign, where one line must do, the most
/// important first: up to where its records may be read and where they end, and of
/// the leader's what groups lack, and how many are in sync.
#[must_use]
pub fn facts(node: &NodeView, queue: Name, scene: &Scene, cells: u16, ui: &Ui) -> Option<Vec<String>> {
    let part = part_of(node, queue, scene)?;
    if part.role != ReplicaRole::Leader {
        return standing(node, queue, scene, cells, ui);
    }
    let lane = node.picture.lanes.iter().find(|lane| lane.label == LaneLabel::Queue(queue));
    let lag = lane.filter(|lane| lane.ready > 0).map(|lane| format!("{}{}", ui.say("差 ", "lag "), lane.ready));
    let in_sync = Some(format!("ISR {}", part.in_sync.len()));
    let is_short = part.in_sync.len() < part.replicas;
    let middle = if is_short { [in_sync, lag] } else { [lag, in_sync] };
    let offsets = format!("{}/{}", part.high_watermark, part.log_end);
    let pieces = std::iter::once(offsets).chain(middle.into_iter().flatten());
    Some(pieces.chain([format!("epoch {}", part.leader_epoch)]).collect())
}

/// All replicas of a node in a line: each with where it may be read and where it ends;
/// of the only one as much more as fits. Nothing if this is no log, or if not all fit.
#[must_use]
pub fn summary(node: &NodeView, scene: &Scene, cells: u16, ui: &Ui) -> Option<Vec<(String, Ink)>> {
    let mut left = usize::from(cells);
    let mut told = Vec::new();
    for (queue, name) in &scene.queues {
        let Some(mut pieces) = facts(node, *queue, scene, cells, ui) else { continue };
        let replica = node.picture.replicas.iter().find(|replica| replica.queue == *queue)?;
        let (sign, ink) = sign(replica, ui);
        pieces.truncate(if scene.queues.len() > 1 { 1 } else { pieces.len() });
        pieces[0] = format!("{sign} {name} {}", pieces[0]);
        for piece in pieces {
            let cells = ui.width(&piece) + 1;
            if cells <= left + 1 {
                left = left.saturating_sub(cells);
                told.push((piece, ink));
            }
        }
    }
    let parts = node.picture.partitions.iter().filter(|part| part.partition.topic == TOPIC).count();
    let all_fit = scene.queues.len() < 2 || told.len() == parts;
    (scene.topology.controllers > 0 && all_fit).then_some(told)
}

/// In fewer cells words are signs.
const NARROW: u16 = 16;

/// Where a partition stands, for a line of its own: from where to where it may be
/// read, where it ends, and where each group is, with what it lacks.
#[must_use]
pub fn offsets(node: &NodeView, queue: Name, scene: &Scene, cells: u16, ui: &Ui) -> Option<Vec<String>> {
    let part = part_of(node, queue, scene)?;
    let (start, high, end) = (part.log_start, part.high_watermark, part.log_end);
    let first = if start > 0 { format!("{} {start}  ", ui.say("起", "from")) } else { String::new() };
    let mut pieces = vec![format!("{first}{high}/{end}")];
    let groups = names(scene);
    let word = if groups.len() > 1 || cells < NARROW { "-" } else { ui.say("差 ", "lag ") };
    for group in groups {
        let committed = committed_by(scene, group, part.partition);
        let at = committed.map_or("-".to_owned(), |offset| offset.to_string());
        let behind = end.saturating_sub(committed.unwrap_or(start));
        let lag = if behind > 0 { format!(" {word}{behind}") } else { String::new() };
        pieces.push(format!("@{at}{lag}"));
    }
    Some(pieces)
}

/// What matters of a replica beside its sign: how many are in sync, and the epoch. A
/// follower's offsets stand here too, as they have no line of their own.
#[must_use]
pub fn standing(node: &NodeView, queue: Name, scene: &Scene, cells: u16, ui: &Ui) -> Option<Vec<String>> {
    let part = part_of(node, queue, scene)?;
    let replica = node.picture.replicas.iter().find(|replica| replica.queue == queue)?;
    let epoch = if cells < NARROW { "e" } else { "epoch " };
    let epoch = Some(format!("{epoch}{}", part.leader_epoch));
    let pieces = if part.role == ReplicaRole::Leader {
        let of = if cells < NARROW { String::new() } else { format!("/{}", part.replicas) };
        [Some(format!("ISR {}{of}", part.in_sync.len())), epoch, None, None]
    } else {
        let apart = (!part.is_in_sync).then(|| ui.say("不在 ISR", "not in ISR").to_owned());
        let behind = (replica.behind > 0).then(|| format!("-{}", replica.behind));
        [Some(format!("{}/{}", part.high_watermark, part.log_end)), behind, apart, epoch]
    };
    Some(pieces.into_iter().flatten().collect())
}

/// The groups by name. Two coordinators may speak of one for a while.
fn names(scene: &Scene) -> Vec<Name> {
    let mut names: Vec<Name> = groups(scene).map(|group| group.group).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn committed_by(scene: &Scene, name: Name, partition: TopicPartition) -> Option<u64> {
    groups(scene).filter(|group| group.group == name).filter_map(|group| committed(group, partition)).max()
}

fn groups(scene: &Scene) -> impl Iterator<Item = &GroupPicture> {
    scene.nodes.iter().flat_map(|node| &node.picture.groups)
}

/// The partitions that a consumer reads.
fn owned(scene: &Scene, consumer: NodeId) -> Vec<u16> {
    let parts = groups(scene).flat_map(|group| &group.members).filter(|(member, _)| *member == consumer);
    let parts = parts.flat_map(|(_, parts)| parts).filter(|part| part.topic == TOPIC);
    let mut parts: Vec<u16> = parts.map(|part| part.partition).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The partitions that a client reads: `[0 2]`.
#[must_use]
pub fn owned_label(scene: &Scene, node: &NodeView) -> Option<String> {
    let owned: Vec<_> = owned(scene, node.id).iter().map(u16::to_string).collect();
    (!owned.is_empty()).then(|| format!("[{}]", owned.join(" ")))
}

/// The name of a client, with the partitions that it reads: `consumer-1 [0 2]`.
#[must_use]
pub fn client_name(scene: &Scene, node: &NodeView) -> String {
    owned_label(scene, node).map_or(node.name.clone(), |label| format!("{} {label}", node.name))
}

/// The broker that leads the first partition that a consumer reads, by number.
#[must_use]
pub fn home(scene: &Scene, consumer: NodeId) -> Option<u16> {
    let first = TopicPartition { topic: TOPIC, partition: *owned(scene, consumer).first()? };
    let leads = |node: &&NodeView| leading(&node.picture).any(|part| part.partition == first);
    let leader = scene.nodes.iter().filter(|node| node.picture.role == Role::Broker).find(leads)?;
    leader.id.0.checked_sub(scene.topology.broker(0).0)
}

/// Groups in a line each: which generation, and who reads what; or that nobody
/// knows yet.
#[must_use]
pub fn group_lines(scene: &Scene, ui: &Ui) -> Vec<String> {
    let line = |group: &GroupPicture| {
        let name = scene.group_name(group.group);
        let generation = format!("{}{}", ui.say("第 ", "gen "), group.generation);
        let generation = if ui.language == Language::Zh { format!("{generation} 代") } else { generation };
        let is_settled = group.members.iter().any(|(_, parts)| !parts.is_empty());
        let who = match (group.members.is_empty(), is_settled && !group.is_rebalancing) {
            (true, _) => ui.say("没有成员", "no members").to_owned(),
            (false, false) => ui.say("正在再均衡", "rebalancing").to_owned(),
            (false, true) => members(scene, group),
        };
        format!("{}{name}  {generation}  {who}", ui.say("消费组 ", "group "))
    };
    groups(scene).map(line).collect()
}

/// `consumer-1 0 1, consumer-2 2`.
fn members(scene: &Scene, group: &GroupPicture) -> String {
    let member = |(node, parts): &(NodeId, Vec<TopicPartition>)| {
        let parts: Vec<_> = parts.iter().map(|part| part.partition.to_string()).collect();
        let parts = if parts.is_empty() { "-".to_owned() } else { parts.join(" ") };
        format!("{}: {parts}", scene.topology.name(*node))
    };
    group.members.iter().map(member).collect::<Vec<_>>().join("  ")
}
