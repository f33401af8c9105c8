//! Titian as a subject: the gateway's `sync` and the hub, edits made as people make them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use titian_demo::binaries::Binaries;
use titian_demo::cast::{LIAISON, OPERATOR, PELAIHARI};
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_demo::program::Program;
use titian_demo::rig::Rig;
use titian_demo::task::Task;
use titian_demo::visitor::Visitor;
use titian_demo::wait;

use super::pair::{Channel, EDITS, Pair, SEED, Subject};
use super::sheets;
use crate::badlink::{BadLink, Weather};
use crate::corpus;

/// Its name in the tables.
pub const NAME: &str = "Titian";

/// How long one register of some thousand rows may take.
const IMPORT_MAX: Duration = Duration::from_mins(10);

/// Titian.
pub struct Titian {
    /// The programs.
    pub binaries: Binaries,
    /// Whether they are a release build.
    pub optimised: bool,
}

impl Subject for Titian {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> String {
        let build = if self.optimised {
            "release build"
        } else {
            "debug build: its times and memory say nothing"
        };
        format!(
            "{build}; every request signed, every acknowledged byte durable; `sync` is started anew for each row and \
         after each cut. An edit up is a note in the pages, an edit down a complaint returned with a reason"
        )
    }

    fn at_once(&self, _: u64) -> Option<u64> {
        None
    }

    fn speaks_tls(&self) -> bool {
        true
    }

    fn pair(&self, complaints: u64, channel: Channel) -> Result<Box<dyn Pair>> {
        Ok(Box::new(Office::set_up(self.binaries.clone(), complaints, channel)?))
    }
}

/// An office with its hub. The rig is dropped last: the programs live in its folder.
pub struct Office {
    link: BadLink,
    gateway: Gateway,
    hub: Hub,
    channel: Channel,
    complaints: u64,
    /// Who presses the button, where the gateway stays.
    operator: Option<Visitor>,
    _rig: Rig,
}

impl Office {
    /// Enrols an office and imports its register.
    ///
    /// # Errors
    /// When a command fails.
    pub fn set_up(binaries: Binaries, complaints: u64, channel: Channel) -> Result<Self> {
        let rig = Rig::new(binaries)?;
        let mut hub = rig.hub();
        if channel == Channel::Tls {
            configure(&hub.program, "hub.toml", "[tls]\nmode = \"on\"\n")?;
        }
        hub.serve()?;
        hub.add_staff(LIAISON)?;
        hub.add_office(PELAIHARI.0, PELAIHARI.1)?;
        let link = BadLink::to(hub.program.address()?, Weather::FAIR, SEED)?;
        let made = hub
            .program
            .json(&["office", "code", PELAIHARI.0, "--url", &link.address()])?;
        let gateway = rig.gateway("office");
        gateway.enrol(made["code"].as_str().context("a code")?)?;
        gateway.add_staff(OPERATOR)?;
        for register in sheets::registers(rig.folder(), complaints)? {
            let path = register.to_str().context("a path of plain letters")?;
            gateway
                .program
                .begin(&["import", path], "")?
                .wait_at_most(IMPORT_MAX)?
                .success()?;
        }
        Ok(Self {
            link,
            gateway,
            hub,
            channel,
            complaints,
            operator: None,
            _rig: rig,
        })
    }

    /// Starts the gateway's pages, and logs in.
    fn operator(&mut self) -> Result<Visitor> {
        self.gateway.serve()?;
        let mut operator = Visitor::new(self.gateway.program.address()?)?;
        operator.log_in(OPERATOR.name, OPERATOR.password)?;
        Ok(operator)
    }

    fn last_success(&self) -> Result<Value> {
        Ok(self.gateway.program.json(&["status"])?["last_success"].clone())
    }

    /// Complaints that may be forwarded; the same at every call.
    fn newest(&self) -> Result<Vec<String>> {
        let listed = self.gateway.program.json(&["complaint", "list"])?;
        let rows = listed.as_array().context("a list")?;
        let id = |row: &Value| row["id"].as_str().map(str::to_owned);
        Ok(rows.iter().filter_map(id).take(usize::try_from(EDITS)?).collect())
    }
}

impl Pair for Office {
    fn link(&self) -> &BadLink {
        &self.link
    }

    fn server(&self) -> Result<u32> {
        self.hub.program.pid().context("the hub runs")
    }

    fn begin_sync(&self, _: Option<u64>) -> Result<Task> {
        self.gateway.program.begin(&["sync"], "")
    }

    fn edit_at_client(&mut self) -> Result<()> {
        // A program start registers its incarnation once; the edits are made by one that runs, as all day at an office.
        let ids = self.newest()?;
        self.link.hold(true);
        let mut operator = self.operator()?;
        for (index, id) in (0..).zip(&ids) {
            let note = corpus::edit(SEED, index);
            operator.submit(&format!("/laporan/{id}/catatan"), &[("note", &note)])?;
        }
        self.gateway.program.stop()?;
        self.link.hold(false);
        Ok(())
    }

    fn edit_at_server(&mut self) -> Result<()> {
        let ids = self.newest()?;
        for id in &ids {
            self.gateway.step(&["verify", id])?;
            self.gateway.step(&["forward", id])?;
        }
        self.begin_sync(None)?.wait()?.success()?;
        let mut liaison = match self.channel {
            Channel::Plain => Visitor::new(self.hub.program.address()?)?,
            Channel::Tls => Visitor::trusting(
                self.hub.program.address()?,
                &self.hub.program.data().join("certificate.pem"),
            )?,
        };
        liaison.log_in(LIAISON.name, LIAISON.password)?;
        for (index, id) in (EDITS..).zip(&ids) {
            let reason = corpus::edit(SEED, index);
            let fields = [("missing", "when"), ("reason", reason.as_str())];
            liaison.submit(&format!("/laporan/{id}/kembalikan"), &fields)?;
        }
        Ok(())
    }

    fn arrived(&self) -> Result<u64> {
        let offices = self.hub.program.json(&["office", "list"])?;
        offices[0]["complaints"].as_u64().context("a number of complaints")
    }

    fn prove_same(&self) -> Result<()> {
        let status = self.gateway.program.json(&["status"])?;
        ensure!(
            status["in_sync_since"].is_number() && status["waiting_items"] == 0,
            "gateway and hub are not proved to hold the same: {status}"
        );
        let arrived = self.arrived()?;
        ensure!(
            arrived == self.complaints,
            "{arrived} of {} complaints are at the hub",
            self.complaints
        );
        for id in self.newest()? {
            let stages = (
                self.gateway.show(&id)?["stage"].clone(),
                self.hub.show(&id)?["stage"].clone(),
            );
            ensure!(
                stages.0 == stages.1,
                "a complaint stands at different stages: {stages:?}"
            );
        }
        Ok(())
    }

    fn stay(&mut self) -> Result<()> {
        // One that waits for news ends its connection when it has something to say itself.
        configure(&self.gateway.program, "gateway.toml", "[sync]\nwait_seconds = 0\n")?;
        let before = self.last_success()?;
        self.operator = Some(self.operator()?);
        // It syncs once by itself when it starts.
        wait::until("the exchange after the start", || {
            Ok((self.last_success()? != before).then_some(()))
        })
    }

    fn again(&mut self) -> Result<()> {
        let operator = self.operator.as_mut().context("the gateway stays")?;
        operator.submit("/sinkronisasi", &[]).map(|_| ())
    }
}

fn configure(program: &Program, file: &str, settings: &str) -> Result<()> {
    std::fs::create_dir_all(program.data())?;
    Ok(std::fs::write(program.data().join(file), settings)?)
}
