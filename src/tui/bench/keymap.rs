//! The keys of the bench. Letters are shortcuts: everything is in the menu of
//! actions as well, which opens with Enter on the topology.

use crate::text::Text;
use crate::tui::keys::{Binding, Key};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Play,
    StepBack,
    Step,
    StrideBack,
    Stride,
    Start,
    End,
    Up,
    Down,
    Enter,
    NextPane,
    PreviousPane,
    Pane(usize),
    Faster,
    Slower,
    Faults,
    Twin,
    Sweep,
    Predict,
    Tasks,
    Attack,
    About,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Reset,
    Seed,
    Undo,
    Token,
    Menu,
}

use Command as C;

pub const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Char(' ')], C::Play, "播放", "play"),
    Binding::footer(&[Key::Right], C::Step, "单步", "step"),
    Binding::footer(&[Key::Enter], C::Enter, "选定", "choose"),
    Binding::footer(&[Key::Char('a')], C::Attack, "攻击", "attack"),
    Binding::footer(&[Key::Char('f')], C::Faults, "故障", "faults"),
    Binding::footer(&[Key::Char('e')], C::Tasks, "练习", "exercises"),
    Binding::footer(&[Key::Char('t')], C::Twin, "对照", "twin"),
    Binding::footer(&[Key::Char('m')], C::Menu, "菜单", "menu"),
    Binding::footer(&[Key::Tab], C::NextPane, "换一栏", "pane"),
    Binding::footer(&[Key::Char('s')], C::Sweep, "全部组合", "all"),
    Binding::footer(&[Key::Left], C::StepBack, "退一步", "step back"),
    Binding::footer(&[Key::Char('x')], C::Reset, "恢复默认设置", "reset settings"),
    Binding::help(&[Key::Up, Key::Char('k')], C::Up, "上移", "up"),
    Binding::help(&[Key::Down, Key::Char('j')], C::Down, "下移", "down"),
    Binding::help(&[Key::BackTab], C::PreviousPane, "上一栏", "pane before"),
    Binding::help(&[Key::Char('1')], C::Pane(0), "拓扑", "topology"),
    Binding::help(&[Key::Char('2')], C::Pane(1), "设置", "settings"),
    Binding::help(&[Key::Char('3')], C::Pane(2), "事件", "events"),
    Binding::help(&[Key::Char('4')], C::Pane(3), "积压", "backlog"),
    Binding::help(&[Key::Char('i')], C::About, "这个设置的说明", "about this setting"),
    Binding::help(&[Key::Char('.')], C::Stride, "快进一段", "jump ahead"),
    Binding::help(&[Key::Char(',')], C::StrideBack, "快退一段", "jump back"),
    Binding::help(&[Key::PageDown], C::PageDown, "列表下一页；图上快进一段", "page down, or jump ahead"),
    Binding::help(&[Key::PageUp], C::PageUp, "列表上一页；图上快退一段", "page up, or jump back"),
    Binding::help(&[Key::Char('g')], C::Top, "列表开头", "top of the list"),
    Binding::help(&[Key::Char('G')], C::Bottom, "列表结尾", "bottom of the list"),
    Binding::help(&[Key::Home], C::Start, "到开头", "to the start"),
    Binding::help(&[Key::End], C::End, "到结尾", "to the end"),
    Binding::help(&[Key::Char('+'), Key::Char('=')], C::Faster, "加快", "faster"),
    Binding::help(&[Key::Char('-')], C::Slower, "放慢", "slower"),
    Binding::help(&[Key::Char('p')], C::Predict, "先猜一猜", "a prediction"),
    Binding::help(&[Key::Char('n')], C::Seed, "换一个种子", "another seed"),
    Binding::help(&[Key::Char('u')], C::Undo, "撤销上一步改动", "undo the last change"),
    Binding::help(&[Key::Char('y')], C::Token, "分享这次运行", "share this run"),
];

/// What the menu of actions offers, as far as the lab has it.
pub const MENU: [(Command, Text); 16] = [
    (C::Play, Text { zh: "播放 / 暂停", en: "play / pause" }),
    (C::Faults, Text { zh: "注入故障", en: "inject a fault" }),
    (C::Predict, Text { zh: "先猜一猜", en: "make a prediction" }),
    (C::Tasks, Text { zh: "做练习：守住它", en: "exercises: keep it alive" }),
    (C::Attack, Text { zh: "攻击现在的设置：换 200 个种子跑", en: "attack these settings: run 200 seeds" }),
    (C::Twin, Text { zh: "对照：只改一个设置", en: "twin run: one setting flipped" }),
    (C::Sweep, Text { zh: "全部组合跑一遍", en: "run all combinations" }),
    (C::Pane(3), Text { zh: "看积压曲线", en: "see the backlog over time" }),
    (C::Start, Text { zh: "回到开头", en: "back to the start" }),
    (C::End, Text { zh: "跑到结尾", en: "run to the end" }),
    (C::Seed, Text { zh: "换一个种子", en: "another seed" }),
    (C::Undo, Text { zh: "撤销上一步改动", en: "undo the last change" }),
    (C::Reset, Text { zh: "恢复这个实验的默认设置", en: "reset to the lab's defaults" }),
    (C::Faster, Text { zh: "加快", en: "faster" }),
    (C::Slower, Text { zh: "放慢", en: "slower" }),
    (C::Token, Text { zh: "分享这次运行", en: "share this run" }),
];

/// The key that does the same as an entry of the menu.
#[must_use]
pub fn shortcut(command: Command) -> Option<Key> {
    KEYMAP.iter().find(|binding| binding.command == command).and_then(|binding| binding.keys.first().copied())
}

/// The one thing to do with a card that only wants to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoOn;

pub const CARD: &[Binding<GoOn>] = &[Binding::footer(&[Key::Enter, Key::Char(' ')], GoOn, "继续", "go on")];

/// The keys of a twin run.
pub const TWIN: &[Binding<Command>] = &[
    Binding::footer(&[Key::Char(' ')], C::Play, "播放", "play"),
    Binding::footer(&[Key::Right], C::Step, "单步", "step"),
    Binding::footer(&[Key::Left], C::StepBack, "退一步", "step back"),
    Binding::footer(&[Key::Enter, Key::Char('t')], C::Twin, "回到差别处", "to the difference"),
    Binding::footer(&[Key::End], C::End, "到结尾", "to the end"),
    Binding::footer(&[Key::Home], C::Start, "到开头", "to the start"),
    Binding::help(&[Key::Char('+'), Key::Char('=')], C::Faster, "加快", "faster"),
    Binding::help(&[Key::Char('-')], C::Slower, "放慢", "slower"),
];
