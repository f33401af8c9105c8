//! What one does with one's own account, and with those of others.

use super::*;
use crate::people::signing_in::Adding;

impl Rig {
    /// Siti, and Hasnah who keeps the accounts and is signed in.
    pub async fn with_keeper() -> (Self, String) {
        let rig = Self::with_siti().await;
        let password = Password::new("kunci lemari".to_owned()).ok().unwrap();
        let who = ("hasnah", "Hasnah Noor", &["administrator"][..]);
        add(&rig.kit.store, &rig.kit.clock, ROLES, who, password).await.unwrap();
        let keeper = rig.sign_in_as("hasnah", "kunci+lemari").await.cookie();
        (rig, keeper)
    }

    pub async fn sign_in_as(&self, name: &str, password: &str) -> Answer {
        let form = format!("name={name}&password={password}&next=/private");
        self.ask(ELSEWHERE, "POST", "/login", "", &form).await
    }

    pub(super) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        self.ask(ELSEWHERE, "POST", path, cookie, form).await
    }

    pub(super) async fn is_in(&self, cookie: &str) -> bool {
        self.get("/private", cookie).await.status == StatusCode::OK
    }
}

#[tokio::test]
async fn one_changes_ones_own_password_knowing_the_old_one_and_other_sessions_end() {
    let rig = Rig::with_siti().await;
    let (here, elsewhere) = (rig.session().await, rig.session().await);
    let page = rig.get("/akun", &here).await;
    assert!(page.text.contains("Siti Rahmah") && page.text.contains("peramban ini"));
    assert_eq!(page.text.matches("terakhir dipakai").count(), 2, "both sessions");
    assert!(!page.text.contains("/akun/semua"), "she keeps no accounts");

    let wrong = rig.post("/akun/sandi", &here, "old=salah&new=perahu+biru").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Kata sandi sekarang tidak cocok"));
    let short = rig.post("/akun/sandi", &here, "old=jembatan+bambu&new=biru").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        rig.is_in(&here).await && rig.is_in(&elsewhere).await,
        "nothing has changed"
    );

    let changed = rig
        .post("/akun/sandi", &here, "old=jembatan+bambu&new=perahu+biru")
        .await;
    assert_eq!(changed.location(), "/akun");
    let anew = changed
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .find(|cookie| cookie.contains("session"))
        .unwrap();
    assert!(rig.is_in(&anew).await);
    assert!(!rig.is_in(&here).await && !rig.is_in(&elsewhere).await);
    assert_eq!(
        rig.sign_in("jembatan+bambu").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(rig.sign_in("perahu+biru").await.location(), "/private");
    assert_eq!(rig.noted("password-set").await, ["siti.rahmah: siti.rahmah"]);
}

#[tokio::test]
async fn guessing_at_an_unattended_screen_has_to_wait_like_guessing_at_the_door() {
    let rig = Rig::with_siti().await;
    let here = rig.session().await;
    let mut told = String::new();
    for _ in 0..6 {
        told = rig.post("/akun/sandi", &here, "old=salah&new=perahu+biru").await.text;
    }
    assert!(told.contains("Terlalu banyak percobaan"), "{told}");
    let right = rig
        .post("/akun/sandi", &here, "old=jembatan+bambu&new=perahu+biru")
        .await;
    assert_eq!(
        right.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not even the right one is looked at"
    );
}

#[tokio::test]
async fn one_signs_out_everywhere_at_once() {
    let rig = Rig::with_siti().await;
    let (here, elsewhere) = (rig.session().await, rig.session().await);
    let refused = rig.post("/akun/keluar", &here, "password=salah").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        rig.is_in(&elsewhere).await,
        "who finds the screen does not end the others"
    );
    let left = rig.post("/akun/keluar", &here, "password=jembatan+bambu").await;
    assert_eq!(left.location(), "/login");
    assert!(!rig.is_in(&here).await && !rig.is_in(&elsewhere).await);
    assert_eq!(rig.noted("signed-out").await, ["siti.rahmah: everywhere"]);
}

#[tokio::test]
async fn who_keeps_the_accounts_lets_people_in_gives_them_roles_and_lets_them_go() {
    let (rig, keeper) = Rig::with_keeper().await;
    let roleless = "full_name=Aminah+Yusuf&name=aminah&password=perahu+biru";
    let refused = rig.post("/akun/semua", &keeper, roleless).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("pilih paling sedikit satu") && refused.text.contains("value=\"Aminah Yusuf\""));
    assert!(!refused.text.contains("perahu biru"), "a password is never sent back");
    let joined = rig
        .post("/akun/semua", &keeper, &format!("{roleless}&role=operator"))
        .await;
    assert_eq!(joined.location(), "/akun/semua");
    let given = rig.sign_in_as("aminah", "perahu+biru").await.cookie();
    for (method, path) in [("GET", "/private"), ("POST", "/private")] {
        let first = rig.ask(ELSEWHERE, method, path, &given, "").await;
        assert_eq!(
            first.location(),
            "/akun",
            "{method}: a given password is to be changed first"
        );
    }
    let same = rig.post("/akun/sandi", &given, "old=perahu+biru&new=perahu+biru").await;
    assert!(same.text.contains("sama dengan yang lama"), "{}", same.text);
    rig.post("/akun/sandi", &given, "old=perahu+biru&new=perahu+hijau")
        .await;
    let aminah = rig.sign_in_as("aminah", "perahu+hijau").await.cookie();
    assert!(
        rig.get("/private", &aminah)
            .await
            .text
            .contains("may administer: false")
    );

    let path = "/akun/semua/aminah";
    rig.post(&format!("{path}/peran"), &keeper, "role=operator&role=administrator")
        .await;
    let at_once = rig.get("/private", &aminah).await;
    assert!(at_once.text.contains("may administer: true"), "at the next request");
    rig.post(&format!("{path}/sandi"), &keeper, "password=perahu+merah")
        .await;
    assert!(!rig.is_in(&aminah).await);
    let again = rig.sign_in_as("aminah", "perahu+merah").await.cookie();
    rig.post(&format!("{path}/tutup"), &keeper, "").await;
    assert!(!rig.is_in(&again).await, "a leaver is out at once");
    assert_eq!(
        rig.sign_in_as("aminah", "perahu+merah").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let listed = rig.get("/akun/semua", &keeper).await;
    assert!(
        listed.text.contains("Aminah Yusuf") && listed.text.contains("nonaktif"),
        "the name stays"
    );
    let taken = rig
        .post("/akun/semua", &keeper, &format!("{roleless}&role=operator"))
        .await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "and is not given again");
    rig.post(&format!("{path}/buka"), &keeper, "").await;
    let again = rig.sign_in_as("aminah", "perahu+merah").await.cookie();
    assert_eq!(
        rig.get("/private", &again).await.location(),
        "/akun",
        "that one was given too"
    );
    assert_eq!(
        rig.get("/akun/semua/nobody", &keeper).await.status,
        StatusCode::NOT_FOUND
    );

    let added = rig.noted("account-added").await;
    assert_eq!(added.last().map(String::as_str), Some("hasnah: aminah operator"));
    assert_eq!(
        rig.noted("roles-changed").await,
        ["hasnah: aminah operator,administrator"]
    );
    assert_eq!(rig.noted("password-set").await, ["aminah: aminah", "hasnah: aminah"]);
    assert_eq!(rig.noted("account-disabled").await, ["hasnah: aminah"]);
    assert_eq!(rig.noted("account-enabled").await, ["hasnah: aminah"]);
}

#[tokio::test]
async fn the_last_one_who_keeps_the_accounts_cannot_go_nor_lose_that_role() {
    let (rig, keeper) = Rig::with_keeper().await;
    for (way, form) in [("tutup", ""), ("peran", "role=operator")] {
        let refused = rig.post(&format!("/akun/semua/hasnah/{way}"), &keeper, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{way}");
        assert!(refused.text.contains("yang dapat mengurus akun"), "{}", refused.text);
        assert!(
            rig.get("/accounts", &keeper).await.status == StatusCode::OK,
            "nothing was done"
        );
    }
    assert!(rig.noted("account-disabled").await.is_empty() && rig.noted("roles-changed").await.is_empty());
    rig.post("/akun/semua/siti.rahmah/peran", &keeper, "role=administrator")
        .await;
    let gone = rig.post("/akun/semua/hasnah/tutup", &keeper, "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "now there is another one");
}

#[tokio::test]
async fn a_password_from_the_shell_is_good_for_choosing_another_too() {
    let rig = Rig::with_siti().await;
    let here = rig.session().await;
    let password = Password::new("perahu biru".to_owned()).ok().unwrap();
    let hand = (&rig.kit.store, &rig.kit.clock, audit::AT_THE_SHELL);
    crate::people::keeping::set_password(hand, "siti.rahmah", password)
        .await
        .unwrap();
    assert!(!rig.is_in(&here).await);
    let given = rig.sign_in("perahu+biru").await.cookie();
    assert_eq!(rig.get("/private", &given).await.location(), "/akun");
}

#[tokio::test]
async fn who_did_not_type_the_first_password_chooses_another() {
    let rig = Rig::new();
    let add = async |name, adding| {
        let password = Password::new("perahu biru".to_owned()).ok().unwrap();
        let who = (name, "Siti Contoh", &["operator"][..]);
        signing_in::add_as(&rig.kit.store, &rig.kit.clock, ROLES, who, password, adding)
            .await
            .unwrap();
        let session = rig.sign_in_as(name, "perahu+biru").await.cookie();
        rig.get("/private", &session).await
    };
    let by_hand = Adding::By(audit::AT_THE_SHELL.to_owned());
    assert_eq!(add("siti", by_hand).await.location(), "/akun");
    assert_eq!(add("budi", Adding::InPerson).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_that_was_given_meanwhile_stands() {
    let rig = Rig::with_siti().await;
    let known = || {
        let reading = rig
            .kit
            .store
            .read(|connection| Ok::<_, StoreError>(accounts::password_hash(connection, "siti.rahmah")?));
        async { reading.await.unwrap().unwrap() }
    };
    let proved = known().await;
    let given = hash(Password::new("perahu biru".to_owned()).ok().unwrap(), [7; 16])
        .await
        .unwrap();
    let mend = rig
        .kit
        .store
        .write(move |tx| accounts::set_password(tx, "siti.rahmah", &given));
    mend.await.unwrap();
    let given = known().await;

    let own = || Password::new("pintu belakang".to_owned()).ok().unwrap();
    let replace = |old| signing_in::replace_password(&rig.kit.store, &rig.kit.clock, "siti.rahmah", (old, own()));
    assert!(
        replace(proved).await.unwrap().is_none(),
        "who knew the one before is out"
    );
    assert_eq!(known().await, given);
    assert!(replace(given).await.unwrap().is_some());
}
