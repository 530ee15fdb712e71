"""The contract of Records for DynamoDB's adapter, for every DynamoDB that it is tested with."""

from __future__ import annotations

from liveproof.clouds.aws.records import DynamoRecords
from liveproof.ports import Records
from tests.support.records_contract import RecordsContract


class DynamoRecordsContract(RecordsContract):
    """What every Records adapter promises, kept in items."""

    poisoned = 21  # a local DynamoDB takes some milliseconds for each write

    def spoil(self, records: Records, verification_id: str) -> None:
        self._set(records, verification_id, "record", '{"id": 7')

    def unknown_status(self, records: Records, verification_id: str) -> None:
        self._set(records, verification_id, "status", "archived")

    def _set(self, records: Records, verification_id: str, name: str, value: str) -> None:
        assert isinstance(records, DynamoRecords)
        records._dynamodb.call(
            "UpdateItem",
            TableName=records._table,
            Key={"pk": {"S": verification_id}},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )
