# SPDX-License-Identifier: Apache-2.0
"""docs/reference says what the chart, the definitions, the programs and the code say; the replay page shows
what its commands print."""
import os
import pathlib
import re
import unittest

from tools import ROOT, CommandFailed, run

REFERENCE = ROOT / "docs" / "reference"


def generate():
    return run(ROOT / "docs" / "generate", "--check", "--bin", os.environ["PLIMSOLL_BUILD"])


class Reference(unittest.TestCase):
    def test_the_pages_are_what_docs_generate_writes(self):
        self.assertIn("up to date", generate())

    def test_a_stale_page_is_told_by_name(self):
        page = REFERENCE / "events.md"
        text = page.read_text()
        self.addCleanup(page.write_text, text)
        page.write_text(text.replace("`Patched`", "`Pached`"))
        with self.assertRaisesRegex(CommandFailed, r"stale: docs/reference/events\.md; run"):
            generate()

    def test_a_pasted_output_that_is_not_what_the_command_prints_is_told(self):
        page = ROOT / "docs" / "how-to" / "replay.md"
        text = page.read_text()
        self.addCleanup(page.write_text, text)
        page.write_text(text.replace("container-days", "container-weeks"))
        with self.assertRaisesRegex(CommandFailed, r"stale: docs/how-to/replay\.md; run"):
            generate()

    def test_the_replay_pages_words_are_what_its_figures_say(self):
        text = (ROOT / "docs" / "how-to" / "replay.md").read_text()
        engines = re.search(r"^ +(lease .*)$", text, re.MULTILINE).group(1).split()
        self.assertEqual(engines, ["lease", "lease-guarded", "vpa"])
        rows = [re.search(rf"^{re.escape(measure)} .*$", text, re.MULTILINE).group()
                for measure in ("limit slack %", "request slack %", "OOM kills/1000 d")]
        figures = {engine: [float(re.findall(r"[\d.]+(?= \()", row)[column]) for row in rows]
                   for column, engine in enumerate(engines)}
        limit, request, kills = range(3)
        self.assertGreater(figures["lease"][kills], 0)
        self.assertGreater(figures["vpa"][kills], 0)
        self.assertEqual(figures["lease-guarded"][kills], 0)
        for ours in ("lease", "lease-guarded"):
            for slack in (limit, request):
                self.assertLess(figures[ours][slack], figures["vpa"][slack])

    def test_every_reason_of_the_rollout_is_explained(self):
        reasons = (REFERENCE / "reasons.md").read_text()
        for path in (ROOT / "advisor" / "rollout").glob("*.cc"):
            if path.name == "urgent_raise.cc":  # its reasons go into events and logs, as sentences
                continue
            for code in re.findall(r'Reason\{\s*"([A-Z]\w+)"', path.read_text()):
                self.assertIn(f"`{code}`", reasons, path.name)

    def test_links_of_the_docs_lead_somewhere(self):
        for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
            for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
                if not link.startswith("http"):
                    self.assertTrue((page.parent / pathlib.Path(link)).exists(),
                                    f"{page.relative_to(ROOT)}: {link}")


if __name__ == "__main__":
    unittest.main()
