"""Run the migrations on either database, then put the append-only triggers back."""

from alembic import context
from flask import current_app

from infrastructure.database.protection import protect

migrate = current_app.extensions["migrate"]
with migrate.db.engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=migrate.db.metadata, transactional_ddl=True, **migrate.configure_args
    )
    with context.begin_transaction():
        context.run_migrations()
        if not getattr(context.config.cmd_opts, "autogenerate", False):
            protect(connection)
