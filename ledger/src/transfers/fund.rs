//! Treasury → a programme's budget.

use super::{
    Receipt, TransferKind,
    posting::{Line, Plan, Posting},
};
use crate::{ProgrammeState, Refusal, error::Result, programmes};

pub(super) async fn fund(posting: &mut Posting<'_, '_>, id: i64, amount_won: i64) -> Result<Receipt> {
    let budget = posting
        .lock("budget", id)
        .await?
        .ok_or(Refusal::UnknownProgramme)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let programme = programmes::find(&mut **posting.tx, posting.request.municipality, id).await?;
    if programme.ok_or(Refusal::UnknownProgramme)?.state == ProgrammeState::Stopped {
        return Err(Refusal::ProgrammeNotOpen.into());
    }
    let treasury = posting
        .account("treasury", 0)
        .await?
        .ok_or(Refusal::UnknownMunicipality)?;
    let line = |account, amount_won| Line {
        account,
        amount_won,
        lot: None,
        programme: Some(id),
    };
    let mut plan = Plan::new(TransferKind::Fund, amount_won);
    plan.programme = Some(id);
    plan.lines = vec![line(treasury, -amount_won), line(budget.id, amount_won)];
    posting.write(plan).await
}
