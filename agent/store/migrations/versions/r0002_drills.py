"""Incidents that are drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("incidents", "incident_changes"):
        op.add_column(table, sa.Column("drill", sa.Integer, nullable=False, server_default=sa.text("0")))
