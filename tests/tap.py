"""A few lines to write end-to-end tests whose names are claims; prints TAP."""
import os, sys, traceback

_tests = []


class Skip(Exception):
    pass


def test(function):
    _tests.append(function)
    return function


def check(condition, message="claim does not hold"):
    if not condition:
        raise AssertionError(message)


def main():
    # Parts of names, separated by commas: the second argument, or TAP_ONLY.
    stem = os.path.basename(sys.argv[0]).removesuffix(".py").upper()
    only = os.environ.get("TAP_ONLY_" + stem, os.environ.get("TAP_ONLY", "")) # of this program, or of all
    wanted = (sys.argv[2] if len(sys.argv) > 2 else only).split(",")
    failed = 0
    run = [t for t in _tests if any(part in t.__name__ for part in wanted)]
    for number, function in enumerate(run, 1):
        try:
            function()
            print(f"ok {number} - {function.__name__}", flush=True)
        except Skip as skip:
            print(f"ok {number} - {function.__name__} # SKIP {skip}", flush=True)
        except Exception:
            failed += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {function.__name__}", flush=True)
    print(f"1..{len(run)}")
    sys.exit(failed != 0)
