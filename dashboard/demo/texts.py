"""Notes and words as they read in a practice, composed from parts. All of it is invented."""

from random import Random

NOTES: dict[str, tuple[str, ...]] = {
    "vulnerability": (
        "Stayed with the moment after the argument on Sunday. Could name the sadness under the irritation, though only for a breath.",
        "Practised one sentence that starts with “I feel”. Long pause, then it came. Said afterwards that it felt like standing without a coat.",
        "Told the story of the school trip again, this time with tears. Was surprised that nothing bad followed.",
    ),
    "past": (
        "The late reply on Thursday woke the old break-up at once. We sorted what belongs to then and what to now.",
        "Drew the time line of earlier relationships. The pattern of leaving first was new to them.",
        "Noticed the old alarm within a minute this week and told the partner so instead of checking the phone.",
    ),
    "expectations": (
        "Weekend plans: one wants people, the other quiet. Wrote down three wishes each, with how much each matters.",
        "Money for the holiday came up again. The wish behind the number turned out to be rest, not distance.",
        "They disagree about children’s bedtime; could say “we want different things” without deciding who is right.",
    ),
    "independence": (
        "Cancelled the climbing evening once more “to keep the peace”. We looked at what that peace costs.",
        "Took Saturday morning alone and came back warm, not guilty. Wants to keep it.",
        "Afraid that moving in means disappearing. Listed what must stay one’s own; the list was shorter than feared.",
    ),
    "insecurity": (
        "Counts the minutes to a reply. Tried waiting with a hand on the chest and a sentence of their own.",
        "Asked directly for reassurance instead of testing. It was given, and believed for an evening.",
        "Dreamt of being left at a station. We stayed with the picture; the younger self was about nine.",
    ),
    "self-esteem": (
        "Apologised four times in the first ten minutes. When I said so we both laughed; then it got quiet.",
        "Brought the portfolio to show. First time that praise was not turned down at once.",
        "Compares with the partner’s sister. Wrote three things that would be missed.",
    ),
    "communication": (
        "Used “did I get that right?” twice in session. The second time it landed.",
        "Rows start at the door, tired and hungry. Agreed on twenty minutes before any topic.",
        "Partner’s silence is read as anger. Asked, and it was a headache.",
    ),
    "culture": (
        "One family expects them for Sunday lunch, the other expects no one. Neither had said what the lunch means to them.",
        "Talked about what a good child does. The sentence was a grandfather’s, word for word.",
        "Faith came up for the first time. Relief that it may be in the room.",
    ),
    "norms": (
        "“A man does not ask.” We asked where the sentence came from and what it was once good for.",
        "Carries the calendar for four people because “that is just what one does”. Made it visible on paper.",
        "Tried swapping the two jobs each thinks belong to the other. Both did badly and were cheerful about it.",
    ),
    "control": (
        "Checks the shopping before it is put away. Let one bag pass this week; hard, and possible.",
        "Named the fear under the planning. The list for Saturday had one empty line on purpose.",
        "Gave way, then sulked for two days. Looked for a third way between giving way and steering.",
    ),
    "power": (
        "One salary, one account. Asked how a decision about money is really made, step by step.",
        "Agreed on a sum each may spend without asking. It was harder to ask for it than to get it.",
        "In joint meetings one speaks for both. Practised “I am not finished”.",
    ),
    "self-awareness": (
        "“Fine” four times. Used the list of feeling words; “let down” fitted.",
        "Kept the small log. The bad mood on Tuesdays has a name now.",
        "Could say what their own part in the row was before being asked.",
    ),
}

OPENINGS = (
    "On time, a little rushed.",
    "Came ten minutes late and said why.",
    "Tired after a week of early shifts.",
    "Brought the notes from the exercise.",
    "Began with the good news of the week.",
    "Quiet at first.",
    "By video, from the kitchen.",
    "Rain, wet coat, tea.",
)

CLOSINGS = (
    "Next: try it once before we meet, not more.",
    "Agreed to leave it at that for this week.",
    "Takes home one sentence.",
    "Wants to talk to the partner about it on Sunday.",
    "We look at the map together next time.",
    "No homework this week, on purpose.",
    "To come back to: the brother.",
)

CLIENT_WORDS = (
    "Mostly in the evenings.",
    "Better since we talked about it.",
    "Only when the family is here.",
    "I notice it sooner now.",
    "I don’t know how to put this one.",
    "Worst on Sunday.",
    "This is the one I would like to talk about.",
    "Less than last time, I think.",
)

SOMETHING_ELSE = (
    "We hardly sleep, with the baby.",
    "The dog is ill and we are both sad.",
    "The flat is too small for two people who work at home.",
)

EVENTS: dict[str, tuple[str, ...]] = {
    "illness": ("Operation on the knee, six weeks at home.", "Partner in hospital for a week.", ""),
    "grief": ("Grandmother died.", "A friend from school died suddenly.", ""),
    "birth": ("First child, a girl.", "Pregnancy, third month."),
    "work": ("Lost the job at the printer’s.", "New post with shifts.", "Contract ends in spring."),
    "move": ("Moved in together.", "Moved to a smaller flat."),
    "money": ("Rent went up.", "The car had to be replaced."),
    "family": ("Brother came back from abroad.", "Parents separate after forty years."),
    "apart": ("Three months on a building site abroad.", "Two weeks at a sister’s to think."),
    "other": ("Exams.", "A burglary next door."),
}

CONTACT_NOTES = ("Not on Fridays.", "Shared computer at home; private address only.", "Please no calls at work.")

RELATIONSHIPS = (
    "partner since 2016",
    "partner since 2019",
    "husband",
    "wife",
    "partner, living apart",
    "former partner",
    "",
)
TOGETHER = ("partner since 2012", "partner since 2018", "spouse", "partner, living apart")

CLOSING_NOTES = (
    "Ended by agreement after a last joint look at the map. Knows the way back.",
    "Work is done for now. Two sentences to keep are written on the card.",
    "Moved to another town; a colleague there was found together.",
)

FLAG_DONE = (
    "Spoke alone with the client before the session ended. Went through what would help tonight; client chose a next step. "
    "Joint sessions are paused.",
    "Called at the agreed hour. Client is with a relative; appointment on Thursday, alone.",
)


def session_note(random: Random, barriers: tuple[str, ...]) -> str:
    """A short note: how it began, one or two things that happened, what comes next."""
    middle = [
        random.choice(NOTES[code]) for code in random.sample(barriers, min(len(barriers), random.choice((1, 1, 2))))
    ]
    return " ".join([random.choice(OPENINGS), *middle, random.choice(CLOSINGS)])
