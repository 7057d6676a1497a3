//! Who is who: residents, staff, roles, sessions, devices, personal data, the audit log.
//!
//! Knows no HTTP, no page and no money: it takes and gives plain values, and `at` (now, in milliseconds) comes
//! from the caller. Personal data leaves the program only sealed; nothing here prints any of it.

mod accounts;
mod api_keys;
mod audit;
mod codes;
mod erasure;
mod forms;
mod house;
mod invitations;
mod keys;
mod limits;
mod login_id;
mod migrations;
mod passwords;
mod person;
mod problem;
mod proofs;
mod recovery;
mod residents;
mod reveals;
mod roles;
mod rotation;
mod seal;
mod second_factor;
mod secret;
mod sessions;
mod sign_in;
mod sign_ins;
mod sign_up;
mod sql;
mod staff;

pub use accounts::{AccountOwner, BANKS, BankAccount};
pub use api_keys::{ApiKey, ApiKeyError, ApiKeyProblem, KeyOwner, KeyText, NewApiKey, Scope};
pub use audit::{Actor, Audit, AuditCursor, AuditDifference, AuditFilter, AuditHead, AuditRow, By};
pub use codes::{CODE_DIGITS, CodeTry, TooManyTries};
pub use erasure::{CloseError, KEEP_MS, OwnData};
pub use house::{People, Policy};
pub use invitations::{Invitation, InvitationError, InvitationLink, Invited, NewInvitation};
pub use keys::{Key, Keys, KeysError};
pub use login_id::normal_login_id;
pub use migrations::MIGRATIONS;
pub use passwords::{
    ChangePasswordError, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, check_password, is_breached,
};
pub use person::{Person, looks_like_registration_number, masked_name, masked_phone};
pub use problem::{Fault, Field, Problem, Reason};
pub use proofs::{
    BeginProofError, CodeSender, HttpGateway, Outbox, OutboxMessage, ProofError, ProofId, ProvenPhone,
    Purpose, SendError, Sending, code_text,
};
pub use recovery::{RecoveryError, Reset};
pub use residents::HolderProfile;
pub use reveals::REVEAL_MS;
pub use roles::{Role, Roles};
pub use rotation::KeysInUse;
pub use seal::UnsealError;
pub use second_factor::{Enrolment, SecondFactor, SecondFactorError, SecondFactorState};
pub use secret::token as random_token;
pub use sessions::{
    Claims, Client, Device, DeviceForm, Ended, EndingReason, Kind, NewDevice, Session, Who, WhoseSessions,
    WhyEnded,
};
pub use sign_in::{SignInProblem, SignedIn};
pub use sign_ins::{Outcome as SignInOutcome, SignIn};
pub use sign_up::{Login, SignUp, SignUpError};
pub use staff::{NewStaff, StaffError, StaffMember};

/// Kept as the name that the agreement between the rooms uses: a field and a reason.
pub use problem::Problem as SignUpProblem;
