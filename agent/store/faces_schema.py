"""The tables of enrolled people, by the conventions of schema.py.

Names, consent and embeddings are sealed (vault.py); numbers and times are not. No picture of an enrolment
is kept.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text

from agent.store.schema import UtcTime, metadata

vault = Table(
    "vault",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""One row, which only the key that everything was sealed with can open."""

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("enrolled_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Index("ix_people_expires_at", "expires_at"),
    sqlite_autoincrement=True,
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("person", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["person"], ["people.id"], ondelete="CASCADE"),
    Index("ix_embeddings_person", "person"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
)

enrolment_faces = Table(
    "enrolment_faces",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("enrolment", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["enrolment"], ["enrolments.id"], ondelete="CASCADE"),
    Index("ix_enrolment_faces_enrolment", "enrolment"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("person", Integer, nullable=False),
    Column("enrolled_at", UtcTime, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("faces", Integer, nullable=False),
    Column("enrolments", Integer, nullable=False),
    Column("links", Integer, nullable=False),
    Column("snapshots", Integer, nullable=False),
    Column("backups", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""What was erased, without the name; those without `done_at` are finished at the next start.

`person` and `enrolled_at` together find the person in copies of the database, whatever became of them."""
