"""The twelve instruments keep every rule that domain.md sets for them."""

import re
from pathlib import Path

import pytest

from assessments.library import FOLDER, load_definitions
from assessments.reading import grade
from assessments.schema import Definition, DefinitionInvalid, Item
from assessments.schema.models import RATED_KINDS
from clients.barriers import BARRIERS, CODES, MAX_FOCUS
from clients.models import LifeEvent
from tests.assessments.texts import SMALL

FREQUENCY = ("Never", "Rarely", "Sometimes", "Often", "Almost always")
AMOUNT = ("Not at all", "A little", "Somewhat", "Quite a lot", "A great deal")
AGREEMENT = ("Disagree strongly", "Disagree", "In between", "Agree", "Agree strongly")

# slug: articles, items, recall, lowest, highest, minimum days between two, respondents
TABLE = {
    "after-session": ("D", 4, "the session today", 0, 10, None, ("client",)),
    "attachment-patterns": ("E", 12, "generally", 1, 7, 90, ("client",)),
    "attunement": ("D", 10, "the last two weeks", 0, 4, None, ("client",)),
    "barriers": ("C", 12, "the last two weeks", 0, 4, None, ("client", "clinician")),
    "building-practices": ("C", 12, "the last two weeks", 0, 4, None, ("client",)),
    "growth-habits": ("E", 15, "the last month", 0, 4, None, ("client",)),
    "patterns-between-us": ("BD", 21, "the last month", 0, 4, None, ("client",)),
    "relationship-spectrum": ("ABCDE", 18, "now", 0, 4, None, ("client",)),
    "safety-screen": ("ABD", 10, "now, and the past year", 0, 2, None, ("client",)),
    "secure-agreements": ("A", 12, "the last two weeks", 0, 4, None, ("client",)),
    "self-in-relationship": ("BD", 12, "the last month", 0, 4, None, ("client",)),
    "session-checkin": ("ADE", 5, "since we last met", 0, 10, None, ("client",)),
}

# slug: scale key -> (method, number of items, direction, formative)
SCALES = {
    "after-session": dict.fromkeys(("heard", "what-matters", "fit", "safe-to-speak"), ("single", 1, "higher", False)),
    "attachment-patterns": dict.fromkeys(("anxiety", "avoidance"), ("mean", 6, "lower", False)),
    "attunement": {
        "giving": ("mean", 4, "higher", False),
        "receiving": ("mean", 3, "higher", False),
        "active-listening": ("mean", 3, "higher", False),
    },
    "barriers": {
        **dict.fromkeys(CODES, ("single", 1, "lower", False)),
        "burden": ("mean", 12, "lower", True),
        "high": ("count_at_least", 12, "lower", True),
    },
    "building-practices": {
        "communication": ("mean", 2, "higher", True),
        "trust": ("mean", 3, "higher", True),
        "support": ("mean", 2, "higher", True),
        "individuality": ("mean", 3, "higher", True),
        "togetherness": ("mean", 2, "higher", True),
        "total": ("mean", 12, "higher", True),
    },
    "growth-habits": dict.fromkeys(("time", "talk", "support", "individuality", "growth"), ("mean", 3, "higher", True)),
    "patterns-between-us": {
        "limits-self": ("mean", 4, "lower", False),
        "pleasing-rescuing": ("mean", 4, "lower", False),
        "control-reactivity": ("mean", 6, "lower", False),
        "worth-stuckness": ("mean", 4, "lower", False),
        "total": ("mean", 18, "lower", False),
    },
    "relationship-spectrum": {
        **dict.fromkeys(("independence", "interdependence", "codependence"), ("mean", 6, "none", False)),
        "position": ("difference", 0, "none", False),
    },
    "safety-screen": {},
    "secure-agreements": {
        "mine": ("mean", 6, "higher", True),
        "partners": ("mean", 6, "none", True),
        "gap": ("difference", 0, "none", True),
    },
    "self-in-relationship": dict.fromkeys(
        ("values", "social-life", "needs", "goals", "loves", "saying-no"), ("mean", 2, "higher", True)
    ),
    "session-checkin": {
        **dict.fromkeys(("connected", "myself", "heard", "at-ease", "hopeful"), ("single", 1, "higher", False)),
        "goals": ("mean", 1, "higher", True),
    },
}

# Words that would assume a gender, a marriage, a shared home, or a label.
ASSUMING = re.compile(
    r"\b(he|she|him|his|hers?|husband|wife|wives|boyfriend|girlfriend|spouse|marriage|married|divorc\w*|codepend\w*"
    r"|needy|toxic|abus\w*|victim|symptom\w*|disorder)\b",
    re.IGNORECASE,
)
NEGATION = re.compile(r"\b(not|no|never|nobody|nothing|none|without|cannot|\w+n[’']t)\b", re.IGNORECASE)
FIRST_PERSON = re.compile(r"\b(I|[Mm]e|[Mm]y|[Mm]ine|[Ww]e|us|[Oo]ur)\b")

SLUGS = tuple(TABLE)


def rated(definition: Definition) -> list[Item]:
    return [item for item in definition.items if item.kind in RATED_KINDS]


@pytest.fixture(params=SLUGS)
def definition(request: pytest.FixtureRequest, library: dict[str, Definition]) -> Definition:
    return library[request.param]


def test_there_are_exactly_the_twelve(library: dict[str, Definition]) -> None:
    assert tuple(library) == SLUGS
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == list(SLUGS)


def test_counts_recall_and_ranges(definition: Definition) -> None:
    articles, count, recall, low, high, days, respondents = TABLE[definition.slug]
    assert "".join(sorted(source.article for source in definition.sources)) == articles
    assert len(rated(definition)) == definition.item_count == count
    assert definition.recall == recall
    used = [definition.options[item.options or ""] for item in rated(definition)]
    assert {(one.min, one.max) for one in used} == {(low, high)}
    assert definition.min_interval_days == days
    assert definition.respondents == respondents


def test_scales(definition: Definition) -> None:
    found = {
        scale.key: (scale.method, len(scale.items), scale.direction, scale.formative) for scale in definition.scales
    }
    assert found == SCALES[definition.slug]


def test_every_instrument_says_that_it_is_not_validated(definition: Definition) -> None:
    passport = definition.passport
    assert (passport.validated, passport.norms, passport.citation) == (False, False, None)
    assert "popular articles" in passport.basis
    assert "not from research" in passport.basis


def test_start_pack(library: dict[str, Definition]) -> None:
    assert {slug for slug, one in library.items() if one.start_pack} == {"safety-screen", "barriers", "session-checkin"}


def test_items_read_at_grade_eight_or_lower(definition: Definition) -> None:
    assert grade(item.text for item in definition.items) <= 8
    assert grade(item.clinician_text or "" for item in definition.items) <= 8
    assert grade([definition.introduction]) <= 8
    assert [item.id for item in definition.items if grade([item.text]) > 10] == []


def test_items_are_in_the_first_person(definition: Definition) -> None:
    assert [item.id for item in definition.items if not FIRST_PERSON.search(item.text)] == []


def test_items_assume_no_gender_marriage_or_label(definition: Definition) -> None:
    texts = [text for item in definition.items for text in (item.text, item.clinician_text or "", item.help or "")]
    texts += [definition.introduction, definition.stem or "", definition.title, definition.neutral_title]
    allowed = {"Codependence"}
    assert [text for text in texts if ASSUMING.search(text) and text not in allowed] == []


def test_rated_items_hold_no_negation_so_none_is_double(definition: Definition) -> None:
    # "I said no" and "my no" speak of the word, not a negation of the item.
    spoken = {"say-no", "keep-no"}
    assert [item.id for item in rated(definition) if NEGATION.search(item.text) and item.id not in spoken] == []


def test_reversed_items(library: dict[str, Definition]) -> None:
    turned = {slug: [item.id for item in one.items if item.reversed] for slug, one in library.items()}
    assert {slug: ids for slug, ids in turned.items() if ids} == {
        "attachment-patterns": ["sure-apart", "share-easily", "calm-others", "seek-comfort"],
        "attunement": ["cut-in", "alone", "missed"],
    }
    assert {slug for slug, one in library.items() if one.allow_reversed} == {"attachment-patterns", "attunement"}


def test_no_text_stands_in_two_scored_items_of_one_instrument(definition: Definition) -> None:
    texts = [item.text for item in definition.items]
    assert sorted(set(texts)) == sorted(texts)


def test_option_labels(library: dict[str, Definition]) -> None:
    found = {slug: tuple(one.labels[value] for value in sorted(one.labels)) for slug, one in _main_options(library)}
    line = ("Not at all", "Partly", "Completely")
    seven = (*AGREEMENT[:2], "Disagree a little", "In between", "Agree a little", *AGREEMENT[3:])
    assert found == {
        "after-session": line,
        "attachment-patterns": seven,
        "attunement": FREQUENCY,
        "barriers": AMOUNT,
        "building-practices": FREQUENCY,
        "growth-habits": FREQUENCY,
        "patterns-between-us": (*FREQUENCY[:4], "Very often"),
        "relationship-spectrum": AGREEMENT,
        "safety-screen": ("No", "Yes", "Prefer not to say"),
        "secure-agreements": FREQUENCY,
        "self-in-relationship": FREQUENCY,
        "session-checkin": line,
    }


def _main_options(library: dict[str, Definition]) -> list[tuple[str, object]]:
    return [(slug, one.options[rated(one)[0].options or ""]) for slug, one in library.items()]


def test_barriers_follow_the_twelve_codes(barriers: Definition) -> None:
    items = rated(barriers)
    assert tuple(item.id for item in items) == CODES
    assert tuple(item.barrier for item in items) == CODES
    assert all(item.note_allowed and item.clinician_text for item in items)
    singles = [scale for scale in barriers.scales if scale.single]
    assert tuple((scale.key, scale.barrier, scale.items) for scale in singles) == tuple(
        (code, code, (code,)) for code in CODES
    )
    assert [scale.title for scale in singles] == [str(barrier.name) for barrier in BARRIERS]
    assert barriers.scales_by_key["high"].threshold == 3
    assert barriers.items_by_id["focus"].max_picks == MAX_FOCUS
    extra = [item for item in barriers.items if item not in items]
    assert [(item.id, item.kind, item.scored, item.respondents) for item in extra] == [
        ("something-else", "text", False, ("client",)),
        ("focus", "focus_pick", False, ("client",)),
    ]


def test_barrier_codes_stand_in_no_other_instrument(library: dict[str, Definition]) -> None:
    others = [one for slug, one in library.items() if slug != "barriers"]
    assert [(one.slug, scale.key) for one in others for scale in one.scales if scale.barrier] == []


def test_spectrum_needs_all_three_means(spectrum: Definition) -> None:
    position = spectrum.scales_by_key["position"]
    assert (position.parts, position.requires) == (("codependence", "independence"), ("interdependence",))
    used = [name for scale in spectrum.scales for name in scale.items]
    assert sorted(used) == sorted(item.id for item in spectrum.items)


def test_what_is_done_to_me_is_never_scored(library: dict[str, Definition]) -> None:
    patterns = library["patterns-between-us"]
    done = [item for item in patterns.items if not item.scored]
    assert [item.id for item in done] == ["control-me", "manipulate-me", "blame-me"]
    assert {item.private_talk for item in done} == {(2, 3, 4)}
    assert [item.private_talk for item in patterns.items if item.scored] == [()] * 18
    parts = [name for scale in patterns.scales if scale.key != "total" for name in scale.items]
    assert sorted(parts) == sorted(patterns.scales_by_key["total"].items)


def test_agreements_come_in_pairs_and_the_gap_is_the_clinicians(library: dict[str, Definition]) -> None:
    agreements = library["secure-agreements"]
    mine, partners, gap = (agreements.scales_by_key[key] for key in ("mine", "partners", "gap"))
    six = ["first", "decide", "go-to", "repair", "no-threats", "expert"]
    assert list(mine.items) == [f"{name}-mine" for name in six]
    assert list(partners.items) == [f"{name}-partner" for name in six]
    assert (gap.parts, gap.visibility) == (("mine", "partners"), "clinician_only")
    shown = {scale.visibility for one in library.values() for scale in one.scales if scale is not gap}
    assert shown == {"client"}


def test_practices_habits_and_tips_use_every_item_once(library: dict[str, Definition]) -> None:
    for slug in ("building-practices", "growth-habits", "self-in-relationship", "attunement", "attachment-patterns"):
        one = library[slug]
        used = [name for scale in one.scales if scale.key != "total" for name in scale.items]
        assert sorted(used) == sorted(item.id for item in one.items)


def test_attachment_has_a_plane_and_explains_disorganised(library: dict[str, Definition]) -> None:
    attachment = library["attachment-patterns"]
    assert [(plane.x, plane.y) for plane in attachment.planes] == [("anxiety", "avoidance")]
    assert [remark for remark in attachment.remarks if "disorganised" in remark and "never scored" in remark] == [
        attachment.remarks[0]
    ]
    assert [slug for slug, one in library.items() if one.planes] == ["attachment-patterns"]


def test_checkin_asks_more_than_it_scores(checkin: Definition) -> None:
    assert [(item.id, item.kind, item.scored) for item in checkin.items] == [
        ("talk-instead", "toggle", False),
        ("connected", "slider", True),
        ("myself", "slider", True),
        ("heard", "slider", True),
        ("at-ease", "slider", True),
        ("hopeful", "slider", True),
        ("goals", "goals", True),
        ("focus-now", "focus_ratings", False),
        ("life-events", "life_events", False),
        ("today", "text", False),
    ]


def test_life_events_are_those_of_the_client_record(checkin: Definition) -> None:
    codes = [choice.code for choice in checkin.items_by_id["life-events"].choices]
    assert codes == list(LifeEvent.Kind.values)


def test_safety_screen(safety: Definition) -> None:
    assert (safety.in_room_only, safety.hidden_from_portal, safety.scales) == (True, True, ())
    assert [item.id for item in safety.items] == [
        "afraid", "threatened", "controlled", "tracked", "humiliated",
        "hurt", "forced", "children", "self-harm", "feared",
    ]  # fmt: skip
    assert {(item.kind, item.frames, item.risk, item.unsure) for item in safety.items} == {
        ("yes_no", ("now", "year"), (1,), (2,))
    }
    assert len(safety.questions) == 20
    assert safety.neutral_title == "A few questions for today"


def test_only_the_screen_is_hidden_and_marked_as_risk(library: dict[str, Definition]) -> None:
    assert [slug for slug, one in library.items() if one.in_room_only or one.hidden_from_portal] == ["safety-screen"]
    assert [slug for slug, one in library.items() if any(item.risk for item in one.items)] == ["safety-screen"]


def test_the_relationship_is_asked_where_a_new_partner_is_a_new_baseline(library: dict[str, Definition]) -> None:
    assert {slug for slug, one in library.items() if one.asks_relationship} == {
        "attunement", "barriers", "building-practices", "growth-habits", "patterns-between-us", "relationship-spectrum",
        "secure-agreements", "self-in-relationship",
    }  # fmt: skip


def test_my_partner_is_explained_wherever_an_item_speaks_of_one(definition: Definition) -> None:
    speaks = any("my partner" in item.text.lower() for item in definition.items)
    assert (
        "“My partner” means" in definition.introduction or "“my partner” means" in definition.introduction
    ) == speaks


def test_the_library_tells_the_problems_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL.replace("minutes: 1", "minutes: 0"), encoding="utf-8")
    (tmp_path / "b.yaml").write_bytes(b"\xff")
    (tmp_path / "other.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "c.yaml").mkdir()
    with pytest.raises(DefinitionInvalid) as refused:
        load_definitions(tmp_path)
    assert [str(problem) for problem in refused.value.problems] == [
        "a.yaml:12: minutes: should be greater than or equal to 1",
        "b.yaml:1: is not UTF-8",
        "c.yaml: cannot be read: Is a directory",
        "other.yaml:1: slug: 'small' differs from the file's name",
        "small.yaml:1: slug: 'small' stands in other.yaml already",
    ]


def test_the_library_needs_a_file(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(DefinitionInvalid) as refused:
            load_definitions(folder)
        assert [problem.reason for problem in refused.value.problems] == ["no definition file (*.yaml) in this folder"]


def test_the_library_reads_one_file(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    assert [one.slug for one in load_definitions(tmp_path)] == ["small"]
