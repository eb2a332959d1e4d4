from pathlib import Path

import pytest

from food_inspections.errors import SettingsError, StorageError
from food_inspections.storage.objects import ObjectStore


def test_an_object_comes_back_as_it_was_put(object_store: ObjectStore) -> None:
    object_store.put("raw/2025-01-06/a.parquet", b"\x00week")

    assert object_store.get("raw/2025-01-06/a.parquet") == b"\x00week"
    assert object_store.exists("raw/2025-01-06/a.parquet")


def test_putting_again_replaces(object_store: ObjectStore) -> None:
    object_store.put("a", b"1")
    object_store.put("a", b"2")

    assert object_store.get("a") == b"2"
    assert list(object_store.keys()) == ["a"]


def test_keys_are_listed_in_order_by_prefix(object_store: ObjectStore) -> None:
    for key in ("raw/2/b", "raw/1/a", "rare/1", "other"):
        object_store.put(key, b"")

    assert list(object_store.keys("ra")) == ["rare/1", "raw/1/a", "raw/2/b"]
    assert list(object_store.keys("raw/")) == ["raw/1/a", "raw/2/b"]
    assert list(object_store.keys("none/")) == []


def test_deleting_is_idempotent(object_store: ObjectStore) -> None:
    object_store.put("a", b"1")
    object_store.delete("a")
    object_store.delete("a")

    assert not object_store.exists("a")


def test_a_missing_object_is_named(object_store: ObjectStore) -> None:
    with pytest.raises(StorageError, match="raw/none is missing"):
        object_store.get("raw/none")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../a", "a/../../b", "a//b", ".hidden", "a/.b", "a\n"])
def test_a_key_cannot_leave_the_store(object_store: ObjectStore, key: str) -> None:
    with pytest.raises(StorageError, match="not a key"):
        object_store.put(key, b"")


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
