"""The public holidays of Sweden, for every service whose calendar they change."""

from __future__ import annotations

from datetime import date
from functools import cache

from holidays import country_holidays
from holidays.constants import DE_FACTO, PUBLIC


@cache
def holidays_of(year: int) -> frozenset[date]:
    """The public holidays of Sweden (SFS 1989:253) but for ordinary Sundays, and the three eves that the
    Annual Leave Act (SFS 1977:480, § 7) makes equal to them: Midsummer, Christmas and New Year's Eve."""
    return frozenset(country_holidays("SE", years=year, categories=(PUBLIC, DE_FACTO), expand=False))
