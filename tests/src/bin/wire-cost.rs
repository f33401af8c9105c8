//! Prints what one exchange costs on the wire: bytes and requests, HTTP headers included, TLS not.
//!
//! The real programs talk through a counting proxy, on complaints whose text trained no dictionary. Beside it stands
//! what the same complaints weigh as JSON under gzip, body alone: the least that a REST interface would send.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use titian_demo::binaries::Binaries;
use titian_demo::cast::{LIAISON, OPERATOR, PELAIHARI};
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_demo::rig::Rig;
use titian_demo::visitor::Visitor;
use titian_tests::badlink::{BadLink, Counted, Weather};
use titian_tests::{corpus, register};

/// The seed of the corpus; any other gives the same picture.
const SEED: u64 = 2026;
/// How many complaints are in the office's register at first.
const COMPLAINTS: u64 = 1_000;
/// How many are edited at either side.
const EDITS: u64 = 10;

fn main() -> Result<()> {
    let rig = Rig::new(Binaries::build(false)?)?;
    let mut hub = rig.hub();
    hub.serve()?;
    hub.add_staff(LIAISON)?;
    hub.add_office(PELAIHARI.0, PELAIHARI.1)?;
    let proxy = BadLink::to(hub.program.address()?, Weather::FAIR, SEED)?;
    let mut office = rig.gateway("office");
    office.enrol(&hub.enrolment_code_over(PELAIHARI.0, &proxy.address())?)?;
    office.add_staff(OPERATOR)?;

    let complaints: Vec<_> = (0..COMPLAINTS).map(|index| corpus::complaint(SEED, index)).collect();
    let register = rig.folder().join("register.ndjson");
    std::fs::write(&register, register::ndjson(&complaints)?)?;
    office
        .program
        .run(&["import", register.to_str().context("a path of plain letters")?])?
        .success()?;
    let first = exchange(&office, &proxy)?;
    exchange(&office, &proxy)?;
    let nothing = exchange(&office, &proxy)?;

    let ids = newest(&office)?;
    let up = edits_up(&mut office, &proxy, &ids)?;
    let down = edits_down((&mut office, &mut hub), &proxy, &ids)?;

    let edits: Vec<String> = (0..EDITS).map(|index| corpus::edit(SEED, index)).collect();
    let rows = [
        ("nothing changed", nothing, None, 350),
        (
            "10 edits up",
            up,
            Some(gzipped(json!(edits).to_string().as_bytes())?),
            1_500,
        ),
        (
            "10 edits down",
            down,
            Some(gzipped(json!(edits).to_string().as_bytes())?),
            1_600,
        ),
        (
            "first 1,000 up",
            first,
            Some(gzipped(&corpus::json(&complaints))?),
            560_000,
        ),
    ];
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| | up | down | **bytes** | requests | at most | the texts alone, JSON under gzip |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for (name, counted, json, limit) in rows {
        let Counted { up, down, requests, .. } = counted;
        let json = json.map_or_else(|| "–".to_owned(), |bytes: usize| bytes.to_string());
        writeln!(
            out,
            "| {name} | {up} | {down} | **{}** | {requests} | {limit} | {json} |",
            up + down
        )?;
        ensure!(up + down <= limit, "{name} costs more than {limit} bytes");
    }
    office.program.stop()?;
    hub.program.stop()?;
    Ok(())
}

/// Makes one exchange and tells what it cost.
fn exchange(office: &Gateway, proxy: &BadLink) -> Result<Counted> {
    proxy.reset();
    office.program.run(&["sync"])?.success()?;
    Ok(proxy.counted())
}

/// Edits complaints in the pages while the link is down, then measures the exchange that brings them.
fn edits_up(office: &mut Gateway, proxy: &BadLink, ids: &[String]) -> Result<Counted> {
    // A program start registers its incarnation once; the edits are made by one that runs, as all day at an office.
    proxy.hold(true);
    office.serve()?;
    let mut operator = Visitor::new(office.program.address()?)?;
    operator.log_in(OPERATOR.name, OPERATOR.password)?;
    for (index, id) in (0..).zip(ids) {
        let note = corpus::edit(SEED, index);
        operator.submit(&format!("/laporan/{id}/catatan"), &[("note", &note)])?;
    }
    office.program.stop()?;
    proxy.hold(false);
    exchange(office, proxy)
}

/// Has the liaison return complaints with a reason, then measures the exchange that brings that to the office.
fn edits_down((office, hub): (&mut Gateway, &mut Hub), proxy: &BadLink, ids: &[String]) -> Result<Counted> {
    for id in ids {
        office.step(&["verify", id])?;
        office.step(&["forward", id])?;
    }
    exchange(office, proxy)?;
    let mut liaison = Visitor::new(hub.program.address()?)?;
    liaison.log_in(LIAISON.name, LIAISON.password)?;
    for (index, id) in (0..).zip(ids) {
        let reason = corpus::edit(SEED, EDITS + index);
        liaison.submit(
            &format!("/laporan/{id}/kembalikan"),
            &[("missing", "when"), ("reason", &reason)],
        )?;
    }
    let counted = exchange(office, proxy)?;
    for id in ids {
        ensure!(office.show(id)?["stage"] == "returned", "the return has not arrived");
    }
    Ok(counted)
}

fn newest(office: &Gateway) -> Result<Vec<String>> {
    let listed = office.program.json(&["complaint", "list"])?;
    let rows = listed.as_array().context("a list")?;
    // Complaints that LAPOR does not take are not forwarded.
    let id = |row: &serde_json::Value| row["id"].as_str().map(str::to_owned);
    Ok(rows.iter().filter_map(id).take(usize::try_from(EDITS)?).collect())
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
