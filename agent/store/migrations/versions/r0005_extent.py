"""Where an incident was seen, and how large it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("incidents", "incident_changes"):
        op.add_column(table, sa.Column("extent", sa.Text))
