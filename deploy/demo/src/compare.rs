//! Compares what two programs show of one complaint.

use serde_json::Value;

/// What only one side can know, or what depends on which machine is asked.
const OWN: [&str; 4] = ["delivery", "heads", "missing", "refused"];

/// Lists the keys in which two shown complaints differ.
pub fn differences(here: &Value, there: &Value) -> Vec<String> {
    let (Some(here), Some(there)) = (here.as_object(), there.as_object()) else {
        return vec!["one of the two shows nothing".to_owned()];
    };
    let mut keys: Vec<&String> = here
        .keys()
        .chain(there.keys())
        .filter(|key| !OWN.contains(&key.as_str()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter(|key| here.get(*key) != there.get(*key))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named_and_what_only_one_side_knows_is_not() {
        let here = json!({ "stage": "disposed", "delivery": "in_lapor", "title": "Jalan" });
        let there = json!({ "stage": "entered", "title": "Jalan", "round": 1 });
        assert_eq!(differences(&here, &there), ["round", "stage"]);
        assert!(!differences(&here, &Value::Null).is_empty());
    }
}
