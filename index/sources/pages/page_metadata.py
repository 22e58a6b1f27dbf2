"""What a page says of its article: title, dates, outlet, authors, section, language, address.

Pages say it in JSON-LD, in `<meta>` (OpenGraph, Dublin Core, citations, the names that
analytics services chose), in microdata, in `<time>` and in headings. The more a form is
meant for machines and for this one article, the earlier it is believed. What is not
stated stays None: no date is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from index.sources.pages.html_blocks import Script
from index.sources.pages.page_linked import Linked, read_linked
from index.sources.pages.page_values import best_date, fold, people, without_outlet

MAX_TITLE_CHARS = 500
MAX_OUTLET_CHARS = 60
MAX_SECTION_CHARS = 60
_MAX_URL_CHARS = 2_000

_TITLES = ("og:title", "dc.title", "dcterms.title", "citation_title", "parsely-title",
           "sailthru.title", "fulltitle", "headline", "title", "twitter:title")  # fmt: skip
_PUBLISHED = ("article:published_time", "article:published", "og:published_time", "datepublished",
              "article:publicationdate", "published_at", "parsely-pub-date", "sailthru.date",
              "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "rnews:datepublished",
              "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date",
              "citation_publication_date", "citation_date", "article.published", "publishdate",
              "publish-date", "publish_date", "publication_date", "pub_date", "pubdate", "ptime",
              "pdate", "dcsext.articlefirstpublished", "article_date_original",
              "originalpublicationdate", "date", "created")  # fmt: skip
_MODIFIED = ("article:modified_time", "article:modified", "datemodified", "dcterms.modified",
             "dc.date.modified", "cxenseparse:recs:modifiedtime", "rnews:datemodified", "utime",
             "og:updated_time", "last-modified", "lastmod", "modified")  # fmt: skip
_AUTHORS = ("author", "byl", "article:author", "parsely-author", "sailthru.author", "dc.creator",
            "dcterms.creator", "citation_author", "cxenseparse:author", "og:article:author",
            "rnews:author", "dcsext.author")  # fmt: skip
_OUTLETS = ("og:site_name", "dc.publisher", "citation_journal_title", "application-name",
            "apple-mobile-web-app-title", "publisher")  # fmt: skip
_SECTIONS = ("article:section", "og:article:section", "parsely-section", "cxenseparse:section",
             "section")  # fmt: skip
_LANGUAGES = ("content-language", "dc.language", "dcterms.language", "inlanguage", "language",
              "og:locale")  # fmt: skip
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)
_ELSEWHERE = ("aside", "nav", "footer")  # other articles are listed there
_NOT_THE_SITE = re.compile(r"(?:www\d?|m|mobile|amp|edition|news)\.")
_CUT = re.compile(r"\s*(?:…|\.\.\.)\Z")


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What is known of the article on a page; dates are in a form that `parse_date` reads."""

    title: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    body: str | None = None


def read_metadata(
    tree: HtmlElement, scripts: Iterable[Script], url: str | None = None
) -> PageMetadata:
    """What the page that was fetched from `url` says of its article."""
    page = _Page(tree, _metas(tree), read_linked(scripts))
    outlet = page.outlet()
    outlets = page.outlets(url)
    published = page.published()
    return PageMetadata(
        title=page.title(outlets),
        published=published,
        modified=best_date(
            [page.linked.modified, *page.stated(_MODIFIED), *page.items("dateModified")]
        ),
        url=page.address(url),
        source=outlet,
        section=page.section(),
        authors=page.authors(outlets),
        language=page.language(),
        body=page.linked.body,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """A page: its tree, its metas by their names in lower case, and its JSON-LD."""

    tree: HtmlElement
    metas: dict[str, list[str]]
    linked: Linked

    def stated(self, names: Iterable[str]) -> list[str]:
        """The contents of the metas of these names, in the order of the names."""
        return [content for name in names for content in self.metas.get(name, ())]

    def items(self, name: str) -> list[str]:
        """What microdata gives for a property; in items of a list it may be of other articles."""
        found = [
            (_is_inside(element, "li"), _value(element))
            for element in self.tree.iter()
            if name in (element.get("itemprop") or "").split()
            and not _is_inside(element, *_ELSEWHERE)
        ]
        return [value for _, value in sorted(found, key=lambda one: one[0])]

    def title(self, outlets: list[str]) -> str | None:
        """The headline: as it is stated for machines, else as it stands on the page.

        Headings and the title of the document lose the outlet; a headline that was cut off
        is read from them in full.
        """
        document = " ".join((self.tree.findtext(".//title") or "").split())
        headings = [_text(one) for one in self.tree.iter("h1")]
        shown = [without_outlet(one[:MAX_TITLE_CHARS], outlets) for one in (*headings, document)]
        stated = next(
            (one for one in (self.linked.headline, *self.stated(_TITLES)) if one and fold(one)),
            None,
        )
        if stated is not None:
            stated = stated[:MAX_TITLE_CHARS]
            return next((one for one in shown if _is_whole(one, stated)), stated)
        inside = (one for one in shown[:-1] if " " in one and fold(one) in fold(document))
        return next(inside, None) or shown[-1] or next(filter(None, shown), None)

    def published(self) -> str | None:
        """When it was published: as machines are told, else the time beside the headline."""
        stated = [self.linked.published, *self.stated(_PUBLISHED), *self.items("datePublished")]
        return best_date(stated) or best_date([*self._beside_headline(), self.linked.created])

    def _beside_headline(self) -> list[str | None]:
        times = [
            _value(one) for one in self.tree.iter("time")
            if one.get("datetime") and not _is_inside(one, "li", *_ELSEWHERE)
        ]  # fmt: skip
        marked = self.tree.xpath("//time[@pubdate]/@datetime")
        return [*marked, *times][:1] if marked or len({one[:10] for one in times}) == 1 else []

    def outlet(self) -> str | None:
        """The name of the outlet, where it is a name."""
        named = [*self.stated(_OUTLETS[:1]), self.linked.publisher, *self.stated(_OUTLETS[1:])]
        return next((one for one in named if one and _is_outlet(one)), None)

    def outlets(self, url: str | None) -> list[str]:
        """Every name of the outlet, with that of its host."""
        hosts = [_host(one) for one in (url, *self._addresses()) if one]
        named = [*self.stated(_OUTLETS), self.linked.publisher or ""]
        return [one for one in (*named, *hosts, *(host.split(".")[0] for host in hosts)) if one]

    def authors(self, outlets: list[str]) -> tuple[str, ...]:
        """The people who wrote it: those of the first form that names any."""
        for stated in (self.linked.authors, self.stated(_AUTHORS), self.items("author")):
            if found := people(stated, outlets):
                return found
        return people(_text(one) for one in self.tree.xpath("//a[@rel='author']"))

    def section(self) -> str | None:
        """The section, where it is a word for readers."""
        named = [*self.stated(_SECTIONS), self.linked.section]
        usable = (one for one in named if one and len(one) <= MAX_SECTION_CHARS)
        return next((one for one in usable if "/" not in one and not one.isdigit()), None)

    def language(self) -> str | None:
        """The language as a BCP 47 tag."""
        html = self.tree.getroottree().getroot()
        named = [
            html.get("lang"),
            html.get("xml:lang"),
            *self.stated(_LANGUAGES),
            self.linked.language,
        ]
        tags = ((one or "").strip().replace("_", "-") for one in named)
        return next((tag for tag in tags if _LANGUAGE.fullmatch(tag)), None)

    def address(self, url: str | None) -> str | None:
        """The canonical address, where it may be that of this page; else the one it came from."""
        for one in self._addresses():
            absolute = _absolute(one, url)
            if absolute and (url is None or _is_same_site(absolute, url)):
                return absolute
        return url

    def _addresses(self) -> list[str]:
        canonical = [
            one.get("href") or "" for one in self.tree.iter("link")
            if "canonical" in (one.get("rel") or "").lower().split()
        ]  # fmt: skip
        return [*canonical, *self.stated(("og:url",)), self.linked.url or ""]


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = " ".join((meta.get("content") or meta.get("value") or "").split())
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := meta.get(attribute)):
                metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _value(element: HtmlElement) -> str:
    return element.get("content") or element.get("datetime") or _named(element)


def _named(element: HtmlElement) -> str:
    """The text of an element, or the name inside it."""
    for one in element.iter():
        if "name" in (one.get("itemprop") or "").split():
            return one.get("content") or _text(one)
    return _text(element)


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _is_inside(element: HtmlElement, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _is_whole(title: str, cut: str) -> bool:
    """Whether it is all of a title that was cut off, at an ellipsis or inside a word."""
    begun = _CUT.sub("", cut)
    if not title.startswith(begun) or len(title) <= len(begun):
        return False
    return begun != cut or (title[len(begun)].isalnum() and begun[-1].isalnum())


def _is_outlet(name: str) -> bool:
    return len(name) <= MAX_OUTLET_CHARS and "://" not in name and bool(fold(name))


def _absolute(address: str, base: str | None) -> str | None:
    """The address of an article: absolute, of the web, and not of a front page."""
    try:
        absolute = urljoin(base or "", address.strip())
        parts = urlsplit(absolute)
        host = parts.hostname
    except ValueError:
        return None
    if not address.strip() or parts.scheme not in ("http", "https") or not host:
        return None
    if len(absolute) > _MAX_URL_CHARS or re.search(r"[\s<>\"]", absolute):
        return None
    return absolute if parts.path.strip("/") or parts.query else None


def _is_same_site(one: str, other: str) -> bool:
    first, second = _host(one), _host(other)
    return bool(first) and (
        first == second or first.endswith(f".{second}") or second.endswith(f".{first}")
    )


def _host(url: str) -> str:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return _NOT_THE_SITE.sub("", host, count=1)
