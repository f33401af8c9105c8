//! Two gateways of one office, both offline, both at work on the same complaint.

use serde_json::json;
use titian_demo::cast::{self, Cast, OTHER_OPERATOR, PELAIHARI};
use titian_demo::compare;

use crate::stage::{Stage, registers, sheet};

#[test]
fn two_machines_of_one_office_share_their_work_and_see_where_they_disagree() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let laptop = cast::enrolled(&cast.hub, stage.gateway("laptop"), PELAIHARI.0, OTHER_OPERATOR).unwrap();
    let desk = &cast.pelaihari;

    let (one, two) = (desk.add(&sheet(1)).unwrap(), laptop.add(&sheet(2)).unwrap());
    assert!(
        one.register.contains("/A/") && two.register.contains("/B/"),
        "{one:?} {two:?}"
    );
    assert_ne!(
        one.register, two.register,
        "two offline machines never give the same number"
    );
    cast.hub.serve().unwrap();
    for gateway in [desk, &laptop, desk] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    assert_eq!(registers(&desk.program), registers(&laptop.program));

    for (gateway, place) in [(desk, "Depan pasar"), (&laptop, "Depan sekolah")] {
        let amended = json!({ "place": place }).to_string();
        gateway
            .program
            .run_with(&["complaint", "amend", &one.id, "--json", "-"], &amended)
            .unwrap()
            .success()
            .unwrap();
    }
    for gateway in [desk, &laptop, desk] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    let (here, there) = (desk.show(&one.id).unwrap(), laptop.show(&one.id).unwrap());
    assert_eq!(compare::differences(&here, &there), [""; 0]);
    let conflict = here["conflicts"].to_string();
    assert!(
        conflict.contains("Depan pasar") && conflict.contains("Depan sekolah"),
        "both values stay visible: {conflict}"
    );
    let blocked = desk.program.run(&["complaint", "verify", &one.id]).unwrap();
    assert_eq!(
        blocked.code,
        Some(5),
        "which one is right is for a person to say: {}",
        blocked.stderr
    );

    desk.step(&["settle", &one.id, "--field", "place", "--value", "2"])
        .unwrap();
    for gateway in [desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    let (here, there) = (desk.show(&one.id).unwrap(), laptop.show(&one.id).unwrap());
    assert_eq!(here["conflicts"], json!([]));
    assert_eq!(here["fields"]["place"], there["fields"]["place"]);
    let at_hub = cast.hub.show(&one.id).unwrap();
    assert_eq!(compare::differences(&here, &at_hub), [""; 0]);
    cast.stop().unwrap();
    stage.assert_no_errors();
}
