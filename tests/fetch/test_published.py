"""`make weights`: each file comes whole, checked and once; what cannot be had is told and keeps no other back."""

import copy
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.fetch.published.__main__ import main

FILES = {"inception": b"inception" * 9999, "lpips-alex": b"alex" * 9999}


@pytest.fixture
def words(declared: dict[str, Any], server: Any, tmp_path: Path) -> list[str]:
    """Params in which two published networks are small files that the server holds."""
    raw = copy.deepcopy(declared)
    raw["published"] = {
        name: {
            "file": str(tmp_path / "weights" / f"{name}.pth"),
            "sha256": hashlib.sha256(content).hexdigest(),
            "url": f"http://127.0.0.1:9/{name}.pth",
        }
        for name, content in FILES.items()
    }
    server.files = {f"{name}.pth": content for name, content in FILES.items()}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return ["--params", str(path)]


@pytest.fixture
def there(tmp_path: Path) -> Callable[[], dict[str, bytes]]:
    return lambda: {path.stem: path.read_bytes() for path in (tmp_path / "weights").iterdir()}


def test_every_file_is_put_in_its_place_and_nothing_beside_it(
    words: list[str], there: Any, downloads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(words)
    assert there() == FILES
    assert not list(downloads.glob("*.pth")), "one copy of large files is enough"
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f"inception.pth: there, sha256 {hashlib.sha256(FILES['inception']).hexdigest()}")
    assert "lpips-alex.pth: there" in second


def test_what_is_there_is_not_asked_for_again(words: list[str], server: Any) -> None:
    main(words)
    main(words)
    assert len(server.asked) == len(FILES)


def test_what_was_altered_is_replaced(words: list[str], there: Any, tmp_path: Path) -> None:
    main(words)
    (tmp_path / "weights" / "inception.pth").write_bytes(b"altered")
    main(words)
    assert there() == FILES


def test_some_can_be_named(words: list[str], there: Any) -> None:
    main([*words, "--network", "lpips-alex"])
    assert there().keys() == {"lpips-alex"}


def test_the_published_address_is_asked_where_no_mirror_is_set(
    words: list[str], server: Any, there: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SUITE_MIRROR")
    path = tmp_path / "params.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("http://127.0.0.1:9/", f"{server.address}/"))
    main(words)
    assert there() == FILES


def test_a_file_with_another_sha256_is_told_and_the_others_come(
    words: list[str], server: Any, there: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stages.door import UserError

    server.files["inception.pth"] = b"altered"
    with pytest.raises(UserError) as error:
        main(words)
    assert f"has sha256 {hashlib.sha256(b'altered').hexdigest()}, not" in str(error.value)
    assert "get it elsewhere and put it at" in str(error.value)
    assert there() == {"lpips-alex": FILES["lpips-alex"]}


def test_an_unknown_network_is_named(words: list[str], refusal: Callable[..., str], server: Any) -> None:
    line = refusal(main, *words, "--network", "inception", "--network", "clip")
    assert "--network is 'clip'; choose inception or lpips-alex" in line
    assert not server.asked


def test_two_at_once_download_once(words: list[str], server: Any, there: Any) -> None:
    server.answers = [("late", 1)]
    threads = [threading.Thread(target=main, args=([*words, "--network", "inception"],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert there() == {"inception": FILES["inception"]}
