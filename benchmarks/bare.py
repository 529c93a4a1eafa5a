"""The bare flow: the least a Flask page can do. No CSRF, no rules; the same engine options and durability as ours."""

import os
from datetime import UTC, datetime

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PAGES = {
    "form.html": "<form method=post><input name=name><textarea name=words></textarea><button>Send</button></form>",
    "thanks.html": "<p>Thank you. Your number is {{ number }}.</p>",
    "queue.html": "<table>{% for row in rows %}<tr><td>{{ row.name }}<td>{{ row.words }}</tr>{% endfor %}</table>",
}


class Base(DeclarativeBase):
    """The base of the one table."""


class Ask(Base):
    """What somebody asked for."""

    __tablename__ = "ask"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    words: Mapped[str] = mapped_column()
    at: Mapped[datetime] = mapped_column(index=True)


db = SQLAlchemy(model_class=Base)


def create_app() -> Flask:
    """Serve a form, take it with one insert and one commit, say thank you, and list 25 rows."""
    app, url = Flask(__name__), os.environ["BARE_DATABASE_URL"]
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": "sqlite" not in url})
    app.jinja_env.loader = DictLoader(PAGES)
    db.init_app(app)
    if "BARE_ALONE" not in os.environ:  # what tunes the engine comes with all of our package: 16 MB, 0.1 seconds
        from infrastructure.database.transaction import tune

        with app.app_context():
            tune(db.engine)
    app.add_url_rule("/", "form", lambda: render_template("form.html"))
    app.add_url_rule("/thanks/<int:number>", "thanks", lambda number: render_template("thanks.html", number=number))
    rows = select(Ask).order_by(Ask.at).limit(25)
    app.add_url_rule("/queue", "queue", lambda: render_template("queue.html", rows=db.session.scalars(rows)))

    @app.post("/")
    def take() -> ResponseReturnValue:
        db.session.connection(execution_options={"frontdoor_write": 0})
        row = Ask(name=request.form["name"], words=request.form["words"], at=datetime.now(UTC))
        db.session.add(row)
        db.session.commit()
        return redirect(f"/thanks/{row.id}")

    return app
