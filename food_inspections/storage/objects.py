"""The object store: bytes under keys, in a folder or in S3.

A key holds a whole object or nothing: a folder's file is renamed into place once it is on the disk, and S3 shows
an upload only when it is complete. Nothing here decides what is in force: that is what the records do, which name
an object by its key after it was put.
"""

import os
import re
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from food_inspections.errors import SettingsError, StorageError

KEY = re.compile(r"[A-Za-z0-9_=+@-][A-Za-z0-9_.=+@-]*(/[A-Za-z0-9_=+@-][A-Za-z0-9_.=+@-]*)*")
"""Plain path parts that do not start with a dot, so that a key cannot leave the store."""

ATTEMPTS = 6
ANSWER_SECONDS = 300
PART_BYTES = 1024 * 1024
KEYS_AT_ONCE = 1000


class ObjectStore(ABC):
    """Bytes under keys such as ``raw_inspections/2025-01-06/ab12.parquet``."""

    @classmethod
    def from_url(cls, url: str) -> "ObjectStore":
        """The store of FOOD_INSPECTIONS_OBJECT_STORE.

        Args:
            url: A folder, ``file:///folder`` or ``s3://bucket/prefix``. For servers compatible with S3 set
                AWS_ENDPOINT_URL; keys and region come from where every AWS program finds them.

        Raises:
            SettingsError: The address is of another kind.
        """
        parts = urlsplit(url)
        if "@" in parts.netloc:
            # It may hold a key, so it is not repeated.
            raise SettingsError(
                "FOOD_INSPECTIONS_OBJECT_STORE names a user: write s3://BUCKET/PREFIX, and give the keys in "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        if parts.scheme == "s3" and parts.netloc:
            return _S3(parts.netloc, parts.path.strip("/"))
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            return _Folder(Path(unquote(parts.path)))
        if "://" in url or not url:
            raise SettingsError(f"FOOD_INSPECTIONS_OBJECT_STORE={url!r}: use a folder or s3://BUCKET/PREFIX.")
        return _Folder(Path(url).expanduser().absolute())

    @abstractmethod
    def put(self, key: str, content: bytes) -> None:
        """Store an object, or replace it, as a whole.

        Raises:
            StorageError: The key is malformed, or the store refuses.
        """

    @abstractmethod
    def get(self, key: str) -> bytes:
        """Read an object.

        Raises:
            StorageError: There is no such object, or the store refuses.
        """

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether there is such an object.

        Raises:
            StorageError: The store refuses.
        """

    @abstractmethod
    def modified_at(self, key: str) -> datetime | None:
        """When an object was last stored; ``None`` where there is none.

        Raises:
            StorageError: The store refuses.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none.

        Raises:
            StorageError: The store refuses.
        """

    @abstractmethod
    def keys(self, prefix: str = "") -> Iterator[str]:
        """Keys that start with ``prefix``, in order.

        Raises:
            StorageError: The store refuses.
        """


class _Folder(ObjectStore):
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with draft.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise self._refused("write", key, error) from error

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise StorageError(f"The object {key} is missing in the object store {self.root}.") from error
        except OSError as error:
            raise self._refused("read", key, error) from error

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def modified_at(self, key: str) -> datetime | None:
        try:
            return datetime.fromtimestamp(self._path(key).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise self._refused("delete", key, error) from error

    def keys(self, prefix: str = "") -> Iterator[str]:
        # The deepest whole folder of the prefix, so that listing one asset does not walk all of them.
        start = self.root / prefix.rpartition("/")[0]
        paths = (path for path in start.rglob("*") if path.is_file() and not path.name.startswith("."))
        yield from sorted(
            key for key in (path.relative_to(self.root).as_posix() for path in paths) if key.startswith(prefix)
        )

    def _path(self, key: str) -> Path:
        return self.root / _checked(key)

    def _refused(self, verb: str, key: str, error: OSError) -> StorageError:
        return StorageError(f"Cannot {verb} the object {key} in {self.root}: {error.strerror or error}.")


class _S3(ObjectStore):
    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""

    @cached_property
    def _client(self) -> Any:
        # Only deployments on S3 pay for the import.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        retries: Any = {"mode": "standard", "total_max_attempts": ATTEMPTS}
        return boto3.client("s3", config=Config(retries=retries, connect_timeout=10, read_timeout=60))

    def _key(self, key: str) -> str:
        return self.prefix + _checked(key)

    def _call(self, verb: str, key: str, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        name = f"s3://{self.bucket}/{self.prefix}{key}"
        try:
            response = getattr(self._client, operation)(Bucket=self.bucket, **arguments)
            return self._whole(name, response["Body"]) if "Body" in response else response
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            if code in ("NoSuchKey", "404", "NotFound"):
                raise _MissingError(f"The object {name} is missing in the object store.") from error
            raise StorageError(f"Cannot {verb} {name}: {code}, {error}.") from error
        except BotoCoreError as error:
            raise StorageError(f"Cannot {verb} {name}: {error} Check AWS_ENDPOINT_URL, the keys and region.") from error

    def _whole(self, name: str, body: Any) -> bytes:
        """The body; the limits above bound each silence only, so a dribbling server needs one of its own."""
        deadline = time.monotonic() + ANSWER_SECONDS
        parts = []
        for part in body.iter_chunks(PART_BYTES):
            parts.append(part)
            if time.monotonic() > deadline:
                raise StorageError(f"Cannot read {name}: no whole answer within {ANSWER_SECONDS} s.")
        return b"".join(parts)

    def put(self, key: str, content: bytes) -> None:
        self._call("write", key, "put_object", Key=self._key(key), Body=content)

    def get(self, key: str) -> bytes:
        content: bytes = self._call("read", key, "get_object", Key=self._key(key))
        return content

    def exists(self, key: str) -> bool:
        try:
            self._call("look up", key, "head_object", Key=self._key(key))
        except _MissingError:
            return False
        return True

    def modified_at(self, key: str) -> datetime | None:
        try:
            modified: datetime = self._call("look up", key, "head_object", Key=self._key(key))["LastModified"]
        except _MissingError:
            return None
        return modified

    def delete(self, key: str) -> None:
        self._call("delete", key, "delete_object", Key=self._key(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        arguments: dict[str, Any] = {"Prefix": self.prefix + prefix, "MaxKeys": KEYS_AT_ONCE}
        while True:
            page = self._call("list", prefix, "list_objects_v2", **arguments)
            for entry in page.get("Contents", ()):
                yield entry["Key"].removeprefix(self.prefix)
            if not page.get("IsTruncated"):
                return
            arguments["ContinuationToken"] = page["NextContinuationToken"]


class _MissingError(StorageError):
    """The object is not there, as opposed to: the store did not say."""


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise StorageError(f"{key!r} is not a key of an object: use letters, digits, '_', '-', '.', '=' and '/'.")
    return key
