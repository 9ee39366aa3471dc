"""The command `sluss`: collects the commands and turns every failure into what, where and remedy."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from tempfile import mkstemp
from traceback import extract_tb

import typer
from rich.console import Console
from rich.text import Text

import sluss
from sluss.commands import COMMANDS

USAGE_ERROR = 2
FAILED = 1
INTERRUPTED = 130


def build(only: str | None = None) -> typer.Typer:
    """The command line: all of it, or one command alone, since the others take a second to load."""
    app = typer.Typer(
        name="sluss",
        help="A referral network for social prescribing. `sluss up --demo` starts it with people in it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            print(f"sluss {sluss.__version__}")
            raise typer.Exit

    @app.callback()
    def _options(
        version: bool = typer.Option(
            False, "--version", callback=show_version, is_eager=True, help="Show the version and stop."
        ),
    ) -> None:
        pass

    for name in (only,) if only in COMMANDS else COMMANDS:
        module = import_module(f"sluss.commands.{name}")
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            app.add_typer(group)
        else:
            app.command(name)(getattr(module, name))
    return app


def main() -> None:
    """Runs one command and exits: 0 done, 1 it failed, 2 wrongly asked, 130 interrupted."""
    try:
        code = build(only=sys.argv[1] if len(sys.argv) > 1 else None)(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except typer.Exit as told:
        code = told.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep Python from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except typer.TyperException as misuse:
        said = _said_by(misuse)
        if said.startswith("Usage:"):  # nothing was asked for: the help itself is the answer
            print(said)
        else:
            _complain(said, remedy=_where(misuse))
        code = getattr(misuse, "exit_code", USAGE_ERROR)
    except Exception as failure:
        code = _explain(failure)
    sys.exit(code if isinstance(code, int) else 0)


def _said_by(misuse: typer.TyperException) -> str:
    """Typer keeps the kinds of its exceptions private; what they have in common is this."""
    speak = getattr(misuse, "format_message", None)
    return str(speak() if speak else misuse).replace("Value error, ", "")


def _where(misuse: typer.TyperException) -> str:
    context = getattr(misuse, "ctx", None)
    return f"see: {context.command_path} --help" if context else ""


def _explain(failure: Exception) -> int:
    """Failures that know their code speak for themselves; for others the trace goes to a file."""
    code = getattr(failure, "code", None)
    if isinstance(code, str):
        _complain(str(failure) or code, remedy=str(getattr(failure, "remedy", "")), code=code)
        return FAILED
    descriptor, trace = mkstemp(prefix="sluss-error-", suffix=".txt")
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{line}\n" for line in _trace(failure))
    _complain(
        f"an unexpected {type(failure).__name__}: this is a fault in Sluss, not in what you did",
        remedy=f"report it with the file {trace}",
        code="unexpected",
    )
    return FAILED


def _trace(failure: BaseException, told: frozenset[int] = frozenset()) -> Iterator[str]:
    """Types and places only: messages and values may hold what a person said of themselves.

    `told` are those it comes from: of several that failed together one may be its own cause.
    """
    told |= {id(failure)}
    yield f"{type(failure).__module__}.{type(failure).__qualname__}"
    for frame in extract_tb(failure.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
    earlier = failure.__cause__ or failure.__context__
    for reason in (*getattr(failure, "exceptions", ()), *((earlier,) if earlier else ())):
        if id(reason) not in told:
            yield from _trace(reason, told)


def _complain(what: str, *, remedy: str = "", code: str = "") -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    first, *rest = what.splitlines() or [""]
    console.print(Text("sluss: ", style="bold red"), Text(first), Text(f" [{code}]" if code else ""), sep="")
    for line in (*rest, *remedy.splitlines()):
        console.print(Text(f"       {line}"))


if __name__ == "__main__":
    main()
