//! Why somebody has to sign in again. People who are signed out without a word fear a break-in (FACTS section 1): where
//! it was us we say so, with when and why.

use people::WhyEnded;

use crate::{
    door::{Ctx, PageError},
    word,
    words::{self, Lang},
};

/// What is said above the form.
pub(super) struct Said {
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) text: String,
}

/// What became of the session whose cookie this browser still has.
pub(super) async fn notice(ctx: &Ctx) -> Result<Option<Said>, PageError> {
    let Some(cookie) = &ctx.ended_cookie else {
        return Ok(None);
    };
    // A page that everybody must reach: without an answer it is silent about this.
    let Ok(Ok(Some(ended))) =
        tokio::time::timeout(crate::calm::ASK_MAX, ctx.house.people.ended(cookie, ctx.at)).await
    else {
        return Ok(None);
    };
    let lang = ctx.lang;
    let time = words::when(lang, ended.at);
    let (tone, title, text) = match ended.why {
        WhyEnded::ByUs { reason, reason_en } => {
            let reason = match lang {
                Lang::ko => reason,
                Lang::en => reason_en,
            };
            let text = word!(lang, ended.by_us, time = time, reason = reason);
            ("info", word!(lang, ended.by_us_title), text)
        }
        WhyEnded::OtherDevice => (
            "info",
            word!(lang, ended.other_title),
            word!(lang, ended.other, time = time),
        ),
        WhyEnded::NotTheirs => (
            "warning",
            word!(lang, ended.not_theirs_title),
            word!(lang, ended.not_theirs, time = time),
        ),
        WhyEnded::PasswordChanged => (
            "info",
            word!(lang, ended.password_title),
            word!(lang, ended.password, time = time),
        ),
        WhyEnded::TimeOver => (
            "info",
            word!(lang, ended.time_title),
            word!(lang, ended.time, time = time),
        ),
    };
    Ok(Some(Said { tone, title, text }))
}
