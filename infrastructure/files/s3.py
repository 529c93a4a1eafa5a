"""A store that speaks S3, for installations of several machines. boto3 is an extra: requirements/run.lock has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from infrastructure.files.stores import INCOMING, OBJECTS, NoObjectError, NotStoredError, StoreAwayError
from infrastructure.settings import Settings

CONNECT_SECONDS, READ_SECONDS, TRIES = 3, 10, 2  # shorter than the worker's lease; a page does not wait for ever
NONE_THERE = ("NoSuchKey", "404", "NotFound")


class S3Store:
    """A bucket: an object is there whole once the store has answered."""

    def __init__(self, settings: Settings) -> None:
        import boto3
        from botocore.config import Config

        self.bucket = settings.files_bucket
        self.incoming = settings.files_folder / INCOMING
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=settings.files_endpoint,
            region_name=settings.files_region,
            aws_access_key_id=settings.files_access_key,
            aws_secret_access_key=settings.files_secret_key.get_secret_value(),
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"max_attempts": TRIES, "mode": "standard"},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def keep(self, path: Path, name: str) -> None:
        try:
            with path.open("rb") as content:
                self.client.put_object(Bucket=self.bucket, Key=f"{OBJECTS}/{name}", Body=content)
        except self._errors as error:
            raise NotStoredError(_code(error)) from None

    def open(self, name: str) -> BinaryIO:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=f"{OBJECTS}/{name}")
        except self._errors as error:
            if _code(error) in NONE_THERE:
                raise NoObjectError from None
            raise StoreAwayError from None
        return cast(BinaryIO, answer["Body"])

    def has(self, name: str) -> bool:
        try:
            self.client.head_object(Bucket=self.bucket, Key=f"{OBJECTS}/{name}")
        except self._errors as error:
            if _code(error) in NONE_THERE:
                return False
            raise StoreAwayError from None
        return True

    def remove(self, name: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=f"{OBJECTS}/{name}")

    def names(self) -> Iterator[tuple[str, datetime]]:
        try:
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{OBJECTS}/"):
                for one in page.get("Contents", ()):
                    yield one["Key"].removeprefix(f"{OBJECTS}/"), one["LastModified"]
        except self._errors:
            raise StoreAwayError from None

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        from botocore.exceptions import BotoCoreError, ClientError

        return (BotoCoreError, ClientError, OSError)


def _code(error: Exception) -> str:
    answer = getattr(error, "response", None)
    return str(answer["Error"]["Code"]) if answer else type(error).__name__
