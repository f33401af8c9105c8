//! Every way into the pages, and who may take it: what is added without standing here fails.

use axum::http::{Method, StatusCode};
use titian_host::web::{Way, Who};

use super::rig::Rig;
use crate::pages::routes;
use crate::roles::ROLES;

#[test]
fn every_way_has_somebody_who_may_take_it() {
    let listed: String = routes().ways().iter().map(|way| way.line(ROLES)).collect();
    insta::assert_snapshot!(listed, @r"
    GET /: operator, verifier, head
    POST /cari: operator, verifier, head
    GET /laporan/baru: operator
    POST /laporan/baru: operator
    GET /laporan/{id}: operator, verifier, head
    POST /laporan/{id}/pelapor: operator, verifier, head
    POST /laporan/{id}/pilih: operator
    GET /laporan/{id}/ubah: operator
    POST /laporan/{id}/ubah: operator
    POST /laporan/{id}/lampiran: operator
    GET /laporan/{id}/lampiran/{hash}: operator, verifier, head
    GET /laporan/{id}/lampiran/{hash}/kecil: operator, verifier, head
    POST /laporan/{id}/lampiran/{hash}/hapus: operator
    GET /laporan/{id}/tanda-terima: operator, verifier, head
    GET /pemberitahuan: operator, verifier, head
    GET /pemberitahuan/{version}: operator, verifier, head
    GET /impor: operator
    POST /impor: operator
    POST /impor/simpan: operator
    GET /sinkronisasi: operator, verifier, head
    POST /sinkronisasi: operator, verifier, head
    POST /sinkronisasi/daftar: head
    POST /sinkronisasi/berkas: operator, verifier, head
    GET /sinkronisasi/berkas/{name}: operator, verifier, head
    POST /sinkronisasi/jawaban: operator, verifier, head
    GET /enkripsi: head
    POST /enkripsi/nyalakan: head
    POST /enkripsi/kode-baru: head
    POST /enkripsi/kode: head
    POST /enkripsi/lanjutkan: head
    POST /enkripsi/kunci: head
    POST /laporan/{id}/tanya: operator, verifier, head
    POST /laporan/{id}/jawaban: operator, verifier, head
    POST /laporan/{id}/catatan: operator, verifier, head
    POST /laporan/{id}/tutup: verifier, head
    POST /laporan/{id}/verifikasi: verifier
    POST /laporan/{id}/teruskan: verifier, head
    GET /catatan: head
    POST /ekspor: operator, verifier, head
    GET /warga: head
    POST /warga/cari: head
    POST /warga/berkas: head
    POST /warga/hapus: head
    POST /warga/batasi: head
    POST /warga/cabut: head
    POST /laporan/{id}/berkas: operator, verifier, head
    GET /login: anybody
    POST /login: anybody
    POST /logout: anybody
    GET /setup: anybody
    POST /setup: anybody
    GET /akun/semua: head
    POST /akun/semua: head
    GET /akun/semua/{name}: head
    POST /akun/semua/{name}/peran: head
    POST /akun/semua/{name}/sandi: head
    POST /akun/semua/{name}/tutup: head
    POST /akun/semua/{name}/buka: head
    GET /akun: whoever is signed in
    POST /akun/sandi: whoever is signed in
    POST /akun/keluar: whoever is signed in
    ");
}

#[tokio::test]
async fn each_role_gets_past_its_own_ways_and_no_others() {
    let mut rig = Rig::enrolled().await;
    for role in ROLES.all {
        rig.sign_in_as(role.code, &[role.code]).await;
        for way in routes().ways() {
            let Way { method, path, who } = way;
            // Signing in and out is told elsewhere.
            if *who == Who::Anybody {
                continue;
            }
            let may = way.is_open_to(role);
            let answer = rig.ask(method.as_str(), &named(path), FORM, Vec::new()).await;
            let refused = answer.status == StatusCode::FORBIDDEN && answer.says("Akun Anda tidak berwenang");
            let asked_to_sign_in =
                answer.status == StatusCode::UNAUTHORIZED || answer.location.starts_with("/login?next=");
            assert!(
                refused != may && !asked_to_sign_in && !answer.says(FOREIGN),
                "{} {method} {path}: {}",
                role.code,
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn nobody_gets_past_any_way_without_signing_in() {
    let mut rig = Rig::enrolled().await;
    rig.sign_out();
    for Way { method, path, who } in routes().ways() {
        if *who == Who::Anybody {
            continue;
        }
        let answer = rig.ask(method.as_str(), &named(path), FORM, Vec::new()).await;
        if *method == Method::GET {
            assert!(
                answer.location.starts_with("/login?next="),
                "{method} {path}: {}",
                answer.status
            );
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn nothing_that_writes_is_taken_but_from_a_form_of_ours() {
    let mut rig = Rig::enrolled().await;
    let every: Vec<_> = ROLES.all.iter().map(|role| role.code).collect();
    rig.sign_in_as("aminah", &every).await;
    for Way { method, path, .. } in routes().ways() {
        if *method == Method::GET {
            continue;
        }
        for kind in [FORM, "multipart/form-data; boundary=x", "text/plain"] {
            let request = rig.request(method.as_str(), &named(path), kind, b"form_token=".to_vec());
            let (parts, page) = rig.send(request).await;
            let refused = parts.status == StatusCode::FORBIDDEN && String::from_utf8_lossy(&page).contains(FOREIGN);
            assert!(refused, "{method} {path} as {kind}: {}", parts.status);
        }
    }
}

/// What is said of a form that is not ours.
const FOREIGN: &str = "Formulir ini tidak berasal";

const FORM: &str = "application/x-www-form-urlencoded";

/// Gives an address of a way; what it names does not exist.
fn named(path: &str) -> String {
    path.replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        .replace(['{', '}'], "")
}
