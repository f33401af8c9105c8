//! Writes an Excel export in the form that LAPOR gives to coordinators and liaisons.

use std::path::Path;

use anyhow::Result;
use rust_xlsxwriter::Workbook;

/// The columns that a real export has, of which an import reads a few (`DOMAIN.md`: matched by name, in any order).
const COLUMNS: [&str; 25] = [
    "Tracking ID",
    "Tanggal Laporan Masuk",
    "Waktu Laporan Masuk",
    "Nama Pelapor",
    "Klasifikasi Laporan",
    "ID Kategori",
    "Kategori",
    "Judul Laporan",
    "Isi Laporan Awal",
    "Isi Laporan Akhir",
    "Tipe Laporan (Anonim/Rahasia)",
    "Sumber Laporan",
    "Instansi Induk",
    "ID Instansi Terdisposisi",
    "Instansi Terdisposisi",
    "Status Laporan",
    "Alasan Tunda/Arsip",
    "Provinsi",
    "Kota/Kabupaten",
    "Kecamatan",
    "Kelurahan",
    "Nomor SK",
    "Url SK",
    "Url Dokumen Laporan Tahunan",
    "Rating",
];

/// One report of the export.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// LAPOR's number.
    pub tracking_id: String,
    /// The title.
    pub title: String,
    /// The status in LAPOR's words.
    pub status: String,
    /// The institution that it is disposed to; empty if it is not.
    pub disposed_to: String,
}

/// Writes an export.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, rows: &[Row]) -> Result<()> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let preamble = [
        "Laporan Rekapitulasi",
        "Pemerintah Kabupaten Tanah Laut",
        "Diunduh 3 Jan 2026 10:15",
    ];
    for (line, text) in (0..).zip(preamble) {
        sheet.write(line, 0, text)?;
    }
    let header = 4;
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write(header, column, name)?;
    }
    for (line, row) in (header + 1..).zip(rows) {
        let cells = [
            ("Tanggal Laporan Masuk", "3 Jan 2026"),
            ("Waktu Laporan Masuk", "09:30"),
            ("Klasifikasi Laporan", "Pengaduan"),
            ("Judul Laporan", &row.title),
            ("Sumber Laporan", "Tatap Muka"),
            ("Instansi Terdisposisi", &row.disposed_to),
            ("Status Laporan", &row.status),
            ("Provinsi", "Kalimantan Selatan"),
            ("Kota/Kabupaten", "Kab. Tanah Laut"),
        ];
        for (column, name) in (0..).zip(COLUMNS) {
            let cell = cells.iter().find(|(of, _)| *of == name).map_or("", |(_, text)| text);
            sheet.write(line, column, cell)?;
        }
        // Real exports have numbers here in some rows and texts in others.
        match row.tracking_id.parse::<u32>() {
            Ok(number) if line % 2 == 0 => sheet.write(line, 0, number)?,
            _ => sheet.write(line, 0, row.tracking_id.as_str())?,
        };
    }
    workbook.save(path)?;
    Ok(())
}
