"""Invented people. Addresses end in ``.example``, which no mail server delivers to."""

import unicodedata
from dataclasses import dataclass
from random import Random

FIRST = [
    "Amara",
    "Tobias",
    "Ines",
    "Kofi",
    "Leila",
    "Marek",
    "Priya",
    "Jonas",
    "Noor",
    "Dario",
    "Hana",
    "Emeka",
    "Sofia",
    "Anton",
    "Mei",
    "Rafael",
    "Yara",
    "Oskar",
    "Zainab",
    "Luca",
    "Freya",
    "Idris",
    "Marta",
    "Kenji",
    "Aaliyah",
    "Pavel",
    "Rosa",
    "Theo",
    "Nadia",
    "Samuel",
    "Elif",
    "Viktor",
    "Chiara",
    "Malik",
    "Greta",
    "Andres",
    "Sana",
    "Felix",
    "Ifeoma",
    "Henrik",
    "Layla",
    "Mateo",
    "Anouk",
    "Bashir",
    "Clara",
    "Desmond",
    "Esra",
    "Finn",
    "Gabriela",
    "Hugo",
    "Imani",
    "Jakub",
    "Kaia",
    "Leon",
    "Miriam",
    "Nils",
    "Olive",
    "Petra",
    "Quinn",
    "Rohan",
    "Selma",
    "Tariq",
    "Uma",
    "Vera",
    "Wren",
    "Xavier",
    "Ylva",
    "Zoran",
    "Beatriz",
    "Caleb",
    "Dalia",
    "Elias",
    "Farah",
    "Goran",
    "Helena",
    "Isaac",
    "Juno",
    "Karim",
    "Lena",
    "Moses",
    "Nina",
    "Omar",
    "Pia",
    "Ravi",
    "Stella",
    "Tomas",
    "Ursula",
    "Victor",
    "Willa",
    "Yusuf",
]

LAST = [
    "Achterberg",
    "Adeyemi",
    "Almeida",
    "Baptiste",
    "Bergström",
    "Bianchi",
    "Brandt",
    "Castellanos",
    "Chandra",
    "Cho",
    "Dahl",
    "Dankworth",
    "Diallo",
    "Eriksen",
    "Farouk",
    "Ferreira",
    "Fontaine",
    "Gallagher",
    "Grünwald",
    "Haddad",
    "Hashimoto",
    "Hoffmann",
    "Ibarra",
    "Iyer",
    "Jansen",
    "Jovanović",
    "Kaplan",
    "Karlsson",
    "Khoury",
    "Kowalski",
    "Lindqvist",
    "Lombardi",
    "Maddox",
    "Makinde",
    "Marchetti",
    "Mensah",
    "Moreau",
    "Nakamura",
    "Nasser",
    "Novak",
    "Oduya",
    "Okafor",
    "Olsen",
    "Ortega",
    "Park",
    "Pereira",
    "Petrov",
    "Quist",
    "Rahman",
    "Reyes",
    "Rosenthal",
    "Saarinen",
    "Salazar",
    "Santoro",
    "Schmitz",
    "Sharma",
    "Silva",
    "Sørensen",
    "Takeda",
    "Tanaka",
    "Torres",
    "Ueda",
    "Vance",
    "Vargas",
    "Vega",
    "Verhoeven",
    "Vogel",
    "Wallace",
    "Weiss",
    "Whitlock",
    "Yamada",
    "Yilmaz",
    "Zapata",
    "Zielinski",
]

PRONOUNS = ("she/her", "he/him", "they/them", "", "", "she/her", "he/him")


@dataclass(frozen=True)
class Person:
    """An invented person."""

    first: str
    last: str
    pronouns: str

    @property
    def mailbox(self) -> str:
        text = unicodedata.normalize("NFKD", f"{self.first}.{self.last}".replace("ø", "o").replace("ł", "l"))
        return text.encode("ascii", "ignore").decode().lower() + "@clients.example"


def people(random: Random, count: int) -> list[Person]:
    """``count`` different people; past all combinations a number is added to the last name."""
    found: list[Person] = []
    used: set[tuple[str, str]] = set()
    while len(found) < count:
        first, last = random.choice(FIRST), random.choice(LAST)
        round_number = len(found) // (len(FIRST) * len(LAST) // 2)
        if round_number:
            last = f"{last} {round_number + 1}"
        if (first, last) in used:
            continue
        used.add((first, last))
        found.append(Person(first, last, random.choice(PRONOUNS)))
    return found
