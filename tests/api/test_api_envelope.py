"""What surrounds every request: ids, headers, limits, problem details, logs without customers."""

from __future__ import annotations

import json
import logging
import socket

from fastapi import APIRouter, Request

from augenblick.api import logs
from augenblick.api.problems import STATUS, status_of
from augenblick.model import errors
from augenblick.pages.error import tree


def test_error_every_one_has_a_status_and_only_unknown_ones_are_500() -> None:
    for kind in tree():
        status = status_of(kind("x"))
        assert status in range(400, 600)
        assert (status == 500) == (kind is errors.AugenblickError)
    assert set(STATUS) <= set(tree())


def test_answer_carries_request_id_and_security_headers(serve) -> None:
    answer = serve().client.get("/healthz", headers={"X-Request-Id": "call-7"})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == "call-7"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_request_id_that_could_forge_a_log_line_is_replaced(serve) -> None:
    answer = serve().client.get("/healthz", headers={"X-Request-Id": 'a", "level": "x'})
    assert answer.headers["x-request-id"].isalnum()


def test_unknown_path_is_a_problem_and_not_ready_says_why(serve) -> None:
    client = serve().client
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "AB301")
    assert client.post("/healthz").status_code == 405


def test_body_that_is_too_large_is_refused_announced_or_not(serve) -> None:
    running = serve(body_megabytes=1)
    big = b"x" * 1_000_001
    assert running.client.post("/readyz", content=big).status_code == 413
    running.server.config.app.router.routes.insert(0, _reading_route())
    assert running.client.post("/read", content=iter([big[:600_000], big[600_000:]])).status_code == 413
    assert running.client.post("/read", content=iter([b"x" * 400_000])).status_code == 200


def test_body_that_does_not_come_is_given_up(serve) -> None:
    running = serve(body_seconds=0.2)
    running.server.config.app.router.routes.insert(0, _reading_route())
    address = running.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as line:
        line.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert line.recv(100).startswith(b"HTTP/1.1 408")


def test_failure_inside_shows_no_trace_outside_and_no_text_in_the_log(serve, caplog) -> None:
    router = APIRouter()

    @router.get("/broken")
    def broken() -> None:
        raise ValueError("Frau Mustermann, DE02120300000000202051")

    running = serve()
    running.server.config.app.include_router(router)
    with caplog.at_level(logging.INFO, logger="augenblick"):
        answer = running.client.get("/broken")
    assert answer.status_code == 500
    lines = [logs.JsonLines().format(record) for record in caplog.records]
    assert "Mustermann" not in answer.text + "".join(lines)
    assert any(json.loads(line).get("exception") == "ValueError" for line in lines)


def test_metrics_count_by_route_not_by_path(serve) -> None:
    client = serve().client
    client.get("/healthz")
    client.get("/customers/C1/secret")
    text = client.get("/metrics").text
    assert 'augenblick_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert "C1" not in text


def _reading_route():
    router = APIRouter()

    @router.post("/read")
    async def read(request: Request) -> int:
        return len(await request.body())

    return router.routes[0]
