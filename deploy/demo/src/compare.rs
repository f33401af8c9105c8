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
        .filter(|key| here.get(*key).map(shared) != there.get(*key).map(shared))
        .cloned()
        .collect()
}

/// What both sides can know of a value: how much of a file is at the hub, only an office is told.
fn shared(value: &Value) -> Value {
    let mut value = value.clone();
    for file in value.as_array_mut().into_iter().flatten() {
        if let Some(file) = file.as_object_mut() {
            file.remove("at_hub");
        }
    }
    value
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
        let file = |at_hub: Value, whole| json!({ "attachments": [{ "at_hub": at_hub, "whole": whole }] });
        assert!(differences(&file(json!(7), true), &file(Value::Null, true)).is_empty());
        assert_eq!(
            differences(&file(json!(7), true), &file(Value::Null, false)),
            ["attachments"]
        );
    }
}
