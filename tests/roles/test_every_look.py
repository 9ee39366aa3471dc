"""I13: reads of a person's record = rows in the access log. On every page there is, as everybody."""

from __future__ import annotations

from typing import Any

import pytest

from services.runtime.web.pages import SAFE_METHODS
from sluss_contracts.command import Command
from sluss_contracts.commands.looking import ReadAccessLog, ReadPersons, SearchPersons
from sluss_contracts.commands.referral import ReadPerson, ReadWords
from tests.roles.conftest import Sites
from tests.roles.test_every_route import EVERYBODY, address, streams, visiting
from tests.support.casework import BERIT, HASSAN

pytestmark = pytest.mark.slow

PEOPLE = ("Gunborg Lund", "Torvald Kanariefågel", "Yrsa Kanariefågel")
"""Names that stand nowhere but in the vault: the far case's, and two more."""
_READS = (ReadPerson, ReadPersons, ReadWords, SearchPersons, ReadAccessLog)


async def rows_of(sites: Sites) -> list[dict[str, Any]]:
    rows = await sites.work.at["referral"].pool.fetch("select * from access order by number")
    return [dict(row) for row in rows]


def persons_asked_for(command: Command) -> int:
    """Of how many persons a question asks; of words and searches only the vault knows."""
    return len(set(command.referral_ids)) if isinstance(command, ReadPersons) else 1


async def test_whoever_is_named_on_a_page_has_been_read_and_every_read_is_a_row(sites: Sites) -> None:
    cases = {PEOPLE[0]: sites.far.case}
    for name in PEOPLE[1:]:
        cases[name] = await sites.work.refer(name)
    named = 0
    for site in sites.apps:
        if site == "console":
            continue  # it has no way to the vault: no network is handed to it
        rows = [row for name, row in sites.rows() if name == site and row.method in SAFE_METHODS]
        for who in (None, *EVERYBODY.values(), HASSAN, BERIT):
            async with visiting(sites, site, who) as client:
                for row in rows:
                    if streams(row) or (
                        not row.admits_anyone and (who is None or who.role not in (row.roles or ()))
                    ):
                        continue
                    for case in cases.values() if "{" in row.path else [""]:
                        before, asked = len(await rows_of(sites)), len(sites.work.asked)
                        page = (await client.get(address(row, case))).text
                        looks = (await rows_of(sites))[before:]
                        reads = [each for each in sites.work.asked[asked:] if isinstance(each, _READS)]
                        told = (who and who.actor.id, row.path)
                        assert len(looks) >= sum(map(persons_asked_for, reads)), told
                        assert {look["command_id"] for look in looks} == {
                            each.command_id for each in reads
                        }, told
                        for name, their_case in cases.items():
                            if name in page:
                                named += 1
                                theirs = [look for look in looks if look["referral_id"] == their_case]
                                assert who is not None, told
                                assert {(who.actor.id, who.role.value)} == {
                                    (look["actor"], look["role"]) for look in theirs
                                }, told
                                assert any(look["allowed"] for look in theirs), told
                                assert all(look["purpose"] and look["unit"] != "" for look in theirs)
    assert named > 10, "people are named on pages"
