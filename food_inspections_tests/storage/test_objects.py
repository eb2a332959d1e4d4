import errno
import os
from pathlib import Path

import pytest

from food_inspections.errors import SettingsError, StorageError
from food_inspections.storage import objects
from food_inspections.storage.objects import ObjectStore


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Each test here holds for every kind of store."""
    if request.param == "folder":
        folder: ObjectStore = request.getfixturevalue("object_store")
        return folder
    return ObjectStore.from_url(request.getfixturevalue("s3_url"))


def test_an_object_comes_back_as_it_was_put(store: ObjectStore) -> None:
    store.put("raw/2025-01-06/a.parquet", b"\x00week")

    assert store.get("raw/2025-01-06/a.parquet") == b"\x00week"
    assert store.exists("raw/2025-01-06/a.parquet")


def test_putting_again_replaces(store: ObjectStore) -> None:
    store.put("a", b"1")
    store.put("a", b"2")

    assert store.get("a") == b"2"
    assert list(store.keys()) == ["a"]


@pytest.mark.parametrize("url", ["s3://KEY:secret@bucket/prefix", "https://KEY:secret@server/bucket"])
def test_keys_in_the_address_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY") as refused:
        ObjectStore.from_url(url)

    assert "secret" not in str(refused.value)


def test_keys_are_listed_in_order_by_prefix(store: ObjectStore) -> None:
    for key in ("raw/2/b", "raw/1/a", "rare/1", "other"):
        store.put(key, b"")

    assert list(store.keys("ra")) == ["rare/1", "raw/1/a", "raw/2/b"]
    assert list(store.keys("raw/")) == ["raw/1/a", "raw/2/b"]
    assert list(store.keys("none/")) == []


def test_deleting_is_idempotent(store: ObjectStore) -> None:
    store.put("a", b"1")
    store.delete("a")
    store.delete("a")

    assert not store.exists("a")


def test_a_missing_object_is_named(store: ObjectStore) -> None:
    with pytest.raises(StorageError, match="raw/none is missing"):
        store.get("raw/none")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../a", "a/../../b", "a//b", ".hidden", "a/.b", "a\n"])
def test_a_key_cannot_leave_the_store(store: ObjectStore, key: str) -> None:
    with pytest.raises(StorageError, match="not a key"):
        store.put(key, b"")


def test_listing_goes_on_past_the_first_page(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore.from_url(s3_url)
    for number in range(5):
        store.put(f"raw/{number}", b"")
    monkeypatch.setattr(objects, "KEYS_AT_ONCE", 2)

    assert list(store.keys("raw/")) == [f"raw/{number}" for number in range(5)]


def test_a_bucket_that_does_not_exist_is_named(s3_url: str) -> None:
    store = ObjectStore.from_url("s3://no-such-bucket/prefix")

    with pytest.raises(StorageError, match="s3://no-such-bucket/prefix/a: NoSuchBucket"):
        store.put("a", b"")
    with pytest.raises(StorageError, match="NoSuchBucket"):
        list(store.keys())


def test_a_server_that_is_away_is_an_error_not_an_absence(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(objects, "ATTEMPTS", 1)

    with pytest.raises(StorageError, match="Cannot look up s3://"):
        ObjectStore.from_url(s3_url).exists("a")


def test_an_upload_that_breaks_off_leaves_nothing(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(StorageError, match="No space left on device"):
        object_store.put("raw/a", b"half")

    assert list(object_store.keys()) == []
    assert not object_store.exists("raw/a")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="Cannot write the object a in"):
        ObjectStore.from_url(str(tmp_path / "file")).put("a", b"")


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    ObjectStore.from_url((tmp_path / "with space").as_uri()).put("a", b"1")

    assert (tmp_path / "with space" / "a").read_bytes() == b"1"


@pytest.mark.parametrize("url", ["", "gs://bucket", "s3://"])
def test_another_kind_of_store_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="FOOD_INSPECTIONS_OBJECT_STORE"):
        ObjectStore.from_url(url)


def test_a_server_that_dribbles_an_object_is_given_up(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore.from_url(s3_url)
    store.put("a", b"many parts")
    monkeypatch.setattr(objects, "PART_BYTES", 1)
    assert store.get("a") == b"many parts"

    monkeypatch.setattr(objects, "ANSWER_SECONDS", 0)
    with pytest.raises(StorageError, match=r"Cannot read s3://.*/a: no whole answer within 0 s\."):
        store.get("a")
