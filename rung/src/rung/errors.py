"""What goes wrong in a way that the user can mend: one clear sentence each, printed without a traceback."""


class RungError(Exception):
    """A fault outside the program, told in one sentence that says what to do."""


class CaseError(RungError):
    """The case folder is not as it must be."""


class ModelError(RungError):
    """A model cannot be loaded, or a server does not answer as it should. What was answered before is kept."""


class Unsupported(ModelError):
    """A model or server that works cannot do what one arm asks: that arm is left out, the rest measured."""
