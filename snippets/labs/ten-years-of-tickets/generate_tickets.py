"""Write tickets.jsonl, the archive of an invented company with all its faults, and new_questions.jsonl, to test with.

A ticket's field `truth` and a question's `value` and `values` are for judging only: no archive has them. Names and
addresses are made up, telephone numbers are from ranges kept free for fiction, and no card's number begins with 9.
Takes the folder to write to; needs topics.toml beside it, and nothing that does not come with Python 3.11.
"""

import json
import random
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

SEED, TODAY = 20260518, date(2026, 5, 18)
PER_YEAR = {
    2017: 120,
    2018: 200,
    2019: 300,
    2020: 480,
    2021: 520,
    2022: 520,
    2023: 500,
    2024: 520,
    2025: 560,
    2026: 280,
}
ERAS = [date(2017, 1, 1), date(2020, 1, 1), date(2024, 1, 1)]  # founders, call centre, house style
FIRST = [
    "Maureen",
    "Dev",
    "Ottilie",
    "Piers",
    "Ximena",
    "Gwilym",
    "Fatou",
    "Henk",
    "Rosalind",
    "Tomasz",
    "Iseult",
    "Kwame",
]
LAST = [
    "Okafor",
    "Lindqvist",
    "Parrish",
    "Whitcombe",
    "Adeyemi",
    "Brandt",
    "Cazalet",
    "Dunmore",
    "Eastlake",
    "Fenn",
    "Ives",
]
STREETS = ["Glebe Lane", "Ferrymans Row", "Bellfounder Street", "Quay Steps", "Long Meadow Road", "Saddlers Hill"]
STAFF = [
    ["Tam", "Isolde", "Bo"],
    ["Petra Lund", "Julian Marsh", "Cora Selwyn"],
    ["Odell Finch", "Hollis Brook", "Ana Vane"],
]
OPEN = ["", "Hi, ", "Hello, ", "Dear Sir or Madam, ", "Good morning. ", "hi there, "]
FOREIGN = [
    "Guten Tag, mein Rad kommt nicht. {name}",
    "Bonjour, mon guidon est de travers. Merci, {name}",
    "Goedemiddag, mijn display blijft zwart. Groeten, {name}",
]
GENERIC = [  # replies to a concern before there was a house style
    [
        "Oh no, that's rubbish! I'll have a word with the lads right now :)",
        "Ouch! Leave it with me, I'll sort it out!!",
    ],
    [
        "Your comments have been forwarded to the relevant department for review.",
        "Please be advised that your case has been logged and will be processed in due course.",
    ],
]
rng = random.Random(SEED)


def pick(options):
    return options[rng.randrange(len(options))]


class Person:
    """A customer, and what is personal about them in the many forms in which people write it."""

    def __init__(self):
        """Invent a name and an e-mail address."""
        self.first, self.last = pick(FIRST), pick(LAST)
        self.name = f"{self.first} {self.last}"
        address = f"{self.first}{pick(['.', '_', ''])}{self.last}{pick(['', '77'])}@{pick(['mail', 'post'])}.example"
        self.email = address.lower()

    def names(self):
        """Both names, as the truth has them."""
        return [("name", self.first), ("name", self.last)]

    def phone(self):
        """A telephone number, now and then in words."""
        area, rest = pick([("1632", f"960{rng.randrange(1000):03}"), ("7700", f"900{rng.randrange(1000):03}")])
        if rng.random() < 0.05:
            return f"oh {area[0]} {area[1:]}, then {' '.join(rest[:3])}, then {' '.join(rest[3:])}"
        apart = f"{rest[:3]} {rest[3:]}"
        return pick(
            [f"0{area} {rest}", f"0{area}{rest}", f"+44 {area} {apart}", f"(0{area}) {apart.replace(' ', '-')}"]
        )

    def card(self):
        """Something like a payment card's number, now and then half told."""
        parts = [f"9{rng.randrange(1000):03}", *(f"{rng.randrange(10000):04}" for _ in range(3))]
        if rng.random() < 0.06:
            return f"{parts[0]} and so on up to {parts[3]}"
        return pick([" ", "-", ""]).join(parts)

    def details(self):
        """A sentence with something personal in it, and what that is."""
        order, email = rng.randrange(100000, 999999), self.email
        if rng.random() < 0.08:
            email = email.replace("@", " at ").replace(".", " dot ")
        street, code = pick(STREETS), f"HK{rng.randrange(1, 9)}{pick([' ', ' ', ''])}{rng.randrange(1, 9)}"
        code += pick(["QT", "BD", "LW"])
        house = f"{rng.randrange(1, 90)} {street}"
        bakery = f"the flat above the bakery on {street}"
        phone, card, other = self.phone(), self.card(), pick([one for one in FIRST if one != self.first])
        order = pick([f"VB-{order}", f"VB-{order}", f"vb{order}", f"#{order}", f"{order // 1000} {order % 1000:03}"])
        if rng.random() < 0.15:
            code = code.lower()
        return pick(
            [
                (f"My order is {order}.", [("order", order)]),
                (f"Order number {order}.", [("order", order)]),
                (f"You can ring me on {phone}.", [("phone", phone)]),
                (f"Best to call {phone} after six.", [("phone", phone)]),
                (f"Write to {email} please.", [("email", email)]),
                (f"I paid with {card}.", [("card", card)]),
                (f"I live at {house}, Harrowick {code}.", [("street", house), ("postcode", code)]),
                (f"Deliver to {house} {code}.", [("street", house), ("postcode", code)]),
                pick(
                    [
                        (f"I live in {bakery}.", [("street", street)]),
                        (f"The bike is for my partner {other}.", [("other name", other)]),
                        (f"{other} next door has the same one.", [("other name", other)]),
                    ]
                ),
                (f"My name is {self.name}.", self.names()),
            ]
        )


def misspell(text):
    """Swap or drop a letter somewhere in the text."""
    at = rng.randrange(1, len(text) - 2)
    return text[:at] + pick([text[at + 1] + text[at] + text[at + 2 :], text[at + 1 :]])


def message_from(person, core):
    """A message as it reaches the inbox, and what is personal in it."""
    personal, parts = [], [misspell(core) if rng.random() < 0.15 else core]
    for _ in range(pick([0, 0, 1, 1, 1, 2])):
        sentence, found = person.details()
        parts.append(sentence)
        personal += found
    kind = "name"
    if rng.random() < 0.06:
        person, kind = Person(), "other name"  # somebody else writes from this customer's account
    endings = [("", ""), ("Thanks, ", person.first), ("Regards, ", person.name), ("", person.first)]
    thanks, name = pick([*endings, ("thanks ", person.first.lower())])
    signed = thanks + name
    personal += [(kind, word) for word in name.split()]
    return (pick(OPEN) + " ".join(parts) + " " + signed).strip(), personal


def era_of(day):
    """Which hand wrote on that day; the new style takes a few months to settle."""
    day += timedelta(days=rng.gauss(0, 60))
    return max(index for index, start in enumerate(ERAS) if index == 0 or start <= day)


def reply_from(era, person, agent, content):
    """The content in the style of its years, and what is personal in it."""
    if era == 0:
        hello = pick(["Hiya {}! ", "Hey {} :) ", "Morning {}!! Sorry for the wait! "]).format(person.first)
        bye = pick([" Cheers, ", " Shout if I can help! "])
        return hello + content + bye + agent, [("name", person.first), ("name", agent)]
    if era == 1:
        text = (
            f"Dear {person.name}, Thank you for contacting Velmora Bikes. We apologise for any inconvenience. "
            f"{content} Please do not hesitate to contact us again. Kind regards, {agent}"
        )
        return text, [*person.names(), *(("name", word) for word in agent.split())]
    slips = [
        "Hello {first}. {c} Ride well.",
        "Hello from Harrowick. I'm sorry! {c} Ride well.",
        "Hello from Harrowick. {c}",
    ]
    if rng.random() < 0.25:
        text = pick(slips).format(first=person.first, c=content)
        return text, [("name", person.first)] if person.first in text else []
    return f"Hello from Harrowick. {content} Ride well.", []


def value_on(fact, day, slow=True):
    """What was true that day, or, within three months of a change, what a slow adviser still believed."""
    held = [(date.fromisoformat(start), value) for start, value in fact["values"].items()]
    known = [one for one in held if one[0] <= day]
    late = slow and len(known) > 1 and (day - known[-1][0]).days < 90 and rng.random() < 0.25
    return known[-2 if late else -1][1] if known else None


def ticket_on(day, facts, concerns):
    """One ticket of that day; its kind and everything in it are drawn."""
    person, era, kind = Person(), era_of(day), rng.random()
    agent, status, truth = pick(STAFF[era]), "solved", {"kind": "noise", "topic": "", "value": ""}
    open_facts = [one for one in facts if value_on(one, day, False) and day <= one.get("until", TODAY)]
    fact = rng.choices(open_facts, [one.get("weight", 1) for one in open_facts])[0]
    concern = pick(concerns)
    if kind < 0.55:
        message, personal = message_from(person, pick(fact["asked"]))
        value = value_on(fact, day)
        content = fact["reply"].format(v=value)
        truth = {"kind": "fact", "topic": fact["topic"], "value": value}
        if "exception" in fact and rng.random() < 0.04:
            content, truth["value"] = fact["exception"], "exception"
        reply, more = reply_from(era, person, agent, content)
    elif kind < 0.88:
        message, personal = message_from(person, pick(concern["asked"]))
        reply, more = reply_from(era, person, agent, concern["house"] if era == 2 else pick(GENERIC[era]))
        truth["kind"] = "concern"
    elif kind < 0.9:
        message, personal = pick(FOREIGN).format(name=person.first), [("name", person.first)]
        reply, more = "", []
    else:
        message, personal = message_from(person, pick([pick(fact["asked"]), pick(concern["asked"])]))
        reply, more = pick(
            [("", []), ("see above", []), ("Automatic reply: we are out of the office.", []), ("done", [])]
        )
    if truth["kind"] != "noise" and rng.random() < 0.05:
        status, reply, more = "escalated", "Passed on to the team lead.", []
        truth["value"] = ""
    return {
        "date": day.isoformat(),
        "customer": {"name": person.name, "email": person.email},
        "agent": agent,
        "message": message,
        "reply": reply,
        "status": status,
        "truth": truth | {"personal": {"message": personal, "reply": more}},
    }


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Name the folder to write to, which must exist: python generate_tickets.py some-folder")
    try:
        known = tomllib.loads(Path(__file__).with_name("topics.toml").read_text(encoding="utf-8"))
        facts, concerns = known["fact"], known["concern"]
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"Cannot use topics.toml ({error!r}): download it from the lab's page and save it beside the program.")
    tickets = []
    for year, count in PER_YEAR.items():
        last = min(date(year, 12, 31), TODAY - timedelta(days=1))
        days = sorted(rng.randrange((last - date(year, 1, 1)).days + 1) for _ in range(count))
        tickets += [ticket_on(date(year, 1, 1) + timedelta(days=day), facts, concerns) for day in days]
    questions = []
    for split in ("dev", "test"):
        for fact in facts:
            values = list(fact["values"].values())
            about = {"split": split, "topic": fact["topic"], "value": values[-1], "values": values}
            questions += [about | {"question": text} for text in fact[split]]
    for name, rows in (("tickets", tickets), ("new_questions", questions)):
        lines = [json.dumps({"id": f"{name[0]}{n:04}"} | row, ensure_ascii=False) for n, row in enumerate(rows, 1)]
        Path(sys.argv[1], f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}.jsonl: {len(lines)} lines")


if __name__ == "__main__":
    main()
