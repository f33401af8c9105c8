//! What people and the program do, as the audit log names it.

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A session began.
    SignedIn,
    /// Name and password did not match.
    SignInFailed,
    /// A session was ended by its owner.
    SignedOut,
    /// An account was made.
    AccountAdded,
    /// An account got another password.
    PasswordSet,
    /// An account was closed.
    AccountDisabled,
    /// A closed account was opened again.
    AccountEnabled,
    /// An account got other roles.
    RolesChanged,
    /// An account got a second factor.
    SecondFactorOn,
    /// Its owner removed the second factor of an account.
    SecondFactorOff,
    /// Somebody else removed it, who keeps the accounts.
    SecondFactorTakenOff,
    /// Recovery codes were made anew; the older ones count no more.
    RecoveryCodesMade,
    /// The password was right, and the code was not.
    SignInCodeRefused,
    /// A recovery code stood in for the phone; the detail says how many are left.
    RecoveryCodeUsed,
    /// A reporter's identity was shown to somebody.
    IdentityShown,
    /// It was chosen how words that name people go to LAPOR: redacted, or as written.
    WordingChosen,
    /// A file of a complaint was shown to somebody or saved by them.
    AttachmentShown,
    /// A step was taken with a complaint; the detail says which.
    Step,
    /// Somebody asked for a page, or for something to be done, that their roles do not allow; the detail says which.
    WayRefused,
    /// The procedure refused a step with a complaint; the detail says which.
    Refused,
    /// A register was taken over.
    RegisterImported,
    /// What LAPOR says was taken over.
    LaporImported,
    /// A bundle was written for the other side.
    BundleWritten,
    /// A bundle of the other side was read.
    BundleRead,
    /// This gateway was enrolled.
    Enrolled,
    /// An office was added.
    OfficeAdded,
    /// A one-time code for a gateway was made.
    CodeMade,
    /// A gateway was shut out.
    GatewayRevoked,
    /// The audit log of the other side ends before where it ended once, or elsewhere.
    OtherLogSetBack,
    /// The register was written into a file for other programs; the detail says which part, and why with reporters.
    Exported,
    /// The records of a complaint's reporter were erased; the detail says why.
    ReporterErased,
    /// Something that was put aside was judged again, exported or thrown away; the detail says which.
    Quarantine,
    /// It was chosen what citizens are told about their data; the detail is the version of the text.
    NoticeChosen,
    /// It was proposed to destroy identities whose time is over; the detail says which proposal.
    RetentionProposed,
    /// It was decided about such a proposal; the detail says which, and how many identities were destroyed.
    RetentionDecided,
    /// The hub's next key was made; the detail is its fingerprint.
    KeyRenewed,
    /// The hub's next key became its present one; the detail is its fingerprint.
    KeySwitched,
    /// The hub's former key was destroyed; the detail is its fingerprint.
    KeyRetired,
    /// The hub announced its next key to this gateway; the detail is the fingerprint.
    HubKeyTrusted,
    /// This gateway trusts a key of its hub no more; the detail is the fingerprint.
    HubKeyDropped,
    /// Somebody's complaints were looked up for a request of theirs; the detail says how many there are, and why.
    SubjectSought,
    /// All that is held about a complaint's reporter was handed out to them; the detail says why.
    SubjectFile,
    /// A case file was shown to be printed; the detail says whether with the reporter, and why.
    CasePrinted,
    /// A reason was refused since it names a citizen; the detail says for what it was, and not what it was.
    ReasonRefused,
    /// Somebody wanted to see a reporter whose identity is restricted, and did not; the detail says why they wanted to.
    LookRefused,
    /// Somebody had the data at rest enciphered; noted before it is begun.
    EncryptionTurnedOn,
    /// Another recovery code opens the enciphered data, and the former one no more.
    DataCodeRenewed,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 47] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::AccountAdded,
        Self::PasswordSet,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::RolesChanged,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::SecondFactorTakenOff,
        Self::RecoveryCodesMade,
        Self::SignInCodeRefused,
        Self::RecoveryCodeUsed,
        Self::IdentityShown,
        Self::WordingChosen,
        Self::AttachmentShown,
        Self::Step,
        Self::WayRefused,
        Self::Refused,
        Self::RegisterImported,
        Self::LaporImported,
        Self::BundleWritten,
        Self::BundleRead,
        Self::Enrolled,
        Self::OfficeAdded,
        Self::CodeMade,
        Self::GatewayRevoked,
        Self::OtherLogSetBack,
        Self::Exported,
        Self::ReporterErased,
        Self::Quarantine,
        Self::NoticeChosen,
        Self::RetentionProposed,
        Self::RetentionDecided,
        Self::KeyRenewed,
        Self::KeySwitched,
        Self::KeyRetired,
        Self::HubKeyTrusted,
        Self::HubKeyDropped,
        Self::SubjectSought,
        Self::SubjectFile,
        Self::CasePrinted,
        Self::ReasonRefused,
        Self::LookRefused,
        Self::EncryptionTurnedOn,
        Self::DataCodeRenewed,
    ];

    /// Gives the word that the log keeps. It never changes: old rows keep theirs.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::AccountAdded => "account-added",
            Self::PasswordSet => "password-set",
            Self::AccountDisabled => "account-disabled",
            Self::AccountEnabled => "account-enabled",
            Self::RolesChanged => "roles-changed",
            Self::SecondFactorOn => "second-factor-on",
            Self::SecondFactorOff => "second-factor-off",
            Self::SecondFactorTakenOff => "second-factor-taken-off",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::SignInCodeRefused => "sign-in-code-refused",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::IdentityShown => "identity-shown",
            Self::WordingChosen => "wording-chosen",
            Self::AttachmentShown => "attachment-shown",
            Self::Step => "step",
            Self::WayRefused => "way-refused",
            Self::Refused => "refused",
            Self::RegisterImported => "register-imported",
            Self::LaporImported => "lapor-imported",
            Self::BundleWritten => "bundle-written",
            Self::BundleRead => "bundle-read",
            Self::Enrolled => "enrolled",
            Self::OfficeAdded => "office-added",
            Self::CodeMade => "code-made",
            Self::GatewayRevoked => "gateway-revoked",
            Self::OtherLogSetBack => "other-log-set-back",
            Self::Exported => "exported",
            Self::ReporterErased => "reporter-erased",
            Self::Quarantine => "quarantine",
            Self::NoticeChosen => "notice-chosen",
            Self::RetentionProposed => "retention-proposed",
            Self::RetentionDecided => "retention-decided",
            Self::KeyRenewed => "key-renewed",
            Self::KeySwitched => "key-switched",
            Self::KeyRetired => "key-retired",
            Self::HubKeyTrusted => "hub-key-trusted",
            Self::HubKeyDropped => "hub-key-dropped",
            Self::SubjectSought => "subject-sought",
            Self::SubjectFile => "subject-file",
            Self::CasePrinted => "case-printed",
            Self::ReasonRefused => "reason-refused",
            Self::LookRefused => "look-refused",
            Self::EncryptionTurnedOn => "encryption-turned-on",
            Self::DataCodeRenewed => "data-code-renewed",
        }
    }
}
