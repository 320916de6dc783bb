//! Colours by meaning. Screens ask for an [`Ink`], never for a colour, so one
//! table per background decides how everything looks. Without colour (`NO_COLOR`)
//! weight, underline and reverse remain; colour is nowhere the only carrier.
//!
//! Colours are from the 256-colour palette, which terminals draw alike; the
//! background stays the terminal's own.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text or a mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Text,
    /// Of less weight: hints, what is not there yet.
    Muted,
    /// What the eye should find first: the pointer, a key.
    Accent,
    Title,
    /// A heading inside a text.
    Heading,
    Strong,
    Border,
    /// The border of the pane that has the keys.
    Focus,
    /// The whole line under the pointer.
    Selected,
    Good,
    Warn,
    Bad,
    /// A message that is gone.
    Lost,
    Code,
    CodeKeyword,
    CodeString,
    CodeNumber,
    CodeComment,
    Link,
    /// What a machine checked.
    Claim,
    /// What a search found.
    Match,
    // The four places where a copy can be.
    Network,
    Memory,
    PageCache,
    Disk,
    // Pieces of a topology.
    Producer,
    Broker,
    Consumer,
    Store,
}

/// The background a palette is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Dark,
    Light,
    /// No colour at all.
    Plain,
}

impl Theme {
    #[must_use]
    pub fn style(self, ink: Ink) -> Style {
        let style = Style::new().add_modifier(weight(ink));
        match self {
            Self::Plain if ink == Ink::Selected || ink == Ink::Match => style.add_modifier(Modifier::REVERSED),
            Self::Plain => style,
            Self::Dark => match ink {
                Ink::Selected => style.bg(Color::Indexed(237)),
                Ink::Match => style.fg(Color::Indexed(234)).bg(Color::Indexed(179)),
                _ => foreground(style, dark(ink)),
            },
            Self::Light => match ink {
                Ink::Selected => style.bg(Color::Indexed(254)),
                Ink::Match => style.fg(Color::Indexed(234)).bg(Color::Indexed(222)),
                _ => foreground(style, light(ink)),
            },
        }
    }
}

fn foreground(style: Style, colour: Option<u8>) -> Style {
    match colour {
        Some(index) => style.fg(Color::Indexed(index)),
        None => style,
    }
}

/// Weight carries meaning where colour is missing.
const fn weight(ink: Ink) -> Modifier {
    match ink {
        Ink::Title | Ink::Heading | Ink::Strong | Ink::Lost | Ink::Bad | Ink::Accent => Modifier::BOLD,
        Ink::Link => Modifier::UNDERLINED,
        _ => Modifier::empty(),
    }
}

const fn dark(ink: Ink) -> Option<u8> {
    Some(match ink {
        Ink::Text | Ink::Strong | Ink::Selected | Ink::Match => return None,
        Ink::Muted => 245,
        Ink::Accent | Ink::Focus => 80,
        Ink::Title => 255,
        Ink::Heading => 116,
        Ink::Border => 240,
        Ink::Good | Ink::Claim => 114,
        Ink::Warn => 179,
        Ink::Bad => 209,
        Ink::Lost => 203,
        Ink::Code => 252,
        Ink::CodeKeyword => 110,
        Ink::CodeString => 150,
        Ink::CodeNumber => 180,
        Ink::CodeComment => 244,
        Ink::Link => 75,
        Ink::Network => 183,
        Ink::Memory => 179,
        Ink::PageCache => 110,
        Ink::Disk => 114,
        Ink::Producer => 116,
        Ink::Broker => 222,
        Ink::Consumer => 150,
        Ink::Store => 146,
    })
}

const fn light(ink: Ink) -> Option<u8> {
    Some(match ink {
        Ink::Text | Ink::Strong | Ink::Selected | Ink::Match => return None,
        Ink::Muted => 242,
        Ink::Accent | Ink::Focus => 30,
        Ink::Title => 232,
        Ink::Heading => 24,
        Ink::Border => 249,
        Ink::Good | Ink::Claim => 28,
        Ink::Warn => 130,
        Ink::Bad => 166,
        Ink::Lost => 160,
        Ink::Code => 237,
        Ink::CodeKeyword => 25,
        Ink::CodeString => 64,
        Ink::CodeNumber => 94,
        Ink::CodeComment => 244,
        Ink::Link => 26,
        Ink::Network => 97,
        Ink::Memory => 130,
        Ink::PageCache => 25,
        Ink::Disk => 28,
        Ink::Producer => 24,
        Ink::Broker => 94,
        Ink::Consumer => 64,
        Ink::Store => 60,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY_INK: [Ink; 29] = [
        Ink::Text,
        Ink::Muted,
        Ink::Accent,
        Ink::Title,
        Ink::Heading,
        Ink::Strong,
        Ink::Border,
        Ink::Focus,
        Ink::Selected,
        Ink::Good,
        Ink::Warn,
        Ink::Bad,
        Ink::Lost,
        Ink::Code,
        Ink::CodeKeyword,
        Ink::CodeString,
        Ink::CodeNumber,
        Ink::CodeComment,
        Ink::Link,
        Ink::Claim,
        Ink::Match,
        Ink::Network,
        Ink::Memory,
        Ink::PageCache,
        Ink::Disk,
        Ink::Producer,
        Ink::Broker,
        Ink::Consumer,
        Ink::Store,
    ];

    #[test]
    fn without_colour_weight_remains_and_no_colour_does() {
        for ink in EVERY_INK {
            let style = Theme::Plain.style(ink);
            assert_eq!((style.fg, style.bg), (None, None), "{ink:?}");
            assert!(style.add_modifier.contains(weight(ink)), "{ink:?}");
        }
        assert!(Theme::Plain.style(Ink::Selected).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn the_three_tiers_differ_on_every_background() {
        for theme in [Theme::Dark, Theme::Light] {
            let tiers = [Ink::Memory, Ink::PageCache, Ink::Disk].map(|ink| theme.style(ink).fg);
            assert!(tiers[0] != tiers[1] && tiers[1] != tiers[2] && tiers[0] != tiers[2]);
        }
    }
}
