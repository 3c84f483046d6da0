"""Open data: found without the network where possible, never handed out unless they are the published bytes."""

from __future__ import annotations

import gc
import hashlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest

from survey.errors import DataNotFoundError, ReadError
from survey.opendata import download

CONTENT = b"q1,q2\n1,2\n"


class _Silent(SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - one list for the whole test session is what is meant

    def do_GET(self) -> None:
        _Silent.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server of our own on this machine, so that downloading is tested without the network."""
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "toy.csv").write_bytes(CONTENT)
    _Silent.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))  # seconds until it sees that it shall end
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    import pooch

    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv(download.HOME_VARIABLE, raising=False)
    gc.freeze()  # what was there before need not be looked at below
    yield tmp_path / "cache" / "resident-survey"
    gc.collect()  # what a failed download left open is closed within the test that may leave it


def _register(monkeypatch: pytest.MonkeyPatch, url: str = "", sha: str | None = None) -> download.OpenData:
    file = download.OpenFile("toy.csv", len(CONTENT), sha or hashlib.sha256(CONTENT).hexdigest(), url)
    entry = download.OpenData("toy", "A toy", "CC0", "nobody", "nowhere", (file,), by_hand="make it yourself")
    monkeypatch.setattr(download, "REGISTRY", MappingProxyType({"toy": entry}))
    return entry


def test_data_home_comes_first_and_asks_no_network(
    tmp_path: Path, cache: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, f"{server}/toy.csv")
    (tmp_path / "home" / "toy").mkdir(parents=True)
    (tmp_path / "home" / "toy" / "toy.csv").write_bytes(CONTENT)
    monkeypatch.setenv(download.HOME_VARIABLE, str(tmp_path / "home"))
    assert download.available("toy")
    assert download.fetch("toy") == tmp_path / "home" / "toy"
    assert _Silent.asked == []


def test_a_changed_file_in_data_home_is_refused_with_both_hashes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = _register(monkeypatch)
    (tmp_path / "home" / "toy").mkdir(parents=True)
    changed = CONTENT.replace(b"\n", b"\r\n")
    (tmp_path / "home" / "toy" / "toy.csv").write_bytes(changed)
    monkeypatch.setenv(download.HOME_VARIABLE, str(tmp_path / "home"))
    with pytest.raises(ReadError) as caught:
        download.fetch("toy")
    assert hashlib.sha256(changed).hexdigest() in str(caught.value)
    assert entry.files[0].sha256 in str(caught.value)


def test_a_download_is_kept_and_not_repeated(cache: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _register(monkeypatch, f"{server}/toy.csv")
    assert not download.available("toy")
    folder = download.fetch("toy")
    assert folder == cache / "toy"
    assert (folder / "toy.csv").read_bytes() == CONTENT
    assert download.fetch("toy") == folder
    assert download.available("toy")
    assert _Silent.asked == ["/toy.csv"]


def test_a_download_of_other_bytes_is_refused_and_not_kept(
    cache: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, f"{server}/toy.csv", sha="0" * 64)
    with pytest.raises(DataNotFoundError):
        download.fetch("toy")
    assert not (cache / "toy" / "toy.csv").exists()
    assert not download.available("toy")


def test_a_damaged_copy_in_the_cache_is_downloaded_again(
    cache: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, f"{server}/toy.csv")
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "toy.csv").write_bytes(CONTENT[:5])
    assert not download.available("toy")
    assert (download.fetch("toy") / "toy.csv").read_bytes() == CONTENT


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # requests, after an answer of 404
@pytest.mark.parametrize("page", ["gone.csv", ""])
def test_without_the_file_or_the_network_one_error_says_how_to_get_the_data(
    cache: Path, server: str, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    url = f"{server}/{page}" if page else "http://127.0.0.1:9/toy.csv"  # 9: nobody listens
    _register(monkeypatch, url)
    with pytest.raises(DataNotFoundError) as caught:
        download.fetch("toy")
    assert "not on this machine and could not be downloaded" in caught.value.what
    assert "SURVEY_DATA_HOME" in str(caught.value.fix)
    assert "toy.csv" in str(caught.value.fix)
    assert ("no connection to 127.0.0.1" in str(caught.value.got)) == (not page)


def test_data_without_an_address_say_that_they_are_placed_by_hand(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _register(monkeypatch)
    monkeypatch.setenv(download.HOME_VARIABLE, str(tmp_path / "home"))
    with pytest.raises(DataNotFoundError) as caught:
        download.fetch("toy")
    assert "make it yourself" in str(caught.value.fix)
    assert "download" not in str(caught.value)
    assert f"{tmp_path / 'home'}/toy" in str(caught.value.fix)


def test_half_a_set_in_data_home_is_no_set(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "sandiego2015"
    home.mkdir()
    (home / "resident_survey_dictionary_datasd.csv").write_bytes(b"")
    monkeypatch.setenv(download.HOME_VARIABLE, str(tmp_path))
    assert not download.available("sandiego2015")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DataNotFoundError, match="lapop_bra23"):
        download.fetch("lapop")


@pytest.mark.parametrize("entry", download.REGISTRY.values(), ids=lambda e: e.name)
def test_entries_are_complete(entry: download.OpenData) -> None:
    assert entry.title and entry.licence and entry.credit and entry.origin
    assert entry.downloadable or entry.by_hand
    for file in entry.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        # an address names a commit, not a branch: what is behind it cannot change
        assert not file.url or re.search(r"/[0-9a-f]{40}/", file.url)


@pytest.mark.real
@pytest.mark.parametrize("name", download.REGISTRY)
def test_the_registry_describes_the_real_files(name: str, data_home: Path) -> None:
    assert download.locate(name) == download.Located(data_home / name, download.HOME_VARIABLE)
    for file in download.find(name).files:
        assert (data_home / name / file.name).stat().st_size == file.size
