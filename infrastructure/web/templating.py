"""How pages are put together: where templates are found, and what each of them may say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

from flask import Flask, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from infrastructure.web import say_time
from infrastructure.web.assets import read_assets, serve_assets
from infrastructure.web.brand import DEFAULT, brand_css
from infrastructure.web.compiled import KeptTemplates
from infrastructure.web.fields import errors_of, questions
from infrastructure.web.security import csp_nonce

ROOT = Path(__file__).resolve().parent.parent.parent
TIME_FILTERS = (
    "time_left", "clock_state", "staff_moment", "public_clock", "public_moment", "public_moment_near",
    "public_day", "public_date", "short_date",
)  # fmt: skip


class SaysWhoWeAre(Protocol):
    """What the pages need of the settings."""

    @property
    def authority_name(self) -> str: ...
    @property
    def service_name(self) -> str: ...
    @property
    def product_name(self) -> str: ...
    @property
    def duty_line(self) -> str: ...
    @property
    def helpdesk_phone(self) -> str: ...
    @property
    def helpdesk_hours(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def brand_colour(self) -> str: ...
    @property
    def exit_url(self) -> str: ...


@dataclass(frozen=True)
class Authority:
    """Who runs this front door, as pages say it."""

    name: str
    service_name: str
    product_name: str
    duty_line: str
    helpdesk_phone: str
    helpdesk_hours: str
    address: str
    brand_colour: str
    exit_url: str

    @classmethod
    def of(cls, settings: SaysWhoWeAre) -> "Authority":
        """Take from the settings what pages say of the authority."""
        return cls(
            name=settings.authority_name,
            service_name=settings.service_name,
            product_name=settings.product_name,
            duty_line=settings.duty_line,
            helpdesk_phone=settings.helpdesk_phone,
            helpdesk_hours=settings.helpdesk_hours,
            address=settings.address,
            brand_colour=settings.brand_colour,
            exit_url=settings.exit_url,
        )


class Page(Template):
    """A template whose macros are made once: all share the same globals, which Jinja would compare each time."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module(None)


@dataclass(frozen=True)
class Way:
    """A link in the footer or the staff bar: shown only where its page exists."""

    label: str
    endpoint: str


def install_templates(
    app: Flask,
    settings: SaysWhoWeAre,
    *,
    home: str = "",
    staff_home: str = "",
    sign_out: str = "",
    footer: Iterable[Way] = (),
) -> None:
    """Find templates, serve their assets, and give every page who we are, its nonce and its ways on.

    `home`, `staff_home` and `sign_out` are endpoints; like the footer's, one that does not exist is not linked to.
    """
    authority = Authority.of(settings)
    app.jinja_env.template_class = Page
    app.jinja_env.bytecode_cache = KeptTemplates(ROOT / "templates")
    app.jinja_env.loader = ChoiceLoader(
        [
            FileSystemLoader(ROOT / "templates"),
            PrefixLoader({name: PackageLoader(name) for name in ("govuk_frontend_jinja", "govuk_frontend_wtf")}),
        ]
    )
    asset = serve_assets(
        app,
        read_assets(
            ROOT / "static",
            {
                "frontdoor.css": lambda css: css + brand_css(authority.brand_colour),
                "icon.svg": lambda svg: svg.replace(DEFAULT, authority.brand_colour),
            },
        ),
    )
    app.jinja_env.globals.update(
        authority=authority, asset=asset, errors_of=errors_of, questions=questions, tel=tel, spoken_number=spoken_number
    )
    for name in TIME_FILTERS:
        say: Callable[..., Any] = getattr(say_time, name)
        app.jinja_env.filters[name] = app.jinja_env.globals[name] = say

    @lru_cache(maxsize=64)
    def once(component: Macro, **said: str) -> Markup:
        """Render a component that says the same on page after page: what our settings say, nothing of anybody's."""
        return cast(Markup, component(said))  # as each macro of a page that escapes

    @lru_cache(maxsize=256)
    def known(component: Macro, word: str) -> Markup:
        """Render a component of one word of ours, a state or a channel: the same in each row of a list."""
        return cast(Markup, component(word))

    app.jinja_env.globals.update(once=once, known=known)
    ways = tuple(footer)

    def address(endpoint: str) -> str | None:
        return url_for(endpoint) if endpoint and endpoint in app.view_functions else None

    @lru_cache(maxsize=8)
    def ways_on(_: str) -> dict[str, Any]:
        """Put the addresses together once for each place under which we are served."""
        return {
            "home_url": address(home) or "/",
            "staff_home_url": address(staff_home) or "/",
            "sign_out_url": address(sign_out),
            "footer_links": [(way.label, url) for way in ways if (url := address(way.endpoint))],
        }

    @app.context_processor
    def words_of_every_page() -> dict[str, Any]:
        return {"cspNonce": csp_nonce(), **ways_on(request.root_path)}


def tel(number: str) -> str:
    """Return the address that rings a number: tel:+44... for one written the British way, tel:999 as it is."""
    digits = "".join(char for char in number if char.isdigit() or char == "+")
    return "tel:" + (f"+44{digits[1:]}" if digits.startswith("0") else digits)


SPELLING = (
    "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike "
    "November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
).split()


def spoken_number(reference: str) -> str:
    """Return a reference as one says it over the phone: "Kilo 7 Romeo Mike, 4 Tango X-ray Charlie"."""
    spelt = {word[0]: word for word in SPELLING}
    return ", ".join(" ".join(spelt.get(char, char) for char in group.upper()) for group in reference.split("-"))
