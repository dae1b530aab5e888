"""Concordance: what may stand side by side, differences, joint noise, neutral words."""

import math
import re

import pytest

from assessments.change import ALPHA, Known
from assessments.concordance import concord, joint_noise, may_share, shared_items, shared_scales
from tests.factories.assessments import definitions

KNOWN = Known(120, 0.8, 0.75, ALPHA)  # SEM 0.4, joint noise 1.109


def of(slug):
    return definitions()[slug]


def all_at(slug, value):
    return {item.id: value for item in of(slug).items if item.kind in ("choice", "slider")}


class TestWhatMayBeShown:
    def test_never_about_safety_or_the_session_itself(self):
        assert {slug for slug in definitions() if not may_share(of(slug))} == {"safety-screen", "after-session"}

    def test_done_to_me_never(self):
        definition = of("patterns-between-us")
        hidden = {item.id for item in definition.items} - {item.id for item in shared_items(definition)}
        assert hidden == {item.id for item in definition.items if item.private_talk}
        assert len(hidden) == 3

    def test_only_rated_items_with_fixed_words(self):
        definition = of("session-checkin")
        assert {item.kind for item in shared_items(definition)} == {"slider"}
        assert [item.id for item in shared_items(of("barriers"))] == [
            item.id for item in of("barriers").items if item.kind == "choice"
        ]

    @pytest.mark.parametrize("slug", sorted(definitions()))
    def test_nothing_that_may_raise_a_flag_and_no_text(self, slug):
        for item in shared_items(of(slug)):
            assert (item.risk, item.unsure, item.private_talk, item.frames) == ((), (), (), ())
            assert item.kind in ("choice", "slider")

    def test_no_scale_for_the_clinician_alone_nor_own_goals(self):
        assert [scale.key for scale in shared_scales(of("secure-agreements"))] == ["mine", "partners"]
        assert shared_scales(of("session-checkin")) == ()
        assert [scale.key for scale in shared_scales(of("barriers"))] == ["burden", "high"]

    def test_a_difference_only_with_all_that_it_is_made_of(self):
        keys = [scale.key for scale in shared_scales(of("relationship-spectrum"))]
        assert keys == ["independence", "interdependence", "codependence", "position"]


class TestConcord:
    def test_items_with_labels_and_raw_differences(self):
        definition = of("relationship-spectrum")
        found = concord(definition, all_at(definition.slug, 1), all_at(definition.slug, 3) | {"mood": None}, {})
        by_text = {item.text: item for item in found.items}
        first = by_text[definition.items_by_id["worth"].text]
        assert (first.first, first.second, first.difference, first.apart) == ("1 · Disagree", "3 · Agree", 2, 2)
        skipped = by_text[definition.items_by_id["mood"].text]
        assert (skipped.second, skipped.difference, skipped.apart) == ("", None, None)
        assert sum(item.difference is not None for item in found.items) == 17

    def test_joint_noise(self):
        assert joint_noise(3, 4) == pytest.approx(1.96 * 5)
        assert joint_noise(0.4, 0.4) == pytest.approx(1.96 * math.sqrt(2) * 0.4)

    @pytest.mark.parametrize(("other", "beyond"), [(2, False), (3, True), (4, True)])
    def test_a_gap_is_marked_only_beyond_joint_noise(self, other, beyond):
        definition = of("relationship-spectrum")
        found = concord(
            definition, all_at(definition.slug, 1), all_at(definition.slug, other), {"interdependence": KNOWN}
        )
        scale = next(scale for scale in found.scales if scale.title == "Interdependence")
        assert (scale.difference, scale.beyond) == (other - 1, beyond)
        assert scale.noise == pytest.approx(joint_noise(0.4, 0.4))
        assert scale.prompt.startswith("You see this differently.") is beyond
        assert sum(one.beyond for one in found.scales) == int(beyond)

    def test_it_reads_the_same_from_either_side(self):
        definition = of("relationship-spectrum")
        one, other = all_at(definition.slug, 1), all_at(definition.slug, 4)
        known = {"interdependence": KNOWN}
        there, back = concord(definition, one, other, known), concord(definition, other, one, known)
        for here, mirrored in zip(there.scales, back.scales, strict=True):
            assert (here.beyond, here.prompt, here.apart) == (mirrored.beyond, mirrored.prompt, mirrored.apart)

    def test_nothing_is_marked_while_the_noise_is_not_known(self):
        definition = of("relationship-spectrum")
        found = concord(definition, all_at(definition.slug, 0), all_at(definition.slug, 4), {})
        assert {scale.beyond for scale in found.scales} == {False}
        assert {scale.noise for scale in found.scales} == {None}
        assert {scale.prompt for scale in found.scales} == {
            "Shown as it is: how much of a difference is chance is not known yet."
        }

    def test_nobody_is_said_to_be_right(self):
        definition = of("relationship-spectrum")
        for value in (0, 2, 4):
            found = concord(definition, all_at(definition.slug, 0), all_at(definition.slug, value), {})
            text = " ".join(scale.prompt for scale in found.scales)
            assert not re.search(r"right|wrong|more accurate|overestimate|underestimate|better|worse", text)

    def test_what_is_not_scored_has_no_difference(self):
        definition = of("relationship-spectrum")
        found = concord(definition, {}, all_at(definition.slug, 4), {"interdependence": KNOWN})
        assert {scale.difference for scale in found.scales} == {None}
        assert {scale.apart for scale in found.scales} == {""}
        assert {scale.beyond for scale in found.scales} == {False}

    def test_numbers_as_shown(self):
        definition = of("relationship-spectrum")
        first, second = {}, {}
        for key, low, high in (("independence", 4, 0), ("codependence", 0, 4), ("interdependence", 2, 2)):
            first |= dict.fromkeys(definition.scales_by_key[key].items, low)
            second |= dict.fromkeys(definition.scales_by_key[key].items, high)
        position = concord(definition, first, second, {}).scales[-1]
        assert (position.first_shown, position.second_shown, position.apart) == ("−4.00", "4.00", "8.00")
        assert position.range == "−4 to 4"

    def test_odd_answers_are_missing(self):
        definition = of("relationship-spectrum")
        found = concord(definition, {"mood": True, "worth": "3"}, {"mood": 1, "worth": 3}, {})
        assert {item.difference for item in found.items} == {None}
