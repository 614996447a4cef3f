"""A camera is never silently blind, and never cries wolf."""

from __future__ import annotations

import itertools
from typing import List, Optional

import pytest

from agent.domain.camera import Blindness, CameraState, CameraStatus, Quality
from agent.domain.incident import Change, Incident, Kind, State, Transition
from agent.domain.policy.camera import CameraPolicy, Verdict
from agent.domain.policy.settings import CameraPolicySettings
from tests.fakes.looks import at

SETTINGS = CameraPolicySettings(blind_after_s=10.0, incident_after_s=20.0, recover_after_s=2.0)
GOOD = Quality()
BLUR = Quality(blurred=True)


def bad(blindness: Blindness) -> Quality:
    return Quality(blindness)


class Story:
    """Plays inputs to a policy, second by second, and keeps what it said."""

    def __init__(self, settings: CameraPolicySettings = SETTINGS) -> None:
        ids = (f"i{n}" for n in itertools.count(1))
        self.policy = CameraPolicy("gate", settings, lambda: next(ids), at(0))
        self.now = 0.0
        self.statuses: List[CameraStatus] = []
        self.changes: List[Change] = []

    def pictures(self, seconds: float, quality: Quality = GOOD, fps: float = 5.0) -> Story:
        """Pictures of one quality, five a second."""
        for _ in range(round(seconds * 5)):
            self.now += 0.2
            self._keep(self.policy.picture(at(self.now), quality, fps))
        return self

    def silence(self, seconds: float) -> Story:
        """Nothing but ticks."""
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            self._keep(self.policy.tick(at(self.now), 0.0))
        return self

    def lost(self, detail: str = "disconnected", stalled: bool = False) -> Story:
        self._keep(self.policy.lost(at(self.now), stalled, detail))
        return self

    def opened(self) -> Story:
        self._keep(self.policy.opened(at(self.now)))
        return self

    def finished(self) -> Story:
        self._keep(self.policy.finish(at(self.now)))
        return self

    @property
    def said(self) -> List[str]:
        return [_words(status) for status in self.statuses]

    @property
    def transitions(self) -> List[str]:
        return [change.transition.value for change in self.changes]

    def _keep(self, verdict: Verdict) -> None:
        if verdict.status is not None:
            self.statuses.append(verdict.status)
        if verdict.change is not None:
            self.changes.append(verdict.change)


def _words(status: Optional[CameraStatus]) -> str:
    assert status is not None
    return status.state.value if status.reason is None else f"{status.state.value}/{status.reason}"


def test_nothing_is_said_while_a_camera_is_connecting_in_time() -> None:
    story = Story().silence(9)
    assert story.policy.status is None
    assert story.said == []


def test_the_first_usable_picture_makes_it_online_at_once() -> None:
    story = Story().opened().pictures(0.2)
    assert story.said == ["online"]
    assert story.statuses[0].last_frame_at == at(0.2).utc
    assert story.statuses[0].fps == 5.0


@pytest.mark.parametrize("reason", list(Blindness))
def test_without_a_usable_picture_it_is_blind_and_says_why(reason: Blindness) -> None:
    story = Story().opened().pictures(5)
    if reason is Blindness.STALLED:
        story.silence(9.75)
    else:
        story.pictures(9.8, bad(reason))
    assert story.said == ["online"]
    story.silence(0.5)
    assert story.said == ["online", f"blind/{reason.value}"]


def test_a_short_gap_does_not_show() -> None:
    story = Story().opened().pictures(5).lost().silence(3).opened().pictures(5)
    story.pictures(4, bad(Blindness.BLACK)).pictures(5)
    assert story.said == ["online"]


def test_a_lost_connection_is_offline_with_the_error() -> None:
    story = Story().opened().pictures(5).lost("disconnected").silence(5).lost("connection refused").silence(6)
    assert story.said == ["online", "offline/connection refused"]
    assert story.policy.status is not None
    assert story.policy.status.fps == 0.0


def test_a_stall_stays_a_stall_while_the_same_camera_does_not_answer() -> None:
    story = Story().opened().pictures(5).silence(5).lost("no answer", stalled=True)
    for _ in range(5):
        story.silence(10).lost("no answer", stalled=True)
    assert story.said == ["online", "blind/stalled"]


def test_a_stalled_camera_that_then_dies_is_offline_with_its_incident_going_on() -> None:
    story = Story().opened().pictures(5).lost("no answer", stalled=True).silence(40)
    story.lost("connection refused").silence(3)
    assert story.said == ["online", "blind/stalled", "offline/connection refused"]
    assert story.transitions == ["opened"]


def test_a_camera_that_never_answered_is_offline() -> None:
    story = Story()
    story.silence(8).lost("no answer", stalled=True).silence(30)
    assert story.said == ["offline/no answer"]
    assert story.transitions == ["opened"]
    assert story.policy.status is not None
    assert story.policy.status.last_frame_at is None


def test_a_camera_that_connects_and_shows_nothing_is_blind() -> None:
    story = Story().lost("connection refused").silence(12).opened().silence(12)
    assert story.said == ["offline/connection refused", "blind/stalled"]


def test_an_incident_opens_later_and_is_resolved_when_it_sees_again() -> None:
    story = Story().opened().pictures(5).silence(29)
    assert story.transitions == []
    story.silence(1.5)
    (opened,) = story.changes
    assert opened.incident.kind is Kind.CAMERA
    assert opened.incident.reason == "stalled"
    assert opened.incident.first_seen == at(5).utc
    story.pictures(1.8)
    assert story.transitions == ["opened"]
    story.pictures(0.6)
    assert story.said == ["online", "blind/stalled", "online"]
    assert story.transitions == ["opened", "resolved"]
    assert story.policy.incident is None


def test_a_short_blindness_is_shown_but_is_no_incident() -> None:
    story = Story().opened().pictures(5).silence(20).pictures(5)
    assert story.said == ["online", "blind/stalled", "online"]
    assert story.transitions == []


def test_a_blind_camera_is_not_online_after_a_glimpse() -> None:
    story = Story().opened().pictures(5).pictures(12, bad(Blindness.BLACK))
    for _ in range(10):
        story.pictures(0.2).pictures(5, bad(Blindness.BLACK))
    assert story.said == ["online", "blind/black"]


def test_reasons_that_take_turns_are_told_once() -> None:
    story = Story().opened().pictures(5)
    for _ in range(100):
        story.pictures(0.4, bad(Blindness.BLACK)).pictures(0.4, bad(Blindness.COVERED))
    assert len(story.said) == 2


def test_a_reason_that_lasts_is_told_and_the_state_keeps_its_since() -> None:
    story = Story().opened().pictures(5)
    story.pictures(15, bad(Blindness.COVERED)).pictures(15, bad(Blindness.BLACK))
    assert story.said == ["online", "blind/covered", "blind/black"]
    assert story.statuses[1].since == story.statuses[2].since


def test_pictures_repeated_by_the_camera_do_not_keep_it_from_recovering() -> None:
    story = Story().opened().pictures(5).silence(12)
    for _ in range(10):
        story.pictures(0.2).pictures(0.2, bad(Blindness.FROZEN))
    assert story.said == ["online", "blind/stalled", "online"]


def test_a_slow_camera_recovers_too() -> None:
    story = Story().opened().pictures(5, fps=0.25).silence(12)
    for _ in range(3):
        story.pictures(0.2, fps=0.25).silence(4)
    assert story.said == ["online", "blind/stalled", "online"]


def test_frozen_pictures_are_not_new_ones() -> None:
    story = Story().opened().pictures(5).pictures(12, bad(Blindness.FROZEN))
    assert story.statuses[-1].last_frame_at == at(5).utc


def test_lasting_blur_is_degraded_until_it_is_over() -> None:
    story = Story().opened().pictures(5).pictures(9, BLUR).pictures(1)
    assert story.said == ["online"]
    story.pictures(12, BLUR)
    assert story.said == ["online", "degraded/blurred"]
    story.pictures(1).pictures(5, BLUR)
    assert story.said == ["online", "degraded/blurred"]
    story.pictures(3)
    assert story.said == ["online", "degraded/blurred", "online"]


def test_a_frame_rate_far_below_its_best_is_degraded() -> None:
    story = Story().opened().pictures(5, fps=25.0).pictures(12, fps=4.0)
    assert story.said == ["online", "degraded/low-frame-rate"]


def test_a_camera_that_is_slow_by_nature_is_not_degraded() -> None:
    assert Story().opened().pictures(60, fps=2.0).said == ["online"]


def test_an_incident_of_an_earlier_run_goes_on_and_ends() -> None:
    earlier = Incident.open("earlier", "gate", Kind.CAMERA, at(-60).utc, 1.0, reason="stalled").incident
    story = Story()
    story.policy.resume(earlier)
    story.silence(60)
    assert story.said == ["offline/connecting"]
    assert story.transitions == []
    story.opened().pictures(3)
    (resolved,) = story.changes
    assert resolved.transition is Transition.RESOLVED
    assert (resolved.incident.id, resolved.incident.sequence) == ("earlier", 2)


def test_an_incident_of_an_earlier_run_ends_when_the_camera_proves_to_see() -> None:
    story = Story()
    story.policy.resume(Incident.open("earlier", "gate", Kind.CAMERA, at(-60).utc, 1.0).incident)
    story.opened().pictures(1)
    assert story.said == []
    assert story.policy.incident is not None
    story.pictures(2)
    assert story.said == ["online"]
    assert story.changes[0].incident.state is State.RESOLVED


def test_a_replay_that_ended_is_no_trouble() -> None:
    story = Story().opened().pictures(5).finished().silence(100)
    assert story.said == ["online", "disabled/replay ended"]
    assert story.statuses[-1].state is CameraState.DISABLED
    assert story.transitions == []


def test_a_replay_that_ends_blind_closes_its_incident() -> None:
    story = Story().opened().pictures(60, bad(Blindness.BLACK)).finished()
    assert story.transitions == ["opened", "resolved"]


def test_recovery_may_be_at_once() -> None:
    story = Story(CameraPolicySettings(blind_after_s=1.0, incident_after_s=0.0, recover_after_s=0.0))
    story.opened().pictures(1).silence(2).pictures(0.2)
    assert story.said == ["online", "blind/stalled", "online"]
    assert story.transitions == ["opened", "resolved"]


def dismiss(story: Story, incident: str = "i1") -> Optional[Change]:
    return story.policy.judge(incident, lambda one: one.dismiss(at(story.now).utc, "anna"))


def test_a_dismissed_blindness_is_not_told_again_while_it_lasts() -> None:
    story = Story().pictures(5).silence(40)
    change = dismiss(story)
    assert change is not None
    assert (change.incident.state, change.incident.sequence) == (State.DISMISSED, 2)
    story.silence(3600).lost().silence(3600)
    assert story.transitions == ["opened"]
    story.pictures(5).silence(40)
    assert story.transitions == ["opened", "opened"]


def test_an_acknowledged_blindness_ends_as_any() -> None:
    story = Story().pictures(5).silence(40)
    story.policy.judge("i1", lambda one: one.acknowledge(at(story.now).utc, "anna"))
    story.pictures(5)
    assert [change.incident.sequence for change in story.changes] == [1, 3]
    assert story.transitions == ["opened", "resolved"]


def test_a_word_on_another_incident_changes_no_camera() -> None:
    story = Story()
    assert dismiss(story) is None
    story.pictures(5).silence(40)
    assert dismiss(story, "other") is None
    assert story.policy.incident is not None


def test_a_blindness_that_was_dismissed_in_an_earlier_run_is_told_once_it_comes_anew() -> None:
    story = Story()
    story.policy.resume_dismissed()
    story.silence(100)
    assert story.transitions == []
    story.pictures(5).silence(40)
    assert story.transitions == ["opened"]
