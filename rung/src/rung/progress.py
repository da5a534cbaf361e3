"""How far long work has come: functions that are called with what is done, and of how much, while it goes on."""

import time
from collections.abc import Callable

Progress = Callable[[int, int], None]  # done, of how many; 0 where that is not known
StageProgress = Callable[[str, int, int], None]  # the same, after the name of what is being done
Tell = Callable[[str], None]  # words for the user, before long work begins
LONG = 60.0  # seconds: work that takes longer is told of


class EmbeddingProgress:
    """The progress of embedding passages, passed on; where it will be long, it tells once for about how long."""

    def __init__(self, progress: StageProgress, tell: Tell, clock: Callable[[], float] = time.monotonic):
        """Pass progress on to `progress`, and words to `tell`; `clock` gives seconds."""
        self._progress, self._tell, self._clock = progress, tell, clock
        self._first: tuple[int, float] | None = None
        self._has_estimated = False

    def __call__(self, done: int, of: int) -> None:
        """So many passages are embedded, of so many. The first batch is not judged by: the model is loaded in it."""
        self._progress("Embedding passages", done, of)
        now = self._clock()
        if self._first is None:
            self._first = done, now
        elif not self._has_estimated and done > self._first[0]:
            self._has_estimated = True
            seconds = (now - self._first[1]) / (done - self._first[0]) * (of - done)
            if seconds > LONG:
                words = f"{of - done:,} passages are left to embed: about {round(seconds / 60)} minutes"
                self._tell(f'{words}. It can be stopped and goes on; search by words alone: [search] embedder = "".')
