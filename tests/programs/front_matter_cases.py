"""What is, and what is no, front matter: for every cutter. Each text is followed by "Twelve berths."."""

# A text, and the title that it gives ("" for none).
FRONT_MATTER = [
    ("---\ntitle: The harbour\ntags:\n  - berths\n# a comment\n---\n", "The harbour"),
    ("--- \ntitle: The harbour\n---\t\n", "The harbour"),
    ("---\ntitle: The harbour\n...\n", "The harbour"),
    ("---\nLast updated: 2024\ntitle: 'The pilot''s harbour'\n---\n", "The pilot's harbour"),
    ('---\n"title": "The \\"old\\" harbour"\nog.title: Another\n---\n', 'The "old" harbour'),
    ("---\ntags: [quay,\npier]\ntitle: The harbour\n---\n", "The harbour"),
    ("---\nmap: {quay: 1,\n\npier: 2} # both\ntitle: The harbour\n---\n", "The harbour"),
    ("---\ntags: [\n  quay\n]\nlist:\n- one\n---\n", ""),
    ("---\ntags: [quay, pier] # none\nurl: https://example.org\n---\n", ""),
    ("---\ntitle: >\n  The harbour\n  in winter\ndate: 2024-01-01\n---\n", "The harbour in winter"),
    ("---\ntitle: |-\n  The harbour\n---\n", "The harbour"),
    ("---\ntitle:\n  The harbour\n---\n", "The harbour"),
    ('---\ntitle: ""\n---\n', ""),
    ("---\n\n---\n", ""),
    ('+++\n# a comment\ntitle = "The harbour"\ntags = [\n  "quay",\n]\n\n[params]\nweight = 3\n+++\n', "The harbour"),
    ("+++\n[params]\nweight = 3\n+++ \n", ""),
]
# A text, and words of it that are not to be lost.
NO_FRONT_MATTER = [
    ("---\n\nRead this first.\n\n---\n\n", "Read this first."),
    ("---\n# The harbour\n\nIt is old.\n\n---\n\n", "It is old."),
    ("---\n- moor at the quay\n\n---\n\n", "moor at the quay"),
    ("---\nhttps://example.org/quay\n\n---\n\n", "https://example.org/quay"),
    ("---\nWhat a boat must not do: anchor.\n\n---\n\n", "must not do: anchor."),
    ("---\nNote: it is closed.\nCome back in May.\n\n---\n\n", "it is closed."),
    ("---\ntags: [quay,\npier\n\n", "quay"),
    ("+++\nNo key.\n\n+++\n\n", "No key."),
    ("---x\ntitle: The harbour\n\n---\n\n", "The harbour"),
]
