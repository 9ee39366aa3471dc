"""`sluss consent …`: what the person agrees to and takes back, as commands to the referral service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console, done
from sluss.ledger import Entry
from sluss.reach import Failure, Reached
from sluss_contracts.commands.referral import ConfirmWithdrawal, RecordConsent, WithdrawConsent
from sluss_contracts.vocabulary import ConsentPurpose, Role

app = typer.Typer(
    name="consent", help="What a person agrees to, with whom, and takes back.", no_args_is_help=True
)

Referral = Annotated[str, typer.Argument(help="The referral's id, or the beginning of it.")]
Receivers = Annotated[
    list[str] | None, typer.Option("--receiver", help="A provider or organisation; may be given again.")
]


@app.command()
def give(
    referral: Referral,
    who: ActingAs,
    purpose: Annotated[
        list[ConsentPurpose] | None,
        typer.Option(help="What for; may be given again. Otherwise: referral, feedback_to_referrer."),
    ] = None,
    receiver: Receivers = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person says yes. A held referral goes onward; on an open one the consent is widened."""

    async def send(there: Reached) -> None:
        wider = {"purposes": tuple(purpose)} if purpose else {}
        command = RecordConsent(
            **by(who, Role.LINK_WORKER),
            referral_id=await there.referral(referral),
            receivers=tuple(receiver or ()),
            **wider,
        )
        done("Consent recorded", await there.ask(command))

    ask(data_dir, send)


@app.command()
def withdraw(
    referral: Referral,
    who: ActingAs,
    purpose: Annotated[
        list[ConsentPurpose] | None, typer.Option(help="What for no longer; may be given again.")
    ] = None,
    receiver: Receivers = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person takes back a purpose or a receiver. Without `referral` the work ends."""
    if not purpose and not receiver:
        raise Failure(
            "nothing is taken back",
            remedy="add --purpose or --receiver; `sluss consent show` tells what there is",
        )

    async def send(there: Reached) -> None:
        command = WithdrawConsent(
            **by(who, Role.LINK_WORKER),
            referral_id=await there.referral(referral),
            purposes=tuple(purpose or ()),
            receivers=tuple(receiver or ()),
        )
        answer = await there.ask(command)
        shared = answer.result.get("shared_with", [])
        done("Consent taken back", answer.model_copy(update={"result": {}}))
        if shared:
            console.print(f"Already told, and asked to remove it: {', '.join(shared)}")
            console.print("When one says that it has: sluss consent confirm REFERRAL RECEIVER --as …")

    ask(data_dir, send)


@app.command()
def confirm(
    referral: Referral,
    receiver: Annotated[str, typer.Argument(help="Who has removed what it was given.")],
    who: ActingAs,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A receiver has removed what it was given."""

    async def send(there: Reached) -> None:
        id = await there.referral(referral)
        role = Role.PROVIDER if who == receiver else Role.LINK_WORKER
        command = ConfirmWithdrawal(**by(who, role), referral_id=id, receiver=receiver)
        done("Confirmed", await there.ask(command))

    ask(data_dir, send)


@app.command()
def show(referral: Referral, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """What the person agrees to now, what they have taken back, and who still has to confirm."""

    async def tell(there: Reached) -> None:
        for line in told(await there.ledger.story(await there.referral(referral))):
            console.print(line)

    ask(data_dir, tell)


def told(story: Iterable[Entry]) -> list[str]:
    """Consent as it stands after a story."""
    agreed: dict[str, list[str]] = {"purposes": [], "receivers": []}
    back: dict[str, list[str]] = {"purposes": [], "receivers": []}
    waiting: list[str] = []
    for entry in story:
        said = entry.data
        match entry.name:
            case "referral.submitted" | "consent.given":
                agreed = {kind: list(said.get(kind, ())) for kind in agreed}
                back = {kind: [each for each in back[kind] if each not in agreed[kind]] for kind in back}
            case "consent.withdrawn":
                for kind in agreed:
                    taken = list(said.get(kind, ()))
                    agreed[kind] = [each for each in agreed[kind] if each not in taken]
                    back[kind] += taken
                waiting += said.get("shared_with", ())
            case "consent.withdrawal_confirmed":
                waiting = [each for each in waiting if each != said["receiver"]]

    def listed(names: list[str]) -> str:
        return ", ".join(name.replace("_", " ") for name in names) or "nothing"

    lines = [f"Agrees to:   {listed(agreed['purposes'])}"]
    if "share_with_provider" in agreed["purposes"]:
        lines.append(f"Shared with: {', '.join(agreed['receivers']) or 'any provider they choose'}")
    if back["purposes"] or back["receivers"]:
        lines.append(f"Taken back:  {listed([*back['purposes'], *back['receivers']])}")
    if waiting:
        lines.append(f"To confirm:  {', '.join(waiting)}")
    return lines
