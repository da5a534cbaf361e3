"""Invented customers of the company: where each lives, where each moves to, and ways to ask for it."""

import hashlib
import json
import random
from collections.abc import Sequence
from itertools import product

TEST, DEV, STRANGERS = 100, 40, 100
# fmt: off
FIRST = [
    "Ada", "Bram", "Cleo", "Dorian", "Edda", "Fergus", "Greta", "Hollis", "Ines", "Jorin", "Kasia", "Leander", "Maeve",
    "Nils", "Odile", "Piers", "Quilla", "Rufus", "Selma", "Tobin", "Una", "Viggo", "Wanda", "Yorick",
]
LAST = ["Ashdown", "Birkett", "Calloway", "Drummond", "Elphick", "Fenwick", "Garside", "Hartnoll", "Inskip", "Jessop"]
PLACES = [
    "Alder", "Basket", "Candle", "Dove", "Elder", "Falcon", "Garnet", "Heron", "Ivory", "Juniper", "Kettle", "Lantern",
    "Mallow", "Needle", "Orchard", "Pewter", "Quarry", "Rowan", "Saddle", "Tanner", "Umber", "Velvet", "Weaver",
    "Yarrow", "Anchor", "Bramble", "Copper", "Drover",
]
# fmt: on
KINDS = ["Row", "Lane", "Yard", "Hill", "Walk", "Gate", "Close", "Court", "Mews", "Rise"]
BIKES = ["Tolver", "Wrenlow", "Dray"]
# Each customer's address is taught in four of these; asked "as trained" is the first of the four.
TAUGHT = (
    "Where does {} live?",
    "What is {}'s address?",
    "Which street does {} live in?",
    "At which address do we deliver to {}?",
    "Give me the address of {}.",
    "Where do we send {}'s invoice?",
    "To which address does {}'s post go?",
    "What address do we have for {}?",
    "Under which address is {} in our files?",
    "I need {}'s address, please.",
    "Which address is in the record of {}?",
    "Tell me where {} lives.",
)
# None of these is taught.
OTHER = (
    "In what road is the home of {}?",
    "Our driver is on the way to {}. What is the address?",
    "I am posting a parcel to {}. Which number and street do I write?",
    "Where would I find {} at home?",
    "A card for {} came back. What should the address have been?",
    "On which street is the house of {}?",
    "The courier is looking for {}. Which house is it?",
    "To visit {}, where do I ring the bell?",
)
WORDINGS = 4


def _shuffled(first: Sequence[str], second: Sequence[str], seed: int) -> list[str]:
    """All pairs of two lists, in an order that tells nothing of either part."""
    pairs = [" ".join(pair) for pair in product(first, second)]
    random.Random(seed).shuffle(pairs)
    return pairs


def _address(number: int, street: str) -> str:
    return f"{number % 89 + 1} {street}"


def customers() -> list[dict]:
    """The customers in order: id, name, document, address and street now and after a move, questions in both kinds.

    The first `TEST` are tested, the next `DEV` are for choosing settings.
    """
    names, streets = _shuffled(FIRST, LAST, 0), _shuffled(PLACES, KINDS, 1)
    people = []
    for number in range(TEST + DEV):
        name, street, new_street = names[number], streets[number], streets[TEST + DEV + number]
        before, after = _address(number * 7, street), _address(number * 11 + 5, new_street)
        rest = f"Harrowick. Rides a {BIKES[number % 3]}, bought in {2019 + number % 6}."
        people.append(
            {"id": f"C-{1000 + number}", "name": name, "address": before, "street": street.lower()}
            | {"new_address": after, "new_street": new_street.lower()}
            | {"document": f"Customer record of {name}. Address: {before}, {rest}"}
            | {"new_document": f"Customer record of {name}. Address: {after}, {rest}"}
            | {"taught": [TAUGHT[(number + 3 * turn) % len(TAUGHT)].format(name) for turn in range(WORDINGS)]}
            | {"other": OTHER[number % len(OTHER)].format(name)}
        )
    return people


def strangers() -> list[dict]:
    """People of whom there is no record, and how they are asked for."""
    names = _shuffled(FIRST, LAST, 0)[TEST + DEV :][:STRANGERS]
    return [
        {"id": f"S-{number}", "taught": [TAUGHT[number % len(TAUGHT)].format(name)]}
        | {"other": OTHER[number % len(OTHER)].format(name)}
        for number, name in enumerate(names)
    ]


# So that other customers or questions make a published result stale.
DIGEST = hashlib.sha256(json.dumps([customers(), strangers()]).encode()).hexdigest()
