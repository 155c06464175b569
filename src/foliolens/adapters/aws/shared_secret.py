"""A secret that functions agree on, kept in the table: those in the network reach nothing else."""

import secrets

from foliolens.adapters.aws import clients

__all__ = ["load_or_create_secret"]

_BYTES = 32


def load_or_create_secret(table: str, name: str) -> bytes:
    """The secret of a name; two functions that create it at once agree on one.

    For what is no worse than confusing when it is lost, as the table may be made anew.

    Args:
        table: The table of items `pk` and `sk`.
        name: Of the secret.
    """
    dynamodb = clients.dynamodb()
    key = {"pk": {"S": f"secret#{name}"}, "sk": {"S": "secret"}}
    found = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if found is not None:
        return bytes(found["secret"]["B"])
    made = secrets.token_bytes(_BYTES)
    try:
        dynamodb.put_item(
            TableName=table,
            Item={**key, "secret": {"B": made}},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return load_or_create_secret(table, name)
    return made
