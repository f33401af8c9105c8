//! What the office's pages save reaches the hub without anybody asking for it.

use titian_demo::cast::{Cast, OPERATOR};
use titian_demo::visitor::Visitor;
use titian_demo::wait;

use crate::stage::{Stage, sheet};

#[test]
fn a_change_in_the_pages_is_at_the_hub_soon_although_the_interval_is_an_hour() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let recorded = cast.pelaihari.add(&sheet(1)).unwrap();
    cast.pelaihari.serve().unwrap();
    let is_there = || Ok(cast.hub.show(&recorded.id).is_ok().then_some(()));
    wait::until("the first exchange after the start", is_there).unwrap();

    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    for note in ["Ketua RT sudah dihubungi.", "Warga menunggu kabar."] {
        operator
            .submit(&format!("/laporan/{}/catatan", recorded.id), &[("note", note)])
            .unwrap();
        let has_arrived = || {
            let shown = cast.hub.show(&recorded.id)?;
            Ok(shown["timeline"].to_string().contains(note).then_some(()))
        };
        wait::until("the note at the hub", has_arrived).unwrap();
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}
