"""Areas as people write them."""

from __future__ import annotations

import pytest

from services.runtime.web.area_words import area_in_words


@pytest.mark.parametrize(
    ("code", "town", "said"),
    [
        ("hageby", None, "Hageby"),
        ("norrkoping-soder", None, "Norrköping söder"),
        ("umea", None, "Umeå"),
        ("upplands-vasby-sodra", None, "Upplands Väsby södra"),
        ("ostra-goinge", None, "Östra Göinge"),
        ("habo", None, "Habo"),
        ("abo-centrum", "Åbo", "Åbo centrum"),
        ("norrkoping-soder", "Norrköping", "Norrköping söder"),
        ("hageby", "Norrköping", "Hageby"),
    ],
)
def test_an_area_is_called_in_one_way(code: str, town: str | None, said: str) -> None:
    assert area_in_words(code, town) == said
