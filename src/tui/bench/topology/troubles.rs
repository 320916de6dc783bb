//! What is wrong between the brokers of a cluster, as sentences: a partition is
//! told by its sides, everything else link by link.

use crate::event::NodeId;
use crate::picture::Role;
use crate::sim::LinkState;
use crate::tui::bench::scene::{LinkView, Scene};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

/// The sentences, the worst first.
pub fn troubles(scene: &Scene, ui: &Ui) -> Vec<(String, Ink)> {
    let between = |link: &&LinkView| {
        scene.topology.role(link.from) == Role::Broker && scene.topology.role(link.to) == Role::Broker
    };
    let links: Vec<_> = scene.links.iter().filter(between).collect();
    let name = |node: NodeId| scene.topology.name(node);
    let cut = |link: &LinkView| link.forth == LinkState::Blocked && link.back == LinkState::Blocked;
    let mut told = Vec::new();
    let sides = sides(scene, |one, other| links.iter().any(|link| link.joins(one, other) && cut(link)));
    let cross = ui.glyphs().cross;
    if sides.len() > 1 {
        let sides: Vec<_> =
            sides.iter().map(|side| side.iter().map(|node| name(*node)).collect::<Vec<_>>().join(" + ")).collect();
        let silent = ui.say("  互相不通", "  no word between them");
        told.push((format!("{}{silent}", sides.join(&format!("  {cross}  "))), Ink::Bad));
    } else {
        for link in links.iter().filter(|link| cut(link)) {
            let silent = ui.say("互相不通", "no word between them");
            told.push((format!("{} {cross} {}  {silent}", name(link.from), name(link.to)), Ink::Bad));
        }
    }
    let to_controller = |link: &&LinkView| scene.topology.role(link.to) == Role::Controller && cut(link);
    for link in scene.links.iter().filter(to_controller) {
        let silent = ui.say("互相不通", "no word between them");
        told.push((format!("{} {cross} {}  {silent}", name(link.from), name(link.to)), Ink::Bad));
    }
    for link in &links {
        let one_way = match (link.forth, link.back) {
            (LinkState::Blocked, LinkState::Blocked) => None,
            (LinkState::Blocked, _) => Some((link.from, link.to)),
            (_, LinkState::Blocked) => Some((link.to, link.from)),
            _ => None,
        };
        if let Some((from, to)) = one_way {
            let (arrow, silent) = (ui.glyphs().right, ui.say("这个方向不通", "nothing passes this way"));
            told.push((format!("{} {cross}{arrow} {}  {silent}", name(from), name(to)), Ink::Bad));
        } else if link.state() == LinkState::Slow {
            told.push((format!("{} ~ {}  {}", name(link.from), name(link.to), ui.say("慢", "slow")), Ink::Warn));
        }
    }
    told
}

/// The brokers in groups, each able to hear one another at least through others.
fn sides(scene: &Scene, cut: impl Fn(NodeId, NodeId) -> bool) -> Vec<Vec<NodeId>> {
    let mut sides: Vec<Vec<NodeId>> = Vec::new();
    for node in scene.of(Role::Broker).map(|at| scene.nodes[at].id) {
        let mut joined = vec![node];
        sides.retain(|side| {
            let apart = side.iter().all(|other| cut(*other, node));
            if !apart {
                joined.extend(side);
            }
            apart
        });
        joined.sort_unstable();
        sides.push(joined);
    }
    sides.sort_unstable();
    sides
}
