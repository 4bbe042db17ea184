"""What the tests of client examples share: each is one short file, and a language that is not installed is skipped in words."""
import shutil
import tempfile
import unittest

COLUMNS_MAX = 140


def check_form(test, folder, lines_max):
    """lines_max: how long the file of each language may be; there are no others."""
    sources = sorted(p for p in folder.glob("*/*") if p.is_file())
    test.assertEqual([p.parent.name for p in sources], sorted(lines_max), sources)
    for source in sources:
        lines = source.read_text().splitlines()
        test.assertLessEqual(len(lines), lines_max[source.parent.name], source)
        for number, line in enumerate(lines, 1):
            test.assertLessEqual(len(line), COLUMNS_MAX, f"{source}:{number}")


class Example:
    """Before the class of a world: `prepare` answers the command, or why it cannot be tried."""
    prepare = None

    @classmethod
    def setUpClass(cls):
        build = tempfile.mkdtemp(prefix="axs-")
        cls.addClassCleanup(shutil.rmtree, build, ignore_errors=True)
        cls.program = cls.prepare(build)
        if isinstance(cls.program, str):
            raise unittest.SkipTest(cls.program)
        super().setUpClass()
