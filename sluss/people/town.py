"""The made-up places: who takes part there, with credentials for those who refer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import as_file, files

from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority
from sluss.pathways.publishing import publish_shipped
from sluss.people.places import PLACES
from sluss.people.referrer import Referrer, at_the_edge
from sluss.reach import Reached
from sluss.registry.importing import import_registry
from sluss_contracts.pathway import DEFAULT

ORGANISATIONS = PLACES[DEFAULT].organisations
"""Those of the demonstration's town, where the open network is."""


async def settle(there: Reached, pathways: Sequence[str] = (DEFAULT,)) -> None:
    """Publish the pathways, register who takes part, give those who refer access. Again changes nothing."""
    await publish_shipped(there)
    wanted = {"sluss.registry": "demo.toml"} if DEFAULT in pathways else {}
    if set(pathways) - {DEFAULT}:
        wanted["sluss.people"] = "places.toml"
    for package, name in wanted.items():
        with as_file(files(package).joinpath(name)) as file:
            await import_registry(there, file)
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    for organisation in organisations_of(pathways):
        await partners.add(organisation)


def organisations_of(pathways: Sequence[str]) -> list[str]:
    """Who refers on these pathways."""
    return [organisation for pathway in pathways for organisation in PLACES[pathway].organisations]


@asynccontextmanager
async def referring(
    there: Reached, organisations: Sequence[str] = ORGANISATIONS
) -> AsyncIterator[list[Referrer]]:
    """The organisations, connected with their own credentials."""
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                at_the_edge(organisation, there.run.nats.url, partners.credentials_file(organisation))
            )
            for organisation in organisations
        ]
