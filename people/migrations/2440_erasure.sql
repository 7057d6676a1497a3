-- A resident who closes their login: it forgets them at once. The holder behind their money keeps the name for as long
-- as the law keeps records of transactions (five years, 전자금융거래법 제22조), apart from every login, and is wiped then.
ALTER TABLE residents ADD COLUMN closed_at BIGINT;
ALTER TABLE residents ADD COLUMN keep_until_at BIGINT;
ALTER TABLE residents ADD COLUMN wiped_at BIGINT;
CREATE INDEX residents_to_wipe ON residents (keep_until_at) WHERE wiped_at IS NULL AND keep_until_at IS NOT NULL;
