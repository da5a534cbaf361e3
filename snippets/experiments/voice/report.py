"""What the predictions of the house voice amount to: the same report as for the strict line."""

from behaviour.report import fragments, measure

__all__ = ["fragments", "measure"]
