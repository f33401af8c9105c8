//! Codes that a phone makes of a secret and the time: TOTP (RFC 6238) on HOTP (RFC 4226), as every authenticator app has it.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use titian_domain::time::UnixMillis;
use zeroize::Zeroize;

use crate::people::extract::percent;

/// Digits of a code. Apps take other numbers too, and several show six all the same.
pub(super) const DIGITS: usize = 6;

/// How long a code is shown. Apps take other periods too, and several count with thirty seconds all the same.
const STEP_SECONDS: i64 = 30;

/// Steps before and after that of our clock whose codes are good too: a phone is some seconds off, and people type (RFC 6238, 5.2
/// advises one).
const STEPS_AROUND: i64 = 1;

/// What RFC 4226 (4, R6) recommends: as long as what SHA-1 gives.
pub(super) const SECRET_BYTES: usize = 20;

/// Letters of the secret between two spaces, for who types it.
const GROUP_LETTERS: usize = 4;

/// What a phone and the program share. Has no `Debug`, so that it cannot reach a log.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Secret {
    /// Makes a secret of random bytes.
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(random)
    }

    pub(super) fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// Writes it in groups, for an app that reads no QR code.
    pub(super) fn in_groups(&self) -> String {
        super::in_groups(&BASE32_NOPAD.encode(&self.0), GROUP_LETTERS, " ")
    }

    /// Writes what the QR code says: an address of the scheme `otpauth`, which apps know.
    pub(in crate::people) fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = BASE32_NOPAD.encode(&self.0);
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        )
    }

    /// Gives the step whose code this is, if it is one of now that comes after the last that was used. All that could fit are
    /// compared, in constant time.
    pub(super) fn step_of(&self, code: &str, now: UnixMillis, last_step: i64) -> Option<i64> {
        let here = step_at(now);
        let mut found = i64::MIN;
        for step in here - STEPS_AROUND..=here + STEPS_AROUND {
            let fits = self.code(step).as_bytes().ct_eq(code.as_bytes());
            found.conditional_assign(&step, fits);
        }
        (found > last_step).then_some(found)
    }

    /// Gives the code of a step (RFC 4226, 5.3).
    pub(in crate::people) fn code(&self, step: i64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("a key of any length is one");
        mac.update(&step.to_be_bytes());
        let mac: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(mac[19] & 0x0f);
        let cut = u32::from_be_bytes([mac[offset] & 0x7f, mac[offset + 1], mac[offset + 2], mac[offset + 3]]);
        format!("{:0DIGITS$}", cut % 1_000_000)
    }
}

/// Gives the step of an instant.
pub(in crate::people) fn step_at(now: UnixMillis) -> i64 {
    now.0.div_euclid(STEP_SECONDS * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new(*b"12345678901234567890")
    }

    #[test]
    fn codes_are_those_of_rfc_4226() {
        let codes: Vec<_> = (0..10).map(|step| secret().code(step)).collect();
        assert_eq!(
            codes,
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"
            ]
        );
    }

    #[test]
    fn steps_are_those_of_rfc_6238() {
        // The RFC shows eight digits; six are its last six.
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = step_at(UnixMillis(seconds * 1_000));
            assert_eq!(secret().code(step), code[2..], "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_for_the_step_before_and_after_and_only_once() {
        let now = UnixMillis(1_774_000_000_000);
        let here = step_at(now);
        for (step, is_good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret().code(here + step);
            assert_eq!(secret().step_of(&code, now, 0).is_some(), is_good, "{step}");
        }
        let code = secret().code(here);
        assert_eq!(secret().step_of(&code, now, here - 1), Some(here));
        assert_eq!(secret().step_of(&code, now, here), None, "used");
        assert_eq!(
            secret().step_of(&secret().code(here - 1), now, here),
            None,
            "older than the one used"
        );
        for wrong in ["", "12345", "1234567", "000000", "abcdef"] {
            assert_eq!(secret().step_of(wrong, now, 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_reads_the_secret_from_the_address_and_a_person_from_the_groups() {
        assert_eq!(
            secret().uri("Titian Hub", "siti.rahmah"),
            "otpauth://totp/Titian%20Hub:siti.rahmah?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Titian%20Hub\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret().in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
