# SPDX-License-Identifier: MIT
"""The demo page in a real browser, against a real server."""
import json
import os
import shutil
import signal
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DEADLINE_S = 30


class Page:
    def __init__(self, driver, server):
        self.driver = driver
        self.address = f"http://{server.address}"

    def open(self, path="/demo", token=""):
        self.driver.get(f"{self.address}{path}#token={token}")
        return self

    def element(self, name):
        return self.driver.find_element(By.ID, name)

    def text(self, name):
        return self.element(name).text

    def state(self):
        return self.driver.find_element(By.TAG_NAME, "body").get_attribute("data-state")

    def rows(self):
        """[time, topic, type, payload] of each event, newest first."""
        rows = self.driver.execute_script(
            "return [...document.querySelectorAll('#events tr')].map("
            "(row) => [...row.cells].map((cell) => cell.textContent))"
        )
        return [[*cells[:3], json.loads(cells[3])] for cells in rows]

    def fill(self, **fields):
        for name, text in fields.items():
            field = self.element(name)
            field.clear()
            field.send_keys(text)

    def until(self, condition):
        WebDriverWait(self.driver, DEADLINE_S, 0.05).until(lambda _: condition())

    def until_live(self):
        self.until(lambda: self.state() == "live")
        return self

    def complaints(self):
        """What the browser itself had to say: blocked content, failed loads, exceptions."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.fixture
def driver():
    profile = tempfile.mkdtemp(prefix="wse-browser-")
    options = webdriver.ChromeOptions()
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def served(make_server):
    return make_server(listen_main={"fallback": "builtin", "token_query": True}).start()


@pytest.fixture
def page(driver, served):
    return Page(driver, served)


def test_shows_what_wsectl_publishes(page, served):
    page.open(token=served.token(sub="alice")).until_live()
    assert page.text("state") == "live on demo"
    assert page.text("user") == "alice"
    for n in range(3):
        assert served.ctl("publish", "demo", json.dumps({"n": n}), "--type", "tick").returncode == 0
    page.until(lambda: page.text("events-count") == "3")
    assert [row[1:] for row in page.rows()] == [["demo", "tick", {"n": n}] for n in (2, 1, 0)]
    assert page.complaints() == []


def test_publishes_and_receives_its_own_event(page, served):
    page.open("/", token=served.token()).until_live()
    page.fill(type="chat", payload="<b>plain text</b>")
    page.element("send").click()
    page.until(lambda: page.rows() and page.text("published-count") == "1")
    assert page.rows()[0][1:] == ["demo", "chat", {"text": "<b>plain text</b>"}]
    assert page.text("receipt").startswith("Published as #1 of demo")
    page.fill(payload='{"price": 101.25}')
    page.element("send").click()
    page.until(lambda: len(page.rows()) == 2)
    assert page.rows()[0][3] == {"price": 101.25}


def test_measures_the_round_trip(page, served):
    page.open(token=served.token()).until_live()
    page.until(lambda: page.text("latency").endswith(" ms"))


def test_says_that_a_token_is_refused_and_takes_another(page, served):
    page.open(token="nonsense")
    page.until(lambda: page.state() == "refused")
    assert "4401" in page.text("notice")
    assert page.text("reconnects") == "0"
    page.fill(token=served.token())
    page.element("connect").click()
    page.until_live()
    assert not page.element("problem").is_displayed()


def test_says_that_a_topic_is_refused(page, served):
    page.open("/demo?topic=secret:x", token=served.token())
    page.until(lambda: page.state() == "refused")
    assert "secret:x" in page.text("notice")


def test_says_that_a_publish_is_refused(page, served):
    page.open("/demo?topic=read:x", token=served.token()).until_live()
    page.element("send").click()
    page.until(lambda: page.text("receipt").startswith("Not published"))
    assert page.text("published-count") == "0"


def test_takes_the_token_out_of_the_address_and_keeps_it_for_a_reload(page, served):
    page.open(token=served.token(sub="bob")).until_live()
    assert "token" not in page.driver.current_url
    page.driver.refresh()
    page.until_live()
    assert page.text("user") == "bob"


def test_comes_back_when_the_server_closes_the_connection(page, served):
    page.open(token=served.token()).until_live()
    connection = served.ctl_json("conn", "ls")["connections"][0]["id"]
    assert served.ctl("conn", "kill", connection, "--code", "4300").returncode == 0
    page.until(lambda: page.text("reconnects") == "1" and page.state() == "live")
    assert served.ctl("publish", "demo", '{"after":true}').returncode == 0
    page.until(lambda: page.rows() and page.rows()[0][3] == {"after": True})


def test_shows_what_it_missed_while_it_was_away(driver, make_server):
    served = make_server(
        listen_main={"fallback": "builtin", "token_query": True},
        server={"supervisor": True},
        topic=[{"match": "demo", "subscribe": True, "publish": True, "history": {"messages": 50}}],
    ).start()
    served.expect_error("supervisor.server_died")
    page = Page(driver, served).open(token=served.token())
    page.until_live()
    served.publish("demo", {"n": 1})
    page.until(lambda: len(page.rows()) == 1)
    os.kill(served.ctl_json("status")["pid"], signal.SIGKILL)
    page.until(lambda: page.state() != "live")
    served.await_ready()
    served.publish("demo", {"n": 2})
    served.publish("demo", {"n": 3})
    page.until(lambda: len(page.rows()) == 3)
    assert [row[3]["n"] for row in page.rows()] == [3, 2, 1]
    assert "missed" in page.text("receipt") or page.text("reconnects") == "1"
    assert page.complaints() == []


def test_disconnects_when_asked(page, served):
    page.open(token=served.token()).until_live()
    page.element("connect").click()
    page.until(lambda: page.state() == "idle")
    served.await_connections(0)
    assert not page.element("send").is_enabled()


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_screen(page, served, width, scheme):
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    page.open(token=served.token()).until_live()
    served.ctl("publish", "demo", json.dumps({"long": "x" * 500}))
    page.until(lambda: page.rows())
    overflow = page.driver.execute_script(
        "return document.documentElement.scrollWidth - innerWidth"
    )
    assert overflow <= 0
    ground = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 300) == (scheme == "dark")
