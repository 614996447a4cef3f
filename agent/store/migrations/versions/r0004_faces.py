"""Enrolled people, their sealed embeddings, erasures; whom an incident is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vault",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("enrolled_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_people_expires_at", "people", ["expires_at"])
    op.create_table(
        "embeddings",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_embeddings_person", "embeddings", ["person"])
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "enrolment_faces",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("enrolment", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_enrolment_faces_enrolment", "enrolment_faces", ["enrolment"])
    _erasures()
    op.add_column("incidents", sa.Column("person", sa.Integer))
    op.add_column("incident_changes", sa.Column("person", sa.Integer))
    op.create_index(
        "ix_incidents_person", "incidents", ["person"], sqlite_where=sa.text("person IS NOT NULL")
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("enrolled_at", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("faces", sa.Integer, nullable=False),
        sa.Column("enrolments", sa.Integer, nullable=False),
        sa.Column("links", sa.Integer, nullable=False),
        sa.Column("snapshots", sa.Integer, nullable=False),
        sa.Column("backups", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
