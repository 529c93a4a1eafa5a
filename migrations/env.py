"""Run the migrations on either database; then put back the append-only triggers and the rights of the application."""

from alembic import context
from flask import current_app

from infrastructure.database.protection import protect, unprotect
from infrastructure.database.rights import as_owner, grant_rights

migrate = current_app.extensions["migrate"]
house = current_app.extensions.get("house")
with migrate.db.engine.connect() as connection, as_owner(connection):
    context.configure(
        connection=connection, target_metadata=migrate.db.metadata, transactional_ddl=True, **migrate.configure_args
    )
    with context.begin_transaction():
        if is_change := not getattr(context.config.cmd_opts, "autogenerate", False):
            unprotect(connection)
        context.run_migrations()
        if is_change:
            protect(connection)
            if house is not None and house.settings.database_role:
                grant_rights(connection, house.settings.database_role)
