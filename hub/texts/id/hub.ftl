# Teks halaman hub. Kunci yang sama ada di texts/en/hub.ftl.

## Navigasi
nav-inbox = Kotak masuk
nav-waiting = Menunggu disposisi
nav-import = Impor LAPOR
nav-offices = Kantor

## Kata yang dipakai di banyak halaman
yes = Ya
no = Tidak
copy = Salin
untitled = (tanpa judul)
value-empty = (belum diisi)
value-reporter = catatan pelapor { $mark }
since = sejak { $when }
ago-today = hari ini
ago-yesterday = kemarin
ago-days = { $count } hari yang lalu
col-register = Nomor agenda
col-office = Kantor
col-title = Judul
col-title-office = Judul dan kantor
col-stage = Tahap
col-due = Batas waktu
col-since = Sejak
col-tracking = ID lacak (Tracking ID)
col-status = Status di LAPOR
col-disposition = Disposisi
col-line = Baris
col-waiting = Menunggu diterima
col-gateway = Gateway
col-seen = Kontak terakhir
col-in-sync = Terbukti sama sejak
due-none = –
due-paused = menunggu pelapor
due-today = hari ini
due-tomorrow = besok
due-over-today = lewat batas hari ini
due-over = lewat { $count } hari

## Kotak masuk
inbox-title = Kotak masuk
pile-accept = menunggu diterima
pile-enter = perlu dimasukkan ke LAPOR
pile-disposition = menunggu disposisi
pile-since = terlama sejak { $when }
pile-overdue = lewat batas waktu
filter-search = Cari
filter-search-hint = nomor, judul, isi, nama
warning-search-forgotten = Pencarian itu sudah tidak tersimpan. Ketik lagi di kotak cari.
filter-stage = Tahap
filter-stage-all = Semua tahap
filter-office = Kantor
filter-office-all = Semua kantor
filter-due = Batas waktu
filter-due-all = Semua
filter-overdue = Lewat batas
filter-apply = Tampilkan
filter-clear = Tampilkan semua
inbox-empty = Belum ada laporan. Laporan muncul di sini setelah kantor menyinkronkannya.
inbox-nothing-found = Tidak ada laporan yang cocok. Ubah pencarian, atau tampilkan semua.
inbox-no-more = Tidak ada laporan yang lebih lama.
pager = Halaman daftar
pager-newest = ← Terbaru
pager-older = Lebih lama →
flag-mended = sudah diperbaiki
flag-conflict = isian berbeda
flag-reverify = berubah setelah verifikasi
flag-unmerged = belum lengkap diterima
flag-anonymous = anonim
flag-confidential = rahasia
flag-round = diteruskan ke-{ $count }

## Satu laporan
no-such-complaint = Laporan ini tidak ada di hub.
no-such-complaint-next = Periksa alamatnya. Jika kantor baru saja mencatatnya, tunggu sinkronisasi berikutnya lalu muat ulang.
only-liaison-next = Akun Anda hanya dapat membaca. Mintalah pejabat penghubung untuk melakukannya.
refused-next = Kembali ke laporan, muat ulang halamannya, lalu pilih langkah yang tersedia.
form-not-saved = Belum disimpan. Perbaiki isian yang ditandai, lalu kirim lagi.
you-typed = Yang Anda ketik (salin bila masih diperlukan):
text-too-long = Terlalu panjang: paling banyak { $max } huruf. Pendekkan lalu kirim lagi.
says-title = Isi laporan
changed-since-verified = Isi laporan berubah setelah diverifikasi kantor. Bandingkan dengan kantor sebelum menerima atau menyalinnya, atau kembalikan untuk diverifikasi ulang.
waits-for-complainant = Kantor sedang menunggu jawaban pelapor; batas waktu berhenti sementara.
not-merged = Sebagian perubahan laporan ini belum dapat digabungkan. Yang tampil mungkin belum lengkap; beri tahu administrator.
already-resolved = Laporan ini sudah diselesaikan di kantor. Jawabannya ikut disalin ke formulir LAPOR.
out-of-scope = Kantor menandai laporan ini di luar lingkup LAPOR: { $kind }.
conflicts-title = Ada isian yang saling berbeda
conflicts-explained = Dua petugas mengisi kolom yang sama tanpa saling tahu. Kantor yang memilih mana yang benar; sampai itu jelas, jangan disalin ke LAPOR.
conflict-value = “{ $value }”, oleh { $staff }, { $when }

## Pelapor
reporter-title = Pelapor
reporter-name = Nama
reporter-nik = NIK
reporter-phone = Telepon
reporter-email = Email
reporter-address = Alamat
reporter-why-nameless = Alasan tanpa nama
reporter-why-unreachable = Alasan tanpa kontak
reporter-masked = ••••••
reporter-none = tidak disebutkan
reporter-not-here = data pelapor belum tiba atau sudah dihapus
revealed-hint = Hanya untuk tampilan ini; saat halaman dibuka lagi, data disamarkan kembali.

## Langkah
next-title = Langkah berikutnya
next-recorded = Masih di kantor: laporan sedang dilengkapi. Belum ada yang perlu dilakukan di sini.
next-verified = Masih di kantor: sudah diverifikasi, belum diteruskan. Belum ada yang perlu dilakukan di sini.
next-forwarded = Periksa kelengkapannya, lalu terima atau kembalikan ke kantor.
next-returned = Dikembalikan ke kantor untuk diperbaiki. Tunggu sampai kantor meneruskannya lagi.
next-accepted = Salin ke LAPOR, lalu catat ID lacak (Tracking ID) yang diberikan LAPOR.
next-entered = Sudah ada di LAPOR. Pantau sampai admin koordinator mendisposisikannya; impor LAPOR mencatatnya sendiri.
next-disposed = Sudah didisposisikan. Statusnya mengikuti impor LAPOR.
next-closed = Laporan sudah ditutup. Tidak ada lagi yang perlu dilakukan.
accept-button = Terima laporan
accept-hint = Setelah diterima, laporan disalin ke LAPOR.
return-title = Kembalikan ke kantor
return-missing = Apa yang kurang?
return-missing-none = Centang paling sedikit satu hal yang kurang.
return-reason = Penjelasan untuk petugas kantor
return-reason-hint = Tulis apa yang harus diperbaiki, supaya petugas tidak perlu bertanya lagi.
return-reason-blank = Tulis penjelasannya: petugas kantor perlu tahu apa yang harus diperbaiki.
return-button = Kembalikan
sheet-open = Buka lembar salin
tracking-enter = ID lacak (Tracking ID) dari LAPOR
tracking-hint = 7 sampai 9 angka, misalnya 5049672.
tracking-save = Simpan ID lacak
tracking-blank = Ketik ID lacak yang ditampilkan LAPOR setelah laporan dikirim.
tracking-wrong = ID lacak terdiri dari 7 sampai 9 angka tanpa huruf. Periksa lagi di LAPOR.
tracking-taken = ID lacak ini sudah dipakai laporan { $register }. Periksa nomornya di LAPOR.
tracking-now = Yang tercatat sekarang: { $tracking }
tracking-correct = Betulkan ID lacak
tracking-right = ID lacak yang benar
dispose-title = Catat disposisi dengan tangan
dispose-hint = Hanya bila hasil ekspor LAPOR tidak tersedia: nama instansi yang menerima disposisi.
dispose-blank = Ketik nama instansi yang menerima disposisi.
dispose-button = Catat disposisi
close-title = Tutup laporan
close-reason = Mengapa ditutup?
close-hint = Setelah ditutup, tidak ada langkah lagi di sini.
close-blank = Tulis alasan penutupan.
close-button = Tutup laporan
no-status-yet = belum diketahui
not-disposed-yet = belum didisposisikan
deadlines-title = Batas waktu
notice-accepted = Laporan diterima. Sekarang salin ke LAPOR.
notice-returned = Laporan dikembalikan ke kantor; petugas melihatnya setelah sinkronisasi berikutnya.
notice-entered = ID lacak disimpan. Laporan sekarang menunggu disposisi.
notice-disposed = Disposisi dicatat.
notice-closed = Laporan ditutup.
notice-nothing-new = Itu sudah tercatat sebelumnya; tidak ada yang berubah.

## Riwayat
timeline-title = Riwayat
clock-not-trusted = jam komputer tidak pasti
event-recorded = Dicatat di kantor
event-verified = Diverifikasi: isi laporan jelas
event-forwarded = Diteruskan ke pejabat penghubung
event-forwarded-again = Diteruskan lagi ke pejabat penghubung (ke-{ $count })
event-asked = Pelapor ditanya; batas waktu berhenti sementara
event-answered = Jawaban pelapor dicatat; batas waktu berjalan lagi
event-noted = Catatan
event-attached = Lampiran ditambahkan
event-detached = Lampiran dihapus
event-closed-at-office = Ditutup di kantor: { $outcome }
event-received = Diterima oleh hub
event-accepted = Diterima pejabat penghubung
event-returned = Dikembalikan ke kantor
event-returned-missing = Yang kurang: { $items }
event-entered = Dimasukkan ke LAPOR, ID lacak { $tracking }
event-disposed = Didisposisikan ke { $institution }
event-status = Status di LAPOR: { $status }
event-closed = Ditutup
event-unknown = Kejadian dari versi program yang lebih baru

## Lembar salin
sheet-title = Lembar salin
sheet-intro = Buka formulir LAPOR di sebelahnya. Urutan di bawah ini sama dengan formulir LAPOR: salin satu per satu, lalu tempel.
sheet-reveal = Tampilkan data pelapor untuk disalin
sheet-masked = disamarkan
sheet-names = Kata-kata warga di bawah ini menyebut { $kinds }. Isi laporan di LAPOR terbaca oleh instansi, dan oleh publik bila tidak rahasia. Periksa bagian yang ditandai, lalu pilih yang disalin.
sheet-proposal = Usulan
sheet-take-proposal = Pakai usulan
sheet-take-as-written = Pakai teks asli
sheet-wording-hint = Pilihan Anda dicatat. Mungkin ada nama lain yang tidak dikenali: baca dulu sebelum mengirim.
sheet-chosen-redacted = Yang disalin adalah usulan: nomor dan nama diganti dengan sebutannya. Baca dulu: mungkin ada nama lain yang tidak dikenali.
sheet-chosen-as-written = Yang disalin adalah teks asli, beserta nomor dan nama di dalamnya.
sheet-choose-first = pilih dulu di atas
sheet-nothing = – (kosong)
sheet-resolved = Laporan ini sudah diselesaikan di kantor: isi juga jawabannya di formulir yang sama.
sheet-not-yet = Laporan ini berada di tahap “{ $stage }” dan belum dapat dimasukkan ke LAPOR dari sini.
sheet-back = Kembali ke laporan
sheet-then = Setelah dikirim di LAPOR

## Impor LAPOR
import-title = Impor hasil ekspor LAPOR
import-intro = Berkas Excel dari LAPOR membawa pulang status dan disposisi setiap laporan.
import-step-download = Di LAPOR, unduh laporan Excel untuk periode yang Anda perlukan.
import-step-choose = Pilih berkas itu di bawah ini. Anda melihat dulu apa yang akan berubah.
import-step-confirm = Jika sudah benar, konfirmasikan. Mengimpor berkas yang sama dua kali tidak mengubah apa pun.
import-file = Berkas Excel (.xlsx)
import-file-hint = Paling besar { $max } MiB, tanpa kata sandi, tidak diubah.
import-look = Lihat apa yang akan berubah
import-no-file = Belum ada berkas yang dipilih. Pilih berkas .xlsx dari LAPOR, lalu coba lagi.
import-cut-off = Unggahan terputus di tengah jalan. Tidak ada yang diubah; pilih berkasnya dan coba lagi.
import-too-large = Berkas ini lebih besar dari { $max } MiB. Tidak ada yang diubah. Batasi periodenya di LAPOR atau bagi menjadi beberapa berkas, lalu coba lagi.
import-forgotten = Unggahan ini sudah tidak tersimpan: waktunya lewat, ada unggahan baru, atau program dimulai ulang. Tidak ada yang diubah olehnya; pilih berkasnya sekali lagi.
import-preview-title = Yang akan berubah
import-done-title = Impor selesai
import-would-change = { $count } laporan akan berubah.
import-changed = { $count } laporan diperbarui.
import-nothing-yet = Belum ada yang diubah.
import-rows = Baris laporan di berkas
import-unchanged = Sudah sama dengan catatan
import-unmatched-count = Tidak ada di hub
import-problem-count = Bermasalah
import-apply = Terapkan perubahan ini
import-cancel = Batal
import-another = Impor berkas lain
import-to-inbox = Ke kotak masuk
import-to-waiting = Lihat yang menunggu disposisi
import-unknown-statuses = Status berikut belum pernah dilihat program ini. Status tetap dicatat apa adanya:
import-unknown-columns = Kolom berikut belum dikenal dan tidak dibaca:
import-changes = Perubahan
import-changes-done = Yang diperbarui
import-same = tetap
import-refused = Laporan berikut tidak diubah; yang lain sudah diperbarui:
import-more = … dan { $count } lagi
import-guesses = Mungkin laporan Anda
import-guesses-explained = Judulnya sama dengan laporan yang sudah diterima tetapi belum punya ID lacak. Periksa di LAPOR; jika memang sama, catat ID lacaknya pada laporan itu, lalu impor lagi.
import-problems = Baris yang bermasalah
import-unmatched = Baris tanpa laporan di hub
import-unmatched-explained = ID lacak ini tidak tercatat pada laporan mana pun di sini. Itu biasa: sebagian besar laporan masuk ke LAPOR tanpa melalui kantor. Jika salah satunya laporan Anda, catat ID lacaknya pada laporan itu, lalu impor lagi.

## Menunggu disposisi
waiting-title = Menunggu disposisi
waiting-intro = Laporan yang sudah ada di LAPOR dan belum didisposisikan oleh admin koordinator, yang terlama di atas.
waiting-count = { $count } laporan menunggu
waiting-empty = Tidak ada laporan yang menunggu disposisi.

## Kantor
offices-title = Kantor
offices-intro = Kapan setiap gateway terakhir menghubungi hub, dan sejak kapan isi keduanya terbukti sama.
offices-empty = Belum ada kantor. Administrator menambahkannya dengan perintah “titian-hub office add”.
gateway-none = Belum ada gateway yang terdaftar
gateway-copied = Dua komputer memakai data gateway ini; yang kedua ditolak { $when }. Buat kode baru dengan “titian-hub office code”, lalu ketik di komputer yang ditolak. Tidak ada data yang hilang.
gateway-never = belum pernah
gateway-revoked = dicabut
gateway-not-proved = belum terbukti

## Lampiran

files-title = Lampiran
files-hint = Simpan satu per satu, lalu unggah ke formulir LAPOR. Nama berkas yang tersimpan memakai nomor agenda, bukan nama dari pelapor.
files-arriving = Belum tiba seluruhnya: { $held } dari { $size }, dicatat kantor { $since }.

quarantine-title = Disisihkan
quarantine-intro = Perubahan yang dibawa gateway dan tidak boleh masuk berkas laporan. Selebihnya dari laporan itu tetap diterima; kantor melihat apa yang kurang, dan pekerjaannya tetap tersimpan di sana.
quarantine-empty = Tidak ada yang disisihkan. Memang begitu seharusnya.
quarantine-number = Nomor
quarantine-complaint = Laporan
quarantine-since = Sejak
quarantine-bytes = Byte
quarantine-reason = Alasan
quarantine-reason-newer = disisihkan oleh program yang lebih baru
quarantine-next = Yang menunggu akan masuk sendiri. Untuk yang lain, sampaikan nomornya kepada administrator: ia memeriksanya dengan “titian-hub quarantine show” dan menilainya lagi dengan “retry”.

## Flashdisk

bundle-heading = Kantor tanpa jaringan: flashdisk
bundle-explained = Kantor yang tidak punya jaringan membawa laporannya dengan flashdisk. Flashdisk harus kembali ke kantor dengan jawaban: tanpa jawaban itu kantor tidak tahu bahwa laporannya sudah sampai.
bundle-step-take = 1. Ambil berkas dari flashdisk
bundle-file = Berkas yang dibawa kantor
bundle-file-hint = Pasang flashdisk, lalu pilih semua berkas yang diakhiri .titian, dari satu atau beberapa kantor. Urutannya tidak penting, dan mengambil berkas yang sama dua kali tidak merusak apa pun.
bundle-take = Ambil berkas
bundle-step-answer = 2. Buat jawaban dan simpan di flashdisk
bundle-answer = Buat jawaban
bundle-answer-hint = Klik setiap berkas jawaban dan simpan di flashdisk yang sama, lalu titipkan kembali kepada kantornya. Hanya komputer di kantor itu yang dapat membukanya.
notice-answer-made = Jawaban untuk { $gateway } sudah dibuat. Simpan berkasnya di flashdisk dan titipkan kepada kantor.

## Kode pendaftaran
code-title = Kode pendaftaran
code-heading = Kode pendaftaran
code-explained = Satu kode untuk satu komputer kantor. Tekan nama kantornya, lalu cetak halamannya. Huruf gateway tidak pernah dipakai dua kali, jadi jangan membuat kode untuk coba-coba.
code-once = Kode ini hanya tampil sekarang. Cetak halaman ini (Ctrl+P) atau salin, lalu serahkan kepada kantornya saja. Memuat ulang halaman ini membuat kode baru.
code-hub = Alamat hub
code-until = Berlaku sampai
code-step-open = Di komputer kantor, buka gateway dan masuk sebagai kepala kantor.
code-step-type = Pada halaman Sinkronisasi, ketik kode ini di “Kode pendaftaran”; tanda hubung dan huruf kecil tidak menjadi soal.
code-step-record = Laporan dapat langsung dicatat, juga bila hub belum dapat dihubungi.
code-no-address = Hub belum tahu di alamat mana gateway menemukannya.
code-no-address-next = Minta administrator mengisi public_url di hub.toml dengan alamat yang diawali https, lalu jalankan hub lagi.
code-no-letter = Semua huruf kantor ini, A sampai Z, sudah terpakai.
code-no-letter-next = Huruf tidak pernah diberikan dua kali. Daftarkan kode kantor kedua.
privacy-noted = Pemberitahuan data pribadi saat dicatat, versi
privacy-standard = teks baku program
privacy-noted-none = tidak tercatat

## Retensi
nav-retention = Retensi
retention-title = Retensi identitas pelapor
retention-intro = Identitas pelapor disimpan paling lama sesuai jadwal retensi arsip daerah. Yang waktunya habis diusulkan di sini; baru dimusnahkan sesudah seseorang mengonfirmasinya. Laporannya sendiri tetap ada, tanpa pelapor.
retention-times = Waktu simpan sesudah laporan selesai
retention-times-hint = Administrator mengaturnya di hub.toml, bagian [retention], sesuai jadwal retensi arsip daerah.
retention-unset = belum diatur: tidak pernah diusulkan
retention-years = { $years } tahun
retention-over = Sudah habis waktunya
retention-over-count = { $count } identitas
retention-more = Sesudah ini diputuskan, masih ada lagi.
retention-undated = { $count } laporan ditutup di kantor saat jam komputernya belum pasti. Yang itu tidak diusulkan; periksa satu per satu dan pakai “titian-hub subject erase”.
retention-open = Putuskan usulan nomor { $number }
retention-propose = Buat usulan pemusnahan
retention-proposals = Usulan dan berita acara
retention-number = Nomor
retention-made = Dibuat
retention-made-by = Dibuat oleh
retention-rows = Identitas
retention-outcome = Hasil
retention-waits = menunggu keputusan
retention-destroyed-count = { $count } dimusnahkan
retention-proposal = Usulan pemusnahan nomor { $number }
retention-record = Berita acara pemusnahan nomor { $number }
retention-look = Belum ada yang dimusnahkan. Periksa daftarnya dulu.
retention-record-explained = Identitas pelapor dari laporan yang bertanda “dimusnahkan” dihapus di hub dan, begitu terhubung, di semua kantor. Cetak halaman ini (Ctrl+P) untuk ditandatangani.
retention-class = Kelas
retention-years-col = Tahun
retention-finished = Selesai pada
retention-outcome-proposed = diusulkan
retention-outcome-destroyed = dimusnahkan
retention-outcome-kept = disimpan
retention-decided = Diputuskan
retention-decided-by = Diputuskan oleh
retention-destroyed = Dimusnahkan
retention-reason = Dasar atau alasan
retention-reason-hint = Nomor surat keputusan yang memerintahkan pemusnahan, atau alasan menyimpannya. Tanpa nama warga.
retention-reason-wrong = Isi dasar atau alasannya, paling banyak { $letters } huruf.
retention-decide = Putuskan
retention-decide-hint = Yang dimusnahkan tidak dapat dikembalikan, juga tidak dari cadangan. Laporan yang sejak usulan ini dibuka kembali tetap disimpan.
retention-destroy = Musnahkan identitas ini
retention-keep = Simpan semuanya
retention-sign-keeper = Yang memusnahkan
retention-sign-head = Yang mengetahui
retention-decided-already = Usulan ini sudah diputuskan.
retention-decided-next = Lihat hasilnya di halaman Retensi.
notice-retention-decided = Usulan diputuskan: { $count } identitas dimusnahkan.
warning-retention-nothing = Tidak ada identitas yang habis waktunya.
