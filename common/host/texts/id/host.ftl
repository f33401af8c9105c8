## Bingkai halaman
skip-to-content = Langsung ke isi
other-language = English
sign-out = Keluar
signed-in-as = Masuk sebagai { $name }
needs-attention = Perlu perhatian
done = Berhasil
copied = Tersalin

## Masuk
sign-in = Masuk
sign-in-intro = Masuk dengan akun Anda sendiri. Jangan memakai akun petugas lain.
sign-in-name = Nama pengguna
sign-in-password = Kata sandi
sign-in-wrong = Nama pengguna atau kata sandi tidak cocok. Periksa huruf besar dan kecil, lalu coba lagi.
sign-in-wait = Terlalu banyak percobaan. Tunggu { $seconds } detik, lalu coba lagi.
sign-in-none-yet = Belum ada akun di program ini.
sign-in-none-yet-next = Buat akun pertama di komputer tempat program ini berjalan: buka halaman ini di sana, atau jalankan perintah “staff add”.
session-over = Anda belum masuk, atau sesi Anda sudah berakhir. Isian Anda belum disimpan.
session-over-next = Buka halaman masuk di tab lain, masuk, lalu kembali ke tab ini dan muat ulang (F5): isian dikirim lagi dan tidak ada yang hilang.
open-sign-in = Buka halaman masuk di tab baru
notice-signed-out = Anda sudah keluar.

## Akun pertama
setup-title = Buat akun pertama
setup-intro = Belum ada akun. Buat akun untuk diri Anda sendiri; akun petugas lain ditambahkan kemudian.
setup-name-hint = Huruf kecil, angka, titik, atau tanda hubung; misalnya siti.rahmah
setup-full-name = Nama lengkap
setup-full-name-hint = Tercatat pada setiap tindakan Anda.
setup-password-hint = Paling sedikit { $letters } huruf. Kalimat pendek yang mudah Anda ingat adalah kata sandi yang baik.
setup-create = Buat akun dan masuk
staff-name-wrong = Nama pengguna: pakai 2 sampai 32 huruf kecil, angka, titik, garis bawah, atau tanda hubung.
staff-full-name-wrong = Nama lengkap: isi dengan nama Anda, paling banyak 100 huruf.
staff-password-short = Kata sandi: pakai paling sedikit { $letters } huruf.
staff-password-long = Kata sandi: terlalu panjang; pakai paling banyak { $letters } huruf.
staff-name-taken = Nama pengguna ini sudah dipakai. Pilih yang lain.
setup-closed = Akun pertama sudah ada.
setup-closed-next = Masuk dengan akun itu; akun lain dibuat dengan perintah “staff add”.
setup-elsewhere = Akun pertama hanya dapat dibuat di komputer tempat program ini berjalan.
setup-elsewhere-next = Buka halaman ini di komputer itu, atau jalankan perintah “staff add” di sana.

## Peran
role-operator = Petugas
role-verifier = Verifikator
role-head = Kepala kantor
role-liaison = Pejabat penghubung
role-coordinator = Admin koordinator
role-administrator = Administrator

## Kesalahan
error-title = Tidak berhasil
error-next = Apa yang dapat Anda lakukan
error-back = Kembali ke halaman utama
error-internal = Ada yang rusak di dalam program. Yang sudah disimpan sebelumnya tetap aman.
error-internal-next = Coba sekali lagi. Bila terulang, sampaikan kode ini kepada administrator: { $reference }
error-disk-full = Cakram komputer ini penuh. Isian terakhir belum disimpan.
error-disk-full-next = Kosongkan ruang pada cakram, lalu kembali (tombol Mundur) dan simpan lagi.
error-not-found = Halaman atau data ini tidak ada.
error-not-found-next = Periksa alamatnya, atau mulai lagi dari halaman utama.
error-may-not = Akun Anda tidak berwenang untuk ini. Tidak ada yang diubah.
error-may-not-next = Mintalah rekan yang berwenang: { $roles }.
error-method = Tindakan ini tidak berlaku untuk halaman ini.
error-method-next = Kembali ke halaman sebelumnya dan pakai tombol yang ada di sana.
error-too-large = Berkas atau isian ini terlalu besar.
error-too-large-next = Perkecil berkasnya, atau kirim dalam beberapa bagian.
error-form = Isian tidak dapat dibaca.
error-form-next = Kembali ke halaman sebelumnya, muat ulang, dan kirim lagi.
error-other-site = Permintaan ini datang dari situs lain dan ditolak.
error-other-site-next = Buka halaman di program ini sendiri, lalu ulangi tindakannya di sana.
error-file-missing = Berkas ini belum ada di sini.
error-file-missing-next = Tunggu sampai tiba; halaman laporan menunjukkan sudah berapa banyak yang ada.
error-file-damaged = Berkas ini rusak di disk dan sudah disisihkan.
error-file-damaged-next = Berkas diambil lagi dari sisi lain pada sinkronisasi berikutnya. Minta pengelola memeriksa disk komputer ini.

bundle-taken = Dari/untuk { $gateway }, bagian { $part }: { $new } perubahan baru.
bundle-joined-at-hub = Komputer itu sekarang terdaftar; buat jawaban dan titipkan kembali.
bundle-joined = Komputer ini sekarang terdaftar di hub. Buat berkas sekali lagi: sekarang laporannya ikut.
bundle-restored = Salah satu sisi pernah dipulihkan dari salinan lama. Beri tahu administrator: ia mengekspor semuanya dari awal.
bundle-waits-for-earlier = Bagian sebelumnya belum datang; setelah bagian itu diambil, semuanya dihitung diterima.
bundle-more-parts = Masih ada bagian berikutnya.
bundle-aside = Sebagian tidak dapat diterima dan disisihkan hub; selebihnya diambil. Beri tahu administrator.
bundle-files = { $count } lampiran sekarang lengkap.
bundle-files-wait = Ada lampiran dari laporan yang belum ada di sini; ambil berkas ini sekali lagi setelah bagian sebelumnya.
bundle-in-sync = Kedua sisi terbukti memuat data yang sama persis.
bundle-no-file = Belum ada berkas yang dipilih. Pilih berkas yang berakhir .titian.
bundle-cut-off = Berkas tidak sampai utuh. Pilih sekali lagi; tidak ada yang hilang.
bundle-too-large = Berkas terlalu besar untuk berkas Titian. Pilih berkas yang berakhir .titian.
bundle-no-room = Cakram komputer ini penuh. Kosongkan ruang, lalu ulangi; tidak ada yang hilang.
bundle-nothing-lost = Tidak ada yang berubah dan tidak ada yang hilang. Ulangi bila sudah dibetulkan.
bundle-result-title = Hasil pengambilan berkas
bundle-result-file = Berkas
bundle-result-words = Hasil
bundle-trouble-unreadable = Berkas tidak dapat dibaca. Periksa flashdisknya, lalu pilih sekali lagi.
bundle-trouble-unwritable = Berkas tidak dapat ditulis. Periksa ruang kosong di cakram.
bundle-trouble-not-what-was-written = Yang terbaca bukan yang ditulis. Jangan percayai media ini; buat lagi di tempat lain.
bundle-trouble-not-a-bundle = Ini bukan berkas Titian. Pilih berkas yang dibuat oleh program ini; namanya diawali titian_ dan diakhiri .titian.
bundle-trouble-not-for-here = Berkas ini bukan untuk komputer ini. Bawa ke tempat yang tertulis pada nama berkasnya; di sini tidak ada yang berubah.
bundle-trouble-damaged = Berkas ini terpotong atau rusak. Yang sempat terbaca utuh disimpan; salin lagi dari tempat asalnya, atau buat baru.
bundle-trouble-newer = Berkas ini dibuat oleh versi program yang lebih baru. Perbarui program di komputer ini, lalu ambil lagi.
bundle-trouble-unknown-gateway = Hub tidak mengenal gateway pembuat berkas ini. Daftarkan dengan kode baru; laporannya aman di sana.
bundle-trouble-quarantine-full = Terlalu banyak isi berkas ini yang harus disisihkan hub. Yang sebelumnya disimpan; beri tahu administrator, lalu ambil lagi.
bundle-trouble-revoked = Gateway pembuat berkas ini sudah dicabut. Daftarkan ulang bila masih dipakai; laporannya aman di sana.
bundle-trouble-not-joined = Komputer ini belum terdaftar di hub. Ketik kode dari administrator, buat berkas, dan bawa ke hub.
bundle-trouble-enrolment = Kode pendaftaran di berkas ini tidak diterima. Minta kode baru kepada administrator.
bundle-trouble-internal = Ada yang rusak di dalam program. Ulangi; mengambil berkas dua kali tidak merusak apa pun.
bundle-result-back = Kembali
