"""The demonstration's town: four organisations, their credentials, link workers, providers, activities."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import as_file, files

from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority
from sluss.pathways.publishing import publish_shipped
from sluss.people.referrer import Referrer, at_the_edge
from sluss.reach import Reached
from sluss.registry.importing import import_registry

ORGANISATIONS = ("vc-strommen", "soc-norrkoping", "af-norrkoping", "vasaskolan")


async def settle(there: Reached) -> None:
    """Publish the pathways, register the town, give its organisations access. Again changes nothing."""
    await publish_shipped(there)
    with as_file(files("sluss.registry").joinpath("demo.toml")) as file:
        await import_registry(there, file)
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    for organisation in ORGANISATIONS:
        await partners.add(organisation)


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
