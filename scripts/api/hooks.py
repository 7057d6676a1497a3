"""Gives schemathesis codes that live, and the card that there is: most of its valid requests get one.

Without them every payment would end at "no such code", and after twenty of those at "too many wrong codes". A few
keep the code that was made up, so that those answers are seen too.
"""

import datetime
import itertools
import os
import re

import requests
import schemathesis
from schemathesis import GenerationMode

PORTAL = os.environ["NEUL_API_PORTAL"]
WITH_CODE = {("POST", "/payments"), ("POST", "/codes/check")}
MADE_UP_EACH = 25

calls = itertools.count(1)


def sign_in():
    """A session of the demo's citizen."""
    session = requests.Session()
    page = session.get(f"{PORTAL}/login", timeout=20).text
    form = {"_token": token(page), "login_id": "citizen", "password": os.environ["NEUL_API_PASSWORD"]}
    answer = session.post(f"{PORTAL}/login", data=form, headers={"Origin": PORTAL}, timeout=20)
    answer.raise_for_status()
    return session


def token(page):
    return re.search(r'name="_token" value="([^"]+)"', page).group(1)


def new_code():
    """The digits of a code that no payment has used."""
    page = citizen.get(f"{PORTAL}/wallet/code", timeout=20).text
    form = {"_token": token(page)}
    page = citizen.post(f"{PORTAL}/wallet/code", data=form, headers={"Origin": PORTAL}, timeout=20).text
    return re.search(r'class="code-digits">([\d ]+)<', page).group(1).replace(" ", "")


def question(body, call):
    """Most questions are of the demo's card, at a shop that there is, asked now and for little."""
    if call % MADE_UP_EACH == 0:
        return
    body["card"] = "tok_demo_citizen_0001"
    body["merchant"] = "A002"
    body["mcc"] = "5814"
    body["asked_at"] = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if call % 2:
        body["amount_won"] = call


citizen = sign_in()


@schemathesis.hook
def before_call(context, case, kwargs):
    if not isinstance(case.body, dict):
        return
    valid = case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE
    if not valid:
        return
    if case.path.startswith("/card/") and "card" in case.body:
        question(case.body, next(calls))
    if (case.method, case.path) not in WITH_CODE:
        return
    call = next(calls)
    if call % MADE_UP_EACH:
        case.body["code"] = new_code()
    # A wallet holds little beside what the description allows: some amounts must be small, or nothing is ever paid.
    if call % 2 and "amount_won" in case.body:
        case.body["amount_won"] = call
