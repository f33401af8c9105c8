//! What the second factor of signing in promises.

use data_encoding::BASE32_NOPAD;

use super::*;
use crate::people::second_factor::{Secret, forget_halfway, step_at};
use crate::web::qr;

const OWN: &str = "/akun/dua-langkah";
const STEP_MILLIS: i64 = 30_000;
const BY_PASSWORD: &str = "password=jembatan+bambu";

/// Siti's phone.
struct Phone(Secret);

impl Phone {
    /// Reads the secret that a page shows.
    fn reading(page: &str) -> Self {
        let shown = between(page, "<code id=\"secret\">", "</code>").replace(' ', "");
        let bytes = BASE32_NOPAD.decode(shown.as_bytes()).unwrap();
        Self(Secret::new(bytes.try_into().unwrap()))
    }

    /// Shows the code of now, or of some steps later.
    fn code(&self, rig: &Rig, later: i64) -> String {
        self.0.code(step_at(rig.kit.clock.now()) + later)
    }
}

impl Answer {
    /// The value that a cookie gets, by the beginning of its name; the others are no cookies of a browser's session.
    fn sets(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs = all.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        pairs
            .into_iter()
            .find(|pair| pair.starts_with(name) && !pair.ends_with('='))
    }

    fn session(&self) -> Option<String> {
        self.sets("titian_session")
    }

    fn halfway(&self) -> String {
        self.sets("titian_halfway").unwrap()
    }

    fn recovery_codes(&self) -> Vec<String> {
        let list = between(&self.text, "<ol id=\"codes\">", "</ol>");
        let codes = list.split("<code>").skip(1);
        codes.map(|code| code.split('<').next().unwrap().to_owned()).collect()
    }
}

impl Rig {
    /// Siti with a second factor that was just switched on: her session, her phone, her recovery codes.
    async fn with_phone() -> (Self, String, Phone, Vec<String>) {
        let rig = Self::with_siti().await;
        let here = rig.session().await;
        let (phone, codes) = rig.set_up(&here).await;
        (rig, here, phone, codes)
    }

    async fn set_up(&self, session: &str) -> (Phone, Vec<String>) {
        let offered = self.post(OWN, session, BY_PASSWORD).await;
        let phone = Phone::reading(&offered.text);
        let code = phone.code(self, 0);
        let on = self
            .post(&format!("{OWN}/aktif"), session, &format!("code={code}"))
            .await;
        assert_eq!(on.status, StatusCode::OK, "{}", on.text);
        (phone, on.recovery_codes())
    }

    /// The right password, and then a code.
    async fn sign_in_with(&self, code: &str) -> Answer {
        let halfway = self.sign_in("jembatan+bambu").await.halfway();
        self.give_code(&halfway, code).await
    }

    async fn give_code(&self, halfway: &str, code: &str) -> Answer {
        self.post("/login/kode", halfway, &format!("code={code}&next=/private"))
            .await
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("{from} is not shown: {text}"))
        .1;
    rest.split_once(to).unwrap().0
}

#[tokio::test]
async fn it_counts_once_a_code_was_right_and_then_a_password_alone_opens_nothing() {
    let rig = Rig::with_siti().await;
    let (here, elsewhere) = (rig.session().await, rig.session().await);
    let refused = rig.post(OWN, &here, "password=salah").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.text.contains("<svg"));
    let offered = rig.post(OWN, &here, BY_PASSWORD).await;
    assert!(offered.text.contains("<svg"), "{}", offered.text);
    let phone = Phone::reading(&offered.text);
    let drawn = qr(&phone.0.uri("Titian", "siti.rahmah")).ok().unwrap();
    assert!(offered.text.contains(&drawn), "a camera reads the same secret");
    assert!(rig.sign_in("jembatan+bambu").await.session().is_some(), "not yet on");

    let wrong = rig.post(&format!("{OWN}/aktif"), &here, "code=000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("jam ponsel"), "{}", wrong.text);
    assert_eq!(
        phone.code(&rig, 0),
        Phone::reading(&wrong.text).code(&rig, 0),
        "the same secret"
    );
    let code = phone.code(&rig, 0);
    let on = rig.post(&format!("{OWN}/aktif"), &here, &format!("code={code}")).await;
    assert_eq!(on.recovery_codes().len(), 10);
    assert!(
        rig.is_in(&here).await && !rig.is_in(&elsewhere).await,
        "sessions without it end"
    );
    let later = rig.get(OWN, &here).await;
    assert!(
        !later.text.contains("<svg") && !later.text.contains(&on.recovery_codes()[0]),
        "shown once"
    );
    assert!(rig.get("/akun", &here).await.text.contains("dua langkah aktif"));

    let half = rig.sign_in("jembatan+bambu").await;
    assert_eq!(half.location(), "/login/kode?next=/private");
    assert!(half.session().is_none(), "no session before the code");
    let cookie = half.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict; Max-Age=300"), "{cookie}");
    let halfway = half.halfway();
    let as_session = halfway.replace("titian_halfway", "titian_session");
    assert!(!rig.is_in(&halfway).await && !rig.is_in(&as_session).await);
    let asked = rig.get("/login/kode?next=/private", &halfway).await;
    assert!(
        asked.text.contains("Enam angka") && asked.text.contains("value=\"/private\""),
        "{}",
        asked.text
    );
    let again = rig.give_code(&halfway, &code).await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the code that switched it on is used"
    );
    rig.kit.clock.advance_millis(STEP_MILLIS);
    let signed_in = rig.give_code(&halfway, &phone.code(&rig, 0)).await;
    assert_eq!(signed_in.location(), "/private");
    assert!(rig.is_in(&signed_in.session().unwrap()).await);
    let twice = rig.give_code(&halfway, &phone.code(&rig, 1)).await;
    assert!(twice.location().starts_with("/login?next="), "the way in is used");
    assert_eq!(rig.noted("second-factor-on").await, ["siti.rahmah: "]);
    assert_eq!(rig.noted("sign-in-code-refused").await, ["siti.rahmah: 10.0.0.7"]);
}

#[tokio::test]
async fn each_code_opens_once_and_each_recovery_code_too() {
    let (rig, here, phone, recovery) = Rig::with_phone().await;
    rig.kit.clock.advance_millis(STEP_MILLIS);
    let code = phone.code(&rig, 0);
    let halves = format!("{}+{}", &code[..3], &code[3..]);
    assert!(rig.sign_in_with(&halves).await.session().is_some());
    assert!(rig.sign_in_with(&code).await.session().is_none(), "a second time");
    assert!(
        rig.sign_in_with(&phone.code(&rig, -1)).await.session().is_none(),
        "an older one"
    );
    assert!(
        rig.sign_in_with(&phone.code(&rig, 1)).await.session().is_some(),
        "a phone may be a little fast"
    );

    let small = recovery[0].to_lowercase().replace('-', "+");
    let by_paper = rig.sign_in_with(&small).await;
    assert!(by_paper.session().is_some());
    assert!(by_paper.sets("titian_notice").is_some(), "it is said how many are left");
    assert!(
        rig.sign_in_with(&recovery[0]).await.session().is_none(),
        "a second time"
    );
    assert!(rig.sign_in_with(&recovery[1]).await.session().is_some());
    assert_eq!(
        rig.noted("recovery-code-used").await,
        ["siti.rahmah: 9", "siti.rahmah: 8"]
    );
    assert!(rig.get(OWN, &here).await.text.contains("belum dipakai: 8"));

    let renewed = rig
        .post(&format!("{OWN}/pemulihan"), &here, BY_PASSWORD)
        .await
        .recovery_codes();
    assert!(
        rig.sign_in_with(&recovery[2]).await.session().is_none(),
        "older than the new ones"
    );
    assert!(rig.sign_in_with(&renewed[2]).await.session().is_some());
    assert_eq!(rig.noted("recovery-codes-made").await, ["siti.rahmah: "]);
}

#[tokio::test]
async fn a_wrong_password_gets_the_same_answer_with_a_second_factor_and_without() {
    let rig = Rig::with_siti().await;
    let before = rig.sign_in("salah").await;
    let here = rig.session().await;
    rig.set_up(&here).await;
    let after = rig.sign_in("salah").await;
    // Each page has forms of its own.
    let worded = |answer: &Answer| answer.text.replace(&forms::token_in(&answer.text), "");
    assert_eq!((before.status, worded(&before)), (after.status, worded(&after)));
    assert!(after.session().is_none() && after.sets("titian_halfway").is_none());
}

#[tokio::test]
async fn what_lies_between_password_and_code_ends_soon_and_with_whatever_changes() {
    let (rig, here, phone, recovery) = Rig::with_phone().await;
    let over = async |halfway: &str, why: &str| {
        rig.kit.clock.advance_millis(STEP_MILLIS);
        let answer = rig.give_code(halfway, &phone.code(&rig, 0)).await;
        assert!(answer.session().is_none(), "{why}");
        assert!(answer.location().starts_with("/login?next="), "{why}");
        let page = rig.get("/login/kode", halfway).await;
        assert!(page.location().starts_with("/login?next="), "{why}");
    };
    assert!(rig.get("/login/kode", "").await.location().starts_with("/login?next="));

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    rig.kit.clock.advance_millis(5 * 60_000 + 1);
    over(&halfway, "five minutes").await;

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    for (number, status) in [
        (1, StatusCode::UNPROCESSABLE_ENTITY),
        (2, StatusCode::UNPROCESSABLE_ENTITY),
        (3, StatusCode::SEE_OTHER),
    ] {
        let wrong = rig.give_code(&halfway, "000000").await;
        assert_eq!(wrong.status, status, "try {number}");
    }
    over(&halfway, "three wrong codes").await;

    let mut first = None;
    for _ in 0..6 {
        let halfway = rig.sign_in("jembatan+bambu").await.halfway();
        first.get_or_insert(halfway);
        rig.kit.clock.advance_millis(1);
    }
    over(&first.unwrap(), "five later ones").await;

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    forget_halfway(&rig.kit.store).await.unwrap();
    over(&halfway, "a restart").await;

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    assert!(rig.sign_in_with(&recovery[0]).await.session().is_some());
    over(&halfway, "its owner signed in").await;

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    rig.post("/akun/keluar", &here, BY_PASSWORD).await;
    over(&halfway, "its owner left everywhere").await;

    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    let closing = rig
        .kit
        .store
        .write(|tx| accounts::set_disabled(tx, "siti.rahmah", true));
    closing.await.unwrap();
    over(&halfway, "the account was closed").await;
}

#[tokio::test]
async fn guessing_codes_has_to_wait_like_guessing_passwords_and_the_password_does_not_clear_it() {
    let (rig, _, phone, _) = Rig::with_phone().await;
    let (mut guesses, mut asked) = (0, 0);
    for _ in 0..3_000 {
        rig.kit.clock.advance_millis(1_000);
        let password = Password::typed("jembatan bambu");
        let signing = login(&rig.kit.store, &rig.kit.clock, "siti.rahmah", password, None).await;
        if !matches!(signing.unwrap(), Signing::Code(_)) {
            continue;
        }
        asked += 1;
        guesses = rig.noted("sign-in-code-refused").await.len();
        assert!(
            asked < 60,
            "{guesses} guesses after the password was right {asked} times"
        );
        let halfway = rig.sign_in("jembatan+bambu").await.halfway();
        for _ in 0..3 {
            rig.give_code(&halfway, "000000").await;
        }
    }
    assert!((10..40).contains(&guesses), "{guesses} guesses");
    rig.kit.clock.advance_millis(5 * 60_000);
    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    let right = rig.give_code(&halfway, &phone.code(&rig, 0)).await;
    assert!(right.session().is_some(), "its owner waits five minutes at most");
}

#[tokio::test]
async fn who_must_have_one_does_nothing_before_it_is_set_up() {
    let rig = Rig::asking_of(&["operator"]).and_siti().await;
    let here = rig.session().await;
    for (method, path) in [("GET", "/private"), ("POST", "/private"), ("POST", "/akun/keluar")] {
        let led = rig.ask(ELSEWHERE, method, path, &here, "").await;
        assert_eq!(led.location(), OWN, "{method} {path}");
    }
    for path in ["/akun", OWN] {
        assert_eq!(rig.get(path, &here).await.status, StatusCode::OK, "{path}");
    }
    rig.set_up(&here).await;
    assert!(rig.is_in(&here).await);
    let off = rig.post(&format!("{OWN}/mati"), &here, BY_PASSWORD).await;
    assert_eq!(off.location(), "/akun");
    assert!(!rig.is_in(&here).await, "and not after it is switched off");

    let password = Password::new("kunci lemari".to_owned()).ok().unwrap();
    let who = ("hasnah", "Hasnah Noor", &["administrator"][..]);
    add(&rig.kit.store, &rig.kit.clock, ROLES, who, password).await.unwrap();
    let other = rig.sign_in_as("hasnah", "kunci+lemari").await.cookie();
    assert!(rig.is_in(&other).await, "it is not asked of her role");
    rig.post("/akun/semua/hasnah/peran", &other, "role=administrator&role=operator")
        .await;
    assert!(!rig.is_in(&other).await, "now it is, at the next request");
    rig.post("/akun/semua/siti.rahmah/sandi", &other, "password=perahu+biru")
        .await;
    assert!(
        rig.sign_in("jembatan+bambu").await.session().is_some(),
        "she does nothing for others either"
    );
}

#[tokio::test]
async fn it_is_switched_off_with_the_password_or_taken_off_by_who_keeps_the_accounts() {
    let (rig, keeper) = Rig::with_keeper().await;
    let here = rig.session().await;
    rig.set_up(&here).await;
    let wrong = rig.post(&format!("{OWN}/mati"), &here, "password=salah").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(rig.sign_in("jembatan+bambu").await.session().is_none());
    rig.post(&format!("{OWN}/mati"), &here, BY_PASSWORD).await;
    assert!(rig.sign_in("jembatan+bambu").await.session().is_some());
    assert_eq!(rig.noted("second-factor-off").await, ["siti.rahmah: "]);

    let (phone, recovery) = rig.set_up(&here).await;
    let halfway = rig.sign_in("jembatan+bambu").await.halfway();
    let path = "/akun/semua/siti.rahmah";
    assert!(rig.get(path, &keeper).await.text.contains("Cabut verifikasi"));
    let taken = rig.post(&format!("{path}/dua-langkah"), &keeper, "").await;
    assert_eq!(taken.location(), path);
    assert!(!rig.is_in(&here).await, "her sessions end");
    rig.kit.clock.advance_millis(STEP_MILLIS);
    assert!(rig.give_code(&halfway, &phone.code(&rig, 0)).await.session().is_none());
    let anew = rig.sign_in("jembatan+bambu").await.session().unwrap();
    assert!(!rig.get(path, &keeper).await.text.contains("Cabut verifikasi"));
    let counting = rig.kit.store.read(|connection| {
        let count = |table: &str| connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
        Ok::<[u32; 3], StoreError>([count("second_factor")?, count("recovery_code")?, count("halfway")?])
    });
    assert_eq!(counting.await.unwrap(), [0; 3], "nothing of it is left");
    let twice = rig.post(&format!("{path}/dua-langkah"), &keeper, "").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nobody = rig.post("/akun/semua/nobody/dua-langkah", &keeper, "").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    assert_eq!(rig.noted("second-factor-taken-off").await, ["hasnah: siti.rahmah"]);
    let (_, others) = rig.set_up(&anew).await;
    assert!(
        rig.sign_in_with(&recovery[0]).await.session().is_none(),
        "the papers of the old one are void"
    );
    assert!(rig.sign_in_with(&others[0]).await.session().is_some());

    rig.post(OWN, &keeper, "password=kunci+lemari").await;
    let own = rig.post("/akun/semua/hasnah/dua-langkah", &keeper, "").await;
    assert_eq!(own.location(), OWN, "one's own needs the password");
}

#[tokio::test]
async fn an_offered_secret_is_void_after_a_while_and_when_another_is_offered() {
    let rig = Rig::with_siti().await;
    let here = rig.session().await;
    let first = Phone::reading(&rig.post(OWN, &here, BY_PASSWORD).await.text);
    let second = Phone::reading(&rig.post(OWN, &here, BY_PASSWORD).await.text);
    let turn_on = async |phone: &Phone| {
        let code = phone.code(&rig, 0);
        rig.post(&format!("{OWN}/aktif"), &here, &format!("code={code}")).await
    };
    assert_eq!(turn_on(&first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    rig.kit.clock.advance_millis(15 * 60_000 + 1);
    assert_eq!(turn_on(&second).await.location(), OWN);
    let third = Phone::reading(&rig.post(OWN, &here, BY_PASSWORD).await.text);
    assert_eq!(turn_on(&third).await.status, StatusCode::OK);
    let again = rig.post(OWN, &here, BY_PASSWORD).await;
    assert_eq!(again.location(), OWN, "one that is on is not replaced");
    assert_eq!(turn_on(&third).await.location(), OWN);
}

#[tokio::test]
async fn neither_secret_nor_recovery_codes_stand_in_the_database_in_clear_or_in_the_audit_log() {
    let (rig, here, _, recovery) = Rig::with_phone().await;
    rig.sign_in_with(&recovery[0]).await;
    rig.sign_in_with("111111").await;
    rig.post(&format!("{OWN}/mati"), &here, BY_PASSWORD).await;
    let filter = audit::Filter {
        limit: 100,
        ..audit::Filter::default()
    };
    let reading = rig
        .kit
        .store
        .read(move |connection| Ok::<_, StoreError>(audit::list(connection, &filter)?));
    for row in reading.await.unwrap() {
        assert!(!row.detail.contains("111111"), "{row:?}");
        assert!(!recovery.iter().any(|code| row.detail.contains(code)), "{row:?}");
    }
    let file = std::fs::read(rig.folder.path().join("a.db-wal")).unwrap();
    for code in &recovery {
        let bytes = BASE32_NOPAD.decode(code.replace('-', "").as_bytes()).unwrap();
        let stands = |sought: &[u8]| file.windows(sought.len()).any(|window| window == sought);
        assert!(!stands(&bytes) && !stands(code.as_bytes()));
    }
}
