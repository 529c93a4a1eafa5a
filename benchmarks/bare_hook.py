"""The bare webhook: the least that a signed one can do, one insert; the same engine options and durability as ours."""

import os
from datetime import UTC, datetime

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from twilio.request_validator import RequestValidator

from infrastructure.database.transaction import WRITE, tune


class Base(DeclarativeBase):
    """The base of the one table."""


class Text(Base):
    """What somebody texted."""

    __tablename__ = "text"
    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column()
    sender: Mapped[str] = mapped_column()
    words: Mapped[str] = mapped_column()
    at: Mapped[datetime] = mapped_column()


db = SQLAlchemy(model_class=Base)


def create_app() -> Flask:
    """Read the signature, insert what was said, commit, and answer with nothing to say."""
    app, url = Flask(__name__), os.environ["BARE_DATABASE_URL"]
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": "sqlite" not in url})
    db.init_app(app)
    with app.app_context():
        tune(db.engine)
    validator, signed = RequestValidator(os.environ["BARE_TOKEN"]), os.environ["BARE_ADDRESS"]
    app.add_url_rule("/", "alive", lambda: "alive")

    @app.post("/hooks/twilio/message")
    def take() -> ResponseReturnValue:
        if not validator.validate(signed + request.path, request.form, request.headers["X-Twilio-Signature"]):
            abort(403)
        said = request.form
        db.session.connection(execution_options={WRITE: 0})
        db.session.add(Text(sid=said["MessageSid"], sender=said["From"], words=said["Body"], at=datetime.now(UTC)))
        db.session.commit()
        return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', mimetype="text/xml")

    return app
