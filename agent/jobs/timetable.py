"""What is done by the clock, run by APScheduler: heartbeat, retention, the nightly round."""

from __future__ import annotations

from typing import Callable

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from agent.config.settings import JobsSettings

log = structlog.get_logger(__name__)

Job = Callable[[], object]


class Timetable:
    """The jobs of one agent; a job that fails is logged and runs again when it is next due."""

    def __init__(self, settings: JobsSettings, *, heartbeat: Job, retention: Job, nightly: Job) -> None:
        hour, minute = settings.nightly_at.split(":")
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._scheduler.add_job(heartbeat, "interval", seconds=settings.heartbeat_s, id="heartbeat")
        self._scheduler.add_job(retention, "interval", seconds=settings.retention_s, id="retention")
        self._scheduler.add_job(nightly, "cron", hour=hour, minute=minute, id="nightly")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No job starts any more; one that runs is not waited for."""
        self._scheduler.shutdown(wait=False)

    def _failed(self, event: JobExecutionEvent) -> None:
        log.error("job failed", job=event.job_id, error=str(event.exception))
