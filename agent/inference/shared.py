"""One look for two: what a detector found in a picture, for another thread that looks at the same picture."""

from __future__ import annotations

import threading
import weakref
from typing import Dict, List, Optional, Sequence, Tuple

from agent.domain.detection import Detection
from agent.domain.evidence import ModelInfo
from agent.ports import ObjectDetector, Picture


class Seen:
    """What was found in pictures that somebody still holds. Thread-safe.

    A picture is the same where it is the same array: nobody writes into a decoded frame.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Dict[int, Tuple[weakref.ref[Picture], List[Detection]]] = {}

    def put(self, picture: Picture, found: List[Detection]) -> None:
        with self._lock:
            gone = [key for key, (held, _) in self._found.items() if held() is None]
            for key in gone:
                del self._found[key]
            self._found[id(picture)] = (weakref.ref(picture), found)

    def get(self, picture: Picture) -> Optional[List[Detection]]:
        """None where nobody has looked at it."""
        with self._lock:
            held, found = self._found.get(id(picture), (None, []))
        return None if held is None or held() is not picture else list(found)


class _Around:
    """Implements agent.ports.ObjectDetector but for `find`: whatever it is put around."""

    def __init__(self, detector: ObjectDetector, seen: Seen) -> None:
        self._detector = detector
        self._seen = seen

    @property
    def model(self) -> ModelInfo:
        return self._detector.model

    def close(self) -> None:
        self._detector.close()


class Telling(_Around):
    """Implements agent.ports.ObjectDetector: looks, and says what it found."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        results = self._detector.find(pictures)
        for picture, found in zip(pictures, results):
            self._seen.put(picture, found)
        return results


class Told(_Around):
    """Implements agent.ports.ObjectDetector: looks at what nobody has looked at yet."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        known = [self._seen.get(picture) for picture in pictures]
        unseen = [picture for picture, found in zip(pictures, known) if found is None]
        anew = iter(self._detector.find(unseen) if unseen else ())
        return [next(anew) if found is None else found for found in known]
