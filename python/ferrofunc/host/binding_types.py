"""Which binding types exist, and which of them this version carries out.

A type nobody knows puts its function in error, as in the official host. One that is known and not
carried out lets the app start: a trigger has no listener, and a function with such an input or
output fails each call, loudly, because running it would lose what it writes. Used by `functions`
and `notices`; a type that arrives moves from one set to the other.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

# Warmup and Event Grid come by HTTP, to the admin API and its webhooks.
AVAILABLE = frozenset({"httptrigger", "http", "warmuptrigger", "eventgridtrigger"})

_ELSEWHERE = frozenset(
    """
    activityTrigger assistantCreate assistantPost assistantQuery assistantSkillTrigger blob
    blobTrigger connectorTrigger cosmosDB cosmosDBTrigger daprBinding daprBindingTrigger daprInvoke
    daprPublish daprSecret daprServiceInvocationTrigger daprState daprTopicTrigger durableClient
    embeddings embeddingsStore entityTrigger eventGrid eventHub eventHubTrigger
    kafka kafkaTrigger mcpPromptTrigger mcpResourceTrigger mcpToolTrigger mysql mysqlTrigger
    orchestrationClient orchestrationTrigger queue queueTrigger rabbitMQ rabbitMQTrigger redis
    redisListTrigger redisPubSubTrigger redisStreamTrigger semanticSearch sendGrid serviceBus
    serviceBusTrigger signalR signalRConnectionInfo signalREndpoints signalRNegotiation
    signalRTrigger sql sqlTrigger table textCompletion timerTrigger twilioSms
    webPubSub webPubSubConnection webPubSubContext webPubSubTrigger
    """.lower().split()
)


def unknown(bindings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the types, as written, that no extension has."""
    return [t for t in _types(bindings) if t.lower() not in AVAILABLE | _ELSEWHERE]


def unavailable(bindings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the types, as written, that exist and are not carried out here."""
    return [t for t in _types(bindings) if t.lower() in _ELSEWHERE]


def failure(bindings: Iterable[Mapping[str, Any]]) -> str | None:
    """Return why each call of a function must fail, None when nothing of it is missing.

    A trigger alone is no reason: the function can still be started by hand.
    """
    missing = [t for t in unavailable(bindings) if not t.lower().endswith("trigger")]
    if not missing:
        return None
    return (
        f"The binding type(s) '{', '.join(missing)}' are not supported by this version of "
        "ferrofunc, so the function is not run: what it reads or writes there would be lost. "
        "Run the app with 'func start' to use it."
    )


def _types(bindings: Iterable[Mapping[str, Any]]) -> list[str]:
    # A dict keeps the order and drops repetitions.
    return list(dict.fromkeys(str(binding.get("type") or "") for binding in bindings))
