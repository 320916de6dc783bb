//! What a link's address means: `claim:LAB/CLAIM`, `lab:ID`, `lesson:ID`,
//! `lesson:ID#ANCHOR`, or an address on the web.

use super::block::Target;

/// Reads an address, or says what is wrong with it and what to write.
pub(super) fn parse(address: &str) -> Result<Target, (String, &'static str)> {
    if address.starts_with("https://") || address.starts_with("http://") {
        return Ok(Target::Web(address.to_owned()));
    }
    let Some((scheme, rest)) = address.split_once(':') else {
        let hint = "write claim:LAB/CLAIM, lab:ID, lesson:ID, lesson:ID#ANCHOR or a whole https:// address";
        return Err((format!("the link {address:?} names no scheme"), hint));
    };
    match scheme {
        "claim" => match rest.split_once('/') {
            Some((lab, claim)) if is_name(lab) && is_name(claim) => {
                Ok(Target::Claim { lab: lab.to_owned(), claim: claim.to_owned() })
            }
            _ => Err((format!("{address:?} does not name a claim"), "write claim:LAB/CLAIM")),
        },
        "lab" if is_name(rest) => Ok(Target::Lab(rest.to_owned())),
        "lesson" => {
            let (id, anchor) = rest.split_once('#').map_or((rest, None), |(id, anchor)| (id, Some(anchor)));
            if !is_name(id) || anchor.is_some_and(|anchor| !is_name(anchor)) {
                return Err((format!("{address:?} does not name a lesson"), "write lesson:ID or lesson:ID#ANCHOR"));
            }
            Ok(Target::Lesson { id: id.to_owned(), anchor: anchor.map(str::to_owned) })
        }
        "lab" => Err((format!("{address:?} does not name a lab"), "write lab:ID")),
        other => Err((format!("{other:?} is no link scheme"), "links are claim:, lab:, lesson:, http: or https:")),
    }
}

/// Ids of lessons, labs, claims and headings: small letters, digits, hyphens.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_claim_a_lab_a_lesson_or_the_web() {
        let claim = Target::Claim { lab: "first-loss".into(), claim: "lost".into() };
        assert_eq!(parse("claim:first-loss/lost"), Ok(claim));
        assert_eq!(parse("lab:first-loss"), Ok(Target::Lab("first-loss".into())));
        let lesson = Target::Lesson { id: "11-no-loss".into(), anchor: Some("producer-why".into()) };
        assert_eq!(parse("lesson:11-no-loss#producer-why"), Ok(lesson));
        assert!(matches!(parse("https://a.example"), Ok(Target::Web(_))));
        for wrong in ["claim:x", "claim:/x", "lab:", "lab:A b", "term:ack", "../a.md", "lesson:#x", "lesson:a#"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
