//! Registers as offices keep them.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::identity::NikError;
use titian_domain::region::Regions;
use titian_domain::vocabulary::{Channel, Classification};

use super::problem::Trouble;
use super::words::WordList;
use super::*;

const CSV: &str = "\
Register Pengaduan Kecamatan Pelaihari;;;
No;No. Agenda;Tgl. Masuk;Jam;Nama Pelapor;NIK;No. HP/WA;Alamat;Kanal;Klasifikasi;Kategori;Perihal;Uraian;Tgl Kejadian;Lokasi;Desa/Kelurahan;Instansi Tujuan;Anonim;Rahasia;Tindak Lanjut;Golongan Darah
1;300/12/PLH;9/3/2026;10.15 WITA;Rahma Yulianti;6301034507900012;0812-3456-7890;RT 2 Angsau;Datang langsung;Aduan;Infrastruktur;Jembatan kayu lapuk;\"Papan jembatan lapuk;
dua anak terperosok.\";8 Maret 2026;RT 4 dekat surau;Sungai Riam;Dinas PUPR;ya;tidak;Sudah dipasang papan baru.;B
2;;10 Maret 2026;;Anonim;-;;;WA;;;Lampu jalan mati;;sejak awal Maret;;63.01.03.2001;;;;;
";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn register(name: &str, bytes: &[u8]) -> Register {
    read(name, bytes, Zone::Wita, today()).unwrap_or_else(|error| panic!("{error}"))
}

fn good(register: Register) -> Vec<ImportRow> {
    let row = |row: Result<_, RowProblem>| row.unwrap_or_else(|problem| panic!("{}", problem.words(Lang::En)));
    register.rows.into_iter().map(row).collect()
}

fn refusal(name: &str, bytes: &[u8]) -> ImportError {
    read(name, bytes, Zone::Wita, today()).err().expect("refused")
}

/// The problem of the one row, where the header is `Tanggal,Kanal,Judul,` and another column.
fn trouble(column: &str, row: &str) -> (&'static str, Trouble) {
    let text = format!("Tanggal;Kanal;Judul;{column}\n{row}");
    let [row] = register("r.csv", text.as_bytes())
        .rows
        .try_into()
        .ok()
        .expect("one row");
    let problem = row.err().expect("a problem");
    assert_eq!(problem.line, 2);
    (problem.field(Lang::En), problem.trouble)
}

#[test]
fn a_register_in_csv_is_read_field_by_field() {
    let register = register("register.csv", CSV.as_bytes());
    assert_eq!(register.ignored_columns, ["Golongan Darah"]);
    let [one, two] = good(register).try_into().ok().expect("two rows");
    let said = &one.particulars;
    assert_eq!((one.line, one.old_number.as_str()), (3, "300/12/PLH"));
    assert_eq!(
        said.received_at.local(Zone::Wita).to_rfc3339(),
        "2026-03-09T10:15:00+08:00"
    );
    assert_eq!(
        (said.channel, said.classification),
        (Channel::Visit, Some(Classification::Complaint))
    );
    assert_eq!(said.title, "Jembatan kayu lapuk");
    assert_eq!(said.narrative, "Papan jembatan lapuk;\ndua anak terperosok.");
    assert_eq!(
        (said.event_date.as_str(), said.place.as_str()),
        ("2026-03-08", "RT 4 dekat surau, Sungai Riam")
    );
    assert_eq!(
        (said.category.as_str(), said.institution.as_str()),
        ("Infrastruktur", "Dinas PUPR")
    );
    assert_eq!((said.anonymous, said.confidential), (true, false));
    assert_eq!(said.answer, "Sudah dipasang papan baru.");
    let reporter = one.reporter.expect("a reporter");
    assert!(reporter.name == "Rahma Yulianti" && reporter.nik == "6301034507900012");
    assert!(reporter.phone == "+6281234567890" && reporter.address == "RT 2 Angsau");
    assert_eq!((two.line, two.particulars.channel), (5, Channel::WhatsApp));
    assert_eq!(
        two.particulars.received_at.local(Zone::Wita).to_rfc3339(),
        "2026-03-10T00:00:00+08:00"
    );
    assert_eq!(
        (two.particulars.region.as_str(), two.particulars.place.as_str()),
        ("63.01.03.2001", "")
    );
    assert_eq!(two.particulars.event_date, "sejak awal Maret");
    assert!(two.reporter.is_none() && two.particulars.why_nameless == "Anonim");
}

#[test]
fn the_same_register_gives_the_same_ids_in_every_form_of_file() {
    let csv =
        "Tanggal,Kanal,Judul,Nomor,Tindak lanjut\n2026-03-09,Surat,Jalan rusak,7,\n2026-03-10,SMS,Lampu mati,8,\n";
    let json = "{\"tanggal\":\"2026-03-09\",\"kanal\":\"surat\",\"judul\":\"JALAN  RUSAK\",\"nomor\":7,\"jawaban\":\"Selesai\"}\n\n{\"date\":\"2026-03-10T00:00:00+08:00\",\"channel\":\"sms\",\"title\":\"Lampu mati\",\"number\":\"8\",\"answer\":null}";
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "Petunjuk").unwrap();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (place, name) in (0..).zip(["Judul", "Nomor", "Kanal", "Tanggal"]) {
        sheet.write_string(2, place, name).unwrap();
    }
    sheet.write_string(3, 0, "Jalan rusak").unwrap();
    sheet.write_number(3, 1, 7).unwrap();
    sheet.write_string(3, 2, "Surat").unwrap();
    let date = ExcelDateTime::from_ymd(2026, 3, 9).unwrap();
    sheet.write_datetime_with_format(3, 3, &date, &day).unwrap();
    sheet.write_string(4, 0, "Lampu mati").unwrap();
    sheet.write_string(4, 1, "8").unwrap();
    sheet.write_string(4, 2, "SMS").unwrap();
    sheet.write_number(4, 3, 46_091).unwrap();
    let xlsx = book.save_to_buffer().unwrap();
    let ids = |name: &str, bytes: &[u8]| -> Vec<ComplaintId> {
        let rows = good(register(name, bytes));
        rows.iter()
            .map(|row| ComplaintId::new(row.particulars.received_at, row.key))
            .collect()
    };
    let expected = ids("a.csv", csv.as_bytes());
    assert_ne!(expected[0], expected[1]);
    assert_eq!(ids("a.csv", csv.as_bytes()), expected, "twice");
    assert_eq!(
        ids("a.ndjson", json.as_bytes()),
        expected,
        "NDJSON, with the answer that was written since"
    );
    assert_eq!(ids("upload", &xlsx), expected, "XLSX");
    assert_eq!(ids("a.txt", csv.replace(',', "\t").as_bytes()), expected, "tabs");
    let without_first = csv.replace("2026-03-09,Surat,Jalan rusak,7,\n", "");
    assert_eq!(
        ids("a.csv", without_first.as_bytes()),
        expected[1..],
        "whatever else is in the file"
    );
}

#[test]
fn two_people_who_say_the_same_are_two_and_a_repeated_row_is_one() {
    let text = "Tanggal,Kanal,Judul,Nama\n9/3/2026,SMS,KTP lama,Rahma\n9/3/2026,SMS,KTP lama,Bahri\n9/3/2026,SMS,KTP lama,Rahma\n";
    let rows = register("r.csv", text.as_bytes()).rows;
    let keys: Vec<_> = rows.iter().flatten().map(|row| row.key).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1]);
    let problem = rows[2].as_ref().err().expect("the third row is the first one");
    assert_eq!((problem.line, &problem.trouble), (4, &Trouble::Same { first_line: 2 }));
}

#[test]
fn the_key_tells_nothing_of_the_reporter() {
    let with = |reporter: &str| {
        let text = format!("Tanggal,Kanal,Judul,Nama,NIK,No HP\n9/3/2026,SMS,KTP lama,{reporter}\n");
        good(register("r.csv", text.as_bytes()))[0].key
    };
    assert_eq!(
        with("Rahma,6301034507900012,081234567890"),
        with("Bahri,6301030507900013,081234567891")
    );
}

#[test]
fn a_nik_that_a_spreadsheet_rounded_is_never_imported() {
    let rounded = ("NIK", Trouble::Nik(NikError::Spreadsheet));
    for nik in ["6,30103E+15", "6.30103E+15", "6.301e15", "6301034507900000"] {
        assert_eq!(trouble("NIK", &format!("9/3/2026;SMS;KTP;{nik}")), rounded, "{nik}");
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (place, name) in (0..).zip(["Tanggal", "Kanal", "Judul", "NIK", "No HP"]) {
        sheet.write_string(0, place, name).unwrap();
    }
    let numbers = [
        (6_301_034_507_900_420.0, 81_234_567_890.0),
        (9_101_034_507_900_013.0, 81_234_567_890.0),
        (6_301_034_507_900_013.0, 81_234_567_890.0),
        (6_301_034_507_900_013.0, 8.1234e18),
    ];
    for (row, (nik, phone)) in (1..).zip(numbers) {
        for (place, text) in (0..).zip(["9/3/2026", "SMS", "KTP"]) {
            sheet.write_string(row, place, text).unwrap();
        }
        sheet.write_number(row, 3, nik).unwrap();
        sheet.write_number(row, 4, phone).unwrap();
    }
    let rows = register("r.xlsx", &book.save_to_buffer().unwrap()).rows;
    let troubles: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().err().map(|p| p.trouble.clone()))
        .collect();
    let rounded = Some(Trouble::Nik(NikError::Spreadsheet));
    assert_eq!(troubles, [rounded.clone(), rounded, None, Some(Trouble::RoundedPhone)]);
    let reporter = rows[2]
        .as_ref()
        .ok()
        .and_then(|row| row.reporter.as_ref())
        .expect("a reporter");
    assert!(reporter.nik == "6301034507900013" && reporter.phone == "+6281234567890");
}

#[test]
fn each_problem_names_its_field_and_no_message_shows_what_the_cell_says() {
    let unknown = Trouble::UnknownWord;
    assert_eq!(trouble("Isi", "kemarin;SMS;a;"), ("Received", Trouble::BadDate));
    assert_eq!(trouble("Isi", ";SMS;a;"), ("Received", Trouble::Blank));
    assert_eq!(trouble("Isi", "3/25/2026;SMS;a;"), ("Received", Trouble::BadDate));
    assert_eq!(trouble("Isi", "25/11/2026;SMS;a;"), ("Received", Trouble::Future));
    assert_eq!(
        trouble("Jam", "9/3/2026;SMS;a;pagi"),
        ("Time of receipt", Trouble::BadTime)
    );
    assert_eq!(trouble("Isi", "9/3/2026;;a;"), ("Channel", Trouble::Blank));
    assert_eq!(
        trouble("Isi", "9/3/2026;merpati;a;"),
        ("Channel", unknown(WordList::Channel))
    );
    assert_eq!(
        trouble("Jenis", "9/3/2026;SMS;a;Air"),
        ("Classification", unknown(WordList::Classification))
    );
    assert_eq!(trouble("Isi", "9/3/2026;SMS;;-"), ("", Trouble::SaysNothing));
    assert_eq!(
        trouble("Tgl kejadian", "9/3/2026;SMS;a;1/12/2026"),
        ("Date of the event", Trouble::Future)
    );
    assert_eq!(
        trouble("Anonim", "9/3/2026;SMS;a;mungkin"),
        ("Anonymous", unknown(WordList::Flag))
    );
    let long = "x".repeat(256);
    assert_eq!(
        trouble("Isi", &format!("9/3/2026;SMS;{long};")),
        ("Title", Trouble::TooLong { max: 255 })
    );
    for (column, secret) in [
        ("NIK", "63010345079000"),
        ("No HP", "7654321"),
        ("Anonim", "6301034507900012"),
    ] {
        let text = format!("Tanggal;Kanal;Judul;{column}\n9/3/2026;SMS;a;{secret}");
        let rows = register("r.csv", text.as_bytes()).rows;
        let problem = rows[0].as_ref().err().expect("a problem");
        for lang in Lang::ALL {
            let words = problem.words(lang);
            assert!(
                words.contains(problem.field(lang)) && !words.contains(&secret[..5]),
                "{words}"
            );
        }
    }
}

#[test]
fn a_bad_row_never_stops_the_others() {
    let json = "{\"tanggal\":\"9/3/2026\",\"kanal\":\"sms\",\"judul\":\"a\"}\nnonsense\n{\"judul\":[1]}\n{\"tanggal\":\"9/3/2026\",\"kanal\":\"sms\",\"judul\":\"b\"}\n";
    let rows = register("r.ndjson", json.as_bytes()).rows;
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().err().map(|p| (p.line, p.trouble.clone())))
        .collect();
    assert_eq!(
        kinds,
        [None, Some((2, Trouble::NotJson)), Some((3, Trouble::NotPlain)), None]
    );
}

#[test]
fn a_village_is_settled_only_within_the_office_and_only_if_it_is_clear() {
    let regions = Regions::parse("code,name\n63,A\n63.01,B\n63.01.03,C\n63.01.03.2001,Sungai Riam\n63.01.03.2002,Padang\n63.01.03.2003,Padang\n63.01.04,D\n63.01.04.2001,Ujung Batu\n").unwrap();
    let office: OfficeCode = "63.01.03".parse().unwrap();
    let region = |village: &str| {
        let text = format!("Tanggal;Kanal;Judul;Desa\n9/3/2026;SMS;a;{village}");
        let mut row = good(register("r.csv", text.as_bytes())).remove(0);
        row.settle_village(&regions, &office);
        row.particulars.region
    };
    assert_eq!(region("Desa SUNGAI RIAM"), "63.01.03.2001");
    assert_eq!(region("6301042001"), "63.01.04.2001", "a code holds wherever it is");
    assert_eq!((region("Padang"), region("Ujung Batu")), (String::new(), String::new()));
}

#[test]
fn what_is_no_register_is_refused_in_words() {
    let file = ImportError::File;
    assert_eq!(refusal("r.csv", b""), file(WorkbookError::Empty));
    assert_eq!(refusal("r.xlsx", b""), file(WorkbookError::Empty));
    assert_eq!(refusal("r.xlsx", b"Tanggal,Kanal"), file(WorkbookError::NotXlsx));
    assert_eq!(refusal("r.csv", b"PK\x03\x04"), file(WorkbookError::CutOff));
    assert_eq!(refusal("r.csv", b"\0\0\0\0"), ImportError::NotText);
    assert_eq!(refusal("r.csv", b"Nama,Umur\nRahma,30\n"), ImportError::NoHeader);
    assert_eq!(
        refusal("r.csv", &vec![b'a'; FILE_BYTES_MAX + 1]),
        file(WorkbookError::TooLarge { mebibytes_max: 10 })
    );
    let lacking = refusal("r.csv", b"Nama,Tanggal,Alamat\nRahma,9/3/2026,Angsau\n");
    assert_eq!(lacking, ImportError::NoColumn(vec![Column::Channel, Column::Narrative]));
    assert!(lacking.words(Lang::Id).contains("Kanal, Isi laporan"));
    let many = "Tanggal,Kanal,Judul\n".to_owned() + &"9/3/2026,SMS,a\n".repeat(ROWS_MAX + 1);
    assert_eq!(
        refusal("r.csv", many.as_bytes()),
        file(WorkbookError::TooManyRows { rows_max: ROWS_MAX })
    );
}

#[test]
fn cut_and_flipped_files_are_refused_or_read_and_never_panic() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip([
        "Tanggal|Kanal|Judul",
        "9/3/2026|SMS|Jalan rusak",
        "10/3/2026|WA|Lampu mati",
    ]) {
        for (place, cell) in (0..).zip(line.split('|')) {
            sheet.write_string(row, place, cell).unwrap();
        }
    }
    let xlsx = book.save_to_buffer().unwrap();
    for length in (0..xlsx.len()).step_by(xlsx.len() / 100) {
        assert!(
            matches!(refusal("r.xlsx", &xlsx[..length]), ImportError::File(_)),
            "{length} bytes"
        );
    }
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    for (name, valid) in [
        ("r.xlsx", &xlsx[..]),
        ("r.csv", CSV.as_bytes()),
        ("r.ndjson", b"{\"tanggal\":\"9/3/2026\"}"),
    ] {
        for _ in 0..400 {
            let mut bytes = valid[..=next(valid.len())].to_vec();
            if name == "r.xlsx" {
                bytes = valid.to_vec();
            }
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                bytes[at] = u8::try_from(next(256)).unwrap();
            }
            let _ = read(name, &bytes, Zone::Wita, today());
        }
    }
}
