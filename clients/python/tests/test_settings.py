# SPDX-License-Identifier: MIT
"""What arguments become in the configuration."""
import logging
import tomllib

import pytest

from wse_server import RustWSEServer, toml
from wse_server.errors import StartError
from wse_server.router_config import WSEConfig

SECRET = "s" * 32


def tables_of(**options):
    made = RustWSEServer(**options)._settings()
    return tomllib.loads(toml.dump(made.tables)), made.files


@pytest.mark.parametrize(
    "text", ["plain", 'a "quote"', "back\\slash", "line\nfeed\x00\x7f", "umlaut ü 😀", "${HOME}"]
)
def test_texts_come_back_as_they_went(text):
    written = tomllib.loads(toml.dump({"a": {"b": text, "c d": {"e": [text]}}}))["a"]
    expected = text.replace("$", "$$")  # which wsed takes for one
    assert written == {"b": expected, "c d": {"e": [expected]}}


def test_the_arguments_of_the_guide():
    tables, files = tables_of(
        host="0.0.0.0", port=5006, max_connections=10000, jwt_secret=SECRET.encode(),
        jwt_issuer="your-app", jwt_audience="your-api",
    )
    assert tables["listen"]["main"]["address"] == "0.0.0.0:5006"
    assert tables["listen"]["main"]["auth"] == "auth_jwt"
    assert "anonymous" not in tables["listen"]["main"]
    assert tables["limits"]["max_connections"] == 10000
    assert tables["module"]["auth_jwt"] == {
        "algorithm": "HS256", "secret": "file:jwt-secret", "issuer": "your-app",
        "audience": "your-api",
    }
    assert files["jwt-secret"] == SECRET.encode() + b"\n"
    assert SECRET not in toml.dump(tables)


def test_without_a_secret_clients_need_no_token():
    listen = tables_of()[0]["listen"]["main"]
    assert listen["anonymous"] is True and "auth" not in listen


def test_a_custom_function_judges_tokens_and_nobody_else():
    tables, _ = tables_of(authenticate=lambda token: "alice")
    assert tables["listen"]["main"]["auth"] == "app_socket"
    assert "anonymous" not in tables["listen"]["main"] and "auth_jwt" not in tables["module"]


def test_a_public_key_goes_into_a_file():
    tables, files = tables_of(jwt_secret="-----BEGIN PUBLIC KEY-----", jwt_algorithm="ES256")
    assert tables["module"]["auth_jwt"]["public_key"] == "jwt-key.pem"
    assert files["jwt-key.pem"].startswith(b"-----BEGIN")


def test_a_demo_secret_is_loudly_warned_of_and_never_goes_to_wsed(caplog):
    with caplog.at_level(logging.CRITICAL, "wse_server"):
        tables, files = tables_of(jwt_secret=b"your-secret-key")
    assert "anybody can guess it" in caplog.text and "your-secret-key" not in caplog.text
    assert tables["listen"]["main"]["auth"] == "app_socket" and not files


def test_the_application_decides_on_subscriptions_unless_rows_do():
    (row,) = tables_of()[0]["topic"]
    assert row == {
        "match": "*", "subscribe": True, "ask": "app_socket", "ask_for": ["subscribe"],
    }
    rows = tables_of(topics=[{"match": "a", "subscribe": True}])[0]["topic"]
    assert rows == [{"match": "a", "subscribe": True}]
    asked = tables_of(topics=[{"match": "a", "subscribe": True}], on_subscribe=lambda q: True)
    assert asked[0]["topic"][0]["ask"] == "app_socket"


def test_recovery_and_presence_are_of_every_row():
    tables, _ = tables_of(
        recovery_enabled=True, recovery_buffer_size=1000, recovery_ttl=60, presence_enabled=True,
        presence_max_members=7, topics=[{"match": "a"}, {"match": "b", "presence": False}],
    )
    assert tables["topic"][0]["history"] == {"messages": 500, "age": "60000ms"}
    assert [row["presence"] for row in tables["topic"]] == [True, False]
    assert tables["presence"] == {"max_data": 4096, "max_members": 7}
    assert tables["history"]["path"] == ""
    assert "path" not in tables_of(state_dir="/var/lib/mine")[0]["history"]


def test_the_limits_have_their_places():
    tables, _ = tables_of(
        max_message_size=2048, ping_interval=1.5, idle_timeout=4, max_outbound_queue_bytes=65536,
        max_subscriptions_per_connection=9, rate_limit_capacity=5, rate_limit_refill=2,
        max_inbound_queue_size=4096,
    )
    assert tables["limits"] == {
        "max_connections": 1000, "max_message_size": 2048, "max_outbound": 65536,
        "max_subscriptions": 9, "rate_capacity": 5, "rate_refill": 2,
    }
    assert tables["keepalive"] == {"heartbeat_interval": "1500ms", "idle_timeout": "4000ms"}
    assert tables["app"] == {"max_bytes": 2 << 20}


def test_wsed_tells_what_somebody_takes():
    always = ["connect", "message", "text", "binary", "disconnect"]
    assert tables_of()[0]["module"]["app_socket"]["events"] == always
    tables, _ = tables_of(presence_enabled=True, topic_events=True)
    more = ["join", "leave", "subscribe", "unsubscribe"]
    assert tables["module"]["app_socket"]["events"] == always + more
    silent = WSEConfig(anonymous=True).settings([]).tables["module.app_socket"]
    assert silent == {"events": ["leave"]}
    heard = WSEConfig(anonymous=True, on_event=print).settings([]).tables["module.app_socket"]
    assert heard == {"events": always}


def test_redis_is_told_in_a_file():
    tables, files = tables_of(redis_url="redis://u:hush@h:1")
    assert tables["module"]["backplane_redis"]["url"] == "file:redis-url"
    assert files["redis-url"] == b"redis://u:hush@h:1\n" and "hush" not in toml.dump(tables)


def test_further_tables_win():
    tables, _ = tables_of(config={"limits": {"max_connections": 3}, "log": {"level": "warn"}})
    assert tables["limits"]["max_connections"] == 3 and tables["log"] == {"level": "warn"}


@pytest.mark.parametrize(
    "options, text",
    [
        ({"ping_interval": 60, "idle_timeout": 60}, "idle_timeout must be larger"),
        ({"jwt_secret": b"with\0nul"}, "NUL"),
        ({"jwt_secret": b""}, "jwt_secret: is missing or empty"),
        ({"jwt_secret": "", "jwt_previous_secret": SECRET}, "jwt_secret: is missing or empty"),
        ({"jwt_issuer": "your-app"}, "jwt_secret: is missing or empty"),
        ({"jwt_private_key": "-----BEGIN PRIVATE KEY-----"}, "jwt_secret: is missing or empty"),
        ({"jwt_secret": SECRET, "jwt_private_key": "nonsense"}, "jwt_private_key"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(options, text):
    with pytest.raises(ValueError, match=text):
        RustWSEServer(**options)


def test_a_router_that_nobody_guards_does_not_start(monkeypatch):
    monkeypatch.delenv("JWT_SECRET_KEY", raising=False)
    with pytest.raises(StartError, match="nobody says who may connect"):
        WSEConfig().settings([])
    assert WSEConfig(anonymous=True).settings([]).tables["listen.main"]["anonymous"] is True


def test_the_environment_of_the_guide(monkeypatch):
    environment = {
        "REDIS_URL": "redis://r", "JWT_SECRET_KEY": SECRET, "WSE_COMPRESSION_THRESHOLD": "2048",
        "WSE_MAX_MESSAGE_SIZE": "4096", "WSE_HEARTBEAT_INTERVAL": "5", "WSE_IDLE_TIMEOUT": "30",
    }
    config = WSEConfig.from_env(environment, idle_timeout=40)
    made = config.settings([])
    assert made.files["redis-url"] == b"redis://r\n"
    assert made.files["jwt-secret"] == SECRET.encode() + b"\n"
    assert made.tables["module.compress_zlib"] == {"threshold": 2048}
    assert made.tables["limits"]["max_message_size"] == 4096
    assert made.tables["keepalive"]["heartbeat_interval"] == "5000ms"
    assert made.tables["keepalive"]["idle_timeout"] == "40000ms"
    with pytest.raises(ValueError, match="WSE_IDLE_TIMEOUT: 'soon'"):
        WSEConfig.from_env({"WSE_IDLE_TIMEOUT": "soon"})


def test_a_router_keeps_the_topics_of_a_user_to_him():
    made = WSEConfig(anonymous=True, recovery_enabled=False).settings([])
    assert made.tables["topic"] == [
        {"match": "user:{sub}:*", "subscribe": True},
        {"match": "user:*"},
        {"match": "*", "subscribe": True},
    ]


def test_a_router_maps_events_as_the_application_says():
    made = WSEConfig(anonymous=True, event_type_map={"ItemCreated": "item_new"}).settings([])
    types = made.tables["module.event_map"]["types"]
    assert types == {"ItemCreated": "item_new", "itemcreated": "item_new"}
