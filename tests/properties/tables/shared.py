"""What every service reads: the pathways it has heard of."""

from __future__ import annotations

from typing import Any

from services.runtime import pathways
from tests.properties.paper.tx import PaperTx


def _write(tx: PaperTx, *, pathway: str, version: int, definition: Any, digest: str) -> None:
    rows = tx.desk.tables.setdefault("pathway", {})
    row = {"pathway": pathway, "version": version, "definition": definition, "digest": digest}
    rows.setdefault((pathway, version), row | {"withdrawn": False})


def _withdraw(tx: PaperTx, *, named: str) -> None:
    rows = tx.desk.tables.get("pathway", {})
    for name, row in rows.items():
        if name[0] == named:
            rows[name] = row | {"withdrawn": True}


def _names(tx: PaperTx) -> list[dict[str, Any]]:
    rows = list(tx.desk.tables.get("pathway", {}).values())
    standing = (
        str(
            [
                (*name, row["digest"], row["withdrawn"])
                for name, row in sorted(tx.desk.tables["pathway"].items())
            ]
        )
        if rows
        else ""
    )
    return [row | {"standing": standing} for row in rows]


def _one(tx: PaperTx, *, pathway: str, version: int) -> list[dict[str, Any]]:
    return [{"definition": tx.desk.tables["pathway"][pathway, version]["definition"]}]


READS = {pathways._NAMES: _names, pathways._ONE.text: _one}
WRITES = {pathways._WRITE.text: _write, pathways._WITHDRAW.text: _withdraw}
