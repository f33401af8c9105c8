//! What may not stand in the log: seen at both sides, never in the way of others, and on its way again once it may.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;
use titian_demo::cast::{Cast, LIAISON, OPERATOR, PELAIHARI};
use titian_demo::hub::Hub;
use titian_demo::visitor::Visitor;
use titian_sync::item::{Item, ItemKind};
use titian_tests::hostile::Device;
use titian_tests::hostile::changes::Author;

use crate::equality::assert_equal;
use crate::stage::{Stage, sheet};

fn aside(hub: &Hub) -> Vec<Value> {
    let aside = hub.program.json(&["quarantine", "list"]).unwrap();
    aside.as_array().unwrap().clone()
}

fn quarantine(hub: &Hub, args: &[&str]) -> Value {
    hub.program.json(&[&["quarantine"], args].concat()).unwrap()
}

/// Exchanges until nothing is left to say, as a gateway does.
fn sync(device: &mut Device) {
    for _ in 0..4 {
        let outcome = device.exchange().unwrap();
        if !outcome.again {
            assert_eq!(outcome.refusal, None);
            return;
        }
    }
    panic!("exchanges without an end");
}

#[test]
fn what_is_put_aside_is_shown_exported_judged_again_and_given_up_and_its_device_is_told() {
    let stage = Stage::new();
    let mut hub = stage.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let code = hub.enrolment_code(PELAIHARI.0).unwrap();
    let mut device = Device::enrol(hub.program.address().unwrap(), &code, 1).unwrap();
    let (known, stranger) = (Author::of(&device.office, 1), Author::of(&device.office, 2));
    device.push(Item::incarnation(known.incarnation));
    let early = stranger.item(8, stranger.honest(8, 0).remove(0)).unwrap();
    let honest = known.honest(1, 0);
    let forged = known
        .forgeries(&honest)
        .into_iter()
        .find(|(reason, _)| *reason == "nested");
    let forged = known.item(2, forged.unwrap().1).unwrap();
    device.push(early.clone());
    device.push(forged.clone());
    device.push(known.item(1, honest[0].clone()).unwrap());
    sync(&mut device);

    // Both are aside with reason, time and size; the honest complaint behind them is not held up.
    assert_eq!(device.quarantined.len(), 2, "the device is told");
    assert!(hub.show(&known.complaint(1).to_string()).is_ok());
    let by_reason: BTreeMap<String, Value> = aside(&hub)
        .into_iter()
        .map(|one| (one["reason"].as_str().unwrap().to_owned(), one))
        .collect();
    let (unregistered, nested) = (&by_reason["unregistered"], &by_reason["nested"]);
    assert_eq!(unregistered["office"], PELAIHARI.0);
    assert_eq!(unregistered["bytes"], early.body().len());
    assert!(unregistered["since"].as_i64().unwrap() > 0);
    let number = |one: &Value| one["number"].to_string();
    assert_eq!(quarantine(&hub, &["show", &number(nested)]), *nested);

    let file = stage.folder().join("aside.bin");
    quarantine(&hub, &["export", &number(nested), "--to", file.to_str().unwrap()]);
    assert_eq!(std::fs::read(&file).unwrap(), forged.body());
    let told = std::fs::read(stage.folder().join("aside.bin.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&told).unwrap()["reason"], "nested");

    // Judged again while nothing has changed, and after what was lacking came.
    let again = quarantine(&hub, &["retry"]);
    assert_eq!((&again["judged"], &again["taken"]), (&2.into(), &0.into()));
    device.push(Item::incarnation(stranger.incarnation));
    sync(&mut device);
    quarantine(&hub, &["retry", &number(unregistered)]);
    assert!(hub.show(&stranger.complaint(8).to_string()).is_ok());
    sync(&mut device);
    assert_eq!(device.quarantined.len(), 1, "the device is told that it counts now");

    // Given up for good only when that is confirmed; the device still knows that it was not taken.
    let args = ["quarantine", "discard", &number(nested)];
    assert_eq!(hub.program.run(&args).unwrap().code, Some(2));
    quarantine(&hub, &["discard", &number(nested), "--yes"]);
    let args = ["quarantine", "export", &number(nested), "--to", file.to_str().unwrap()];
    assert_eq!(hub.program.run(&args).unwrap().code, Some(5));
    sync(&mut device);
    assert_eq!(device.quarantined.len(), 1);
    assert_eq!(hub.program.run(&["quarantine", "show", "99"]).unwrap().code, Some(4));
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_office_keeps_and_shows_what_the_hub_does_not_take_and_goes_on_once_it_does() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let complaint = cast.pelaihari.add(&sheet(1)).unwrap();
    // A note of the running program: its incarnation is registered with it.
    let note = format!("/laporan/{}/catatan", complaint.id);
    operator.submit(&note, &[("note", "Sudah dilihat")]).unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));

    // As after a damage at the hub: its log does not name this writer any more.
    let writers = registered(&mut cast.hub, |connection| {
        connection
            .execute_batch("UPDATE item SET hash = randomblob(32) WHERE kind = 0")
            .unwrap();
    });
    operator.submit(&note, &[("note", "Menunggu suku cadang")]).unwrap();
    cast.pelaihari.sync().unwrap();
    let [put_aside] = &aside(&cast.hub)[..] else {
        panic!("{:?}", aside(&cast.hub))
    };
    assert_eq!(
        (&put_aside["reason"], &put_aside["complaint"]),
        (&"unregistered".into(), &complaint.id.clone().into())
    );

    // Both sides show it, other complaints go on, and the office's work is whole.
    let status = cast.pelaihari.program.json(&["status"]).unwrap();
    assert_eq!(
        (&status["refused_items"], &status["refused_complaints"]),
        (&1.into(), &1.into())
    );
    let shown = cast.pelaihari.show(&complaint.id).unwrap();
    assert_eq!(shown["delivery"], "refused");
    assert!(shown["timeline"].to_string().contains("Menunggu suku cadang"));
    let page = operator.get(&format!("/laporan/{}", complaint.id)).unwrap();
    assert!(
        page.holds("Hub belum menerima 1 perubahan laporan ini"),
        "{}",
        page.text()
    );
    let page = operator.get("/sinkronisasi").unwrap();
    assert!(
        page.holds("Hub tidak menerima 1 perubahan dari 1 laporan"),
        "{}",
        page.text()
    );
    let mut liaison = Visitor::new(cast.hub.program.address().unwrap()).unwrap();
    liaison.log_in(LIAISON.name, LIAISON.password).unwrap();
    let page = liaison.get("/karantina").unwrap();
    assert!(page.holds(PELAIHARI.1), "{}", page.text());
    let other = cast.pelaihari.add(&sheet(2)).unwrap();
    cast.pelaihari.sync().unwrap();
    assert!(cast.hub.show(&other.id).is_ok(), "other complaints are not held up");
    assert_eq!(cast.pelaihari.show(&other.id).unwrap()["delivery"], "at_hub");

    // Mended at the hub and judged again: nothing has to be done at the office.
    registered(&mut cast.hub, |connection| {
        for (sequence, hash) in &writers {
            connection
                .execute("UPDATE item SET hash = ?2 WHERE sequence = ?1", (sequence, hash))
                .unwrap();
        }
    });
    assert_eq!(quarantine(&cast.hub, &["retry"])["taken"], 1);
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let status = cast.pelaihari.program.json(&["status"]).unwrap();
    assert_eq!(status["refused_items"], 0);
    assert_eq!(cast.pelaihari.show(&complaint.id).unwrap()["delivery"], "at_hub");
    cast.stop().unwrap();
    assert_equal(&cast.pelaihari.program, &cast.hub.program, PELAIHARI.0);
}

/// Changes the database of a hub that stands still, and gives the registrations of writers that it held before.
fn registered(hub: &mut Hub, change: impl FnOnce(&Connection)) -> Vec<(i64, Vec<u8>)> {
    hub.program.stop().unwrap();
    let connection = Connection::open(hub.program.data().join("hub.db")).unwrap();
    let sql = format!(
        "SELECT sequence, hash FROM item WHERE kind = {}",
        ItemKind::Incarnation.code()
    );
    let before = connection
        .prepare(&sql)
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    change(&connection);
    drop(connection);
    hub.serve().unwrap();
    before
}
