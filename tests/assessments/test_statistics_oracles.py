"""Every case of the oracles, within its tolerance. A topic without a runner fails."""

import json
import math
from pathlib import Path

import pytest

from assessments.statistics import agreement, consistency, cutoffs, effect, reliable

CASES = json.loads((Path(__file__).parent / "oracles" / "statistics.json").read_text())


def _rci(given):
    sd = given.get("sd_pre", given.get("sd"))
    z = given.get("z", reliable.Z)
    found = reliable.reliable_change(given.get("pre", 0), given.get("post", 0), sd, given["reliability"], z)
    values = {"se": found.sem, "s_diff": found.s_diff, "min_change": found.min_change}
    values |= {"min_change_1_96": found.min_change, "published_rounded": float(math.ceil(found.min_change))}
    if "pre" in given:
        values |= {"rc": found.rci, "reliable": found.reliable}
        assert found.direction == "rise"
    return values


def _cutoff(given):
    found = cutoffs.cutoffs(citation="the oracle's", **given)
    return {"a": found.a, "b": found.b, "c": found.c, "published": found.c}


def _classification(given):
    measure = cutoffs.Published("NHS Talking Therapies manual", given["caseness"], given["reliable"])
    found = [cutoffs.classify(measure, pre, post) for pre, post in given["cases"]]
    names = ("reliable_improvement", "recovery", "reliable_recovery", "reliable_deterioration")
    return {name: [getattr(one, name) for one in found] for name in names}


def _icc(given):
    found = agreement.icc(given["matrix"])
    values = {name: one.value for name, one in found.items()}
    return values | {f"{name}_ci95": [one.low, one.high] for name, one in found.items()}


def _effect_values(found):
    return {
        "s_pooled": found.spread,
        "s_within": found.spread,
        "d": found.d,
        "var_d": found.var_d,
        "se_d": math.sqrt(found.var_d),
        "J": found.correction,
        "g": found.g,
        "var_g": found.var_g,
        "se_g": math.sqrt(found.var_g),
        "d_ci": [found.d_low, found.d_high],
        "g_ci": [found.g_low, found.g_high],
    }


def _independent(given):
    return _effect_values(effect.independent(*(given[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2"))))


def _paired(given):
    return _effect_values(effect.paired(given["mean_diff"], given["sd_diff"], given["n"], given["r"]))


def _groups(given):
    return _effect_values(effect.two_groups(given["group0 (am=0)"], given["group1 (am=1)"]))


def _alpha(given):
    return {"alpha": consistency.alpha(given["matrix"]).value}


RUNNERS = {
    "RCI": _rci,
    "clinical cutoff": _cutoff,
    "clinical cutoff c": _cutoff,
    "classification": _classification,
    "ICC": _icc,
    "d and g": _independent,
    "d and g, pre-post": _paired,
    "d, g with noncentral-t CI": _groups,
    "alpha": _alpha,
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_case(case):
    assert case["topic"] in RUNNERS, f"no runner for {case['topic']!r}"
    found = RUNNERS[case["topic"]](case["inputs"])
    for name, expected in case["expected"].items():
        if expected == "63/64":  # printed as two whole numbers: the one below is a case, the one above is none
            assert 62 <= found[name] <= 64
            continue
        if isinstance(expected, bool) or (isinstance(expected, list) and isinstance(expected[0], bool)):
            assert found[name] == expected, name
        else:
            assert found[name] == pytest.approx(expected, abs=case["tolerance"]), name


def test_no_case_is_left_out():
    assert len(CASES) == len({case["id"] for case in CASES}) == 11
    assert set(RUNNERS) == {case["topic"] for case in CASES}
