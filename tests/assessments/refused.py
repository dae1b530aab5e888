"""Definitions that are refused: what is changed in the small one, the path and the reason, a case a line."""
# ruff: noqa: E501

from clients.barriers import CODES

ONE = "  - {id: one, text: I sang., options: amount}\n"
TWO = "  - {id: two, text: I danced., options: amount, reversed: true}\n"
THREE = "  - {id: three, text: I slept., options: amount}\n"
FUN = "  - {key: fun, title: Fun, meaning: How much fun it was., method: mean, items: [one, two], direction: higher}\n"
REST = "  - {key: rest, title: Rest, meaning: How much rest it was., method: single, items: [three], direction: none}\n"
KNOWN = ", ".join(CODES)

ITEM_CASES = [
    (ONE, ONE + "  - {id: one, text: I ran., options: amount, scored: false}\n", "items[1].id", "duplicate item id 'one'"),
    (THREE, THREE.replace("I slept.", "I sang."), "items[2].text", "duplicate text 'I sang.'"),
    (ONE, ONE.replace("I sang.", '""'), "items[0].text", "should not be empty"),
    (ONE, ONE.replace("I sang.", '"  "'), "items[0].text", "should not be empty"),
    (THREE, THREE.replace("}", ", colour: red}"), "items[2].colour", "is not a known key"),
    (THREE, THREE.replace("}", ", barrier: shyness}"), "items[2].barrier", f"unknown barrier code 'shyness'; known are {KNOWN}"),
    (ONE, ONE.replace("amount", "amounts"), "items[0].options", "unknown options 'amounts'"),
    (ONE, ONE.replace(", options: amount", ""), "items[0].options", "the kind 'choice' needs options"),
    (ONE, ONE + "  - {id: f, text: I f., kind: yes_no, options: amount, scored: false, frames: [now]}\n", "items[1].frames", "unknown frame 'now'"),
    (ONE, ONE.replace("}", ", risk: [3]}"), "items[0].risk", "3 lies outside of 0 to 2"),
    (ONE, ONE.replace("}", ", risk: [2], unsure: [2]}"), "items[0].unsure", "2 is marked twice"),
    (ONE, ONE.replace("}", ", unsure: [2]}"), "items[0].unsure", "unsure values go with risk values"),
    (ONE, ONE.replace("}", ", respondents: [clinician]}"), "items[0].respondents", "clinician does not answer this instrument"),
    (ONE, ONE.replace("}", ", clinician_text: They sang.}"), "items[0].clinician_text", "the clinician does not rate this item"),
    (ONE, ONE.replace("}", ", max_picks: 2}"), "items[0].max_picks", "the kind 'focus_pick' needs max_picks, and no other kind takes it"),
    (THREE, THREE + "  - {id: pick, text: I pick., kind: focus_pick, max_picks: 4, scored: false}\n", "items[3].max_picks", "at most 3 barriers can be in focus"),
    (THREE, THREE + "  - {id: life, text: My life., kind: life_events, scored: false}\n", "items[3].choices", "the kind 'life_events' needs choices, and no other kind takes them"),
    (THREE, THREE + "  - {id: say, text: I say., kind: text}\n", "items[3].scored", "the kind 'text' cannot be scored; say scored: false"),
    (THREE, THREE + "  - {id: say, text: I say., kind: text, scored: false, options: amount}\n", "items[3].options", "the kind 'text' takes no options"),
    (THREE, THREE + "  - {id: say, text: I say., kind: text, scored: false, note_allowed: true}\n", "items[3].note_allowed", "the kind 'text' takes no note"),
    (THREE, THREE + "  - {id: four, text: I ate., options: amount, scored: false, reversed: true}\n", "items[3].reversed", "only a scored choice or slider can be reversed"),
    (THREE, THREE + "  - {id: four, text: I ate., options: amount}\n", "items[3].scored", "no scale uses the item 'four'; say scored: false"),
]  # fmt: skip

SCALE_CASES = [
    (REST, REST.replace("rest,", "fun,", 1), "scales[1].key", "duplicate scale key 'fun'"),
    (FUN, FUN.replace("[one, two]", "[one, two, ten]"), "scales[0].items[2]", "unknown item 'ten'"),
    (FUN, FUN.replace("[one, two]", "[one, two, one]"), "scales[0].items[2]", "the item 'one' stands twice"),
    (REST, REST.replace("[three]", "[three, one]"), "scales[1].items", "the method 'single' takes exactly one item, not 2"),
    (REST, REST.replace("method: single", "method: sum"), "scales[1].items", "the method 'sum' takes two items or more; use 'single' for one"),
    (REST, REST.replace("method: single", "method: median"), "scales[1].method", "should be 'single', 'mean', 'sum', 'count_at_least' or 'difference'"),
    (REST, REST.replace("}", ", formative: true}"), "scales[1].formative", "a scale of one item is not formative"),
    (REST, REST.replace("}", ", barrier: power}"), "scales[1].barrier", "the item 'three' is about the barrier None, the scale about 'power'"),
    (FUN, FUN.replace("}", ", barrier: power}"), "scales[0].barrier", "only a scale of one item is about one barrier"),
    (REST, REST.replace("}", ", barrier: shyness}"), "scales[1].barrier", f"unknown barrier code 'shyness'; known are {KNOWN}"),
    (FUN, FUN.replace("}", ", threshold: 1}"), "scales[0].threshold", "the method 'count_at_least' needs a threshold, and no other method takes it"),
    (FUN, FUN.replace("mean,", "count_at_least, threshold: 0, formative: true,"), "scales[0].threshold", "the threshold must be above 0 and at most 2"),
    (FUN, FUN.replace("mean,", "count_at_least, threshold: 1,"), "scales[0].formative", "a count is formative: say formative: true"),
    (FUN, FUN.replace("}", ", parts: [rest]}"), "scales[0].parts", "the method 'mean' takes no other scales"),
    (FUN, FUN.replace("}", ", visibility: nobody}"), "scales[0].visibility", "should be 'client' or 'clinician_only'"),
    (FUN, FUN.replace(", direction: higher", ""), "scales[0].direction", "is missing"),
    (REST, REST + FUN.replace("fun", "more").replace("Fun", "More").replace("}", ", formative: true}"), "scales[2].formative", "the scale 'fun' shares items and says formative: false"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun, joy], direction: none}\n", "scales[2].parts[1]", "unknown scale 'joy'"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun], direction: none}\n", "scales[2].parts", "the method 'difference' takes exactly two parts: the first minus the second"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun, rest], requires: [joy], direction: none}\n", "scales[2].requires[0]", "unknown scale 'joy'"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun, rest], direction: lower}\n", "scales[2].direction", "a difference has no better side; its direction is none"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun, rest], direction: none, formative: true}\n", "scales[2].formative", "the part 'fun' says formative: false"),
    (REST, REST + "  - {key: gap, title: G, meaning: M., method: difference, parts: [fun, gap], direction: none}\n", "scales[2].parts[1]", "'gap' is itself a difference; name a mean, sum or single"),
    (REST, REST + "planes:\n  - {key: map, title: M, meaning: M., x: fun, y: joy}\n", "planes[0].y", "unknown scale 'joy'"),
    (REST, REST + "planes:\n  - {key: map, title: M, meaning: M., x: fun, y: fun}\n", "planes[0].y", "the two coordinates are the same scale"),
    (REST, REST + "planes:\n  - {key: map, title: M, meaning: M., x: fun, y: rest}\n", "planes[0].y", "'rest' is a single; a coordinate is a mean or a sum"),
]  # fmt: skip

LONG = "I felt the overwhelming responsibility of continually communicating individual vulnerabilities"
OTHER_CASES = [
    ("    min: 0", "    min: 2", "options.amount.min", "the range is reversed or empty: min 2, max 2", "    min:"),
    ("    max: 2", "    max: -1", "options.amount.min", "the range is reversed or empty: min 0, max -1", "    min:"),
    ("      1: A little\n", "", "options.amount.labels", "missing option label for 1", "labels:"),
    ("      2: A lot\n", "      2: A lot\n      3: More\n", "options.amount.labels.3", "the label of 3 lies outside of 0 to 2", "3: More"),
    ("      2: A lot\n", "      2: A little\n", "options.amount.labels.2", "the label 'A little' stands twice", "2: A little"),
    ("      1: A little\n", '      1: ""\n', "options.amount.labels.1", "should not be empty", "      1:"),
    ("article: C", "article: F", "sources[0].article", "unknown article 'F'; known are A, B, C, D, E", "article"),
    ("title: Small\n", "", "title", "is missing", "slug"),
    ("neutral_title: A short form", "neutral_title: Your safety plan", "neutral_title", "the word 'safety' is not neutral in a message", "neutral_title"),
    ("slug: small", "slug: Small_Form", "slug", "'Small_Form' should be small letters, digits, - and _, a letter first, at most 40", "slug"),
    ("  validated: false", "  validated: true", "passport", "a validated instrument, or one with norms, needs its citation", "passport"),
    ("allow_reversed: true", "allow_reversed: false", "items[1].reversed", "this definition allows no reversed item (allow_reversed)", "id: two"),
    ("minutes: 1", "minutes: 1\nin_room_only: true", "hidden_from_portal", "an instrument for the room only must be hidden from the portal", "slug"),
    ("minutes: 1", "minutes: 1\nframes:\n  - {key: now, label: Now}", "frames[0]", "no item uses the frame 'now'", "key: now"),
    ("I sang.", LONG + ".", "items", "the joined items read at grade 19.1; at most 8 is allowed", "items:"),
    ("options:\n", "options:\n  spare: {min: 0, max: 1, labels: {0: A, 1: B}}\n", "options.spare", "no item uses these options", "spare"),
]  # fmt: skip
