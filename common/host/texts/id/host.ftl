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
sign-in-wait = Terlalu banyak percobaan untuk nama pengguna ini. Tunggu { $seconds } detik, lalu coba lagi.
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
