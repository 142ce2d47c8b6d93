"""Web pages that no program should have made."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping

WORDS = "The council was judged to be good."
ARTICLE = f"<h1>Council praised</h1><p>{WORDS} Inspectors praised its social workers for all that they had done.</p>"


def page(body: str, head: str = "", *, article: str = ARTICLE) -> bytes:
    """A sound page with this in its body, before the article, and in its head."""
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}{article}</body></html>".encode()


def nested(tag: str, times: int, inner: str = "", end: bool = True) -> bytes:
    """The article within so many elements."""
    return page(f"<{tag}>" * times, article=f"{inner}{ARTICLE}" + (f"</{tag.split()[0]}>" * times if end else ""))


def styled(css: str, body: str = "") -> bytes:
    """The page with this style sheet."""
    return page(body, f"<style>{css}</style>")


def xhtml(doctype: str, body: str = "") -> bytes:
    """A page in XML with this document type."""
    return f'<?xml version="1.0"?><!DOCTYPE html {doctype}><html><body>{body}{ARTICLE}</body></html>'.encode()


LAUGHS = "".join(f'<!ENTITY l{at} "' + f"&l{at - 1};" * 10 + '">' for at in range(1, 10))

CASES: Mapping[str, Callable[[str], bytes]] = {
    # Nesting and number
    "divs-100000-deep": lambda _: nested("div", 100_000),
    "divs-100000-deep-never-closed": lambda _: nested("div", 100_000, end=False),
    "divs-200-deep": lambda _: nested("div", 200),
    "letters-bold-100000-deep": lambda _: nested("b", 100_000),
    "fonts-never-closed": lambda _: page("<p><font color=red><b><i>a" * 20_000),
    "lists-10000-deep": lambda _: nested("ul><li", 10_000, end=False),
    "tables-1000-deep": lambda _: nested("table><tr><td", 1000, end=False),
    "tables-100000-cells": lambda _: page("<table>" + ("<tr>" + "<td>good</td>" * 10 + "</tr>") * 10_000 + "</table>"),
    "table-spans-billions": lambda _: page(
        "<table><tr><td colspan=2147483647 rowspan=2147483647>good</td><td>a</td></tr></table>"
    ),
    "quotes-5000-deep": lambda _: nested("blockquote", 5000),
    "forms-5000-deep": lambda _: nested("form", 5000),
    "drawings-5000-deep": lambda _: nested("svg><g", 5000, end=False),
    "attributes-a-million": lambda _: page("<p " + " ".join(f"a{at}=1" for at in range(600_000)) + ">a</p>"),
    "attribute-of-5-megabytes": lambda _: page(f"<p title='{'good ' * 1_000_000}'>a</p>"),
    "classes-a-million": lambda _: styled(".a{color:red}", f"<p class='{'a ' * 1_000_000}'>a</p>"),
    "paragraphs-200000": lambda _: page("<p>good</p>" * 200_000),
    "lines-100000": lambda _: page("<p>" + "good<br>" * 100_000 + "</p>"),
    "links-100000": lambda _: page("<a href=x>good</a>" * 100_000),
    "entries-100000": lambda _: page(f"<ul>{'<li>good' * 100_000}</ul>"),
    "breaks-a-million": lambda _: page("<br>" * 1_000_000),
    "tags-unknown-100000": lambda _: page("".join(f"<x{at}>a</x{at}>" for at in range(50_000))),
    "one-line-of-9-megabytes": lambda _: page("<p>" + "good " * 1_800_000 + "</p>"),
    "one-word-of-9-megabytes": lambda _: page("<p>" + "g" * 9_000_000 + "</p>"),
    "one-line-of-11-megabytes": lambda _: page("<p>" + "good " * 2_200_000 + "</p>"),
    "digits-of-9-megabytes": lambda _: page("<p>" + "7" * 9_000_000 + "</p>"),
    # What is left open
    "tags-never-closed": lambda _: page("<p><b><i><td><li><a href='" * 10_000),
    "comment-never-closed": lambda _: page("<!-- a " * 100_000),
    "comments-empty": lambda _: b"<!---->" * 1100 + page(""),
    "comments-empty-and-no-page": lambda _: b"<!---->" * 1100 + b"Good.",
    "comments-half": lambda _: page("<!--" * 200_000 + "-" * 200_000),
    "script-never-closed": lambda _: page("", article=ARTICLE + "<script>" + "</scrip" * 100_000),
    "style-never-closed": lambda _: page("", article=ARTICLE + "<style>" + "a{" * 100_000),
    "title-never-closed": lambda _: page("", "<title>" + "a" * 100_000),
    "brackets-only": lambda _: page("<" * 1_000_000),
    "quote-never-closed": lambda _: page("<p title='", article=ARTICLE),
    "data-section": lambda _: page("<![CDATA[" * 1000),
    "instructions": lambda _: page("<?php while(true); ?>" * 10_000),
    # Entities
    "references-500000": lambda _: page("<p>" + "&amp;&#39;" * 500_000 + "</p>"),
    "references-to-half-characters": lambda _: page("<p>&#xD800;&#xDFFF;&#0;&#x110000;&#99999999999;good</p>"),
    "entities-that-multiply": lambda _: xhtml(f'[<!ENTITY l0 "good">{LAUGHS}]', "<p>&l9;</p>"),
    "entity-of-a-file": lambda _: xhtml('[<!ENTITY x SYSTEM "canary.txt">]', "<p>&x;</p>"),
    "entity-of-the-system": lambda _: xhtml('[<!ENTITY x SYSTEM "file:///etc/passwd">]', "<p>&x;</p>"),
    "entity-of-an-address": lambda out: xhtml(f'[<!ENTITY x SYSTEM "{out}">]', "<p>&x;</p>"),
    "entity-in-a-parameter": lambda out: xhtml(f'[<!ENTITY % x SYSTEM "{out}">%x;]'),
    "document-type-elsewhere": lambda out: xhtml(f'SYSTEM "{out}"'),
    "included-in-xml": lambda _: xhtml(
        "", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="canary.txt" parse="text"/>'
    ),
    # What a browser would fetch, run or follow
    "leads-elsewhere": lambda out: page("", f"<meta http-equiv=refresh content='0;url={out}'><base href='{out}'>"),
    "styles-elsewhere": lambda out: page("", f"<link rel=stylesheet href={out}><style>@import '{out}';</style>"),
    "pictures-elsewhere": lambda out: page(f"<img src={out}><video src={out}></video><object data={out}></object>"),
    "data-in-addresses": lambda _: page(
        f"<img src='data:image/png;base64,{'A' * 3_000_000}'><iframe src='data:text/html,<p>bad'></iframe>"
    ),
    "frames": lambda out: f"<html><head></head><frameset><frame src={out}><noframes>{WORDS}</noframes></html>".encode(),
    "frame-with-its-page": lambda _: page("<iframe srcdoc='<p>inadequate</p>'></iframe>"),
    "script-noscript-template": lambda _: page(
        "<script>document.write('inadequate')</script><noscript>inadequate</noscript><template>inadequate</template>"
    ),
    "scripts-100000": lambda _: page("<script>inadequate</script>" * 100_000),
    "data-linked-10000-deep": lambda _: page("", f"<script type='application/ld+json'>{'[' * 10_000}</script>"),
    "data-linked-with-long-number": lambda _: page(
        "", f"<script type='application/ld+json'>{{'a': {'9' * 100_000}}}</script>".replace("'a'", '"a"')
    ),
    "dates-100000": lambda _: page("", "<meta name=date content=2024-01-01>" * 100_000),
    # Styles
    "rules-100000": lambda _: styled("".join(f".c{at}{{color:red}}" for at in range(100_000)), "<p class=c9>a</p>"),
    "rules-of-one-class": lambda _: styled(
        ".a{display:none}" * 20_000, "".join(f"<p id=i{at} class=a>a</p>" for at in range(2000))
    ),
    "rules-of-every-element": lambda _: styled(
        "*{color:red}" * 5000, "".join(f"<p id=i{at}>a</p>" for at in range(5000))
    ),
    "selectors-100000-in-a-list": lambda _: styled(",".join(f"p.c{at}" for at in range(100_000)) + "{color:red}"),
    "selector-of-100000-classes": lambda _: styled(".a" * 100_000 + "{color:red}", "<p class=a>a</p>"),
    "selector-that-nearly-fits": lambda _: styled("a" + ".a#b" * 50_000 + "!{color:red}"),
    "blocks-10000-deep": lambda _: styled("@media screen{" * 10_000 + "p{color:red}"),
    "blocks-never-closed": lambda _: styled("a{" * 200_000),
    "blocks-closed-only": lambda _: styled("}" * 200_000 + "{" * 10),
    "comments-of-styles-half": lambda _: styled("/*" * 200_000),
    "declarations-100000": lambda _: styled("p{" + "color:red;" * 100_000 + "}", "<p>a</p>" * 100),
    "hidden-and-shown-again-in-each-other": lambda _: page(
        "<div style='visibility:hidden'>" * 200 + "<b style='visibility:visible'>a</b>" * 10_000 + "</div>" * 200
    ),
    "importance-without-end": lambda _: styled("p{color:red" + " !" * 100_000 + "}"),
    "colour-without-end": lambda _: page(f"<p style='color:rgb({'9' * 10_000},{'9 ' * 100_000}'>a</p>"),
    "size-without-end": lambda _: page(f"<p style='font-size:{'9' * 100_000}px;opacity:{'0' * 100_000}'>a</p>"),
    # Encodings
    "declares-utf-16-and-is-not": lambda _: page("", "<meta charset=utf-16>"),
    "declares-utf-7": lambda _: page("<p>+ADw-script+AD4-</p>", "<meta charset=utf-7>"),
    "declares-several": lambda _: page("", "<meta charset=koi8-r><meta charset=utf-8><meta charset=iso-8859-7>"),
    "declares-nonsense": lambda _: page("", "<meta charset=rot13><meta charset=zlib_codec>"),
    "declares-without-end": lambda _: page("", "<meta charset=" + " " * 4000),
    "utf-16-without-a-mark": lambda _: page("").decode().encode("utf-16-le"),
    "utf-16-with-a-mark": lambda _: codecs.BOM_UTF16_LE + page("").decode().encode("utf-16-le"),
    "utf-8-cut-in-a-character": lambda _: page("<p>“</p>").replace("“".encode(), b"\xe2\x80"),
    "halves-of-characters-as-utf-8": lambda _: page("<p>SIX</p>").replace(b"SIX", b"\xed\xa0\x80\xed\xb0\x80"),
    "nuls": lambda _: page("<p>a\0b</p>"),
    "control-characters": lambda _: page("<p>" + "a\x08\x1b[31m" * 3 + "good</p>"),
    "spaces-only": lambda _: page("&nbsp; \u2003" * 10_000, article=""),
    "combining-marks-only": lambda _: page("<p>" + "\u0301" * 500_000 + "</p>", article=""),
    "right-to-left": lambda _: page("<p dir=rtl>\u202edoog \u2066 saw ti</p>"),
}
"""By name what makes the bytes, given an address that nobody may ask for."""
