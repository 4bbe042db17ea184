#!/usr/bin/env python3
"""The axis is away: what is accepted meanwhile waits, costs next to nothing, and arrives afterwards, each once, the urgent first."""
import common
from common import WorldCase, wait_for

WAITING, URGENT = 120, 5


class Outage(WorldCase):
    limits = {"delivery_warning_hours": 1}

    def attempts(self):
        return self.log().count(" delivery.deferred ") + self.log().count(" delivery.unknown ")

    def all_wait(self):
        lane = self.lane()
        return lane["halted"] == "unreachable" and lane["halted_until"] and lane["deliveries"]["queued"] == WAITING + URGENT

    def submit(self, number, priority):
        package = common.sample_package(["G99"], number, priority=priority, files=[{"name": "van-ban.pdf"}])
        answer = self.bo.submit(package, [("van-ban.pdf", common.PDF)])
        self.assertEqual(answer.status, 202, answer.body)

    def test_all_arrives_afterwards_the_urgent_first(self):
        self.w.stop("axissim")
        numbers = range(1000, 1000 + WAITING)
        for number in numbers:
            self.submit(number, "thuong")
        self.wait_alarm("lane.unreachable")
        tried = self.attempts()
        self.assertLess(tried, WAITING / 2, "most have not been tried")
        urgent = range(2000, 2000 + URGENT)
        for number in urgent:
            self.submit(number, "hoa_toc")
        wait_for("all to wait, none of them under way", self.all_wait, 10)
        self.assertIn("UNREACHABLE", self.w.ctl("--lang", "en", "status"))

        self.w.start_axis()
        self.w.ctl("poke", "national")
        wait_for("all to arrive", lambda: len(self.arrived()) >= WAITING + URGENT, 60)
        arrived = self.arrived()
        self.assertEqual(sorted(arrived), sorted(map(str, [*numbers, *urgent])), "each once")
        # Those that were under way together may pass each other.
        self.assertLessEqual(set(map(str, urgent)), set(arrived[:URGENT + 4]))
        self.wait_alarm("lane.unreachable", False)

    def arrived(self):
        """In the order in which the axis took them."""
        documents = [d for d in self.w.sim_state()["documents"] if d["from"] == "G98"]
        return [d["number"] for d in sorted(documents, key=lambda d: d["at"])]


if __name__ == "__main__":
    common.main()
