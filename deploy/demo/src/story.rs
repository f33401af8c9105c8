//! The whole procedure, unattended: from a complaint captured without a network to its disposition on the operator's
//! screen. Each step notes what should be seen and what was seen.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::cast::{self, Cast, LIAISON, OPERATOR, PELAIHARI};
use crate::export::{self, Row};
use crate::gateway::Recorded;
use crate::report::Report;
use crate::rig::Rig;
use crate::samples::{self, Sample};
use crate::sheet;
use crate::visitor::Visitor;

/// The commands' exit code where the hub cannot be reached.
const UNREACHABLE: i32 = 6;
/// Where what was named does not exist.
const NOT_FOUND: i32 = 4;
/// Where the procedure forbids the step.
const REFUSED: i32 = 5;

/// The numbers that LAPOR gives in this story.
const TRACKING_IDS: [&str; 3] = ["9200001", "9200002", "9200003"];
/// A report that reached LAPOR without the offices.
const FOREIGN_TRACKING_ID: &str = "9200999";
/// To whom the coordinator disposes the first complaint.
const INSTITUTION: &str = "Dinas Pekerjaan Umum, Penataan Ruang dan Pertanahan";

/// The complaints of the story, as the first office registered them.
struct Complaints {
    ordinary: Recorded,
    vague: Recorded,
    resolved: Recorded,
    /// The one that goes back and is mended, as it was invented.
    mended: Sample,
    answer: String,
}

/// Plays the story, and gives all that was observed. An error is a step that could not be played at all; the steps
/// before it stand in the report all the same.
pub fn play(rig: &Rig, report: &mut Report) -> Result<()> {
    let mut cast = Cast::set_up(rig)?;
    let complaints = capture_without_a_hub(&cast, report)?;
    the_link_comes_up(&mut cast, &complaints, report)?;
    the_liaison_decides(&cast, &complaints, report)?;
    the_office_mends(&cast, &complaints, report)?;
    into_lapor(&cast, &complaints, report)?;
    lapor_answers(rig, &cast, &complaints, report)?;
    the_disposition_comes_home(&mut cast, &complaints, report)?;
    let codes = cast.stop()?;
    report.step(
        "all programs end cleanly when asked",
        "Some(0) Some(0) Some(0)",
        words(&codes),
    );
    report.step("no program logged an error", "", rig.log().errors().join("; "));
    Ok(())
}

fn capture_without_a_hub(cast: &Cast, report: &mut Report) -> Result<Complaints> {
    let gateway = &cast.pelaihari;
    let year = crate::today::date(0);
    let number = |serial: u32| format!("{}/A/{}/{serial:04}", PELAIHARI.0, &year[..4]);
    let samples = samples::all();
    let of_office = |fits: fn(&Sample) -> bool| {
        samples
            .iter()
            .find(|sample| sample.office == PELAIHARI.0 && fits(sample))
            .context("the samples have one of each")
    };
    let ordinary = of_office(|sample| sample.is_disposed() && sample.answer.is_empty())?;
    let mended = of_office(|sample| sample.mended.is_some())?;
    let resolved = of_office(|sample| !sample.answer.is_empty())?;

    let recorded = gateway.add(&sheet::of(ordinary))?;
    report.step(
        "a complaint is recorded while the hub is down",
        number(1),
        &recorded.register,
    );
    let complaints = Complaints {
        ordinary: recorded,
        vague: gateway.add(&sheet::of(mended))?,
        resolved: gateway.add(&sheet::of(resolved))?,
        mended: mended.clone(),
        answer: resolved.answer.clone(),
    };
    report.step(
        "the third one has the third number",
        number(3),
        &complaints.resolved.register,
    );

    let incomplete = gateway.add(&json!({ "channel": "letter", "title": "Surat tanpa isi" }))?;
    let refused = gateway.program.run(&["complaint", "verify", &incomplete.id])?;
    report.step("an incomplete complaint is not verified", REFUSED, exit(refused.code));
    let told = refused.stderr.contains("No date of the event");
    report.step("… and the refusal names what is missing", true, told);

    for id in [&complaints.ordinary.id, &complaints.vague.id, &complaints.resolved.id] {
        gateway.step(&["verify", id])?;
        gateway.step(&["forward", id])?;
    }
    cast::forward(
        &cast.takisung,
        &sheet::of(
            samples
                .iter()
                .find(|s| s.office != PELAIHARI.0 && s.is_disposed())
                .context("the other office has one")?,
        ),
    )?;
    report.step(
        "verified and forwarded, still without a hub",
        "forwarded",
        stage(&gateway.show(&complaints.ordinary.id)?),
    );
    report.step(
        "sync without a hub says that there is none",
        UNREACHABLE,
        exit(gateway.sync()?),
    );
    let shown = gateway.show(&complaints.ordinary.id)?;
    report.step("… the complaint is still here", "forwarded", stage(&shown));
    report.step(
        "… and not marked as delivered",
        "saved",
        shown["delivery"].as_str().unwrap_or_default(),
    );
    Ok(complaints)
}

fn the_link_comes_up(cast: &mut Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    cast.hub.serve()?;
    report.step(
        "the hub comes up: the same command delivers everything",
        0,
        exit(cast.pelaihari.sync()?),
    );
    report.step("the other office delivers too", 0, exit(cast.takisung.sync()?));
    let shown = cast.pelaihari.show(&complaints.ordinary.id)?;
    report.step(
        "the operator sees it received by the hub",
        "at_hub",
        shown["delivery"].as_str().unwrap_or_default(),
    );
    let inbox = cast.hub.program.json(&["complaint", "list", "--stage", "forwarded"])?;
    report.step("the liaison finds what both offices forwarded", 4, rows(&inbox).count());
    let register = rows(&inbox).any(|row| row["register"] == complaints.ordinary.register.as_str());
    report.step("… under the number that the office gave", true, register);
    let received = rows(&inbox).all(|row| row["received"] == true);
    report.step("… and the hub noted the receipt of each", true, received);
    Ok(())
}

fn the_liaison_decides(cast: &Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    let returned = complaints
        .mended
        .returned
        .as_ref()
        .context("what is mended was returned")?;
    cast.hub
        .step(&["accept", &complaints.ordinary.register, "--staff", LIAISON.name])?;
    cast.hub
        .step(&["accept", &complaints.resolved.register, "--staff", LIAISON.name])?;
    let missing = returned.missing.join(",");
    let args = [
        "return",
        &complaints.vague.register,
        "--missing",
        &missing,
        "--reason",
        &returned.reason,
    ];
    cast.hub.step(&[&args[..], &["--staff", LIAISON.name]].concat())?;
    report.step(
        "one is accepted",
        "accepted",
        stage(&cast.hub.show(&complaints.ordinary.register)?),
    );
    report.step(
        "one is returned",
        "returned",
        stage(&cast.hub.show(&complaints.vague.register)?),
    );
    let again = cast
        .hub
        .program
        .run(&["complaint", "accept", &complaints.vague.register])?;
    report.step(
        "what was returned cannot be accepted in the same round",
        REFUSED,
        exit(again.code),
    );
    Ok(())
}

fn the_office_mends(cast: &Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    let (gateway, id) = (&cast.pelaihari, &complaints.vague.id);
    let returned = complaints
        .mended
        .returned
        .as_ref()
        .context("what is mended was returned")?;
    report.step("the office syncs", 0, exit(gateway.sync()?));
    let shown = gateway.show(id)?;
    report.step("it sees that one came back", "returned", stage(&shown));
    report.step("… with the liaison's reason", true, mentions(&shown, &returned.reason));
    let mended = complaints
        .mended
        .mended
        .as_ref()
        .context("it was chosen for being mended")?;
    let args = ["complaint", "amend", id, "--json", "-", "--staff", OPERATOR.name];
    gateway
        .program
        .run_with(&args, &sheet::of_mended(mended).to_string())?
        .success()?;
    let early = gateway.program.run(&["complaint", "forward", id])?;
    report.step(
        "a changed text is not forwarded before it is verified again",
        REFUSED,
        exit(early.code),
    );
    gateway.step(&["verify", id])?;
    gateway.step(&["forward", id])?;
    report.step(
        "it is forwarded a second time",
        "forwarded, round 2",
        standing(&gateway.show(id)?),
    );
    report.step("the office syncs again", 0, exit(gateway.sync()?));
    let shown = cast.hub.show(id)?;
    report.step(
        "the liaison has the second round",
        "forwarded, round 2",
        standing(&shown),
    );
    report.step(
        "… with the place that was missing",
        true,
        mentions(&shown, &mended.place),
    );
    cast.hub.step(&["accept", id, "--staff", LIAISON.name])?;
    report.step("and accepts it", "accepted, round 2", standing(&cast.hub.show(id)?));
    Ok(())
}

fn into_lapor(cast: &Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    let mut liaison = Visitor::new(cast.hub.program.address()?)?;
    liaison.log_in(LIAISON.name, LIAISON.password)?;
    let sheet = liaison.get(&format!("/laporan/{}/lembar-salin", complaints.resolved.id))?;
    report.step(
        "the transcription sheet holds the answer of what is resolved",
        true,
        sheet.holds(&complaints.answer),
    );
    let ids = [&complaints.ordinary.id, &complaints.vague.id, &complaints.resolved.id];
    for (id, tracking_id) in ids.into_iter().zip(TRACKING_IDS) {
        cast.hub
            .step(&["enter", id, "--tracking-id", tracking_id, "--staff", LIAISON.name])?;
    }
    report.step(
        "typed into LAPOR, the Tracking ID comes back",
        "entered",
        stage(&cast.hub.show(TRACKING_IDS[0])?),
    );
    let taken = cast
        .hub
        .program
        .run(&["complaint", "enter", ids[1], "--tracking-id", TRACKING_IDS[0]])?;
    report.step(
        "a Tracking ID never belongs to two complaints",
        REFUSED,
        exit(taken.code),
    );
    Ok(())
}

fn lapor_answers(rig: &Rig, cast: &Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    let file = rig.folder().join("lapor.xlsx");
    let row = |tracking_id: &str, status: &str, disposed_to: &str| Row {
        tracking_id: tracking_id.into(),
        title: "Judul seperti di LAPOR".into(),
        status: status.into(),
        disposed_to: disposed_to.into(),
    };
    let rows = [
        row(TRACKING_IDS[0], "Belum Ditindaklanjuti", INSTITUTION),
        row(TRACKING_IDS[1], "Terverifikasi", ""),
        row(TRACKING_IDS[2], "Menunggu Kata Baru", INSTITUTION),
        row(FOREIGN_TRACKING_ID, "Proses", INSTITUTION),
    ];
    export::write(&file, &rows)?;
    let file = file.to_str().context("the folder has a readable name")?;
    let import = |more: &[&str]| cast.hub.program.json(&[&["lapor", "import", file], more].concat());
    let before = cast.hub.show(&complaints.ordinary.id)?;
    import(&["--dry-run"])?;
    report.step(
        "a dry run of LAPOR's export changes nothing",
        true,
        before == cast.hub.show(&complaints.ordinary.id)?,
    );
    let imported = import(&[])?;
    report.step("the import updates what it knows", 3, &imported["updated"]);
    report.step(
        "… and lists what it does not",
        true,
        mentions(&imported, FOREIGN_TRACKING_ID),
    );
    report.step(
        "the disposition is there",
        "disposed",
        stage(&cast.hub.show(TRACKING_IDS[0])?),
    );
    report.step(
        "what is not disposed stays",
        "entered",
        stage(&cast.hub.show(TRACKING_IDS[1])?),
    );
    let shown = cast.hub.show(TRACKING_IDS[2])?;
    report.step(
        "an unknown status is kept",
        "Menunggu Kata Baru",
        shown["lapor_status"].as_str().unwrap_or_default(),
    );
    let after = cast.hub.show(&complaints.ordinary.id)?;
    let again = import(&[])?;
    report.step("imported twice, nothing changes", 0, &again["updated"]);
    report.step(
        "… and nothing is written",
        true,
        after == cast.hub.show(&complaints.ordinary.id)?,
    );
    Ok(())
}

fn the_disposition_comes_home(cast: &mut Cast, complaints: &Complaints, report: &mut Report) -> Result<()> {
    report.step("the office syncs once more", 0, exit(cast.pelaihari.sync()?));
    let shown = cast.pelaihari.show(&complaints.ordinary.register)?;
    report.step("the disposition has arrived", "disposed", stage(&shown));
    report.step(
        "… with the institution",
        INSTITUTION,
        shown["disposed_to"].as_str().unwrap_or_default(),
    );
    cast.pelaihari.serve()?;
    let mut operator = Visitor::new(cast.pelaihari.program.address()?)?;
    operator.log_in(OPERATOR.name, OPERATOR.password)?;
    let page = operator.get(&format!("/laporan/{}", complaints.ordinary.id))?;
    report.step(
        "… and stands on the operator's screen",
        true,
        page.holds(INSTITUTION) && page.holds(TRACKING_IDS[0]),
    );
    report.step(
        "office and hub hold the same",
        "",
        differences(cast, complaints)?.join("; "),
    );

    cast.takisung.serve()?;
    report.step("the other office syncs", 0, exit(cast.takisung.sync()?));
    let list = cast.takisung.program.json(&["complaint", "list"])?;
    report.step("it has its own complaint only", 1, rows(&list).count());
    let foreign = cast
        .takisung
        .program
        .run(&["complaint", "show", &complaints.ordinary.id])?;
    report.step("… and nothing of the other office's", NOT_FOUND, exit(foreign.code));
    Ok(())
}

fn differences(cast: &Cast, complaints: &Complaints) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for recorded in [&complaints.ordinary, &complaints.vague, &complaints.resolved] {
        let (here, there) = (cast.pelaihari.show(&recorded.id)?, cast.hub.show(&recorded.id)?);
        found.extend(
            crate::compare::differences(&here, &there)
                .into_iter()
                .map(|key| format!("{}: {key}", recorded.register)),
        );
    }
    Ok(found)
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn stage(shown: &Value) -> String {
    shown["stage"].as_str().unwrap_or_default().to_owned()
}

fn standing(shown: &Value) -> String {
    format!("{}, round {}", stage(shown), shown["round"])
}

fn mentions(shown: &Value, text: &str) -> bool {
    match shown {
        Value::String(own) => own.contains(text),
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, text)),
        _ => false,
    }
}

fn exit(code: Option<i32>) -> String {
    code.map_or_else(|| "ended by a signal".to_owned(), |code| code.to_string())
}

fn words(codes: &[Option<i32>]) -> String {
    codes
        .iter()
        .map(|code| format!("{code:?}"))
        .collect::<Vec<_>>()
        .join(" ")
}
