//! The columns that a register can have, and the names that offices give them.

use titian_domain::lang::Lang;
use titian_domain::particulars::Field;

/// What a column of a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The day, and perhaps the time, of receipt.
    ReceivedAt,
    /// The time of receipt, where it has its own column.
    ReceivedTime,
    /// The way by which it reached the office.
    Channel,
    /// Complaint, aspiration or request for information.
    Classification,
    /// LAPOR's category.
    Category,
    /// One short sentence.
    Title,
    /// What happened.
    Narrative,
    /// When it happened.
    EventDate,
    /// The code or the name of the village where it happened.
    Village,
    /// Where exactly.
    Place,
    /// The institution addressed.
    Institution,
    /// Whether the name is hidden.
    Anonymous,
    /// Whether the report is hidden.
    Confidential,
    /// Both of them in words: *anonim*, *rahasia*.
    Openness,
    /// The reporter's name.
    Name,
    /// The reporter's identity number.
    Nik,
    /// The reporter's phone number, or any other contact.
    Phone,
    /// The reporter's electronic mail address.
    Email,
    /// The reporter's postal address.
    Address,
    /// Why there is no name.
    WhyNameless,
    /// Why there is no contact.
    WhyUnreachable,
    /// What was done about it.
    Answer,
    /// The number that the office gave it on paper.
    OldNumber,
    /// The running number of the row: known, and of no use.
    Ordinal,
}

/// Names by column, folded by [`fold`] and parted by commas. The codes of the fields are names too.
const NAMES: [(Column, &str); 24] = [
    (
        Column::ReceivedAt,
        "tanggal,tgl,tanggal masuk,tgl masuk,tanggal diterima,tgl diterima,tanggal terima,tgl terima,\
         tanggal laporan,tgl laporan,tanggal laporan masuk,tanggal pengaduan,tgl pengaduan,tanggal aduan,\
         hari tanggal,hari tgl,waktu masuk,received at,received,date received,date",
    ),
    (
        Column::ReceivedTime,
        "jam,waktu,pukul,jam masuk,jam diterima,waktu laporan masuk,time",
    ),
    (
        Column::Channel,
        "channel,kanal,media,kanal aduan,kanal pengaduan,media pengaduan,media aduan,saluran,sumber,\
         sumber laporan,cara penyampaian,melalui,via",
    ),
    (
        Column::Classification,
        "classification,klasifikasi,klasifikasi laporan,jenis,jenis laporan,jenis pengaduan,jenis aduan",
    ),
    (Column::Category, "category,kategori,kategori laporan,bidang,topik"),
    (
        Column::Title,
        "title,judul,judul laporan,perihal,hal,pokok,pokok aduan,subjek,subject",
    ),
    (
        Column::Narrative,
        "narrative,isi,isi laporan,isi aduan,isi pengaduan,isi laporan awal,uraian,uraian laporan,\
         uraian aduan,uraian pengaduan,kronologi,keluhan,aduan,pengaduan,content,description",
    ),
    (
        Column::EventDate,
        "event date,tanggal kejadian,tgl kejadian,waktu kejadian,hari kejadian,tanggal peristiwa,\
         date of the event",
    ),
    (
        Column::Village,
        "region,desa,kelurahan,desa kelurahan,kelurahan desa,desa kel,kel desa,kode desa,kode wilayah,\
         wilayah,village",
    ),
    (
        Column::Place,
        "place,lokasi,tempat,lokasi kejadian,tempat kejadian,alamat kejadian,alamat lokasi,\
         place of the event,location",
    ),
    (
        Column::Institution,
        "institution,instansi,instansi tujuan,tujuan,instansi terkait,ditujukan kepada,ditujukan,skpd,\
         opd,skpd tujuan,opd tujuan,institution addressed",
    ),
    (Column::Anonymous, "anonymous,anonim"),
    (Column::Confidential, "confidential,rahasia"),
    (
        Column::Openness,
        "tipe laporan,sifat,sifat laporan,anonim rahasia,tipe laporan anonim rahasia",
    ),
    (
        Column::Name,
        "name,nama,pelapor,nama pelapor,nama lengkap,nama pengadu,pengadu,nama warga,reporter,\
         reporter name",
    ),
    (
        Column::Nik,
        "nik,no nik,nomor nik,no ktp,nomor ktp,ktp,nik ktp,no ktp nik",
    ),
    (
        Column::Phone,
        "phone,telepon,telp,tlp,no telepon,no telp,no tlp,nomor telepon,hp,no hp,nomor hp,wa,no wa,\
         nomor wa,whatsapp,no whatsapp,hp wa,no hp wa,no wa hp,telepon hp,telp hp,no telp hp,no hp telp,\
         kontak,no kontak,nomor kontak,handphone,phone number,contact",
    ),
    (Column::Email, "email,e mail,surel,alamat email"),
    (Column::Address, "address,alamat,alamat pelapor,alamat lengkap,domisili"),
    (Column::WhyNameless, "why nameless,alasan tanpa nama"),
    (Column::WhyUnreachable, "why unreachable,alasan tanpa kontak"),
    (
        Column::Answer,
        "answer,jawaban,tindak lanjut,tindaklanjut,penyelesaian,tanggapan,hasil,hasil tindak lanjut",
    ),
    (
        Column::OldNumber,
        "nomor,no agenda,nomor agenda,no register,nomor register,no registrasi,nomor registrasi,\
         no laporan,nomor laporan,no pengaduan,nomor pengaduan,agenda,old number,number,register number",
    ),
    (Column::Ordinal, "no,no urut,nomor urut,urut,row"),
];

impl Column {
    /// Finds the column that a name means, whatever its case and punctuation.
    pub fn named(name: &str) -> Option<Self> {
        let find = |folded: &str| {
            let fits = |(_, names): &&(Self, &str)| names.split(',').any(|name| name == folded);
            NAMES.iter().find(fits).map(|(column, _)| *column)
        };
        // "Isi Laporan (kronologi singkat)": without the explanation if it is not known with it.
        find(&fold(name)).or_else(|| find(&fold(name.split('(').next()?)))
    }

    /// Gives the name that messages use.
    pub fn label(self, lang: Lang) -> &'static str {
        let field = match self {
            Self::ReceivedAt => Field::ReceivedAt,
            Self::Channel => Field::Channel,
            Self::Classification => Field::Classification,
            Self::Category => Field::Category,
            Self::Title => Field::Title,
            Self::Narrative => Field::Narrative,
            Self::EventDate => Field::EventDate,
            Self::Village => Field::Region,
            Self::Place => Field::Place,
            Self::Institution => Field::Institution,
            Self::Anonymous => Field::Anonymous,
            Self::Confidential => Field::Confidential,
            Self::WhyNameless => Field::WhyNameless,
            Self::WhyUnreachable => Field::WhyUnreachable,
            Self::Answer => Field::Answer,
            Self::ReceivedTime => return lang.pick("Jam diterima", "Time of receipt"),
            Self::Openness => return lang.pick("Sifat (anonim/rahasia)", "Openness (anonymous/confidential)"),
            Self::Name => return lang.pick("Nama", "Name"),
            Self::Nik => return "NIK",
            Self::Phone => return lang.pick("Telepon", "Phone"),
            Self::Email => return "Email",
            Self::Address => return lang.pick("Alamat", "Address"),
            Self::OldNumber => return lang.pick("Nomor agenda", "Number"),
            Self::Ordinal => return lang.pick("No", "Row"),
        };
        field.label(lang)
    }
}

/// Folds a name to its words.
pub fn fold(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_columns_and_every_name_is_folded() {
        let mut seen = std::collections::BTreeMap::new();
        for (column, names) in NAMES {
            for name in names.split(',') {
                assert_eq!(fold(name), name);
                assert_eq!(seen.insert(name, column), None, "{name}");
            }
        }
    }

    #[test]
    fn names_are_found_whatever_their_case_and_punctuation() {
        let columns = [
            ("Tgl. Masuk", Column::ReceivedAt),
            ("\u{feff}TANGGAL  MASUK", Column::ReceivedAt),
            ("No. HP/WA", Column::Phone),
            ("Desa / Kelurahan", Column::Village),
            ("Isi Laporan (kronologi singkat)", Column::Narrative),
            ("Tipe Laporan (Anonim/Rahasia)", Column::Openness),
            ("received_at", Column::ReceivedAt),
            ("No. Agenda", Column::OldNumber),
            ("Tindak lanjut", Column::Answer),
        ];
        for (name, column) in columns {
            assert_eq!(Column::named(name), Some(column), "{name}");
        }
        assert_eq!(Column::named("Golongan darah"), None);
    }
}
