"""The total-queue checker: was everything that was confirmed taken out again, and nothing else?

Multisets, as Jepsen's checker of the same name has them: `attempts` are all values somebody tried to enqueue, `enqueues` those that were
acknowledged, `dequeues` what came out, after a complete drain.

    ok         = dequeues ∩ attempts
    unexpected = dequeues whose value nobody ever tried to enqueue
    duplicated = (dequeues − attempts) − unexpected
    lost       = enqueues − dequeues
    recovered  = ok − enqueues          (unknown when enqueued, but it came out)

Valid when nothing is lost and nothing is unexpected. Duplicates and recovered values are reported: what is allowed of them is the caller's
to say, see `DuplicateRule`. The code knows nothing of Carillon, so that a mistake there is not repeated here.
"""
import collections
import dataclasses

CONFIRMED = "confirmed"  # acknowledged
REFUSED = "refused"      # surely not enqueued
UNKNOWN = "unknown"      # the answer was lost: it may have been enqueued

OUTCOMES = (CONFIRMED, REFUSED, UNKNOWN)


class Publications:
    """The publisher's own record. Every value has exactly one outcome; whoever publishes twice takes two values."""

    def __init__(self):
        self._outcomes = {}

    def record(self, value, outcome):
        if outcome not in OUTCOMES:
            raise ValueError(f"'{outcome}' is no outcome: {', '.join(OUTCOMES)}")
        if value in self._outcomes:
            raise ValueError(f"'{value}' was published before; values must be unique")
        self._outcomes[value] = outcome

    def of(self, *outcomes):
        return [value for value, outcome in self._outcomes.items() if outcome in outcomes]

    def __len__(self):
        return len(self._outcomes)


@dataclasses.dataclass(frozen=True)
class Verdict:
    attempted: int
    confirmed: int
    ok: collections.Counter
    lost: collections.Counter
    unexpected: collections.Counter
    duplicated: collections.Counter
    recovered: collections.Counter
    refused_but_seen: collections.Counter

    @property
    def is_valid(self):
        return not self.lost and not self.unexpected and not self.refused_but_seen

    def __str__(self):
        counts = ", ".join(f"{name} {getattr(self, name).total()}"
                           for name in ("ok", "lost", "unexpected", "refused_but_seen", "duplicated", "recovered"))
        return f"{'valid' if self.is_valid else 'INVALID'}: {self.attempted} attempted, {self.confirmed} confirmed; {counts}"

    def examples(self, name, most=10):
        """Some values of one kind, for the message of a failure."""
        return sorted(getattr(self, name))[:most]


def check(publications, dequeues):
    """`dequeues` is an iterable of values, one for each time a value came out. Call it after a complete drain only: what is still inside
    counts as lost."""
    attempts = collections.Counter(publications.of(*OUTCOMES))
    enqueues = collections.Counter(publications.of(CONFIRMED))
    refused = set(publications.of(REFUSED))
    out = collections.Counter(dequeues)
    ok = out & attempts
    unexpected = collections.Counter({value: count for value, count in out.items() if value not in attempts})
    return Verdict(
        attempted=attempts.total(),
        confirmed=enqueues.total(),
        ok=ok,
        lost=enqueues - out,
        unexpected=unexpected,
        duplicated=(out - attempts) - unexpected,
        recovered=ok - enqueues,
        # Beyond Jepsen's: a refusal promises that nothing was kept.
        refused_but_seen=collections.Counter({value: count for value, count in ok.items() if value in refused}),
    )


@dataclasses.dataclass(frozen=True)
class DuplicateRule:
    """Duplicates come from crashes only: at most what was in flight, for each kill; and each repeat carries its first one's tag."""
    in_flight: int
    kills: int

    def violations(self, verdict, tags):
        """`tags` maps a value to the tags of all its deliveries. Empty when the rule holds."""
        found = []
        bound = self.in_flight * self.kills
        if verdict.duplicated.total() > bound:
            found.append(f"{verdict.duplicated.total()} duplicates, but at most {self.in_flight} in flight x {self.kills} kills = {bound}")
        for value in verdict.duplicated:
            if len(set(tags.get(value, ()))) > 1:
                found.append(f"'{value}' was delivered with different tags")
            if not all(tags.get(value, ())):
                found.append(f"'{value}' was delivered without a tag")
        return found
