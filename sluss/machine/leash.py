"""Starts a program so that it dies with its parent and, where asked, under a lesser account.

Run by file path before any package is importable, hence the standard library alone:

    python -I -S leash.py PARENT SIGNAL ACCOUNT SEARCH -- PROGRAM ARGUMENT...

PARENT is the pid that must still be our parent, SIGNAL the number the kernel sends when it dies, ACCOUNT a
numeric `uid:gid` or `-`, SEARCH `1` to let a lesser account walk through directories it could not enter (a
clone under /root, a private temporary directory) without changing anybody's permissions.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION = 0x20080522
_READ_AND_SEARCH_ANYTHING = 2  # CAP_DAC_READ_SEARCH
_OVERRIDE_PERMISSIONS = 1  # CAP_DAC_OVERRIDE, all that some containers leave to root


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityWord(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def _become(libc: ctypes.CDLL, uid: int, gid: int, search: bool) -> None:
    if search:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if not search:
        return
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    words = (_CapabilityWord * 2)()
    libc.capget(ctypes.byref(header), words)
    for capability in (_READ_AND_SEARCH_ANYTHING, _OVERRIDE_PERMISSIONS):
        bit = 1 << capability
        if words[0].permitted & bit:
            words[0] = _CapabilityWord(bit, bit, bit)
            words[1] = _CapabilityWord(0, 0, 0)
            libc.capset(ctypes.byref(header), words)
            libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            return


def main(arguments: list[str]) -> None:
    """Never returns: becomes PROGRAM, or exits 127 with a sentence on standard error."""
    parent, signal, account, search, _, *program = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        _become(libc, uid, gid, search == "1")
    # After the change of account, which would clear it.
    libc.prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the process that asked for this one has died already")
    try:
        os.execv(program[0], program)
    except OSError as failure:
        print(f"cannot start {program[0]}: {failure.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
