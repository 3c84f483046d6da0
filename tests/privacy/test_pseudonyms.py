"""Pseudonyms: the same person, the same sign, in every wave; the key nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.errors import CleaningError, PrivacyError
from survey.responses import Responses
from survey.study import storage

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "survey.key"
    path.write_text(KEY + "\n")
    return path


def people(names: list[object], **others: list[object]) -> Responses:
    return Responses(pd.DataFrame({"name": names, **others}), Codebook().update(Variable("name", type="text")))


def test_it_is_the_hash_of_the_standard(key: Path) -> None:
    done = people(["nguyễn văn an"]).pseudonymise("name", key=key)
    digest = hmac.new(KEY.encode(), "nguyễn văn an".encode(), hashlib.sha256).digest()
    assert done.data["pseudonym"].tolist() == [base64.b32encode(digest)[:16].decode().lower()]


def test_the_same_person_in_another_wave_and_another_hand(key: Path) -> None:
    forms = ["Nguyễn Văn An", " nguyễn  văn an ", "NGUYỄN VĂN AN", unicodedata.normalize("NFD", "Nguyễn Văn An")]
    first = people(forms).pseudonymise("name", key=key).data["pseudonym"]
    second = people(["Trần Bé", "Nguyễn Văn An"]).pseudonymise("name", key=key).data["pseudonym"]
    assert first.nunique() == 1 and second[1] == first[0] != second[0]


def test_a_number_is_its_digits(key: Path) -> None:
    whole = people([912345678, 5]).pseudonymise("name", key=key).data["pseudonym"]
    floating = people([912345678.0, np.nan]).pseudonymise("name", key=key).data["pseudonym"]
    assert whole[0] == floating[0] and floating.isna().tolist() == [False, True]


def test_columns_together_name_a_person_and_do_not_run_together(key: Path) -> None:
    data = pd.DataFrame({"a": ["ab", "a"], "b": ["c", "bc"]})
    assert Responses(data).pseudonymise(["a", "b"], key=key, into="p").data["p"].nunique() == 2


def test_another_key_gives_other_signs(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVENTED_KEY", KEY)
    before = people(["An Bình"])
    same = before.pseudonymise("name", key_variable="INVENTED_KEY").data["pseudonym"][0]
    assert same == before.pseudonymise("name", key=key).data["pseudonym"][0]
    monkeypatch.setenv("INVENTED_KEY", KEY[::-1])
    assert before.pseudonymise("name", key_variable="INVENTED_KEY").data["pseudonym"][0] != same


def test_the_names_are_gone_everywhere_and_the_key_is_nowhere(key: Path, tmp_path: Path) -> None:
    before = people(["Nguyễn Văn An", "Trần Thị Bé"], age=[1, 2]).drop(where="age == 2", reason="a test")
    assert "name" in before.rejected
    done = before.pseudonymise("name", key=key)
    assert "name" not in done.data and "name" not in done.rejected and "name" not in done.codebook
    assert done.rejected["pseudonym"].notna().all()
    path = storage.save(done, tmp_path / "done.zip")
    content = path.read_bytes()
    assert KEY.encode() not in content and "Văn An".encode() not in content and "Thị Bé".encode() not in content
    assert "1 pseudonym by a keyed hash" in done.log["what"].iloc[-1]
    assert done.scan_personal().empty


@pytest.mark.parametrize("arguments", [{}, {"key": "a", "key_variable": "b"}, {"key_variable": "NOT_SET_ANYWHERE"}])
def test_without_a_key(arguments: dict[str, str]) -> None:
    with pytest.raises(PrivacyError):
        people(["An"]).pseudonymise("name", **arguments)


def test_a_key_typed_in_for_its_path_is_not_repeated() -> None:
    with pytest.raises(PrivacyError) as caught:
        people(["An"]).pseudonymise("name", key=KEY)
    assert KEY not in str(caught.value)


def test_a_short_key(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("secret\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n")
    with pytest.raises(PrivacyError, match="short"):
        people(["An"]).pseudonymise("name", key=tmp_path / "k")


def test_columns_that_are_not_there_or_would_be_overwritten(key: Path) -> None:
    with pytest.raises(CleaningError):
        people(["An"]).pseudonymise("nmae", key=key)
    with pytest.raises(CleaningError):
        people(["An"], age=[1]).pseudonymise("name", key=key, into="age")
    with pytest.raises(PrivacyError):
        people(["An"]).pseudonymise([], key=key)


def test_a_frame_without_rows(key: Path) -> None:
    assert people([]).pseudonymise("name", key=key).data.columns.tolist() == ["pseudonym"]
