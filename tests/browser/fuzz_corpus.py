r"""What people and programs put into a field or an address that nobody meant them to.

    from tests.browser.fuzz_corpus import FIRED, fuzz_inputs, fuzz_queries

`fuzz_inputs()` gives at least 200 strings, each once, always in the same order: script payloads, markup, a megabyte
of text, emoji, right-to-left writing, lone surrogates, null bytes, numbers in every dress, names of an object's own
properties. `fuzz_queries(names)` puts them into an address: each into one parameter (the names take turns), then
whole query strings that are malformed. Every payload that runs sets `window.fuzzed`, so that a test asks

    assert page.evaluate(FIRED) is None

and, after a moment, that no error was thrown. Lone surrogates survive `page.evaluate(script, text)`, whose JSON escapes
them; a query string cannot hold one, so there they are percent-encoded as broken UTF-8.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

FIRED = "() => window.fuzzed ?? null"
# What only a program says: a tool that shows one of these has let something through.
BAD_WORDS = re.compile(r"NaN|Infinity|undefined|\[object|null\b")
VISIT = """async queries => {
  for (const query of queries) {
    history.replaceState(history.state, "", `?${query}`)
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
    await new Promise(done => setTimeout(done, 0))
  }
}"""
CALL = "window.fuzzed=1"

SCRIPTS = [
    f"<script>{CALL}</script>",
    f"</script><script>{CALL}</script>",
    f"<ScRiPt>{CALL}</sCrIpT>",
    f"<script\x20type='text/javascript'>{CALL};</script>",
    f"<script src=data:text/javascript,{CALL}></script>",
    f"<script type=module>{CALL}</script>",
    f"<img src=x onerror={CALL}>",
    f'<img src="x" onerror="{CALL}">',
    f"<img/src=x/onerror={CALL}>",
    f"<svg onload={CALL}>",
    f"<svg/onload={CALL}//",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
    f"<svg><set onbegin={CALL} attributeName=x to=0>",
    f"<body onload={CALL}>",
    f"<iframe srcdoc='<script>parent.{CALL}</script>'></iframe>",
    f"<iframe src='javascript:parent.{CALL}'></iframe>",
    f"<object data='javascript:{CALL}'></object>",
    f"<embed src='javascript:{CALL}'>",
    f"<details open ontoggle={CALL}>",
    f"<input autofocus onfocus={CALL}>",
    f"<select autofocus onfocus={CALL}></select>",
    f"<textarea autofocus onfocus={CALL}></textarea>",
    f"<video><source onerror={CALL}></video>",
    f"<audio src=x onerror={CALL}></audio>",
    f"<marquee onstart={CALL}></marquee>",
    f"<a href='javascript:{CALL}'>click</a>",
    f"<a href='java\tscript:{CALL}'>click</a>",
    f"<a href='&#106;avascript:{CALL}'>click</a>",
    f"<form action='javascript:{CALL}'><button>go</button></form>",
    f"<button formaction='javascript:{CALL}'>go</button>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={CALL}>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
    f"<template><script>{CALL}</script></template>",
    f"<style>@import 'javascript:{CALL}';</style>",
    f"<link rel=stylesheet href='javascript:{CALL}'>",
    f"<base href='javascript:{CALL}//'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CALL}'>",
    f"<x onmouseover={CALL} style='position:fixed;inset:0'>x</x>",
    f"<x tabindex=1 onfocus={CALL} id=x></x>#x",
    f'" onfocus="{CALL}" autofocus="',
    f"' onfocus='{CALL}' autofocus='",
    f'"><script>{CALL}</script>',
    f"'><img src=x onerror={CALL}>",
    f"--><script>{CALL}</script><!--",
    f"]]><script>{CALL}</script>",
    f"</textarea><script>{CALL}</script>",
    f"</title><script>{CALL}</script>",
    f"</style><script>{CALL}</script>",
    f"javascript:{CALL}",
    f"JaVaScRiPt:{CALL}//",
    f"data:text/html,<script>{CALL}</script>",
    f"vbscript:{CALL}",
    f"${{{CALL}}}",
    f"`${{{CALL}}}`",
    f"{{{{{CALL}}}}}",
    f"{{{{constructor.constructor('{CALL}')()}}}}",
    f"';{CALL};'",
    f'";{CALL};"',
    f"\\';{CALL};//",
    f"');{CALL};//",
    f"*/{CALL}/*",
    f"\u2028{CALL}\u2029",
    f"eval('{CALL}')",
    f"[](javascript:{CALL})",
    f'![x](x"onerror="{CALL})',
    f"[click](javascript:{CALL} 'title')",
    f"<javascript:{CALL}>",
    f"&lt;script&gt;{CALL}&lt;/script&gt;",
    f"%3Cscript%3E{CALL}%3C/script%3E",
    f"\\u003cscript\\u003e{CALL}\\u003c/script\\u003e",
    f"\uff1cscript\uff1e{CALL}\uff1c/script\uff1e",
    f"<\x00script>{CALL}</script>",
    f"<scr\x00ipt>{CALL}</scr\x00ipt>",
    f"+ADw-script+AD4-{CALL}+ADw-/script+AD4-",
]

MARKUP = [
    "<", ">", "&", "&&&&", '"', "'", "`", "<>", "</>", "<b>bold</b>", "<h1>huge</h1>", "<p>", "</div></div></main>",
    "<!-- open", "<!DOCTYPE html>", "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    "&nbsp;&#x3c;&#60;&lt", "<style>*{display:none!important}</style>", "<plaintext>", "<xmp>", "<textarea>",
    "<table><tr><td>", "</body></html>", "# heading", "| a | b |\n|---|---|", "```\ncode", "---\ntitle: x\n---",
    "[link](https://example.invalid)", "- [ ] task", "::: note", "--8<-- \"secret\"", "{% raw %}", "{{ config }}",
    "<div id=__config></div>", "<img name=body>", "<form id=document><input name=cookie>", "<a id=location>",
]  # fmt: skip

PROTOTYPE = [
    "__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "toJSON",
    "__defineGetter__", "__lookupSetter__", "constructor.prototype", "__proto__[polluted]", "__proto__.polluted",
    '{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', "length", "then", "name",
    "document", "window", "arguments", "undefined", "null", "NaN", "true", "false", "[object Object]", "function(){}",
    "fuzzed",
]  # fmt: skip

NUMBERS = [
    "0", "-0", "-1", "+1", "1e308", "1e309", "-1e309", "1e-400", "5e-324", "1.7976931348623157e308", "Infinity",
    "-Infinity", "NaN", "9007199254740993", "18446744073709551616", "9" * 400, "0." + "0" * 400 + "1", "0x10", "0b11",
    "0o17", "1_000", "1,000", "1.000,50", "1 000,50", "1\u00a0000,50", "1\u202f000,50", "1'000.50", "1,5", ",5", ".5",
    "5.", "..5", "1.2.3", "1e", "e5", "1e+", "--1", "+-1", "1-", "1/3", "50%", "1k", "1 million", "$5", "5 €", "£1,000",
    "twelve", "\u0661\u0662\u0663", "\uff11\uff12\uff13", "\u096a\u0968", "\u00bd", "\u2460", "\u221e", "\u22121",
    "\u20131", "1\u0000", "\u200b1", "1\u200f", " 1 ", "\t1\n", "1 2", "1;2", "Inf", "1n", "=1+1", "=cmd|' /C calc'!A0",
    "@SUM(1)", "2026-02-30", "00000001", "1" + "0" * 308, "-" + "9" * 309,
]  # fmt: skip

WRITING = [
    "", " ", "\u00a0", "\u3000", "\t", "\n", "\r\n\r\n", "\u200b\u200b", "\ufeff", "\u2060", "\u00ad", "\x00",
    "a\x00b", "\x01\x02\x03\x07\x08\x1b", "\x1b[31mred\x1b[0m", "\x7f", "\x85", "\ufffe\uffff", "\ufffd",
    "\U0001f600", "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1ec\U0001f1e7",
    "\U0001f44d\U0001f3fd" * 500, "\u2764\ufe0f", "e\u0301", "Z" + "\u0351\u036b\u0321" * 300, "\ufb01\u017f\u1e9e",
    "\u0130\u0131", "stra\u00dfe", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627 123",
    "\u202eevil\u202c", "\u2066\u2067\u2068isolates", "abc\u200fdef\u200e", "\u0627" * 2000, "\u4f60\u597d\u4e16\u754c",
    "\u0e17\u0e14\u0e2a\u0e2d\u0e1a", "\u1100\u1161\u11a8", "\U00020000\U0002a6d6", "\U0001d4d7\U0001d4ee",
    "\ud800", "\udc00", "\udc00\ud800", "a\ud83db", "\ud83d", "<\ud800script>", "\udfff" * 50, "\U0010ffff",
    "\ue000\uf8ff", "\ufdfd" * 200, "\u2028", "\u2029", "line\u2028separator",
]  # fmt: skip

FORMATS = [
    "{}", "[]", "[[[[", '{"a":', '"', "'; DROP TABLE answers; --", "1 OR 1=1", "../../etc/passwd", "..\\..\\x",
    "file:///etc/passwd", "https://example.invalid/", "//example.invalid/x.js", "blob:null/0", "%", "%%", "%00",
    "%0d%0aX:1", "%E0%A4%A", "%ff%fe", "%u0041", "+", "a+b", "a&b=c", "a=b=c", "?", "#", "#c12", "?a#b", ";", "$(id)",
    "`id`", "%s%n", "{0}", "${7*7}", "{{7*7}}", "(a+)+$", "^(a|a)*$", "\\", "\\\\", "\\u0000", "\\x", "/*", "//", "CON",
    "-rf", "--help",
]  # fmt: skip

LONG = [
    "x" * 1_000_000,
    "word " * 200_000,
    "9" * 1_000_000,
    "<" * 1_000_000,
    "\U0001f600" * 250_000,
    "\n" * 100_000,
    "(" * 100_000,
    "aaaaaaaaaa!" * 5_000,
    "no. " * 50_000,
    "\ud800" * 10_000,
]

QUERIES = [
    "%", "%%%", "&&&", "====", "?", "=", "&=&=", "a", "=a", "__proto__=1", "__proto__[x]=1", "constructor=1",
    "constructor[prototype][x]=1", "%00=%00", "%ff=%ff", "%ED%A0%80=%ED%B0%80", "a=%E0%A4%A", "utm_source=x&fbclid=y",
    "a=1&a=2&a=3", "q=" + "&q=".join(map(str, range(2000))), "+=+", "%20", "%3Cscript%3Ewindow.fuzzed=1%3C/script%3E",
    ";;;", "a;b;c", "a[]=1", "a[b][c]=1", "%F0%9F%98%80=%F0%9F%98%80", "\u202ex", "x" * 6000,
]  # fmt: skip


def fuzz_inputs(longest: int | None = None) -> list[str]:
    """Every input, each once; with `longest`, only those of at most so many characters."""
    every = [*SCRIPTS, *MARKUP, *PROTOTYPE, *NUMBERS, *WRITING, *FORMATS, *LONG]
    return [text for text in dict.fromkeys(every) if longest is None or len(text) <= longest]


def fuzz_queries(names: Iterable[str], longest: int = 6000) -> list[str]:
    """Query strings without their `?`: each input in one of the named parameters, then malformed ones."""
    names = list(names)
    values = (quote(text, safe="", errors="surrogatepass") for text in fuzz_inputs(longest))
    filled = [f"{names[index % len(names)]}={value[: 3 * longest]}" for index, value in enumerate(values)]
    return [*filled, *(f"{name}=" for name in names), *names, *QUERIES]


def visit(page, queries: list[str]) -> None:
    """Go from query to query within a page, as Back and Forward do."""
    page.evaluate(VISIT, queries)


assert len(fuzz_inputs()) >= 200, "The tests ask for at least 200 inputs."
