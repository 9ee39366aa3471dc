"""Sealed is sealed: by whom, for whom, and for which place."""

from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.vault.identity import IdentityKey, read_identity
from services.referral.vault.keys import DataKey, MasterKey, Tampered
from tests.referral.requests import INVALID_NUMBERS, NAME, NUMBER, SAME_NUMBER, VALID_NUMBERS


def test_what_is_sealed_opens_again_and_shows_nothing_meanwhile() -> None:
    key = DataKey(os.urandom(32))
    sealed = key.seal(NAME.encode(), belongs_to="person/r1/1")
    assert NAME.encode() not in sealed
    assert key.open(sealed, belongs_to="person/r1/1") == NAME.encode()


def test_the_same_text_sealed_twice_looks_different() -> None:
    key = DataKey(os.urandom(32))
    assert key.seal(b"same", belongs_to="x") != key.seal(b"same", belongs_to="x")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_single_changed_bit_is_noticed(at: int, change: int) -> None:
    key = DataKey(bytes(32))
    sealed = bytearray(key.seal(b"something to keep", belongs_to="x"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(Tampered):
        key.open(bytes(sealed), belongs_to="x")


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 27])
def test_what_is_cut_short_does_not_open(cut: int) -> None:
    key = DataKey(bytes(32))
    with pytest.raises(Tampered):
        key.open(key.seal(b"", belongs_to="x")[:cut], belongs_to="x")


def test_what_is_moved_to_another_place_does_not_open() -> None:
    key = DataKey(os.urandom(32))
    with pytest.raises(Tampered):
        key.open(key.seal(b"of alva", belongs_to="person/alva/1"), belongs_to="person/birger/1")


def test_another_persons_key_does_not_open_it() -> None:
    sealed = DataKey(os.urandom(32)).seal(b"of alva", belongs_to="x")
    with pytest.raises(Tampered):
        DataKey(os.urandom(32)).open(sealed, belongs_to="x")


def test_a_data_key_is_unwrapped_by_the_right_master_for_the_right_person_only() -> None:
    master = MasterKey(os.urandom(32))
    key, wrapped = master.new_key("alva")
    sealed = key.seal(b"of alva", belongs_to="x")
    assert master.unwrap(wrapped, "alva").open(sealed, belongs_to="x") == b"of alva"
    with pytest.raises(Tampered):
        master.unwrap(wrapped, "birger")
    with pytest.raises(Tampered):
        MasterKey(os.urandom(32)).unwrap(wrapped, "alva")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        IdentityKey(bytes(length))


def test_keys_do_not_show_themselves() -> None:
    shown = f"{MasterKey(b'k' * 32)!r} {DataKey(b'k' * 32)!r} {IdentityKey(b'k' * 32)!r}"
    assert "kkkk" not in shown


def test_the_same_number_is_the_same_person_however_it_is_written() -> None:
    key = IdentityKey(os.urandom(32))
    assert read_identity(NUMBER) == read_identity(SAME_NUMBER) == "194608239986"
    assert key.of_number("194608239986") == key.of_number("194608239986")
    assert key.of_number("194608239986") != IdentityKey(os.urandom(32)).of_number("194608239986")


def test_a_hash_of_content_is_no_hash_of_a_number() -> None:
    key = IdentityKey(bytes(32))
    assert key.of_number("194608239986") != key.of_content(b"194608239986")


def test_only_valid_numbers_are_read() -> None:
    assert all(read_identity(number) for number in VALID_NUMBERS)
    assert not any(read_identity(number) for number in INVALID_NUMBERS)


def test_nobody_is_born_tomorrow() -> None:
    """A mistaken century is a mistake; one that is not written is that of the latest birth there can be."""
    assert read_identity("20460823-9986", date(2026, 11, 29)) is None
    assert read_identity("190823-9989", date(2019, 8, 23)) == "201908239989"
    assert read_identity("190823-9989", date(2019, 8, 22)) == "191908239989"


@given(st.text(max_size=20))
def test_whatever_text_is_read_as_a_number_comes_back_as_twelve_digits(text: str) -> None:
    digits = read_identity(text)
    assert digits is None or (len(digits) == 12 and digits.isascii() and digits.isdecimal())
