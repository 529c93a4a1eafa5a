"""Run the migrations on either database; then put back the append-only triggers and the rights of the application."""

from alembic import context
from flask import current_app

from infrastructure.database.protection import protect
from infrastructure.database.rights import as_owner, grant_rights

migrate = current_app.extensions["migrate"]
house = current_app.extensions.get("house")
with migrate.db.engine.connect() as connection, as_owner(connection):
    context.configure(
        connection=connection, target_metadata=migrate.db.metadata, transactional_ddl=True, **migrate.configure_args
    )
    with context.begin_transaction():
        context.run_migrations()
        if not getattr(context.config.cmd_opts, "autogenerate", False):
            protect(connection)
            if house is not None and house.settings.database_role:
                grant_rights(connection, house.settings.database_role)
