"""What an enrolment says of a picture, in English; the bot has its own languages."""

from __future__ import annotations

from agent.enrolments import Reason

WORDS = {
    Reason.ACCEPTED: "good picture",
    Reason.NO_FACE: "no face is seen: come nearer, and face the camera",
    Reason.SEVERAL: "there is more than one face: only the person alone",
    Reason.SMALL: "the face is too small: come nearer",
    Reason.BLURRED: "the face is blurred: hold still",
    Reason.DARK: "the face is too dark: find more light",
    Reason.BURNT: "the face is too bright: turn away from the light",
    Reason.TURNED: "the face is turned too far away: look at the camera",
    Reason.COVERED: "the face is covered: take off mask, glasses or helmet",
    Reason.CUT_OFF: "the edge of the picture cuts the face off: step back a little",
    Reason.NOT_A_PICTURE: "that is no picture",
    Reason.FORMAT: "that kind of file cannot be read: JPEG, PNG, WebP, BMP or GIF",
    Reason.HEIC: "HEIC pictures cannot be read: save it as JPEG",
    Reason.TRUNCATED: "the picture is cut off or damaged",
    Reason.TOO_LARGE: "the picture is too large",
    Reason.REPEATED: "that picture is there already: take a new one",
    Reason.OUTLIER: "that seems to be somebody else than on the other pictures",
    Reason.LOOKALIKE: "the face is too much like that of somebody who is enrolled",
    Reason.ENOUGH: "there are enough pictures already",
}
