"""What the enrolment says of a photo, and what to do better."""

from __future__ import annotations

from agent.enrolments import Reason
from alerts.languages import Texts


def verdict_text(reason: Reason, t: Texts) -> str:
    return {
        Reason.ACCEPTED: t("Good photo."),
        Reason.NO_FACE: t("No face is seen. Come nearer, and face the camera."),
        Reason.SEVERAL: t("There is more than one face. Only the person alone, please."),
        Reason.SMALL: t("The face is too small. Come nearer."),
        Reason.BLURRED: t("The photo is blurred. Hold still."),
        Reason.DARK: t("The face is too dark. Find more light."),
        Reason.BURNT: t("The face is too bright. Turn away from the light."),
        Reason.TURNED: t("The face is turned too far away."),
        Reason.COVERED: t("The face is covered. Take off mask, glasses or helmet."),
        Reason.CUT_OFF: t("The edge of the photo cuts the face off. Step back a little."),
        Reason.NOT_A_PICTURE: t("That is no picture."),
        Reason.FORMAT: t("That kind of picture cannot be read. Send it as a photo."),
        Reason.HEIC: t("HEIC pictures cannot be read. Send it as a photo, not as a file."),
        Reason.TRUNCATED: t("The picture is damaged. Send it again."),
        Reason.TOO_LARGE: t("The picture is too large. Send it as a photo, not as a file."),
        Reason.REPEATED: t("That photo is there already. Take a new one."),
        Reason.OUTLIER: t("That seems to be somebody else than on the other photos."),
        Reason.LOOKALIKE: t("The face is too much like that of somebody who is enrolled."),
        Reason.ENOUGH: t("There are enough photos already."),
    }[reason]
