//! Every way into the pages, and who may take it: what is added without standing here fails.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use titian_domain::lang::Lang;
use titian_host::web::{Way, Who};

use super::rig::{Answer, Rig};
use crate::pages::routes;
use crate::roles::ROLES;

#[test]
fn every_way_has_somebody_who_may_take_it() {
    let listed: String = routes().ways().iter().map(|way| way.line(ROLES)).collect();
    insta::assert_snapshot!(listed, @r"
    GET /: liaison, coordinator, administrator
    POST /cari: liaison, coordinator, administrator
    GET /menunggu: liaison, coordinator, administrator
    GET /kantor: liaison, coordinator, administrator
    POST /kantor/{office}/kode: administrator
    GET /karantina: liaison, coordinator, administrator
    POST /kantor/berkas: liaison, administrator
    POST /kantor/jawaban/{device}: liaison, administrator
    GET /kantor/jawaban/berkas/{name}: liaison, administrator
    GET /laporan/{id}: liaison, coordinator, administrator
    GET /laporan/{id}/lampiran/{hash}: liaison, coordinator, administrator
    POST /laporan/{id}/pelapor: liaison
    POST /laporan/{id}/terima: liaison
    POST /laporan/{id}/kembalikan: liaison
    POST /laporan/{id}/disposisi: liaison
    POST /laporan/{id}/tutup: liaison
    POST /laporan/{id}/lapor: liaison
    GET /laporan/{id}/lembar-salin: liaison, coordinator, administrator
    POST /laporan/{id}/lembar-salin: liaison
    GET /impor-lapor: liaison
    POST /impor-lapor: liaison
    GET /impor-lapor/{token}: liaison
    POST /impor-lapor/{token}: liaison
    GET /retensi: administrator
    POST /retensi: administrator
    GET /retensi/{number}: administrator
    POST /retensi/{number}/musnahkan: administrator
    POST /retensi/{number}/simpan: administrator
    GET /catatan: coordinator, administrator
    POST /ekspor: liaison, coordinator, administrator
    GET /login/kode: anybody
    POST /login/kode: anybody
    GET /akun/dua-langkah: whoever is signed in
    POST /akun/dua-langkah: whoever is signed in
    POST /akun/dua-langkah/aktif: whoever is signed in
    POST /akun/dua-langkah/pemulihan: whoever is signed in
    POST /akun/dua-langkah/mati: whoever is signed in
    POST /akun/semua/{name}/dua-langkah: administrator
    GET /warga: administrator
    POST /warga/cari: administrator
    POST /warga/berkas: administrator
    POST /warga/hapus: administrator
    POST /warga/batasi: administrator
    POST /warga/cabut: administrator
    POST /laporan/{id}/berkas: liaison, coordinator, administrator
    GET /login: anybody
    POST /login: anybody
    POST /logout: anybody
    GET /setup: anybody
    POST /setup: anybody
    GET /akun/semua: administrator
    POST /akun/semua: administrator
    GET /akun/semua/{name}: administrator
    POST /akun/semua/{name}/peran: administrator
    POST /akun/semua/{name}/sandi: administrator
    POST /akun/semua/{name}/tutup: administrator
    POST /akun/semua/{name}/buka: administrator
    GET /akun: whoever is signed in
    POST /akun/sandi: whoever is signed in
    POST /akun/keluar: whoever is signed in
    ");
}

#[tokio::test]
async fn each_role_gets_past_its_own_ways_and_no_others() {
    let mut rig = Rig::new().await;
    for role in ROLES.all {
        rig.sign_in(role.code, "Aminah", &[role.code]).await;
        for way in routes().ways() {
            let Way { method, path, who } = way;
            // Signing in and out is told elsewhere.
            if *who == Who::Anybody {
                continue;
            }
            let may = way.is_open_to(role);
            let answer = ask(&rig, role.code, method, path).await;
            let refused = answer.status == StatusCode::FORBIDDEN && answer.html.contains("Akun Anda tidak berwenang");
            let asked_to_sign_in =
                answer.status == StatusCode::UNAUTHORIZED || leads(&answer).starts_with("/login?next=");
            assert!(
                refused != may && !asked_to_sign_in && !answer.html.contains(FOREIGN),
                "{} {method} {path}: {}",
                role.code,
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn who_has_to_have_a_second_factor_gets_past_no_way_but_to_one() {
    let mut rig =
        Rig::asking_a_second_factor_of(&ROLES.all.iter().map(|role| role.code.to_owned()).collect::<Vec<_>>()).await;
    let every: Vec<_> = ROLES.all.iter().map(|role| role.code).collect();
    rig.sign_in("aminah", "Aminah", &every).await;
    let mut held = 0;
    for Way { method, path, who } in routes().ways() {
        let own =
            ["/akun", "/akun/sandi", "/akun/keluar"].contains(&path.as_str()) || path.starts_with(OWN_SECOND_FACTOR);
        if *who == Who::Anybody || own {
            continue;
        }
        let answer = ask(&rig, "aminah", method, path).await;
        assert_eq!(leads(&answer), OWN_SECOND_FACTOR, "{method} {path}: {}", answer.status);
        held += 1;
    }
    assert!(held > 30, "only {held} ways were tried");
}

#[tokio::test]
async fn nobody_gets_past_any_way_without_signing_in() {
    let rig = Rig::new().await;
    for Way { method, path, who } in routes().ways() {
        if *who == Who::Anybody {
            continue;
        }
        let answer = ask(&rig, "nobody", method, path).await;
        if *method == Method::GET {
            assert!(
                leads(&answer).starts_with("/login?next="),
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
    let mut rig = Rig::new().await;
    let every: Vec<_> = ROLES.all.iter().map(|role| role.code).collect();
    rig.sign_in("aminah", "Aminah", &every).await;
    for Way { method, path, .. } in routes().ways() {
        if *method == Method::GET {
            continue;
        }
        for kind in [FORM, "multipart/form-data; boundary=x", "text/plain"] {
            let request = rig.request("aminah", Lang::Id, method.clone(), &named(path));
            let request = request
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from("form_token="));
            let answer = rig.send_as_is(request.unwrap()).await;
            let refused = answer.status == StatusCode::FORBIDDEN && answer.html.contains(FOREIGN);
            assert!(refused, "{method} {path} as {kind}: {}", answer.status);
        }
    }
}

/// Where one sets up one's second factor.
const OWN_SECOND_FACTOR: &str = "/akun/dua-langkah";

/// What is said of a form that is not ours.
const FOREIGN: &str = "Formulir ini tidak berasal";

const FORM: &str = "application/x-www-form-urlencoded";

/// Gives an address of a way; what it names does not exist.
fn named(path: &str) -> String {
    path.replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        .replace("{device}", "99")
        .replace("{number}", "99")
        .replace(['{', '}'], "")
}

async fn ask(rig: &Rig, who: &str, method: &Method, path: &str) -> Answer {
    let request = rig.request(who, Lang::Id, method.clone(), &named(path));
    let request = request.header(header::CONTENT_TYPE, FORM);
    rig.send(request.body(Body::empty()).unwrap()).await
}

fn leads(answer: &Answer) -> &str {
    let to = answer.headers.get(header::LOCATION);
    to.map_or("", |to| to.to_str().unwrap())
}
