"""The bench harness: what it prints is a ratio of medians, and a missed promise fails."""

import pytest

from benchmarks import run as harness
from benchmarks.run import Benchmark, benchmark


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(harness, "REGISTERED", {})
    return harness.REGISTERED


def test_a_ratio_is_to_the_other_benchmark_of_the_same_run():
    bench = Benchmark("list", lambda: None, "constant page", 3, "ratio")
    assert bench.verdict({"list": 0.02, "constant page": 0.01}) == ("2.00 × constant page (at most 3)", True)
    assert bench.verdict({"list": 0.04, "constant page": 0.01}) == ("4.00 × constant page (at most 3)  MISSED", False)


def test_a_promise_in_milliseconds():
    bench = Benchmark("report", lambda: None, None, 80, "ms")
    assert bench.verdict({"report": 0.0795}) == ("79.50 ms (at most 80)", True)
    assert bench.verdict({"report": 0.0805}) == ("80.50 ms (at most 80)  MISSED", False)


def test_a_promise_in_milliseconds_of_cpu_above_another():
    bench = Benchmark("list", lambda: None, "signed in", 15, "ms above")
    words = "ms CPU above signed in (at most 15)"
    assert bench.verdict({}, {"list": 0.018, "signed in": 0.003}) == (f"15.00 {words}", True)
    assert bench.verdict({}, {"list": 0.019, "signed in": 0.003}) == (f"16.00 {words}  MISSED", False)


def test_a_benchmark_brings_the_one_it_is_compared_with_and_what_it_counts(registry):
    calls = []
    benchmark("page, constant")(lambda: calls.append("constant"))
    benchmark("page, 100 clients", against="page, constant")(lambda: calls.append("clients") or "12 queries")
    benchmark("other")(lambda: calls.append("other"))
    results = harness.run("100 clients")
    assert {name: counted for name, (_seconds, _cpu, counted) in results.items()} == {
        "page, 100 clients": "12 queries",
        "page, constant": None,
    }
    assert calls == ["clients", "constant"] * (harness.ROUNDS + 1)


def test_two_of_the_same_name_are_refused(registry):
    benchmark("page")(lambda: None)
    with pytest.raises(ValueError, match="two benchmarks are called page"):
        benchmark("page")(lambda: None)
