"""The purse that all workers of one run pay from: what a call can cost is held before it, its true cost paid after.

It lies in the journal's file, so that nothing is forgotten when a worker is killed: what is held and never paid counts
as spent, since a call that was started may be billed.
"""

from __future__ import annotations

from extractor.budget import CENT_OF_A_MICRO, too_dear
from extractor.journal import Journal

TABLES = (
    "CREATE TABLE IF NOT EXISTS paid (run TEXT PRIMARY KEY, dollars REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, worker TEXT, "
    "dollars REAL NOT NULL)",
)
PAID = "SELECT coalesce(sum(dollars), 0) FROM paid WHERE run = ?"
HELD = "SELECT coalesce(sum(dollars), 0), total(CASE WHEN worker LIKE ? THEN dollars END) FROM held WHERE run = ?"
PAY = "INSERT INTO paid VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET dollars = dollars + excluded.dollars"


class Purse:
    """What a run may spend, in US dollars.

    Args:
        journal: in whose file it lies.
        run: the run's name: one that was cut off and goes on has the same, and what it spent counts.
        worker: "COMMAND/NUMBER", this worker's name. Money that workers of the same command hold may come back; what
            others hold, who were killed, never does.
        limit: what may be spent over all of the run.
    """

    def __init__(self, journal: Journal, run: str, worker: str, limit: float) -> None:
        self.limit = limit
        self._journal, self._run, self._worker = journal, run, worker
        with journal.change() as cursor:
            for table in TABLES:
                cursor.execute(table)

    @property
    def spent(self) -> float:
        """What the run has spent, what is held included."""
        with self._journal.cursor() as cursor:
            paid: float = cursor.execute(PAID, (self._run,)).fetchone()[0]
            held: float = cursor.execute(HELD, ("", self._run)).fetchone()[0]
        return paid + held

    def hold(self, bound: float) -> int | None:
        """Hold what a call can cost at most; null while calls under way hold so much that it has to wait for them.

        Raises:
            BudgetSpent: there is not as much left, and no call under way that could give some back.
        """
        with self._journal.change() as cursor:
            paid = cursor.execute(PAID, (self._run,)).fetchone()[0]
            held, returning = cursor.execute(HELD, (self._worker.split("/")[0] + "/%", self._run)).fetchone()
            left = self.limit + CENT_OF_A_MICRO - paid - held
            if bound > left:
                if returning and bound <= left + returning:
                    return None
                raise too_dear(bound, self.limit, paid + held)
            row = cursor.execute(
                "INSERT INTO held (run, worker, dollars) VALUES (?, ?, ?)", (self._run, self._worker, bound)
            )
            return row.lastrowid

    def pay(self, held: int, cost: float) -> None:
        """Pay for a call what it cost, and let go of what was held for it."""
        with self._journal.change() as cursor:
            cursor.execute("DELETE FROM held WHERE id = ?", (held,))
            cursor.execute(PAY, (self._run, cost))

    def abandon(self, worker: str) -> None:
        """Tell that a worker has died: nobody waits any longer for what it holds, which counts as spent."""
        with self._journal.change() as cursor:
            cursor.execute("UPDATE held SET worker = NULL WHERE worker = ?", (worker,))
