# The doors of this project. Each only calls a script, so that the same works without make.
.PHONY: help run test nightly bench drill dev setup clean-data

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | while read -r name what; do printf '  make %-11s %s\n' "$$name" "$$what"; done

run: ## sets up, builds in release, fills the demo once, serves on http://127.0.0.1:3000
	@scripts/run

test: ## format, lint, licences, Rust on SQLite and PostgreSQL, pages in Chromium with JavaScript and without
	@scripts/test

nightly: ## the long proofs: 10,000 random lives of the ledger on each engine, and 30 crashes
	@scripts/nightly

bench: ## how fast it is, each figure beside a control of the same run; target/bench.json
	@scripts/bench

drill: ## 19 September replayed, fourteen faults against real processes; target/drill.html
	@scripts/drill

dev: ## serves, and builds again on each change
	@scripts/dev

setup: ## installs what the others need (they call it themselves)
	@scripts/setup test

clean-data: ## forgets the demo: deletes data/
	rm -rf data
