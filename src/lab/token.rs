//! A token: a whole run as a short text. It carries the engine's version, the
//! lab and its content, settings, faults and seed, so that whoever gets it sees
//! the same run, or is told why not.

use std::fmt;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::file::Lab;
use super::plan::{ChoiceError, Plan};
use super::sentence::{self, Scope};
use super::session::Session;
use crate::random::Seed;
use crate::sim::Fault;

const PREFIX: &str = "ack1-";

/// The version of everything that decides how a run goes.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    #[serde(rename = "e")]
    pub engine: String,
    #[serde(rename = "l")]
    pub lab: String,
    /// The digest of the lab's file.
    #[serde(rename = "h")]
    pub hash: String,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<(String, String)>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Faults injected by key.
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<String>,
    #[serde(rename = "n")]
    pub seed: u64,
}

/// All that is read of a token before it is known who made it.
#[derive(Deserialize)]
struct Probe {
    #[serde(rename = "e")]
    engine: String,
}

/// Why a token cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It does not begin like one.
    NotAToken,
    /// Letters are missing or changed.
    Damaged,
    /// It was made by another version of the engine, which may run differently.
    OtherEngine { made_by: String },
    /// The lab has changed since.
    OtherContent { lab: String },
    /// A setting or a fault is not the lab's.
    Choice(ChoiceError),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAToken => write!(f, "this is no token: one begins with {PREFIX}"),
            Self::Damaged => f.write_str("this token is damaged: copy it again, whole"),
            Self::OtherEngine { made_by } => {
                write!(f, "this token was made by ackademy {made_by}, and this is {ENGINE}: the run may differ")
            }
            Self::OtherContent { lab } => {
                write!(f, "the lab {lab} has changed since this token was made: the run may differ")
            }
            Self::Choice(error) => write!(f, "this token does not fit its lab: {error}"),
        }
    }
}

impl std::error::Error for TokenError {}

impl Token {
    /// The token of a plan, a seed and live faults.
    #[must_use]
    pub fn of(plan: &Plan, seed: Seed, live: &[Fault]) -> Self {
        Self {
            engine: ENGINE.to_owned(),
            lab: plan.lab.id.clone(),
            hash: plan.lab.hash.to_string(),
            settings: plan.chosen.clone(),
            faults: plan.sentences.clone(),
            live: live.iter().map(|fault| sentence::write(fault, plan.lab.topology)).collect(),
            seed: seed.0,
        }
    }

    /// Reads a token, leaving open whether this engine can run it.
    ///
    /// # Errors
    /// If it is no token, or is damaged, or is of an engine that writes other tokens.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(TokenError::NotAToken)?;
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| TokenError::Damaged)?;
        let (json, check) = bytes.split_at_checked(bytes.len().saturating_sub(4)).ok_or(TokenError::Damaged)?;
        if check != crc32c::crc32c(json).to_le_bytes() {
            return Err(TokenError::Damaged);
        }
        // The engine first: another one's token may have fields that are not known here.
        match serde_json::from_slice::<Probe>(json) {
            Ok(Probe { engine }) if engine != ENGINE => Err(TokenError::OtherEngine { made_by: engine }),
            _ => serde_json::from_slice(json).map_err(|_| TokenError::Damaged),
        }
    }

    /// The run that the token names.
    ///
    /// # Errors
    /// If the engine or the lab is another one, or the choices do not fit.
    pub fn plan(&self, lab: Arc<Lab>) -> Result<(Plan, Vec<Fault>), TokenError> {
        if self.engine != ENGINE {
            return Err(TokenError::OtherEngine { made_by: self.engine.clone() });
        }
        if self.hash != lab.hash.to_string() {
            return Err(TokenError::OtherContent { lab: self.lab.clone() });
        }
        let plan = Plan::new(lab, &self.settings, &self.faults).map_err(TokenError::Choice)?;
        let scope = self.live.iter().fold(plan.scope(), |scope, text| scope.beside(text));
        // What was struck by hand was any node of the lab.
        let scope = Scope { topology: plan.lab.topology, ..scope };
        let live = self.live.iter().map(|text| {
            sentence::parse(text, scope).map_err(|error| {
                let (span, reason, hint) = (error.span, Box::new(error.reason), error.hint);
                TokenError::Choice(ChoiceError { text: text.clone(), span, reason, hint })
            })
        });
        let live = live.collect::<Result<_, _>>()?;
        Ok((plan, live))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        let check = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        write!(f, "{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }
}

impl Session {
    /// This run as a text.
    #[must_use]
    pub fn token(&self) -> String {
        Token::of(self.plan(), self.seed(), self.live_faults()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_engine_wrote_is_not_called_damaged() {
        let encode = |json: &str| {
            let bytes = [json.as_bytes(), &crc32c::crc32c(json.as_bytes()).to_le_bytes()].concat();
            format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
        };
        let newer = encode(r#"{"e":"99.0.0","l":"first-loss","h":"0","n":1,"later":true}"#);
        assert_eq!(Token::parse(&newer), Err(TokenError::OtherEngine { made_by: "99.0.0".to_owned() }));
        let odd = encode(&format!(r#"{{"e":"{ENGINE}","l":"first-loss","h":"0","n":1,"later":true}}"#));
        assert_eq!(Token::parse(&odd), Err(TokenError::Damaged));
    }
}
