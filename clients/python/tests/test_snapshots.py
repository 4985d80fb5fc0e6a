# SPDX-License-Identifier: MIT
"""Services of an application that have the state of topics."""
import asyncio
import inspect
import uuid

import pytest

from wse_server import SnapshotServiceProtocol
from wse_server.errors import NotFound
from wse_server.snapshots import handler_of
from wse_server.types import Question

ALICE = uuid.UUID("019c53c4-abcd-7def-8901-234567890abc")


class Service:
    async def get_resources_snapshot(self, user_id, include_archived=False):
        return [{"of": user_id, "archived": include_archived}]

    async def get_data_snapshot(self, user_id, include_details=False):
        return [{"data": user_id}]


def ask(service, topic, user=None, params=None):
    handler = handler_of(service)
    question = Question("snapshot", topic=topic, user=user, data=params)
    result = handler(question)
    return asyncio.run(result) if inspect.isawaitable(result) else result


def test_the_service_of_the_guide_is_one():
    assert isinstance(Service(), SnapshotServiceProtocol)


@pytest.mark.parametrize(
    "topic", ["resources", f"user:{ALICE}:resources", f"user:{ALICE}:resources_events"]
)
def test_the_end_of_a_topic_names_the_method(topic):
    assert ask(Service(), topic, str(ALICE)) == [{"of": ALICE, "archived": False}]


def test_the_user_may_be_in_the_topic():
    assert ask(Service(), f"user:{ALICE}:data_events") == [{"data": ALICE}]
    assert ask(Service(), "user:bob:data_events") == [{"data": "bob"}]
    with pytest.raises(NotFound):
        ask(Service(), "data_events")


def test_params_are_passed_on_when_they_are_what_is_expected():
    assert ask(Service(), "resources", "bob", {"include_archived": True})[0]["archived"] is True
    assert ask(Service(), "resources", "bob", {"include_archived": "yes"})[0]["archived"] is False
    assert ask(Service(), "resources", "bob", {"user_id": "eve"})[0]["of"] == "bob"


def test_a_topic_without_a_method_has_no_state():
    with pytest.raises(NotFound):
        ask(Service(), "orders", "bob")


def test_a_provider_of_version_1_3_is_asked_by_topic():
    class Provider:
        async def get_snapshot(self, user_id, topics):
            return {topics[0]: {"for": user_id}}

    assert ask(Provider(), "orders", "bob") == {"for": "bob"}


def test_a_function_will_do():
    assert ask(lambda question: {"topic": question.topic}, "a") == {"topic": "a"}


def test_what_has_no_state_is_no_service():
    with pytest.raises(TypeError, match="get_NAME_snapshot"):
        handler_of(object())
