//! Deeds in words.

use super::ACTIONS;
use crate::{word, words::Lang};

/// What kind of thing was done, for the filter.
pub(super) fn resource(lang: Lang, action: &str) -> String {
    match action {
        "payout." => word!(lang, audit.payouts),
        "programme." => word!(lang, audit.programmes),
        "merchant." => word!(lang, audit.merchants),
        "payment." => word!(lang, audit.payments),
        "bank_account." => word!(lang, audit.bank_accounts),
        "staff." => word!(lang, audit.staff),
        "session." => word!(lang, audit.sessions),
        "resident." => word!(lang, audit.residents),
        "api_key." => word!(lang, audit.api_keys),
        "card." => word!(lang, audit.cards),
        "second_factor." => word!(lang, audit.second_factors),
        "person." => word!(lang, audit.persons),
        _ => word!(lang, audit.itself),
    }
}

/// The deed in words; the code stands beside it, so an unknown one is said by its kind.
pub(super) fn said(lang: Lang, action: &str) -> String {
    match action {
        "payout.view" => word!(lang, audit.payout_view),
        "payout.create" => word!(lang, audit.payout_create),
        "payout.refused" => word!(lang, audit.payout_refused),
        "payout.submit" => word!(lang, audit.payout_submit),
        "payout.approve" => word!(lang, audit.payout_approve),
        "payout.return" => word!(lang, audit.payout_return),
        "payout.cancel" => word!(lang, audit.payout_cancel),
        "payout.download" => word!(lang, audit.payout_download),
        "programme.add" => word!(lang, audit.programme_add),
        "programme.state" => word!(lang, audit.programme_state),
        "merchant.add" => word!(lang, audit.merchant_add),
        "merchant.status" => word!(lang, audit.merchant_status),
        "bank_account.set" => word!(lang, audit.bank_account_set),
        "payment.cancel" => word!(lang, audit.payment_cancel),
        "api_key.make" => word!(lang, audit.api_key_make),
        "card.close" => word!(lang, audit.card_close),
        "api_key.revoke" => word!(lang, audit.api_key_revoke),
        "staff.add" => word!(lang, audit.staff_add),
        "staff.set_roles" => word!(lang, audit.staff_roles),
        "staff.deactivate" => word!(lang, audit.staff_off),
        "staff.reactivate" => word!(lang, audit.staff_on),
        "staff.set_password" => word!(lang, audit.staff_password),
        "staff.invite" => word!(lang, audit.staff_invite),
        "staff.invite_again" => word!(lang, audit.staff_invite_again),
        "staff.invite_agree" => word!(lang, audit.staff_invite_agree),
        "staff.invite_withdraw" => word!(lang, audit.staff_invite_withdraw),
        "staff.join" => word!(lang, audit.staff_join),
        "staff.view" => word!(lang, audit.staff_view),
        "second_factor.set_up" => word!(lang, audit.factor_set_up),
        "second_factor.reset" => word!(lang, audit.factor_reset),
        "second_factor.recovery_code" => word!(lang, audit.factor_recovery),
        "second_factor.new_codes" => word!(lang, audit.factor_codes),
        "login.close" => word!(lang, audit.login_close),
        "resident.wipe" => word!(lang, audit.resident_wipe),
        "person.reveal" => word!(lang, audit.person_reveal),
        "audit.view" => word!(lang, audit.audit_view),
        "audit.export" => word!(lang, audit.audit_export),
        other => {
            let kind = other.find('.').map_or(other, |dot| &other[..=dot]);
            resource(lang, if ACTIONS.contains(&kind) { kind } else { "audit." })
        }
    }
}
