//! The pace of a session, and what of it a lab may set.

use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;
use crate::time::Span;

/// The settings that every client shares.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "heartbeat_ms",
        values: Values::Millis { least: 0, most: 600_000 },
        default: "60000",
        about: Text {
            zh: "心跳间隔：连续两个间隔没有任何数据，就认为对方已死；0 为不发心跳",
            en: "Heartbeat interval: two intervals without a byte and the peer counts as dead; 0 turns it off",
        },
        real: Text::same("RabbitMQ: heartbeat (60 s)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "reconnect_ms",
        values: Values::Millis { least: 1, most: 60_000 },
        default: "500",
        about: Text { zh: "连接断开后，隔多久再连", en: "How long a client waits before it connects again" },
        real: Text::same("RabbitMQ Java client: networkRecoveryInterval (5 s)"),
        demand: Demand::Alike,
        unreal: &[],
    },
];

/// RabbitMQ's default.
pub const HEARTBEAT: Span = Span::from_secs(60);
/// A lab's value: RabbitMQ's Java client waits 5 s.
pub const RECONNECT_AFTER: Span = Span::from_millis(500);
/// How long a connection attempt or a step of the handshake may take.
pub const PATIENCE: Span = Span::from_secs(5);
