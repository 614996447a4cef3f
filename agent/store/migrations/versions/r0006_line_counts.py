"""How many things crossed the lines of the cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_counts",
        sa.Column("camera", sa.Text, primary_key=True, nullable=False),
        sa.Column("line", sa.Text, primary_key=True, nullable=False),
        sa.Column("direction", sa.Text, primary_key=True, nullable=False),
        sa.Column("label", sa.Text, primary_key=True, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
