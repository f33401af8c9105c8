//! What the commands answer to wrong input: the exit code, what is wrong, and what to do next.

use titian_demo::cast::{Cast, PELAIHARI};
use titian_demo::program::Program;

use crate::stage::{Stage, sheet};

#[test]
fn where_an_office_sets_so_somebody_else_verifies() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let program = &cast.pelaihari.program;
    let recorded = cast.pelaihari.add(&sheet(1)).unwrap();
    let add = [
        "staff",
        "add",
        "aminah",
        "--full-name",
        "Aminah Yusuf",
        "--role",
        "verifier",
        "--password-stdin",
    ];
    program.run_with(&add, "perahu biru\n").unwrap().success().unwrap();
    std::fs::write(
        program.data().join("gateway.toml"),
        "[verification]\nby_another = true\n",
    )
    .unwrap();
    let own = program.run(&["complaint", "verify", &recorded.id]).unwrap();
    assert_eq!(own.code, Some(5), "{}", own.stderr);
    assert!(
        own.stderr.contains("somebody else verifies it") && own.stderr.contains("next: "),
        "{}",
        own.stderr
    );
    cast.pelaihari
        .step(&["verify", &recorded.id, "--staff", "aminah"])
        .unwrap();
    // Off, as it is delivered: one person may do both.
    std::fs::remove_file(program.data().join("gateway.toml")).unwrap();
    let other = cast.pelaihari.add(&sheet(2)).unwrap();
    cast.pelaihari.step(&["verify", &other.id]).unwrap();
}

#[test]
fn the_gateway_names_what_is_wrong_and_what_to_do() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let gateway = &cast.pelaihari;
    let whole = gateway.add(&sheet(1)).unwrap();
    gateway.add(&serde_json::json!({ "title": "Jalan rusak" })).unwrap();
    let number = |serial: u32| whole.register.replace("0001", &format!("{serial:04}"));
    let told = transcript(
        &gateway.program,
        &stage,
        &[
            (&["complaint", "show", &number(99)], ""),
            (&["complaint", "verify", &number(2)], ""),
            (&["complaint", "forward", &number(1)], ""),
            (&["complaint", "answered", &number(1), "--note", "Sudah dijawab"], ""),
            (&["complaint", "add", "--channel", "merpati"], ""),
            (&["complaint", "add", "--reporter-nik", "123"], ""),
            (&["complaint", "add", "--title", &"a".repeat(256)], ""),
            (&["complaint", "add", "--json", "-"], r#"{"tilte": "Jalan rusak"}"#),
            (
                &["complaint", "close", &number(1), "--outcome", "lost", "--note", "-"],
                "",
            ),
            (&["import", "nothing-here.csv"], ""),
            (&["enrol", "ABC-DEF"], ""),
            (&["sync"], ""),
            (
                &[
                    "staff",
                    "add",
                    "a",
                    "--full-name",
                    "A",
                    "--role",
                    "operator",
                    "--password-stdin",
                ],
                "short",
            ),
        ],
    );
    insta::assert_snapshot!(told.replace(&whole.register[..16], "63.01.03/A/YEAR/"), @r#"
    $ complaint show 63.01.03/A/YEAR/0099
    error: there is no such complaint at this office
    next: see `titian-gateway complaint list` for ids and register numbers
    exit 4

    $ complaint verify 63.01.03/A/YEAR/0002
    error: The complaint is not complete. No classification: complaint, aspiration or request for information. What happened is not clear: tell it in at least one sentence. No date of the event. No place: choose the village or write where it happened. No institution addressed. No category. No reporter: write the name, or why there is none. No contact: write a phone number, an email or postal address, or why there is none.
    next: fill in what is missing with `titian-gateway complaint amend`
    exit 5

    $ complaint forward 63.01.03/A/YEAR/0001
    error: This step is not possible now: the complaint is at stage “Recorded”. Show it to see the steps that are open.
    next: see where it stands with `titian-gateway complaint show`
    exit 5

    $ complaint answered 63.01.03/A/YEAR/0001 --note Sudah dijawab
    error: No question to the complainant is open.
    next: see where it stands with `titian-gateway complaint show`
    exit 5

    $ complaint add --channel merpati
    error: invalid value 'merpati' for '--channel <CHANNEL>': unknown channel; one of these is expected: visit, letter, phone, sms, whatsapp, email, suggestion_box, social_media, web, app

    For more information, try '--help'.
    exit 2

    $ complaint add --reporter-nik 123
    error: --reporter-nik: A NIK has 16 digits, 3 were typed. Check it against the identity card.
    next: correct the number or leave it out
    exit 2

    $ complaint add --title LONG
    error: --title is longer than 255 characters
    next: shorten it
    exit 2

    $ complaint add --json -
    error: standard input is not a complaint: `tilte` is wrong (line 1, column 8)
    next: give one JSON object with the fields that `complaint add --help` lists, with _ for -
    exit 2

    $ complaint close 63.01.03/A/YEAR/0001 --outcome lost --note -
    error: invalid value 'lost' for '--outcome <OUTCOME>': unknown outcome; one of these is expected: referred, withdrawn, duplicate, mistaken

    For more information, try '--help'.
    exit 2

    $ import nothing-here.csv
    error: cannot read nothing-here.csv: No such file or directory (os error 2)
    next: check the path
    exit 2

    $ enrol ABC-DEF
    error: the enrolment code has a typing error; compare it with the paper, group by group
    next: nothing was changed; type the code again
    exit 2

    $ sync
    error: the hub cannot be reached (no connection)
    next: check the link; everything is saved here and goes out at the next exchange
    exit 6

    $ staff add a --full-name A --role operator --password-stdin
    error: the password is shorter than 8 letters
    next: choose another password
    exit 2
    "#);
    let listed = gateway.program.json(&["complaint", "list"]).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2, "a refused command leaves no trace");
    stage.assert_no_errors();
}

#[test]
fn a_gateway_that_belongs_to_no_office_says_how_to_join_one() {
    let stage = Stage::new();
    let gateway = stage.gateway("new");
    let told = transcript(
        &gateway.program,
        &stage,
        &[(&["complaint", "add", "--title", "Jalan rusak"], ""), (&["sync"], "")],
    );
    insta::assert_snapshot!(told, @r#"
    $ complaint add --title Jalan rusak
    error: this gateway does not know its office yet
    next: ask the administrator for a code and type `titian-gateway enrol CODE`
    exit 5

    $ sync
    error: this gateway is not enrolled yet
    next: ask the administrator for a code and type `titian-gateway enrol CODE`
    exit 5
    "#);
    let list = gateway.program.json(&["complaint", "list"]).unwrap();
    assert_eq!(list, serde_json::json!([]));
}

#[test]
fn the_hub_names_what_is_wrong_and_what_to_do() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let taken = titian_demo::cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let other = titian_demo::cast::forward(&cast.pelaihari, &sheet(2)).unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    for id in [&taken.id, &other.id] {
        cast.hub.step(&["accept", id]).unwrap();
    }
    cast.hub
        .step(&["enter", &taken.id, "--tracking-id", "9500001"])
        .unwrap();
    let told = transcript(
        &cast.hub.program,
        &stage,
        &[
            (&["office", "add", "99"], ""),
            (&["office", "add", PELAIHARI.0], ""),
            (&["office", "code", "63.01.04"], ""),
            (&["complaint", "show", "9999999"], ""),
            (&["complaint", "accept", &other.register], ""),
            (
                &[
                    "complaint",
                    "return",
                    &other.register,
                    "--missing",
                    "weather",
                    "--reason",
                    "-",
                ],
                "",
            ),
            (&["complaint", "enter", &other.register, "--tracking-id", "12"], ""),
            (&["complaint", "enter", &other.register, "--tracking-id", "9500001"], ""),
            (&["lapor", "import", "nothing-here.xlsx"], ""),
        ],
    );
    insta::assert_snapshot!(told.replace(&taken.register[..16], "63.01.03/A/YEAR/"), @r#"
    $ office add 99
    error: invalid value '99' for '<CODE>': not an office code: a sub-district code such as 63.01.03 is expected

    For more information, try '--help'.
    exit 2

    $ office add 63.01.03
    error: office 63.01.03 exists already
    next: see `titian-hub office list`
    exit 5

    $ office code 63.01.04
    error: there is no office 63.01.04
    next: add it with `titian-hub office add`
    exit 4

    $ complaint show 9999999
    error: there is no such complaint at the hub
    next: see `titian-hub complaint list` for ids and register numbers
    exit 4

    $ complaint accept 63.01.03/A/YEAR/0002
    error: This step is not possible now: the complaint is at stage “Accepted”. Show it to see the steps that are open.
    next: see where it stands with `titian-hub complaint show`
    exit 5

    $ complaint return 63.01.03/A/YEAR/0002 --missing weather --reason -
    error: invalid value 'weather' for '--missing <MISSING>': unknown missing item; one of these is expected: classification, title, what, when, where, institution, category, who, contact, other

    For more information, try '--help'.
    exit 2

    $ complaint enter 63.01.03/A/YEAR/0002 --tracking-id 12
    error: invalid value '12' for '--tracking-id <TRACKING_ID>': not a Tracking ID: seven to nine digits are expected

    For more information, try '--help'.
    exit 2

    $ complaint enter 63.01.03/A/YEAR/0002 --tracking-id 9500001
    error: complaint 63.01.03/A/YEAR/0001 has this Tracking ID already; check the number in LAPOR
    next: compare both reports in LAPOR; nothing was changed
    exit 5

    $ lapor import nothing-here.xlsx
    error: cannot read nothing-here.xlsx: No such file or directory (os error 2)
    next: check the path
    exit 2
    "#);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// Runs commands and writes down what a person at the terminal sees.
fn transcript(program: &Program, stage: &Stage, commands: &[(&[&str], &str)]) -> String {
    let run = |(args, input): &(&[&str], &str)| {
        let outcome = program.run_with(args, input).unwrap();
        let words: Vec<_> = args
            .iter()
            .map(|word| if word.len() > 60 { "LONG" } else { word })
            .collect();
        let code = outcome
            .code
            .map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        format!(
            "$ {}\n{}{}exit {code}\n",
            words.join(" "),
            outcome.stdout,
            outcome.stderr
        )
    };
    let told: Vec<_> = commands.iter().map(run).collect();
    told.join("\n").replace(&stage.folder().display().to_string(), "FOLDER")
}
