"""Secrets in Parameter Store: encrypted under a key of AWS's own, for nothing; each is granted by name."""

from foliolens.adapters.aws import clients

__all__ = ["made_once", "stated"]


def stated(name: str) -> str | None:
    """The secret of a name; None where nobody has stated it."""
    parameters = clients.parameters()
    try:
        return parameters.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except parameters.exceptions.ParameterNotFound:
        return None


def made_once(name: str, value: str) -> str:
    """The secret of a name, which is the given one if there was none; of several callers one makes it."""
    parameters = clients.parameters()
    found = stated(name)
    if found is not None:
        return found
    try:
        parameters.put_parameter(Name=name, Value=value, Type="SecureString")
    except parameters.exceptions.ParameterAlreadyExists:
        return made_once(name, value)
    return value
