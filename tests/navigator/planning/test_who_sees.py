"""Whose pages they are, what volunteers and coordinators are shown, and hostile words on each of them."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio

from services.navigator.desk.frame import Frame
from services.navigator.planning import ROOM, planning_pages
from services.runtime.web import Identity
from sluss_contracts.commands.navigator import ReassignCase
from tests.support.casework import ANNA, BERIT, NURSE, OLLE, SIV, Casework
from tests.support.planning import ATTACK, WORDS, Far, fill_in, on_the_way, send_on

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(scope="module")
async def far(work: Casework) -> Far:
    """Everything somebody wrote freely in it is an attack."""
    return await on_the_way(work, words=ATTACK)


def addresses(work: Casework, far: Far, case: str | None = None) -> list[tuple[str, str]]:
    """Method and address of every route of these pages, for one case."""
    ids = {
        "case_id": case or far.case,
        "instrument": "ons4",
        "activity": "promenad",
        "recept_id": far.recept,
        "enrolment_id": far.enrolment,
        "followup_id": "f-1",
        "evaluation_id": "e-1",
    }
    rows = [row for table in planning_pages(Frame(work.engine)) for row in table.rows]
    return [(row.method, row.path.format(**ids)) for row in rows]


async def _answers(work: Casework, identity: Identity | None, far: Far, case: str | None = None) -> set[int]:
    found = set()
    async with work.browser_of(identity) as browser:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', (await browser.get("/login")).text)
        assert token
        for method, path in addresses(work, far, case):
            data = {"form_token": token[1]} if method == "POST" else None
            found.add((await browser.request(method, path, data=data)).status_code)
    return found


async def test_every_page_is_for_whoever_may_open_the_case_and_for_nobody_else(
    work: Casework, far: Far
) -> None:
    assert await _answers(work, BERIT, far) == {404}  # another team's
    assert await _answers(work, OLLE, far) == {404}  # a volunteer who does not have it
    assert await _answers(work, ANNA, far, "no-such-case") == {404}
    assert await _answers(work, ANNA, far, "%00") == {404}
    assert await _answers(work, NURSE, far) == {403}
    assert await _answers(work, None, far) == {303}


async def test_no_form_is_taken_from_another_site(work: Casework, far: Far) -> None:
    async with work.browser_of(ANNA) as browser:
        for method, path in addresses(work, far):
            if method == "POST":
                assert (await browser.post(path, data={"goal": "x"})).status_code == 403, path


async def test_hostile_words_are_words_on_every_page(work: Casework, far: Far) -> None:
    async with work.browser_of(ANNA) as browser:
        seen = 0
        for method, path in addresses(work, far):
            if method == "POST":
                continue
            page = await browser.get(path)
            if "html" in page.headers["content-type"]:
                assert "<script>alert" not in page.text, path
                assert "<img src=x" not in page.text, path
                seen += "&lt;script&gt;alert(1)" in page.text
        assert seen >= 4
        # What was refused is shown again in its field.
        at = f"/cases/{far.case}"
        tried = {"what_matters": ATTACK + "x" * 4000, "who__1": "sister", "wish__1": ATTACK}
        again = await fill_in(browser, f"{at}/mapping", f"{at}/mapping", **tried)
        assert again.status_code == 422
        assert "<script>alert" not in again.text
        form = (await browser.get(f"{at}/matching")).text
        odd = await send_on(browser, form, f"{at}/matching", {"also_areas": ATTACK, "at_most": ATTACK})
        assert "<script>alert" not in odd.text


async def test_a_coordinator_is_shown_the_plan_without_its_words(work: Casework, far: Far) -> None:
    at = f"/cases/{far.case}"
    async with work.browser_of(SIV) as siv:
        assert (await siv.get(f"{at}/mapping")).status_code == 403
        assert (await siv.get(f"{at}/instruments")).status_code == 403
        plan = await siv.get(f"{at}/plan")
        assert plan.status_code == 200
        assert "som bara hälsolotsen läser" in plan.text
        assert "alert(1)" not in plan.text
        assert (await siv.get(f"{at}/recept/{far.recept}")).status_code == 200


async def test_a_volunteer_sees_less_of_their_own_case(work: Casework) -> None:
    far = await on_the_way(work, "Harriet Al")
    await work.do(ReassignCase, SIV, referral_id=far.case, worker=OLLE.actor.id)
    at = f"/cases/{far.case}"
    async with work.browser_of(OLLE) as olle:
        shown = {
            page: await olle.get(f"{at}/{page}") for page in ("mapping", "instruments", "plan", "matching")
        }
        assert [answer.status_code for answer in shown.values()] == [403, 403, 200, 200]
        assert WORDS not in shown["plan"].text
        assert f'href="{at}/mapping"' not in shown["plan"].text
        judged = (await olle.get(f"{at}/matching/promenad")).text
        assert "Maja Sol" not in judged  # whom to turn to is for link workers
        assert (await olle.get(f"{at}/evaluation/e-1")).status_code == 403


def test_no_template_lets_words_through_unescaped() -> None:
    for template in (ROOM / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "")
        assert " style=" not in text
        assert "<script" not in text
        assert not re.search(r"\son[a-z]+=", text)
