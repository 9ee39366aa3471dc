"""Commands to the provider service: whom to turn to, what waits for a coordinator, the library."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.contact import Reachable
from sluss_contracts.offering import Interest
from sluss_contracts.resource import DescribedResource, ForWhom, ResourceKind
from sluss_contracts.vocabulary import Area, Code, Language, Need, OrganisationKind, ShortText, Slug
from sluss_contracts.words import Known


class GiveActivityContact(Reachable, Command, owner="provider", verb="give_activity_contact", key="activity"):
    """Say whom link workers turn to about an activity. With nothing said, there is nobody any more."""

    activity: Slug


class ReadActivityContact(Command, owner="provider", verb="read_activity_contact", key="activity"):
    """Whom to turn to. Answered to link workers, coordinators and the provider itself. Result: `contact`
    {name, phone, email, note}, None where nobody is named."""

    activity: Slug


class GiveProviderContact(Reachable, Command, owner="provider", verb="give_provider_contact", key="provider"):
    """Say where the network's own messages to a provider go. With no way told, they go nowhere."""

    provider: Slug
    language: Language = "sv"


class ReadModeration(Command, owner="provider", verb="read_moderation"):
    """What waits for a coordinator, the longest wait first.

    Result: `waiting`, how many there are, and `items` [{kind, id, what, since, by, sequence, said, changes}]:
    `kind` is `activity` or `provider`, `what` is `suggestion`, `new` or `change`, `said` all that is said of
    it now, `changes` [{field, before, after}] how that differs from what they saw last. Send `sequence` as
    `expected_sequence` of what is decided, and a change meanwhile is not decided unseen.
    """

    most: int = Field(default=50, ge=1, le=100)


class ReviewActivity(Command, owner="provider", verb="review_activity", key="activity"):
    """A coordinator has looked at what a provider published or changed, and lets it stand."""

    activity: Slug


class SendBackActivity(Command, owner="provider", verb="send_back_activity", key="activity"):
    """A coordinator does not let it stand: it is again what it was before the provider changed it, or, where
    it was new, it is withdrawn."""

    activity: Slug
    why: Code


class TurnDownProposal(Command, owner="provider", verb="turn_down_proposal", key="activity"):
    """A suggested activity is not published."""

    activity: Slug
    why: Code


class ProposeProvider(Command, owner="provider", verb="propose_provider", key="provider"):
    """Suggest an organisation that could offer something; a coordinator looks at it first."""

    provider: Slug
    name: ShortText
    kind: Annotated[OrganisationKind, Known]
    area: Area


class RegisterProposal(Command, owner="provider", verb="register_proposal", key="provider"):
    """Register an organisation as it was suggested. `register_provider` registers it with changes."""

    provider: Slug


class TurnDownProvider(Command, owner="provider", verb="turn_down_provider", key="provider"):
    """An organisation that was suggested is not registered."""

    provider: Slug
    why: Code


class PublishResource(DescribedResource, Command, owner="provider", verb="publish_resource", key="resource"):
    """Put something in the library, or correct it if it is there."""

    kind: Annotated[ResourceKind, Known]
    languages: tuple[Language, ...] = Field(default=("sv",), min_length=1)
    needs: tuple[Annotated[Need, Known], ...] = Field(default=(), max_length=20)
    interests: tuple[Annotated[Interest, Known], ...] = Field(default=(), max_length=20)


class WithdrawResource(Command, owner="provider", verb="withdraw_resource", key="resource"):
    """Take something out of the library."""

    resource: Slug
    why: Code


class ReadResources(Command, owner="provider", verb="read_resources"):
    """What is in the library, by title. What is left out here is not asked for.

    Result: `resources`, each as it was said. Those for link workers are shown to those who guide or moderate.
    """

    kind: Annotated[ResourceKind, Known] | None = None
    need: Annotated[Need, Known] | None = None
    interest: Annotated[Interest, Known] | None = None
    language: Language | None = None
    for_whom: ForWhom | None = None
    most: int = Field(default=100, ge=1, le=200)
