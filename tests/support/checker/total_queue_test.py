"""Tests of the checker: it must find what it is there to find."""
import unittest

from total_queue import CONFIRMED, REFUSED, UNKNOWN, DuplicateRule, Publications, check


def publications(**outcomes):
    record = Publications()
    for value, outcome in outcomes.items():
        record.record(value, outcome)
    return record


class TotalQueueTest(unittest.TestCase):
    def test_what_came_out_once_each_is_valid(self):
        verdict = check(publications(a=CONFIRMED, b=CONFIRMED), ["b", "a"])
        self.assertTrue(verdict.is_valid)
        self.assertEqual(2, verdict.ok.total())
        self.assertFalse(verdict.duplicated)

    def test_a_confirmed_value_that_did_not_come_out_is_lost(self):
        verdict = check(publications(a=CONFIRMED, b=CONFIRMED), ["a"])
        self.assertFalse(verdict.is_valid)
        self.assertEqual(["b"], verdict.examples("lost"))

    def test_an_unknown_value_that_did_not_come_out_is_not_lost(self):
        self.assertTrue(check(publications(a=CONFIRMED, b=UNKNOWN), ["a"]).is_valid)

    def test_an_unknown_value_that_came_out_is_recovered(self):
        verdict = check(publications(a=UNKNOWN), ["a"])
        self.assertTrue(verdict.is_valid)
        self.assertEqual(["a"], verdict.examples("recovered"))
        self.assertEqual(1, verdict.ok.total())

    def test_a_value_nobody_published_is_unexpected(self):
        verdict = check(publications(a=CONFIRMED), ["a", "z", "z"])
        self.assertFalse(verdict.is_valid)
        self.assertEqual(2, verdict.unexpected.total())
        self.assertFalse(verdict.duplicated, "it is unexpected, not duplicated")

    def test_a_refused_value_that_came_out_is_invalid(self):
        verdict = check(publications(a=REFUSED), ["a"])
        self.assertFalse(verdict.is_valid)
        self.assertEqual(["a"], verdict.examples("refused_but_seen"))

    def test_each_repeat_counts_as_one_duplicate(self):
        verdict = check(publications(a=CONFIRMED, b=UNKNOWN), ["a", "a", "a", "b", "b"])
        self.assertTrue(verdict.is_valid)
        self.assertEqual({"a": 2, "b": 1}, dict(verdict.duplicated))

    def test_a_value_is_published_once(self):
        record = publications(a=CONFIRMED)
        with self.assertRaises(ValueError):
            record.record("a", CONFIRMED)
        with self.assertRaises(ValueError):
            record.record("b", "perhaps")

    def test_nothing_at_all_is_valid(self):
        self.assertTrue(check(Publications(), []).is_valid)

    def test_the_text_tells_all_counts(self):
        text = str(check(publications(a=CONFIRMED, b=CONFIRMED), ["a", "a", "z"]))
        self.assertEqual("INVALID: 2 attempted, 2 confirmed; ok 1, lost 1, unexpected 1, refused_but_seen 0, duplicated 1, recovered 0", text)


class DuplicateRuleTest(unittest.TestCase):
    verdict = check(publications(a=CONFIRMED, b=CONFIRMED), ["a", "a", "b", "b"])

    def test_as_many_as_were_in_flight_are_allowed(self):
        self.assertEqual([], DuplicateRule(2, 1).violations(self.verdict, {"a": ["1", "1"], "b": ["2", "2"]}))

    def test_more_than_were_in_flight_are_not(self):
        self.assertEqual(1, len(DuplicateRule(1, 1).violations(self.verdict, {"a": ["1", "1"], "b": ["2", "2"]})))

    def test_without_a_kill_none_is_allowed(self):
        self.assertEqual(1, len(DuplicateRule(64, 0).violations(self.verdict, {"a": ["1", "1"], "b": ["2", "2"]})))

    def test_another_tag_is_a_violation(self):
        self.assertEqual(["'b' was delivered with different tags"], DuplicateRule(2, 1).violations(self.verdict, {"a": ["1", "1"], "b": ["2", "3"]}))

    def test_no_tag_is_a_violation(self):
        self.assertEqual(["'b' was delivered without a tag"], DuplicateRule(2, 1).violations(self.verdict, {"a": ["1", "1"], "b": ["", ""]}))
        self.assertEqual(["'b' was delivered without a tag"], DuplicateRule(2, 1).violations(self.verdict, {"a": ["1", "1"], "b": [None, None]}))


if __name__ == "__main__":
    unittest.main()
